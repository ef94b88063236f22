"""Files to download: tables as CSV, Markdown and LaTeX, each with where its numbers come from."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from recsys.csv_text import csv_text
from recsys.ui.text import DASH, md

BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark; None and NaN are empty cells, and no cell is a formula."""
    return (BOM + csv_text([header, *rows])).encode("utf-8")


@dataclass(frozen=True)
class Table:
    """A table to save.

    Args:
        facts: where its numbers come from, such as the data set, the seed, the version and the date.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[object]]
    facts: Mapping[str, str]

    def csv(self) -> bytes:
        """The facts stand first, as comments, which `pandas.read_csv(..., comment="#")` leaves out."""
        about = [[f"# {name}: {value}"] for name, value in {"title": self.title, **self.facts}.items()]
        return (BOM + csv_text([*about, self.header, *self.rows])).encode("utf-8")

    def markdown(self) -> bytes:
        lines = [self.header, ["---"] * len(self.header), *([_shown(cell) for cell in row] for row in self.rows)]
        body = [lines[0], *lines[2:]]
        rule = f"|{'|'.join(lines[1])}|"
        rows = [f"| {' | '.join(md(cell) for cell in line)} |" for line in body]
        about = "; ".join(f"{name}: {value}" for name, value in self.facts.items())
        return "\n".join([f"**{md(self.title)}**", "", rows[0], rule, *rows[1:], "", md(about), ""]).encode("utf-8")

    def latex(self) -> bytes:
        """A table for `\\usepackage{booktabs}`."""
        columns = "".join("r" if all(isinstance(row[i], int | float) for row in self.rows) else "l" for i in _of(self))
        rows = [" & ".join(tex(_shown(cell)) for cell in line) + r" \\" for line in (self.header, *self.rows)]
        about = "; ".join(f"{name}: {value}" for name, value in self.facts.items())
        return "\n".join(
            [
                r"\begin{table}",
                rf"\caption{{{tex(self.title)} ({tex(about)})}}",
                rf"\begin{{tabular}}{{{columns}}}",
                r"\toprule",
                rows[0],
                r"\midrule",
                *rows[1:],
                r"\bottomrule",
                r"\end{tabular}",
                r"\end{table}",
                "",
            ]
        ).encode("utf-8")


def _of(table: Table) -> range:
    return range(len(table.header))


def _shown(cell: object) -> str:
    """A cell for people: six digits say all that was measured."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return DASH
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def tex(text: object) -> str:
    """Data as LaTeX that shows it exactly as it is, on one line."""
    one_line = " ".join(str(text).split())
    return re.sub(r"[\\~^&%$#_{}]", lambda it: _TEX.get(it[0], "\\" + it[0]), one_line)


def _made(make: Callable[[], Table], write: Callable[[Table], bytes]) -> bytes:
    return write(make())


def save(label: str, make: Callable[[], Table], name: str, *, key: str) -> None:
    """A button that offers a table as CSV, Markdown and LaTeX; it is made once somebody asks for it.

    Args:
        name: of the files, without the ending.
    """
    popover = st.popover(label, icon=":material/download:", key=key, on_change="rerun")
    if popover.open:
        with popover:
            for title, ending, mime, write in (
                ("CSV", "csv", "text/csv", Table.csv),
                ("Markdown", "md", "text/markdown", Table.markdown),
                ("LaTeX", "tex", "application/x-tex", Table.latex),
            ):
                st.download_button(
                    title,
                    partial(_made, make, write),
                    file_name=f"{name}.{ending}",
                    mime=mime,
                    on_click="ignore",
                    key=f"{key}_{ending}",
                    width="stretch",
                )


def button(label: str, data: bytes | Callable[[], bytes], name: str, *, key: str, help: str | None = None) -> None:
    """A button that downloads a file; a callable makes it once somebody asks for it."""
    mime, icon = "text/csv" if name.endswith(".csv") else "application/zip", ":material/download:"
    st.download_button(label, data, file_name=name, mime=mime, icon=icon, on_click="ignore", key=key, help=help)
