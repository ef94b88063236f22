"""Ratings in index space: frozen, self-checking, with each user's history in time order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from recsys.data.catalog import NO_DEMOGRAPHICS, Catalog, Demographics, Viewers, read_only

COLUMNS = {"users": np.int32, "items": np.int32, "ratings": np.float32, "timestamps": np.int64}
"""The arrays with one value per rating, and their types."""
NO_ORDER = "All timestamps are equal: nothing here is ordered in time."
"""What is said of a file with such a column."""


def left_out_of(n_dropped: int) -> str:
    """What is said where `latest_of_pairs` left out so many rows."""
    what = "duplicate rating" if n_dropped == 1 else "duplicate ratings"
    return f"{n_dropped:,} {what} left out: only a user's latest rating of a film counts."


def latest_of_pairs(users: np.ndarray, items: np.ndarray, timestamps: np.ndarray) -> np.ndarray:
    """Row numbers, ascending, with each pair of a user and an item once: the latest, of equal times the last row.

    Args:
        users, items: (N,) int32, 0 or more.
        timestamps: (N,) int64.
    """
    pair = users * np.int64(items.max(initial=0) + 1) + items
    ordered = np.sort(pair)  # far faster than np.unique when nearly all are different, as they are
    if (ordered[1:] != ordered[:-1]).all():
        return np.arange(len(pair))
    order = np.lexsort((timestamps, pair))  # lexsort is stable
    is_last = np.append(np.diff(pair[order]) != 0, True)
    return np.sort(order[is_last])


def ordering(timestamps: np.ndarray) -> np.ndarray:
    """The times of a file as a data set has them: all 0 where several are all equal, whatever they are: no order."""
    is_order = len(timestamps) < 2 or (timestamps != timestamps[0]).any()
    return timestamps if is_order else np.zeros_like(timestamps)


@dataclass(frozen=True)
class RatingScale:
    """The stars that a rating can have: low, low + step, ..., high."""

    low: float = 1.0
    high: float = 5.0
    step: float = 1.0

    def clip(self, ratings: np.ndarray) -> np.ndarray:
        return np.clip(ratings, self.low, self.high)


@dataclass(frozen=True, eq=False)
class History:
    """What is known of somebody when asking for recommendations: the films, oldest first.

    Args:
        items: (T,) int32 film indices.
        ratings: (T,) float32 stars.
        timestamps: (T,) int64 seconds since 1970; 0 where unknown.
        user: the index of a user that the models were trained on, or None for a new user.
        demographics: what a new user says about themselves; for a known user, it is in the data set.
    """

    items: np.ndarray
    ratings: np.ndarray
    timestamps: np.ndarray
    user: int | None = None
    demographics: Demographics = NO_DEMOGRAPHICS

    def __len__(self) -> int:
        return len(self.items)

    @classmethod
    def of_new_user(
        cls, items: Iterable[int], ratings: Iterable[float], demographics: Demographics = NO_DEMOGRAPHICS
    ) -> History:
        """The history of somebody no model has seen, in the order given."""
        items = np.asarray(list(items), dtype=np.int32)
        stars = np.asarray(list(ratings), dtype=np.float32)
        if items.shape != stars.shape:
            raise ValueError(f"one rating per film is needed. Received {len(items)} films, {len(stars)} ratings.")
        return cls(items, stars, np.zeros(len(items), dtype=np.int64), demographics=demographics)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Interactions, one row each, in the order of the file that they came from.

    Args:
        name: "ml-100k", "demo", ...
        users: (N,) int32 user indices.
        items: (N,) int32 film indices.
        ratings: (N,) float32 stars on `scale`.
        timestamps: (N,) int64 seconds since 1970; all 0 where the data has no times.
        catalog: the films; n_items = len(catalog), rated or not.
        viewers: the users; n_users = len(viewers).
        scale: the stars that exist.
        notes: what the loader changed or found, for people ("3 duplicate ratings: the latest counts").
    """

    name: str
    users: np.ndarray
    items: np.ndarray
    ratings: np.ndarray
    timestamps: np.ndarray
    catalog: Catalog
    viewers: Viewers
    scale: RatingScale = RatingScale()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, dtype in COLUMNS.items():
            given = np.asarray(getattr(self, name))
            array = np.array(given, dtype=dtype)  # a copy: the caller may go on writing to theirs
            if dtype is not np.float32 and not np.array_equal(array, given):
                raise ValueError(f"{name} must be whole numbers that fit {dtype.__name__}. Received {given.dtype}.")
            if array.ndim != 1 or len(array) != len(self.users):
                raise ValueError(f"{name} must have shape ({len(self.users)},). Received {array.shape}.")
            object.__setattr__(self, name, read_only(array))
        for name, n in (("users", self.n_users), ("items", self.n_items)):
            array = getattr(self, name)
            if len(array) and not 0 <= array.min() <= array.max() < n:
                raise ValueError(f"{name} must be 0..{n - 1}. Received {array.min()}..{array.max()}.")
        if not np.isfinite(self.ratings).all():
            raise ValueError("ratings must be finite. Received NaN or infinity.")

    def __len__(self) -> int:
        return len(self.users)

    @property
    def n_users(self) -> int:
        return len(self.viewers)

    @property
    def n_items(self) -> int:
        return len(self.catalog)

    @property
    def is_timed(self) -> bool:
        """Whether the interactions have an order in time."""
        return bool(len(self.timestamps)) and bool(self.timestamps.any())

    @property
    def untimed(self) -> str:
        """What an untimed data set has instead of an order in time, as a sentence with its name in front goes on."""
        return "has the same timestamp everywhere" if NO_ORDER in self.notes else "has no timestamps"

    @cached_property
    def _by_user(self) -> tuple[np.ndarray, np.ndarray]:
        """Row numbers sorted by user and time (ties keep file order), and where each user's rows start."""
        order = np.lexsort((self.timestamps, self.users))  # lexsort is stable
        starts = np.zeros(self.n_users + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.users, minlength=self.n_users), out=starts[1:])
        return order, starts

    def rows_of(self, user: int) -> np.ndarray:
        """Row numbers of one user's interactions, oldest first."""
        order, starts = self._by_user
        return order[starts[user] : starts[user + 1]]

    def history(self, user: int) -> History:
        rows = self.rows_of(user)
        return History(self.items[rows], self.ratings[rows], self.timestamps[rows], user=int(user))

    def histories(self, users: Iterable[int] | None = None) -> list[History]:
        """Histories of the given users, of all of them by default."""
        return [self.history(int(u)) for u in (range(self.n_users) if users is None else users)]

    def rows_between(self, first: int, last: int) -> np.ndarray:
        """Row numbers of the users first..last - 1, user by user, oldest first."""
        order, starts = self._by_user
        return order[starts[first] : starts[last]]

    @cached_property
    def item_counts(self) -> np.ndarray:
        """(n_items,) int64 number of interactions per film."""
        return read_only(np.bincount(self.items, minlength=self.n_items))

    @cached_property
    def user_counts(self) -> np.ndarray:
        """(n_users,) int64 number of interactions per user."""
        return read_only(np.bincount(self.users, minlength=self.n_users))

    def select(self, rows: np.ndarray) -> Dataset:
        """The same films and viewers with some of the rows (a mask or row numbers), order kept."""
        return replace(self, **{name: getattr(self, name)[rows] for name in COLUMNS})

    def compact(self) -> Dataset:
        """The same rows with only the users and films that have one, renumbered in the same order."""
        users, items = np.flatnonzero(self.user_counts), np.flatnonzero(self.item_counts)
        user_of, item_of = np.full(self.n_users, -1), np.full(self.n_items, -1)
        user_of[users], item_of[items] = np.arange(len(users)), np.arange(len(items))
        return replace(
            self,
            users=user_of[self.users],
            items=item_of[self.items],
            catalog=self.catalog.select(items),
            viewers=self.viewers.select(users),
        )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all that a model can learn from: an artifact belongs to exactly the data it was trained on.

        Titles are left out: correcting one changes no model.
        """
        digest = hashlib.sha256()
        attributes = self.viewers.attributes
        names = (self.catalog.genre_names, *(attribute.names for attribute in attributes))
        arrays = (
            *(self.catalog.ids.ids, self.catalog.years, self.catalog.genres, self.viewers.ids.ids),
            *(attribute.codes for attribute in attributes),
            *(self.users, self.items, self.ratings, self.timestamps),
        )
        digest.update(json.dumps(names).encode())
        for array in arrays:
            digest.update(str((array.shape, array.dtype.str)).encode())  # where one array ends and the next begins
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()
