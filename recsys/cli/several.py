"""Several models one after the other, of which one may need a library that cannot be loaded here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from recsys.errors import UsageError
from recsys.models.base import LibraryError
from recsys.models.registry import Entry

T = TypeVar("T")


def each(entries: Sequence[Entry], work: Callable[[Entry], T]) -> list[T]:
    """What `work` makes of every model; one whose library cannot be loaded is left out, and that is said.

    Raises:
        LibraryError: of the only model that was asked for.
        UsageError: of several, none is left.
    """
    done: list[T] = []
    for entry in entries:
        try:
            done.append(work(entry))
        except LibraryError as error:
            if len(entries) == 1:
                raise
            print(f"Left out: {error}", file=sys.stderr, flush=True)
    if not done:
        raise UsageError("None of these models can be trained here.")
    return done
