"""The empty page that a browser gets first, before any script of ours has run."""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STYLE = Path(__file__).with_name("frame.css")


class Index:
    """Gives Streamlit's index.html the product's name and frame.css, so that nothing is drawn without them at first."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self.app = app
        style = _STYLE.read_text(encoding="utf-8")
        self._replaced = {
            b"<title>Streamlit</title>": f"<title>{name}</title>".encode(),
            b"</head>": f"<style>\n{style}</style>\n</head>".encode(),
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


def _is_page(start: Message) -> bool:
    """Whether an answer is a whole page of HTML; it then loses what says that a browser's older copy is as good."""
    headers = MutableHeaders(scope=start)
    if start["status"] != 200 or not headers.get("content-type", "").startswith("text/html"):
        return False
    for validator in ("etag", "last-modified", "accept-ranges"):
        del headers[validator]
    return True
