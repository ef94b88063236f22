"""The official MovieLens data sets, from a folder or straight from the zip, as a Dataset.

Films and users are read here. Which layouts there are is in layouts.py, how millions of ratings are read in
ratings.py.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from recsys.data import reading
from recsys.data.catalog import AGE_BANDS, Catalog, Categorical, IdMap, Viewers, age_band
from recsys.data.dataset import COLUMNS, NO_ORDER, Dataset, latest_of_pairs, left_out_of
from recsys.data.movielens.archives import opened
from recsys.data.movielens.layouts import DataFile, Place, find_place, wrong_count
from recsys.data.movielens.ratings import read_ratings
from recsys.data.movielens.titles import parse_title
from recsys.data.reading import MAX_FILM_GENRES, MAX_FILMS, MAX_GENRES, MAX_OCCUPATIONS, MAX_USERS, shown
from recsys.errors import DataError

# fmt: off
OCCUPATIONS_1M = (
    "other", "academic/educator", "artist", "clerical/admin", "college/grad student", "customer service",
    "doctor/health care", "executive/managerial", "farmer", "homemaker", "K-12 student", "lawyer", "programmer",
    "retired", "sales/marketing", "scientist", "self-employed", "technician/engineer", "tradesman/craftsman",
    "unemployed", "writer",
)
"""By the number that users.dat has (README of MovieLens 1M)."""
# fmt: on

CSV_NAMES = ("ml-20m", "ml-25m", "ml-32m", "ml-latest", "ml-latest-small")
CSV_NAME_BY_RATINGS = {20_000_263: "ml-20m", 25_000_095: "ml-25m", 32_000_204: "ml-32m", 100_836: "ml-latest-small"}
FILM_HEADER = ["movieId", "title", "genres"]
NO_GENRES = "(no genres listed)"


def load(path: Path, *, name: str | None = None) -> Dataset:
    """Read a MovieLens folder or zip. Raises DataError, which names the file, perhaps the line, and what to do.

    Args:
        path: the folder that has the files, one that has them in a single subfolder, or the zip.
        name: the data set's name; by default what the files say ("ml-100k", "ml-25m", ..., else "movielens").
    """
    with opened(path) as store:
        place = find_place(store)
        catalog = _read_films(place)
        viewers = _read_viewers(place) if place.layout.users else None
        table = read_ratings(place, catalog.ids, viewers.ids if viewers else None)
    notes, columns = [], {name: getattr(table, name) for name in COLUMNS}
    rows = latest_of_pairs(table.users, table.items, table.timestamps)
    if n_dropped := len(table) - len(rows):
        columns = {name: column[rows] for name, column in columns.items()}
        notes.append(left_out_of(n_dropped))
    dataset = Dataset(
        name=name or _name_of(place, len(table)),
        **columns,
        catalog=catalog,
        viewers=viewers or Viewers.anonymous(table.user_ids),
        scale=place.layout.scale,
    )
    if not dataset.is_timed:
        notes.insert(0, NO_ORDER if table.is_timed else "There are no timestamps: nothing here is ordered in time.")
    return replace(dataset, notes=tuple(notes))


def layout_of(path: Path) -> str | None:
    """The layout whose files a folder or zip has ("movielens" for the csv ones); None where there is none."""
    try:
        with opened(path) as store:
            return find_place(store).layout.name
    except DataError:
        return None


def _name_of(place: Place, n_ratings: int) -> str:
    """The csv layout is that of many data sets: the folder's name or the number of ratings tells which."""
    if place.layout.name != "movielens":
        return place.layout.name
    if place.folder_name in CSV_NAMES:
        return place.folder_name
    return CSV_NAME_BY_RATINGS.get(n_ratings, "movielens")


class _Film(NamedTuple):
    line: int
    raw_id: int
    title: str
    genres: list[str]


class _Viewer(NamedTuple):
    line: int
    raw_id: int
    gender: str
    age: int
    occupation: str
    zip_code: str


_Row = TypeVar("_Row", _Film, _Viewer)


def _by_id(file: DataFile, what: str, rows: Iterator[_Row], most: int) -> dict[int, _Row]:
    """Films or users in file order, each there once."""
    by_id: dict[int, _Row] = {}
    for row in rows:
        if len(by_id) == most:
            with file.faults():
                reading.at_most(most, most + 1 + sum(1 for _ in rows), f"{what}s")
        first = by_id.setdefault(row.raw_id, row)
        if first is not row:
            raise file.fault(f"{what} {row.raw_id} appears twice, first in line {first.line}.", row.line)
    return by_id


def _read_films(place: Place) -> Catalog:
    file = place.file(place.layout.films)
    if place.layout.genres:
        named = place.file(place.layout.genres)
        names = [reading.shown_as(fields[0]) for _, fields in named.records("|", 2)]
        genre_names = [name for name in _names(named, "genre", MAX_GENRES, names) if name != "unknown"]
        films = _by_id(file, "film", _films_with_flags(file, names), MAX_FILMS)
    else:
        films = _by_id(file, "film", _films_with_names(file), MAX_FILMS)
        genre_names = sorted(
            _names(file, "genre", MAX_GENRES, (name for film in films.values() for name in film.genres))
        )
    if not films:
        raise file.fault("there is no film in the file.")
    with file.faults():
        reading.at_most(MAX_FILM_GENRES, len(films) * len(genre_names), "pairs of a film and a genre")
    titles, years = zip(*(_title_and_year(film) for film in films.values()), strict=True)
    genres = np.zeros((len(films), len(genre_names)), dtype=bool)
    column_of = {name: column for column, name in enumerate(genre_names)}
    for row, film in zip(genres, films.values(), strict=True):
        row[[column_of[name] for name in film.genres if name in column_of]] = True
    return Catalog(IdMap(np.array(list(films))), titles, np.array(years), genres, tuple(genre_names))


