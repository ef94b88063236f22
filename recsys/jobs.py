"""Training in the background: a queue on disk, and one supervisor that starts, watches and stops child processes.

Nothing is trained in the process that calls this, and no page has to stay open. One process at a time supervises a
folder of runs; if it dies, the next one that asks takes over, ends what was left running and goes on with the queue.
"""

from __future__ import annotations

import atexit
import ipaddress
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from filelock import Timeout

from recsys import artifacts, devices, limits, registry, runs
from recsys.dataset import Dataset
from recsys.errors import RecsysError, UsageError
from recsys.models.base import check_seed
from recsys.runs import CANCEL, KEEP, Request, Run, State

logger = logging.getLogger(__name__)

MAX_QUEUED = 12
POLITE_SECONDS = 1.0
"""How long a process that was asked to stop may go on with what it is at."""
KEEPING_SECONDS, MEASURING_SECONDS = 90.0, 900.0
"""How long it may take to export the best so far, and to measure it."""
_AGAIN_SECONDS = 30.0
"""After a run that could neither be started nor ended: a full disk, most likely."""
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait by spinning take the cores from the app
}
"""Of a child process, beside what this process has."""
NICENESS = 19
"""Of a child process: what the system calls willingness to wait, from 0 to 19."""
_MEMORY_SECONDS = 0.5
_BUSY, _IDLE = 0.1, 0.5
"""Seconds between two looks."""


@dataclass(frozen=True)
class Limits:
    """What one job may take.

    Args:
        memory_bytes: of its process and that one's children.
        seconds: of the clock on the wall; then the best so far is kept.
    """

    memory_bytes: int
    seconds: float

    @classmethod
    def configured(cls) -> Limits:
        """From RECSYS_TRAIN_MEMORY_GB and RECSYS_TRAIN_MINUTES."""
        return cls(limits.memory_limit(), 60 * _positive("RECSYS_TRAIN_MINUTES", 30.0))


def is_allowed(address: str | None) -> bool:
    """Whether visitors may train: as RECSYS_ALLOW_TRAINING says, else where only this computer reaches the server.

    Args:
        address: that the server is bound to; None or "" = every one.
    """
    configured = os.environ.get("RECSYS_ALLOW_TRAINING", "").strip().lower()
    if configured:
        return configured in ("1", "true", "yes", "on")
    if address == "localhost":
        return True
    try:
        return bool(address) and ipaddress.ip_address(str(address)).is_loopback
    except ValueError:
        return False


def submit(
    requests: Sequence[Request], dataset: Dataset, names: Sequence[str] = (), root: Path | None = None
) -> list[Run]:
    """Check runs as if nobody had checked them before, and put them into the queue, all or none.

    Raises:
        UsageError: an unknown model, a setting out of range, too large for this server, no such device, a full queue.
    """
    checked = []
    for request in requests:
        try:
            runs.check_request(request)
        except TypeError as error:
            raise UsageError(f"The run cannot be read: {error}.") from None
        entry = registry.entry(request.model)
        if request.dataset != dataset.name:
            raise UsageError(f"The run is for {request.dataset}, and the data set here is {dataset.name}.")
        if not dataset.is_timed:
            raise UsageError(f"{dataset.name} has no timestamps, so nothing can be held out as `holdout` does.")
        check_seed(request.seed)
        if request.kind == runs.SWEEP:
            limits.check_grid(entry, dataset, request.grid)
        else:
            limits.check(entry, dataset, request.settings)
        # The trials of a grid run on the CPU, where they give the same bits on every machine.
        uses_gpu = entry.load().uses_gpu and request.kind == runs.TRAIN
        device = devices.resolve("cpu" if request.kind == runs.SWEEP else request.device, uses_gpu=uses_gpu).name
        checked.append(replace(request, device=device))
    texts = [*names, *[""] * (len(checked) - len(names))]
    return runs.create(checked, texts, root or runs.runs_root(), MAX_QUEUED)


def cancel(run: Run, *, keep_best: bool = False) -> None:
    """Ask a run to end: it leaves nothing, or the best so far. Raises UsageError where that cannot be written."""
    if run.stop_wish == CANCEL or (keep_best and run.is_measuring()):  # what is being measured is kept in any case
        return
    try:
        runs.wish(run, KEEP if keep_best else CANCEL)
    except FileNotFoundError:  # deleted meanwhile
        return
    except OSError as error:
        raise UsageError(f"{run.name} could not be told to stop: {error.strerror or error}.") from None


def place_in_queue(run: Run, root: Path | None = None) -> int:
    """How many runs are to be over before this one begins; 0 for one that has begun."""
    if run.state is not State.QUEUED:
        return 0
    same = [other for other in runs.all_runs(root or runs.runs_root()) if other.request.device == run.request.device]
    return sum(other.state.is_open and other.number < run.number for other in same)


