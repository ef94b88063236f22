"""Parts of a score in words, in the unit of the model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from recsys.serving.scorers import Unit

_SHARES = (Unit.LIKE, Unit.NEXT)
"""They are shown in percentage points."""


def digits_for(values: Sequence[float], unit: Unit) -> int:
    """Decimals that show two figures of the largest value, at most 4; of shares, in percentage points."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    largest, least = (100 * largest, 1) if unit in _SHARES else (largest, 2)
    return min(max(1 - math.floor(math.log10(largest)), least), 4) if largest > 0 else least


def amount(value: float, unit: Unit, digits: int | None = None, *, signed: bool = True) -> str:
    """A part of a score: "+0.04 ★", "−1.2 pts" (percentage points), "+0.31"."""
    digits = digits_for([value], unit) if digits is None else digits
    shown = abs(value) * (100 if unit in _SHARES else 1)
    sign = ""
    if round(shown, digits) != 0:
        sign = "−" if value < 0 else "+" if signed else ""
    text = f"{sign}{shown:,.{0 if unit is Unit.VIEWERS else digits}f}"
    return f"{text} ★" if unit is Unit.STARS else f"{text} pts" if unit in _SHARES else text
