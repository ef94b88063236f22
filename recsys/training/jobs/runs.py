"""The folder of training runs: one folder per run, whose files alone say what the run is and how it stands.

runs/<id>/job.json          what was asked for, and what people call it
          process.json      who trains it, from its start on
          stop              "cancel" or "keep", once somebody has asked it to end
          progress.jsonl    what it says of itself
          log.txt           what its process printed
          end.json          how it ended
          <dataset>/models/<model>/  an artifact like all others
          sweep/<model>.json  of a sweep: what has come of each trial

Whoever can read the folder knows everything: another tab, another process, a server that was started again.
"""

from __future__ import annotations

import io
import json
import logging
import math
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock

from recsys.errors import UsageError, os_errors_as, reason
from recsys.files import plain_name, read_bounded, within, write_whole
from recsys.json_types import as_type, parse
from recsys.models import registry
from recsys.paths import HOME
from recsys.serving import artifacts
from recsys.training import progress
from recsys.training.progress import MEASURE, Record, one_line

logger = logging.getLogger(__name__)

JOB, PROCESS, STOP, END = "job.json", "process.json", "stop", "end.json"
PROGRESS, LOG, SWEPT = "progress.jsonl", "log.txt", "sweep"
CANCEL, KEEP = "cancel", "keep"
"""What the stop file may hold: end and leave nothing, or end and keep the best so far."""
TRAIN, SWEEP = "train", "sweep"
MAX_KEPT, MAX_WITHOUT_RESULT = 20, 10
"""Runs with a result and runs without that are kept once they have ended; the pinned ones stay in any case."""
MAX_PINNED = 20
"""Runs that may be pinned at a time; otherwise anybody who may train could fill the disk for good."""
MAX_NAME, MAX_NOTE = 60, 500
_ID = re.compile(r"([0-9]{4,9})-([a-z0-9-]{1,40})-[0-9a-f]{6}")
MAX_ID = 9 + 1 + 40 + 1 + 6
_MAX_BYTES = 2**20
"""Of a file in JSON: a larger one is not ours."""
_MAX_PID = 2**31 - 1


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # its server went away

    @property
    def is_open(self) -> bool:
        """Something may still happen by itself."""
        return self in (State.QUEUED, State.RUNNING, State.STOPPING)


