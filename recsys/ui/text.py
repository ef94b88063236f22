"""Data as text: titles inside Markdown, numbers for people. Pure, and the only place where anything is escaped."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from recsys.serving.scorers import Unit

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@=^\"'])")
"""What CommonMark, GitHub's tables and links, KaTeX and Streamlit's own directives (`:red[...]`) react to."""

DASH = "–"
"""Stands for a value that is not defined."""


def md(data: object) -> str:
    """Data as Markdown that shows it exactly as it is, on one line."""
    one_line = " ".join(str(data).split())
    return _MARKDOWN.sub(r"\\\1", one_line)


def count(n: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 film", "1,682 films"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """ "a, b and c" """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def number(value: float, digits: int = 3) -> str:
    """A number of fixed precision, a dash where it is undefined."""
    return f"{value:,.{digits}f}" if math.isfinite(value) else DASH


def bare(value: float, digits: int = 3) -> str:
    """A number from 0 to 1 without its first zero, where many stand side by side: ".206", "1.000"."""
    return number(value, digits).removeprefix("0") if value else "0"


def size(n_bytes: int) -> str:
    """Bytes for people: "640 kB", "3.8 MB"."""
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{max(n_bytes, 0) / 1e3:.0f} kB"


def seconds(value: float) -> str:
    """A duration: "0.5 s", "42 s", "12 min"."""
    if not math.isfinite(value):
        return DASH
    if value < 10:
        return f"{value:.1f} s" if value >= 0.05 else "< 0.1 s"
    return f"{value:.0f} s" if value < 120 else f"{value / 60:.0f} min"


def date(timestamp: int) -> str:
    """The day of a rating, "" where it is unknown."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%d %b %Y").lstrip("0") if timestamp > 0 else ""


def percent(share: float) -> str:
    """A share with as many digits as tell small ones apart: "87 %", "3.2 %", "0.04 %"."""
    value = 100 * share
    if not math.isfinite(value):
        return DASH
    digits = 0 if value >= 20 else 1 if value >= 1 else 2
    return f"{value:.{digits}f} %"


def stars(value: float) -> str:
    """Stars with one decimal: "4.6 ★"."""
    return f"{value:.1f} ★" if math.isfinite(value) else DASH


def in_stars(value: float) -> str:
    """A number of stars with its noun: "1 star", "3.5 stars"."""
    return f"{value:g} {'star' if value == 1 else 'stars'}"


UNIT_NOTES = {
    Unit.STARS: "predicted stars",
    Unit.LIKE: "chance of 4 stars or more",
    Unit.NEXT: "chance of being watched next",
    Unit.VIEWERS: "people who rated it",
    Unit.STRENGTH: "relative strength, 0 to 100",
}
"""What a score means, for the head of a list."""


def score(unit: Unit, value: float, strength: float) -> str:
    """A score in its model's own unit; `strength` is used where the value means nothing alone."""
    if unit is Unit.STARS:
        return stars(value)
    if unit in (Unit.LIKE, Unit.NEXT):
        return percent(value)
    if unit is Unit.VIEWERS:
        return f"{value:,.0f}"
    return f"{strength:.0f}"


def hits_sentence(n_hits: int, n_relevant: int, k: int, missed_ranks: list[int]) -> str:
    """What stands under a list: how many were found, and where the next ones are."""
    if n_relevant == 0:
        return "This user liked nothing that came next, so there is nothing to find."
    found = f"{n_hits if n_hits else 'None'} of {n_relevant} found in the first {k}"
    if not missed_ranks:
        return f"{found}."
    which = "next" if n_hits else "first"
    if len(missed_ranks) == 1:
        return f"{found}; the {which} one stands at {missed_ranks[0]:,}."
    shown = ", ".join(f"{rank:,}" for rank in missed_ranks[:3])
    return f"{found}; the {which} ones stand at {shown}{', …' if len(missed_ranks) > 3 else '.'}"


def signed(value: float, digits: int = 3) -> str:
    """A number with a real minus sign, and none before a zero."""
    return number(round(value, digits) + 0.0, digits).replace("-", "−")
