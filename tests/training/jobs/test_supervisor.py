"""Real child processes: started, watched, stopped, killed. Slow ones are marked as training."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from filelock import FileLock

from recsys.__main__ import main
from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.network import is_loopback
from recsys.paths import ROOT
from recsys.serving import artifacts
from recsys.training.jobs import process, queue, runs
from recsys.training.jobs.queue import Limits, submit
from recsys.training.jobs.runs import Request, Run, State
from recsys.training.jobs.supervisor import Supervisor

pytestmark = pytest.mark.process

PLENTY = Limits(memory_bytes=8 * 10**9, seconds=600)
LONG_BPR = Request("bpr", "demo", {"n_epochs": 200, "n_factors": 8})
LONG_SVD = Request("svd", "demo", {"n_epochs": 200, "n_factors": 512})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def supervise(root: Path) -> Iterator[Callable[..., Supervisor]]:
    started: list[Supervisor] = []

    def start(limits: Limits = PLENTY, at: Path = root) -> Supervisor:
        started.append(Supervisor(at, limits))
        return started[-1]

    yield start
    for each in started:
        each.close()


def until(run: Run, condition: Callable[[Run], Any], seconds: float = 240) -> Run:
    """Wait for a run to get somewhere; not a matter of speed, so the patience is large."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        now = runs.read(run.id, run.folder.parent)
        if condition(now):
            return now
        time.sleep(0.05)
    log = (run.folder / runs.LOG).read_text(errors="replace") if (run.folder / runs.LOG).exists() else ""
    pytest.fail(f"{run.id} is {now.state}: {now.message} {now.records()[-3:]} {log[-2000:]}")


def until_over(run: Run) -> Run:
    return until(run, lambda now: not now.state.is_open)


def until_learning(run: Run) -> Run:
    """After the first epoch, and long before the last."""
    return until(run, lambda now: any(record.event == "epoch" for record in now.records()))


def left_behind(run: Run) -> list[str]:
    """Files of a run that ended early that should not be there."""
    allowed = {runs.JOB, runs.PROCESS, runs.STOP, runs.PROGRESS, runs.LOG, runs.END}
    return [path.name for path in run.folder.rglob("*") if path.name not in allowed]


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_run_finishes_and_is_an_artifact(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    supervise()
    (queued,) = submit([Request("svd", "demo", {"n_epochs": 5})], demo_dataset, ["Mine"], root)
    assert queued.state in (State.QUEUED, State.RUNNING)
    run = until_over(queued)
    assert (run.state, run.message, run.name) == (State.FINISHED, "", "Mine")
    assert artifacts.load(run.artifact, demo_dataset).manifest.config["n_epochs"] == 5
    events = [record.event for record in run.records()]
    assert events[0] == "started"
    assert events[-1] == "finished"
    assert not is_alive(run.pid)
    assert not list(run.folder.rglob(".*"))  # temporary files


def test_runs_of_one_device_go_one_after_the_other(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    first, second, third = submit(
        [Request("als", "demo"), Request("popularity", "demo"), LONG_SVD], demo_dataset, (), root
    )
    assert [queue.place_in_queue(run, root) for run in (first, second, third)] == [0, 1, 2]
    queue.cancel(third)
    supervise()
    assert until_over(second).state is State.FINISHED
    assert runs.read(first.id, root).state is State.FINISHED
    ended = until_over(third)
    assert (ended.state, ended.pid) == (State.CANCELLED, 0)
    times = [(root / run.id / runs.END).stat().st_mtime for run in (first, second)]
    assert times == sorted(times)


@pytest.mark.training
def test_cancelled_while_it_still_imports(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    supervise()
    (run,) = submit([LONG_BPR], demo_dataset, (), root)
    started = until(run, lambda now: now.pid)
    queue.cancel(started)
    assert runs.read(run.id, root).state in (State.STOPPING, State.CANCELLED)
    ended = until_over(run)
    assert ended.state is State.CANCELLED
    assert not is_alive(started.pid)
    assert left_behind(ended) == []


@pytest.mark.training
def test_cancelled_while_it_learns(root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]) -> None:
    """Asked politely: the last word is its own."""
    supervise()
    (run,) = submit([LONG_BPR], demo_dataset, (), root)
    learning = until_learning(run)
    queue.cancel(learning)
    ended = until_over(run)
    assert ended.state is State.CANCELLED
    assert ended.records()[-1].event == "cancelled"
    assert not is_alive(learning.pid)
    assert left_behind(ended) == []


@pytest.mark.training
def test_stopped_and_the_best_so_far_is_kept(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    supervise()
    (run,) = submit([LONG_BPR], demo_dataset, (), root)
    queue.cancel(until_learning(run), keep_best=True)
    ended = until_over(run)
    assert ended.state is State.FINISHED
    epochs = [record for record in ended.records() if record.event == "epoch"]
    best = max(epochs, key=lambda record: record.value or 0.0)
    assert ended.records()[-1].best_epoch == best.epoch
    assert len(epochs) < 200
    assert artifacts.load(ended.artifact, demo_dataset).manifest.summary["ndcg@10"] is not None


@pytest.mark.training
def test_killed_from_outside(root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]) -> None:
    supervise()
    killed, after = submit([LONG_SVD, Request("als", "demo")], demo_dataset, (), root)
    os.kill(until(killed, lambda now: now.pid and now.records()).pid, signal.SIGKILL)
    ended = until_over(killed)
    assert ended.state is State.FAILED
    assert ended.message == "Its process was ended from outside (SIGKILL)."
    assert left_behind(ended) == []
    assert until_over(after).state is State.FINISHED


@pytest.mark.training
def test_the_server_is_killed_and_another_one_takes_over(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    running, waiting = submit([LONG_SVD, Request("als", "demo")], demo_dataset, (), root)
    code = f"""
        import time
        from pathlib import Path
        from recsys.training.jobs.queue import Limits
        from recsys.training.jobs.supervisor import Supervisor
        Supervisor(Path({str(root)!r}), Limits(8 * 10**9, 600))
        time.sleep(600)
    """
    server = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)])
    try:
        child = until_learning(running).pid
    finally:
        server.kill()
        server.wait()
    supervise()
    ended = until_over(running)
    assert ended.state is State.INTERRUPTED
    assert ended.message == "The server went away while it was running."
    assert not is_alive(child)
    assert left_behind(ended) == []
    assert until_over(waiting).state is State.FINISHED


