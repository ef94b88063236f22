"""The fields that a click-through model sees of a user, a film and the moment (AutoInt+)."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys.data.catalog import Catalog
from recsys.data.dataset import Dataset, History

FIELDS = (
    "user", "gender", "age", "occupation", "zip area",
    "film", "film decade", "release year", "genre 1", "genre 2", "genre 3",
    "rating year", "rating month", "rating decade",
)  # fmt: skip
"""The order of the columns. In each field, 0 means unknown."""

UNKNOWN_OF_NEW_USER = (((0, 4), 1.0), ((1,), 0.4), ((2,), 0.4), ((3,), 0.4), ((11, 12, 13), 0.5))
"""Columns that a new user may leave unknown, together, and how often they do in training. The id and the area always
are; gender, age and occupation may be given; the moment is known for a user who was kept out of training."""

N_GENRE_FIELDS = 3
UNKNOWN = "unknown"
_FIRST_YEAR = 1900


@dataclass(frozen=True, eq=False)
class FieldTable:
    """Codes of all users, films and moments of one data set.

    Args:
        user_fields: (U, 5) int32.
        item_fields: (I, 6) int32.
        rating_years: the years in which films were rated in training, ascending.
        sizes: (F,) number of codes per field, 0 included.
    """

    user_fields: np.ndarray
    item_fields: np.ndarray
    rating_years: tuple[int, ...]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, dataset: Dataset, rating_years: tuple[int, ...]) -> FieldTable:
        attributes, n_genres = dataset.viewers.attributes, len(dataset.catalog.genre_names)
        user_columns = [np.arange(1, dataset.n_users + 1), *(attribute.codes for attribute in attributes)]
        user_fields, item_fields = np.column_stack(user_columns).astype(np.int32), _item_fields(dataset.catalog)
        sizes = (
            *(dataset.n_users + 1, *(len(attribute.names) for attribute in attributes)),
            *(dataset.n_items + 1, *(int(item_fields[:, column].max(initial=0)) + 1 for column in (1, 2))),
            *([n_genres + 1] * N_GENRE_FIELDS),
            *(len(rating_years) + 1, 13, len({year // 10 for year in rating_years}) + 1),
        )
        return cls(user_fields, item_fields, rating_years, sizes)

    def moments(self, timestamps: np.ndarray) -> np.ndarray:
        """(n, 3) int32 codes of rating year, month and decade; a year not seen in training is unknown."""
        times = np.asarray(timestamps, dtype="datetime64[s]")
        years = times.astype("datetime64[Y]").astype(int) + 1970
        months = times.astype("datetime64[M]").astype(int) % 12 + 1
        decades = sorted({year // 10 for year in self.rating_years})
        year_code = _position(years, self.rating_years)
        codes = np.stack([year_code, months, _position(years // 10, tuple(decades))], axis=1)
        return np.where(np.asarray(timestamps)[:, None] > 0, codes, 0).astype(np.int32)

    def pairs(self, users: np.ndarray, items: np.ndarray, timestamps: np.ndarray) -> np.ndarray:
        """(n, F) int32 codes of user-film pairs at a moment."""
        return np.hstack([self.user_fields[users], self.item_fields[items], self.moments(timestamps)])

    def all_films_for(self, history: History) -> np.ndarray:
        """(I, F) int32 codes: every film for one user, at the moment of the last known rating."""
        n_items, said = len(self.item_fields), history.demographics
        if history.user is None:
            user = np.array([0, said.gender, said.age, said.occupation, 0], dtype=np.int32)
        else:
            user = self.user_fields[history.user]
        now = self.moments(history.timestamps[-1:] if len(history) else np.zeros(1, dtype=np.int64))[0]
        return np.hstack([np.tile(user, (n_items, 1)), self.item_fields, np.tile(now, (n_items, 1))])


def names_of(codes: Sequence[int], dataset: Dataset, rating_years: Sequence[int]) -> dict[str, str]:
    """Field -> what its code stands for, in the order of FIELDS. Of somebody's area, only whether it is known."""
    viewers, catalog = dataset.viewers, dataset.catalog
    user, gender, age, occupation, area, film, decade, year, *genres, rated_year, month, rated_decade = codes
    decades = sorted({known // 10 for known in rating_years})
    names = [
        _name(user, viewers.ids.ids.tolist()),
        _name(gender, viewers.gender.names[1:]),
        _name(age, viewers.age.names[1:]),
        _name(occupation, viewers.occupation.names[1:]),
        "known" if area else UNKNOWN,
        _name(film, catalog.titles),
        f"{_FIRST_YEAR - 10 + 10 * decade}s" if decade else UNKNOWN,
        str(_FIRST_YEAR - 1 + year) if year else UNKNOWN,
        *(_name(genre, catalog.genre_names) for genre in genres),
        _name(rated_year, rating_years),
        _name(month, calendar.month_name[1:]),
        f"{decades[rated_decade - 1]}0s" if rated_decade else UNKNOWN,
    ]
    return dict(zip(FIELDS, names, strict=True))


def _name(code: int, names: Sequence[object]) -> str:
    """The name of a code, which counts from 1."""
    return str(names[code - 1]) if code else UNKNOWN


def years_of(timestamps: np.ndarray) -> tuple[int, ...]:
    """The calendar years of the known timestamps, ascending."""
    known = np.asarray(timestamps)[np.asarray(timestamps) > 0].astype("datetime64[s]")
    return tuple(int(year) + 1970 for year in np.unique(known.astype("datetime64[Y]").astype(int)))


def _item_fields(catalog: Catalog) -> np.ndarray:
    years = catalog.years.astype(int)
    known = years >= _FIRST_YEAR
    year_code = np.where(known, years - _FIRST_YEAR + 1, 0)
    decade_code = np.where(known, (years - _FIRST_YEAR) // 10 + 1, 0)
    genres = np.zeros((len(catalog), N_GENRE_FIELDS), dtype=np.int32)
    for item in range(len(catalog)):
        of_item = np.flatnonzero(catalog.genres[item])[:N_GENRE_FIELDS] + 1
        genres[item, : len(of_item)] = of_item
    return np.column_stack([np.arange(1, len(catalog) + 1), decade_code, year_code, genres]).astype(np.int32)


def _position(values: np.ndarray, known: tuple[int, ...]) -> np.ndarray:
    """1 + position of each value in ascending `known`, 0 where it is not there."""
    if not known:
        return np.zeros(len(values), dtype=int)
    table = np.asarray(known)
    place = np.minimum(np.searchsorted(table, values), len(table) - 1)
    return np.where(table[place] == values, place + 1, 0)
