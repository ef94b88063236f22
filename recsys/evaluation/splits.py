"""Cutting a data set into what a model learns from and what it is asked for: by time, by chance, by fold.

Every random cut has a fixed seed, so that a protocol is one split and not a family of them.
"""

from __future__ import annotations

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


TRAIN, VALID, TEST, LEFT_OUT = 0, 1, 2, 3


def _split(dataset: Dataset, part: np.ndarray) -> Split:
    """The parts by number, one per row."""
    return Split(
        train=dataset.select(part == TRAIN),
        valid=dataset.select(part == VALID),
        test=dataset.select(part == TEST),
        known=dataset.select(part <= VALID),
    )


def per_user_by_time(dataset: Dataset, test_share: float = 0.2, valid_share: float = 0.1) -> Split:
    """The last rows of each user are test (at least one), those just before are validation, the rest is train.

    Ties in time keep file order. A user with one row keeps it in test.

    Raises:
        UsageError: the data has no times.
    """
    _need_times(dataset)
    part = np.full(len(dataset), TRAIN, dtype=np.int8)
    for user in range(dataset.n_users):
        rows = dataset.rows_of(user)
        n_test = max(1, int(test_share * len(rows)))
        n_valid = int(valid_share * len(rows))
        part[rows[max(0, len(rows) - n_test - n_valid) :]] = VALID
        part[rows[len(rows) - n_test :]] = TEST
    return _split(dataset, part)


def leave_one_out(dataset: Dataset) -> Split:
    """The last row of each user by time is test, the one before validation; a user with one row keeps it in train.

    Raises:
        UsageError: the data has no times.
    """
    _need_times(dataset)
    part = np.full(len(dataset), TRAIN, dtype=np.int8)
    for user in np.flatnonzero(dataset.user_counts > 1):
        rows = dataset.rows_of(int(user))
        part[rows[-1]] = TEST
        if len(rows) > 2:
            part[rows[-2]] = VALID
    return _split(dataset, part)


def k_folds(dataset: Dataset, n_splits: int = 5, seed: int = 0, valid_share: float = 0.1) -> list[Split]:
    """Random cross-validation; fold f is the one of Surprise's KFold(n_splits, random_state=seed).

    Validation is a random share of each fold's training rows.
    """
    order = np.random.RandomState(seed).permutation(len(dataset))
    splits = []
    for test in np.array_split(order, n_splits):
        part = np.full(len(dataset), TRAIN, dtype=np.int8)
        part[test] = TEST
        _mark_valid(part, valid_share, seed)
        splits.append(_split(dataset, part))
    return splits


def at_random(dataset: Dataset, test_share: float, valid_share: float = 0.1, seed: int = 0) -> Split:
    """Rows at random, whoever's they are; `valid_share` is a share of all rows."""
    order = np.random.default_rng(seed).permutation(len(dataset))
    n_test, n_valid = round(test_share * len(dataset)), round(valid_share * len(dataset))
    part = np.full(len(dataset), TRAIN, dtype=np.int8)
    part[order[:n_test]] = TEST
    part[order[n_test : n_test + n_valid]] = VALID
    return _split(dataset, part)


def per_item_at_random(dataset: Dataset, test_share: float = 0.25, valid_share: float = 0.1, seed: int = 42) -> Split:
    """A random share of the rows of each film is test; validation is a random share of the rest."""
    random = np.random.default_rng(seed)
    shuffled = random.permutation(len(dataset))
    order = shuffled[np.argsort(dataset.items[shuffled], kind="stable")]  # by film, in random order within each
    counts = dataset.item_counts
    place = np.arange(len(dataset)) - np.repeat(np.cumsum(counts) - counts, counts)  # 0, 1, ... within a film
    part = np.full(len(dataset), TRAIN, dtype=np.int8)
    part[order[place >= np.round((1 - test_share) * np.repeat(counts, counts))]] = TEST
    _mark_valid(part, valid_share, seed)
    return _split(dataset, part)


def per_user_at_random(dataset: Dataset, test_share: float = 0.1, valid_share: float = 0.1, seed: int = 0) -> Split:
    """A random share of each user's rows is test, another one validation."""
    random = np.random.default_rng(seed)
    part = np.full(len(dataset), TRAIN, dtype=np.int8)
    for user in range(dataset.n_users):
        rows = random.permutation(dataset.rows_of(user))
        n_test, n_valid = int(test_share * len(rows)), int(valid_share * len(rows))
        part[rows[:n_test]] = TEST
        part[rows[n_test : n_test + n_valid]] = VALID
    return _split(dataset, part)


def last_of_file(dataset: Dataset, test_share: float = 0.1, valid_share: float = 0.1) -> Split:
    """The last rows of each user in file order are test: what the articles did, and file order is no clock."""
    part = np.full(len(dataset), TRAIN, dtype=np.int8)
    order = np.argsort(dataset.users, kind="stable")
    for rows in np.split(order, np.cumsum(dataset.user_counts)[:-1]):
        n_test, n_valid = max(1, int(test_share * len(rows))), int(valid_share * len(rows))
        part[rows[max(0, len(rows) - n_test - n_valid) :]] = VALID
        part[rows[max(0, len(rows) - n_test) :]] = TEST
    return _split(dataset, part)


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
    part = np.full(len(dataset), TRAIN, dtype=np.int8)
    part[order[len(order) - n_test - n_valid :]] = VALID
    part[order[len(order) - n_test :]] = TEST
    split = _split(dataset, part)
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


def _mark_valid(part: np.ndarray, share: float, seed: int) -> None:
    """Turn a random share of the training rows into validation."""
    train = np.flatnonzero(part == TRAIN)
    part[np.random.default_rng(seed).permutation(train)[: round(share * len(train))]] = VALID


def _need_times(dataset: Dataset) -> None:
    if not dataset.is_timed:
        raise UsageError(f"{dataset.name} has no timestamps, so nothing can be held out by time.")
