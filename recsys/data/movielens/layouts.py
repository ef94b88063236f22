"""Which files a MovieLens data set has, where they are in a folder or zip, and the lines of a small one.

    layout         ratings      separator  films       users      text     stars
    ml-100k        u.data       tab        u.item      u.user     latin-1  1, 2 ... 5
    ml-1m          ratings.dat  ::         movies.dat  users.dat  latin-1  1, 2 ... 5
    ml-1m-untimed  ratings.csv  comma      movies.dat  users.dat  latin-1  1, 2 ... 5, no timestamps
    ml-10m         ratings.dat  ::         movies.dat  -          utf-8    0.5, 1 ... 5
    20M and later  ratings.csv  comma      movies.csv  -          utf-8    0.5, 1 ... 5

The files that are present decide the layout, never a folder's or an archive's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from recsys.data import reading
from recsys.data.dataset import RatingScale
from recsys.data.movielens.archives import GIVE_ANOTHER, MEND_FILE, MEND_LINE, Folder, Store
from recsys.data.reading import Fault, shown
from recsys.errors import DataError

MAX_TEXT_BYTES = 16 << 20  # the largest official film file has 4 MB

WHOLE_STARS = RatingScale(1.0, 5.0, 1.0)
HALF_STARS = RatingScale(0.5, 5.0, 0.5)


@dataclass(frozen=True)
class Layout:
    """One row of the table above.

    Args:
        name: the data set's name, where the layout has a single one.
        separator: between the fields of a rating.
        encoding: of titles and users.
        users: "" where nothing is known of the users.
        genres: the file that names them; "" where the films' own file does.
    """

    name: str
    ratings: str
    separator: str
    films: str
    users: str
    encoding: str
    scale: RatingScale
    genres: str = ""

    @property
    def files(self) -> list[str]:
        return [name for name in (self.ratings, self.films, self.genres, self.users) if name]


LAYOUTS = (
    Layout("ml-100k", "u.data", "\t", "u.item", "u.user", "latin-1", WHOLE_STARS, genres="u.genre"),
    Layout("ml-1m", "ratings.dat", "::", "movies.dat", "users.dat", "latin-1", WHOLE_STARS),
    Layout("ml-1m-untimed", "ratings.csv", ",", "movies.dat", "users.dat", "latin-1", WHOLE_STARS),
    # After 1M, which has the same files and one more.
    Layout("ml-10m", "ratings.dat", "::", "movies.dat", "", "utf-8", HALF_STARS),
    Layout("movielens", "ratings.csv", ",", "movies.csv", "", "utf-8", HALF_STARS),
)


@dataclass(frozen=True)
class DataFile:
    """One file of a data set: its text and its faults."""

    store: Store
    member: str
    encoding: str

    @property
    def path(self) -> Path:
        """The file's name in error messages; a zip counts as a folder."""
        return self.store.path / self.member

    def fault(self, problem: str, line: int | None = None) -> DataError:
        """The error for something wrong with the file, or with one line of it."""
        return DataError(problem, file=self.path, line=line, remedy=MEND_FILE if line is None else MEND_LINE)

    def open(self, max_bytes: int) -> AbstractContextManager[IO[bytes]]:
        """The file's bytes, as long as they are not more than `max_bytes`."""
        return self.store.open(self.member, max_bytes)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Numbers and texts of the lines of a small text file that are not blank."""
        is_empty = True
        with self.open(MAX_TEXT_BYTES) as stream:
            try:
                for line, text in reading.lines_of(stream, self.encoding):
                    is_empty = False
                    yield line, text
            except Fault as fault:
                is_1m = self.path.name == "movies.dat" and "UTF-8" in fault.problem
                hint = " MovieLens 1M has latin-1 titles and needs its users.dat." if is_1m else ""
                raise self.fault(fault.problem + hint, fault.line) from None
        if is_empty:
            raise self.fault("the file is empty.")

    def records(self, separator: str, n_fields: int) -> Iterator[tuple[int, list[str]]]:
        """Line numbers and fields of a small text file."""
        for line, text in self.lines():
            fields = text.split(separator)
            if len(fields) != n_fields:
                raise self.fault(wrong_count(n_fields, separator, text, len(fields)), line)
            yield line, fields

    @contextmanager
    def faults(self, line: int | None = None) -> Iterator[None]:
        """What is wrong with a line, or with the file, as an error that names it."""
        try:
            yield
        except Fault as fault:
            raise self.fault(fault.problem, line) from None


def wrong_count(n_expected: int, separator: str, text: str, n_received: int) -> str:
    """The problem with a line that has too few or too many fields."""
    return f"expected {n_expected} fields separated by {separator!r}. Received {n_received}: {shown(text)}."


@dataclass(frozen=True)
class Place:
    """Where a data set is: a folder or zip, and a folder in it ("" or "ml-100k/")."""

    store: Store
    prefix: str
    layout: Layout

    @property
    def folder_name(self) -> str:
        """The name of the folder that directly holds the files; "" for the top of a zip."""
        if self.prefix:
            return self.prefix.rstrip("/")
        return self.store.path.name if isinstance(self.store, Folder) else ""

    @property
    def missing(self) -> list[str]:
        return [name for name in self.layout.files if self.prefix + name not in self.store.members]

    def file(self, name: str) -> DataFile:
        return DataFile(self.store, self.prefix + name, self.layout.encoding)


def find_place(store: Store) -> Place:
    """Where a layout is complete, at the top or one folder down.

    Raises DataError where none is, which names the missing file, and where there are several.
    """
    folders = {name.split("/")[0] for name in store.members | store.others if name.count("/") == 1}
    prefixes = ["", *(f"{name}/" for name in sorted(folders) if not name.startswith((".", "__MACOSX")))]
    places = [Place(store, prefix, layout) for prefix in prefixes for layout in LAYOUTS]
    complete: dict[str, Place] = {}
    for place in places:
        if not place.missing:
            complete.setdefault(place.prefix, place)  # the first layout that fits
    if not complete:
        _raise_incomplete(store, places)
    if len(complete) > 1 and "" not in complete:
        names = ", ".join(place.folder_name for place in complete.values())
        raise DataError(f"there is more than one data set: {names}.", file=store.path, remedy="Name one of them.")
    return next(iter(complete.values()))


def _raise_incomplete(store: Store, places: list[Place]) -> NoReturn:
    """Say which file is missing from the layout that is nearest to being there."""
    for place in places:
        for name in place.missing:
            if place.prefix + name in store.others:
                remedy = "Put the file itself in its place."
                raise DataError("it is not a regular file.", file=place.file(name).path, remedy=remedy)
    partial = [place for place in places if len(place.missing) < len(place.layout.files)]
    if not partial:
        problem = "no MovieLens files are in here (u.data, ratings.dat or ratings.csv)."
        raise DataError(problem, file=store.path, remedy=GIVE_ANOTHER)
    nearest = min(partial, key=lambda place: len(place.missing))
    beside = ", ".join(sorted(set(nearest.layout.files) - set(nearest.missing)))
    raise nearest.file(nearest.missing[0]).fault(f"the file is missing; {beside} is there.")
