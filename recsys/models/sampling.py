"""Negatives: films that a user has not rated."""

from __future__ import annotations

import numpy as np

from recsys.dataset import Dataset


class UnseenSampler:
    """Draws films uniformly among those that a user has no rating for in `train`.

    A user who has rated every film has no negatives; the draw then falls back to any film, and `has_unseen` says so.
    """

    def __init__(self, train: Dataset, seed: int) -> None:
        self._n_items = train.n_items
        self._random = np.random.default_rng(seed)
        # One sorted array of user * n_items + item: membership is a binary search, whatever the size of the data.
        self._seen = np.unique(train.users.astype(np.int64) * train.n_items + train.items)
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
        keys = users.astype(np.int64) * self._n_items + items
        place = np.minimum(np.searchsorted(self._seen, keys), len(self._seen) - 1)
        return self._seen[place] == keys
