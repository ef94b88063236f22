"""What test_engines.py runs in processes of its own: trials, and the exact scores of small networks, on some engine.

python -m tests.trials ENGINE ADDRESS JOBS; "-" stands for none. The answer is JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from recsys.errors import DataError
from recsys.evaluation.protocols import HOLDOUT, Task
from recsys.models import registry
from recsys.models.base import FitOptions, config_from
from recsys.training import engines, search
from recsys.training.engines import Engine
from tests.toys import genre_tastes

NETWORKS: dict[str, dict[str, Any]] = {
    "bpr": {"n_epochs": 2, "batch_size": 256},
    "autoencoder": {"n_epochs": 2},
}
GRID: list[dict[str, list[Any]]] = [{"n_epochs": [12, 1]}]


def exact_scores(model: str, task: Task) -> tuple[str, str]:
    """A job: the model, and a hash of every bit of what it scores after a short training."""
    model_class = registry.entry(model).load()
    network = model_class(config_from(model_class.config_class, NETWORKS[model]))
    scorer = network.fit(task.known, FitOptions(seed=3))
    return model, hashlib.sha256(scorer.score(task.known.histories()).tobytes()).hexdigest()


def refuse(name: str) -> None:
    """A job with an error that does not survive the way between processes as it is."""
    raise DataError("is empty.", file=name, line=2, remedy="Fill it.")


def die() -> None:
    """A job that takes its worker with it."""
    os.kill(os.getpid(), signal.SIGKILL)


def tell(folder: str) -> None:
    """A job that says which process it is in."""
    Path(folder, str(os.getpid())).touch()
    time.sleep(0.2)  # so that the other worker gets one as well


def answer(engine: Engine) -> dict[str, Any]:
    task = genre_tastes(n_users=300, n_items=200)
    with engines.opened(engine) as workers:
        hashes = dict(workers.as_they_finish(exact_scores, ((model, task) for model in NETWORKS)))
    with tempfile.TemporaryDirectory() as folder:
        table = search.sweep(registry.entry("bpr"), task.known, HOLDOUT, GRID, engine=engine, folder=Path(folder))
    trials = [{key: value for key, value in trial.items() if key != "seconds"} for trial in table["trials"]]
    return {"hashes": hashes, "best": table["best"], "trials": trials}


if __name__ == "__main__":
    name, address, jobs = (None if text == "-" else text for text in sys.argv[1:])
    print(json.dumps(answer(Engine(name or "loky", address, int(jobs) if jobs else None)), sort_keys=True))