@dataclass(frozen=True)
class Request:
    """What to train. JSON-able.

    Args:
        kind: TRAIN, or SWEEP: a grid of settings.
        refit: learn once more at the end, from the validation part as well.
        preset: where the settings come from, "" where somebody chose them.
        grid: of a sweep: setting -> values.
    """

    model: str
    dataset: str
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "cpu"
    refit: bool = False
    preset: str = ""
    kind: str = TRAIN
    grid: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One run as its folder has it at this moment.

    Args:
        message: how it ended, for a person; "" where there is nothing to say.
        seconds: how long it ran; 0 before its end.
        pid: of its process; 0 where none has been started.
    """

    id: str
    folder: Path
    request: Request
    name: str
    note: str
    is_pinned: bool
    created: str
    state: State
    message: str = ""
    seconds: float = 0.0
    pid: int = 0

    @property
    def number(self) -> int:
        """Later runs have larger ones, whatever the clock said."""
        return number_and_model(self.id)[0]

    @property
    def is_damaged(self) -> bool:
        """Nobody can read what it was to train: all that can be done with it is to delete it."""
        return not self.request.dataset

    @property
    def artifact(self) -> Path:
        """Where its model is, once it has finished; of older runs, where they kept it."""
        of = (self.request.dataset, self.request.model, self.folder)
        old = artifacts.old_folder_of(*of)
        return old if old.is_dir() else artifacts.folder_of(*of)

    def records(self) -> list[Record]:
        return progress.read(self.folder / PROGRESS)

    @property
    def stop_request(self) -> str:
        return asked_in(self.folder / STOP)

    def is_measuring(self) -> bool:
        """Its training is over, and it is being measured on what was held out."""
        records = self.records()
        return bool(records) and records[-1].phase == MEASURE


def asked_in(stop: Path) -> str:
    """What a stop file asks for: CANCEL, KEEP, or "" where there is none or it is still being written."""
    with suppress(OSError, ValueError):
        asked = read_bounded(stop, 10).decode().strip()
        return asked if asked in (CANCEL, KEEP) else ""
    return ""


def is_id(text: str) -> bool:
    """Whether this could be the id of a run: a number, a model that there is, and six digits."""
    match = _ID.fullmatch(text)
    return match is not None and match[2] in registry.BY_NAME


def number_and_model(run_id: str) -> tuple[int, str]:
    """What an id says of its run, also of one that has been deleted. Raises UsageError for what is no id."""
    match = _ID.fullmatch(run_id)
    if match is None:
        raise UsageError(f"{run_id[:60]!r} is not the id of a run; one looks like 0007-bpr-3fa2c1.")
    return int(match[1]), match[2]


def runs_root() -> Path:
    """RECSYS_RUNS_DIR, or runs/ at home."""
    return Path(os.environ.get("RECSYS_RUNS_DIR") or HOME / "runs")


def lock(root: Path, name: str = "folder", timeout: float = 10) -> FileLock:
    """Held while the list of runs changes. A process that dies gives it back."""
    root.mkdir(parents=True, exist_ok=True)
    return FileLock(lock_file(root, name), timeout=timeout)


def lock_file(root: Path, name: str) -> Path:
    return root / f".{name}.lock"


def create(requests: list[Request], names: list[str], root: Path, max_queued: int) -> list[Run]:
    """Put runs into the queue, all or none. Raises UsageError: it has no room for them, or nothing can be written."""
    made: list[Path] = []
    try:
        with lock(root):
            present = all_runs(root)
            n_queued = sum(run.state is State.QUEUED for run in present)
            if n_queued + len(requests) > max_queued:
                waiting = f"{n_queued} runs are waiting already, and at most {max_queued} can."
                raise UsageError(f"{waiting} Try again when some have finished.")
            number = max((run.number for run in present), default=0)
            names_given = [run.name for run in present]
            for request, name in zip(requests, names, strict=True):
                number += 1
                run_id = f"{number:04d}-{request.model}-{secrets.token_hex(3)}"
                called = one_line(name, MAX_NAME) or _next_name(request.model, names_given)
                names_given.append(called)
                facts = {
                    "request": asdict(request),
                    "name": called,
                    "note": "",
                    "is_pinned": False,
                    "created": datetime.now(UTC).isoformat(timespec="seconds"),
                }
                made.append(root / run_id)
                made[-1].mkdir()
                write_json(made[-1] / JOB, facts)
            return [read(folder.name, root) for folder in made]
    except OSError as error:
        for folder in made:
            shutil.rmtree(folder, ignore_errors=True)
        raise UsageError(f"Nothing can be written to the folder of runs: {reason(error)}.") from None


def _next_name(model: str, given: Sequence[str]) -> str:
    """ "GRU 1" for the first GRU, whatever else was trained; one more than the highest of those that are called so."""
    label = registry.entry(model).label
    numbers = [int(found[1]) for name in given if (found := re.fullmatch(rf"{re.escape(label)} ([0-9]{{1,9}})", name))]
    return f"{label} {max(numbers, default=0) + 1}"


def read(run_id: str, root: Path) -> Run:
    """A run as it stands, also one of which only that it is there can be told (`Run.is_damaged`).

    Raises UsageError where there is none of that id.
    """
    missing = UsageError(f"There is no run {run_id[:60]!r}. It may have been deleted.")
    if not is_id(run_id):
        raise missing
    folder, (number, model) = within(root, run_id), number_and_model(run_id)
    try:
        facts = _read_json(folder / JOB)
        request = as_type(Request, facts["request"])
        check_request(request)
        if request.model != model:
            raise ValueError("it is of another model than its name says")
        run = Run(
            id=run_id,
            folder=folder,
            request=request,
            name=one_line(facts["name"], MAX_NAME),
            note=one_line(facts["note"], MAX_NOTE),
            is_pinned=bool(facts["is_pinned"]),
            created=one_line(facts["created"], 40),
            state=State.QUEUED,
        )
    except (FileNotFoundError, NotADirectoryError):
        raise missing from None
    except (OSError, ValueError, KeyError, UsageError):
        label = f"Run {number}"  # what it was called, nobody can read
        return _damaged(Run(run_id, folder, Request(model, ""), label, "", False, "", State.FAILED), JOB)
    return _with_state(run)


def all_runs(root: Path) -> list[Run]:
    """All runs, the newest first, damaged ones as such; a folder that is none is passed over."""
    found = []
    with suppress(OSError):
        for path in root.iterdir():
            try:
                found.append(read(path.name, root))
            except UsageError:
                continue
            except Exception:  # one folder must not hide the others
                logger.exception("%s cannot be read", path.name)
    return sorted(found, key=lambda run: run.number, reverse=True)


def change(run: Run, *, name: str | None = None, note: str | None = None, is_pinned: bool | None = None) -> None:
    """Rename, annotate or pin. Raises UsageError: it was deleted, too many are pinned, or nothing can be written."""
    root = run.folder.parent
    if run.is_damaged:
        raise UsageError(run.message)
    try:
        with lock(root):
            facts = _read_json(run.folder / JOB)
            if name is not None:
                facts["name"] = one_line(name, MAX_NAME) or facts["name"]
            if note is not None:
                facts["note"] = one_line(note, MAX_NOTE)
            if is_pinned is not None:
                if is_pinned and sum(other.is_pinned and other.id != run.id for other in all_runs(root)) >= MAX_PINNED:
                    raise UsageError(f"{MAX_PINNED} runs are pinned already, which is the most. Unpin one first.")
                facts["is_pinned"] = is_pinned
            write_json(run.folder / JOB, facts)
    except FileNotFoundError:
        raise UsageError(f"{run.name} no longer exists.") from None
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"{run.name} cannot be changed: {reason(error)}.") from None


def delete(run: Run) -> None:
    """Delete a run; one that is running has to be cancelled first. Raises UsageError."""
    if _with_state(run).state in (State.RUNNING, State.STOPPING):
        raise UsageError(f"{run.name} is still running: cancel it first.")
    # Renamed first, so that nobody meets half a run.
    doomed = run.folder.with_name(f".deleted-{run.id}")
    with os_errors_as(f"{run.name} cannot be deleted"), suppress(FileNotFoundError):
        run.folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def prune(root: Path) -> None:
    """Delete those that ended longest ago and are not pinned, beyond what is kept; and what deleting left."""
    ended = [run for run in all_runs(root) if not run.state.is_open and not run.is_pinned]
    ended.sort(key=_ended_at, reverse=True)
    with_result = [run for run in ended if run.state is State.FINISHED]
    without = [run for run in ended if run.state is not State.FINISHED]
    for run in [*with_result[MAX_KEPT:], *without[MAX_WITHOUT_RESULT:]]:
        try:
            delete(run)
        except Exception as error:  # one that cannot be deleted must not keep the others
            logger.warning("%s is kept: %s", run.id, error)
    with suppress(OSError), lock(root):  # nobody creates one meanwhile; a Timeout is an OSError
        nameless = [path for path in root.iterdir() if is_id(path.name) and not (path / JOB).exists()]
        for left in [*root.glob(".deleted-*"), *nameless]:  # of a deletion that was interrupted, or done by hand
            shutil.rmtree(left, ignore_errors=True)


def to_zip(run: Run) -> bytes:
    """The run's data files: its artifact, what was asked for and what happened. No code, nothing of other people."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in data_files(run):
            archive.write(path, str(Path(run.id) / path.relative_to(run.folder)))
    return buffer.getvalue()


