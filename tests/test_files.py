"""Files and folders that are whole whenever somebody looks: with readers that never stop, and writers that die."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recsys.files import LEFT_SECONDS, RETIRED, read_settled, replace_folder, settle, write_whole

N_REPLACEMENTS = 300


def a_folder(path: Path, text: str) -> Path:
    path.mkdir()
    (path / "facts").write_text(text)
    return path


@contextmanager
def readers(file: Path, n: int = 3) -> Iterator[list[Exception]]:
    """Threads that read all the time; what went wrong for them."""
    stop, problems = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            try:
                assert read_settled(file) in (b"old", b"new")
            except Exception as error:
                problems.append(error)

    threads = [threading.Thread(target=read) for _ in range(n)]
    for thread in threads:
        thread.start()
    yield problems
    stop.set()
    for thread in threads:
        thread.join()


def test_readers_never_miss_a_folder_and_never_undo_its_replacement(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "als", "old")
    with readers(folder / "facts") as problems:
        for number in range(N_REPLACEMENTS):
            replace_folder(a_folder(tmp_path / f"next-{number}", "new"), folder)
    assert problems == []
    assert (folder / "facts").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["als"]


def test_a_replacement_survives_a_reader_that_brings_the_old_one_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, rename = a_folder(tmp_path / "als", "old"), Path.rename
    hasty = iter([True])

    def slow_rename(self: Path, target: Path) -> Path:
        done = rename(self, target)
        if f"-{RETIRED}-" in target.name and next(hasty, False):
            rename(target, folder)  # the reader took the pause between the two renames for the writer's end
        return done

    monkeypatch.setattr(Path, "rename", slow_rename)
    replace_folder(a_folder(tmp_path / "next", "new"), folder)
    assert (folder / "facts").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["als"]


def test_what_was_never_there_is_not_waited_for(tmp_path: Path) -> None:
    settle(tmp_path / "als")
    with pytest.raises(FileNotFoundError):
        read_settled(tmp_path / "als" / "facts")


def test_a_file_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    write_whole(file, "old")
    write_whole(file, b"new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("facts.json", "new")]
    folder_in_the_way = tmp_path / "folder"
    (folder_in_the_way / "full").mkdir(parents=True)
    with pytest.raises(OSError, match=r".+"):
        write_whole(folder_in_the_way, "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["facts.json", "folder"]


def test_what_a_killed_writer_left_is_deleted_by_a_later_one(tmp_path: Path) -> None:
    file, day_ago = tmp_path / "lists[1].csv", time.time() - LEFT_SECONDS - 1
    left, mine, recent = (tmp_path / f".lists[1].csv.{end}" for end in ("4321-0123abcd", "my-notes", "4322-0123abcd"))
    for path in (left, mine, recent):
        path.write_text("half")
    for path in (left, mine):
        os.utime(path, (day_ago, day_ago))
    write_whole(file, "whole")
    assert set(tmp_path.iterdir()) == {file, mine, recent}
