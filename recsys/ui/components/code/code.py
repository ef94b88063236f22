"""The payload of an excerpt of Python, in colours.

`st.code` would fetch 1.5 MB of script and keep the browser busy for a second to colour a page of lines.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from contextlib import suppress
from typing import TypedDict

from recsys.ui.components.mount import Component


class CodePayload(TypedDict):
    """`pieces` are pairs of a kind ("keyword", "text", "comment", "" for the rest) and what stands there, in order."""

    label: str
    pieces: list[tuple[str, str]]


_draw: Component[CodePayload] = Component("code")


def show(label: str, text: str) -> None:
    """An excerpt; `label` says what it is, to screen readers and to tell several on a page apart."""
    # Streamlit keeps two underscores, as in __init__, for itself.
    _draw(key=f"code-{label.replace('__', '')}", data={"label": label, "pieces": pieces(text)})


def pieces(text: str) -> list[tuple[str, str]]:
    """Python in pieces, as a payload has them."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found, end = [], 0
    with suppress(tokenize.TokenError, IndentationError):  # an excerpt may end inside brackets: the rest has no colours
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if kind := _kind(token):
                first, last = (starts[row - 1] + column for row, column in (token.start, token.end))
                found += [("", text[end:first]), (kind, text[first:last])]
                end = last
    return [piece for piece in [*found, ("", text[end:])] if piece[1]]


def _kind(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME and keyword.iskeyword(token.string):
        return "keyword"
    if token.type == tokenize.COMMENT:
        return "comment"
    # From Python 3.12 on, the parts of an f-string are tokens of their own.
    return "text" if "STRING" in tokenize.tok_name[token.type] else ""
