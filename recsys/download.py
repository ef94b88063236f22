"""Data sets on disk and from GroupLens: what there is, where it is looked for, how it gets here whole.

A download is written to a hidden partial file and gets its name only when it is complete and its checksum is right:
whatever happens in between, `find` never sees half a data set. The next attempt goes on where the last one stopped.
"""

from __future__ import annotations

import errno
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from recsys import movielens
from recsys.errors import DataError, DownloadError, UsageError

try:
    import fcntl
except ImportError:  # Windows: two downloads of one data set at once are not kept apart; the checksum still holds
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from requests import Response

BASE_URL = "https://files.grouplens.org/datasets/movielens"
CHUNK_BYTES = 1 << 16
PAUSE_SECONDS = 0.5  # before the second attempt; twice that before the third
MAX_UPLOAD_BYTES = 400 << 20  # the largest official zip has 335 MiB

CITATION = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM Transactions on "
    "Interactive Intelligent Systems (TiiS) 5, 4, Article 19. https://doi.org/10.1145/2827872"
)
NO_REDISTRIBUTION = "Research use only; no redistribution and no commercial use without permission; citation required."
SAME_LICENCE = "Research use only; redistribution under the same licence; no commercial use; citation required."
SEE_README = "Research use only; no commercial use without permission; citation required; see its README."


@dataclass(frozen=True)
class Source:
    """A data set that this program knows by name.

    Args:
        name: what `data get` and the app call it.
        title: what people call it.
        url: the zip, or None where nothing is published under this name.
        md5: of the zip, as GroupLens publishes it; None where the zip changes over time.
        n_bytes: size of the zip, about; 0 where there is none.
        n_ratings, n_users, n_films: as published; 0 where they depend on the files.
        has_demographics: whether users have gender, age band and occupation.
    """

    name: str
    title: str
    url: str | None
    md5: str | None
    n_bytes: int
    n_ratings: int
    n_users: int
    n_films: int
    has_demographics: bool
    licence: str
    citation: str = CITATION


def _published(
    name: str, title: str, md5: str | None, n_bytes: int, counts: tuple[int, int, int], people: bool, licence: str
) -> Source:
    return Source(name, title, f"{BASE_URL}/{name}.zip", md5, n_bytes, *counts, people, licence)


# fmt: off
SOURCES: dict[str, Source] = {source.name: source for source in (
    _published("ml-100k", "MovieLens 100K", "0e33842e24a9c977be4e0107933c0723",
               4_924_029, (100_000, 943, 1_682), True, NO_REDISTRIBUTION),
    _published("ml-1m", "MovieLens 1M", "c4d9eecfca2ab87c1945afe126590906",
               5_917_549, (1_000_209, 6_040, 3_883), True, NO_REDISTRIBUTION),
    _published("ml-10m", "MovieLens 10M", "ce571fd55effeba0271552578f2648bd",
               65_566_137, (10_000_054, 69_878, 10_681), False, NO_REDISTRIBUTION),
    _published("ml-20m", "MovieLens 20M", "cd245b17a1ae2cc31bb14903e1204af3",
               198_702_078, (20_000_263, 138_493, 27_278), False, NO_REDISTRIBUTION),
    _published("ml-25m", "MovieLens 25M", "6b51fb2759a8657d3bfcbfc42b592ada",
               261_978_986, (25_000_095, 162_541, 62_423), False, SEE_README),
    _published("ml-32m", "MovieLens 32M", "d472be332d4daa821edc399621853b57",
               238_950_008, (32_000_204, 200_948, 87_585), False, SEE_README),
    _published("ml-latest-small", "MovieLens latest, small", None,
               978_202, (100_836, 610, 9_742), False, SAME_LICENCE),
    _published("ml-latest", "MovieLens latest", None,
               350_896_731, (33_832_162, 330_975, 86_537), False, SEE_README),
    Source("ml-1m-untimed", "MovieLens 1M without times", None, None,
           0, 1_000_209, 6_040, 3_883, True, NO_REDISTRIBUTION),
    Source("movielens", "A data set in MovieLens layout", None, None,
           0, 0, 0, 0, False, SEE_README),
)}
# fmt: on


# ----------------------------------------------------------------------------------------------------------- on disk


def download_folder() -> Path:
    """Where downloads and uploads go: `data/` under the project's root, or RECSYS_DOWNLOAD_DIR."""
    chosen = os.environ.get("RECSYS_DOWNLOAD_DIR")
    return Path(chosen) if chosen else Path(__file__).resolve().parent.parent / "data"


