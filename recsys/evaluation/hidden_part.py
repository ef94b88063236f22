"""What a protocol keeps of one user and what it hides, in time order, and whose future the models have learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.evaluation.protocols import Ask, Task


@dataclass(frozen=True, eq=False)
class Cut:
    """One user's ratings under a protocol, oldest first.

    Args:
        items: (T,) film indices.
        stars: (T,) float32.
        times: (T,) int64 seconds since 1970.
        is_hidden: (T,) bool: held out; the models learn from the others.
        is_hit: (T,) bool: hidden, and counted as found where a list has it. None at all where no list is asked for.
        n_known: ratings of everybody that the models have learnt from.
        n_known_later: those of other users that were given after this user's first hidden one.
    """

    items: np.ndarray
    stars: np.ndarray
    times: np.ndarray
    is_hidden: np.ndarray
    is_hit: np.ndarray
    n_known: int
    n_known_later: int

    @property
    def n_hidden(self) -> int:
        return int(self.is_hidden.sum())

    @property
    def n_kept(self) -> int:
        return len(self.items) - self.n_hidden

    @property
    def n_filled_in(self) -> int:
        """Hidden ratings that are older than one of the user's own that is kept: gaps, not the future."""
        kept = self.times[~self.is_hidden]
        return int((self.times[self.is_hidden] < kept.max()).sum()) if len(kept) else 0


def cut_of(task: Task, user: int) -> Cut:
    """Put the two parts of a user's history together again; at one time, what is kept comes first."""
    known, held_out = task.known.history(user), task.held_out.history(user)
    times = np.concatenate([known.timestamps, held_out.timestamps])
    order = np.argsort(times, kind="stable")
    is_hidden = (np.arange(len(times)) >= len(known))[order]
    stars = np.concatenate([known.ratings, held_out.ratings])[order]
    is_hit = is_hidden & (stars >= task.relevance) & (Ask.LISTS in task.asks)
    later = 0
    if len(held_out):
        start = held_out.timestamps.min()
        later = int((task.known.timestamps > start).sum()) - int((known.timestamps > start).sum())
    items = np.concatenate([known.items, held_out.items])[order]
    return Cut(items, stars, times[order], is_hidden, is_hit, len(task.known), later)
