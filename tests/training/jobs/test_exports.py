"""A finished run in TensorBoard's and in MLflow's own files, read back with their own readers."""

from __future__ import annotations

import io
import os
import shutil
import sys
import threading
import zipfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from recsys.__main__ import main
from recsys.errors import UsageError
from recsys.serving import artifacts
from recsys.training.jobs import exports, process, runs
from recsys.training.jobs.runs import Request, Run, State
from recsys.training.progress import Record, Writer

needs_mlflow = pytest.mark.skipif(
    find_spec("mlflow") is None, reason="MLflow is not installed: pip install -r requirements-mlflow.txt"
)


def made(root: Path, quick_root: Path | None = None, kind: str = runs.TRAIN, state: State = State.FINISHED) -> Run:
    """A run as a job leaves it: three epochs, the first tried again with half the batch, and perhaps a model."""
    (run,) = runs.create([Request("svd", "demo", seed=4, kind=kind)], ["Mine"], root, 12)
    runs.change(run, note="a note")
    writer = Writer(run.folder / runs.PROGRESS)
    writer.write("started", device="CPU")
    writer.write("epoch", epoch=1, n_epochs=3, loss=9.0)
    writer.write("retry", message="half the batch")
    for epoch in (1, 2, 3):
        writer.write("batch", epoch=epoch, n_epochs=3, batch=1, n_batches=2, loss=1 / epoch)
        writer.write("epoch", epoch=epoch, n_epochs=3, loss=1 / epoch, metric="ndcg@10", value=epoch / 10)
    writer.write("epoch", phase="refit", epoch=1, n_epochs=1, loss=0.25)
    writer.write("finished")
    writer.close()
    with (run.folder / runs.PROGRESS).open("a") as file:
        file.write('{"event": "epoch", "epoch": "four"\n[]\n{"event": "no such"}\n')
    if quick_root is not None:
        shutil.copytree(artifacts.folder_of("demo", "svd", quick_root), run.artifact)
    runs.end(run, state, "", 12.5)
    return runs.read(run.id, root)


def test_the_last_try_counts_and_steps_go_up(tmp_path: Path) -> None:
    found = exports.series(made(tmp_path).records())
    assert [(point.step, point.value) for point in found["watch/loss"]] == [
        (1, 1.0),
        (2, 0.5),
        (3, pytest.approx(1 / 3)),
    ]
    assert [point.step for point in found["watch/batch_loss"]] == [1, 3, 5]
    assert [(point.step, point.value) for point in found["watch/ndcg@10"]] == [(1, 0.1), (2, 0.2), (3, 0.3)]
    assert [(point.step, point.value) for point in found["refit/loss"]] == [(1, 0.25)]
    assert all(point.value > 0 for point in found["watch/memory_mb"])
    assert exports.series([Record("epoch"), Record("batch", epoch=1, loss=1.0)]) == {}


