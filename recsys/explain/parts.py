"""What an explanation is made of, and what all ways to find one need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np

from recsys.data.catalog import Catalog
from recsys.data.dataset import History
from recsys.serving.scorers import Unit


class Part(StrEnum):
    """The terms that several models share; the page gives them their names."""

    MEAN = "mean of all ratings"
    FILM = "film"
    PERSON = "person"
    TASTE = "taste"


@dataclass(frozen=True)
class Term:
    """One number with its name: a Part, or words to show as they are."""

    name: str
    value: float


@dataclass(frozen=True, eq=False)
class Films:
    """What each film of a history does for the score of another film.

    Args:
        items: (n,) film indices; those that the model does not read are not among them.
        values: (n,) shares of a sum; or what the score loses when that film alone is left out. Below 0: it pulls down.
        is_split: the values add up to a part of the score.
        rest: of a split: what the score holds beyond it, because the model has learnt more of a known user than
            their films alone say; of BPR, also what its solver leaves open (about 5 %, at times a quarter).
        n_unasked: the oldest films of the history, which the model reads but was not asked about: there are too many.
        is_loss: a value is what the score loses without that film alone. False where the others would take over a part
            of it, as the person's vector would be solved anew.
    """

    items: np.ndarray
    values: np.ndarray
    is_split: bool
    rest: float = 0.0
    n_unasked: int = 0
    is_loss: bool = True

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def order(self) -> np.ndarray:
        """(n,) positions, the film that lifts the score most first; ties keep the order of the history."""
        return np.argsort(-self.values, kind="stable")

    @property
    def first(self) -> int | None:
        """The film that is named first; None where there is none."""
        return int(self.items[self.order[0]]) if len(self) else None


@dataclass(frozen=True)
class Factor:
    """One axis of taste, and what it adds to the score.

    Args:
        place: from 1, the axis along which the films differ most.
        value: the person's coordinate times the film's.
        toward, away: well-known films at its two ends; the film that is explained lies towards the first.
    """

    place: int
    value: float
    toward: tuple[int, ...]
    away: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Reasons:
    """What carries a score.

    Args:
        method: how this was found, in plain words.
        terms: what adds up to the score, () where nothing does.
        films: what the person's films do, None where the model reads no films.
        factors: the axes of taste with the largest products.
        alone: what the score loses when this alone is made unknown.
    """

    method: str
    terms: tuple[Term, ...] = ()
    films: Films | None = None
    factors: tuple[Factor, ...] = ()
    alone: tuple[Term, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Explanation(Reasons):
    """Why a film has its score.

    Args:
        score: as the model gives it, in `unit`; stars may leave the scale.
        rank: place in the list of films not in the history, from 1; 0 where the film is in it.
        n_ranked: films in that list.
    """

    item: int
    unit: Unit
    score: float
    rank: int
    n_ranked: int

    def rows(self, catalog: Catalog) -> list[tuple[str, str, float]]:
        """What kind of part it is ("sum", "film" or "field"), its name and its value, as a table has them."""
        rows = [("sum", str(term.name), term.value) for term in self.terms]
        if self.films is not None:
            order = self.films.order
            named = zip(self.films.items[order], self.films.values[order], strict=True)
            rows += [("film", catalog.label(int(item)), float(value)) for item, value in named]
        return rows + [("field", str(term.name), term.value) for term in self.alone]


def place(scores: np.ndarray, history: History, item: int) -> tuple[int, int]:
    """Where a film stands among those that are not in the history (ties go to the lower index), and how many they are.

    Returns:
        The rank from 1, or 0 for a film of the history; and the number of films that are ranked.
    """
    is_open = np.ones(len(scores), dtype=bool)
    is_open[history.items] = False
    if not is_open[item]:
        return 0, int(is_open.sum())
    ahead = (scores > scores[item]) | ((scores == scores[item]) & (np.arange(len(scores)) < item))
    return int((ahead & is_open).sum()) + 1, int(is_open.sum())


def only(history: History, rows: np.ndarray | slice) -> History:
    """Some of the films of a history, in the same order."""
    return replace(
        history, items=history.items[rows], ratings=history.ratings[rows], timestamps=history.timestamps[rows]
    )


def without(history: History, position: int) -> History:
    """The history without one of its films."""
    return only(history, np.arange(len(history)) != position)
