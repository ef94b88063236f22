"""Files to save: charts as pictures, tables as CSV, Markdown and LaTeX, each with where its numbers come from."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from recsys.csv_text import csv_text
from recsys.evaluation.protocols import HOLDOUT
from recsys.ui import loaders, printing
from recsys.ui.components.save import save as component
from recsys.ui.components.save.save import SavedFile
from recsys.ui.errors import calm
from recsys.ui.text import DASH, md
from recsys.version import __version__

BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""
Rows = tuple[Sequence[str], Sequence[Sequence[object]]]
"""A header, and rows as long as it."""
_HEIGHT = 28
"""Pixels of the buttons, kept free from the start so that nothing moves when they come."""


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
        # What would be quoted would be no comment, and after a comma a spreadsheet might see a formula.
        about = [
            [" ".join(re.sub(r"[,;]", " ·", f"# {name}: {value}").replace('"', "'").split())]
            for name, value in {"title": self.title, **self.facts}.items()
        ]
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


@dataclass(frozen=True)
class _Format:
    label: str
    mime: str
    write: Callable[[Table], bytes]


FORMATS = {
    "csv": _Format("CSV", "text/csv", Table.csv),
    "md": _Format("Markdown", "text/markdown", Table.markdown),
    "tex": _Format("LaTeX", "application/x-tex", Table.latex),
}
"""By the ending of the file."""


def facts(dataset_name: str, *, protocol: str = "", seed: str = "", **more: str) -> dict[str, str]:
    """Where numbers come from, for a file: the data set, how and from which seed they were made, version and date.

    Args:
        protocol, seed: "" where no model was asked, as for counts.
        more: what else belongs there, such as the user.
    """
    known = {
        "data set": dataset_name,
        "protocol": protocol,
        "seed": seed,
        **more,
        "version": f"recsys {__version__}",
        "date": datetime.now(UTC).date().isoformat(),
    }
    return {name: value for name, value in known.items() if value}


def facts_of(dataset_name: str, models: Iterable[str], **more: str) -> dict[str, str]:
    """The same for what models say or reach under the protocol that all pages share; `models` may be runs."""
    return facts(dataset_name, protocol=HOLDOUT.name, seed=loaders.seeds(dataset_name, models), **more)


@contextmanager
def saved(key: str, title: str, about: Mapping[str, str], **options: Any) -> Iterator[None]:
    """A chart or a table, drawn inside, with `save` in its foot."""
    with st.container(gap=None):
        yield
        save(key, title, about, **options)


@st.fragment
def save(
    key: str,
    title: str,
    about: Mapping[str, str],
    *,
    is_chart: bool = False,
    alt: str = "",
    table: Callable[[], Rows] | None = None,
    label: str = "",
) -> None:
    """Small buttons that save a chart as SVG and PNG, a table as CSV, Markdown and LaTeX. Draws itself alone.

    Args:
        key: of what is saved; a chart is the element that has it.
        about: as `facts` says.
        alt: the chart in words.
        table: makes the header and the rows once somebody asks for them; None where there are none.
        label: what stands before the buttons; without one they open from the word "Save".
    """
    own = f"save_{key}"
    name = "-".join(re.findall(r"[a-zA-Z0-9]+", f"{about.get('data set', '')} {key}"))
    asked = st.session_state.pop(f"{own}_asked", None)
    file: SavedFile | None = None
    if asked is not None and table is not None:
        with calm():
            how = FORMATS[asked[0]]
            text = how.write(Table(title, *table(), about)).decode("utf-8")
            file = {"id": asked[1], "name": f"{name}.{asked[0]}", "mime": how.mime, "text": text}
    theme = "dark" if st.context.theme.type == "dark" else "light"
    component.draw(
        key=own,
        height=_HEIGHT,
        data={
            "label": label,
            "title": title,
            "says": _on_one_line(about),
            "alt": alt,
            "name": name,
            "of": component.class_of(key) if is_chart else "",
            "endings": list(FORMATS) if table is not None else [],
            "labels": {ending: how.label for ending, how in FORMATS.items()},
            "light": printing.in_light(theme) if is_chart else "",
            "paper": st.get_option("theme.light.backgroundColor"),
            "file": file,
        },
        on_wanted_change=partial(_ask, own),
    )


def _on_one_line(about: Mapping[str, str]) -> str:
    """ "Data set demo · protocol holdout · seed 0 · recsys 0.1.0 · 2026-11-28": the last two say what they are."""
    parts = [value if name in ("version", "date") else f"{name} {value}" for name, value in about.items()]
    line = " · ".join(parts)
    return f"{line[:1].upper()}{line[1:]}"


def _ask(own: str) -> None:
    """Callback: what is asked for is made when this is drawn; a browser can send anything."""
    match getattr(st.session_state.get(own), "wanted", None):
        case {"ending": str(ending), "id": int(click)} if ending in FORMATS:
            st.session_state[f"{own}_asked"] = (ending, click)


def button(label: str, data: bytes | Callable[[], bytes], name: str, *, key: str, help: str | None = None) -> None:
    """A button that downloads a zip; a callable makes it once somebody asks for it."""
    mime, icon = "application/zip", ":material/download:"
    st.download_button(label, data, file_name=name, mime=mime, icon=icon, on_click="ignore", key=key, help=help)
