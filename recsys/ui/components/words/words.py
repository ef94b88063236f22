"""What the technical words of a page mean."""

from __future__ import annotations

from typing import TypedDict

from recsys.ui.components.mount import Component


class WordsPayload(TypedDict):
    """`says` is the meaning of a word, by the fragment of the links that it has on the page."""

    says: dict[str, str]


draw: Component[WordsPayload] = Component("words")
