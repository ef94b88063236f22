"""The first page that a browser gets, in front of a small server that packs its answers."""

from __future__ import annotations

import gzip

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from recsys.ui.index import Index
from tests.app import finish

PAGE = f"<html><head><title>Streamlit</title></head><body>{'x' * 2000}</body></html>"


def page(_: Request) -> HTMLResponse:
    return HTMLResponse(PAGE, headers={"etag": '"1"', "last-modified": "Sat, 28 Nov 2026 05:39:18 GMT"})


def text(_: Request) -> PlainTextResponse:
    return PlainTextResponse(PAGE, headers={"etag": '"1"'})


PACKED = [Middleware(Index, name="Our name"), Middleware(GZipMiddleware, minimum_size=100)]
APP = Starlette(routes=[Route("/", page), Route("/text", text)], middleware=PACKED)


def ask(path: str, accept: str) -> tuple[Headers, bytes]:
    """What the server says to a browser that takes packed answers."""
    sent: list[Message] = []
    asked = [(b"accept", accept.encode()), (b"accept-encoding", b"gzip")]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": asked}

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    finish(APP(scope, receive, send))
    return Headers(raw=sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


def test_a_page_has_our_name_and_style_before_any_script() -> None:
    headers, body = ask("/", "text/html,*/*")
    assert b"<title>Our name</title>" in body
    assert body.index(b"stMainBlockContainer") < body.index(b"</head>")
    assert int(headers["content-length"]) == len(body)
    assert not {"etag", "last-modified", "content-encoding"} & set(headers)


def test_what_is_no_page_is_left_as_it_is() -> None:
    headers, body = ask("/text", "text/html,*/*")
    assert (body, headers["etag"]) == (PAGE.encode(), '"1"')
    headers, body = ask("/", "*/*")
    assert (gzip.decompress(body), headers["content-encoding"]) == (PAGE.encode(), "gzip")
