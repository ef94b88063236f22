"""What a training process leaves on the disk while it runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recsys import training_process
from recsys.training_process import keep_end

TALKATIVE = """
for number in range(20_000):
    print(f"line {number:6}", flush=True)
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
    assert text.startswith("[the log was too large")
    assert text.endswith("line  19999\n")


def test_a_small_log_and_a_missing_one_are_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    keep_end(log)
    assert not log.exists()
    log.write_text("a line\n")
    keep_end(log)
    assert log.read_text() == "a line\n"
