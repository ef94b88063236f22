"""The official MovieLens layouts, from a folder or straight from the zip, as a Dataset.

    layout         ratings      separator  films       users      text     stars
    ml-100k        u.data       tab        u.item      u.user     latin-1  1, 2 ... 5
    ml-1m          ratings.dat  ::         movies.dat  users.dat  latin-1  1, 2 ... 5
    ml-1m-untimed  ratings.csv  comma      movies.dat  users.dat  latin-1  1, 2 ... 5, no timestamps
    ml-10m         ratings.dat  ::         movies.dat  -          utf-8    0.5, 1 ... 5
    20M and later  ratings.csv  comma      movies.csv  -          utf-8    0.5, 1 ... 5

The files that are present decide the layout, never a folder's or an archive's name. Ratings are parsed in blocks of
whole lines by pandas' C engine, which bounds the memory; a block that fails is read again line by line, only to say
what is wrong with which line.
"""

from __future__ import annotations

import codecs
import csv
import html
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, NoReturn

import numpy as np
import pandas as pd

from recsys.catalog import AGE_BANDS, UNKNOWN_YEAR, Catalog, Categorical, IdMap, Viewers, age_band
from recsys.dataset import Dataset, RatingScale
from recsys.errors import DataError

BLOCK_BYTES = 8 << 20
MAX_TEXT_BYTES = 64 << 20  # the largest official film file has 4 MB
MAX_RATINGS_BYTES = 2 << 30  # the largest official ratings file has 0.9 GB
MAX_RATINGS = 50_000_000  # the largest official data set has 33.8 million
MAX_LINE_BYTES = 1 << 12
MAX_MEMBERS = 1_000
MAX_TIMESTAMP = 10**11  # the year 5138: whoever writes milliseconds is told so
MAX_EXPANSION = 100  # the official zips expand 4 to 6 times; a bomb does 1,000 times

OFFICIAL_SITE = "https://grouplens.org/datasets/movielens/"
MEND_LINE = f"Correct the line, or take the file from the original zip again ({OFFICIAL_SITE})."
MEND_FILE = f"Take the original zip again ({OFFICIAL_SITE})."

WHOLE_STARS = RatingScale(1.0, 5.0, 1.0)
HALF_STARS = RatingScale(0.5, 5.0, 0.5)

OCCUPATIONS_1M = (
    "other",
    "academic/educator",
    "artist",
    "clerical/admin",
    "college/grad student",
    "customer service",
    "doctor/health care",
    "executive/managerial",
    "farmer",
    "homemaker",
    "K-12 student",
    "lawyer",
    "programmer",
    "retired",
    "sales/marketing",
    "scientist",
    "self-employed",
    "technician/engineer",
    "tradesman/craftsman",
    "unemployed",
    "writer",
)
"""By the number that users.dat has (README of MovieLens 1M)."""

CSV_NAMES = ("ml-20m", "ml-25m", "ml-32m", "ml-latest", "ml-latest-small")
CSV_NAME_BY_RATINGS = {20_000_263: "ml-20m", 25_000_095: "ml-25m", 32_000_204: "ml-32m", 100_836: "ml-latest-small"}
NO_GENRES = "(no genres listed)"


# ------------------------------------------------------------------------------------------------------------ public


def load(path: Path, *, name: str | None = None) -> Dataset:
    """Read a MovieLens folder or zip.

    Args:
        path: the folder that has the files, one that has them in a single subfolder, or the zip.
        name: the data set's name; by default what the files say ("ml-100k", "ml-25m", ..., else "movielens").

    Raises:
        DataError: naming the file, the line where there is one, and what to do.
    """
    with _opened(Path(path)) as store:
        place = _find(store)
        layout = place.layout
        catalog = layout.read_films(place)
        viewers = layout.read_viewers(place) if layout.read_viewers else None
        table = _read_ratings(place, catalog.ids, viewers.ids if viewers else None)
    notes = [] if table.is_timed else ["There are no timestamps: nothing here is ordered in time."]
    name = name or _default_name(place, len(table.items))
    kept = _latest_of_each_pair(table)
    if kept is not None:
        n_dropped = len(table.items) - len(kept)
        notes.append(f"{_count(n_dropped, 'duplicate rating')} left out: the latest of a user for a film counts.")
        table = table.take(kept)
    return Dataset(
        name=name,
        users=table.users,
        items=table.items,
        ratings=table.ratings,
        timestamps=table.timestamps,
        catalog=catalog,
        viewers=viewers or Viewers.anonymous(table.user_ids),
        scale=layout.scale,
        notes=tuple(notes),
    )


