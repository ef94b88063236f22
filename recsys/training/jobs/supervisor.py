"""Works off a queue of runs: one supervisor starts, watches and stops the processes that train them.

Nothing is trained in the process that calls this, and no page has to stay open. One process at a time supervises a
folder of runs; if it dies, the next one that asks takes over, ends what was left running and goes on with the queue.
"""

from __future__ import annotations

import atexit
import logging
import shutil
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

from filelock import Timeout

from recsys.errors import RecsysError, UsageError, os_errors_as, reason
from recsys.files import within
from recsys.serving import artifacts
from recsys.training.jobs import queue, runs
from recsys.training.jobs.process import TrainingProcess, keep_end, kill_tree
from recsys.training.jobs.queue import Limits
from recsys.training.jobs.runs import CANCEL, KEEP, Run, State
from recsys.training.progress import Record

logger = logging.getLogger(__name__)

POLITE_SECONDS = 1.0
"""How long a process that was asked to stop may go on with what it is doing."""
KEEPING_SECONDS, MEASURING_SECONDS = 90.0, 900.0
"""How long it may take to export the best so far, and to measure it."""
_AGAIN_SECONDS = 30.0
"""After a run that could neither be started nor ended: a full disk, most likely."""
_BUSY, _IDLE, _STANDBY = 0.1, 0.5, 1.0
"""Seconds between two looks; the last where another one supervises."""


class Supervisor:
    """Runs the queue of one folder, in a thread of its own, for as long as this process lives or until `close`.

    Several may be started on one folder, in one process or in many: one of them works, the others wait for its end.
    Where the folder is deleted meanwhile, what it was training ends, and one of them begins with the new one.
    """

    def __init__(self, root: Path | None = None, allowed: Limits | None = None) -> None:
        self._root, self._limits = root or runs.runs_root(), allowed or Limits.configured()
        self._children: dict[str, TrainingProcess] = {}
        self._not_before: dict[str, float] = {}
        self._locked: tuple[int, int] | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._live, name="training supervisor", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    @classmethod
    def recover(cls, root: Path) -> None:
        """End what a server that is gone has left running, where this one trains nothing. Does not wait."""
        with suppress(Timeout, OSError), runs.lock(root, "supervisor", timeout=0):
            end_orphans(root)

    def close(self) -> None:
        """End what is running; the queue stays for the next one."""
        self._closing.set()
        self._thread.join(timeout=10)
        atexit.unregister(self.close)

    def _live(self) -> None:
        while not self._closing.is_set():
            try:
                self._root.mkdir(parents=True, exist_ok=True)
                runs.lock_file(self._root, "supervisor").touch()
                self._locked = self._lock_file()
                with runs.lock(self._root, "supervisor", timeout=0):
                    self._work()
            except Timeout:  # somebody else supervises
                self._closing.wait(_STANDBY)
            except Exception as error:  # this thread is the only one that looks after the runs: it goes on
                self._log(error)
                self._closing.wait(5.0)

    def _log(self, error: Exception) -> None:
        """A folder that is deleted at any moment, or that nothing can be written to, is a line and no traceback."""
        details = None if isinstance(error, OSError) else error
        logger.error("The runs in %s cannot be supervised: %s", self._root, reason(error), exc_info=details)

    def _lock_file(self) -> tuple[int, int] | None:
        """Which file lies where the lock does; None where there is none."""
        with suppress(OSError):
            status = runs.lock_file(self._root, "supervisor").stat()
            return status.st_dev, status.st_ino
        return None

    def _supervises(self) -> bool:
        """Whether the lock is on the folder that is there: it may have been deleted, and made again by another process.

        Asked while the lock is held: until it is given back, no other file can have the number of this one.
        """
        return self._locked is not None and self._lock_file() == self._locked

    def _work(self) -> None:
        if not self._supervises():
            return
        end_orphans(self._root)
        runs.prune(self._root)
        try:
            while not self._closing.is_set() and self._supervises():
                try:
                    self._look()
                except Exception as error:
                    self._log(error)
                    self._closing.wait(1.0)
                self._closing.wait(_BUSY if self._children else _IDLE)
        finally:
            for child in list(self._children.values()):
                child.kill()
                self._end(child.run, State.INTERRUPTED, "The server was stopped while it was running.", child.seconds)
            self._children.clear()

    def _look(self) -> None:
        """One round: which runs have ended, which have to end, which is next."""
        for child in list(self._children.values()):
            try:
                self._watch(child)
            except Exception:  # whatever is wrong with one run, the others are looked after
                logger.exception("%s cannot be watched any more", child.run.id)
                child.kill()
                message = "It could not be watched any more, so it was stopped."
                self._end(child.run, State.FAILED, message, child.seconds)
        now = time.monotonic()
        waiting = [
            run
            for run in reversed(runs.all_runs(self._root))
            if run.state.is_open and not run.pid and self._not_before.get(run.id, 0.0) <= now
        ]
        for run in waiting:
            try:
                if run.stop_request:
                    self._end(run, State.CANCELLED, "Cancelled before it began.")
                elif not any(child.run.request.device == run.request.device for child in self._children.values()):
                    self._start(run)
            except Exception:
                logger.exception("%s cannot be begun", run.id)

    def _start(self, run: Run) -> None:
        if not self._supervises():
            return
        # Where even its end cannot be written, it is tried again, but not all the time.
        self._not_before[run.id] = time.monotonic() + _AGAIN_SECONDS
        try:
            with os_errors_as("It could not be started"):
                self._children[run.id] = TrainingProcess(run)
        except UsageError as error:
            self._end(run, State.FAILED, str(error))
        except Exception:
            logger.exception("%s cannot be started", run.id)
            self._end(run, State.FAILED, "It could not be started; the server's log says why.")

    def _watch(self, child: TrainingProcess) -> None:
        if not (child.run.folder / runs.JOB).exists():  # somebody deleted the folder by hand
            child.kill()
        keep_end(child.run.folder / runs.LOG)
        if child.has_ended():
            child.kill()  # what it may have started itself
            state, message = _outcome(child)
            self._end(child.run, state, message, child.seconds)
            return
        wanted = child.run.stop_request
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
            limit = f"{self._limits.memory_bytes / 1e9:.1f} GB"
            child.verdict = f"It needed more than {limit} of memory. Smaller vectors, layers or batches may help."
        elif child.stop_by is None and child.seconds > self._limits.seconds:
            child.verdict = f"It took longer than {self._limits.seconds / 60:.0f} min, so it was stopped."
            child.stop_by = time.monotonic() + KEEPING_SECONDS  # whether or not it can be told
            queue.cancel(child.run, keep_best=True)

    def _end(self, run: Run, state: State, message: str, seconds: float = 0.0) -> None:
        if _write_end(run, state, message, seconds):
            self._children.pop(run.id, None)
            runs.prune(self._root)


