"""Where jobs run: processes of this machine (loky), or the workers of a Ray or Dask cluster, through joblib's backends.

The same job gives the same bits wherever it runs: each has as many threads as training has anywhere, as sums in more or
fewer differ in the last digits.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import islice
from typing import Any

from recsys.errors import RecsysError, UsageError, reason
from recsys.models.base import N_THREADS
from recsys.paths import install
from recsys.training.parent import end_with

ENGINES = ("loky", "ray", "dask")
_PACKAGES = {"ray": "ray", "dask": "distributed"}
ANSWER_SECONDS = 20
"""How long a cluster may take to answer; the libraries themselves wait for minutes, or for ever."""
_KNOCK = {
    "ray": "import ray, sys; ray.init(address=sys.argv[1], log_to_driver=False, logging_level='ERROR')",
    "dask": "import sys; from dask.distributed import Client; Client(sys.argv[1], timeout=10)",
}
_FIXED_THREADS = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), str(N_THREADS)
)


@dataclass(frozen=True)
class Engine:
    """Which workers, where, and how many jobs at a time. Raises UsageError for what cannot be.

    Args:
        address: of a running cluster; without one, ray and dask start workers on this machine.
        n_jobs: by default one with loky, and as many as there are workers with ray and dask.
    """

    name: str = "loky"
    address: str | None = None
    n_jobs: int | None = None

    def __post_init__(self) -> None:
        if self.name not in ENGINES:
            raise UsageError(f"--engine must be one of {', '.join(ENGINES)}. Received {self.name!r}.")
        if self.name == "loky" and self.address is not None:
            raise UsageError(f"--address goes with --engine ray or dask. Received {self.address!r} with loky.")
        if self.address is not None and not self.address.strip():
            raise UsageError(f"--address takes the address of a {self.name} cluster. Received nothing.")
        if self.address is None:
            self.check(os.cpu_count() or 1, "the number of cores")
        if self.name in _PACKAGES and find_spec(_PACKAGES[self.name]) is None:
            raise UsageError(f"{self.name} is not installed: {install(self.name)}")

    def check(self, most: int, what: str) -> None:
        """Raises UsageError for a number of jobs that so many cores or workers cannot run."""
        least = 2 if self.name == "ray" else 1  # joblib runs a single job of Ray's in this process
        if self.n_jobs is not None and not least <= self.n_jobs <= most:
            raise UsageError(f"--jobs must be between {least} and {most}, {what}. Received {self.n_jobs}.")


@dataclass(frozen=True)
class Workers:
    """What runs jobs, `n_jobs` at a time. `is_here`: in the environment and on the disk of this process."""

    n_jobs: int
    is_here: bool
    _parallel: Any = field(repr=False)
    _lost: tuple[type[BaseException], ...] = field(repr=False)

    def as_they_finish(self, job: Callable[..., Any], calls: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """job(*call) for every call, in any order. Raises UsageError: a job's own error, or its worker is gone."""
        from joblib import delayed

        tasks = (delayed(_run)(job, call, self.is_here) for call in calls)
        try:
            if self._parallel.return_generator:
                yield from self._parallel(tasks)
            else:
                while group := list(islice(tasks, self.n_jobs)):
                    yield from self._parallel(group)
        except self._lost as error:
            raise UsageError(f"A worker was lost, perhaps out of memory: {reason(error)[:200]}") from None


@contextmanager
def opened(engine: Engine) -> Iterator[Workers]:
    """Workers of an engine; what was started for them ends with the context. Raises UsageError: they cannot be used."""
    from joblib import Parallel, parallel_config

    if engine.address is not None:
        _knock(engine)
    with {"loky": _loky, "ray": _ray, "dask": _dask}[engine.name](engine) as (backend, n_jobs, lost):
        streams = {} if engine.name == "ray" else {"return_as": "generator_unordered"}
        # Single jobs, handed out as workers become free: Dask heeds no other limit.
        with (
            parallel_config(n_jobs=n_jobs, **backend),
            Parallel(n_jobs=n_jobs, batch_size=1, pre_dispatch=n_jobs, **streams) as parallel,
        ):
            yield Workers(n_jobs, engine.name == "loky", parallel, lost)


_Backend = tuple[dict[str, Any], int, tuple[type[BaseException], ...]]


@contextmanager
def _loky(engine: Engine) -> Iterator[_Backend]:
    from concurrent.futures.process import BrokenProcessPool

    # By themselves the workers of a process that was killed wait five minutes for more to do.
    ends = {"initializer": end_with, "initargs": (os.getpid(),)}
    yield {"backend": "loky", **ends}, engine.n_jobs or 1, (BrokenProcessPool,)


