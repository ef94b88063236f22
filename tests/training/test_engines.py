"""Jobs on this machine's processes, and on real clusters of two workers where Ray and Dask are installed."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import psutil
import pytest

from recsys.__main__ import main
from recsys.errors import UsageError
from recsys.models.base import N_THREADS
from recsys.paths import ROOT
from recsys.training import engines
from recsys.training.engines import Engine
from tests import trials

pytestmark = pytest.mark.process

PACKAGES = {"ray": "ray", "dask": "distributed"}


def needs(engine: str) -> pytest.MarkDecorator:
    reason = f"{engine} is not installed: pip install -r requirements-{engine}.txt"
    return pytest.mark.skipif(find_spec(PACKAGES[engine]) is None, reason=reason)


CLUSTERS = [pytest.param(name, marks=[pytest.mark.scaleout, needs(name)]) for name in PACKAGES]


@contextmanager
def running(*arguments: str, env: dict[str, str]) -> Iterator[None]:
    """A process of its own, with all that it starts, ended at the end."""
    command = [sys.executable, "-m", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()  # both kinds of cluster end their workers then
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.1)


@contextmanager
def dask_cluster(folder: Path, env: dict[str, str]) -> Iterator[str]:
    """A scheduler and two workers, as on a cluster: the address of the scheduler."""
    file = folder / "scheduler.json"
    cli = ("--no-dashboard", "--scheduler-file", str(file))
    worker = ("distributed.cli.dask_worker", "--nworkers", "2", "--nthreads", "1", "--local-directory", str(folder))
    with running("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *cli, env=env):
        wait_for(file)
        with running(*worker, *cli, env=env):
            from dask.distributed import Client

            address = json.loads(file.read_text())["address"]
            with Client(address) as client:
                client.wait_for_workers(2)
            yield address


@contextmanager
def ray_cluster(folder: Path, env: dict[str, str]) -> Iterator[str]:
    """A head with two cores, which lets in who knows the token in `env`: its address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    address = f"127.0.0.1:{port}"
    head = ["ray.scripts.scripts", "start", "--head", "--block", "--num-cpus=2", f"--port={port}"]
    head += ["--node-ip-address=127.0.0.1", f"--temp-dir={folder}", "--include-dashboard=false"]
    with running(*head, "--disable-usage-stats", env=env):
        while socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.2)
        yield address


@pytest.fixture(scope="module")
def addresses(quick_root: Path) -> Iterator[dict[str, str]]:
    """Engine -> address of its cluster, whose workers see the demo's quick models and nothing else of ours."""
    os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))  # whatever this user has at home
    env = {**os.environ, "RECSYS_ARTIFACTS_DIR": str(quick_root), "PYTHONPATH": str(ROOT)}
    folder = Path(tempfile.mkdtemp(prefix="ray"))  # short: Ray's sockets are in it
    try:
        with dask_or_none(folder, env) as dask, ray_or_none(folder, env) as ray:
            yield {"dask": dask, "ray": ray}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def dask_or_none(folder: Path, env: dict[str, str]) -> Iterator[str]:
    if find_spec("distributed") is None:
        yield ""
        return
    with dask_cluster(folder, env) as address:
        yield address


@contextmanager
def ray_or_none(folder: Path, env: dict[str, str]) -> Iterator[str]:
    if find_spec("ray") is None:
        yield ""
        return
    with ray_cluster(folder, env) as address:
        yield address


def recsys(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "RECSYS_ARTIFACTS_DIR": str(root)}
    return subprocess.run(
        [sys.executable, "-m", "recsys", *arguments], capture_output=True, text=True, cwd=ROOT, env=env
    )


# The same bits everywhere


def trained(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "tests.trials", *arguments], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def one_by_one() -> str:
    return trained("loky", "-", "1")


@pytest.mark.training
def test_two_jobs_at_a_time_give_the_same_bits(one_by_one: str) -> None:
    """A Keras and a PyTorch network, and a table in the order of the grid although its second trial ends first."""
    assert trained("loky", "-", "2") == one_by_one
    answer = json.loads(one_by_one)
    assert set(answer["hashes"]) == set(trials.NETWORKS)
    assert [trial["config"]["n_epochs"] for trial in answer["trials"]] == [12, 1]


@pytest.mark.training
@pytest.mark.parametrize("engine", CLUSTERS)
def test_a_cluster_gives_the_same_bits(engine: str, one_by_one: str, addresses: dict[str, str]) -> None:
    assert trained(engine, addresses[engine], "2") == one_by_one


@pytest.mark.parametrize("engine", CLUSTERS)
def test_a_cluster_writes_the_same_lists(
    engine: str, addresses: dict[str, str], quick_root: Path, tmp_path: Path
) -> None:
    here, there = tmp_path / "here.csv", tmp_path / "there.csv"
    assert recsys(quick_root, "score", "--dataset", "demo", "--out", str(here)).returncode == 0
    arguments = ("score", "--dataset", "demo", "--out", str(there), "--engine", engine)
    done = recsys(quick_root, *arguments, "--address", addresses[engine])
    assert done.returncode == 0, done.stderr
    assert there.read_bytes() == here.read_bytes()


