from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from recsys.errors import UsageError
from recsys.serving import artifacts
from recsys.training.jobs import runs
from recsys.training.jobs.runs import Request, Run, State

REQUEST = Request("als", "demo")


def made(root: Path, n: int = 1, request: Request = REQUEST) -> list[Run]:
    return runs.create([request] * n, [""] * n, root, max_queued=100)


def ended(run: Run, state: State = State.FINISHED) -> Run:
    runs.end(run, state, "", 1.5)
    return runs.read(run.id, run.folder.parent)


def test_a_run_is_what_its_folder_says(tmp_path: Path) -> None:
    request = Request("bpr", "ml-100k", {"n_epochs": 3}, seed=5, refit=True, preset="quick")
    (run,) = runs.create([request], ["  Mine\n\x00 own "], tmp_path, 12)
    again = runs.read(run.id, tmp_path)
    assert again == run
    assert (again.request, again.name, again.state, again.number) == (request, "Mine own", State.QUEUED, 1)
    assert ended(run).state is State.FINISHED
    assert ended(run).seconds == 1.5


def test_the_first_run_of_a_model_has_number_1_whatever_else_was_trained(tmp_path: Path) -> None:
    six = [Request(model, "demo") for model in ("als", "gru", "autoint", "gru")]
    named = [run.name for run in runs.create(six, ["", "", "", "My GRU"], tmp_path, 12)]
    assert named == ["ALS 1", "GRU 1", "AutoInt+ 1", "My GRU"]
    assert [run.name for run in runs.create(six[1:3], ["", ""], tmp_path, 12)] == ["GRU 2", "AutoInt+ 2"]


def test_numbers_go_up_whatever_the_clock_says(tmp_path: Path) -> None:
    first, second = made(tmp_path, 2)
    facts = json.loads((first.folder / runs.JOB).read_text())
    (first.folder / runs.JOB).write_text(json.dumps({**facts, "created": "2999-01-01T00:00:00+00:00"}))
    (third,) = made(tmp_path)
    assert [run.id for run in runs.all_runs(tmp_path)] == [third.id, second.id, first.id]


@pytest.mark.parametrize(
    "run_id",
    ["", "..", "../0001-als-abcdef", "0001-als-abcdef/..", "0001-als-zzzzzz", "x" * 10_000, "0001-als-abcdef\n"],
)
def test_an_id_is_not_a_path(run_id: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no run"):
        runs.read(run_id, tmp_path)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"request": {}}', '{"request": {"model": "als"}}', "[" * 100_000, "\udc00"]
)
def test_a_damaged_run_is_shown_as_such_and_can_be_deleted(content: str, tmp_path: Path) -> None:
    sound, damaged = made(tmp_path, 2)
    (damaged.folder / runs.JOB).write_bytes(content.encode("utf-8", "surrogatepass"))
    shown, other = runs.all_runs(tmp_path)
    assert (shown.id, shown.state, shown.is_damaged, other) == (damaged.id, State.FAILED, True, sound)
    assert shown.message.startswith("Damaged: job.json in its folder cannot be read")
    with pytest.raises(UsageError, match="Damaged"):
        runs.change(shown, name="Mine")
    runs.delete(shown)
    assert runs.all_runs(tmp_path) == [sound]


def test_a_file_too_large_to_be_ours_is_not_read(tmp_path: Path) -> None:
    (run,) = made(tmp_path)
    content = (run.folder / runs.JOB).read_bytes()
    (run.folder / runs.JOB).write_bytes(content.ljust(2**20))  # the same, and blanks behind it
    assert runs.read(run.id, tmp_path) == run
    (run.folder / runs.JOB).write_bytes(content.ljust(2**20 + 1))
    assert [run.is_damaged for run in runs.all_runs(tmp_path)] == [True]


@pytest.mark.parametrize("seconds", ["NaN", "-Infinity", "1" + "0" * 400, '"a"', "null", "[]"])
def test_a_damaged_end(seconds: str, tmp_path: Path) -> None:
    (run,) = made(tmp_path)
    (run.folder / runs.END).write_text(f'{{"state": "finished", "message": "", "seconds": {seconds}}}')
    assert_is_damaged(run, runs.END)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"state": "exploded", "message": "", "seconds": 1}', "[" * 9999])