def layout_of(path: Path) -> str | None:
    """The layout whose files a folder or zip has ("movielens" for the csv ones); None where there is none."""
    try:
        with _opened(Path(path)) as store:
            return _find(store).layout.name
    except DataError:
        return None


def parse_title(text: str) -> tuple[str, int]:
    """Title as people say it, and the year (0 where there is none).

    "City of Lost Children, The (Cité des enfants perdus, La) (1995)"
    -> ("The City of Lost Children (La Cité des enfants perdus)", 1995)
    """
    text = " ".join(html.unescape(text).split() if "&#" in text else text.split())
    year = UNKNOWN_YEAR
    found = _YEAR.search(text)
    if found and found.start() and 1850 <= int(found[1]) <= 2100:
        year, text = int(found[1]), text[: found.start()]
    groups: list[str] = []
    while text.endswith(")") and (start := text.rfind("(")) > 0 and ")" not in text[start:-1]:
        groups.insert(0, text[start + 1 : -1].strip())
        text = text[:start].rstrip()
    shown = (f"({_article_first(group)})" for group in groups if group not in _MEDIA)
    return " ".join([_article_first(text), *shown]), year


# ------------------------------------------------------------------------------------------------------------ titles

# "(1999)", "(2006–2007)", "(2014– )", and IMDb's mark of a video or TV film behind the year: "(1995) (V)"
_YEAR = re.compile(r"\s*\((\d{4})(?:\s*[-–]\s*(?:\d{4})?)?\s*\)(?:\s*\((?:V|TV)\))?$")
_MEDIA = ("V", "TV", "")
_ARTICLES = (
    "The|An|A|Les|Le|La|L['’]|Une|Un|Das|Der|Die|Den|Det|De|Ein|Eine|El|Los|Las|Lo|Il|I|Gli|Una|Uno|O|Os|As|En|Ett|Het"
)
_MOVED_ARTICLE = re.compile(rf"(a\.k\.a\.? )?(.+), ({_ARTICLES})")


def _article_first(text: str) -> str:
    """ "Matrix, The" -> "The Matrix"; "Avventura, L'" -> "L'Avventura"."""
    match = _MOVED_ARTICLE.fullmatch(text)
    if match is None:
        return text
    known_as, rest, article = match[1] or "", match[2], match[3]
    space = "" if article[-1] in "'’" else " "
    return known_as + article + space + rest


# ------------------------------------------------------------------------------------------------- folders and zips


class _Folder:
    """Files on disk, also those one folder down."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.members = frozenset(_names_in(path))
        except OSError as error:
            raise DataError(
                f"the folder cannot be read ({error.strerror}).", file=path, remedy="Check its permissions."
            ) from None

    @contextmanager
    def open(self, member: str, max_bytes: int) -> Iterator[IO[bytes]]:
        file = self.path / member
        try:
            with file.open("rb") as stream:
                if file.stat().st_size > max_bytes:
                    raise _too_large(file, max_bytes)
                yield stream
        except OSError as error:
            raise DataError(
                f"the file cannot be read ({error.strerror}).", file=file, remedy="Check its permissions."
            ) from None


def _names_in(folder: Path) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_file():
            yield entry.name
        elif entry.is_dir() and not entry.name.startswith("."):
            yield from (f"{entry.name}/{child.name}" for child in entry.iterdir() if child.is_file())


class _CappedFile(io.FileIO):
    """Reads no more than a block at once: zipfile would take in a table of contents of any size."""

    def read(self, size: int | None = -1, /) -> bytes:  # type: ignore[override]
        if size is not None and size > BLOCK_BYTES:
            raise zipfile.BadZipFile("the table of contents is too large")
        return super().read(-1 if size is None else size) or b""


class _Archive:
    """A zip's members, read in place: nothing is ever unpacked, so no member's name can lead anywhere."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path, self._archive = path, archive
        if len(archive.filelist) > MAX_MEMBERS:
            raise DataError(
                f"the zip has {len(archive.filelist)} members, a MovieLens zip fewer than {MAX_MEMBERS}.",
                file=path,
                remedy=MEND_FILE,
            )
        for member in archive.namelist():
            parts = PurePosixPath(member.replace("\\", "/")).parts
            leads_out = ".." in parts or member.startswith(("/", "\\")) or member[1:2] == ":"
            if leads_out or not member.isprintable():
                raise DataError(f"the zip has a member with an unsafe name: {member!r}.", file=path, remedy=MEND_FILE)
        self.members = frozenset(archive.namelist())

    @contextmanager
    def open(self, member: str, max_bytes: int) -> Iterator[IO[bytes]]:
        info, file = self._archive.getinfo(member), self.path / member
        if info.file_size > max_bytes:
            raise _too_large(file, max_bytes)
        # zipfile never gives out more than the declared size, so the declaration is a bound.
        if info.file_size > max(1 << 20, MAX_EXPANSION * info.compress_size):
            raise DataError(
                f"{info.compress_size:,} bytes would expand to {info.file_size:,}: a zip bomb.",
                file=file,
                remedy=MEND_FILE,
            )
        if info.flag_bits & 1:
            raise DataError("the member is encrypted.", file=file, remedy="Make a zip without a password.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(
                f"compression method {info.compress_type} is not supported.",
                file=file,
                remedy="Make a zip with the usual method, deflate.",
            )
        try:
            with self._archive.open(info) as stream:
                yield stream
        except (*_ZIP_FAULTS, UnicodeDecodeError) as error:
            raise DataError(_damaged(error), file=file, remedy=MEND_FILE) from None


