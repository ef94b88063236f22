"""Files to download, and tables as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import streamlit as st

from recsys.csv_text import csv_text

BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark; None and NaN are empty cells, and no cell is a formula."""
    return (BOM + csv_text([header, *rows])).encode("utf-8")


def button(label: str, data: bytes | Callable[[], bytes], name: str, *, key: str, help: str | None = None) -> None:
    """A button that downloads a file; a callable makes it once somebody asks for it."""
    mime, icon = "text/csv" if name.endswith(".csv") else "application/zip", ":material/download:"
    st.download_button(label, data, file_name=name, mime=mime, icon=icon, on_click="ignore", key=key, help=help)
