"""What is known of a film before any model is asked: its ratings and its place among all films. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from recsys.data.catalog import Catalog
from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import Task
from recsys.ui.text import count, percent, stars


@dataclass(frozen=True, eq=False)
class Facts:
    """Of one film, from the ratings that the models know.

    Args:
        n: number of ratings that are known.
        mean: stars on average; NaN without any.
        mean_of_all: of all ratings of all films.
        levels, counts, counts_of_all: (L,) each number of stars, how often the film got it, how often all films did.
        place: from 1, by number of known ratings; films with as many share the best of their places.
        ranked: (m,) numbers of ratings of the films that have any, the most rated first.
        n_items: number of films.
        n_held_out: ratings of it that are hidden from the models.
    """

    n: int
    mean: float
    mean_of_all: float
    levels: np.ndarray
    counts: np.ndarray
    counts_of_all: np.ndarray
    place: int
    ranked: np.ndarray
    n_items: int
    n_held_out: int

    @classmethod
    def of(cls, task: Task, item: int) -> Facts:
        known, scale = task.known, task.known.scale
        own = known.ratings[known.items == item]
        levels = np.arange(scale.low, scale.high + scale.step / 2, scale.step)

        def counted(ratings: np.ndarray) -> np.ndarray:
            steps = np.round((ratings - scale.low) / scale.step).astype(int)
            return np.bincount(np.clip(steps, 0, len(levels) - 1), minlength=len(levels))

        return cls(
            n=len(own),
            mean=float(own.mean()) if len(own) else math.nan,
            mean_of_all=float(known.ratings.mean(dtype="float64")) if len(known) else math.nan,
            levels=levels,
            counts=counted(own),
            counts_of_all=counted(known.ratings),
            place=int((known.item_counts > len(own)).sum()) + 1,
            ranked=np.sort(known.item_counts[known.item_counts > 0])[::-1],
            n_items=known.n_items,
            n_held_out=int((task.held_out.items == item).sum()),
        )


def by_ratings(known: Dataset, item: int, n: int) -> list[int]:
    """The n most rated films, the most rated first, and this one in any case."""
    order = np.argsort(-known.item_counts, kind="stable")[:n].tolist()
    return order if item in order else [*order, item]


def labels(catalog: Catalog) -> list[str]:
    """(I,) title and year of each film; where two are called alike, their raw ids tell them apart."""
    names = [catalog.label(item) for item in range(len(catalog))]
    times = Counter(names)
    return [f"{name}, no. {catalog.ids.ids[item]}" if times[name] > 1 else name for item, name in enumerate(names)]


def head(facts: Facts, dataset: Dataset, item: int) -> str:
    """Genres and figures on one line, as plain text."""
    hidden = f", {facts.n_held_out:,} hidden" if facts.n_held_out else ""
    words = [*dataset.catalog.genres_of(item), f"{count(facts.n, 'known rating')}{hidden}"]
    return " · ".join([*words, f"{stars(facts.mean)} on average"] if facts.n else words)


def ratings_in_words(facts: Facts) -> tuple[str, str]:
    """What the histogram shows: a title and a sentence."""
    if not facts.n:
        are = "is" if facts.n_held_out == 1 else "are"
        hidden = f" {count(facts.n_held_out, 'rating')} of it {are} hidden from them." if facts.n_held_out else ""
        return "The models know no rating of it", f"All they can go by is what it is.{hidden}"
    top = int(np.argmax(facts.counts))
    difference = facts.mean - facts.mean_of_all
    beside = f"{abs(difference):.1f} {'more' if difference > 0 else 'less'} than"
    beside = beside if abs(difference) >= 0.05 else "as much as"
    said = f"On average {stars(facts.mean)}, {beside} all ratings of all films. The lines show how these are spread."
    most = f"More people gave it {level(facts.levels[top])} than anything else"
    return f"{most}: {facts.counts[top]:,} of {facts.n:,}", said


def place_in_words(facts: Facts) -> tuple[str, str]:
    """Where it stands among all films: a title and a sentence."""
    if not facts.n:
        return "No place on the popularity curve", "A film without a known rating has none."
    if facts.place == 1:
        return f"The most rated of {facts.n_items:,} films", "A few films get most of the ratings; this is one of them."
    share = 1 - int((facts.ranked >= facts.n).sum()) / facts.n_items
    return (
        f"Place {facts.place:,} of {facts.n_items:,} by number of known ratings",
        f"It has more of them than {percent(share)} of the films." if share > 0.005 else "Hardly any film has fewer.",
    )


def level(given: float) -> str:
    """A number of stars with its noun: "1 star", "3.5 stars"."""
    return f"{given:g} {'star' if given == 1 else 'stars'}"