_Store = _Folder | _Archive
_ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError)


@contextmanager
def _opened(path: Path) -> Iterator[_Store]:
    if path.is_dir():
        yield _Folder(path)
    elif not path.exists():
        raise DataError("there is no such file or folder.", file=path, remedy="Check the path.")
    else:
        with _zip_opened(path) as archive:
            yield _Archive(path, archive)


@contextmanager
def _zip_opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        file = _CappedFile(path)
    except OSError as error:
        raise DataError(
            f"the file cannot be read ({error.strerror}).", file=path, remedy="Check its permissions."
        ) from None
    with file:
        start = file.read(4)
        try:
            archive = zipfile.ZipFile(file)
        except (*_ZIP_FAULTS, ValueError) as error:
            if start[:2] == b"PK":
                problem = _damaged(error)
            else:
                problem = "the file is not a zip." if start else "the file is empty."
            raise DataError(problem, file=path, remedy=f"Give a MovieLens folder or zip ({OFFICIAL_SITE}).") from None
        with archive:
            yield archive


def _damaged(error: Exception) -> str:
    return f"the zip is damaged or cut short ({str(error) or 'it ends early'})."


def _too_large(file: Path, max_bytes: int) -> DataError:
    return DataError(f"the file is larger than {max_bytes:,} bytes.", file=file, remedy=MEND_FILE)


# ----------------------------------------------------------------------------------------------------- finding files


@dataclass(frozen=True)
class _Layout:
    """One row of the table in the module's docstring.

    Args:
        name: the data set's name, where the layout has a single one.
        files: what must be there, the ratings first.
        separator: between the fields of a rating.
        encoding: of titles and users.
    """

    name: str
    files: tuple[str, ...]
    separator: bytes
    encoding: str
    scale: RatingScale
    read_films: Callable[[_Place], Catalog]
    read_viewers: Callable[[_Place], Viewers] | None = None


