"""A folder or a zip from anybody, as a set of files that can be read.

A zip is read in place: nothing is ever unpacked, so no member's name can lead anywhere. Every read has a cap, and a
member that expands too far is refused before it is opened.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from recsys.errors import DataError

MAX_MEMBERS = 1_000
MAX_CONTENTS_BYTES = 8 << 20  # a zip's table of contents; a thousand members need 0.1 MB
MAX_EXPANSION = 100  # the official zips expand 4 to 6 times; a bomb does 1,000 times
ALWAYS_ALLOWED_BYTES = 1 << 20  # however far it expands

OFFICIAL_SITE = "https://grouplens.org/datasets/movielens/"
GIVE_ANOTHER = f"Give a MovieLens folder or zip ({OFFICIAL_SITE})."
MEND_FILE = f"Get the original zip again ({OFFICIAL_SITE})."
MEND_LINE = f"Correct the line, or restore the file from the original zip ({OFFICIAL_SITE})."

_ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, UnicodeDecodeError)


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """The files of a folder or of a zip, whatever the zip is called.

    Raises DataError where there is no such thing, or it is not a zip, or not one that is safe to read.
    """
    if path.is_dir():
        yield Folder(path)
    elif path.is_file():
        with _opened_zip(path) as archive:
            yield Archive(path, archive)
    elif path.exists():  # a pipe would be waited for
        raise DataError("it is neither a folder nor a regular file.", file=path, remedy="Check the path.")
    else:
        raise DataError("there is no such file or folder.", file=path, remedy="Check the path.")


class Folder:
    """Files on disk, also those one folder down. `members` are their names: "u.data", "ml-100k/u.data".

    `others` are the names of what is no file that ends, such as a pipe or a link that leads nowhere.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            is_file = dict(_entries_of(path))
            self.members = frozenset(name for name, is_regular in is_file.items() if is_regular)
            self.others = is_file.keys() - self.members
        except OSError as error:
            raise _unreadable("folder", path, error) from None

    @contextmanager
    def open(self, member: str, max_bytes: int) -> Iterator[IO[bytes]]:
        """Raises DataError for a file that is larger than `max_bytes` or cannot be read."""
        file = self.path / member
        try:
            with file.open("rb") as stream:
                if file.stat().st_size > max_bytes:
                    raise _too_large(file, max_bytes)
                yield stream
        except OSError as error:
            raise _unreadable("file", file, error) from None


def _entries_of(folder: Path) -> Iterator[tuple[str, bool]]:
    """(name, whether it is a regular file), also of what lies one folder down."""
    for entry in folder.iterdir():
        yield entry.name, entry.is_file()
        if entry.is_dir() and not entry.name.startswith("."):
            yield from ((f"{entry.name}/{child.name}", child.is_file()) for child in entry.iterdir())


class Archive:
    """A zip's members, by the same names that they would have in a folder."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path, self._archive = path, archive
        names = archive.namelist()
        if len(names) > MAX_MEMBERS:
            problem = f"the zip has {len(names)} members, a MovieLens zip fewer than {MAX_MEMBERS}."
            raise DataError(problem, file=path, remedy=MEND_FILE)
        for name in names:
            if not _is_safe(name):
                raise DataError(f"the zip has a member with an unsafe name: {name!r}.", file=path, remedy=MEND_FILE)
        self.members = frozenset(names)
        self.others: Set[str] = frozenset()

    @contextmanager
    def open(self, member: str, max_bytes: int) -> Iterator[IO[bytes]]:
        """Raises DataError for a member that would be larger than `max_bytes`, is a bomb or cannot be read."""
        info, file = self._archive.getinfo(member), self.path / member
        # zipfile never gives out more than the declared size, so the declaration is a bound.
        if info.file_size > max_bytes:
            raise _too_large(file, max_bytes)
        if info.file_size > max(ALWAYS_ALLOWED_BYTES, MAX_EXPANSION * info.compress_size):
            problem = f"{info.compress_size:,} bytes would expand to {info.file_size:,}: a zip bomb."
            raise DataError(problem, file=file, remedy=MEND_FILE)
        if info.flag_bits & 1:
            raise DataError("the member is encrypted.", file=file, remedy="Make a zip without a password.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            problem = f"compression method {info.compress_type} is not supported."
            raise DataError(problem, file=file, remedy="Make a zip with the usual method, deflate.")
        try:
            with self._archive.open(info) as stream:
                yield stream
        except _ZIP_FAULTS as error:
            raise DataError(_damaged(error), file=file, remedy=MEND_FILE) from None


Store = Folder | Archive


def _is_safe(name: str) -> bool:
    """Whether a member stays inside of the zip, also as a name in an error message."""
    leads_out = ".." in PurePosixPath(name.replace("\\", "/")).parts or name.startswith(("/", "\\"))
    return name.isprintable() and not leads_out and name[1:2] != ":"


class _ZipOnDisk(io.FileIO):
    """Caps what zipfile, left alone, would take in at once: a table of contents of any size."""

    is_being_opened = True

    def read(self, size: int | None = -1, /) -> bytes:  # type: ignore[override]
        if self.is_being_opened and size is not None and size > MAX_CONTENTS_BYTES:
            raise zipfile.BadZipFile("the table of contents is too large")
        return super().read(-1 if size is None else size) or b""


@contextmanager
def _opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        file = _ZipOnDisk(path)
    except OSError as error:
        raise _unreadable("file", path, error) from None
    with file:
        start = file.read(4)
        try:
            archive = zipfile.ZipFile(file)
        except (*_ZIP_FAULTS, ValueError) as error:
            if start[:2] == b"PK":
                problem = _damaged(error)
            else:
                problem = "the file is not a zip." if start else "the file is empty."
            raise DataError(problem, file=path, remedy=GIVE_ANOTHER) from None
        file.is_being_opened = False
        with archive:
            yield archive


def _damaged(error: Exception) -> str:
    return f"the zip is damaged or cut short ({str(error) or 'it ends early'})."


def _too_large(file: Path, max_bytes: int) -> DataError:
    return DataError(f"the file is larger than {max_bytes:,} bytes.", file=file, remedy=MEND_FILE)


def _unreadable(what: str, file: Path, error: OSError) -> DataError:
    return DataError(f"the {what} cannot be read ({error.strerror}).", file=file, remedy="Check its permissions.")