@pytest.mark.training
def test_a_child_does_not_outlive_its_server_for_long(root: Path, demo_dataset: Dataset) -> None:
    """Without another server, too: nobody else would end it."""
    (run,) = submit([LONG_SVD], demo_dataset, (), root)
    code = f"""
        import time
        from pathlib import Path
        from recsys.training.jobs.queue import Limits
        from recsys.training.jobs.supervisor import Supervisor
        Supervisor(Path({str(root)!r}), Limits(8 * 10**9, 600))
        time.sleep(600)
    """
    server = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)])
    child = until_learning(run).pid
    server.kill()
    server.wait()
    until(run, lambda _: not is_alive(child))


def test_a_server_that_stops_in_order_ends_what_is_running(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    supervisor = supervise()
    (run,) = submit([LONG_SVD], demo_dataset, (), root)
    pid = until(run, lambda now: now.pid).pid
    supervisor.close()
    ended = runs.read(run.id, root)
    assert ended.state is State.INTERRUPTED
    assert not is_alive(pid)


def test_two_servers_on_a_folder_that_is_deleted_while_they_run(root: Path) -> None:
    """Never two that work on the folder that is there: what each of them does is in a log of its own."""
    program = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from recsys.training.jobs.supervisor import Supervisor

        class Noted(Supervisor):
            def _look(self):
                if self._supervises():
                    mark = self._root / "mark"
                    print(mark.read_text() if mark.exists() else "none", flush=True)

        Noted(Path(sys.argv[1]))
        time.sleep(300)
        """
    )
    command = [sys.executable, "-c", program, str(root)]
    servers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)]
    try:
        for name in ("first", "second", "third"):
            time.sleep(2)
            shutil.rmtree(root, ignore_errors=True)
            root.mkdir(exist_ok=True)
            (root / "mark").write_text(name)
        time.sleep(4)
    finally:
        for server in servers:
            server.kill()
    seen = [server.communicate()[0].split() for server in servers]
    for name in ("first", "second", "third"):
        assert sum(name in each for each in seen) <= 1, seen
    assert sum("third" in each for each in seen) == 1, seen


@pytest.mark.parametrize("name", ["supervisor", "folder"])
def test_a_folder_that_is_deleted_while_a_lock_is_taken_is_no_traceback(
    root: Path,
    supervise: Callable[..., Supervisor],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    """The system says so between the making of the folder and the opening of the file in it."""
    lock, doomed = runs.lock, [name]

    def deleted(root: Path, name: str = "folder", timeout: float = 10) -> FileLock:
        if name in doomed:
            doomed.remove(name)
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(root))
        return lock(root, name, timeout)

    monkeypatch.setattr(runs, "lock", deleted)
    watcher = supervise()
    deadline = time.monotonic() + 20
    while doomed and time.monotonic() < deadline:
        time.sleep(0.05)
    watcher.close()
    assert not doomed
    assert not [record for record in caplog.records if record.exc_info]
    said = [f"The runs in {root} cannot be supervised: No such file or directory"] if name == "supervisor" else []
    assert [record.getMessage() for record in caplog.records] == said


def test_of_two_supervisors_one_works_and_the_other_inherits(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    first, second = supervise(), supervise()
    runs_of_both = submit([Request("als", "demo"), Request("popularity", "demo")], demo_dataset, (), root)
    assert [until_over(run).state for run in runs_of_both] == [State.FINISHED] * 2
    first.close()
    (later,) = submit([Request("als", "demo")], demo_dataset, (), root)
    assert until_over(later).state is State.FINISHED
    second.close()


def test_more_memory_than_a_job_may_take(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    supervise(Limits(memory_bytes=30 * 10**6, seconds=600))
    (run,) = submit([LONG_SVD], demo_dataset, (), root)
    ended = until_over(run)
    assert ended.state is State.FAILED
    assert ended.message.startswith("It needed more than 0.0 GB of memory.")
    assert left_behind(ended) == []


@pytest.mark.training
def test_out_of_time_the_best_so_far_is_kept(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    supervisor = supervise()
    (run,) = submit([LONG_BPR], demo_dataset, (), root)
    until_learning(run)
    supervisor._limits = Limits(PLENTY.memory_bytes, seconds=0.1)  # as if it had taken that long
    ended = until_over(run)
    assert ended.state is State.FINISHED
    assert ended.message.startswith("It took longer than")


def test_garbage_in_the_progress_file_harms_nobody(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    (run,) = submit([Request("svd", "demo", {"n_epochs": 5})], demo_dataset, (), root)
    (run.folder / runs.PROGRESS).write_bytes(b'\x00\xff{"event": "finished"\n[[[\n{"event": "epoch", "epoch": -4}\n')
    supervise()
    ended = until_over(run)
    assert ended.state is State.FINISHED
    assert ended.records()[-1].event == "finished"


def test_a_process_that_only_says_it_has_finished_has_failed(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    """What counts is the artifact."""
    supervise()
    (run,) = submit([LONG_SVD], demo_dataset, (), root)
    pid = until(run, lambda now: now.pid and now.records()).pid
    with (run.folder / runs.PROGRESS).open("a") as file:
        file.write('{"event": "finished"}\n')
    os.kill(pid, signal.SIGKILL)
    assert until_over(run).state is State.FAILED


def test_a_full_disk(tmp_path: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]) -> None:
    full = tmp_path / "full"
    full.mkdir()
    size = ["-o", "size=256k"]
    if shutil.which("mount") is None or subprocess.run(["mount", "-t", "tmpfs", *size, "none", full]).returncode != 0:
        pytest.skip("a small file system cannot be mounted here")
    try:
        supervisor = supervise(at=full)
        (run,) = submit([Request("svd", "demo", {"n_epochs": 5, "n_factors": 512})], demo_dataset, (), full)
        ended = until_over(run)
        assert ended.state is State.FAILED
        assert "No space left on device" in ended.message
        assert left_behind(ended) == []
        with suppress(OSError), (full / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 512)
        with pytest.raises(UsageError, match="No space left on device"):
            submit([Request("als", "demo")], demo_dataset, (), full)
        assert [each.id for each in runs.all_runs(full)] == [run.id]
        supervisor.close()
    finally:
        subprocess.run(["umount", "-l", full], check=True)


def test_many_new_users_at_once(root: Path, demo_dataset: Dataset) -> None:
    """Each gets a run of their own, and no more are let in than may wait."""

    def visit(_: int) -> Run | None:
        try:
            return submit([Request("als", "demo")], demo_dataset, (), root)[0]
        except UsageError as error:
            refusals.append(str(error))
            return None

    refusals: list[str] = []
    with ThreadPoolExecutor(20) as pool:
        let_in = [run for run in pool.map(visit, range(20)) if run is not None]
    assert len({run.id for run in let_in}) == queue.MAX_QUEUED
    assert set(refusals) == {"12 runs are waiting already, and at most 12 can. Try again when some have finished."}
    assert sorted(run.number for run in let_in) == list(range(1, queue.MAX_QUEUED + 1))


def test_the_six_are_let_in_together_or_not_at_all(root: Path, demo_dataset: Dataset) -> None:
    submit([Request("als", "demo")] * 7, demo_dataset, (), root)
    with pytest.raises(UsageError, match="7 runs are waiting"):
        submit([Request("als", "demo")] * 6, demo_dataset, (), root)
    assert len(runs.all_runs(root)) == 7


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request("nobody", "demo"), "There is no model 'nobody'"),
        (Request("bpr", "ml-100k"), "The run is for ml-100k, but the data set here is demo"),
        (Request("bpr", "demo", {"n_epochs": 10**9}), "n_epochs"),
        (Request("bpr", "demo", {"n_epochs": "nan"}), "n_epochs"),
        (Request("bpr", "demo", {"__class__": "x"}), "There is no setting"),
        (Request("autoencoder", "demo", {"hidden": [10**6] * 3}), "hidden"),
        (Request("bpr", "demo", seed=-1), "seed"),
        (Request("bpr", "demo", device="tpu"), "device must be auto, cpu or cuda"),
        (Request("bpr", "demo", kind="bench"), "of kind train or sweep"),
        (Request("bpr", "demo", refit="yes"), "refit must be true or false"),  # type: ignore[arg-type]
        (Request("bpr", "demo", kind="sweep", grid={"n_factors": list(range(1, 200))}), "64 trials"),
    ],
)
def test_a_crafted_request_is_refused_before_anything_happens(
    request_: Request, message: str, root: Path, demo_dataset: Dataset
) -> None:
    with pytest.raises(UsageError, match=message):
        submit([Request("als", "demo"), request_], demo_dataset, (), root)
    assert not root.exists() or not runs.all_runs(root)


def test_a_data_set_without_times_cannot_be_trained_on(root: Path, ml1m_untimed: Dataset) -> None:
    with pytest.raises(UsageError, match="has no timestamps"):
        submit([Request("als", "ml-1m-untimed")], ml1m_untimed, (), root)


@pytest.mark.parametrize(
    ("address", "variable", "expected"),
    [
        ("localhost", None, True),
        ("127.0.0.1", None, True),
        ("::1", None, True),
        ("0.0.0.0", None, False),
        ("::", None, False),
        ("", None, False),
        (None, None, False),
        ("192.168.1.7", None, False),
        ("example.org", None, False),
        ("0.0.0.0", "1", True),
        ("localhost", "0", False),
        ("localhost", "perhaps", False),
    ],
)
def test_who_may_train(
    address: str | None, variable: str | None, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RECSYS_ALLOW_TRAINING", raising=False)
    if variable is not None:
        monkeypatch.setenv("RECSYS_ALLOW_TRAINING", variable)
    assert queue.is_allowed(is_local=is_loopback(address)) is expected


@pytest.mark.parametrize("text", ["0", "-1", "many", "nan", "inf", "1e9"])
def test_limits_that_make_no_sense(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_TRAIN_MINUTES", text)
    with pytest.raises(UsageError, match="RECSYS_TRAIN_MINUTES must be a number above 0"):
        Limits.configured()


@pytest.mark.training
def test_a_job_can_be_typed_by_hand(root: Path, demo_dataset: Dataset) -> None:
    """Its settings are those of its job.json; on the command line there is only its folder."""
    settings = {"hidden": [16, 8], "n_epochs": 3, "learning_rate": 0.002}
    (run,) = submit([Request("autoencoder", "demo", settings, seed=7, refit=True)], demo_dataset, (), root)
    assert process.command(run)[1:5] == ["-m", "recsys", "job", str(run.folder)]
    assert main(["job", str(run.folder)]) == 0
    manifest = artifacts.read_manifest(run.artifact)
    assert {name: manifest.config[name] for name in settings} == settings
    assert manifest.seed == 7
    assert {record.phase for record in run.records() if record.event == "epoch"} == {"watch", "refit"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"settings": {"n_epochs": 10**6}}, "n_epochs must be between 1 and 200"),
        ({"settings": {"colour": 1}}, "There is no setting 'colour'"),
        ({"dataset": "nowhere"}, "nowhere"),
        ({"device": "tpu"}, "tpu"),
        ({"kind": runs.SWEEP, "grid": {"n_epochs": []}}, "A grid must map settings to lists of values"),
    ],
)
def test_a_job_whose_file_was_changed_is_refused_and_says_so(
    changes: dict[str, Any], says: str, root: Path, demo_dataset: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    (run,) = submit([Request("svd", "demo", {"n_epochs": 5})], demo_dataset, (), root)
    facts = json.loads((run.folder / runs.JOB).read_text())
    (run.folder / runs.JOB).write_text(json.dumps({**facts, "request": {**facts["request"], **changes}}))
    assert main(["job", str(run.folder)]) == 2
    assert says in capsys.readouterr().err
    last = run.records()[-1]
    assert last.event == "failed"
    assert says in (last.message or "")
    assert not run.artifact.exists()


def test_a_folder_that_is_no_run_is_no_job(
    root: Path, demo_dataset: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    (run,) = submit([Request("svd", "demo")], demo_dataset, (), root)
    (run.folder / runs.JOB).write_text('{"request": {"model": "bpr", "dataset": "demo"}}')
    for folder, says in (
        (run.folder, "Damaged: job.json"),
        (root, "There is no run "),
        (root / "0007-bpr-3fa2c1", "There is no run "),
    ):
        assert main(["job", str(folder)]) == 2
        assert capsys.readouterr().err.startswith(f"recsys: {says}")
    assert not (run.folder / runs.PROGRESS).exists()


def test_a_grid_is_tried_and_its_trials_are_kept(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    supervise()
    grid = {"n_factors": [4, 8], "n_epochs": [3]}
    (run,) = submit([Request("svd", "demo", kind=runs.SWEEP, grid=grid)], demo_dataset, (), root)
    ended = until_over(run)
    assert ended.state is State.FINISHED, ended.message
    table = json.loads((ended.folder / runs.SWEPT / "svd.json").read_text())
    assert [trial["settings"] for trial in table["trials"]] == [{"n_epochs": 3, "n_factors": n} for n in (4, 8)]
    told = [record for record in ended.records() if record.event == "epoch"]
    assert [(record.epoch, record.n_epochs) for record in told] == [(1, 2), (2, 2)]
    assert [record.value for record in told] == [trial["value"] for trial in table["trials"]]


def test_a_grid_that_is_cancelled_leaves_nothing(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    supervise()
    grid = {"n_factors": [512], "n_epochs": [195, 196, 197, 198, 199, 200]}
    (run,) = submit([Request("svd", "demo", kind=runs.SWEEP, grid=grid)], demo_dataset, (), root)
    queue.cancel(until_learning(run))
    ended = until_over(run)
    assert ended.state is State.CANCELLED
    assert left_behind(ended) == []


def test_a_run_that_makes_no_sense_stops_nobody(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    bad, good = submit([Request("als", "demo"), Request("als", "demo")], demo_dataset, (), root)
    facts = json.loads((bad.folder / runs.JOB).read_text())
    facts["request"]["settings"] = None
    (bad.folder / runs.JOB).write_text(json.dumps(facts))
    supervise()
    assert until_over(good).state is State.FINISHED


@pytest.mark.parametrize(
    ("file", "content"),
    [(runs.PROCESS, '{"pid": -1}'), (runs.PROCESS, "garbage"), (runs.END, '{"state": "finished"}')],
)
def test_a_damaged_run_stops_nobody(
    file: str, content: str, root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    damaged, good = submit([Request("als", "demo"), Request("als", "demo")], demo_dataset, (), root)
    (damaged.folder / file).write_text(content)
    supervise()
    assert until_over(good).state is State.FINISHED
    assert runs.read(damaged.id, root).message.startswith(f"Damaged: {file}")


@pytest.mark.parametrize("dataset", ["../../precious", "../../runs/../precious", "../neighbour", "", "."])
def test_what_a_run_asks_for_deletes_nothing_of_others(
    dataset: str, tmp_path: Path, root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    hostile, absolute, good = submit([Request("als", "demo")] * 3, demo_dataset, (), root)
    keepsakes = [tmp_path / "precious" / "file", root / "neighbour" / "file", root / "file"]
    for keepsake in keepsakes:
        keepsake.parent.mkdir(exist_ok=True)
        keepsake.write_text("mine")
    for run, name in ((hostile, dataset), (absolute, str(tmp_path / "precious"))):
        facts = json.loads((run.folder / runs.JOB).read_text())
        facts["request"]["dataset"] = name
        (run.folder / runs.JOB).write_text(json.dumps(facts))
        runs.request_stop(run, runs.CANCEL)
    supervise()
    assert until_over(good).state is State.FINISHED
    assert [keepsake.read_text() for keepsake in keepsakes] == ["mine"] * 3
    assert (hostile.folder / runs.JOB).exists()


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_what_a_link_leads_to_is_neither_deleted_nor_written_to(
    is_cancelled: bool, tmp_path: Path, root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    hostile, good = submit([Request("als", "demo")] * 2, demo_dataset, (), root)
    keepsake = tmp_path / "precious" / "file"
    keepsake.parent.mkdir()
    keepsake.write_text("mine")
    for name, target in (("demo", keepsake.parent), (runs.SWEPT, keepsake.parent), (runs.LOG, keepsake)):
        (hostile.folder / name).symlink_to(target)
    if is_cancelled:
        runs.request_stop(hostile, runs.CANCEL)
    supervise()
    assert until_over(good).state is State.FINISHED
    assert runs.read(hostile.id, root).state is (State.CANCELLED if is_cancelled else State.FAILED)
    assert keepsake.read_text() == "mine"


def test_a_run_that_cannot_be_started_stops_nobody(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    bad, good = submit([Request("als", "demo"), Request("als", "demo")], demo_dataset, (), root)
    (bad.folder / runs.LOG).mkdir()
    supervise()
    assert until_over(good).state is State.FINISHED
    ended = runs.read(bad.id, root)
    assert ended.state is State.FAILED
    assert ended.message.startswith("It could not be started")


def test_what_is_being_measured_is_kept_in_any_case(root: Path, demo_dataset: Dataset) -> None:
    (run,) = submit([Request("als", "demo")], demo_dataset, (), root)
    (run.folder / runs.PROGRESS).write_text('{"event": "phase", "phase": "measure"}\n')
    queue.cancel(run, keep_best=True)
    assert runs.read(run.id, root).stop_request == ""
    queue.cancel(run)
    assert runs.read(run.id, root).stop_request == "cancel"


def test_a_server_that_trains_nothing_says_what_was_left_running(root: Path, demo_dataset: Dataset) -> None:
    (run,) = submit([Request("als", "demo")], demo_dataset, (), root)
    runs.write_json(run.folder / runs.PROCESS, {"pid": 999_999})
    assert runs.read(run.id, root).state is State.RUNNING
    Supervisor.recover(root)
    assert runs.read(run.id, root).state is State.INTERRUPTED


def test_a_run_deleted_by_hand_is_ended(
    root: Path, demo_dataset: Dataset, supervise: Callable[..., Supervisor]
) -> None:
    supervise()
    (run,) = submit([LONG_SVD], demo_dataset, (), root)
    pid = until(run, lambda now: now.pid and now.records()).pid
    shutil.rmtree(run.folder, ignore_errors=True)
    give_up = time.monotonic() + 60
    while is_alive(pid) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not is_alive(pid)
    assert runs.all_runs(root) == []
