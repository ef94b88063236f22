"""A split of your own: one file to learn from, one to be tested on.

csv or tsv with the columns user, item, rating and optionally timestamp; a header is optional, and with one the order of
the columns is free. Ids may be any text of one line.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recsys.data.catalog import Catalog, IdMap, Viewers
from recsys.data.dataset import NO_ORDER, Dataset, RatingScale, latest_of_pairs, left_out_of, ordering
from recsys.data.reading import (
    MAX_RATINGS,
    MAX_RATINGS_BYTES,
    MAX_USERS,
    Fault,
    cells_of,
    checked_name,
    is_number,
    lines_of,
    number,
    seconds,
    shown,
)
from recsys.errors import DataError, UsageError, reason

COLUMNS = ("user", "item", "rating", "timestamp")
SYNONYMS = {
    **{"userid": "user", "user_id": "user", "uid": "user"},
    **{"itemid": "item", "item_id": "item", "iid": "item", "movieid": "item", "movie_id": "item", "movie": "item"},
    **{"film": "item", "stars": "rating", "score": "rating", "time": "timestamp"},
}
SHAPE = "Each line needs user, item, rating and perhaps a timestamp, separated by commas or tabs."
MAX_ITEMS = 1_000_000  # more than the films of a data set, as nothing is known of them but their ids
QUOTES = 'One that belongs to the text is written twice, in a cell between quotation marks: """Heat"" (1995)".'


@dataclass(frozen=True, eq=False)
class OwnSplit:
    """Two parts over the users and films of the first.

    Args:
        train, test: share catalog and viewers, which are those of the training file.
        n_unknown_users, n_unknown_items: users and films that only the test file has.
        n_left_out: rows of the test file left out because of them.
        n_repeated: rows of the test file left out because the training file has the same user and film.
        n_test: rows of the test file, each pair of a user and a film once.
        duplicates: of which file how many rows are left out as such, in sentences.
    """

    train: Dataset
    test: Dataset
    n_unknown_users: int
    n_unknown_items: int
    n_left_out: int
    n_repeated: int
    n_test: int
    duplicates: tuple[str, ...] = ()

    def report(self) -> list[str]:
        """What was left out or is not known, in sentences."""
        lines = [*self.train.notes, *self.duplicates]
        if self.n_left_out:
            lines.append(
                f"{self.n_left_out:,} of {self.n_test:,} test rows are left out: {self.n_unknown_users:,} users and "
                f"{self.n_unknown_items:,} films are in the test file only, and no model can know them."
            )
        if self.n_repeated:
            lines.append(
                f"{self.n_repeated:,} of {self.n_test:,} test rows are left out: the training file has the same user "
                "and film, so the models have seen the answer."
            )
        return lines


def read(train_file: Path, test_file: Path) -> OwnSplit:
    """Read both files, row by row into arrays: 5 million rows cost less than 1 GB.

    Raises:
        DataError: a file cannot be read, a column is missing, or a value is not what it should be.
        UsageError: a file is empty, or no test row is of a user and a film that the training file has.
    """
    train, test = _read(train_file), _read(test_file)
    users, items = sorted(train.users, key=_natural), sorted(train.items, key=_natural)
    user_of, item_of = ({raw: index for index, raw in enumerate(ids)} for ids in (users, items))
    test_users, test_items = _indices(test.users, test.user, user_of), _indices(test.items, test.item, item_of)
    train_users, train_items = _indices(train.users, train.user, user_of), _indices(train.items, train.item, item_of)
    is_known = (test_users >= 0) & (test_items >= 0)
    pairs = ((a * np.int64(len(items)) + b) for a, b in ((test_users, test_items), (train_users, train_items)))
    is_asked = is_known & ~np.isin(*pairs)
    if not is_known.any():
        raise UsageError(
            f"No row of {test_file} has a user and an item that {train_file} knows: there is nothing to measure."
        )
    if not is_asked.any():
        raise UsageError(
            f"Every row of {test_file} that could be measured is in {train_file} too: nothing is held out."
        )
    stars = np.unique(train.rating)
    whole = Dataset(
        name=train_file.stem,
        users=train_users,
        items=train_items,
        ratings=train.rating,
        timestamps=train.timestamp,
        catalog=Catalog(
            IdMap(np.arange(len(items))), tuple(items), np.zeros(len(items)), np.zeros((len(items), 0)), ()
        ),
        viewers=Viewers.anonymous(IdMap(np.arange(len(users)))),
        notes=train.notes,
        scale=RatingScale(float(stars[0]), float(stars[-1]), float(np.diff(stars).min()) if len(stars) > 1 else 1.0),
    )
    return OwnSplit(
        train=whole,
        test=replace(
            whole,
            users=test_users[is_asked],
            items=test_items[is_asked],
            ratings=test.rating[is_asked],
            timestamps=test.timestamp[is_asked],
        ),
        n_unknown_users=len(test.users.keys() - user_of.keys()),
        n_unknown_items=len(test.items.keys() - item_of.keys()),
        n_left_out=int((~is_known).sum()),
        n_repeated=int((is_known & ~is_asked).sum()),
        n_test=len(is_known),
        duplicates=tuple(
            f"{path}: {left_out_of(table.n_duplicates)}"
            for path, table in ((train_file, train), (test_file, test))
            if table.n_duplicates
        ),
    )


