"""Somebody whom no model has seen: a few films with stars, in the order in which they were watched, and demographics.

A profile travels as text, "50:5,181:3.5": raw film ids and stars. What comes in is data of strangers: bounded, and
whatever makes no sense is left out. How a model scores such a profile: `scorers.py` and `fold_in.py`.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from recsys.data.catalog import NO_DEMOGRAPHICS, UNKNOWN_YEAR, Demographics, Viewers
from recsys.data.dataset import Dataset, History, RatingScale
from recsys.data.reading import MAX_ID
from recsys.data.title_search import words_of
from recsys.errors import UsageError

MAX_FILMS = 50
MAX_TEXT = 100_000
"""Characters of a profile that are looked at."""
_LONGEST = len(str(MAX_ID))
_BETWEEN_PARTS = re.compile(r":\s|\s[-–]\s|\s?[()]\s?")
"""Of a title: a colon, a dash, and the parentheses around another name."""

Stars = tuple[tuple[int, float], ...]
"""Raw film ids with stars, oldest first."""


@dataclass(frozen=True)
class Profile:
    """A new user in the index space of one data set.

    Args:
        films: (film index, stars), oldest first.
    """

    films: tuple[tuple[int, float], ...] = ()
    demographics: Demographics = NO_DEMOGRAPHICS

    def history(self) -> History:
        """What the models are asked with."""
        return History.of_new_user(
            (item for item, _ in self.films), (stars for _, stars in self.films), self.demographics
        )


def history_of(films: Mapping[int, float], dataset: Dataset) -> History:
    """What the models are asked with for somebody who gave these films, raw ids, these stars, oldest first.

    Raises UsageError for a film that the data set does not have, and for stars that it does not have.
    """
    scale = dataset.scale
    for film, stars in films.items():
        if not is_on(scale, stars):
            raise UsageError(
                f"Stars go from {scale.low:g} to {scale.high:g} in steps of {scale.step:g}. "
                f"Received {stars!r} for film {film!r}."
            )
    return History.of_new_user([dataset.catalog.ids.index(film) for film in films], films.values())


def parse(given: str) -> Stars:
    """The films of "50:5,181:3.5", each once and at most MAX_FILMS; what is no film with stars is left out."""
    found: dict[int, float] = {}
    for part in given[:MAX_TEXT].split(","):
        film, _, stars = part.partition(":")
        if not (film.isascii() and film.isdigit() and len(film) <= _LONGEST):
            continue
        try:
            value = float(stars) if len(stars) <= _LONGEST else math.nan
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
    """The films that both data sets have, with the ids of the second and stars that it has."""
    same = _same_films(source, target)
    return of_dataset(tuple((same[film], value) for film, value in stars if film in same), target)


def _same_films(source: Dataset, target: Dataset) -> dict[int, int]:
    """Raw id -> raw id: films of the same title and year, then of the same year and a title that says as much.

    The whole title of one, without case, accents, articles and punctuation, has to be that of the other or its first or
    last part: "Star Wars" is "Star Wars: Episode IV - A New Hope" of the same year. Where two films could be meant, in
    either data set, none is.
    """
    known = {(film.title, film.year): film.raw for film in _named(target)}
    same = {film.raw: known[film.title, film.year] for film in _named(source) if (film.title, film.year) in known}
    taken = set(same.values())
    alike = _alike(
        [film for film in _named(source) if film.raw not in same],
        [film for film in _named(target) if film.raw not in taken],
    )
    of_source, of_target = (Counter(pair[side] for pair in alike) for side in (0, 1))
    return same | {first: second for first, second in alike if of_source[first] == 1 == of_target[second]}


class _Film(NamedTuple):
    raw: int
    title: str
    year: int


def _named(dataset: Dataset) -> Iterator[_Film]:
    catalog = dataset.catalog
    for raw, title, year in zip(catalog.ids.ids.tolist(), catalog.titles, catalog.years.tolist(), strict=True):
        yield _Film(raw, title, year)


def _alike(here: Sequence[_Film], there: Sequence[_Film]) -> set[tuple[int, int]]:
    """Pairs of raw ids: of one year, the whole title of one among the names of the other."""
    whole, named = defaultdict(set), defaultdict(set)
    for film in there:
        whole[film.year, _folded(film.title)].add(film.raw)
        for name in _names(film.title):
            named[film.year, name].add(film.raw)
    pairs: set[tuple[int, int]] = set()
    for film in here:
        if film.year == UNKNOWN_YEAR:
            continue
        found = named.get((film.year, _folded(film.title)), set()).union(
            *(whole.get((film.year, name), ()) for name in _names(film.title))
        )
        pairs |= {(film.raw, other) for other in found}
    return pairs


def _names(title: str) -> set[str]:
    """A title as a whole, its first part and its last one."""
    parts = [part for part in _BETWEEN_PARTS.split(title) if part]
    return {_folded(name) for name in (title, *parts[:1], *parts[-1:])} - {""}


def _folded(title: str) -> str:
    return " ".join(words_of(title))


def is_on(scale: RatingScale, value: float) -> bool:
    """Whether this many stars can be given."""
    steps = (value - scale.low) / scale.step
    return scale.low <= value <= scale.high and math.isclose(steps, round(steps), abs_tol=1e-6)


def demographics(viewers: Viewers, gender: str, age: str, occupation: str) -> Demographics:
    """Demographics by the names that the data set has for them; any other name says nothing."""
    said = ((viewers.gender, gender), (viewers.age, age), (viewers.occupation, occupation))
    return Demographics(*(known.names.index(name) if name in known.names else 0 for known, name in said))
