"""The only place where scores become lists: masking, top-k and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import History
from recsys.errors import UsageError
from recsys.serving.scorers import Scorer

NO_ITEM = -1
"""Fills a list that ran out of films."""


@dataclass(frozen=True, eq=False)
class TopK:
    """Recommendations, best first.

    Args:
        items: (B, k) int32 film indices; -1 where fewer than k films were left.
        scores: (B, k) float32; NaN where items is -1.
    """

    items: np.ndarray
    scores: np.ndarray


def check_k(k: int, n_items: int) -> None:
    """Raises UsageError unless 1 <= k <= n_items."""
    if not 1 <= k <= n_items:
        raise UsageError(f"k must be between 1 and {n_items}, the number of films. Received {k}.")


def mask(scores: np.ndarray, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
    """A copy of (B, I) scores with -inf at the places (row, item)."""
    masked = np.array(scores, dtype=np.float32)
    masked[rows, items] = -np.inf
    return masked


def allow_only(scores: np.ndarray, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
    """(B, I) -inf everywhere but at the places (row, item), which keep their scores."""
    allowed = np.full(scores.shape, -np.inf, dtype=np.float32)
    allowed[rows, items] = scores[rows, items]
    return allowed


def mask_seen(scores: np.ndarray, histories: Sequence[History]) -> np.ndarray:
    """A copy of (B, I) scores with -inf at the films of each history."""
    rows = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
    items = np.concatenate([np.zeros(0, dtype=np.int32), *(history.items for history in histories)])
    return mask(scores, rows, items)


def top_k(scores: np.ndarray, k: int) -> TopK:
    """The k highest of each row; ties go to the lower item index; -inf never appears.

    Raises UsageError where k is out of range, ValueError where a broken scorer gives NaN or +inf.

    Args:
        scores: (B, I) float; -inf marks what must not be recommended.
        k: 1..I.
    """
    n_items = scores.shape[1]
    check_k(k, n_items)
    if np.isnan(scores).any() or np.isposinf(scores).any():
        raise ValueError("scores must be finite, or -inf for masked films. Received NaN or +inf.")
    if k < n_items:
        items = np.sort(np.argpartition(-scores, k - 1, axis=1)[:, :k], axis=1)  # ascending index in each row
        # The partition may split a tie at the border either way: rows with one are filled up in index order.
        kth = np.take_along_axis(scores, items, axis=1).min(axis=1, keepdims=True)  # (B, 1)
        torn = np.flatnonzero((scores >= kth).sum(axis=1) > k)
        above, at = scores[torn] > kth[torn], scores[torn] == kth[torn]
        room = k - above.sum(axis=1, keepdims=True)
        items[torn] = np.nonzero(above | (at & (np.cumsum(at, axis=1) <= room)))[1].reshape(len(torn), k)
    else:
        items = np.broadcast_to(np.arange(n_items), scores.shape)
    values = np.take_along_axis(scores, items, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")  # stable: equal scores keep index order
    items = np.take_along_axis(items, order, axis=1).astype(np.int32)
    values = np.take_along_axis(values, order, axis=1).astype(np.float32)
    absent = np.isneginf(values)
    return TopK(np.where(absent, NO_ITEM, items).astype(np.int32), np.where(absent, np.nan, values))


def rank(scores: np.ndarray, histories: Sequence[History], k: int, *, exclude_seen: bool = True) -> TopK:
    """The k films on top of (B, I) scores, those of each history left out unless `exclude_seen` is off.

    Pages, command line and evaluation all come through here, so the numbers are those of the lists on screen.
    """
    return top_k(mask_seen(scores, histories) if exclude_seen else scores, k)


def recommend(scorer: Scorer, histories: Sequence[History], k: int, *, exclude_seen: bool = True) -> TopK:
    """The k films that a scorer puts first for each history."""
    return rank(scorer.score(histories), histories, k, exclude_seen=exclude_seen)