@pytest.mark.process
def test_tensorboard(tmp_path: Path, quick_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run, out = made(tmp_path / "runs", quick_root), tmp_path / "logs"
    assert main(["export", str(run.folder), "--to", "tensorboard", str(out)]) == 0
    assert f"tensorboard --logdir {out}" in capsys.readouterr().out
    written = EventAccumulator(str(out / run.id)).Reload()
    assert [(e.step, e.value) for e in written.Scalars("watch/ndcg@10")] == [
        (step, pytest.approx(step / 10)) for step in (1, 2, 3)
    ]
    rmse = artifacts.read_manifest(run.artifact).metric("rmse")
    assert [(e.step, e.value) for e in written.Scalars("holdout/rmse")] == [(3, pytest.approx(rmse))]
    assert main(["export", str(run.folder), "--to", "tensorboard", str(out)]) == 2
    assert "already exists. Delete it to write it again." in capsys.readouterr().err


def test_without_torch_it_says_what_to_install_and_leaves_nothing(
    tmp_path: Path, quick_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(tmp_path / "runs", quick_root)
    monkeypatch.setitem(sys.modules, "torch", None)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"need torch, which is not installed: .*-r requirements-train\.txt$"):
        exports.to_tensorboard(run.folder, tmp_path / "board")
    assert not (tmp_path / "board").exists()


@pytest.mark.process
def test_the_app_gets_the_curves_from_a_child_process(tmp_path: Path, quick_root: Path) -> None:
    run = made(tmp_path / "runs", quick_root)
    with zipfile.ZipFile(io.BytesIO(exports.tensorboard_zip(run.folder))) as archive:
        assert any(Path(name).name.startswith("events.out.tfevents") for name in archive.namelist())
        assert archive.testzip() is None
    with pytest.raises(UsageError, match=r"^[^\n]+$"):
        exports.tensorboard_zip(tmp_path / "nothing")


@pytest.mark.skipif(os.name == "nt", reason="Windows has classes of priority, no niceness")
@pytest.mark.process
def test_one_child_at_a_time_which_lets_others_go_first(tmp_path: Path, quick_root: Path) -> None:
    run, failed = made(tmp_path / "runs", quick_root), []
    me, most, niceness = psutil.Process(), 0, set()

    def export() -> None:
        try:
            exports.tensorboard_zip(run.folder)
        except UsageError as error:
            failed.append(error)

    threads = [threading.Thread(target=export) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        children = []
        for child in me.children():
            with suppress(psutil.Error):
                if run.id in " ".join(child.cmdline()):
                    children.append(child.pid)
                    niceness.add(child.nice())
        most = max(most, len(children))
        threads[0].join(0.02)
        threads[1].join(0.02)
    assert not failed
    assert most == 1
    assert process.NICENESS in niceness


def test_no_address_names_a_user_or_a_password() -> None:
    for given, shown in (
        ("http://me:secret@host:5000/a", "http://host:5000/a"),
        ("https://me@host", "https://host"),
        (
            "MLflow at http://me:se@cret@host did not: http://me:se@cret@host/api",
            "MLflow at http://host did not: http://host/api",
        ),
        ("http://host/mail@me", "http://host/mail@me"),
        ("file:///tmp/a", "file:///tmp/a"),
    ):
        assert exports.without_password(given) == shown


@needs_mlflow
def test_mlflow(
    tmp_path: Path, quick_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mlflow.tracking import MlflowClient

    uri = (tmp_path / "mlruns").as_uri()
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    run = made(tmp_path / "runs", quick_root)
    assert main(["export", str(run.folder), "--to", "mlflow"]) == 0
    manifest, client = artifacts.read_manifest(run.artifact), MlflowClient(uri)
    (logged,) = client.search_runs([client.get_experiment_by_name("recsys demo").experiment_id])
    assert logged.info.run_id in capsys.readouterr().out
    assert (logged.info.run_name, logged.info.status) == ("Mine", "FINISHED")
    assert logged.info.end_time - logged.info.start_time == 12_500
    assert {"model": "svd", "dataset": "demo", "seed": str(manifest.seed)}.items() <= logged.data.params.items()
    assert logged.data.params["n_factors"] == str(manifest.config["n_factors"])
    assert logged.data.tags["recsys.run"] == run.id
    assert logged.data.metrics["holdout/rmse"] == manifest.metric("rmse")
    history = client.get_metric_history(logged.info.run_id, "watch/ndcg_at_10")
    assert [(metric.step, metric.value) for metric in history] == [(1, 0.1), (2, 0.2), (3, 0.3)]
    assert {file.path for file in client.list_artifacts(logged.info.run_id)} == {"job.json", "model", "progress.jsonl"}
    assert {Path(file.path).name for file in client.list_artifacts(logged.info.run_id, "model")} == {
        *manifest.files,
        artifacts.MANIFEST,
    }


@needs_mlflow
def test_a_server_that_is_not_there(
    tmp_path: Path, quick_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@127.0.0.1:9")
    assert main(["export", str(made(tmp_path, quick_root).folder), "--to", "mlflow"]) == 2
    error = capsys.readouterr().err
    assert "secret" not in error
    assert "MLflow at http://127.0.0.1:9 did not accept the run: " in error
    assert "Traceback" not in error


def test_what_cannot_be_exported(
    tmp_path: Path, quick_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    good, file = made(tmp_path, quick_root).folder, tmp_path / "a-file"
    file.touch()
    out = ["tensorboard", str(tmp_path / "logs")]
    for folder, to, says in (
        (good, ["mlflow"], "MLFLOW_TRACKING_URI is not set."),
        (good, ["tensorboard"], "--to takes `tensorboard DIR` or `mlflow`. Received 'tensorboard'."),
        (good, ["wandb", "x"], "Received 'wandb x'."),
        (good, ["tensorboard", str(file)], f"Nothing can be written to {file}: Not a directory."),
        (tmp_path / "absent", out, "There is no run 'absent'."),
        (made(tmp_path).folder, out, "has not been trained"),
        (made(tmp_path, state=State.CANCELLED).folder, out, "has finished can be exported;"),
        (made(tmp_path, kind=runs.SWEEP).folder, out, "is a sweep."),
    ):
        assert main(["export", str(folder), "--to", *to]) == 2
        error = capsys.readouterr().err
        assert says in error
        assert error.count("\n") == 1
    assert not (tmp_path / "logs").exists()


@pytest.mark.skipif(find_spec("mlflow") is not None, reason="MLflow is installed")
def test_without_mlflow(tmp_path: Path, quick_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(UsageError, match=r"^mlflow is not installed: .+ -r requirements-mlflow.txt$"):
        exports.to_mlflow(made(tmp_path, quick_root).folder)