@dataclass(frozen=True)
class _Place:
    """Where a layout's files are: a folder or zip, and a folder in it ("" or "ml-100k/")."""

    store: _Store
    prefix: str
    layout: _Layout

    @property
    def folder_name(self) -> str:
        """The name of the folder that directly holds the files; "" for the top of a zip."""
        if self.prefix:
            return self.prefix.rstrip("/")
        return self.store.path.name if isinstance(self.store, _Folder) else ""

    def file(self, name: str) -> Path:
        """How error messages call a file; inside of a zip as if that were a folder."""
        return self.store.path / (self.prefix + name)

    def fault(self, name: str, line: int, problem: str) -> DataError:
        return DataError(problem, file=self.file(name), line=line, remedy=MEND_LINE)

    def open(self, name: str, max_bytes: int) -> AbstractContextManager[IO[bytes]]:
        return self.store.open(self.prefix + name, max_bytes)

    def lines(self, name: str) -> list[str]:
        """The lines of a small text file, without line ends. A byte order mark wins over the layout's encoding."""
        with self.open(name, MAX_TEXT_BYTES) as stream:
            raw = stream.read(MAX_TEXT_BYTES)  # with a size, so that a zip's false declaration cannot expand further
        encoding = "utf-8" if raw.startswith(codecs.BOM_UTF8) else self.layout.encoding
        raw = raw.removeprefix(codecs.BOM_UTF8)
        if not raw.strip():
            raise DataError("the file is empty.", file=self.file(name), remedy=MEND_FILE)
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            hint = " MovieLens 1M has latin-1 titles and needs its users.dat." if name == "movies.dat" else ""
            line = raw.count(b"\n", 0, error.start) + 1
            raise self.fault(name, line, f"byte {raw[error.start]:#04x} is not {encoding.upper()}.{hint}") from None
        # Not splitlines: it also splits at characters that latin-1 titles can have.
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        if max(map(len, lines)) > MAX_LINE_BYTES:
            line = next(number for number, text in enumerate(lines, start=1) if len(text) > MAX_LINE_BYTES)
            raise self.fault(name, line, f"the line is longer than {MAX_LINE_BYTES:,} characters.")
        return lines

    def records(self, name: str, separator: str, n_fields: int) -> Iterator[tuple[int, list[str]]]:
        """Line numbers and fields of a small text file; blank lines are passed over."""
        for line, text in enumerate(self.lines(name), start=1):
            if not text.strip():
                continue
            fields = text.split(separator)
            if len(fields) != n_fields:
                raise self.fault(name, line, _wrong_count(n_fields, separator, text, len(fields)))
            yield line, fields


def _find(store: _Store) -> _Place:
    """The one complete layout, at the top or one folder down."""
    tops = {member.split("/")[0] + "/" for member in store.members if member.count("/") == 1}
    prefixes = ["", *sorted(top for top in tops if not top.startswith((".", "__MACOSX")))]
    complete = [
        _Place(store, prefix, layout)
        for prefix in prefixes
        if (layout := next((x for x in _LAYOUTS if not _missing(store, prefix, x)), None))
    ]
    if not complete:
        _raise_incomplete(store, prefixes)
    if len(complete) > 1 and complete[0].prefix:
        names = ", ".join(place.prefix.rstrip("/") for place in complete)
        raise DataError(f"there is more than one data set: {names}.", file=store.path, remedy="Name one of them.")
    return complete[0]


def _missing(store: _Store, prefix: str, layout: _Layout) -> list[str]:
    return [name for name in layout.files if prefix + name not in store.members]


def _raise_incomplete(store: _Store, prefixes: Iterable[str]) -> NoReturn:
    """Say which file is missing from the layout that is nearest to being there."""
    partial = [
        (len(missing), prefix, layout, missing)
        for prefix in prefixes
        for layout in _LAYOUTS
        if len(missing := _missing(store, prefix, layout)) < len(layout.files)
    ]
    if not partial:
        raise DataError(
            "no MovieLens files are in here (u.data, ratings.dat or ratings.csv).",
            file=store.path,
            remedy=f"Give a MovieLens folder or zip ({OFFICIAL_SITE}).",
        )
    _, prefix, layout, missing = min(partial, key=lambda candidate: candidate[0])
    beside = ", ".join(sorted(set(layout.files) - set(missing)))
    raise DataError(
        f"the file is missing; {beside} is there.", file=store.path / (prefix + missing[0]), remedy=MEND_FILE
    )


def _default_name(place: _Place, n_ratings: int) -> str:
    if place.layout.name != "movielens":
        return place.layout.name
    if place.folder_name in CSV_NAMES:
        return place.folder_name
    return CSV_NAME_BY_RATINGS.get(n_ratings, place.layout.name)


# ------------------------------------------------------------------------------------------------------------- films


class _Film(NamedTuple):
    line: int
    item_id: int
    title: str
    genres: Iterable[str]


