"""A child process that trains one run: its start, its memory, and its end with all that it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from recsys.errors import UsageError
from recsys.files import within
from recsys.paths import ROOT
from recsys.training.jobs import runs
from recsys.training.jobs.runs import Run

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait by spinning take the cores from the app
}
"""Added to the environment of a child process."""
NICENESS = 19
"""Of a child process: the lowest priority, so that the app goes first."""
_MEMORY_SECONDS = 0.5
LOG_BYTES, LOG_KEPT_BYTES = 2_000_000, 200_000
"""How large a log may grow, and how much of its end is kept then: a library that repeats itself would fill the disk."""


class TrainingProcess:
    """A process that trains one run, the leader of a group of its own."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.verdict = ""  # why the supervisor ended it
        self.stop_by: float | None = None
        self._started, self._memory, self._memory_due = time.monotonic(), 0, 0.0
        with _log_of(run).open("ab") as log:
            self.process = subprocess.Popen(
                command(run),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **ENVIRONMENT},
                start_new_session=True,
            )
        # Made while the number is surely the child's: psutil compares the time of birth, and signals nobody else.
        self._leader = psutil.Process(self.process.pid)
        step_back(self._leader)
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
                family = (self._leader, *self._leader.children(recursive=True))
                self._memory = sum(_memory_of(each) for each in family)
        return self._memory

    def has_ended(self) -> bool:
        """Asked without fetching its exit status: until that is fetched, nobody else is given its number."""
        if self.process.returncode is not None or os.name == "nt":  # there, Popen holds the number in any case
            return self.process.poll() is not None
        try:
            return self._leader.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        except psutil.NoSuchProcess:
            return True

    def kill(self) -> None:
        """The process and all that it has started, and wait until they are gone; a second time does nothing.

        The children of a leader that has ended belong to nobody, and only the group still leads to them. The group's
        number is the leader's: while its exit status waits to be fetched nobody else is given it, and psutil says that
        it is "running". Afterwards it may be anybody's, so the group is ended before the status is fetched, or never.
        """
        family = []
        if self._leader.is_running():
            family = _descendants(self._leader)  # those that have left the group too
            if hasattr(os, "killpg"):
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._leader.pid, signal.SIGKILL)
            _kill_all([*family, self._leader])
        self.process.wait()
        psutil.wait_procs(family, timeout=5)


def _log_of(run: Run) -> Path:
    """Raises UsageError where somebody has put something else in its place: a link to another file, a pipe."""
    log = within(run.folder, runs.LOG)
    if log.exists() and not log.is_file():
        raise UsageError(f"It could not be started: its {runs.LOG} is not a regular file.")
    return log


def keep_end(log: Path) -> None:
    """Cut a log that has grown too large. Who writes it appends, and so goes on behind what is kept."""
    with suppress(OSError):
        if log.lstat().st_size <= LOG_BYTES:  # of a link its own, and nothing it leads to is cut
            return
        with log.open("r+b") as file:
            file.seek(-LOG_KEPT_BYTES, os.SEEK_END)
            end = file.read()
            file.truncate(0)
        with log.open("ab") as file:
            file.write(b"[the log was too large: what came before is left out]\n" + end)


def command(run: Run) -> list[str]:
    """What trains it: `python -m recsys job`, which reads from its folder what to train, and ends with this process."""
    return [sys.executable, "-m", "recsys", "job", str(run.folder), "--parent", str(os.getpid())]


def step_back(process: psutil.Process) -> None:
    """Let the app, for which people wait, go first. Before the process has threads, which inherit it."""
    with suppress(psutil.Error, OSError):
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if os.name == "nt" else NICENESS)


def kill_tree(process: psutil.Process) -> None:
    family = [*_descendants(process), process]
    _kill_all(family)
    psutil.wait_procs(family, timeout=5)


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return process.children(recursive=True)
    return []


def _kill_all(family: list[psutil.Process]) -> None:
    for each in family:
        with suppress(psutil.Error):
            each.kill()


def _memory_of(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0
