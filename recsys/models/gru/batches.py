"""What the GRU reads and predicts in an epoch, and how viewers share its steps.

Two ways to share. `windows`: each history is cut into windows that start from an empty state, padded to one length.
`lanes`: session-parallel mini-batches as in Hidasi et al. (2016): viewers queue behind a few lanes, and a lane keeps
its state for as long as the same viewer is in it.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recsys.data.dataset import History


@dataclass(frozen=True, eq=False)
class UserSequence:
    """One viewer's share of an epoch.

    Args:
        films: (n,) the films read, in time order.
        targets: (n,) the film to predict after each of them.
        counts: (n,) bool: whether it is to be predicted at all.
    """

    films: np.ndarray
    targets: np.ndarray
    counts: np.ndarray

    def __len__(self) -> int:
        return len(self.films)

    def part(self, start: int, end: int) -> UserSequence:
        return UserSequence(self.films[start:end], self.targets[start:end], self.counts[start:end])


def draw_sequence(
    history: History, horizon: int, withheld: float, min_rating: float, random: np.random.Generator
) -> UserSequence:
    """What a viewer of two or more films gives to learn from, drawn anew each epoch.

    Args:
        horizon: a target is one of the next so many films.
        withheld: this share of the films is not read, and this share of the targets is one of those, early or late:
            what the viewer likes beside what usually comes next.
        min_rating: only targets with so many stars count.
    """
    last = len(history) - 1  # nothing comes after the last film: it is predicted, not read
    is_read = np.append(random.random(last) >= withheld, False)
    is_read[0] |= not is_read.any()
    places = np.flatnonzero(is_read)
    chosen = places + random.integers(1, np.minimum(horizon, last - places) + 1)  # near the end fewer are left
    unread = np.flatnonzero(~is_read & (history.ratings >= min_rating))
    if len(unread):
        chosen = np.where(random.random(len(places)) < withheld, random.choice(unread, len(places)), chosen)
    return UserSequence(history.items[places], history.items[chosen], history.ratings[chosen] >= min_rating)


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

    def put(self, row: int, start: int, sequence: UserSequence) -> None:
        """Write a sequence into a row, from place `start` on."""
        places = slice(start, start + len(sequence))
        self.items[row, places] = sequence.films + 1
        self.targets[row, places] = sequence.targets
        self.weights[row, places] = sequence.counts

    def in_chunks(self, length: int) -> Epoch:
        """(L, C * T) -> (C * L, T): the first chunk of every row, then the second of every row, and so on."""
        arrays = (self.items, self.targets, self.weights, self.begins)
        return Epoch(*(np.concatenate(np.split(a, a.shape[1] // length, axis=1)) for a in arrays))

    def scaled(self) -> Epoch:
        return Epoch(self.items, self.targets, self.weights / max(self.weights.mean(), 1e-9), self.begins)


def windows(sequences: Sequence[UserSequence], length: int, random: np.random.Generator) -> Epoch:
    """A row per window of at most `length` films.

    Lessons are cut at another place each time, so that no film is always first.
    """
    parts: list[UserSequence] = []
    for sequence in sequences:
        n = len(sequence)
        first = int(random.integers(1, length + 1)) if n > length else n
        parts += [sequence.part(start, end) for start, end in pairwise([0, *range(first, n, length), n])]
    epoch = Epoch.empty(len(parts), length)
    for row, part in enumerate(parts):
        epoch.put(row, 0, part)
    return epoch.scaled()


def lanes(sequences: Sequence[UserSequence], length: int, n_lanes: int, random: np.random.Generator) -> Epoch:
    """Rows to be fed `n_lanes` at a time and in this order: row j of each such batch goes on in lane j.

    Viewers queue in another order each time, and the next one takes the lane that is free first. Nothing is dropped:
    a lane without a next viewer reads nothing until the longest lane is through.

    A batch is a chunk of `length` steps, and the gradient reaches back to its start; the state comes from before it.
    The published code steps film by film, with a gradient over one step: the same lanes, but `length` times as many
    updates, each of which waits for the one before.
    """
    free = [(0, lane) for lane in range(n_lanes)]  # a heap of (step from which a lane is free, lane)
    entries: list[tuple[int, int, int]] = []
    for number in random.permutation(len(sequences)):
        step, lane = heapq.heappop(free)
        entries.append((int(number), lane, step))
        heapq.heappush(free, (step + len(sequences[number]), lane))
    n_chunks = -(-max(free)[0] // length)
    epoch = Epoch.empty(n_lanes, n_chunks * length)
    for number, lane, step in entries:
        epoch.put(lane, step, sequences[number])
        epoch.begins[lane, step] = 1.0
    return epoch.in_chunks(length).scaled()