class Supervisor:
    """Runs the queue of one folder, in a thread of its own, for as long as this process lives or until `close`.

    Several may be started on one folder, in one process or in many: one of them works, the others wait for its end.
    """

    def __init__(self, root: Path | None = None, allowed: Limits | None = None) -> None:
        self._root, self._limits = root or runs.runs_root(), allowed or Limits.configured()
        self._children: dict[str, _Child] = {}
        self._not_before: dict[str, float] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._live, name="training supervisor", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    @classmethod
    def recover(cls, root: Path) -> None:
        """End what a server that is gone has left running, where this one trains nothing. Does not wait."""
        with suppress(Timeout, OSError), runs.lock(root, "supervisor", timeout=0):
            for run in runs.all_runs(root):
                _end_orphan(run)

    def close(self) -> None:
        """End what is running; the queue stays for the next one."""
        self._closing.set()
        self._thread.join(timeout=10)
        atexit.unregister(self.close)

    def _live(self) -> None:
        while not self._closing.is_set():
            try:
                with runs.lock(self._root, "supervisor", timeout=0):
                    self._work()
            except Timeout:  # somebody else supervises
                self._closing.wait(1.0)
            except Exception:  # this thread is the only one that looks after the runs: it goes on
                logger.exception("The runs in %s cannot be supervised", self._root)
                self._closing.wait(5.0)

    def _work(self) -> None:
        self._recover()
        try:
            while not self._closing.is_set():
                try:
                    self._look()
                except Exception:
                    logger.exception("Supervising the runs in %s", self._root)
                    self._closing.wait(1.0)
                self._closing.wait(_BUSY if self._children else _IDLE)
        finally:
            for child in list(self._children.values()):
                child.kill()
                self._end(child.run, State.INTERRUPTED, "The server was stopped while it was running.", child.seconds)
            self._children.clear()

    def _recover(self) -> None:
        """End what a supervisor that is gone has left behind."""
        for run in runs.all_runs(self._root):
            _end_orphan(run)
        runs.prune(self._root)

    def _look(self) -> None:
        """One round: who has ended, who has to end, who is next."""
        for child in list(self._children.values()):
            try:
                self._watch(child)
            except Exception:  # whatever is wrong with one run, the others are looked after
                logger.exception("%s cannot be watched any more", child.run.id)
                child.kill()
                self._end(
                    child.run, State.FAILED, "It could not be watched any more, so it was stopped.", child.seconds
                )
        now = time.monotonic()
        waiting = [
            run
            for run in reversed(runs.all_runs(self._root))
            if run.state.is_open and not run.pid and self._not_before.get(run.id, 0.0) <= now
        ]
        for run in waiting:
            if run.stop_wish:
                self._end(run, State.CANCELLED, "Cancelled before it began.", 0.0)
            elif not any(child.run.request.device == run.request.device for child in self._children.values()):
                self._start(run)

    def _start(self, run: Run) -> None:
        # Where even its end cannot be written, it is tried again, but not all the time.
        self._not_before[run.id] = time.monotonic() + _AGAIN_SECONDS
        try:
            self._children[run.id] = _Child(run)
        except OSError as error:
            self._end(run, State.FAILED, f"It could not be started: {error.strerror or error}.", 0.0)
        except Exception:
            logger.exception("%s cannot be started", run.id)
            self._end(run, State.FAILED, "It could not be started; the server's log says why.", 0.0)

    def _watch(self, child: _Child) -> None:
        if not (child.run.folder / runs.JOB).exists():  # somebody deleted the folder by hand
            child.kill()
        if child.process.poll() is not None:
            child.kill()  # what it may have started itself
            state, message = _outcome(child)
            self._end(child.run, state, message, child.seconds)
            return
        wanted = child.run.stop_wish
        if wanted and child.stop_by is None:
            child.stop_by = time.monotonic() + (KEEPING_SECONDS if wanted == KEEP else POLITE_SECONDS)
        elif wanted == CANCEL and child.stop_by is not None:  # after "keep", somebody was in a hurry
            child.stop_by = min(child.stop_by, time.monotonic() + POLITE_SECONDS)
        if child.stop_by is not None and time.monotonic() > child.stop_by:
            if wanted != CANCEL and child.run.is_measuring():  # to measure on larger data takes its time
                child.stop_by = time.monotonic() + MEASURING_SECONDS
                return
            child.kill()
            child.verdict = child.verdict or ("" if wanted == CANCEL else "The best so far could not be kept in time.")
        elif child.memory_bytes() > self._limits.memory_bytes:
            child.kill()
            child.verdict = (
                f"It needed more than {self._limits.memory_bytes / 1e9:.1f} GB of memory. "
                "Smaller vectors, layers or batches may help."
            )
        elif child.stop_by is None and child.seconds > self._limits.seconds:
            child.verdict = f"It took longer than {self._limits.seconds / 60:.0f} min, so it was stopped."
            child.stop_by = time.monotonic() + KEEPING_SECONDS  # whether or not it can be told
            cancel(child.run, keep_best=True)

    def _end(self, run: Run, state: State, message: str, seconds: float) -> None:
        if _write_end(run, state, message, seconds):
            self._children.pop(run.id, None)
            runs.prune(self._root)


