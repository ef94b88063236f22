"""What a pairwise model compares: liked films, in rows of one user each, and films that this user has not rated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import Dataset

MAX_TABLE_BYTES = 2**30
"""A table of one bit per user and film answers ten times faster than a search, as long as it fits (8.6 thousand
million pairs; MovieLens 20M has 3.7)."""

DRAWN_TOGETHER = 2**22
"""Films that are drawn in one go: an epoch of 20 million ratings draws several hundred million."""

BLOCK = 2**18
"""Pairs that are looked up together: what this takes stays in the processor's cache."""


class UnseenSampler:
    """Draws films uniformly among those that a user has no rating for in `train`.

    A user who has rated every film has no negatives; the draw then falls back to any film, and `has_unseen` says so.
    """

    def __init__(self, train: Dataset, seed: int) -> None:
        self._n_items = train.n_items
        self._random = np.random.default_rng(seed)
        pairs = train.users.astype(np.int64) * train.n_items + train.items
        n_bytes = train.n_users * train.n_items // 8 + 1
        if n_bytes <= MAX_TABLE_BYTES:
            self._table: np.ndarray | None = np.zeros(n_bytes, dtype=np.uint8)
            np.bitwise_or.at(self._table, pairs >> 3, np.uint8(1) << (pairs & 7).astype(np.uint8))
        else:
            self._table, self._sorted = None, np.unique(pairs)  # membership is a binary search, whatever the size
        self.has_unseen = train.user_counts < train.n_items  # (U,)

    def draw(self, users: np.ndarray) -> np.ndarray:
        """(n,) int32: one film per entry of `users`, never one of the user's history."""
        drawn = self._random.integers(0, self._n_items, size=len(users), dtype=np.int64)
        redraw = np.flatnonzero(self._is_seen(users, drawn) & self.has_unseen[users])
        while len(redraw):
            drawn[redraw] = self._random.integers(0, self._n_items, size=len(redraw))
            redraw = redraw[self._is_seen(users[redraw], drawn[redraw])]
        return drawn.astype(np.int32)

    def _is_seen(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        is_seen = np.empty(len(users), dtype=bool)
        for start in range(0, len(users), BLOCK):
            block = slice(start, start + BLOCK)
            pairs = users[block].astype(np.int64) * self._n_items + items[block]
            if self._table is not None:
                is_seen[block] = self._table[pairs >> 3] >> (pairs & 7).astype(np.uint8) & 1
            else:
                place = np.minimum(np.searchsorted(self._sorted, pairs), len(self._sorted) - 1)
                is_seen[block] = self._sorted[place] == pairs
        return is_seen


@dataclass(frozen=True, eq=False)
class UserRows:
    """Films in rows of `width` places, every row of one user; a user with many films has several rows.

    A network that scores all films for the user of a row compares `width` of them at the price of one.

    Args:
        users: (R,) int32.
        items: (R, width) int32; 0 where a place is empty.
        weights: (R, width) float32, with mean 1 over the films; 0 where a place is empty.
        is_filled: (R, width) bool.
    """

    users: np.ndarray
    items: np.ndarray
    weights: np.ndarray
    is_filled: np.ndarray

    @classmethod
    def of(cls, users: np.ndarray, items: np.ndarray, weights: np.ndarray, width: int) -> UserRows:
        """Lay out (n,) users, films and weights."""
        order = np.argsort(users, kind="stable")
        counts = np.bincount(users)
        place = np.arange(len(users)) - np.repeat(np.cumsum(counts) - counts, counts)  # 0, 1, ... within a user
        n_rows = -(-counts // width)  # rows of each user
        row = np.repeat(np.cumsum(n_rows) - n_rows, counts) + place // width
        shape = (int(n_rows.sum()), width)
        laid_items, laid_weights = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.float32)
        is_filled = np.zeros(shape, dtype=bool)
        laid_items[row, place % width] = items[order]
        laid_weights[row, place % width] = weights[order] / weights.mean()
        is_filled[row, place % width] = True
        return cls(np.repeat(np.arange(len(counts)), n_rows).astype(np.int32), laid_items, laid_weights, is_filled)

    def __len__(self) -> int:
        return len(self.users)

    def draw(self, sampler: UnseenSampler, shape: tuple[int, ...]) -> np.ndarray:
        """(R, width, *shape) int32: unseen films for each film of the rows; 0 where a place is empty."""
        n_drawn = int(np.prod(shape))
        drawn = np.zeros((self.items.size, n_drawn), dtype=np.int32)
        filled = np.flatnonzero(self.is_filled)
        for start in range(0, len(filled), step := max(1, DRAWN_TOGETHER // n_drawn)):
            places = filled[start : start + step]
            users = np.repeat(self.users[places // self.items.shape[1]], n_drawn)
            drawn[places] = sampler.draw(users).reshape(-1, n_drawn)
        return drawn.reshape(*self.items.shape, *shape)
