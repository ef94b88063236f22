"""Where a command writes: results to stdout, progress to stderr."""

from __future__ import annotations

import json
import sys


def note(text: str) -> None:
    """One line of progress, not buffered."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: object) -> None:
    """Raises ValueError for NaN and infinity, which JSON does not have."""
    print(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False))