def data_folders() -> list[Path]:
    """Where data sets are looked for, in this order: RECSYS_DATA_DIR if it is set, then the downloads."""
    chosen = os.environ.get("RECSYS_DATA_DIR")
    return [Path(chosen), download_folder()] if chosen else [download_folder()]


def find(name: str) -> Path | None:
    """The folder or zip of a data set that is on disk already: `<folder>/<name>/` with its files, or `<name>.zip`.

    Raises:
        UsageError: the name is unknown.
    """
    _known(name)
    for folder in data_folders():
        if (folder / name).is_dir() and movielens.layout_of(folder / name) is not None:
            return folder / name
        if (folder / f"{name}.zip").is_file():
            return folder / f"{name}.zip"
    return None


def _known(name: str) -> Source:
    if name not in SOURCES:
        raise UsageError(f"There is no data set {name!r}: {', '.join(SOURCES)} are known.")
    return SOURCES[name]


def adopt(file: BinaryIO | Path, *, folder: Path | None = None) -> tuple[str, Path]:
    """Keep a zip that somebody hands in, if it is a MovieLens data set; its own name does not matter.

    Returns:
        The data set's name, by its contents, and where it is kept: `<folder>/<name>.zip`, replacing what was there.

    Raises:
        DataError: it is too large or cannot be loaded. Nothing is kept.
        DownloadError: there is no space for it.
    """
    folder = folder or download_folder()
    shown = str(file) if isinstance(file, Path) else "the uploaded file"
    kept = folder / f".upload-{uuid.uuid4().hex}.part"
    try:
        with _disk_faults(folder, f"{shown} could not be kept:"):
            folder.mkdir(parents=True, exist_ok=True)
            _copy(file, kept, shown)
        try:
            name = movielens.load(kept).name
        except DataError as error:
            where = error.file.replace(str(kept), shown)
            raise DataError(error.problem, file=where, line=error.line, remedy=error.remedy) from None
        target = folder / f"{name}.zip"
        os.replace(kept, target)
        return name, target
    finally:
        kept.unlink(missing_ok=True)


def _copy(file: BinaryIO | Path, target: Path, shown: str) -> None:
    """Copy at most MAX_UPLOAD_BYTES."""
    if isinstance(file, Path):
        if not file.is_file():
            raise DataError("there is no such file.", file=shown, remedy="Give the path of a MovieLens zip.")
        with file.open("rb") as stream:
            _copy(stream, target, shown)
        return
    file.seek(0)
    n_bytes = 0
    with target.open("xb") as kept:
        while chunk := file.read(CHUNK_BYTES):
            n_bytes += len(chunk)
            if n_bytes > MAX_UPLOAD_BYTES:
                problem = f"the file is larger than {MAX_UPLOAD_BYTES >> 20} MiB."
                raise DataError(problem, file=shown, remedy="Give an official MovieLens zip.")
            kept.write(chunk)


# ---------------------------------------------------------------------------------------------------------- download


def get(
    name: str,
    *,
    folder: Path | None = None,
    base_url: str | None = None,
    timeout: float = 5.0,
    retries: int = 3,
    progress: bool = True,
) -> Path:
    """Make sure that a published data set is on disk, whole, and return its folder or zip.

    Args:
        name: one of SOURCES.
        folder: where to keep the zip; by default `download_folder()`, unless `find` knows an unpacked copy.
        base_url: instead of GroupLens; the environment's RECSYS_DATA_URL does the same.
        timeout: seconds until the lack of a network is noticed, all attempts together, and the longest silence of a
            server that has answered.
        retries: how many attempts in all.
        progress: a progress bar on stderr.

    Raises:
        UsageError: the name is unknown or not published.
        DownloadError: it did not arrive; the text says why and what to do.
    """
    source = _known(name)
    if source.url is None:
        raise UsageError(f"{name} is not published as a zip. Put its files into {download_folder() / name}.")
    if folder is None and (found := find(name)) is not None and found.is_dir():
        return found
    folder = folder or download_folder()
    base_url = base_url or os.environ.get("RECSYS_DATA_URL") or BASE_URL
    transfer = _Transfer(source, folder, f"{base_url.rstrip('/')}/{name}.zip", timeout, progress)
    with _disk_faults(folder, f"{name} could not be downloaded:"):
        folder.mkdir(parents=True, exist_ok=True)
        if source.md5 is None:
            _drop_if_broken(transfer.target)
        return transfer.run(retries)


def _drop_if_broken(target: Path) -> None:
    """A zip without a known checksum counts as here if it loads."""
    if target.is_file():
        try:
            movielens.load(target)
        except DataError:
            target.unlink()


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


