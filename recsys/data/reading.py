"""What every reader of data files here shares: lines, cells, numbers, times and names, and how much there may be.

MovieLens and a split of one's own are read by this alone, so that what is no number in one is no number in the other.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import IO
from unicodedata import category

MAX_LINE = 1 << 12
MAX_NAME = 1_000
"""Characters of a line, and of a title, an id, a genre or an occupation; the longest official title has about 200."""
MAX_RATINGS_BYTES = 2 << 30  # the largest official ratings file has 0.9 GB
MAX_RATINGS = 50_000_000  # the largest official data set has 33.8 million
MAX_USERS = 1_000_000  # 330,975
MAX_FILMS = 200_000  # 87,585
MAX_GENRES = 200  # 20
MAX_FILM_GENRES = 10_000_000  # films x genres; 1.8 million
MAX_OCCUPATIONS = 200  # 21
MAX_AGE = 130
MAX_ID = 10**12 - 1  # the largest official one has 6 digits; a browser's numbers are exact to 16, an address takes 12
MAX_TIMESTAMP = 4_102_444_799  # the last second of 2099; a file with milliseconds is refused

_WHOLE = re.compile(r" *[0-9]{1,18} *")  # 18 digits fit into int64; \d would be the digits of any script
_NUMBER = re.compile(r" *[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})? *")
_UNDECODED = re.compile("[\ud800-\udfff]")
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Fault(Exception):
    """What is wrong with a line or a file, in a sentence. Who reads it adds the file's name and what to do."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        self.problem, self.line = problem, line
        super().__init__(problem)


def lines_of(stream: IO[bytes], encoding: str) -> Iterator[tuple[int, str]]:
    """Numbers and texts of the lines that are not blank. A byte order mark wins over `encoding`; raises Fault."""
    if stream.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
        encoding = "utf-8"
    else:
        stream.seek(0)
    # A byte that cannot be decoded becomes a surrogate, which tells its line. Not splitlines: it also splits at
    # characters that latin-1 titles can have.
    lines = io.TextIOWrapper(stream, encoding, errors="surrogateescape")
    number = 0
    while text := lines.readline(MAX_LINE + 1):
        number += 1
        text = text.removesuffix("\n")
        if len(text) > MAX_LINE:
            raise Fault(f"the line is longer than {MAX_LINE:,} characters.", number)
        if not text.isascii() and (odd := _UNDECODED.search(text)):
            raise Fault(f"byte {ord(odd[0]) & 0xFF:#04x} is not {encoding.upper()}.", number)
        if text and not text.isspace():
            yield number, text


def cells_of(text: str, separator: str) -> list[str]:
    """The cells of a line; one may be in quotation marks. Raises csv.Error where a mark is not closed in the line."""
    return next(csv.reader([text], delimiter=separator, strict=True)) if '"' in text else text.split(separator)


def whole(what: str, text: str) -> int:
    """A whole number, 0 or more. Raises Fault."""
    if not _WHOLE.fullmatch(text):
        raise Fault(f"the {what} must be a whole number. Received {shown(text)}.")
    return int(text)


def identity(what: str, text: str) -> int:
    """The raw id of a film or a user. Raises Fault."""
    number = whole(what, text)
    if number > MAX_ID:
        raise Fault(f"the {what} is too large: {MAX_ID} is the largest that can be. Received {shown(text)}.")
    return number


def age(text: str) -> int:
    """In years. Raises Fault."""
    years = whole("age", text)
    if years > MAX_AGE:
        raise Fault(f"an age is 0 to {MAX_AGE} years. Received {shown(text)}.")
    return years


def seconds(text: str) -> int:
    """A moment, in seconds since 1970. Raises Fault, for milliseconds as well."""
    moment = whole("timestamp", text)
    if moment > MAX_TIMESTAMP:
        raise Fault(f"a timestamp is seconds since 1970, and before 2100. Received {shown(text)}.")
    return moment


def number(what: str, text: str) -> float:
    """A decimal number. Raises Fault, for one that single precision does not hold as well."""
    if not _NUMBER.fullmatch(text):
        raise Fault(f"the {what} must be a number. Received {shown(text)}.")
    value = float(text)
    if abs(value) > 1e9:
        raise Fault(f"the {what} is too large. Received {shown(text)}.")
    return value


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def checked_name(what: str, text: str) -> str:
    """A title, an id, the name of a category. Raises Fault where it is too long."""
    if len(text) > MAX_NAME:
        raise Fault(f"the {what} has {len(text):,} characters, and {MAX_NAME:,} are the most. Received {shown(text)}.")
    return text


def shown_as(text: str) -> str:
    """A title or a name as it may stand in a line, without what works on the rest of that line.

    A terminal obeys control characters, and would clear the screen; marks of direction turn what follows a name around.
    """
    line = " ".join(text.split())
    if line.isascii() and line.isprintable():
        return line
    return "".join(each for each in _REORDERING.sub("", line) if category(each) != "Cc").strip()


def is_blank(text: str) -> bool:
    """Whether nothing of it can be seen: spaces, and characters without a shape."""
    return all(category(each)[0] in "CZ" for each in text)


def at_most(bound: int, n: int, what: str) -> None:
    """Asked before anything is built of so many. Raises Fault."""
    if n > bound:
        raise Fault(f"there are {n:,} {what}, and {bound:,} are the most that can be read.")


def shown(text: str) -> str:
    """A text as error messages quote it: on one line and not too long."""
    return repr(text if len(text) <= 60 else text[:60] + "...")
