"""From our arrays to Surprise and back: the only place that knows its inner ids."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.base import BatchLog, FitOptions

if TYPE_CHECKING:
    from surprise import Trainset

T = TypeVar("T")


def trainset(train: Dataset) -> Trainset:
    """A Surprise trainset whose raw ids are our indices."""
    import pandas as pd
    from surprise import Dataset as SurpriseDataset
    from surprise import Reader

    frame = pd.DataFrame({"user": train.users, "item": train.items, "rating": train.ratings})
    reader = Reader(rating_scale=(train.scale.low, train.scale.high))
    return SurpriseDataset.load_from_df(frame, reader).build_full_trainset()


def user_rows(values: np.ndarray, source: Trainset, n_users: int) -> np.ndarray:
    """Values per inner user reordered to our user indices; 0 for a user without ratings."""
    return _reorder(values, [source.to_raw_uid(inner) for inner in range(source.n_users)], n_users)


def item_rows(values: np.ndarray, source: Trainset, n_items: int) -> np.ndarray:
    """Values per inner item reordered to our film indices; 0 for a film without ratings."""
    return _reorder(values, [source.to_raw_iid(inner) for inner in range(source.n_items)], n_items)


def _reorder(values: np.ndarray, raw: list[int], n: int) -> np.ndarray:
    rows = np.zeros((n, *values.shape[1:]), dtype=np.float32)
    rows[np.asarray(raw, dtype=int)] = values
    return rows


def als_biases(train: Dataset, n_epochs: int, reg_u: float, reg_i: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Mean rating, user biases (U,) and film biases (I,) by alternating least squares (Koren 2010, section 2.1)."""
    from surprise import BaselineOnly

    source = trainset(train)
    options = {"method": "als", "n_epochs": n_epochs, "reg_u": reg_u, "reg_i": reg_i}
    algorithm = BaselineOnly(bsl_options=options, verbose=False).fit(source)
    return (
        float(source.global_mean),
        user_rows(algorithm.bu, source, train.n_users),
        item_rows(algorithm.bi, source, train.n_items),
    )


class _EpochLines(io.StringIO):
    """Standard output while Surprise trains: it says "Processing epoch 3" before each pass, and nothing else."""

    def __init__(self, options: FitOptions, n_epochs: int) -> None:
        super().__init__()
        self._options, self._n_epochs = options, n_epochs

    def write(self, text: str) -> int:
        if "Processing epoch" in text and (begun := int(text.rsplit(maxsplit=1)[-1])) > 0:
            self._options.tick(BatchLog(begun, self._n_epochs, 1, 1, float("nan")))
        return len(text)


def with_callback(fit: Callable[[], T], options: FitOptions, n_epochs: int) -> T:
    """Run a verbose `fit` of Surprise, whose loop no callback enters, and tell `options` of each pass that is over.

    What `options` raises ends the training, as the line is printed from inside that loop.
    """
    output = io.StringIO() if options.on_batch is None else _EpochLines(options, n_epochs)
    with redirect_stdout(output):
        return fit()
