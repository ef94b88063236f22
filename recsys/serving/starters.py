"""Profiles to begin with: well-known films of a taste, so that a new user is one click away from the lists."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.data.catalog import Catalog
from recsys.data.dataset import RatingScale
from recsys.data.title_search import TitleIndex

_FEWEST, _MOST = 4, 6
"""So many liked films make a taste."""

Films = tuple[tuple[int, float], ...]
"""Film indices with stars, the oldest film first."""


@dataclass(frozen=True)
class Starter:
    """A taste in films, and its name for a button."""

    name: str
    films: Films


@dataclass(frozen=True)
class _Taste:
    """Titles as people say them, and the names that data sets have for the genre, where the titles are missing."""

    name: str
    liked: tuple[str, ...]
    disliked: tuple[str, ...]
    genre: tuple[str, ...] = ()


_TASTES = (
    _Taste(
        "Science fiction",
        ("Star Wars", "Alien", "Blade Runner", "The Terminator", "Aliens", "2001: A Space Odyssey"),
        ("Titanic", "Pretty Woman"),
        ("Sci-Fi",),
    ),
    _Taste(
        "Family films",
        ("Toy Story", "The Lion King", "Beauty and the Beast", "E.T. the Extra-Terrestrial", "The Wizard of Oz"),
        ("The Silence of the Lambs", "Pulp Fiction"),
        ("Children's", "Children"),
    ),
    _Taste(
        "Love stories",
        ("Casablanca", "When Harry Met Sally", "The Princess Bride", "Sense and Sensibility", "Titanic"),
        ("Braveheart", "Full Metal Jacket"),
        ("Romance",),
    ),
    _Taste(
        "Old classics",
        ("Citizen Kane", "Casablanca", "Rear Window", "12 Angry Men", "North by Northwest", "Psycho"),
        (),
    ),
)
HARD_TO_PLEASE = "Hard to please"


def starters(index: TitleIndex, scale: RatingScale) -> list[Starter]:
    """The tastes for which the catalogue has films, and somebody who likes none of the films that everybody knows."""
    found = [Starter(taste.name, films) for taste in _TASTES if (films := _films(taste, index, scale))]
    known = [(item, scale.low) for item in index.best_known(_MOST)]
    return [*found, Starter(HARD_TO_PLEASE, _by_year(known, index.catalog))] if known else found


def _films(taste: _Taste, index: TitleIndex, scale: RatingScale) -> Films:
    """By title; else the best-known films of the genre; none where there are too few for a taste."""
    liked = _having(taste.liked, index)
    if len(liked) < _FEWEST:
        liked = [item for name in taste.genre for item in index.best_known(_MOST, genre=name)]
    if len(liked) < _FEWEST:
        return ()
    disliked = [item for item in _having(taste.disliked, index) if item not in liked]
    stars = [*((item, scale.high) for item in liked), *((item, scale.low) for item in disliked)]
    return _by_year(stars, index.catalog)


def _having(titles: tuple[str, ...], index: TitleIndex) -> list[int]:
    """The best-known film whose title begins like each of these; subtitles differ between data sets."""
    return [item for title in titles if (item := index.beginning(title)) is not None]


def _by_year(films: list[tuple[int, float]], catalog: Catalog) -> Films:
    return tuple(sorted(films, key=lambda rated: (int(catalog.years[rated[0]]), rated[0])))