def test_an_end_that_is_none(content: str, tmp_path: Path) -> None:
    (run,) = made(tmp_path)
    (run.folder / runs.END).write_text(content)
    assert_is_damaged(run, runs.END)


@pytest.mark.parametrize("pid", ["-1", "0", "true", "1.5", '"1"', "null", str(2**31), "1" + "0" * 400, "[]", "NaN"])
def test_a_number_that_no_process_has(pid: str, tmp_path: Path) -> None:
    (run,) = made(tmp_path)
    (run.folder / runs.PROCESS).write_text(f'{{"pid": {pid}}}')
    assert_is_damaged(run, runs.PROCESS)


def assert_is_damaged(run: Run, file: str) -> None:
    """It is shown, says what to do, and that can be done."""
    root = run.folder.parent
    (found,) = runs.all_runs(root)
    assert (found.state, found.pid) == (State.FAILED, 0)
    assert found.message == (f"Damaged: {file} in its folder cannot be read, so its state is unknown. Delete this run.")
    runs.delete(found)
    assert runs.all_runs(root) == []


@pytest.mark.parametrize("file", [runs.JOB, runs.PROCESS, runs.STOP, runs.END, runs.PROGRESS])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(file: str, tmp_path: Path) -> None:
    sound, damaged = made(tmp_path, 2)
    (damaged.folder / file).unlink(missing_ok=True)
    os.mkfifo(damaged.folder / file)
    assert sound.id in [run.id for run in runs.all_runs(tmp_path) if run.records() == []]