@contextmanager
def _ray(engine: Engine) -> Iterator[_Backend]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray
    from ray.util.joblib import register_ray

    register_ray()
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    if engine.address is None:
        ray.init(address="local", num_cpus=engine.n_jobs, include_dashboard=False, **quiet)
    else:
        ray.init(address=engine.address, **quiet)
    try:
        n_workers = int(ray.cluster_resources().get("CPU", 0))
        engine.check(n_workers, "the number of the cluster's cores")
        if n_workers < 2:
            raise UsageError(f"This Ray cluster has {n_workers} core(s); two are needed, or --engine loky.")
        yield {"backend": "ray"}, engine.n_jobs or n_workers, (ray.exceptions.RayError,)
    finally:
        ray.shutdown()


@contextmanager
def _dask(engine: Engine) -> Iterator[_Backend]:
    from concurrent.futures import CancelledError

    from dask.distributed import Client, LocalCluster
    from distributed import KilledWorker
    from distributed.comm import CommClosedError

    with ExitStack() as stack:
        cluster: Any = engine.address
        if cluster is None:
            n_workers = engine.n_jobs or os.cpu_count() or 1
            cluster = LocalCluster(n_workers=n_workers, threads_per_worker=1, dashboard_address=None)
            stack.enter_context(cluster)
        client = stack.enter_context(Client(cluster))
        threads = client.nthreads()
        if not threads:
            raise UsageError(f"The Dask cluster at {engine.address} has no workers. Start one: dask worker ADDRESS")
        if max(threads.values()) > 1:  # what a framework seeds and limits belongs to the whole process
            raise UsageError("A Dask worker has several threads. Start them with: dask worker ADDRESS --nthreads 1")
        engine.check(len(threads), "the number of the cluster's workers")
        lost = (KilledWorker, CommClosedError, CancelledError)
        yield {"backend": _dask_backend(client)}, engine.n_jobs or len(threads), lost


def _dask_backend(client: Any) -> Any:
    """joblib's backend for Dask, which by itself waits for ever for a job that kept killing its workers."""
    from joblib._dask import DaskDistributedBackend

    class Backend(DaskDistributedBackend):
        def submit(self, func: Any, callback: Any = None) -> Any:
            future = super().submit(func, callback)
            future.add_done_callback(lambda done: callback(done.exception()) if done.exception() else None)
            return future

        def retrieve_result_callback(self, out: Any) -> Any:
            if isinstance(out, BaseException):
                raise out
            return super().retrieve_result_callback(out)

    return Backend(client=client)


def _knock(engine: Engine) -> None:
    """Raises UsageError if no such cluster answers: asked in a process of its own, which can be given up."""
    command = [sys.executable, "-c", _KNOCK[engine.name], str(engine.address)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_SECONDS)
        if done.returncode == 0:
            return
        problem = (done.stderr.strip().splitlines() or [""])[-1][:200]
    except subprocess.TimeoutExpired:
        problem = f"no answer within {ANSWER_SECONDS} s"
    raise UsageError(f"No {engine.name} cluster can be reached at {engine.address!r}: {problem}")


def _run(job: Callable[..., Any], call: tuple[Any, ...], is_here: bool) -> Any:
    """One job in its worker. Errors come back as text: not every one of ours survives the way between processes."""
    try:
        with fixed_threads():
            return job(*call)
    except RecsysError as error:
        raise UsageError(str(error) if is_here else f"A worker on {platform.node()} says: {error}") from None


@contextmanager
def fixed_threads() -> Iterator[None]:
    """As many threads for all arithmetic inside as elsewhere, however many cores there are.

    Libraries that are loaded already are told; the others read the environment when they are loaded, and TensorFlow
    keeps what it finds at its first computation for as long as the process lives.
    """
    from threadpoolctl import threadpool_limits

    torch = sys.modules.get("torch")
    n_torch = torch.get_num_threads() if torch is not None else 0
    before = {name: os.environ[name] for name in _FIXED_THREADS if name in os.environ}
    os.environ.update(_FIXED_THREADS)
    try:
        if torch is not None:
            torch.set_num_threads(N_THREADS)
        with threadpool_limits(N_THREADS):
            yield
    finally:
        if torch is not None:
            torch.set_num_threads(n_torch)
        for name in _FIXED_THREADS:
            del os.environ[name]
        os.environ.update(before)