class _Child:
    """A process that trains one run, the leader of a group of its own."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.verdict = ""  # why this supervisor ended it
        self.stop_by: float | None = None
        self._started, self._memory, self._memory_due = time.monotonic(), 0, 0.0
        with (run.folder / runs.LOG).open("ab") as log:
            self.process = subprocess.Popen(
                command(run),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).resolve().parent.parent,
                env={**os.environ, **ENVIRONMENT},
                start_new_session=True,
            )
        _step_back(self.process.pid)
        try:
            runs.write_json(run.folder / runs.PROCESS, {"pid": self.process.pid})
        except OSError:
            self.kill()
            raise

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def memory_bytes(self) -> int:
        """Of the process and its children, as it was a moment ago: to find the children costs milliseconds."""
        if time.monotonic() >= self._memory_due:
            self._memory_due = time.monotonic() + _MEMORY_SECONDS
            with suppress(psutil.Error):
                process = psutil.Process(self.process.pid)
                self._memory = sum(_memory_of(each) for each in (process, *process.children(recursive=True)))
        return self._memory

    def kill(self) -> None:
        """The process and all that it has started, and wait until they are gone."""
        with suppress(psutil.Error):
            _kill_tree(psutil.Process(self.process.pid))
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def command(run: Run) -> list[str]:
    """What trains it, as anybody could type it."""
    request, folder = run.request, run.folder
    arguments = [sys.executable, "-m", "recsys", request.kind, request.model, "--dataset", request.dataset]
    out = folder / runs.SWEPT if request.kind == runs.SWEEP else folder
    arguments += ["--seed", str(request.seed), "--out", str(out), "--progress", str(folder / runs.PROGRESS)]
    arguments += ["--stop-file", str(folder / runs.STOP), "--parent", str(os.getpid())]
    if request.kind == runs.SWEEP:
        return [*arguments, "--grid", str(folder / runs.GRID)]
    arguments += ["--device", request.device]
    for name, value in request.settings.items():
        arguments += ["--set", f"{name}={','.join(map(str, value)) if isinstance(value, list | tuple) else value}"]
    return [*arguments, "--refit"] if request.refit else arguments


def _outcome(child: _Child) -> tuple[State, str]:
    """How a process that has ended has ended."""
    run, status = child.run, child.process.returncode
    records = run.records()
    last = records[-1] if records else None
    message = (last.message or "") if last is not None else ""
    if last is not None and last.event == "finished" and _has_result(run):
        return State.FINISHED, child.verdict
    if run.stop_wish == CANCEL or (last is not None and last.event == "cancelled"):
        return State.CANCELLED, child.verdict or message or "Stopped; nothing was kept."
    if child.verdict:
        return State.FAILED, child.verdict
    if last is not None and last.event == "failed":
        return State.FAILED, message
    if status < 0:
        return State.FAILED, f"Its process was ended from outside ({signal.Signals(-status).name})."
    return State.FAILED, f"Its process ended without saying why (exit status {status}). The server has its log."


def _has_result(run: Run) -> bool:
    if run.request.kind == runs.SWEEP:
        return True
    with suppress(RecsysError):
        artifacts.read_manifest(run.artifact)
        return True
    return False


def _end_orphan(run: Run) -> None:
    """A run whose server has gone: end its process, and say so."""
    if run.state.is_open and run.pid:
        if (process := runs.process_of(run)) is not None:
            _kill_tree(process)
        _write_end(run, State.INTERRUPTED, "The server went away while it was running.", 0.0)


def _write_end(run: Run, state: State, message: str, seconds: float) -> bool:
    """Write down how a run ended; what was left half-made goes first, which may free the room for it.

    Returns:
        Whether that is over; where nothing can be written it is to be tried again.
    """
    if state is not State.FINISHED:
        shutil.rmtree(run.folder / run.request.dataset, ignore_errors=True)
    if state is State.CANCELLED:  # the trials of a sweep that failed half-way are worth keeping
        shutil.rmtree(run.folder / runs.SWEPT, ignore_errors=True)
    try:
        if (run.folder / runs.JOB).exists():  # else somebody deleted it
            runs.end(run, state, message, seconds)
    except FileNotFoundError:
        pass
    except OSError:
        logger.exception("%s cannot be ended; trying again", run.id)
        return False
    return True


def _step_back(pid: int) -> None:
    """Let the app, for which people wait, go first. Before the process has threads, which inherit it."""
    with suppress(psutil.Error, OSError):
        psutil.Process(pid).nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if os.name == "nt" else NICENESS)


def _kill_tree(process: psutil.Process) -> None:
    with suppress(psutil.Error):
        family = [*process.children(recursive=True), process]
        for each in family:
            with suppress(psutil.Error):
                each.kill()
        psutil.wait_procs(family, timeout=5)


def _memory_of(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _positive(name: str, default: float) -> float:
    """A number above 0 from the environment. Raises UsageError for anything else."""
    text = os.environ.get(name)
    try:
        value = default if text is None else float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise UsageError(f"{name} must be a number above 0, such as {default:g}. Received {text!r}.")
    return value
