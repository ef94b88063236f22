"""Cutting a data set into what a model learns from and what it is asked for: by time, by chance, by fold.

Every random cut has a fixed seed, so that a protocol is one split and not a family of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from recsys.data.dataset import Dataset
from recsys.errors import UsageError


@dataclass(frozen=True, eq=False)
class Split:
    """Three parts without a shared row; `known` (train and validation, and what neither asks for but came before test)
    is what a shipped model may learn from."""

    train: Dataset
    valid: Dataset
    test: Dataset
    known: Dataset


def _split(dataset: Dataset, valid: np.ndarray, test: np.ndarray) -> Split:
    """By masks or row numbers: a row of both is test, a row of neither is train."""
    is_valid, is_test = np.zeros((2, len(dataset)), dtype=bool)
    is_valid[valid] = True
    is_test[test] = True
    return Split(
        train=dataset.select(~is_valid & ~is_test),
        valid=dataset.select(is_valid & ~is_test),
        test=dataset.select(is_test),
        known=dataset.select(~is_test),
    )


def _ends_of(dataset: Dataset, rows_of_users: Iterable[np.ndarray], test_share: float, valid_share: float) -> Split:
    """Of each user's rows, in the order given, the last are test (at least one), those just before are validation."""
    valid, test = np.zeros((2, len(dataset)), dtype=bool)
    for rows in rows_of_users:
        n_test, n_valid = max(1, int(test_share * len(rows))), int(valid_share * len(rows))
        valid[rows[max(0, len(rows) - n_test - n_valid) :]] = True
        test[rows[max(0, len(rows) - n_test) :]] = True
    return _split(dataset, valid, test)


def _share_of_others(dataset: Dataset, test: np.ndarray, share: float, seed: int) -> np.ndarray:
    """A random share of the rows that are not test."""
    others = np.setdiff1d(np.arange(len(dataset)), test)
    return np.random.default_rng(seed).permutation(others)[: round(share * len(others))]


def per_user_by_time(dataset: Dataset, test_share: float = 0.2, valid_share: float = 0.1) -> Split:
    """The last rows of each user are test (at least one), those just before are validation, the rest is train.

    Ties in time keep file order. A user with one row keeps it in test.

    Raises:
        UsageError: the data has no times.
    """
    _need_times(dataset)
    return _ends_of(dataset, map(dataset.rows_of, range(dataset.n_users)), test_share, valid_share)


def leave_one_out(dataset: Dataset) -> Split:
    """The last row of each user by time is test, the one before validation; a user with one row keeps it in train.

    Raises:
        UsageError: the data has no times.
    """
    _need_times(dataset)
    valid, test = np.zeros((2, len(dataset)), dtype=bool)
    for rows in map(dataset.rows_of, range(dataset.n_users)):
        later = rows[1:]  # the first stays in train, whatever follows
        valid[later[-2:]] = True
        test[later[-1:]] = True
    return _split(dataset, valid, test)


def k_folds(dataset: Dataset, n_splits: int = 5, seed: int = 0, valid_share: float = 0.1) -> list[Split]:
    """Random cross-validation; fold f is the one of Surprise's KFold(n_splits, random_state=seed).

    Validation is a random share of each fold's training rows.
    """
    folds = np.array_split(np.random.RandomState(seed).permutation(len(dataset)), n_splits)
    return [_split(dataset, _share_of_others(dataset, test, valid_share, seed), test) for test in folds]


def at_random(dataset: Dataset, test_share: float, valid_share: float = 0.1, seed: int = 0) -> Split:
    """Rows drawn at random, whoever they belong to; `valid_share` is a share of all rows."""
    order = np.random.default_rng(seed).permutation(len(dataset))
    n_test, n_valid = round(test_share * len(dataset)), round(valid_share * len(dataset))
    return _split(dataset, valid=order[n_test : n_test + n_valid], test=order[:n_test])


def per_item_at_random(dataset: Dataset, test_share: float = 0.25, valid_share: float = 0.1, seed: int = 42) -> Split:
    """A random share of the rows of each film is test; validation is a random share of the rest."""
    shuffled = np.random.default_rng(seed).permutation(len(dataset))
    order = shuffled[np.argsort(dataset.items[shuffled], kind="stable")]  # by film, in random order within each
    counts = dataset.item_counts
    place = np.arange(len(dataset)) - np.repeat(np.cumsum(counts) - counts, counts)  # 0, 1, ... within a film
    test = order[place >= np.round((1 - test_share) * np.repeat(counts, counts))]
    return _split(dataset, _share_of_others(dataset, test, valid_share, seed), test)


def per_user_at_random(dataset: Dataset, test_share: float = 0.1, valid_share: float = 0.1, seed: int = 0) -> Split:
    """A random share of each user's rows is test, another one validation."""
    random = np.random.default_rng(seed)
    valid, test = np.zeros((2, len(dataset)), dtype=bool)
    for user in range(dataset.n_users):
        rows = random.permutation(dataset.rows_of(user))
        n_test, n_valid = int(test_share * len(rows)), int(valid_share * len(rows))
        test[rows[:n_test]] = True
        valid[rows[n_test : n_test + n_valid]] = True
    return _split(dataset, valid, test)


def last_of_file(dataset: Dataset, test_share: float = 0.1, valid_share: float = 0.1) -> Split:
    """The last rows of each user in file order are test: what the articles did, and file order is no clock."""
    order = np.argsort(dataset.users, kind="stable")
    return _ends_of(dataset, np.split(order, np.cumsum(dataset.user_counts)[:-1]), test_share, valid_share)


def by_moment(dataset: Dataset, test_share: float = 0.1, valid_share: float = 0.1, min_known: int = 0) -> Split:
    """One moment for all: the latest rows are test, those before them validation; ties in time keep file order.

    Args:
        min_known: a user with fewer rows before a part is not asked in it: the user's rows there are left out of it.
            Those left out of validation are known to test all the same.

    Raises:
        UsageError: the data has no times.
    """
    _need_times(dataset)
    order = np.argsort(dataset.timestamps, kind="stable")
    n_test, n_valid = round(test_share * len(dataset)), round(valid_share * len(dataset))
    n_before = len(dataset) - n_test
    split = _split(dataset, valid=order[n_before - n_valid : n_before], test=order[n_before:])
    return replace(
        split,
        valid=_rows_of_known(split.valid, split.train, min_known),
        test=_rows_of_known(split.test, split.known, min_known),
    )


def _rows_of_known(asked: Dataset, known: Dataset, at_least: int) -> Dataset:
    """The rows of those users of whom so many are known."""
    return asked.select(known.user_counts[asked.users] >= at_least)


def core(dataset: Dataset, n: int = 10) -> Dataset:
    """Rows of users and films with at least n rows each, dropped until nothing changes; users and films without a row
    leave the data set."""
    while len(dataset):
        keep = (dataset.user_counts[dataset.users] >= n) & (dataset.item_counts[dataset.items] >= n)
        if keep.all():
            break
        dataset = dataset.select(keep)
    return dataset.compact()


def _need_times(dataset: Dataset) -> None:
    if not dataset.is_timed:
        raise UsageError(f"{dataset.name} {dataset.untimed}, so nothing can be held out by time.")
