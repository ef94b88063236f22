"""Numbers as bars: signed amounts on one scale, and sums whose bars begin where the one before ended. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from recsys.serving.scorers import Unit

MINUS = "−"


@dataclass(frozen=True)
class Row:
    """One bar.

    Args:
        kind: "quiet" for what stands for many, which has a number and no bar; "" otherwise.
    """

    name: str
    value: float
    detail: str = ""
    kind: str = ""


def block(
    title: str,
    rows: Sequence[Row] | list[dict[str, Any]],
    *,
    unit: Unit = Unit.STRENGTH,
    note: str = "",
    total: Row | None = None,
    folded: bool = False,
) -> dict[str, Any]:
    """A title and bars from a common zero; rows that are drawn already stay as they are."""
    amounts = [row for row in rows if isinstance(row, Row)]
    single = [row.value for row in amounts if row.kind != "quiet"]
    low, high = min([*single, 0.0]), max([*single, 0.0])
    span = (high - low) or 1.0
    digits = digits_for(single, unit)
    zero = 100 * -low / span
    drawn = [
        row if isinstance(row, dict) else _drawn(row, zero, 100 * row.value / span, amount(row.value, unit, digits))
        for row in rows
    ]
    if total is not None:
        drawn.append({"name": total.name, "detail": "", "kind": "total", "bar": None})
        drawn[-1]["text"] = f"= {amount(total.value, unit, digits)}"
    return {"title": title, "rows": drawn, "note": note, "zero": round(zero, 2), "folded": folded}


def running(terms: Sequence[Row], unit: Unit) -> list[dict[str, Any]]:
    """Terms as a sum: each bar begins where the one before ended, and the last line says where that is."""
    ends = [0.0]
    for term in terms:
        ends.append(ends[-1] + term.value)
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    digits = 2 if unit is Unit.STARS else digits_for([term.value for term in terms], unit)
    rows = []
    for place, term in enumerate(terms):
        start = 100 * (min(ends[place], ends[place + 1]) - low) / span
        text = amount(term.value, unit, digits, signed=place > 0)
        row = _drawn(term, start, 100 * abs(term.value) / span, text)
        rows.append({**row, "bar": {**row["bar"], "down": term.value < 0}})
    return [*rows, {"name": "Sum", "detail": "", "kind": "total", "bar": None, "text": _total(ends[-1], unit, digits)}]


def _total(value: float, unit: Unit, digits: int) -> str:
    return f"= {amount(value, unit, digits, signed=False)}"


def _drawn(row: Row, start: float, width: float, text: str) -> dict[str, Any]:
    drawn: dict[str, Any] = {"name": row.name, "detail": row.detail, "kind": row.kind, "text": text, "bar": None}
    if not row.kind:
        left = round(start + min(width, 0.0), 2)
        drawn["bar"] = {"left": left, "width": round(abs(width), 2), "down": width < 0}
    return drawn


def digits_for(values: Sequence[float], unit: Unit) -> int:
    """Decimals that show two figures of the largest value, at most 4; of shares, in percentage points."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    is_share = unit in (Unit.LIKE, Unit.NEXT)
    largest, least = largest * (100 if is_share else 1), 1 if is_share else 2
    return min(max(1 - math.floor(math.log10(largest)), least), 4) if largest > 0 else least


def amount(value: float, unit: Unit, digits: int | None = None, *, signed: bool = True) -> str:
    """A part of a score: "+0.04 ★", "−1.2 pts" (percentage points), "+0.31"."""
    digits = digits_for([value], unit) if digits is None else digits
    shown = abs(value) * (100 if unit in (Unit.LIKE, Unit.NEXT) else 1)
    is_zero = round(shown, digits) == 0
    sign = "" if is_zero else MINUS if value < 0 else "+" if signed else ""
    text = f"{sign}{shown:,.{0 if unit is Unit.VIEWERS else digits}f}"
    return f"{text} ★" if unit is Unit.STARS else f"{text} pts" if unit in (Unit.LIKE, Unit.NEXT) else text