class _Transfer:
    """One download, and pooch's downloader for it: pooch compares the checksum and gives the file its name."""

    def __init__(self, source: Source, folder: Path, url: str, timeout: float, progress: bool) -> None:
        self.source, self.folder, self.url = source, folder, url
        self.target = folder / f"{source.name}.zip"
        self.part = folder / f".{source.name}.zip.part"
        self.timeout, self.progress = timeout, progress
        self.deadline = time.monotonic() + 0.9 * timeout  # for the first answer, with time left to say so
        self.is_answered = False
        self.is_resumed = False

    def run(self, retries: int) -> Path:
        for attempt in range(1, retries + 1):
            try:
                return self._attempt()
            except _Failure as failure:
                pause = PAUSE_SECONDS * attempt
                if failure.again and attempt < retries and (self.is_answered or pause < self._seconds_left()):
                    time.sleep(pause)
                    continue
                self._clean_up(failure.keep)
                self._give_up(failure.problem)
            except OSError:
                self._clean_up(keep=False)
                raise
        raise ValueError(f"retries must be at least 1. Received {retries}.")

    def _attempt(self) -> Path:
        import pooch

        pooch.get_logger().setLevel("WARNING")
        md5 = self.source.md5
        try:
            path = pooch.retrieve(
                self.url,
                known_hash=md5 and f"md5:{md5}",
                fname=self.target.name,
                path=self.folder,
                downloader=self,
            )
        except ValueError:
            # A part that was left by an older release of the file explains it; a second one does not.
            problem = f"what arrived has the wrong checksum (expected md5 {md5})."
            raise _Failure(problem, again=self.is_resumed, keep=False) from None
        return Path(path)

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Fill pooch's temporary file."""
        with self.part.open("ab") as file:
            self._claim(file)
            self._fill(file)
            file.flush()
            os.fsync(file.fileno())
        if self.source.md5 is None:
            try:
                movielens.load(self.part)
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
                f"{self.source.name} is being downloaded right now by somebody else. Wait until that is done."
            ) from None

    def _fill(self, file: BinaryIO) -> None:
        start = file.tell()
        response = self._answer(start)
        with response:
            if start and response.status_code != 206:  # the server does not continue: from the beginning
                file.truncate(0)
                start = 0
            self.is_resumed = start > 0
            n_rest = int(response.headers.get("Content-Length", 0))
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
            response = _within(
                seconds, lambda: requests.get(self.url, headers=headers, stream=True, timeout=max(seconds, 0.1))
            )
        except requests.exceptions.SSLError:
            raise _Failure(
                "there is no secure connection to the server: its certificate may have lapsed.", again=False, keep=True
            ) from None
        except (requests.exceptions.RequestException, TimeoutError):
            raise _Failure("there is no answer from the server.", again=True, keep=True) from None
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
        import requests
        from tqdm import tqdm

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
                for chunk in response.iter_content(CHUNK_BYTES):
                    file.write(chunk)
                    n_bytes += len(chunk)
                    bar.update(len(chunk))
            except requests.exceptions.RequestException:
                problem = f"the connection was lost after {start + n_bytes:,} bytes."
                raise _Failure(problem, again=True, keep=True) from None
        return n_bytes

    def _seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    def _clean_up(self, keep: bool) -> None:
        if self.part.exists() and not (keep and self.part.stat().st_size):
            self.part.unlink()

    def _give_up(self, problem: str) -> NoReturn:
        name = self.source.name
        raise DownloadError(
            f"{name} could not be downloaded from {self.url}: {problem} Try again (python -m recsys data get {name}), "
            f"or put {name}.zip into {self.folder}, or set RECSYS_DATA_DIR to a folder that has it."
        )


def _continues(response: Response, start: int) -> bool:
    """Whether an answer to a Range request can be used: the rest from `start` on, or all of it from the beginning."""
    if response.status_code == 416:
        return False
    return response.status_code != 206 or response.headers.get("Content-Range", "").startswith(f"bytes {start}-")


def _within(seconds: float, call: Callable[[], Response]) -> Response:
    """The result of a call that may hang where no timeout of its own reaches: looking up the server's name.

    Raises:
        TimeoutError: it took longer. The call goes on in a daemon thread, and its result is dropped.
    """
    future: Future[Response] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(timeout=max(seconds, 0.0))


@contextmanager
def _disk_faults(folder: Path, what: str) -> Iterator[None]:
    """Say what to do about a full or write-protected disk."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DownloadError(
                f"{what} there is no disk space left in {folder}. "
                "Free some, or set RECSYS_DOWNLOAD_DIR to another disk."
            ) from None
        raise DownloadError(
            f"{what} {folder} cannot be written to ({error.strerror or error}). "
            "Check its permissions, or set RECSYS_DOWNLOAD_DIR to another folder."
        ) from None