def _films_100k(place: _Place) -> Catalog:
    """u.item: id, title, two dates, a link, then a 0 or 1 per genre of u.genre."""
    names = [fields[0] for _, fields in place.records("u.genre", "|", 2)]

    def films() -> Iterator[_Film]:
        for line, fields in place.records("u.item", "|", 5 + len(names)):
            flags = fields[5:]
            if not set(flags) <= {"0", "1"}:
                raise place.fault("u.item", line, f"a genre is marked by 0 or 1. Received {_shown('|'.join(flags))}.")
            genres = [name for name, flag in zip(names, flags, strict=True) if flag == "1"]
            yield _Film(line, _whole(place, "u.item", line, "film id", fields[0]), fields[1], genres)

    return _catalog(place, "u.item", films(), [name for name in names if name != "unknown"])


def _films_dat(place: _Place) -> Catalog:
    """movies.dat: id::title::genre|genre"""

    def films() -> Iterator[_Film]:
        for line, fields in place.records("movies.dat", "::", 3):
            yield _Film(line, _whole(place, "movies.dat", line, "film id", fields[0]), fields[1], _genres(fields[2]))

    return _catalog(place, "movies.dat", films())


def _films_csv(place: _Place) -> Catalog:
    """movies.csv: movieId,title,genre|genre, with quotation marks where a title has a comma."""

    def films() -> Iterator[_Film]:
        for line, fields in _csv_records(place, "movies.csv", ["movieId", "title", "genres"]):
            yield _Film(line, _whole(place, "movies.csv", line, "film id", fields[0]), fields[1], _genres(fields[2]))

    return _catalog(place, "movies.csv", films())


def _genres(text: str) -> list[str]:
    return [] if text == NO_GENRES else [genre for genre in text.split("|") if genre]


def _csv_records(place: _Place, name: str, header: list[str]) -> Iterator[tuple[int, list[str]]]:
    lines = place.lines(name)
    reader = csv.reader(lines, strict=True)
    line = 1
    try:
        for fields in reader:
            if reader.line_num > line:
                raise csv.Error
            if line == 1 and fields != header:
                raise place.fault(name, 1, f"expected the header {','.join(header)}. Received {_shown(lines[0])}.")
            if fields and len(fields) != len(header):
                raise place.fault(name, line, _wrong_count(len(header), ",", lines[line - 1], len(fields)))
            if fields and line > 1:
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        what = "a quotation mark is not closed" if reader.line_num > line else f"not a csv line ({error})"
        raise place.fault(name, line, f"{what}. Received {_shown(lines[line - 1])}.") from None


def _catalog(place: _Place, name: str, films: Iterable[_Film], genre_names: list[str] | None = None) -> Catalog:
    """All films in file order. Genre names: as given, or every one that occurs, sorted."""
    rows: dict[int, _Film] = {}
    for film in films:
        if film.item_id in rows:
            first = rows[film.item_id].line
            raise place.fault(name, film.line, f"film {film.item_id} is there twice, first in line {first}.")
        rows[film.item_id] = film
    if not rows:
        raise DataError("there is no film in the file.", file=place.file(name), remedy=MEND_FILE)
    genre_names = genre_names or sorted({genre for film in rows.values() for genre in film.genres})
    column = {genre: g for g, genre in enumerate(genre_names)}
    genres = np.zeros((len(rows), len(genre_names)), dtype=bool)
    for row, film in enumerate(rows.values()):
        genres[row, [column[genre] for genre in film.genres if genre in column]] = True
    titles, years = zip(*(parse_title(film.title) for film in rows.values()), strict=True)
    return Catalog(IdMap(np.array(list(rows))), tuple(titles), np.array(years), genres, tuple(genre_names))


# ------------------------------------------------------------------------------------------------------------- users


class _Viewer(NamedTuple):
    line: int
    user_id: int
    gender: str
    age: int
    occupation: str
    zip_code: str


def _viewers_100k(place: _Place) -> Viewers:
    """u.user: id|age|gender|occupation|zip code"""
    rows = []
    for line, (user_id, age, gender, occupation, zip_code) in place.records("u.user", "|", 5):
        user = _whole(place, "u.user", line, "user id", user_id)
        rows.append(_Viewer(line, user, gender, _whole(place, "u.user", line, "age", age), occupation, zip_code))
    return _viewers(place, "u.user", rows, sorted({row.occupation for row in rows if row.occupation}))


