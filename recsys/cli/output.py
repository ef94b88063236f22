"""Where a command writes: what was asked for to stdout, how far it is to stderr."""

from __future__ import annotations

import json
import sys


def note(text: str) -> None:
    """One line of progress, at once."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: object) -> None:
    """Raises ValueError for NaN and infinity, which JSON does not have."""
    print(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False))
