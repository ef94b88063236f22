"""Somebody whom no model has seen: a few films with stars, in the order in which they were watched, and traits.

A profile travels as text, "50:5,181:3.5": raw film ids and stars. What comes in is data of strangers: bounded, and
whatever makes no sense is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from recsys.catalog import NO_TRAITS, Categorical, Traits, Viewers
from recsys.dataset import Dataset, History, RatingScale

MAX_FILMS = 50
MAX_TEXT = 100_000
"""Characters of a profile that are looked at."""
_MAX_ID_LENGTH = 12

Stars = tuple[tuple[int, float], ...]
"""Raw film ids with stars, oldest first."""


@dataclass(frozen=True)
class Profile:
    """A visitor in the index space of one data set.

    Args:
        films: (film index, stars), oldest first.
    """

    films: tuple[tuple[int, float], ...] = ()
    traits: Traits = NO_TRAITS

    def history(self) -> History:
        """What the models are asked with."""
        return History.of_visitor((item for item, _ in self.films), (stars for _, stars in self.films), self.traits)


def parse(given: str) -> Stars:
    """The films of "50:5,181:3.5", each once and at most MAX_FILMS; what is no film with stars is left out."""
    found: dict[int, float] = {}
    for part in given[:MAX_TEXT].split(","):
        film, _, stars = part.partition(":")
        if not (film.isascii() and film.isdigit() and len(film) <= _MAX_ID_LENGTH):
            continue
        try:
            value = float(stars) if len(stars) <= _MAX_ID_LENGTH else math.nan
        except ValueError:
            continue
        if math.isfinite(value) and value > 0:
            found.setdefault(int(film), value)
        if len(found) == MAX_FILMS:
            break
    return tuple(found.items())


def text(rated: tuple[int, float]) -> str:
    """One film with stars, as `parse` reads it."""
    return f"{rated[0]}:{rated[1]:g}"


def of_dataset(stars: Stars, dataset: Dataset) -> Stars:
    """Those of the films that the data set has, with stars that it has."""
    return tuple((film, value) for film, value in stars if film in dataset.catalog.ids and is_on(dataset.scale, value))


def carried(stars: Stars, source: Dataset, target: Dataset) -> Stars:
    """The films that both data sets have, by title and year, with the ids of the second."""
    known = {(title, int(year)): int(raw) for raw, title, year in _named(target)}
    labels = {int(raw): (title, int(year)) for raw, title, year in _named(source)}
    return of_dataset(tuple((known[labels[film]], value) for film, value in stars if labels.get(film) in known), target)


def _named(dataset: Dataset) -> Iterator[tuple[int, str, int]]:
    return zip(dataset.catalog.ids.ids, dataset.catalog.titles, dataset.catalog.years, strict=True)


def is_on(scale: RatingScale, value: float) -> bool:
    """Whether this many stars can be given."""
    steps = (value - scale.low) / scale.step
    return scale.low <= value <= scale.high and math.isclose(steps, round(steps), abs_tol=1e-6)


def traits(viewers: Viewers, gender: str, age: str, occupation: str) -> Traits:
    """Traits by the names that the data set has for them; any other name says nothing."""
    return Traits(
        _code(viewers.gender, gender),
        _code(viewers.age, age),
        _code(viewers.occupation, occupation),
    )


def _code(attribute: Categorical, name: str) -> int:
    return attribute.names.index(name) if name in attribute.names else 0