def _viewers_1m(place: _Place) -> Viewers:
    """users.dat: id::gender::start of the age band::number of the occupation::zip code"""
    rows = []
    for line, (user_id, gender, age, occupation, zip_code) in place.records("users.dat", "::", 5):
        user = _whole(place, "users.dat", line, "user id", user_id)
        code = _whole(place, "users.dat", line, "occupation", occupation)
        if code >= len(OCCUPATIONS_1M):
            problem = f"an occupation is 0 to {len(OCCUPATIONS_1M) - 1}. Received {code}."
            raise place.fault("users.dat", line, problem)
        years = _whole(place, "users.dat", line, "age", age)
        rows.append(_Viewer(line, user, gender, years, OCCUPATIONS_1M[code], zip_code))
    return _viewers(place, "users.dat", rows, OCCUPATIONS_1M)


def _viewers(place: _Place, name: str, rows: list[_Viewer], occupations: Iterable[str]) -> Viewers:
    """All users in file order."""
    first: dict[int, int] = {}
    for row in rows:
        if first.setdefault(row.user_id, row.line) != row.line:
            problem = f"user {row.user_id} is there twice, first in line {first[row.user_id]}."
            raise place.fault(name, row.line, problem)
    genders = {"F": "female", "M": "male"}
    return Viewers(
        ids=IdMap(np.array(list(first))),
        gender=Categorical.from_values((genders.get(row.gender, "") for row in rows), genders.values()),
        age=Categorical.from_values((age_band(row.age) for row in rows), AGE_BANDS),
        occupation=Categorical.from_values((row.occupation for row in rows), occupations),
        zip_area=Categorical.from_values((_zip_area(row.zip_code) for row in rows), (*"0123456789", "other")),
    )


def _zip_area(zip_code: str) -> str:
    """The first digit (a group of US states); letters are another country's."""
    first = zip_code.strip()[:1]
    return first if first in "0123456789" else "other"


# ----------------------------------------------------------------------------------------------------------- ratings


@dataclass(frozen=True)
class _Ratings:
    """Parallel columns in file order; users and items are indices."""

    user_ids: IdMap
    users: np.ndarray  # (N,) int32
    items: np.ndarray  # (N,) int32
    ratings: np.ndarray  # (N,) float32
    timestamps: np.ndarray  # (N,) int64
    is_timed: bool

    def take(self, rows: np.ndarray) -> _Ratings:
        return replace(
            self,
            users=self.users[rows],
            items=self.items[rows],
            ratings=self.ratings[rows],
            timestamps=self.timestamps[rows],
        )


@dataclass(frozen=True)
class _Columns:
    """How the lines of a ratings file are parsed and checked."""

    place: _Place
    item_ids: IdMap
    user_ids: IdMap | None  # None: whoever rates is a user
    is_timed: bool

    @property
    def n_fields(self) -> int:
        return 4 if self.is_timed else 3


class _Block(NamedTuple):
    users: np.ndarray  # (n,) int32 indices, or int64 ids where the layout has no users file
    items: np.ndarray  # (n,) int32
    ratings: np.ndarray  # (n,) float32
    timestamps: np.ndarray | None  # (n,) int64


def _read_ratings(place: _Place, item_ids: IdMap, user_ids: IdMap | None) -> _Ratings:
    name = place.layout.files[0]
    blocks: list[_Block] = []
    with place.open(name, MAX_RATINGS_BYTES) as stream:
        is_timed, first_line = _read_header(place, stream)
        columns = _Columns(place, item_ids, user_ids, is_timed)
        n_ratings = 0
        for line, data in _blocks_of_lines(place, stream, first_line):
            block = _parse(columns, line, data)
            n_ratings += len(block.items)
            if n_ratings > MAX_RATINGS:
                problem = f"there are more than {MAX_RATINGS:,} ratings."
                raise DataError(problem, file=place.file(name), remedy="Use a smaller data set.")
            blocks.append(block)
    if not n_ratings:
        raise DataError("the file is empty: there is no rating.", file=place.file(name), remedy=MEND_FILE)
    users = np.concatenate([block.users for block in blocks])
    if user_ids is None:
        user_ids = IdMap(_distinct(block.users for block in blocks))
        users = user_ids.indices(users)
    items = np.concatenate([block.items for block in blocks])
    ratings = np.concatenate([block.ratings for block in blocks])
    times = [block.timestamps for block in blocks if block.timestamps is not None]
    timestamps = np.concatenate(times) if is_timed else np.zeros(n_ratings, dtype=np.int64)
    return _Ratings(user_ids, users, items, ratings, timestamps, is_timed)


