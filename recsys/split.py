"""Cutting a data set by time, user by user."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.dataset import Dataset
from recsys.errors import UsageError


@dataclass(frozen=True, eq=False)
class Split:
    """Three parts without a shared row; `known` is what a shipped model may learn from."""

    train: Dataset
    valid: Dataset
    test: Dataset
    known: Dataset


def per_user_by_time(dataset: Dataset, test_share: float = 0.2, valid_share: float = 0.1) -> Split:
    """The last rows of each user are test (at least one), those just before are validation, the rest is train.

    Ties in time keep file order. A user with one row keeps it in test.

    Raises:
        UsageError: the data has no times.
    """
    if not dataset.is_timed:
        raise UsageError(f"{dataset.name} has no timestamps, so nothing can be held out by time.")
    part = np.empty(len(dataset), dtype=np.int8)  # 0 train, 1 validation, 2 test
    for user in range(dataset.n_users):
        rows = dataset.rows_of(user)
        n_test = max(1, int(test_share * len(rows)))
        n_valid = int(valid_share * len(rows))
        part[rows] = 0
        part[rows[len(rows) - n_test - n_valid :]] = 1
        part[rows[len(rows) - n_test :]] = 2
    return Split(
        train=dataset.select(part == 0),
        valid=dataset.select(part == 1),
        test=dataset.select(part == 2),
        known=dataset.select(part < 2),
    )
