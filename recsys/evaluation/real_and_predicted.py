"""The table of the source articles: users as rows, films as columns, with the ratings and what models predict.

A rating that the models have learnt from does not test them, so it is kept apart from one that was held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from recsys.data.dataset import Dataset, RatingScale
from recsys.evaluation.protocols import Task
from recsys.serving.ranking import NO_ITEM, rank
from recsys.serving.scorers import Scorer, Unit

CLOSE = 0.5
"""Stars: a prediction that is no further from the rating is close."""


class Cell(IntEnum):
    """What is known of a user and a film."""

    UNRATED = 0
    KNOWN = 1  # the models have learnt from the rating
    HIDDEN = 2  # it was held out: the models have not seen it


@dataclass(frozen=True, eq=False)
class Table:
    """Real ratings of some users and films.

    Args:
        users: (R,) user indices.
        films: (C,) film indices.
        stars: (R, C) float32, NaN where there is no rating.
        kinds: (R, C) int8 of Cell.
    """

    users: np.ndarray
    films: np.ndarray
    stars: np.ndarray
    kinds: np.ndarray

    def first(self, n: int) -> Table:
        """The same users with the first n films only."""
        return Table(self.users, self.films[:n], self.stars[:, :n], self.kinds[:, :n])


def table(task: Task, users: np.ndarray, films: np.ndarray) -> Table:
    """Look up the ratings of these users and films, whichever part they are in."""
    stars = np.full((len(users), len(films)), np.nan, dtype=np.float32)
    kinds = np.full(stars.shape, Cell.UNRATED, dtype=np.int8)
    column_of = np.full(task.known.n_items, -1)
    column_of[films] = np.arange(len(films))
    for part, kind in ((task.known, Cell.KNOWN), (task.held_out, Cell.HIDDEN)):
        for row, user in enumerate(users.tolist()):
            rows = part.rows_of(user)
            columns = column_of[part.items[rows]]
            stars[row, columns[columns >= 0]] = part.ratings[rows[columns >= 0]]
            kinds[row, columns[columns >= 0]] = kind
    return Table(users, films, stars, kinds)


@dataclass(frozen=True, eq=False)
class Said:
    """What one model says of the cells of a table.

    Args:
        stars: (R, C) float32 predicted and clipped to the scale, or None where the model does not predict stars.
        places: (R, C) int64 of the film among those that the user does not know yet, from 1; 0 for a film whose
            rating the model has learnt from, which its lists leave out.
    """

    stars: np.ndarray | None
    places: np.ndarray

    def first(self, n: int) -> Said:
        """What it says of the first n films."""
        return Said(None if self.stars is None else self.stars[:, :n], self.places[:, :n])


def ask(scorer: Scorer, task: Task, of: Table, scale: RatingScale) -> Said:
    """One call of the scorer, with what it knows of each user of the table."""
    histories = task.known.histories(of.users.tolist())
    scores = scorer.score(histories)  # (R, I)
    order = rank(scores, histories, scorer.n_items).items
    places = np.zeros(scores.shape, dtype=np.int64)
    rows, positions = np.nonzero(order != NO_ITEM)
    places[rows, order[rows, positions]] = positions + 1
    stars = scale.clip(scores[:, of.films]) if scorer.unit is Unit.STARS else None
    return Said(stars, places[:, of.films])


def is_close(of: Table, predicted: np.ndarray, kind: Cell) -> np.ndarray:
    """(R, C) bool: the ratings of one kind that are at most CLOSE from the (R, C) predicted stars."""
    # 0.5 has to count as close, and in floating point 3.9 - 3.4 is slightly more.
    return (of.kinds == kind) & (np.abs(predicted - of.stars) <= CLOSE + 1e-4)


def close_shares(of: Table, predicted: np.ndarray, kind: Cell) -> np.ndarray:
    """(R,) float64 per user, the share of the ratings of one kind that are close; NaN for a user without any."""
    n, n_close = (of.kinds == kind).sum(axis=1), is_close(of, predicted, kind).sum(axis=1)
    return np.where(n > 0, n_close / np.maximum(n, 1), np.nan)


def found_in(of: Table, places: np.ndarray, k: int, relevance: float) -> tuple[int, int]:
    """Of the hidden ratings with at least `relevance` stars: how many have a place up to k, and how many there are."""
    liked = (of.kinds == Cell.HIDDEN) & (of.stars >= relevance)
    return int((liked & (places > 0) & (places <= k)).sum()), int(liked.sum())


# Which users, which films


def most_rated(task: Task, n: int) -> np.ndarray:
    """(n,) int64 the films with most known ratings; ties go to the lower index."""
    return np.argsort(-task.known.item_counts, kind="stable")[:n]


def hidden_from(task: Task, users: np.ndarray, n: int) -> np.ndarray:
    """(n,) int64 the films that are held out of most of these users; ties go to the film that more of them are known
    to have rated, then to the one that everybody has rated more often, then to the lower index."""
    held_out, known = (_counts(part, users) for part in (task.held_out, task.known))
    return np.lexsort((-task.known.item_counts, -known, -held_out))[:n]


def _counts(part: Dataset, users: np.ndarray) -> np.ndarray:
    """(I,) how many of these users have a rating of each film in one part."""
    items = [part.items[part.rows_of(user)] for user in users.tolist()]
    return np.bincount(np.concatenate([np.zeros(0, dtype=np.int32), *items]), minlength=part.n_items)


def with_all_rated(task: Task, users: np.ndarray, films: np.ndarray) -> np.ndarray:
    """(n,) int64 these films, then all others of which one of these users has a rating, known or held out, by index."""
    rated = (_counts(task.known, users) + _counts(task.held_out, users)) > 0
    rated[films] = False
    return np.concatenate([films, np.flatnonzero(rated)])


def hidden_films(task: Task, user: int, n: int) -> np.ndarray:
    """(n,) int64 the first n films that are held out of one user, oldest first."""
    return task.held_out.items[task.held_out.rows_of(user)[:n]].astype(np.int64)


def alike(known: Dataset, user: int, n: int) -> np.ndarray:
    """(n,) int64 the user, then those with the most similar set of films.

    Similar: films of both over films of either (Jaccard); ties go to the lower index.
    """
    theirs = np.unique(known.history(user).items)
    both = np.bincount(known.users, weights=np.isin(known.items, theirs), minlength=known.n_users)
    either = known.user_counts + len(theirs) - both
    similar = both / np.maximum(either, 1)
    similar[user] = np.inf
    return np.argsort(-similar, kind="stable")[:n]


def sample(known: Dataset, n: int, seed: int, films: Sequence[int] | np.ndarray = ()) -> np.ndarray:
    """(n,) int64 users at random, by index; drawn among those who have rated one of `films`, where enough have."""
    some = np.unique(known.users[np.isin(known.items, films)])
    pool = some if len(some) >= n else np.arange(known.n_users)
    return np.sort(np.random.default_rng(seed).permutation(pool)[:n]).astype(np.int64)