def _distinct(arrays: Iterable[np.ndarray]) -> np.ndarray:
    """Sorted distinct values, without a sort of everything at once."""
    return np.unique(np.concatenate([np.unique(array) for array in arrays]))


def _read_header(place: _Place, stream: IO[bytes]) -> tuple[bool, int]:
    """Whether the ratings have timestamps, and the number of the first line of data."""
    if place.layout.separator != b",":
        return True, 1
    raw = stream.readline(MAX_LINE_BYTES)
    header = raw.removeprefix(codecs.BOM_UTF8).strip()
    if header == b"userId,movieId,rating,timestamp":
        return True, 2
    if header == b"userId,movieId,rating":
        return False, 2
    name = place.layout.files[0]
    if not raw:
        raise DataError("the file is empty.", file=place.file(name), remedy=MEND_FILE)
    raise place.fault(
        name,
        1,
        "expected the header userId,movieId,rating,timestamp (or without timestamp). "
        f"Received {_shown(header.decode('latin-1'))}.",
    )


def _blocks_of_lines(place: _Place, stream: IO[bytes], line: int) -> Iterator[tuple[int, bytes]]:
    """Blocks of whole lines, each with the number of its first line."""
    while data := stream.read(BLOCK_BYTES):
        if not data.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES)
            if len(rest) == MAX_LINE_BYTES:
                problem = f"the line is longer than {MAX_LINE_BYTES:,} bytes."
                raise place.fault(place.layout.files[0], line + data.count(b"\n"), problem)
            data += rest
        if line == 1:
            data = data.removeprefix(codecs.BOM_UTF8)
        if data.strip():
            yield line, data
        line += data.count(b"\n")


def _parse(columns: _Columns, line: int, data: bytes) -> _Block:
    """One block at C speed. Whatever is wrong with it, the line-by-line reader says where."""
    place, is_timed = columns.place, columns.is_timed
    separator, scale = place.layout.separator, place.layout.scale
    n_separators = data.count(separator)
    # The C engine wants one byte. A tab that is there already changes the count or ends up in a number.
    text = data if len(separator) == 1 else data.replace(separator, b"\t")
    try:
        with np.errstate(invalid="ignore"):  # of a number that is not finite; refused below
            frame = pd.read_csv(
                io.BytesIO(text),
                sep="\t" if len(separator) > 1 else separator.decode(),
                header=None,
                names=["user_id", "item_id", "rating", "timestamp"][: columns.n_fields],
                usecols=range(columns.n_fields),
                # int64, because a narrower type would wrap around instead of failing
                dtype={"user_id": "int64", "item_id": "int64", "rating": "float64"}
                | ({"timestamp": "int64"} if is_timed else {}),
                na_filter=False,
                quoting=csv.QUOTE_NONE,
                engine="c",
            )
    except (ValueError, OverflowError) as error:
        raise _first_fault(columns, line, data, " ".join(str(error).split())) from None
    item_ids, user_ids, stars = (frame[name].to_numpy() for name in ("item_id", "user_id", "rating"))
    timestamps = frame["timestamp"].to_numpy() if is_timed else None
    items = columns.item_ids.indices(item_ids)
    users = user_ids if columns.user_ids is None else columns.user_ids.indices(user_ids)
    steps = (stars - scale.low) / scale.step
    is_whole = (
        n_separators == len(frame) * (columns.n_fields - 1)  # usecols hides fields that are too many
        and b"\0" not in data  # ends a field early in the C engine
        and bool(((stars >= scale.low) & (stars <= scale.high) & (steps == np.rint(steps))).all())
        and items.min() >= 0
        and users.min() >= 0
        and (timestamps is None or (timestamps.min() >= 0 and timestamps.max() <= MAX_TIMESTAMP))
    )
    if not is_whole:
        raise _first_fault(columns, line, data, "the numbers of lines and fields do not agree")
    return _Block(users, items, stars.astype(np.float32), timestamps)


