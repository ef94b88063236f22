"""Who gets each film from a model: every user is asked for all films in order."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import Dataset
from recsys.serving.ranking import recommend
from recsys.serving.scorers import Scorer

N_BEST = 5
_USERS, _FILMS = 64, 256
"""Handled at a time, so that memory does not grow with the data, except for the ranks, of two bytes each."""


@dataclass(frozen=True, eq=False)
class Reach:
    """Who gets each film, over all users, in the ranking of one model: films that a user has seen are left out.

    Args:
        top_10, top_100: (I,) number of users with the film among their first 10 and 100.
        middle: (I,) the rank that the film has, or betters, for half of the users; 0 where everybody has seen it.
        best_users: (I, 5) indices of the users with the best ranks, the best first; ties go to the lower index.
        best_ranks: (I, 5) their ranks, from 1; 0 where there is nobody.
    """

    top_10: np.ndarray
    top_100: np.ndarray
    middle: np.ndarray
    best_users: np.ndarray
    best_ranks: np.ndarray


def reach(scorer: Scorer, known: Dataset) -> Reach:
    """Rank all films for all users, as the app does, and count.

    Args:
        known: the ratings that the models know; they are the histories.
    """
    nobody = max(known.n_items, 100) + 1  # a rank that counts for none of the lists
    ranks = np.full((known.n_users, known.n_items), nobody, dtype=np.min_scalar_type(nobody))
    places = np.arange(1, known.n_items + 1, dtype=ranks.dtype)
    for start in range(0, known.n_users, _USERS):
        histories = known.histories(range(start, min(start + _USERS, known.n_users)))
        for row, items in enumerate(recommend(scorer, histories, known.n_items).items, start=start):
            listed = items[items >= 0]
            ranks[row, listed] = places[: len(listed)]
    n_best = min(N_BEST, known.n_users)
    middle = np.zeros(known.n_items, dtype=ranks.dtype)
    best_users = np.zeros((known.n_items, n_best), dtype=np.int64)
    best_ranks = np.zeros((known.n_items, n_best), dtype=ranks.dtype)
    for start in range(0, known.n_items, _FILMS):
        films = slice(start, start + _FILMS)
        of_film = np.ascontiguousarray(ranks[:, films].T)  # (F, U)
        order = np.argsort(of_film, axis=1, kind="stable")  # users by rank; equal ones by index
        n_listed = (of_film != nobody).sum(axis=1, keepdims=True)  # (F, 1)
        halfway = np.take_along_axis(order, np.maximum(n_listed - 1, 0) // 2, axis=1)
        middle[films] = np.take_along_axis(of_film, halfway, axis=1)[:, 0]
        best_users[films] = order[:, :n_best]
        best_ranks[films] = np.take_along_axis(of_film, order[:, :n_best], axis=1)
    return Reach(
        top_10=small((ranks <= 10).sum(axis=0)),
        top_100=small((ranks <= 100).sum(axis=0)),
        middle=small(np.where(middle == nobody, 0, middle)),
        best_users=small(best_users),
        best_ranks=small(np.where(best_ranks == nobody, 0, best_ranks)),
    )


def seconds_of_reach(scorer: Scorer, known: Dataset) -> float:
    """How long `reach` would take on this machine at this moment, by the time for some users."""
    some = np.linspace(0, known.n_users - 1, min(_USERS, known.n_users)).astype(int)
    histories = known.histories(some)
    recommend(scorer, histories[:1], known.n_items)  # the first answer of all also unpacks the model
    start = time.perf_counter()
    recommend(scorer, histories, known.n_items)
    return (time.perf_counter() - start) / len(some) * known.n_users


def small(numbers: np.ndarray) -> np.ndarray:
    """Whole numbers in as few bytes as they need."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))