class _Table(NamedTuple):
    """The rows of one file, each pair of a user and an item once: the latest counts, without times the last.

    Args:
        users, items: the code of each id, in the order in which they come.
        notes: what there is to say of the file.
        n_duplicates: rows of the file that are not here.
        user, item: (N,) int32 codes.
        rating: (N,) float64.
        timestamp: (N,) int64.
    """

    users: dict[str, int]
    items: dict[str, int]
    notes: tuple[str, ...]
    n_duplicates: int
    user: np.ndarray
    item: np.ndarray
    rating: np.ndarray
    timestamp: np.ndarray


def _indices(codes: dict[str, int], column: np.ndarray, index_of: dict[str, int]) -> np.ndarray:
    """(N,) indices of a column of codes; -1 where an id has none."""
    return np.array([index_of.get(raw, -1) for raw in codes], dtype=np.int32)[column]


def _read(path: Path) -> _Table:
    users: dict[str, int] = {}
    items: dict[str, int] = {}
    user, item, rating, timestamp = array("i"), array("i"), array("d"), array("q")
    place: dict[str, int] | None = None
    separator = ""
    for line, text in _lines(path):
        separator = separator or ("\t" if "\t" in text else ",")
        try:
            cells = [cell.strip() for cell in cells_of(text, separator)]
            if not any(cells):
                continue
            if place is None:
                place = _header(cells)
                if place is not None:
                    continue
                place = {name: column for column, name in enumerate(COLUMNS[: len(cells)])}
            if "rating" not in place or len(cells) <= max(place.values()):
                raise Fault(f"the line has {len(cells)} columns.")
            user.append(_code(users, "user", cells[place["user"]], MAX_USERS))
            item.append(_code(items, "film", cells[place["item"]], MAX_ITEMS))
            rating.append(number("rating", cells[place["rating"]]))
            timestamp.append(seconds(cells[place["timestamp"]].removesuffix(".0")) if "timestamp" in place else 0)
            if len(rating) > MAX_RATINGS:
                raise Fault(f"there are more than {MAX_RATINGS:,} ratings.")
        except Fault as fault:
            raise _fault(path, fault.problem, line) from None
        except csv.Error:
            problem = f"A quotation mark that opens a cell must close it in the same line. Received {shown(text)}."
            raise DataError(problem, file=path, line=line, remedy=QUOTES) from None
    if not rating:
        raise UsageError(f"{path} has no ratings. {SHAPE}")
    columns = [*(np.array(column) for column in (user, item, rating)), ordering(np.array(timestamp))]
    rows = latest_of_pairs(columns[0], columns[1], columns[3])
    notes = (NO_ORDER,) if "timestamp" in (place or {}) and not columns[3].any() else ()
    return _Table(users, items, notes, len(rating) - len(rows), *(column[rows] for column in columns))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Raises UsageError for what is no file that ends, DataError for a line that is no text."""
    try:
        size = path.stat().st_size
        if not path.is_file() and not path.is_dir():
            raise UsageError(f"{path} cannot be read: it is not a regular file.")
        if size > MAX_RATINGS_BYTES:
            raise UsageError(f"{path} cannot be read: it has more than {MAX_RATINGS_BYTES:,} bytes.")
        with path.open("rb") as stream:
            yield from lines_of(stream, "utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {reason(error)}.") from None
    except Fault as fault:
        if "UTF-8" in fault.problem:
            raise UsageError(f"{path} cannot be read: it is not UTF-8. In line {fault.line}, {fault.problem}") from None
        raise _fault(path, fault.problem, fault.line) from None


def _code(codes: dict[str, int], what: str, raw: str, most: int) -> int:
    """The number of an id; a new one gets the next."""
    code = codes.get(raw)
    if code is None:
        if not raw:
            raise Fault("the user or the item is missing.")
        if len(codes) == most:
            raise Fault(f"there are more than {most:,} {what}s.")
        code = codes[checked_name(what, raw)] = len(codes)
    return code


def _fault(path: Path, problem: str, line: int | None) -> DataError:
    return DataError(problem[0].upper() + problem[1:], file=path, line=line, remedy=SHAPE)


def _header(cells: list[str]) -> dict[str, int] | None:
    """Column by name, or None where the first line is a rating already: a film may be called Time."""
    names = [SYNONYMS.get(cell.lower(), cell.lower()) for cell in cells]
    if not set(names) & set(COLUMNS) or (len(cells) > 2 and is_number(cells[2])):
        return None
    missing = [name for name in COLUMNS[:3] if name not in names]
    if missing:
        raise Fault(f"there is no column {' and no column '.join(missing)} in {','.join(cells)[:80]!r}.")
    return {name: names.index(name) for name in COLUMNS if name in names}


def _natural(raw: str) -> tuple[bool, int, str]:
    """2 before 10, numbers before words: film order is what ties go by."""
    is_number = raw.isascii() and raw.isdecimal()
    return (not is_number, len(raw) if is_number else 0, raw)
