"""Files and folders that appear whole or not at all, even where a writer dies half-way; the last writer wins.

What is read and what is replaced are regular files: a pipe may never end, and a device or a link is not ours. And
paths with a part that comes from a file or a person: which parts are allowed, and where they may lead.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import BinaryIO

from recsys.errors import UsageError, show

RETIRED = "retired"
_TRIES = 50
_PATIENCE, _PAUSE = 0.5, 0.01
"""Seconds that a folder may be missing before its writer counts as dead, and between two checks."""
LEFT_SECONDS = 86_400
"""After a day without a change, nobody writes a temporary file any more."""
MAX_TEXT_BYTES = 64 * 2**20
"""No text file that a command reads as a whole is longer."""
_TEMPORARY = re.compile(r"\.[0-9]+-[0-9a-f]{8}\Z")
"""How the name of one ends: in the number of its writer, and eight digits."""
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


def plain_name(text: object) -> str:
    """`text` as a part of a path. Whatever comes from a file or a person goes through here first.

    Raises:
        UsageError: it is anything but letters, digits, dots, dashes and underscores, and not too many; or it begins
            with a dot, as "..", or with a dash, as an option of the command line.
    """
    if isinstance(text, str) and _PLAIN.fullmatch(text):
        return text
    raise UsageError(
        f"A name must be 1 to 64 letters, digits, dots, dashes and underscores, and not begin with a dot or dash. "
        f"Received {show(text)}."
    )


def within(folder: Path, *names: object) -> Path:
    """The path below a folder, existing or not; to be called before anything is deleted, packed or written there.

    Raises:
        UsageError: a name is not plain, or there is a link on the way, which may lead anywhere.
    """
    parts = [plain_name(name) for name in names]
    path = folder.joinpath(*parts)
    try:
        is_itself = path.resolve() == folder.resolve().joinpath(*parts)
    except (OSError, RuntimeError):  # links in a circle
        is_itself = False
    if not is_itself:
        raise UsageError(f"{'/'.join(parts)} is or goes through a link, and links are not followed here.")
    return path


def read_bounded(path: Path, most: int = MAX_TEXT_BYTES) -> bytes:
    """A file of at most `most` bytes. Raises OSError, and ValueError for a larger one or what may never end: a pipe."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is not a regular file")
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it has more than {most:,} bytes")
    return content


def check_replaceable(path: Path) -> None:
    """Raises OSError where something is that is not replaced: a folder, a link, a pipe, a device."""
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file, and nothing else is replaced", str(path))


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when it is complete, and leaves nothing behind when it is not.

    Raises OSError, also where `path` is something else than a regular file.
    """
    check_replaceable(path)
    _clear_left(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            yield file
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):  # what went wrong first is what people are told
            temporary.unlink(missing_ok=True)
        raise


def _clear_left(path: Path) -> None:
    """Delete what writers of this file left that were killed."""
    for left in path.parent.glob(f".{escape(path.name)}.*"):
        with suppress(OSError):  # its writer may have finished meanwhile, or another one does the same
            if _TEMPORARY.search(left.name) and time.time() - left.lstat().st_mtime > LEFT_SECONDS:
                left.unlink()


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file through another one beside it. Raises OSError as `replacing` does."""
    with replacing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def replace_folder(source: Path, destination: Path) -> None:
    """Put a finished folder in the place of an older one, which has to step aside: no rename replaces a full folder.

    A process killed between the two renames leaves the old one retired; `settle` brings it back. Raises OSError, also
    where the older one is a link or a file.
    """
    if destination.is_symlink() or (destination.exists() and not destination.is_dir()):
        raise OSError(errno.ENOTDIR, "it is not a folder, and nothing else is replaced", str(destination))
    stepped_aside: list[Path] = []
    for _ in range(_TRIES):
        retired = destination.with_name(f".{destination.name}-{RETIRED}-{secrets.token_hex(4)}")
        with suppress(FileNotFoundError):
            destination.rename(retired)
            stepped_aside.append(retired)
        try:
            source.rename(destination)
            break
        except OSError as error:  # another writer was faster, or somebody has brought the old one back
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.EACCES):
                raise
    else:
        raise FileExistsError(errno.EEXIST, "it keeps being replaced", str(destination))
    for retired in stepped_aside:
        shutil.rmtree(retired, ignore_errors=True)


def settle(folder: Path) -> None:
    """Where a folder is being replaced, wait for the new one; where its writer has died, bring the old one back."""
    until = time.monotonic() + _PATIENCE
    while not folder.exists():
        retired = sorted(folder.parent.glob(f".{folder.name}-{RETIRED}-*"))
        if not retired:
            return
        if time.monotonic() > until:
            with suppress(OSError):  # another process may be doing the same
                retired[0].rename(folder)
            return
        time.sleep(_PAUSE)


def read_settled(path: Path) -> bytes:
    """A text of a folder that may be replaced at any moment. Raises as `read_bounded`, FileNotFoundError for none."""
    for _ in range(_TRIES):
        settle(path.parent)
        before = _which(path.parent)
        with suppress(FileNotFoundError):
            return read_bounded(path)
        if before is not None and before == _which(path.parent):
            break  # the folder is there, and nobody has replaced it meanwhile: the file is missing
    return read_bounded(path)


def _which(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from the one that takes its place; a number alone may be given again."""
    with suppress(FileNotFoundError):
        status = folder.stat()
        return status.st_ino, status.st_ctime_ns
    return None