HOSTILE_NAMES = [
    "../../precious",
    "../neighbour",
    "",
    ".",
    "..",
    "/etc",
    "a/b",
    "a\\b",
    "a\0b",
    "-x",
    "a" * 65,
    "a\n",
    1,
    None,
    ["demo"],
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_data_set_that_is_no_name_makes_no_run(name: object, tmp_path: Path) -> None:
    sound, hostile = made(tmp_path, 2)
    ask_for(hostile, dataset=name)
    damaged, other = runs.all_runs(tmp_path)
    assert (damaged.is_damaged, damaged.request.dataset, other) == (True, "", sound)


def test_a_run_of_another_model_than_its_id_says_is_damaged(tmp_path: Path) -> None:
    (run,) = made(tmp_path)
    ask_for(run, model="svd")
    assert [(run.is_damaged, run.request.model) for run in runs.all_runs(tmp_path)] == [(True, "als")]


def ask_for(run: Run, **request: object) -> None:
    facts = json.loads((run.folder / runs.JOB).read_text())
    facts["request"] |= request
    (run.folder / runs.JOB).write_text(json.dumps(facts))


def test_nothing_behind_a_link_is_given_away_or_deleted(tmp_path: Path) -> None:
    precious, root = tmp_path / "precious", tmp_path / "runs"
    (precious / "als").mkdir(parents=True)
    (precious / "als" / "secret.txt").write_text("mine")
    (whole, folder, model, file) = made(root, 4)
    (whole.folder / runs.JOB).unlink()
    whole.folder.rmdir()
    whole.folder.symlink_to(precious / "als")
    (folder.folder / "demo").symlink_to(precious)
    (model.folder / "demo" / "models").mkdir(parents=True)
    (model.folder / "demo" / "models" / "als").symlink_to(precious / "als")
    (file.folder / "demo" / "models" / "als").mkdir(parents=True)
    (file.folder / "demo" / "models" / "als" / "secret.txt").symlink_to(precious / "als" / "secret.txt")
    (file.folder / runs.PROGRESS).symlink_to(precious / "als" / "secret.txt")
    for run in (folder, model, file):
        with zipfile.ZipFile(io.BytesIO(runs.to_zip(run))) as archive:
            assert [Path(name).name for name in archive.namelist()] == [runs.JOB]
        runs.delete(run)
    runs.prune(root)
    assert runs.all_runs(root) == []
    assert (precious / "als" / "secret.txt").read_text() == "mine"


def test_names_and_notes(tmp_path: Path) -> None:
    (run,) = made(tmp_path)
    runs.change(run, name="<script>" + "x" * 100, note="two\nlines", is_pinned=True)
    again = runs.read(run.id, tmp_path)
    assert again.name == ("<script>" + "x" * 100)[: runs.MAX_NAME]
    assert (again.note, again.is_pinned) == ("two lines", True)
    runs.change(run, name="   ")  # no name is no change
    assert runs.read(run.id, tmp_path).name == again.name


def test_the_last_twenty_are_kept_and_the_pinned_ones(tmp_path: Path) -> None:
    oldest = made(tmp_path, 25)
    for run in oldest:
        ended(run)
    runs.change(oldest[0], is_pinned=True)
    (waiting,) = made(tmp_path)
    runs.prune(tmp_path)
    kept = {run.number for run in runs.all_runs(tmp_path)}
    assert kept == {1, *range(6, 26), waiting.number}
    assert not list(tmp_path.glob(".deleted-*"))


def test_no_more_runs_are_pinned_than_may_be(tmp_path: Path) -> None:
    *first, last = made(tmp_path, runs.MAX_PINNED + 1)
    for run in first:
        runs.change(run, is_pinned=True)
    with pytest.raises(UsageError, match=f"^{runs.MAX_PINNED} runs are pinned already.* Unpin one first"):
        runs.change(last, is_pinned=True)
    assert not runs.read(last.id, tmp_path).is_pinned
    runs.change(first[0], is_pinned=True, note="pinned twice is no mistake")
    runs.change(last, note="and everything else can be changed")
    assert runs.read(last.id, tmp_path).note
    runs.change(first[0], is_pinned=False)
    runs.change(last, is_pinned=True)
    assert sum(run.is_pinned for run in runs.all_runs(tmp_path)) == runs.MAX_PINNED


def test_cancelled_runs_push_no_model_out(tmp_path: Path) -> None:
    (model,) = made(tmp_path)
    ended(model)
    for run in made(tmp_path, 30):
        ended(run, State.CANCELLED)
    runs.prune(tmp_path)
    kept = runs.all_runs(tmp_path)
    assert model.id in {run.id for run in kept}
    assert len(kept) == 1 + runs.MAX_WITHOUT_RESULT


def test_what_runs_is_not_deleted(tmp_path: Path) -> None:
    waiting, running = made(tmp_path, 2)
    runs.write_json(running.folder / runs.PROCESS, {"pid": 1})
    with pytest.raises(UsageError, match="still running: cancel it first"):
        runs.delete(running)
    runs.delete(waiting)
    runs.delete(waiting)  # twice is no mistake
    assert [run.id for run in runs.all_runs(tmp_path)] == [running.id]
    with pytest.raises(UsageError, match="no longer exists"):
        runs.change(waiting, note="late")


def test_another_process_with_the_old_number_is_not_taken_for_it(tmp_path: Path) -> None:
    (run,) = made(tmp_path)
    runs.write_json(run.folder / runs.PROCESS, {"pid": os.getpid()})
    assert runs.process_of(runs.read(run.id, tmp_path)) is None


def test_a_download_holds_data_and_no_code(tmp_path: Path, quick_root: Path) -> None:
    (run,) = made(tmp_path)
    source = artifacts.folder_of("demo", "als", quick_root)
    run.artifact.mkdir(parents=True)
    for path in source.iterdir():
        (run.artifact / path.name).write_bytes(path.read_bytes())
    (run.folder / runs.PROGRESS).write_text('{"event": "finished"}\n')
    (run.folder / runs.LOG).write_text("where this ran")
    with zipfile.ZipFile(io.BytesIO(runs.to_zip(ended(run)))) as archive:
        names = {Path(name).name for name in archive.namelist()}
        assert names == {"job.json", "progress.jsonl", "manifest.json", "arrays.npz", "evaluation.npz"}
        assert archive.testzip() is None


def test_a_run_of_an_older_version_is_still_found(tmp_path: Path, quick_root: Path) -> None:
    (run,) = made(tmp_path)
    old = artifacts.old_folder_of("demo", "als", run.folder)
    shutil.copytree(artifacts.folder_of("demo", "als", quick_root), old)
    assert ended(run).artifact == old


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(UsageError, match="Nothing can be written to"):
        made(tmp_path / "runs")
