"""What Streamlit has no element for, drawn in the browser from plain data.

A folder per component, no build step; what several draw with stands in shared/. `dom.js` and `base.css` come first in
every component. Text reaches the page only through `textContent`, so that a title is data whatever it contains.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent


def _declare(name: str, *parts: str) -> Callable[..., Any]:
    """Register a component made of the files of these names."""
    js, css = _joined("js", "dom", *parts), _joined("css", "base", *parts)
    mount = st.components.v2.component(f"recsys_{name}", html='<div class="root"></div>', css=css, js=js)

    def component(*, data: Any, **options: Any) -> Any:
        # In a list: Streamlit looks for tables among the values of a dict, and imports pandas (0.4 s) to do so.
        return mount(data=[data], **options)

    return component


def _joined(kind: str, *parts: str) -> str:
    """The files of one kind that these parts have."""
    paths = (_FOLDER / folder / f"{part}.{kind}" for part in parts for folder in ("shared", part))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.is_file())


board = _declare("board", "pills", "cards", "matrix", "board")
profile = _declare("profile", "profile")
overlap = _declare("overlap", "overlap")
scores = _declare("scores", "pills", "scores")
grid = _declare("grid", "table", "grid")
slices = _declare("slices", "slices")
checks = _declare("checks", "checks")
choice = _declare("choice", "pills", "choice")
job = _declare("job", "job")
run_table = _declare("runs", "table", "runs")
films_editor = _declare("films_editor", "films_editor")
moves = _declare("moves", "cards", "moves")
facts = _declare("facts", "facts")
open_tab = _declare("open_tab", "open_tab")
tally = _declare("tally", "tally")
bands = _declare("bands", "bands")
strip = _declare("strip", "strip")
preferences = _declare("preferences", "preferences")
topics = _declare("topics", "pills", "topics")
flow = _declare("flow", "flow")
worked = _declare("worked", "worked")
reasons = _declare("reasons", "pills", "cards", "reasons")
steps = _declare("steps", "steps")
attention = _declare("attention", "attention")
film_reach = _declare("film_reach", "film_reach")
film_near = _declare("film_near", "cards", "film_near")
film_map = _declare("film_map", "pills", "film_map")
