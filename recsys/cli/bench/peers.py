"""Public implementations that `bench train --peers` measures beside our models, on the same data in the same call.

Only packages that requirements.txt pins anyway. An epoch of each is a pass over all ratings, but not the same work: our
BPR makes two comparisons per film and looks for the hardest of eight unseen films, `implicit` makes one with any film.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.registry import entry


@dataclass(frozen=True)
class Peer:
    """`epochs`: (data, our default configuration, epochs after the first) -> seconds of each epoch measured."""

    label: str
    epochs: Callable[[Dataset, Any, int], list[float]]


def time_peer(train: Dataset, model: str, n_epochs: int) -> dict[str, Any]:
    """As `time_model` of bench/training.py, for the public implementation of the same model."""
    model_class = entry(model).load()
    measured = PEERS[model].epochs(train, model_class.config_class(), n_epochs)
    seconds = statistics.median(measured)
    return {
        "seconds_per_epoch": round(seconds, 6),
        "examples_per_second": round(len(train) / seconds),
        "n_epochs": n_epochs,
    }


def _surprise_baseline(train: Dataset, config: Any, n_epochs: int) -> list[float]:
    from surprise import BaselineOnly

    options = {"method": "als", "n_epochs": 1 + n_epochs, "reg_u": config.reg_u, "reg_i": config.reg_i}
    # Our ALS counts the time that Surprise takes to read the data, which is most of it.
    return _surprise(BaselineOnly(bsl_options=options, verbose=False), train, 1 + n_epochs, with_reading=True)


def _surprise_svd(train: Dataset, config: Any, n_epochs: int) -> list[float]:
    from surprise import SVD

    return _surprise(SVD(n_factors=config.n_factors, n_epochs=1 + n_epochs, random_state=0), train, 1 + n_epochs)


def _surprise(algorithm: Any, train: Dataset, n_epochs: int, with_reading: bool = False) -> list[float]:
    """It has no callback per epoch: the time of all epochs, divided by their number."""
    import pandas as pd
    from surprise import Dataset as SurpriseDataset
    from surprise import Reader

    before = time.perf_counter()
    frame = pd.DataFrame({"user": train.users, "item": train.items, "rating": train.ratings})
    reader = Reader(rating_scale=(train.scale.low, train.scale.high))
    source = SurpriseDataset.load_from_df(frame, reader).build_full_trainset()
    start = before if with_reading else time.perf_counter()
    algorithm.fit(source)
    return [(time.perf_counter() - start) / n_epochs]


def _implicit(path: str, train: Dataset, config: Any, n_epochs: int) -> list[float]:
    """Seconds between the calls of `path`, module and class, at the end of each epoch."""
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    module, class_name = path.rsplit(".", 1)
    algorithm = getattr(import_module(module), class_name)(factors=config.n_factors, iterations=1 + n_epochs)
    ones = np.ones(len(train), dtype=np.float32)
    matrix = csr_matrix((ones, (train.users, train.items)), shape=(train.n_users, train.n_items))
    ends: list[float] = []
    # `implicit` has threads of its own and asks for a BLAS with one; its progress bar goes to standard error.
    with threadpool_limits(1, "blas"), redirect_stderr(io.StringIO()):
        algorithm.fit(matrix, show_progress=False, callback=lambda *_: ends.append(time.perf_counter()))
    return list(np.diff(ends))


PEERS = {
    "als": Peer("Surprise BaselineOnly", _surprise_baseline),
    "svd": Peer("Surprise SVD", _surprise_svd),
    "bpr": Peer("implicit BPR", partial(_implicit, "implicit.cpu.bpr.BayesianPersonalizedRanking")),
    "ials": Peer("implicit ALS", partial(_implicit, "implicit.cpu.als.AlternatingLeastSquares")),
}
