"""A disk that is full or may not be written to: one line that says so, exit 2, and nothing half-written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from recsys.__main__ import main
from recsys.cli import verify
from recsys.errors import DataError
from recsys.files import MAX_TEXT_BYTES, replace_folder, replacing, write_whole
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


@pytest.mark.parametrize("arguments", ["verify", "--help", "recommend --dataset demo --user 1 --models no"])
def test_a_full_disk_behind_the_output_hides_no_other_message(arguments: str, full: Path) -> None:
    with open(full / "filler", "a") as taken:
        command = [sys.executable, "-m", "recsys", *arguments.split()]
        ended = subprocess.run(command, cwd=ROOT, stdout=taken, stderr=subprocess.PIPE, text=True, timeout=120)
        unheard = subprocess.run(command, cwd=ROOT, stdout=taken, stderr=taken, timeout=120)
    assert ended.returncode == unheard.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert ("no" if "recommend" in arguments else "No space left on device") in ended.stderr


def test_output_that_was_never_open() -> None:
    command = f"{sys.executable} -m recsys verify >&-"
    ended = subprocess.run(command, shell=True, cwd=ROOT, stderr=subprocess.PIPE, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_an_error_after_output_that_nobody_can_take(full: Path, tmp_path: Path) -> None:
    """What waits in the buffer fails too, and says nothing any more."""
    with open(full / "filler", "a") as taken:
        environment = os.environ | {"RECSYS_ARTIFACTS_DIR": str(tmp_path), "PYTHONUNBUFFERED": ""}
        command = [sys.executable, "-m", "recsys", "verify"]  # prints a line and then that there are no models
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=taken, stderr=subprocess.PIPE, text=True, timeout=120
        )
    assert ended.returncode == 2
    assert ended.stderr.startswith("recsys: There are no models")
    assert ended.stderr.count("\n") == 1


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


@pytest.fixture
def odd_files(tmp_path: Path) -> list[Path]:
    """A folder, a pipe that nobody writes to, links in a circle, and what is no text."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    (tmp_path / "deep").write_text("[" * 100_000)
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", MAX_TEXT_BYTES + 1)
    return sorted(tmp_path.iterdir())


def test_only_regular_files_of_bounded_size_are_read(
    odd_files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    score = ["score", "--dataset", "demo", "--models", "popularity", "--out", str(tmp_path / "lists.csv"), "--users"]
    for path in odd_files:
        for command in (score, ["sweep", "als", "--dataset", "demo", "--out", str(tmp_path / "out"), "--grid"]):
            assert main([*command, str(path)]) == 2
            said = capsys.readouterr().err
            assert said.startswith("recsys: ")
            assert said.count("\n") == 1
            assert ("not a regular file" in said) == (path.name in ("folder", "pipe"))
            assert "more than" in said or path.name != "sparse"
    assert main(["data", "check", str(tmp_path / "pipe")]) == 2
    assert "regular file" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == odd_files


def test_no_writer_replaces_what_is_no_regular_file(odd_files: list[Path], tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "binary"
    link.symlink_to(target)
    for path in (link, tmp_path / "folder", tmp_path / "pipe", tmp_path / "circle"):
        with pytest.raises(OSError, match="not a regular file"):
            write_whole(path, "mine")
    made = tmp_path / "made"
    for path in (link, target, tmp_path / "pipe"):
        made.mkdir(exist_ok=True)
        with pytest.raises(OSError, match="not a folder"):
            replace_folder(made, path)
    assert target.read_bytes() == bytes(range(256))
    assert link.is_symlink()
    assert not list(tmp_path.glob(".*"))


def test_a_folder_that_became_read_only_meanwhile(disk: Path) -> None:
    """What clean-up cannot do does not hide why there was something to clean up."""

    def fail_half_way() -> None:
        with replacing(disk / "lists.csv") as file:
            file.close()
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            raise OSError("the first")

    with pytest.raises(OSError, match="the first"):
        fail_half_way()


def test_no_more_rights_than_the_umask_leaves(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "recsys", "train", "popularity", "--dataset", "demo", "--out", tmp_path / "out"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, umask=0o077, timeout=120)
    made = [tmp_path / "out", *(tmp_path / "out").rglob("*")]
    assert len(made) > 5
    assert {path.stat().st_mode & 0o777 for path in made if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in made if path.is_file()} == {0o600}


@pytest.mark.parametrize("is_full", [False, True])
def test_what_nobody_foresaw_is_one_line(
    is_full: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_options: object) -> None:
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr(verify, "run", fail)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere" if is_full else tmp_path))
    assert main(["verify"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("recsys: This should not have happened (RuntimeError: first line second line). ")
    assert said.count("\n") == 1
    written = list(tmp_path.glob("recsys-*.log"))
    assert [path.name in said for path in written] == ([] if is_full else [True])
    assert all("in fail\n" in path.read_text() for path in written)
    assert ("could not be written: No such file" in said) == is_full


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "some/file"), "some/file: Permission denied."),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "The operating system refused: Disk quota exceeded."),
        (MemoryError(), "There is not enough memory for this."),
        (DataError("two\nlines,", file="x", remedy="sorry."), "x: two lines, sorry."),
    ],
)
def test_what_the_system_refuses_is_a_sentence(
    error: Exception, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_options: object) -> None:
        raise error

    monkeypatch.setattr(verify, "run", fail)
    assert main(["verify"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"recsys: {says}")
    assert said.count("\n") == 1