def _title_and_year(film: _Film) -> tuple[str, int]:
    """One without a title is called by its id, as people choose films by their names."""
    title, year = parse_title(film.title)
    return f"Film {film.raw_id} (no title)" if reading.is_blank(title) else title, year


def _names(file: DataFile, what: str, most: int, names: Iterable[str]) -> list[str]:
    """Different names of categories, as they come, before anything is built of so many."""
    different = list(dict.fromkeys(names))
    with file.faults():
        reading.at_most(most, len(different), f"different {what}s")
        return [reading.checked_name(what, name) for name in different]


def _films_with_flags(file: DataFile, genre_names: list[str]) -> Iterator[_Film]:
    """u.item: id, title, two dates, a link, then a 0 or 1 per genre of u.genre."""
    for line, fields in file.records("|", 5 + len(genre_names)):
        flags = fields[5:]
        if not set(flags) <= {"0", "1"}:
            raise file.fault(f"a genre is marked by 0 or 1. Received {shown('|'.join(flags))}.", line)
        genres = [name for name, flag in zip(genre_names, flags, strict=True) if flag == "1"]
        yield _film(file, line, fields[0], fields[1], genres)


def _films_with_names(file: DataFile) -> Iterator[_Film]:
    """movies.dat: id::title::genre|genre; movies.csv: id,title,genre|genre"""
    records = _csv_records(file) if file.path.suffix == ".csv" else file.records("::", 3)
    for line, (item_id, title, genres) in records:
        names = [] if genres == NO_GENRES else [genre for genre in reading.shown_as(genres).split("|") if genre]
        yield _film(file, line, item_id, title, names)


def _film(file: DataFile, line: int, item_id: str, title: str, genres: list[str]) -> _Film:
    with file.faults(line):
        return _Film(line, reading.identity("film id", item_id), reading.checked_name("title", title), genres)


def _csv_records(file: DataFile) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and fields below the header; a title with a comma is in quotation marks."""
    is_header = True
    for line, text in file.lines():
        try:
            fields = reading.cells_of(text, ",")
        except csv.Error as error:
            is_open = "unexpected end" in str(error)
            problem = "a quotation mark is not closed" if is_open else f"not a csv line ({error})"
            raise file.fault(f"{problem}. Received {shown(text)}.", line) from None
        if is_header and fields != FILM_HEADER:
            raise file.fault(f"expected the header {','.join(FILM_HEADER)}. Received {shown(text)}.", line)
        if len(fields) != len(FILM_HEADER):
            raise file.fault(wrong_count(len(FILM_HEADER), ",", text, len(fields)), line)
        if not is_header:
            yield line, fields
        is_header = False


def _read_viewers(place: Place) -> Viewers:
    """All users in file order."""
    file = place.file(place.layout.users)
    if place.layout.users == "u.user":
        viewers = _by_id(file, "user", _viewers_100k(file), MAX_USERS)
        said = (viewer.occupation for viewer in viewers.values() if viewer.occupation)
        occupations = sorted(_names(file, "occupation", MAX_OCCUPATIONS, said))
    else:
        viewers = _by_id(file, "user", _viewers_1m(file), MAX_USERS)
        occupations = list(OCCUPATIONS_1M)
    rows = viewers.values()
    genders = {"F": "female", "M": "male"}
    return Viewers(
        ids=IdMap(np.array(list(viewers))),
        gender=Categorical.from_values((genders.get(row.gender, "") for row in rows), genders.values()),
        age=Categorical.from_values((age_band(row.age) for row in rows), AGE_BANDS),
        occupation=Categorical.from_values((row.occupation for row in rows), occupations),
        zip_area=Categorical.from_values((_zip_area(row.zip_code) for row in rows), (*"0123456789", "other")),
    )


def _viewers_100k(file: DataFile) -> Iterator[_Viewer]:
    """u.user: id|age|gender|occupation|zip code"""
    for line, (user_id, age, gender, occupation, zip_code) in file.records("|", 5):
        with file.faults(line):
            user, years = reading.identity("user id", user_id), reading.age(age)
        yield _Viewer(line, user, gender, years, reading.shown_as(occupation), zip_code)


def _viewers_1m(file: DataFile) -> Iterator[_Viewer]:
    """users.dat: id::gender::start of the age band::number of the occupation::zip code"""
    for line, (user_id, gender, age, occupation, zip_code) in file.records("::", 5):
        with file.faults(line):
            user, years = reading.identity("user id", user_id), reading.age(age)
            number = reading.whole("occupation", occupation)
        if number >= len(OCCUPATIONS_1M):
            raise file.fault(f"an occupation is 0 to {len(OCCUPATIONS_1M) - 1}. Received {number}.", line)
        yield _Viewer(line, user, gender, years, OCCUPATIONS_1M[number], zip_code)


def _zip_area(zip_code: str) -> str:
    """The first digit (a group of US states); letters are another country's."""
    first = zip_code.strip()[:1]
    return first if first in "0123456789" else "other"
