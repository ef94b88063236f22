"""A download server that lies: what it answers goes over a bare socket, so that no library sets it right."""

from __future__ import annotations

import gzip
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random

from tests.hostile import mutation

PIECE = 1 << 16
RESET, PAUSE = b"reset", b"pause"
"""Said in the place of bytes: break the connection off; wait a moment."""
PATIENCE = 3.0
"""Seconds for which it holds a connection on which it says nothing more."""
Answer = Callable[[Random, bytes, int], Iterator[bytes]]
"""(what to draw from, the file, the byte from which on it is asked for) -> pieces of an answer."""


class Liar:
    """Serves one file on this computer; each request takes the next of `lies`, and an honest answer after the last."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.lies: list[tuple[Answer, Random]] = []
        self.pause_seconds = 0.02
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            answer, random = self.lies.pop(0) if self.lies else (honest, Random(0))
            threading.Thread(target=self._serve, args=(connection, answer, random), daemon=True).start()

    def _serve(self, connection: socket.socket, answer: Answer, random: Random) -> None:
        with connection, suppress(OSError):
            connection.settimeout(PATIENCE)
            head = b""
            while b"\r\n\r\n" not in head and (piece := connection.recv(PIECE)):
                head += piece
            wanted = re.search(rb"Range: bytes=(\d+)-", head)
            for piece in answer(random, self.body, int(wanted[1]) if wanted else 0):
                if piece is PAUSE:
                    time.sleep(self.pause_seconds)
                elif piece is RESET:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                else:
                    connection.sendall(piece)


def drawn(random: Random) -> tuple[Answer, Random]:
    return random.choice(LIES), Random(random.random())


def _head(status: object, *fields: tuple[str, object]) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields), "Connection: close", "", ""]
    return "\r\n".join(lines).encode("utf-8", errors="replace")


def honest(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    """The file, or the rest of it."""
    if start >= len(body):
        yield _head("416 Range Not Satisfiable", ("Content-Length", 0))
        return
    told = [("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")] if start else []
    yield _head("206 Partial Content" if start else "200 OK", ("Content-Length", len(body) - start), *told)
    yield body[start:]


def slow(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    """The file, in small pieces."""
    yield _head("200 OK", ("Content-Length", len(body)))
    for first in range(0, len(body), len(body) // 20 + 1):
        yield from (body[first : first + len(body) // 20 + 1], PAUSE)


def _wrong_length(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    n = len(body)
    odd = (0, 1, n - 1, n + 1, n // 2, 2 * n, 10**9, 10**30, "9" * 5_000, -1, "many", "", "1,2", f"{n}, {n}", "²", "٣")
    lengths = [("Content-Length", random.choice(odd)) for _ in range(random.choice((1, 1, 2)))]
    yield _head("200 OK", *lengths) + body


def _endless(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    is_chunked = random.random() < 0.5
    yield _head("200 OK", *([("Transfer-Encoding", "chunked")] if is_chunked else []))
    yield from _without_end(is_chunked)


def _without_end(is_chunked: bool = False) -> Iterator[bytes]:
    piece = bytes(PIECE)
    while True:
        yield b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece


def _drip(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    """A byte now and then: of the body, of the header, of its first line."""
    head = _head("200 OK", *random.choice(([], [("Content-Length", len(body))])))
    at_once = random.choice((0, 5, len(head) - 1, len(head), len(head) + PIECE, len(head) + len(body) - 3))
    yield (head + body)[:at_once]
    for byte in (head + body)[at_once:]:
        yield from (bytes([byte]), PAUSE)


def _silent(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    everything = _head("200 OK", ("Content-Length", len(body))) + body
    yield everything[: random.choice((0, 20, 60, PIECE, len(everything) - 1))]
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        yield PAUSE


def _redirect(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    places = ("/ml-100k.zip", "/other", "", "http://127.0.0.1:9/", "https://127.0.0.1:9/", "file:///etc/passwd", "//")
    place = random.choice((*places, "http://[", "http://a b/", "javascript:1", mutation.text(random)[:500]))
    status = random.choice(("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent", "300 Many"))
    yield _head(status, ("Location", place.replace("\r", "").replace("\n", "")))
    if random.random() < 0.3:
        yield from _without_end()


def _in_circles(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    """Somewhere else, and there again."""
    yield _head("302 Found", ("Location", "/ml-100k.zip"), ("Content-Length", 0))


def _truncated(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    yield _head("200 OK", ("Content-Length", len(body))) + body[: random.randrange(len(body))]


def _other_bytes(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    other = mutation.spoilt(body, random)[: 2 * len(body)]
    yield _head("200 OK", ("Content-Length", len(other))) + other


def _encoded(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    """Packed although nobody asked for it: truly, not at all, wrongly, or with far more inside."""
    packed = gzip.compress(body)
    content = random.choice((packed, body, packed[:-9], packed + packed, mutation.spoilt(packed, random), BOMB))
    named = random.choice(("gzip", "gzip", "deflate", "br", "zstd", "gzip, gzip", "no", ", ".join(["gzip"] * 40)))
    yield _head("200 OK", ("Content-Encoding", named), ("Content-Length", len(content))) + content


def _error(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    status = random.choice((204, 304, 400, 401, 403, 404, 407, 416, 418, 429, 500, 502, 503, 511, 599, 600, 999))
    yield _head(f"{status} {mutation.text(random)[:200]!r}", ("Retry-After", "99999"))
    if random.random() < 0.3:
        yield from _without_end()


def _odd_resume(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    """Asked for the rest or not: all of it, another part, or a part that it says is another."""
    n = len(body)
    first = random.choice((0, start, start + 1, max(start - 1, 0), n - 1, n // 2))
    ranges = (f"bytes {first}-{n - 1}/{n}", f"bytes {start}-{n - 1}/{n}", f"bytes {start}-", "bytes */9", "")
    told = random.choice(ranges)
    status = random.choice(("206 Partial Content", "200 OK", "416 Range Not Satisfiable"))
    yield _head(status, ("Content-Range", told), ("Content-Length", n - first)) + body[first:]


def _reset(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    everything = _head("200 OK", ("Content-Length", len(body))) + body
    yield everything[: random.choice((0, 9, 40, len(everything) // 2, len(everything) - 1))]
    yield PAUSE
    yield RESET


def _no_http(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    odd = ("HTTP/9.9 200 OK", "HTTP/1.1 abc", "HTTP/1.1", "ICY 200 OK", "HTTP/1.1 -1 x", "HTTP/1.1 99999999999 x")
    match random.randrange(5):
        case 0:
            yield random.choice(odd).encode() + b"\r\nContent-Length: 5\r\n\r\n" + body
        case 1:
            yield random.randbytes(random.choice((1, 100, 100_000)))
        case 2:
            yield b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000
        case 3:
            yield b"HTTP/1.1 200 OK\r\n"
            while True:
                yield b"X: y\r\n" * 1_000
        case 4:
            while True:  # "go on", for ever
                yield b"HTTP/1.1 100 Continue\r\n\r\n"


def _odd_chunks(random: Random, body: bytes, start: int) -> Iterator[bytes]:
    size = random.choice((b"%x" % len(body), b"ffffffffffffffff", b"-5", b"zz", b"", b"1" * 100_000, b"0", b"5;a=b"))
    yield _head("200 OK", ("Transfer-Encoding", "chunked")) + size + b"\r\n" + body + b"\r\n"
    yield random.choice((b"0\r\n\r\n", b"", b"0\r\nX: " + b"y" * 70_000))


BOMB = gzip.compress(gzip.compress(bytes(200_000_000), 1), 9)
LIES: tuple[Answer, ...] = (
    *(honest, _wrong_length, _endless, _drip, _silent, _redirect, _in_circles, _truncated, _other_bytes, _encoded),
    *(_error, _odd_resume, _reset, _no_http, _odd_chunks),
)
