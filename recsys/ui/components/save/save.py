"""What the buttons that save a chart or a table are given. Pure."""

from __future__ import annotations

import re
from typing import TypedDict

from recsys.ui.components.mount import Component


class SavedFile(TypedDict):
    """What was asked for; `id` is that of the click, so that no other page view saves it as well."""

    id: int
    name: str
    mime: str
    text: str


class SavePayload(TypedDict):
    """`label` stands before the buttons; where it is "", they open from the word "Save".

    `of` is the class of the element that holds a chart, "" where there is none to draw; `says` stands below it, `alt`
    is the chart in words. `paper` is the page's colour in the light theme and `light` the styles that give charts
    theirs. `endings` are the kinds of file that the server writes, and `labels` what they are called.
    """

    label: str
    title: str
    says: str
    alt: str
    name: str
    of: str
    endings: list[str]
    labels: dict[str, str]
    light: str
    paper: str
    file: SavedFile | None


draw: Component[SavePayload] = Component("save", "picture")


def class_of(key: str) -> str:
    """The class that Streamlit gives to the element with this key."""
    return f"st-key-{re.sub(r'[^a-zA-Z0-9_-]', '-', key.strip())}"
