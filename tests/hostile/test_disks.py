"""A disk that is full or may not be written to: one line that says so, exit 2, and nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from recsys.paths import ROOT

pytestmark = pytest.mark.process


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small one of its own in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no right to mount a small disk here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def full(disk: Path) -> Path:
    filler = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT)
    with suppress(OSError):
        while os.write(filler, b"x" * 512):
            pass
    os.close(filler)
    return disk


@pytest.fixture
def read_only(disk: Path) -> Path:
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    return disk


def recsys(*arguments: object, **environment: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "recsys", *map(str, arguments)]
    places = os.environ | {name: str(value) for name, value in environment.items()}
    return subprocess.run(command, cwd=ROOT, env=places, capture_output=True, text=True, timeout=120)


COMMANDS = {
    "train": "train popularity --dataset demo --out {disk}",
    "checkpoints": "train autoencoder --dataset demo --set n_epochs=1 --checkpoint-every 1 --checkpoint-dir {disk} "
    "--out {free}",
    "logs": "train autoencoder --dataset demo --set n_epochs=1 --log-dir {disk} --out {free}",
    "record": "evaluate --dataset demo --protocol top --models popularity --record",
    "sweep": "sweep als --dataset demo --out {disk} --grid {grid}",
    "score": "score --dataset demo --models popularity --users 1 --out {disk}/lists.csv",
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", ["full", "read_only"])
def test_one_line_and_nothing_half_written(
    command: str, state: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    disk: Path = request.getfixturevalue(state)
    before = sorted(disk.rglob("*"))
    grid = tmp_path / "grid.json"
    grid.write_text('{"reg_u": [5]}')
    arguments = [part.format(disk=disk, free=tmp_path / "free", grid=grid) for part in COMMANDS[command].split()]
    ended = recsys(*arguments, **({"RECSYS_ARTIFACTS_DIR": disk} if command == "record" else {}))
    said = ended.stderr.strip().splitlines()
    assert ended.returncode == 2, ended.stderr[-2000:]
    assert said[-1].startswith("recsys: ")
    assert "Traceback" not in ended.stderr
    left = [path for path in sorted(disk.rglob("*")) if path not in before and path.is_file()]
    assert not [path for path in left if path.stat().st_size], left


def test_output_that_nobody_can_take() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "recsys", "recommend", "--dataset", "demo", "--user", "1", "--models", "als"]
        ended = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
    assert ended.returncode == 2
    assert ended.stderr.startswith("recsys: ")
    assert "Traceback" not in ended.stderr


def test_a_character_that_the_terminal_lacks() -> None:
    command = [
        sys.executable,
        "-m",
        "recsys",
        *["recommend", "--dataset", "demo", "--user", "1", "--models", "als", "-k", "900"],
    ]
    korean = os.environ | {"PYTHONIOENCODING": "cp949"}
    ended = subprocess.run(command, cwd=ROOT, env=korean, capture_output=True, timeout=120)
    assert ended.returncode == 0, ended.stderr[-500:]
    assert "WALL·E" in ended.stdout.decode("cp949")


def test_lists_replace_regular_files_only(tmp_path: Path) -> None:
    """No device is tried here: a program that fails this test would replace it."""
    target, link, pipe = tmp_path / "kept.csv", tmp_path / "link.csv", tmp_path / "pipe.csv"
    target.write_text("kept")
    link.symlink_to(target)
    os.mkfifo(pipe)
    (tmp_path / "folder.csv").mkdir()
    for place in (link, pipe, tmp_path / "folder.csv"):
        ended = recsys(*["score", "--dataset", "demo", "--models", "popularity", "--users", "1", "--out"], place)
        assert ended.returncode == 2, place
        assert "regular file" in ended.stderr
    assert target.read_text() == "kept"
    assert pipe.is_fifo()
