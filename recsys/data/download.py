"""How a complete data set gets here: downloaded from GroupLens, or handed in as a zip.

A file gets its name only when it is complete and found to be good: whatever happens in between, `find` never sees half
a data set.
"""

from __future__ import annotations

import errno
import filecmp
import hashlib
import itertools
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from recsys.data import trial
from recsys.data.movielens import reader
from recsys.data.sources import BASE_URL, CITATION, SOURCES, Source, data_folders, download_folder, find, known_source
from recsys.data.transfer import CHUNK_BYTES, Transfer
from recsys.errors import DataError, DownloadError, UsageError
from recsys.files import check_replaceable

__all__ = ["CITATION", "SOURCES", "Source", "adopt", "data_folders", "download_folder", "find", "get"]

# An upload is held in memory: room for 10M, which has 63 MiB, and no more. Larger zips can be copied into data/.
MAX_UPLOAD_BYTES = 64 << 20
TIMEOUT_SECONDS, ATTEMPTS = 5.0, 3
"""Until the lack of a network is noticed, all attempts together; and the longest silence of a server that answered."""
UPLOAD, LEFT_SECONDS = ".upload-{}.part", 3600.0
"""What an upload is called while it is looked at, and how old one is that nobody looks at any more."""


def get(name: str, *, progress: bool = True) -> Path:
    """Make sure that a published data set is on disk, whole, and return its folder or zip.

    Raises UsageError for a name that is unknown or not published, DownloadError where the data set did not arrive.

    Args:
        name: one of SOURCES.
        progress: a progress bar on stderr.
    """
    source = known_source(name)
    if source.url is None:
        raise UsageError(f"{name} is not published as a zip. Put its files into {download_folder() / name}.")
    if (found := find(name)) is not None and found.is_dir():
        return found
    folder, base_url = download_folder(), os.environ.get("RECSYS_DATA_URL") or BASE_URL
    transfer = Transfer(source, folder, f"{base_url.rstrip('/')}/{name}.zip", TIMEOUT_SECONDS, progress)
    with _disk_faults(folder, f"{name} could not be downloaded:"):
        folder.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(transfer.target) and not transfer.target.is_file():  # a pipe would be waited for
            raise DownloadError(
                f"{name} could not be downloaded: {transfer.target} is not a regular file, and nothing else is "
                "replaced. Move it away first."
            )
        if source.md5 is None:
            _drop_if_broken(transfer.target)
        return transfer.run(ATTEMPTS)


def _drop_if_broken(target: Path) -> None:
    """A zip without a known checksum counts as here if it loads."""
    if target.is_file():
        try:
            reader.load(target)
        except DataError:
            target.unlink()


def adopt(file: BinaryIO) -> tuple[str, Path]:
    """Keep an uploaded zip if it is a MovieLens data set. It is read in another process.

    Raises DataError where it is too large or cannot be loaded, or where another data set has its place; DownloadError
    where there is no space for it.

    Returns:
        The data set's name, by its contents, and where it is kept, `<folder>/<name>.zip`, which that name opens now.
    """
    folder, shown = download_folder(), "the uploaded file"
    kept = folder / UPLOAD.format(uuid.uuid4().hex)
    try:
        with _disk_faults(folder, f"{shown} could not be saved:"):
            folder.mkdir(parents=True, exist_ok=True)
            _sweep(folder)
            _copy(file, kept, shown)
        name = _name_of(kept, trial.read(kept, shown=shown))
        target = folder / f"{name}.zip"
        in_the_way = find(name) or target
        if not _may_replace(in_the_way, target, kept):
            problem = f"it would be {name!r}, and there is another data set of that name: {in_the_way}."
            raise DataError(problem, file=shown, remedy=_out_of_the_way(in_the_way))
        with _disk_faults(folder, f"{shown} could not be saved:"):
            check_replaceable(target)
            os.replace(kept, target)
        return name, target
    finally:
        with suppress(OSError):  # what went wrong before is what people are told
            kept.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Delete what uploads have left that were killed: no upload is read for so long."""
    for left in folder.glob(UPLOAD.format("*")):
        with suppress(OSError):
            if time.time() - left.lstat().st_mtime > LEFT_SECONDS:
                left.unlink()


def _name_of(kept: Path, found: trial.Found) -> str:
    """The name under which an upload is kept: that of an official data set only if it is known to be that, whole.

    A part of MovieLens 100K must not stand in the place of the whole, to which the trained models belong, nor must
    100,000 ratings that somebody has made up. Where the official zip changes over time, at least all that was published
    must be there.
    """
    with kept.open("rb") as stream:
        md5 = hashlib.file_digest(stream, "md5").hexdigest()
    for source in SOURCES.values():
        if source.md5 == md5:
            return source.name
    source = SOURCES[found.name]
    published = (source.n_ratings, source.n_users, source.n_films)
    is_whole = source.md5 is None and all(n >= m for n, m in zip(found[1:], published, strict=True))
    return found.name if is_whole else "movielens"


def _may_replace(there: Path, target: Path, kept: Path) -> bool:
    """Nothing is replaced but the same zip, or one in the same place that cannot be read."""
    if there != target or target.is_symlink() or not target.is_file():
        return not os.path.lexists(there)
    if filecmp.cmp(kept, target, shallow=False):
        return True
    try:
        trial.read(target, shown=target.name)
    except DataError:
        return True
    return False


def _out_of_the_way(path: Path) -> str:
    """What to do about a data set that only its owner may replace. Nothing is looked for under the new name."""
    names = (f"{path.stem}-before{n or ''}{path.suffix}" for n in itertools.count())
    free = next(name for name in names if not os.path.lexists(path.with_name(name)))
    return f"Rename that one, for example to {free} in the same folder, and hand in the zip again."


def _copy(file: BinaryIO, target: Path, shown: str) -> None:
    """Copy at most MAX_UPLOAD_BYTES."""
    file.seek(0)
    n_bytes = 0
    with target.open("xb") as kept:
        while chunk := file.read(CHUNK_BYTES):
            n_bytes += len(chunk)
            if n_bytes > MAX_UPLOAD_BYTES:
                problem = f"the file is larger than {MAX_UPLOAD_BYTES >> 20} MiB."
                raise DataError(problem, file=shown, remedy="Copy larger zips into data/ instead.")
            kept.write(chunk)


@contextmanager
def _disk_faults(folder: Path, what: str) -> Iterator[None]:
    """Say what to do about a full or write-protected disk."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            problem = f"there is no disk space left in {folder}."
            remedy = "Free some, or set RECSYS_DOWNLOAD_DIR to another disk."
        else:
            problem = f"{folder} cannot be written to ({error.strerror or error})."
            remedy = "Check its permissions, or set RECSYS_DOWNLOAD_DIR to another folder."
        raise DownloadError(f"{what} {problem} {remedy}") from None
