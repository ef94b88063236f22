"""A split of your own: one file to learn from, one to be tested on.

csv or tsv with the columns user, item, rating and optionally timestamp; a header is optional, and with one the order of
the columns is free. Ids may be any text of one line.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recsys.data.catalog import Catalog, IdMap, Viewers
from recsys.data.dataset import Dataset, RatingScale
from recsys.data.movielens.layouts import shown
from recsys.errors import DataError, UsageError

COLUMNS = ("user", "item", "rating", "timestamp")
SYNONYMS = {
    **{"userid": "user", "user_id": "user", "uid": "user"},
    **{"itemid": "item", "item_id": "item", "iid": "item", "movieid": "item", "movie_id": "item", "movie": "item"},
    **{"film": "item", "stars": "rating", "score": "rating", "time": "timestamp"},
}
SHAPE = "Each line needs user, item, rating and perhaps timestamp, with commas or tabs between."
QUOTES = 'One that belongs to the text is written twice, in a cell between quotation marks: """Heat"" (1995)".'
LARGEST = {"rating": 1e9, "timestamp": 9e18}
"""What single precision and 64 bits hold with room to spare."""


@dataclass(frozen=True, eq=False)
class OwnSplit:
    """Two parts over the users and films of the first.

    Args:
        train, test: share catalog and viewers, which are those of the training file.
        n_unknown_users, n_unknown_items: users and films that only the test file has.
        n_left_out: rows of the test file left out because of them.
        n_repeated: rows of the test file left out because the training file has the same user and film.
        n_test: rows of the test file.
    """

    train: Dataset
    test: Dataset
    n_unknown_users: int
    n_unknown_items: int
    n_left_out: int
    n_repeated: int
    n_test: int

    def report(self) -> list[str]:
        """What was left out, in sentences."""
        lines = []
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
    """Read both files.

    Raises:
        DataError: a file cannot be read, a column is missing, or a value is not what it should be.
        UsageError: a file is empty, or no test row is of a user and a film that the training file has.
    """
    train, test = _read(train_file), _read(test_file)
    users, items = (sorted({pair[place] for pair in train}, key=_natural) for place in (0, 1))
    user_of, item_of = ({raw: index for index, raw in enumerate(ids)} for ids in (users, items))
    known = {pair: said for pair, said in test.items() if pair[0] in user_of and pair[1] in item_of}
    asked = {pair: said for pair, said in known.items() if pair not in train}
    if not known:
        raise UsageError(
            f"No row of {test_file} has a user and an item that {train_file} knows: there is nothing to measure."
        )
    if not asked:
        raise UsageError(
            f"Every row of {test_file} that could be measured is in {train_file} too: nothing is held out."
        )
    stars = np.unique([rating for rating, _ in train.values()])
    scale = RatingScale(float(stars[0]), float(stars[-1]), float(np.diff(stars).min()) if len(stars) > 1 else 1.0)
    catalog = Catalog(IdMap(np.arange(len(items))), tuple(items), np.zeros(len(items)), np.zeros((len(items), 0)), ())
    viewers = Viewers.anonymous(IdMap(np.arange(len(users))))

    def dataset(rows: _Rows) -> Dataset:
        ratings, timestamps = zip(*rows.values(), strict=True)
        return Dataset(
            name=train_file.stem,
            users=np.array([user_of[user] for user, _ in rows]),
            items=np.array([item_of[item] for _, item in rows]),
            ratings=np.array(ratings, dtype=np.float32),
            timestamps=np.array(timestamps, dtype=np.int64),
            catalog=catalog,
            viewers=viewers,
            scale=scale,
        )

    return OwnSplit(
        train=dataset(train),
        test=dataset(asked),
        n_unknown_users=len({user for user, _ in test} - set(users)),
        n_unknown_items=len({item for _, item in test} - set(items)),
        n_left_out=len(test) - len(known),
        n_repeated=len(known) - len(asked),
        n_test=len(test),
    )


_Rows = dict[tuple[str, str], tuple[float, int]]
"""(user, item) -> rating, timestamp"""


def _read(path: Path) -> _Rows:
    """The rows of one file, each pair of a user and an item once: the latest counts, without times the last."""
    latest: _Rows = {}
    for user, item, rating, timestamp in _parsed(path):
        if (user, item) not in latest or timestamp >= latest[user, item][1]:
            latest[user, item] = rating, timestamp
    if not latest:
        raise UsageError(f"{path} has no ratings. {SHAPE}")
    return latest


def _parsed(path: Path) -> Iterator[tuple[str, str, float, int]]:
    place: dict[str, int] | None = None
    for number, raw in _records(path):
        cells = [cell.strip() for cell in raw]
        if not any(cells):
            continue
        if place is None:
            place = _header(path, cells, number)
            if place is not None:
                continue
            place = {name: column for column, name in enumerate(COLUMNS[: len(cells)])}
        if "rating" not in place or len(cells) <= max(place.values()):
            raise _fault(path, f"The line has {len(cells)} columns.", number)
        user, item = cells[place["user"]], cells[place["item"]]
        if not user or not item:
            raise _fault(path, "The user or the item is missing.", number)
        rating = _number(path, "rating", cells[place["rating"]], number)
        timestamp = _number(path, "timestamp", cells[place["timestamp"]], number) if "timestamp" in place else 0
        yield user, item, rating, int(timestamp)


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells. A cell may be in quotation marks, with tabs as with commas, but not go over lines: one
    stray mark would take every line up to the next mark, or to the end, for a single cell."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.") from None
    first = next(filter(None, lines), "")
    reader = csv.reader(lines, delimiter="\t" if "\t" in first else ",", strict=True)
    line = 1
    try:
        for cells in reader:
            if reader.line_num > line:  # a quotation mark took the next line in
                raise csv.Error
            yield line, cells
            line += 1
    except csv.Error as error:
        if '"' not in lines[line - 1]:
            raise _fault(path, f"The line cannot be read: {error}.", line) from None
        problem = (
            f"A quotation mark that opens a cell must close it in the same line. Received {shown(lines[line - 1])}."
        )
        raise DataError(problem, file=str(path), line=line, remedy=QUOTES) from None


def _header(path: Path, cells: list[str], line: int) -> dict[str, int] | None:
    """Column by name, or None where the first line is a rating already."""
    names = [SYNONYMS.get(cell.lower(), cell.lower()) for cell in cells]
    if not set(names) & set(COLUMNS):
        return None
    missing = [name for name in COLUMNS[:3] if name not in names]
    if missing:
        raise _fault(path, f"There is no column {' and no column '.join(missing)} in {','.join(cells)[:80]!r}.", line)
    return {name: names.index(name) for name in COLUMNS if name in names}


def _number(path: Path, name: str, text: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _fault(path, f"The {name} must be a number. Received {text[:40]!r}.", line)
    if abs(value) > LARGEST[name]:
        raise _fault(path, f"The {name} is too large. Received {text[:40]!r}.", line)
    return value


def _fault(path: Path, problem: str, line: int) -> DataError:
    return DataError(problem, file=str(path), line=line, remedy=SHAPE)


def _natural(raw: str) -> tuple[bool, int, str]:
    """2 before 10, numbers before words: film order is what ties go by."""
    return (not raw.isdecimal(), len(raw) if raw.isdecimal() else 0, raw)
