"""How a component of JS and CSS becomes something that a page can draw."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

import streamlit as st

_FOLDER = Path(__file__).parent
_LEAST_TYPE = "13px"
_SIZE_OF_TYPE = re.compile(r"font-size: ([0-9.]+rem)")
_Payload = TypeVar("_Payload")


class Component(Generic[_Payload]):
    """A component; calling it draws it.

    Args:
        name: its folder, which holds its .js and .css.
        parts: files of shared/ that it draws with, by their stems; `dom.js` and `base.css` come first in all.
    """

    def __init__(self, name: str, *parts: str) -> None:
        self._name = name
        self._parts = parts

    def __call__(self, *, data: _Payload, **options: Any) -> Any:
        # In a list: Streamlit looks for tables among the values of a dict, and imports pandas (0.4 s) to do so.
        return self._mount(data=[data], **options)

    @cached_property
    def _mount(self) -> Any:
        """Its files are read when it is drawn for the first time: most visits see few of the components."""
        js, css = self._joined("js", "dom"), self._styles()
        return st.components.v2.component(f"recsys_{self._name}", html='<div class="root"></div>', css=css, js=js)

    def _styles(self) -> str:
        """No type is smaller than can be read; a page may set another least size (stage.css, print.css)."""
        return _SIZE_OF_TYPE.sub(rf"font-size: max(\1, var(--least-type, {_LEAST_TYPE}))", self._joined("css", "base"))

    def _joined(self, kind: str, first: str) -> str:
        shared = [_FOLDER / "shared" / f"{part}.{kind}" for part in (first, *self._parts)]
        paths = [*shared, _FOLDER / self._name / f"{self._name}.{kind}"]
        return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.is_file())