@pytest.mark.parametrize("engine", CLUSTERS)
def test_a_cluster_with_other_artifacts_is_refused(
    engine: str, addresses: dict[str, str], quick_root: Path, tmp_path: Path
) -> None:
    root = tmp_path / "artifacts"
    shutil.copytree(quick_root, root)
    assert recsys(root, "train", "ease", "--dataset", "demo", "--out", str(root)).returncode == 0
    out = tmp_path / "lists.csv"
    arguments = ("score", "--dataset", "demo", "--models", "ease", "--out", str(out), "--engine", engine)
    done = recsys(root, *arguments, "--address", addresses[engine])
    assert done.returncode == 2
    assert (
        "says: This worker has a different ease for demo. Give every worker the same RECSYS_ARTIFACTS_DIR."
        in done.stderr
    )
    assert "Traceback" not in done.stderr
    assert not out.exists()


@pytest.mark.parametrize("engine", CLUSTERS)
def test_more_jobs_than_a_cluster_has_workers(engine: str, addresses: dict[str, str]) -> None:
    with (
        pytest.raises(UsageError, match=r"^--jobs must be between \d and 2, the number of the cluster's"),
        engines.opened(Engine(engine, addresses[engine], 3)),
    ):
        pass


# What goes wrong

_WAITS = """
import sys, time
from recsys.training import engines
from tests import trials
with engines.opened(engines.Engine(n_jobs=2)) as workers:
    list(workers.as_they_finish(trials.tell, [(sys.argv[1],)] * 8))
    print("waiting", flush=True)
    time.sleep(60)
"""


def test_workers_end_with_the_process_that_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WAITS, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "waiting\n"
        workers = [psutil.Process(int(path.name)) for path in tmp_path.iterdir()]
        waiting.kill()
    assert workers
    _, left = psutil.wait_procs(workers, timeout=10)
    for worker in left:
        worker.kill()
    assert not left


@pytest.mark.parametrize("engine", CLUSTERS)
def test_something_else_at_the_address(
    engine: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It takes the connection and says nothing, and no library gives up; or the library says what is wrong."""
    monkeypatch.setattr(engines, "ANSWER_SECONDS", 3)  # less than dask itself waits
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        arguments = ["sweep", "svd", "--dataset", "demo", "--engine", engine, "--address", address]
        assert main(arguments) == 2
    said = f"recsys: No {engine} cluster can be reached at {address!r}: "
    assert capfd.readouterr().err == f"{said}no answer within 3 s\n"
    monkeypatch.setitem(engines._KNOCK, engine, "raise OSError('Nobody is there.')")
    assert main(arguments) == 2
    assert capfd.readouterr().err == f"{said}OSError: Nobody is there.\n"


@pytest.mark.scaleout
@needs("dask")
def test_dask_workers_with_several_threads() -> None:
    from dask.distributed import LocalCluster

    by_tcp = {"protocol": "tcp://", "host": "127.0.0.1"}

    with (
        LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, **by_tcp) as cluster,
        pytest.raises(UsageError, match=r"^A Dask worker has several threads\."),
        engines.opened(Engine("dask", cluster.scheduler_address)),
    ):
        pass


@pytest.mark.parametrize("engine", ["loky", *CLUSTERS])
def test_a_lost_worker_and_an_error_of_ours_are_one_line(engine: str, request: pytest.FixtureRequest) -> None:
    address = None if engine == "loky" else request.getfixturevalue("addresses")[engine]
    for job, call, says in (
        (trials.refuse, ("ratings.csv",), r"ratings\.csv, line 2: is empty\. Fill it\.$"),
        (trials.die, (), r"^A worker was lost, perhaps out of memory: "),
    ):
        with engines.opened(Engine(engine, address, 2)) as workers, pytest.raises(UsageError, match=says):
            list(workers.as_they_finish(job, [call] * 2))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("spark",), "--engine must be one of loky, ray, dask. Received 'spark'."),
        (("loky", "localhost:1"), "--address goes with --engine ray or dask. Received 'localhost:1' with loky."),
        (("dask", " "), "--address takes the address of a dask cluster. Received nothing."),
        (("loky", None, 0), f"--jobs must be between 1 and {os.cpu_count()}, the number of cores. Received 0."),
        (("loky", None, 10_000), "the number of cores. Received 10000."),
        (("ray", None, 1), "--jobs must be between 2 and"),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple, says: str) -> None:
    with pytest.raises(UsageError) as error:
        Engine(*arguments)
    assert says in str(error.value)


@pytest.mark.parametrize("engine", list(PACKAGES))
def test_without_the_package(engine: str) -> None:
    if find_spec(PACKAGES[engine]) is not None:
        pytest.skip(f"{engine} is installed")
    with pytest.raises(UsageError, match=f"^{engine} is not installed: .+ pip install -r requirements-{engine}.txt$"):
        Engine(engine)


# One thread


def test_the_same_threads_inside_and_as_before_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))  # BLAS is loaded
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    before = [pool["num_threads"] for pool in threadpool_info()]
    with engines.fixed_threads():
        assert {pool["num_threads"] for pool in threadpool_info()} == {N_THREADS}
        assert (os.environ["OMP_NUM_THREADS"], os.environ["TF_NUM_INTRAOP_THREADS"]) == (str(N_THREADS),) * 2
    assert [pool["num_threads"] for pool in threadpool_info()] == before
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "TF_NUM_INTRAOP_THREADS" not in os.environ
