"""The ratings of a data set, from millions of lines.

Blocks of whole lines are parsed by numpy's text reader, which bounds the memory (and starts faster than pandas). A
block that fails is read again line by line, only to say what is wrong with which line.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np

from recsys.data import reading
from recsys.data.catalog import IdMap
from recsys.data.dataset import RatingScale, ordering
from recsys.data.movielens.layouts import DataFile, Layout, Place, wrong_count
from recsys.data.reading import MAX_ID, MAX_LINE, MAX_RATINGS, MAX_RATINGS_BYTES, MAX_TIMESTAMP, MAX_USERS, Fault, shown
from recsys.errors import DataError

BLOCK_BYTES = 1 << 20  # a tenth of a second, for which numpy lets no other thread of the process go on


@dataclass(frozen=True)
class RatingTable:
    """Parallel columns in file order; users and items are indices.

    Args:
        users, items: (N,) int32.
        ratings: (N,) float32.
        timestamps: (N,) int64, 0 where the file has none that differ.
        is_timed: whether the file has a column of times.
    """

    user_ids: IdMap
    users: np.ndarray
    items: np.ndarray
    ratings: np.ndarray
    timestamps: np.ndarray
    is_timed: bool

    def __len__(self) -> int:
        return len(self.items)


def read_ratings(place: Place, item_ids: IdMap, user_ids: IdMap | None) -> RatingTable:
    """All ratings in file order. Raises DataError, which names the first line that is wrong.

    Args:
        item_ids: the films that can be rated.
        user_ids: the users that can rate; None: everybody who does.
    """
    file = place.file(place.layout.ratings)
    blocks: list[_Block] = []
    n_ratings = 0
    with file.open(MAX_RATINGS_BYTES) as stream:
        is_timed, first_line = _read_header(file, place.layout, stream)
        lines = _Lines(file, place.layout, item_ids, user_ids, is_timed)
        for line, data in _blocks_of_lines(file, stream, first_line):
            blocks.append(_parse(lines, line, data))
            n_ratings += len(blocks[-1][0])
            if n_ratings > MAX_RATINGS:
                problem = f"there are more than {MAX_RATINGS:,} ratings."
                raise DataError(problem, file=file.path, remedy="Use a smaller data set.")
    if not blocks:
        raise file.fault("the file is empty: there is no rating.")
    users, items, ratings, timestamps = (np.concatenate(column) for column in zip(*blocks, strict=True))
    blocks.clear()  # half a gigabyte for 20 million ratings
    if user_ids is None:
        different = np.unique(users)
        with file.faults():
            reading.at_most(MAX_USERS, len(different), "users")
        user_ids = IdMap(different)
        users = user_ids.indices(users)
    return RatingTable(user_ids, users, items, ratings, ordering(timestamps), is_timed)


_Block = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""The columns of a RatingTable; users are int64 ids where the layout has no users file."""


@dataclass(frozen=True)
class _Lines:
    """What the lines of a ratings file must be like."""

    file: DataFile
    layout: Layout
    item_ids: IdMap
    user_ids: IdMap | None
    is_timed: bool

    @property
    def n_fields(self) -> int:
        return 4 if self.is_timed else 3


def _read_header(file: DataFile, layout: Layout, stream: IO[bytes]) -> tuple[bool, int]:
    """Whether the ratings have timestamps, and the number of the first line of data."""
    if layout.separator != ",":
        return True, 1
    raw = stream.readline(MAX_LINE)
    if not raw:
        raise file.fault("the file is empty.")
    header = raw.removeprefix(codecs.BOM_UTF8).strip().decode("latin-1")
    if header not in ("userId,movieId,rating,timestamp", "userId,movieId,rating"):
        expected = "expected the header userId,movieId,rating,timestamp (or without timestamp)."
        raise file.fault(f"{expected} Received {shown(header)}.", 1)
    return header.endswith("timestamp"), 2


