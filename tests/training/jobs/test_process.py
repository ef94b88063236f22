"""What a training process leaves on the disk while it runs, and how it ends with all that it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from recsys.training.jobs import process as training_process
from recsys.training.jobs import runs
from recsys.training.jobs.process import TrainingProcess, keep_end
from recsys.training.jobs.runs import Request

PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session={alone})
with open({number!r} + ".part", "w") as file:
    file.write(str(child.pid))
os.replace({number!r} + ".part", {number!r})
{then}
"""

TALKATIVE = """
import time
for number in range(20_000):
    print(f"line {number:6}", flush=True)
time.sleep(0.5)  # what is printed during a cut may go
print("the end", flush=True)
"""


@pytest.mark.process
def test_the_log_of_a_talkative_process_stays_small_and_keeps_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_process, "LOG_BYTES", 20_000)
    monkeypatch.setattr(training_process, "LOG_KEPT_BYTES", 2_000)
    log, n_cut, largest = tmp_path / "log.txt", 0, 0
    with log.open("ab") as out, subprocess.Popen([sys.executable, "-c", TALKATIVE], stdout=out) as process:
        while process.poll() is None:
            before = log.stat().st_size
            keep_end(log)
            n_cut += log.stat().st_size < before
            largest = max(largest, log.stat().st_size)
    assert process.returncode == 0
    assert n_cut > 1
    keep_end(log)
    text = log.read_text()
    assert len(text) <= max(20_000, largest) < 20_000 * len("line 000000\n")
    assert "[the log was too large" in text  # behind what was printed during the cut
    assert text.endswith("the end\n")


def test_a_small_log_and_a_missing_one_are_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    keep_end(log)
    assert not log.exists()
    log.write_text("a line\n")
    keep_end(log)
    assert log.read_text() == "a line\n"


# How it ends

Start = Callable[..., tuple[TrainingProcess, psutil.Process]]
posix = pytest.mark.skipif(not hasattr(os, "killpg"), reason="only there processes have groups")


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a process that has a child, and gives both; what is left of them is ended after the test."""
    family: list[psutil.Process] = []

    def started(then: str = "time.sleep(600)", *, alone: bool = False) -> tuple[TrainingProcess, psutil.Process]:
        number = tmp_path / "number"
        code = PARENT.format(number=str(number), then=then, alone=alone)
        monkeypatch.setattr(training_process, "command", lambda _run: [sys.executable, "-c", code])
        (run,) = runs.create([Request("als", "demo")], [""], tmp_path / "runs", 1)
        leader = TrainingProcess(run)
        family.append(psutil.Process(leader.process.pid))
        until(number.exists)
        family.append(psutil.Process(int(number.read_text())))
        return leader, family[-1]

    yield started
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.kill()


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_alive(process: psutil.Process) -> bool:
    """One that has ended stays a zombie where nobody fetches its exit status."""
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


@pytest.mark.process
@pytest.mark.parametrize("alone", [False, True], ids=["in its group", "with a group of its own"])
def test_a_process_ends_with_its_child(start: Start, alone: bool) -> None:
    leader, child = start(alone=alone)
    assert not leader.has_ended()
    assert is_alive(child)
    leader.kill()
    assert leader.has_ended()
    assert leader.process.returncode == -signal.SIGKILL
    until(lambda: not is_alive(child))


@posix
@pytest.mark.process
def test_what_a_process_leaves_behind_is_ended_while_its_number_is_kept(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader, child = start(then="sys.exit(3)")
    until(leader.has_ended)
    assert is_alive(child)
    kill_group, is_kept = os.killpg, list[bool]()

    def killpg(group: int, number: int) -> None:
        is_kept.append(psutil.pid_exists(group))
        kill_group(group, number)

    monkeypatch.setattr(os, "killpg", killpg)
    leader.kill()
    assert is_kept == [True]
    assert leader.process.returncode == 3
    until(lambda: not is_alive(child))


@posix
@pytest.mark.process
def test_whoever_is_given_its_number_afterwards_is_left_alone(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    leader, _ = start()
    leader.kill()
    number, created, signalled = leader.process.pid, psutil.Process.__init__, list[int]()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])

    def recycled(self: psutil.Process, pid: int | None = None) -> None:
        created(self, stranger.pid if pid == number else pid)

    monkeypatch.setattr(psutil.Process, "__init__", recycled)
    monkeypatch.setattr(os, "killpg", lambda group, _number: signalled.append(group))
    try:
        assert psutil.Process(number).is_running()
        assert leader.has_ended()
        leader.kill()
        assert signalled == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