def _outcome(child: TrainingProcess) -> tuple[State, str]:
    """The state and the message of a run whose process has ended."""
    run, status = child.run, child.process.returncode
    last = (run.records() or [Record("started")])[-1]
    if last.event == "finished" and _has_result(run):
        return State.FINISHED, child.verdict
    if run.stop_request == CANCEL or last.event == "cancelled":
        return State.CANCELLED, child.verdict or last.message or "Stopped; nothing was kept."
    if child.verdict or last.event == "failed":
        return State.FAILED, child.verdict or last.message or ""
    if status < 0:
        return State.FAILED, f"Its process was ended from outside ({signal.Signals(-status).name})."
    return State.FAILED, f"Its process ended without saying why (exit status {status}). The server has its log."


def _has_result(run: Run) -> bool:
    with suppress(RecsysError):
        return run.request.kind == runs.SWEEP or bool(artifacts.read_manifest(run.artifact))
    return False


def end_orphans(root: Path) -> None:
    """Runs whose server has gone: end their processes, and say so."""
    for run in runs.all_runs(root):
        if not (run.state.is_open and run.pid):
            continue
        try:
            if (process := runs.process_of(run)) is not None:
                kill_tree(process)
            _write_end(run, State.INTERRUPTED, "The server went away while it was running.", 0.0)
        except Exception:  # whatever is wrong with one run, the others are ended
            logger.exception("%s cannot be ended", run.id)


def _write_end(run: Run, state: State, message: str, seconds: float) -> bool:
    """Delete what was left half-made and write down how a run ended. False: to be tried again."""
    if state is not State.FINISHED:
        _remove(run, run.request.dataset)
    if state is State.CANCELLED:  # the trials of a sweep that failed half-way are worth keeping
        _remove(run, runs.SWEPT)
    try:
        if (run.folder / runs.JOB).exists():  # else somebody deleted it
            runs.end(run, state, message, seconds)
    except FileNotFoundError:
        pass
    except OSError:
        logger.exception("%s cannot be ended; trying again", run.id)
        return False
    return True


def _remove(run: Run, name: str) -> None:
    """Delete a folder of the run, and nothing else: where there is a link instead, it may lead anywhere."""
    try:
        shutil.rmtree(within(run.folder, name), ignore_errors=True)
    except UsageError as error:
        logger.warning("%s: nothing is deleted, as %s", run.id, error)
