"""One download over HTTP that can be interrupted at any time and goes on where it stopped."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from recsys.data.movielens import reader
from recsys.data.sources import Source
from recsys.errors import DataError, DownloadError

try:
    import fcntl
except ImportError:  # Windows: two downloads of one data set at once are not kept apart; the checksum still holds
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from requests import Response

CHUNK_BYTES = 1 << 16
PAUSE_SECONDS = 0.5  # before the second attempt; twice that before the third
MOST_OF_SIZE, MOST_OF_CHANGING = 1.05, 2.0
"""What a server may send, as a multiple of the known size; the second where the zip changes over time."""
LEAST_SECONDS, SLOWEST = 60.0, 32_000.0
"""What a transfer may take, all attempts together: a minute, or longer where the zip needs that at so many bytes/s."""


class _Failure(Exception):
    """One attempt failed.

    Args:
        problem: what happened, in words.
        again: whether another attempt makes sense.
        keep: whether what has arrived so far is worth keeping.
    """

    def __init__(self, problem: str, *, again: bool, keep: bool) -> None:
        self.problem, self.again, self.keep = problem, again, keep
        super().__init__(problem)


class Transfer:
    """One download to `<folder>/<name>.zip`, and pooch's downloader for it.

    What arrives goes into a hidden part. When it is complete, pooch compares the checksum and gives the file its name.
    """

    def __init__(self, source: Source, folder: Path, url: str, timeout: float, progress: bool) -> None:
        self.source, self.folder, self.url = source, folder, url
        self.target = folder / f"{source.name}.zip"
        self.part = folder / f".{source.name}.zip.part"
        self.timeout, self.progress = timeout, progress
        self.deadline = time.monotonic() + 0.9 * timeout  # for the first answer, with time left to say so
        self.most_bytes = int(source.n_bytes * (MOST_OF_SIZE if source.md5 else MOST_OF_CHANGING))
        self.most_seconds = max(LEAST_SECONDS, source.n_bytes / SLOWEST)
        self.end = time.monotonic() + self.most_seconds
        self.is_answered = False
        self.is_resumed = False  # with a part that was left: of an older release of the file, perhaps

    def run(self, retries: int) -> Path:
        """Download, in at most this many attempts, unless the right file is there already.

        Raises DownloadError where it did not arrive, OSError where the disk is full or cannot be written to.
        """
        for attempt in range(1, retries + 1):
            try:
                return self._attempt()
            except _Failure as failure:
                pause = PAUSE_SECONDS * attempt
                if failure.again and attempt < retries and (self.is_answered or pause < self._seconds_left()):
                    time.sleep(pause)
                    continue
                self._clean_up(failure.keep)
                name = self.source.name
                raise DownloadError(
                    f"{name} could not be downloaded from {self.url}: {failure.problem} Try again (python -m recsys "
                    f"data get {name}), or put {name}.zip into {self.folder}, or set RECSYS_DATA_DIR to a folder that "
                    "has it."
                ) from failure
            except OSError:
                self._clean_up(keep=False)
                raise
        raise ValueError(f"retries must be at least 1. Received {retries}.")

    def _attempt(self) -> Path:
        import pooch

        pooch.get_logger().setLevel("WARNING")
        md5 = self.source.md5
        hashed = md5 and f"md5:{md5}"
        try:
            return Path(pooch.retrieve(self.url, hashed, fname=self.target.name, path=self.folder, downloader=self))
        except ValueError:
            # A part that was left by an older release of the file explains it; a second one does not.
            problem = f"what arrived has the wrong checksum (expected md5 {md5})."
            raise _Failure(problem, again=self.is_resumed, keep=False) from None

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Fill pooch's temporary file."""
        os.remove(output_file)  # empty so far; a process that is killed now would leave it behind for good
        with self.part.open("ab") as file:
            self._claim(file)
            self._fill(file)
            file.flush()
            os.fsync(file.fileno())
        if self.source.md5 is None:
            try:
                reader.load(self.part)
            except DataError as error:
                problem = f"what arrived is not a readable data set ({error.problem})"
                raise _Failure(problem, again=self.is_resumed, keep=False) from None
        os.replace(self.part, output_file)

    def _claim(self, file: BinaryIO) -> None:
        """Keep other sessions and processes from writing into the same part. A killed process gives up its claim."""
        if fcntl is None:
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DownloadError(
                f"{self.source.name} is being downloaded by somebody else right now. Wait until that has finished."
            ) from None

    def _fill(self, file: BinaryIO) -> None:
        """Append what is missing."""
        start = file.tell()
        response = self._answer(start)
        with response:
            if start and response.status_code != 206:  # the server does not continue: from the beginning
                file.truncate(0)
                start = 0
            self.is_resumed = start > 0
            length = response.headers.get("Content-Length", "")
            n_rest = int(length) if length.isdecimal() else 0
            self._bound(start + n_rest)
            n_bytes = start + self._write(response, file, start, start + n_rest)
        if n_bytes < start + n_rest:
            problem = f"the transfer ended after {n_bytes:,} of {start + n_rest:,} bytes."
            raise _Failure(problem, again=True, keep=False)

    def _answer(self, start: int) -> Response:
        """The server's answer to a request for everything from byte `start` on."""
        import requests

        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        seconds = self.timeout if self.is_answered else self._seconds_left()
        try:
            options: dict[str, Any] = {"headers": headers, "stream": True, "hooks": {"response": _without_redirect}}
            response = _within(seconds, lambda: requests.get(self.url, **options, timeout=max(seconds, 0.1)))
        except requests.exceptions.SSLError:
            problem = "no secure connection to the server is possible: its certificate may have expired."
            raise _Failure(problem, again=False, keep=True) from None
        except (requests.exceptions.RequestException, TimeoutError):
            raise _Failure("the server does not answer.", again=True, keep=True) from None
        self.is_answered = True
        if start and not _continues(response, start):
            response.close()
            self.part.open("wb").close()
            raise _Failure("the server could not continue the transfer.", again=True, keep=False)
        if response.status_code >= 400:
            response.close()
            problem = f"the server answered {response.status_code} {response.reason}."
            raise _Failure(problem, again=response.status_code >= 500, keep=True)
        return response

    def _write(self, response: Response, file: BinaryIO, start: int, total: int) -> int:
        """Append the body; the number of bytes that came."""
        from tqdm import tqdm
        from urllib3.exceptions import HTTPError

        # Compared here instead, so that "ended early" and "connection lost" can be told apart.
        response.raw.enforce_content_length = False
        n_bytes = 0
        bar = tqdm(
            desc=self.source.name,
            total=total or None,
            initial=start,
            unit="B",
            unit_scale=True,
            disable=not self.progress,
        )
        with bar:
            try:
                for chunk in self._chunks(response):
                    self._bound(start + n_bytes + len(chunk))
                    file.write(chunk)
                    n_bytes += len(chunk)
                    bar.update(len(chunk))
            except HTTPError:
                problem = f"the connection was lost after {start + n_bytes:,} bytes."
                raise _Failure(problem, again=True, keep=True) from None
        return n_bytes

    def _chunks(self, response: Response) -> Iterator[bytes]:
        """The body in whole chunks. The clock is looked at whenever something comes, be it a single byte."""
        chunk = b""
        while piece := response.raw.read1(CHUNK_BYTES - len(chunk), decode_content=True):
            if time.monotonic() > self.end:
                problem = f"it takes more than {self.most_seconds:,.0f} seconds."
                raise _Failure(problem, again=False, keep=True)
            chunk += piece
            if len(chunk) == CHUNK_BYTES:
                yield chunk
                chunk = b""
        if chunk:
            yield chunk

    def _bound(self, n_bytes: int) -> None:
        """A server that sends more than the zip has, perhaps without end, is not listened to any longer."""
        if n_bytes > self.most_bytes:
            problem = f"the server sends more than the {self.source.n_bytes:,} bytes that it should."
            raise _Failure(problem, again=self.is_resumed, keep=False)

    def _seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    def _clean_up(self, keep: bool) -> None:
        if self.part.exists() and not (keep and self.part.stat().st_size):
            self.part.unlink()


def _without_redirect(response: Response, **_: object) -> None:
    """The body of a redirect is dropped: requests would read all of it before it goes on, and it may have no end."""
    if response.is_redirect:
        response.raw.close()


def _continues(response: Response, start: int) -> bool:
    """Whether an answer to a Range request can be used: the rest from `start` on, or all of it from the beginning."""
    if response.status_code == 416:
        return False
    return response.status_code != 206 or response.headers.get("Content-Range", "").startswith(f"bytes {start}-")


def _within(seconds: float, call: Callable[[], Response]) -> Response:
    """The result of a call that may hang where no timeout of its own reaches: looking up the server's name.

    Raises TimeoutError where it takes longer. The call then goes on in a daemon thread, and its result is dropped.
    """
    future: Future[Response] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(timeout=max(seconds, 0.0))
