"""Servers on one folder of runs, in processes of their own, that can be killed. What they start is a short script."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from random import Random

from recsys.training.jobs import process, queue, runs, supervisor
from recsys.training.jobs.queue import Limits
from recsys.training.jobs.runs import Request, Run, State

ALONE = f"{shutil.which('flock')} --nonblock 9 || echo together >> {{log}};" if shutil.which("flock") else ""
"""Says so where a run is trained while another one still is; macOS has no flock."""
WAIT = (
    """until grep -qs '"pid": '$$'$' "$1/process.json"; do kill -0 "$2" && [ -d "$1" ] || exit 1; sleep 0.01; done;"""
)
"""As a real job, which imports for longer than its server takes to note its number, and ends where that has gone."""
SCRIPT = f"""{WAIT} exec 9>> "$1/../alone"; {ALONE} echo "$1" >> {{log}}; sleep {{seconds}};
echo '{{{{"event": "finished"}}}}' >> "$1/progress.jsonl" """
PATIENCE = 20.0


class TwoServers:
    """A folder with two servers, and the moves that a case is made of.

    A server is a fork of this process, so that a thousand cases need not import everything anew. `recsys` and the
    folder stand among the arguments of what it starts, by which an orphan is known.
    """

    def __init__(self, folder: Path, random: Random) -> None:
        self.root, self.log, self._random = folder / "runs", folder / "log", random
        shutil.rmtree(self.root, ignore_errors=True)
        self.log.unlink(missing_ok=True)
        self.asked: dict[str, Run] = {}
        self.is_disturbed = False
        """Whether a run may have been interrupted."""
        self._servers = [self._start() for _ in range(2)]

    def _start(self) -> int:
        seconds = self._random.choice((0, 0.02, 0.1))
        if (pid := os.fork()) != 0:
            return pid
        try:
            supervisor._BUSY = supervisor._IDLE = 0.01
            supervisor._STANDBY = 0.03
            script = SCRIPT.format(log=self.log, seconds=seconds)
            process.command = lambda run: ["sh", "-c", script, "recsys", str(run.folder), str(os.getpid())]
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            each = supervisor.Supervisor(self.root, Limits(8 * 10**9, 60))
            signal.sigwait([signal.SIGTERM])
            each.close()
        finally:
            os._exit(1)  # whatever happens, it does not go on as if it were the one that tries the cases

    def submit(self) -> None:
        requests = [Request("als", "demo", kind=runs.SWEEP)] * self._random.randint(1, 2)
        for run in runs.create(requests, [""] * len(requests), self.root, 10):
            self.asked[run.id] = run

    def replace(self) -> None:
        """One is killed, or ends in order, and another one comes."""
        place = self._random.randrange(2)
        self._end(place)
        self.is_disturbed = True
        self._servers[place] = self._start()

    def cancel(self) -> None:
        if self.asked:
            queue.cancel(self._random.choice(list(self.asked.values())))

    def delete_everything(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        self.asked.clear()
        self.is_disturbed = True

    def ended(self) -> dict[str, State]:
        """Wait until nothing is open any more; how each run ended."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            now = {run.id: run for run in runs.all_runs(self.root)}
            assert now.keys() >= self.asked.keys(), "a run is lost"
            if not any(run.state.is_open for run in now.values()):
                return {name: run.state for name, run in now.items()}
            time.sleep(0.01)
        raise AssertionError(f"still open: {[(run.id, run.state.value) for run in now.values()]}")

    def stop(self) -> None:
        for place in range(2):
            self._end(place)

    def _end(self, place: int) -> None:
        os.kill(self._servers[place], self._random.choice((signal.SIGKILL, signal.SIGTERM)))
        os.waitpid(self._servers[place], 0)

    def begun(self) -> list[str]:
        """The folders of the runs in the order in which they were begun, and "together" where two were at once."""
        with suppress(FileNotFoundError):
            return self.log.read_text().split("\n")[:-1]
        return []
