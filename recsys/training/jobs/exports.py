"""A finished training run for other people's tools: TensorBoard, or an MLflow tracking server.

Both get the same series: <phase>/loss and the like, a point per epoch or batch, and the metrics that were measured.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

from recsys.errors import UsageError, os_errors_as, reason
from recsys.paths import ROOT, install
from recsys.serving import artifacts
from recsys.serving.artifacts import Manifest
from recsys.training.callbacks import tensorboard_writer
from recsys.training.jobs import runs
from recsys.training.jobs.process import step_back
from recsys.training.jobs.runs import Run, State
from recsys.training.progress import Record

URI, EXPERIMENT = "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"
CHILD_SECONDS = 90
_ONE_AT_A_TIME = threading.Lock()
"""A child imports a training framework: several at once would take the memory and the cores of the app."""
_PASSWORD = re.compile(r"(?<=://)[^/\s]*@")
_PER_REQUEST = 1000
"""Metrics that MLflow takes at once."""
_MANNERS = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",  # seconds; with its own defaults it goes on trying for many minutes
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


@dataclass(frozen=True)
class Point:
    """One value of a series; `elapsed` in seconds since the run began."""

    step: int
    value: float
    elapsed: float


def tensorboard_zip(folder: Path) -> bytes:
    """What `to_tensorboard` writes, as a zip; from a child process, as that loads torch. Raises UsageError."""
    with tempfile.TemporaryDirectory() as temporary:
        logs = Path(temporary) / "logs"
        _in_child(folder, "tensorboard", str(logs))
        return Path(shutil.make_archive(str(Path(temporary) / "archive"), "zip", logs)).read_bytes()


def send_to_mlflow(folder: Path) -> str:
    """As `to_mlflow`, from a child process: where the run is now. Raises UsageError."""
    return _in_child(folder, "mlflow")


def _in_child(folder: Path, *where: str) -> str:
    command = [sys.executable, "-m", "recsys", "export", str(folder), "--to", *where]
    if not _ONE_AT_A_TIME.acquire(timeout=CHILD_SECONDS):
        raise UsageError("Another export is still running. Try again when it has finished.")
    try:
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            with suppress(psutil.Error):
                step_back(psutil.Process(child.pid))
            try:
                out, errors = child.communicate(timeout=CHILD_SECONDS)
            except BaseException:
                child.kill()
                raise
    except subprocess.TimeoutExpired:
        raise UsageError(f"The export took longer than {CHILD_SECONDS} s, so it was stopped.") from None
    except OSError as error:
        raise UsageError(f"The export could not be started: {reason(error)}.") from None
    finally:
        _ONE_AT_A_TIME.release()
    if child.returncode:
        said = errors.strip().splitlines() or ["recsys: The export failed."]
        raise UsageError(without_password(said[-1]).removeprefix("recsys: ")[:300])
    return out.strip()


def without_password(text: str) -> str:
    """A text whose addresses name no user and no password: "http://me:secret@host" -> "http://host"."""
    return _PASSWORD.sub("", text)


def series(records: Sequence[Record]) -> dict[str, list[Point]]:
    """Name -> points. Where a phase was tried again, the last attempt counts."""
    found: dict[str, list[Point]] = defaultdict(list)
    for record in records:
        of_phase: dict[str, float | None] = {}
        if record.event == "retry":
            for name in [name for name in found if name.startswith(f"{record.phase}/")]:
                del found[name]
        elif record.event == "epoch" and record.epoch is not None:
            of_phase = {"loss": record.loss, "examples_per_second": record.examples_per_second}
            of_phase |= {"memory_mb": record.memory_mb, "gpu_memory_mb": record.gpu_memory_mb}
            if record.metric is not None:
                of_phase[record.metric] = record.value
            step = record.epoch
        elif record.event == "batch" and None not in (record.epoch, record.batch, record.n_batches):
            of_phase = {"batch_loss": record.loss}
            step = (record.epoch - 1) * record.n_batches + record.batch  # type: ignore[operator]
        for name, value in of_phase.items():
            if value is not None:
                found[f"{record.phase}/{name}"].append(Point(step, value, record.elapsed))
    return dict(found)


def to_tensorboard(folder: Path, out: Path) -> str:
    """Write scalars to out/<run id>/; where they are, in words.

    Raises:
        UsageError: this is no finished run, it has been written there before, nothing can be written, or what writes it
            is not installed.
    """
    finished, manifest = _finished(folder)
    writer_of, target, start = tensorboard_writer(), out / finished.id, _start(finished)
    if target.exists():
        raise UsageError(f"{target} already exists. Delete it to write it again.")
    with os_errors_as(f"Nothing can be written to {out}"):
        target.mkdir(parents=True)  # tensorboard has an error of its own where this fails
        with writer_of(str(target)) as writer:
            for name, point in _points(finished, manifest):
                writer.add_scalar(name, point.value, point.step, walltime=start + point.elapsed)
    return f"{finished.name} is in {target}. To see it: tensorboard --logdir {out}"


def to_mlflow(folder: Path) -> str:
    """Log settings, series, measured metrics and the files of the model as one MLflow run; where it is, in words.

    Raises:
        UsageError: this is no finished run, MLflow is not installed, or its server is not set or does not answer.
    """
    finished, manifest = _finished(folder)
    uri = os.environ.get(URI)
    if not uri:
        raise UsageError(f"{URI} is not set. It takes the address of a server, such as http://localhost:5000")
    if find_spec("mlflow") is None:
        raise UsageError(f"mlflow is not installed: {install('mlflow')}")
    for name, value in _MANNERS.items():
        os.environ.setdefault(name, value)
    from mlflow.entities import Metric, Param
    from mlflow.exceptions import MlflowException
    from mlflow.tracking import MlflowClient

    begun = round(1000 * _start(finished))
    metrics = [
        # MLflow has no @ in names.
        Metric(name.replace("@", "_at_"), point.value, begun + round(1000 * point.elapsed), point.step)
        for name, point in _points(finished, manifest)
    ]
    facts: dict[str, Any] = {
        "model": manifest.model,
        "dataset": manifest.dataset["name"],
        "protocol": manifest.protocol,
    }
    facts |= {"seed": manifest.seed, "device": manifest.device, "refit": finished.request.refit, **manifest.config}
    tags = {"recsys.run": finished.id, "mlflow.note.content": finished.note}
    try:
        client = MlflowClient(uri)
        name = os.environ.get(EXPERIMENT) or f"recsys {manifest.dataset['name']}"
        experiment = client.get_experiment_by_name(name)
        experiment_id = experiment.experiment_id if experiment else client.create_experiment(name)
        logged = client.create_run(experiment_id, begun, tags, run_name=finished.name).info.run_id
        try:
            client.log_batch(logged, params=[Param(key, str(value)) for key, value in facts.items()])
            for first in range(0, len(metrics), _PER_REQUEST):
                client.log_batch(logged, metrics=metrics[first : first + _PER_REQUEST])
            for path in runs.data_files(finished):
                client.log_artifact(logged, str(path), None if path.parent == finished.folder else "model")
        except BaseException:
            with suppress(MlflowException):
                client.set_terminated(logged, "FAILED")
            raise
        client.set_terminated(logged, "FINISHED", begun + round(1000 * finished.seconds))
    except (MlflowException, OSError) as error:
        problem = f"MLflow at {uri} did not accept the run: {reason(error)[:300]}"
        raise UsageError(without_password(problem)) from None
    return f"{finished.name} is run {logged} of experiment {name!r} at {without_password(uri)}"


def _finished(folder: Path) -> tuple[Run, Manifest]:
    """The run in a folder, and what it left behind. Raises UsageError for one that left nothing."""
    folder = folder.absolute()
    found = runs.read(folder.name, folder.parent)
    if found.state is not State.FINISHED or found.request.kind != runs.TRAIN:
        what = "a sweep" if found.request.kind != runs.TRAIN else found.state.value
        raise UsageError(f"Only a training run that has finished can be exported; {found.id} is {what}.")
    return found, artifacts.read_manifest(found.artifact)


def _points(finished: Run, manifest: Manifest) -> Iterator[tuple[str, Point]]:
    """The points of all series, and what was measured at the end as points at the last epoch."""
    records = finished.records()
    for name, points in series(records).items():
        for point in points:
            yield name, point
    last = max((record.epoch or 0 for record in records), default=0)
    for name, value in manifest.summary.items():
        if value is not None:
            yield f"{manifest.protocol}/{name}", Point(last, value, finished.seconds)


def _start(finished: Run) -> float:
    """Seconds since 1970, as near as the run's folder knows."""
    try:
        return datetime.fromisoformat(finished.created).timestamp()
    except (ValueError, OverflowError, OSError):  # the last two for a year that no clock of this system knows
        return 0.0