def _blocks_of_lines(file: DataFile, stream: IO[bytes], line: int) -> Iterator[tuple[int, bytes]]:
    """Blocks of whole lines, each with the number of its first line."""
    while data := stream.read(BLOCK_BYTES):
        if not data.endswith(b"\n"):
            rest = stream.readline(MAX_LINE)
            if len(rest) == MAX_LINE:
                problem = f"the line is longer than {MAX_LINE:,} bytes."
                raise file.fault(problem, line + data.count(b"\n"))
            data += rest
        if line == 1:
            data = data.removeprefix(codecs.BOM_UTF8)
        if data.strip():
            yield line, data
        line += data.count(b"\n")


def _parse(lines: _Lines, line: int, data: bytes) -> _Block:
    """One block at C speed. Whatever is wrong with it, the line-by-line reader says where."""
    separator, scale = lines.layout.separator, lines.layout.scale
    fields = [("user_id", "i8"), ("item_id", "i8"), ("rating", "f8"), ("timestamp", "i8")]  # narrower ones wrap
    try:
        table = np.loadtxt(
            # One byte is faster than two. A tab that is there already changes the count or ends up in a number.
            io.BytesIO(data.replace(b"::", b"\t") if separator == "::" else data),
            delimiter="\t" if separator == "::" else separator,
            dtype=np.dtype(fields[: lines.n_fields]),
            comments=None,
            ndmin=1,
        )
    except (ValueError, OverflowError, DeprecationWarning) as error:
        raise _first_fault(lines, line, data, " ".join(str(error).split())) from None
    user_ids, item_ids, stars = table["user_id"], table["item_id"], table["rating"]
    timestamps = table["timestamp"] if lines.is_timed else np.zeros(len(table), dtype=np.int64)
    items = lines.item_ids.indices(item_ids)
    users = user_ids if lines.user_ids is None else lines.user_ids.indices(user_ids)
    is_whole = (
        data.count(separator.encode()) == len(table) * (lines.n_fields - 1)  # usecols hides fields that are too many
        and b"\0" not in data  # ends a field early in the C engine
        and _are_on_scale(stars, scale)
        and min(items.min(), users.min(), timestamps.min()) >= 0
        and users.max() <= MAX_ID
        and timestamps.max() <= MAX_TIMESTAMP
    )
    if not is_whole:
        raise _first_fault(lines, line, data, "the numbers of lines and fields do not agree")
    return users, items, stars.astype(np.float32), timestamps


def _are_on_scale(stars: np.ndarray, scale: RatingScale) -> bool:
    steps = (stars - scale.low) / scale.step
    return bool(((stars >= scale.low) & (stars <= scale.high) & (steps == np.rint(steps))).all())


def _first_fault(lines: _Lines, first_line: int, data: bytes, otherwise: str) -> DataError:
    """Go through the lines one by one for the first bad one."""
    for line, raw in enumerate(data.split(b"\n"), start=first_line):
        text = raw.removesuffix(b"\r").decode("latin-1")
        try:
            if text:
                _check_line(lines, text)
        except Fault as fault:
            return lines.file.fault(fault.problem, line)
    return lines.file.fault(f"this line or one of the next cannot be read: {otherwise}.", first_line)


def _check_line(lines: _Lines, text: str) -> None:
    """Raises Fault, with what is wrong with one rating."""
    layout, scale = lines.layout, lines.layout.scale
    fields = text.split(layout.separator)
    if len(fields) != lines.n_fields:
        raise Fault(wrong_count(lines.n_fields, layout.separator, text, len(fields)))
    user_id, item_id = reading.identity("user id", fields[0]), reading.identity("film id", fields[1])
    if lines.is_timed:
        reading.seconds(fields[3])
    stars = fields[2]
    if not (reading.is_number(stars) and _are_on_scale(np.array(float(stars)), scale)):
        raise Fault(f"a rating is {scale.low:g} to {scale.high:g} in steps of {scale.step:g}. Received {shown(stars)}.")
    if item_id not in lines.item_ids:
        raise Fault(f"film {item_id} is not in {layout.films}.")
    if lines.user_ids is not None and user_id not in lines.user_ids:
        raise Fault(f"user {user_id} is not in {layout.users}.")
