"""What would change: a film removed or an opinion reversed, popular films counting less, a filter.

A list after the change is ranked by `recsys.serving.ranking` like any other: scores are changed or masked before that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from recsys.data.catalog import UNKNOWN_YEAR, Catalog
from recsys.data.dataset import RatingScale
from recsys.serving.lists import ModelList
from recsys.serving.new_user import Profile
from recsys.serving.ranking import NO_ITEM, allow_only, top_k


@dataclass(frozen=True)
class Question:
    """What is asked, in the index space of one data set.

    Args:
        drop: a film of the profile, as if it had never been rated.
        flip: a film of the profile, liked instead of disliked or the other way round.
        penalty: how much popularity counts against a film, 0 to 1.
        genres: films of any of these only; none of them means all films.
        years: first and last year of release that are allowed, or None.
    """

    drop: int | None = None
    flip: int | None = None
    penalty: float = 0.0
    genres: tuple[str, ...] = ()
    years: tuple[int, int] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return self == Question()

    @property
    def is_about_films(self) -> bool:
        """Whether the profile itself is changed."""
        return self.drop is not None or self.flip is not None


@dataclass(frozen=True)
class Move:
    """One film in two lists of one model.

    Args:
        item: film index.
        rank: its place after the change, from 1; None where it has none any more (filtered out, or rated).
        before: its place before, None where it had none.
    """

    item: int
    rank: int | None
    before: int | None

    @property
    def up(self) -> int:
        """Places gained; negative for places lost, 0 where there is nothing to compare."""
        return self.before - self.rank if self.rank is not None and self.before is not None else 0


@dataclass(frozen=True)
class Moves:
    """How a list of k films changes.

    Args:
        rows: the first k films after the change, in order.
        new: those of them that were not among the first k before.
        gone: films of the first k before that are not there any more, in their order before.
    """

    rows: tuple[Move, ...]
    new: frozenset[int]
    gone: tuple[Move, ...]

    @property
    def is_still(self) -> bool:
        """Whether the list is the same, place by place."""
        return not self.gone and not self.new and all(move.up == 0 for move in self.rows)


def flipped(stars: float, scale: RatingScale, relevance: float) -> float:
    """A like as the dislike as far from the middle of the scale, and a dislike as a like of at least `relevance`.

    On 1..5 with 4 as a like: 5 <-> 1, 4 <-> 2, and 3 becomes 4.
    """
    mirrored = scale.low + scale.high - stars
    return mirrored if stars >= relevance else max(mirrored, relevance)


def changed(profile: Profile, question: Question, scale: RatingScale, relevance: float) -> Profile:
    """The profile that is asked about; a film that it does not have changes nothing."""
    films = tuple(
        (item, flipped(stars, scale, relevance) if item == question.flip else stars)
        for item, stars in profile.films
        if item != question.drop
    )
    return replace(profile, films=films)


def span(catalog: Catalog) -> tuple[int, int] | None:
    """The first and the last year of release that are known; None where there are no two to choose between."""
    known = catalog.years[catalog.years != UNKNOWN_YEAR]
    return (int(known.min()), int(known.max())) if len(known) and known.min() != known.max() else None


def allowed(catalog: Catalog, question: Question) -> np.ndarray:
    """(I,) bool: the films that the filters leave; one of an unknown year passes no filter on years."""
    keep = np.ones(len(catalog), dtype=bool)
    if question.genres:
        keep &= catalog.genres[:, [name in question.genres for name in catalog.genre_names]].any(axis=1)
    if question.years is not None:
        first, last = question.years
        keep &= (catalog.years != UNKNOWN_YEAR) & (first <= catalog.years) & (catalog.years <= last)
    return keep


def penalised(scores: np.ndarray, counts: np.ndarray, penalty: float) -> np.ndarray:
    """(n,) float64: penalty * log(place by popularity) - log(place by score), places from 1 among these n films.

    -log(place / n) says how rare it is to stand so high, so a film keeps its surprise for this model less `penalty`
    times its surprise as a popular film. Places and not scores, because scores have tails: in units of their spread,
    EASE's first film stands eight above the middle and SVD's three (median of 15 users, ml-100k), so that one penalty
    meant something else in each. Logarithms and not places themselves, because it is among the first ten of a
    thousand that places have to count.

    Equal values share the mean of their places. A penalty below 1 leaves an order that is popularity's own as it is;
    at 1 nothing is left of it, and all its values are 0.

    Args:
        scores, counts: (n,) of the films that can be listed; counts are numbers of ratings.
        penalty: 0 to 1.
    """
    return penalty * np.log(_places(counts)) - np.log(_places(scores))


def _places(values: np.ndarray) -> np.ndarray:
    """(n,) float64 places from 1, the highest value first; equal values share the mean of theirs."""
    _, group, sizes = np.unique(-values.astype(np.float64), return_inverse=True, return_counts=True)
    return (np.cumsum(sizes) - (sizes - 1) / 2)[group]


def only_counts(full: ModelList, counts: np.ndarray) -> bool:
    """Whether a model's whole list is in the order of popularity, so that a full penalty leaves nothing of it.

    Args:
        full: all films that can be listed.
        counts: (I,) number of ratings per film.
    """
    return bool(np.array_equal(_places(full.scores), _places(counts[full.items])))


def reordered(full: ModelList, question: Question, catalog: Catalog, counts: np.ndarray) -> ModelList:
    """A model's whole list with the filters and the penalty of a question; the scores stay the model's own.

    Args:
        full: all films that can be listed, for the profile that is asked about.
        counts: (I,) number of ratings per film.
    """
    if question.penalty == 0 and not question.genres and question.years is None:
        return full
    n_items = len(catalog)
    position = np.zeros(n_items, dtype=np.int64)
    position[full.items] = np.arange(len(full.items))
    scores = np.zeros((1, n_items), dtype=np.float32)
    scores[0, full.items] = penalised(full.scores, counts[full.items], question.penalty)
    kept = full.items[allowed(catalog, question)[full.items]]
    order = top_k(allow_only(scores, np.zeros(len(kept), dtype=np.int64), kept), n_items).items[0]
    order = order[order != NO_ITEM]
    return replace(full, items=order, scores=full.scores[position[order]], is_hit=full.is_hit[position[order]])


def moves(before: ModelList, after: ModelList, k: int) -> Moves:
    """How the first k films change from one whole list to another."""
    was = {item: place for place, item in enumerate(before.items.tolist(), start=1)}
    now = {item: place for place, item in enumerate(after.items.tolist(), start=1)}
    first, then = before.items[:k].tolist(), after.items[:k].tolist()
    return Moves(
        rows=tuple(Move(item, now[item], was.get(item)) for item in then),
        new=frozenset(then) - frozenset(first),
        gone=tuple(Move(item, now.get(item), was[item]) for item in first if item not in set(then)),
    )