def data_files(run: Run) -> list[Path]:
    """What may be given away: regular files that lie in the run itself, not what a link in it leads to."""
    paths = [run.folder / JOB, run.folder / PROGRESS]
    with suppress(OSError, UsageError):
        paths += sorted(within(run.folder, *run.artifact.relative_to(run.folder).parts).iterdir())
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def process_of(run: Run) -> psutil.Process | None:
    """The process that trains it, None where it has ended. Another process with its old number is not taken for it."""
    if not run.pid:
        return None
    with suppress(psutil.Error):
        process = psutil.Process(run.pid)
        arguments = process.cmdline()  # none, where it is dead
        if "recsys" in arguments and any(run.id in argument for argument in arguments):
            return process
    return None


def request_stop(run: Run, what: str) -> None:
    """Ask it to stop: CANCEL or KEEP. Written whole or not at all, as it is polled all the time. Raises OSError."""
    write_whole(run.folder / STOP, what)


def end(run: Run, state: State, message: str, seconds: float) -> None:
    """Write down how it ended. Raises OSError."""
    write_json(run.folder / END, {"state": state.value, "message": message, "seconds": round(seconds, 2)})


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Whole or not at all."""
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=1))


def _with_state(run: Run) -> Run:
    """How it stands. A file that nobody can read ends it, so that it can be deleted and holds nobody up."""
    try:
        facts = _read_json(run.folder / END)
        seconds = float(facts["seconds"])
        if not math.isfinite(seconds):
            raise ValueError("no number of seconds")
        return replace(run, state=State(facts["state"]), message=one_line(facts["message"], 500), seconds=seconds)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return _damaged(run, END)
    try:
        pid = _read_json(run.folder / PROCESS)["pid"]
        if type(pid) is not int or not 0 < pid <= _MAX_PID:
            raise ValueError("no number of a process")
    except FileNotFoundError:
        return replace(run, state=State.STOPPING if run.stop_request else State.QUEUED)
    except (OSError, ValueError, KeyError):
        return _damaged(run, PROCESS)
    return replace(run, state=State.STOPPING if run.stop_request else State.RUNNING, pid=pid)


def _damaged(run: Run, file: str) -> Run:
    message = f"Damaged: {file} in its folder cannot be read, so its state is unknown. Delete this run."
    return replace(run, state=State.FAILED, message=message)


def check_request(request: Request) -> None:
    """Raises UsageError for what `create` could not have written."""
    try:
        as_type(Request, asdict(request))
    except ValueError as error:
        raise UsageError(f"The run cannot be read: {error}.") from None
    plain_name(request.dataset)
    if request.kind not in (TRAIN, SWEEP):
        raise UsageError(f"A run is of kind {TRAIN} or {SWEEP}. Received {request.kind[:40]!r}.")
    registry.entry(request.model)


def _ended_at(run: Run) -> float:
    with suppress(OSError):
        return (run.folder / END).stat().st_mtime
    return 0.0


def _read_json(path: Path) -> dict[str, Any]:
    """Raises OSError, and ValueError for what cannot be ours."""
    value = parse(read_bounded(path, _MAX_BYTES))
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value
