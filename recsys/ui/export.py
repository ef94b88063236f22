"""Tables as CSV files to download."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recsys.csv_text import csv_text

BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark; None and NaN are empty cells, and no cell is a formula."""
    return (BOM + csv_text([header, *rows])).encode("utf-8")
