"""Files and folders that appear whole or not at all, whoever reads or dies meanwhile. Who comes last wins."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

RETIRED = "retired"
_TRIES = 50
_PATIENCE, _PAUSE = 0.5, 0.01
"""Seconds that a folder may be on its way before its writer counts as dead, and between two looks."""


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file through another one beside it. Raises OSError, and then leaves nothing behind."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def replace_folder(source: Path, destination: Path) -> None:
    """Put a finished folder in the place of an older one, which has to step aside: no rename replaces a full folder.

    A process killed between the two renames leaves the old one retired; `settle` brings it back. Raises OSError.
    """
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
        raise FileExistsError(errno.EEXIST, "it is replaced all the time", str(destination))
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
    """A file of a folder that may be replaced at any moment. Raises OSError, FileNotFoundError where there is none."""
    settle(path.parent)
    with suppress(FileNotFoundError):
        return path.read_bytes()
    settle(path.parent)  # replaced between two instructions
    return path.read_bytes()
