"""What the GRU reads and predicts in an epoch, and how viewers share its steps.

Two ways. `windows`: each history is cut into windows that start from an empty state, padded to one length. `lanes`:
session-parallel mini-batches as in Hidasi et al. (2016): viewers queue behind a few lanes, and a lane keeps its state
for as long as the same viewer is in it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recsys.dataset import Dataset, History

DrawTargets = Callable[[History], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Epoch:
    """N rows of T places.

    Args:
        items: (N, T) int32: the film read, index + 1; 0 = none.
        targets: (N, T) int32: the index of the film to predict.
        weights: (N, T) float32: above 0 where there is one; of mean 1, so that the loss is per target, not per place.
        begins: (N, T) float32: 1 where a viewer enters a lane.
    """

    items: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    begins: np.ndarray

    @classmethod
    def empty(cls, n_rows: int, length: int) -> Epoch:
        return cls(*(np.zeros((n_rows, length), dtype) for dtype in (np.int32, np.int32, np.float32, np.float32)))

    @property
    def n_targets(self) -> int:
        return int((self.weights > 0).sum())

    def put(self, row: int, start: int, films: np.ndarray, targets: np.ndarray, counts: np.ndarray) -> None:
        """Write what one viewer reads and what is to be predicted into a row, from place `start` on."""
        places = slice(start, start + len(films))
        self.items[row, places] = films + 1
        self.targets[row, places] = targets
        self.weights[row, places] = counts

    def in_chunks(self, length: int) -> Epoch:
        """(L, C * T) -> (C * L, T): the first chunk of every row, then the second of every row, and so on."""
        arrays = (self.items, self.targets, self.weights, self.begins)
        return Epoch(*(np.concatenate(np.split(a, a.shape[1] // length, axis=1)) for a in arrays))

    def scaled(self) -> Epoch:
        return Epoch(self.items, self.targets, self.weights / max(self.weights.mean(), 1e-9), self.begins)


def draw_targets(
    history: History, horizon: int, min_rating: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """For each film but the last: one of the next `horizon` films, and whether it has `min_rating` stars.

    Returns:
        (T - 1,) film indices and (T - 1,) bool.
    """
    places = np.arange(len(history) - 1)
    reach = np.minimum(horizon, len(history) - 1 - places)  # near the end fewer films are left
    chosen = places + random.integers(1, reach + 1)
    return history.items[chosen], history.ratings[chosen] >= min_rating


def windows(train: Dataset, targets_of: DrawTargets, length: int, random: np.random.Generator) -> Epoch:
    """A row per window of at most `length` films.

    Histories are cut at another place each time, so that no film is always first.
    """
    rows: list[list[np.ndarray]] = []  # films, targets, counts
    for user in np.flatnonzero(train.user_counts > 1):
        history = train.history(int(user))
        pairs = (history.items[:-1], *targets_of(history))
        n_pairs = len(history) - 1
        first = int(random.integers(1, length + 1)) if n_pairs > length else n_pairs
        cuts = [0, *range(first, n_pairs, length), n_pairs]
        rows += [[array[start:end] for array in pairs] for start, end in pairwise(cuts)]
    epoch = Epoch.empty(len(rows), length)
    for row, (films, targets, counts) in enumerate(rows):
        epoch.put(row, 0, films, targets, counts)
    return epoch.scaled()


def lanes(train: Dataset, targets_of: DrawTargets, length: int, n_lanes: int, random: np.random.Generator) -> Epoch:
    """Rows to be fed `n_lanes` at a time and in this order: row j of each such batch goes on in lane j.

    Viewers queue in another order each time, and the next one takes the lane that is free first. No pair of films is
    dropped: a lane without a next viewer reads nothing until the longest lane is through.

    A batch is a chunk of `length` steps, and the gradient reaches back to its start; the state comes from before it.
    The published code steps film by film, with a gradient over one step: the same lanes, but `length` times as many
    updates, each of which waits for the one before.
    """
    free = [(0, lane) for lane in range(n_lanes)]  # a heap of (step from which a lane is free, lane)
    entries = []
    for user in random.permutation(np.flatnonzero(train.user_counts > 1)):
        step, lane = heapq.heappop(free)
        entries.append((int(user), step, lane))
        heapq.heappush(free, (step + int(train.user_counts[user]) - 1, lane))
    n_chunks = -(-max(free)[0] // length)
    epoch = Epoch.empty(n_lanes, n_chunks * length)
    for user, step, lane in entries:
        history = train.history(user)
        epoch.put(lane, step, history.items[:-1], *targets_of(history))
        epoch.begins[lane, step] = 1.0
    return epoch.in_chunks(length).scaled()
