"""The empty page that a browser gets first, before any script of ours has run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STYLE = Path(__file__).with_name("frame.css")
STATIC = Path(st.__file__).parent / "static"
_KINDS = ("Html", "Button", "BidiComponent")
"""Kinds of element on every page's first screen. Streamlit fetches their scripts, whose names go on with a hash, one by
one and only when a message has such an element: the lists would be in the browser, and wait for them."""
_NAMED, _IMPORTED = re.compile(r'static/js/([^"]+\.js)"'), re.compile(r'\b(?:from|import)\s*"\./([^"/]+\.js)"')


class Index:
    """Gives Streamlit's index.html the product's name, frame.css, and the scripts that every page needs.

    So nothing is drawn without the first two, and the browser fetches the scripts together with Streamlit's own.
    """

    def __init__(self, app: ASGIApp, name: str) -> None:
        self.app = app
        style = _STYLE.read_text(encoding="utf-8")
        fetched = "".join(
            f'<link rel="modulepreload" crossorigin href="./static/js/{script}">\n' for script in scripts_of(_KINDS)
        )
        self._replaced = {
            b"<title>Streamlit</title>": f"<title>{name}</title>".encode(),
            b"</head>": f"{fetched}<style>\n{style}</style>\n</head>".encode(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or "text/html" not in Headers(scope=scope).get("accept", "")
        ):
            await self.app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message | None = None
        body = b""

        async def with_style(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_page(message):
                start = message  # sent when the length is known
            elif start is None:
                await send(message)
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")
                if message.get("more_body"):
                    return
                for old, new in self._replaced.items():
                    body = body.replace(old, new)
                MutableHeaders(scope=start)["content-length"] = str(len(body))
                await send(start)
                await send({"type": "http.response.body", "body": body})

        await self.app({**scope, "headers": plain}, receive, with_style)  # what is packed cannot be changed


def scripts_of(kinds: Iterable[str], folder: Path = STATIC) -> list[str]:
    """Names of Streamlit's scripts for some kinds of element, and of those that they import.

    Without those that Streamlit's page asks for itself; none of a kind that is not there.
    """
    asked = set(_NAMED.findall((folder / "index.html").read_text(encoding="utf-8")))
    found: list[str] = []
    waiting = [path.name for kind in kinds for path in (folder / "static" / "js").glob(f"{kind}.*.js")]
    while waiting:
        name = waiting.pop(0)
        if name not in asked and name not in found:
            found.append(name)
            waiting += _IMPORTED.findall((folder / "static" / "js" / name).read_text(encoding="utf-8"))
    return found


def _is_page(start: Message) -> bool:
    """Whether an answer is a whole page of HTML; it then loses what says that a browser's older copy is as good."""
    headers = MutableHeaders(scope=start)
    if start["status"] != 200 or not headers.get("content-type", "").startswith("text/html"):
        return False
    for validator in ("etag", "last-modified", "accept-ranges"):
        del headers[validator]
    return True
