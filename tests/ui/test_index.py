"""The first page that a browser gets, in front of a small server that packs its answers."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from recsys.ui import index
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


def test_scripts_that_every_page_needs_are_asked_for_with_the_page() -> None:
    _, body = ask("/", "text/html,*/*")
    asked = re.findall(rb'<link rel="modulepreload" crossorigin href="\./static/js/([^"]+)">', body)
    kinds = {name.decode().split(".")[0] for name in asked}
    assert {"BidiComponent", "Button", "Html"} < kinds  # and what these import
    streamlits_own = (index.STATIC / "index.html").read_text(encoding="utf-8")
    for name in asked:
        assert (index.STATIC / "static" / "js" / name.decode()).is_file()
        assert name.decode() not in streamlits_own


def test_another_streamlit_may_have_other_scripts(tmp_path: Path) -> None:
    scripts = tmp_path / "static" / "js"
    scripts.mkdir(parents=True)
    (tmp_path / "index.html").write_text('<script src="./static/js/main.1.js">')
    (scripts / "Html.1.js").write_text('import{a as b}from"./main.1.js";import "./deep.2.js";import("./late.3.js")')
    (scripts / "deep.2.js").write_text('export{x}from"./Html.1.js";')
    assert index.scripts_of(["Html", "Gone"], tmp_path) == ["Html.1.js", "deep.2.js"]


def test_what_is_no_page_is_left_as_it_is() -> None:
    headers, body = ask("/text", "text/html,*/*")
    assert (body, headers["etag"]) == (PAGE.encode(), '"1"')
    headers, body = ask("/", "*/*")
    assert (gzip.decompress(body), headers["content-encoding"]) == (PAGE.encode(), "gzip")
