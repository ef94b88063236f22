"""The payload of a number worked out: a row per term, and the lines that lead from the terms to the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from recsys.lessons.examples import Example
from recsys.lessons.worked import Worked, show
from recsys.ui.components.mount import Component
from recsys.ui.systems import Column

MOST_ROWS = 30
"""More terms than this are added up in one line."""


@dataclass(frozen=True)
class Row:
    """A film of the list, or a held-out one, beside its term. `film` is its raw id, where it is one."""

    label: str
    note: str = ""
    rank: int | None = None
    is_hit: bool = False
    film: int | None = None


class TermRow(TypedDict):
    """A `Row` with its term; `value` is "" where the working says it already."""

    rank: int | None
    label: str
    note: str
    film: int | None
    hit: bool
    working: str
    value: str
    is_zero: bool


class StepRow(TypedDict):
    label: str
    working: str
    value: str


class WorkedPayload(TypedDict):
    """`hit_word` says what a hit is; in `link`, where a film leads to, FILM stands for its raw id."""

    title: str
    color: int
    family: str
    hit_word: str
    link: str
    rows: list[TermRow]
    more: str
    steps: list[StepRow]
    foot: str


draw: Component[WorkedPayload] = Component("worked")


def payload(
    found: Worked, rows: Sequence[Row], *, title: str, model: Column, foot: str = "", hit_word: str = "", link: str = ""
) -> WorkedPayload:
    """A metric, term by term: all that the component draws, as JSON."""
    rest = found.terms[MOST_ROWS:]
    return {
        "title": title,
        "color": model.color,
        "family": model.family,
        "hit_word": hit_word,
        "link": link,
        "rows": [
            {
                "rank": row.rank,
                "label": row.label,
                "note": row.note,
                "film": row.film,
                "hit": row.is_hit,
                "working": term.working,
                "value": "" if term.working in (show(term.value), "") else show(term.value),
                "is_zero": term.value == 0,
            }
            for row, term in zip(rows[:MOST_ROWS], found.terms[:MOST_ROWS], strict=True)
        ],
        "more": f"and {len(rest)} more, which add {show(sum(term.value for term in rest))}" if rest else "",
        "steps": [{"label": step.label, "working": step.working, "value": show(step.value)} for step in found.steps],
        "foot": foot,
    }


def payload_of_example(example: Example, model: Column) -> WorkedPayload:
    """A model's answer, which has lines and no terms."""
    steps: list[StepRow] = [
        {"label": line.label, "working": line.working, "value": line.value} for line in example.lines
    ]
    return {**payload(Worked((), ()), (), title=example.says, model=model), "steps": steps}