def _first_fault(columns: _Columns, first_line: int, data: bytes, otherwise: str) -> DataError:
    """Go through the lines one by one for the first bad one."""
    name = columns.place.layout.files[0]
    for line, raw in enumerate(data.split(b"\n"), start=first_line):
        text = raw.removesuffix(b"\r").decode("latin-1")
        problem = _fault_of_line(columns, text) if text else ""
        if problem:
            return columns.place.fault(name, line, problem)
    return columns.place.fault(name, first_line, f"this line or one of the next cannot be read: {otherwise}.")


def _fault_of_line(columns: _Columns, text: str) -> str:
    """What is wrong with one rating; "" if nothing is."""
    layout, scale = columns.place.layout, columns.place.layout.scale
    separator = layout.separator.decode()
    fields = text.split(separator)
    if len(fields) != columns.n_fields:
        return _wrong_count(columns.n_fields, separator, text, len(fields))
    whole = {"user id": fields[0], "film id": fields[1]} | ({"timestamp": fields[3]} if columns.is_timed else {})
    for what, field in whole.items():
        if not _WHOLE.fullmatch(field):
            return f"the {what} must be a whole number. Received {_shown(field)}."
    if columns.is_timed and int(fields[3]) > MAX_TIMESTAMP:
        return f"a timestamp is seconds since 1970. Received {_shown(fields[3])}."
    if not _is_on_scale(fields[2], scale):
        return f"a rating is {scale.low:g} to {scale.high:g} in steps of {scale.step:g}. Received {_shown(fields[2])}."
    if int(fields[1]) not in columns.item_ids:
        return f"film {int(fields[1])} is not in {layout.files[1]}."
    if columns.user_ids is not None and int(fields[0]) not in columns.user_ids:
        return f"user {int(fields[0])} is not in {layout.files[-1]}."
    return ""


def _is_on_scale(text: str, scale: RatingScale) -> bool:
    if not _NUMBER.fullmatch(text):
        return False
    steps = (float(text) - scale.low) / scale.step
    return scale.low <= float(text) <= scale.high and steps == round(steps)


def _latest_of_each_pair(table: _Ratings) -> np.ndarray | None:
    """Row numbers that remain when each (user, film) counts once: the latest, of equal times the later line.
    None where no pair is there twice."""
    pair = table.users * np.int64(table.items.max() + 1) + table.items
    ordered = np.sort(pair)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(repeated):
        return None
    rows = np.flatnonzero(np.isin(pair, repeated))
    rows = rows[np.lexsort((table.timestamps[rows], pair[rows]))]  # lexsort is stable
    is_kept = np.ones(len(pair), dtype=bool)
    is_kept[rows[:-1][pair[rows[1:]] == pair[rows[:-1]]]] = False
    return np.flatnonzero(is_kept)


# ---------------------------------------------------------------------------------------------------------- messages

_WHOLE = re.compile(r" *[0-9]{1,18} *")  # 18 digits fit into int64
_NUMBER = re.compile(r" *[0-9]+(\.[0-9]*)? *")


def _whole(place: _Place, name: str, line: int, what: str, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise place.fault(name, line, f"the {what} must be a whole number. Received {_shown(text)}.")
    return int(text)


def _wrong_count(n_expected: int, separator: str, text: str, n_received: int) -> str:
    return f"expected {n_expected} fields with {separator!r} between. Received {n_received}: {_shown(text)}."


def _shown(text: str) -> str:
    """What came in, on one line and not too long."""
    return repr(text if len(text) <= 60 else text[:60] + "...")


def _count(n: int, thing: str) -> str:
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


_LAYOUTS = (
    _Layout(
        "ml-100k", ("u.data", "u.item", "u.genre", "u.user"), b"\t", "latin-1", WHOLE_STARS, _films_100k, _viewers_100k
    ),
    # 10M has the same file names, less users.dat: the order matters.
    _Layout(
        "ml-1m", ("ratings.dat", "movies.dat", "users.dat"), b"::", "latin-1", WHOLE_STARS, _films_dat, _viewers_1m
    ),
    _Layout(
        "ml-1m-untimed",
        ("ratings.csv", "movies.dat", "users.dat"),
        b",",
        "latin-1",
        WHOLE_STARS,
        _films_dat,
        _viewers_1m,
    ),
    _Layout("ml-10m", ("ratings.dat", "movies.dat"), b"::", "utf-8", HALF_STARS, _films_dat),
    _Layout("movielens", ("ratings.csv", "movies.csv"), b",", "utf-8", HALF_STARS, _films_csv),
)
