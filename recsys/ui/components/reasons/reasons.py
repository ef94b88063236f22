"""What the cards of reasons are given, and how numbers become their bars. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Required, TypedDict

from recsys.serving.scorers import Unit
from recsys.ui.components.mount import Component
from recsys.ui.components.shared.amounts import amount, digits_for
from recsys.ui.components.shared.cards import Keyed, Switch
from recsys.ui.lists import Film


class Bar(TypedDict):
    """In percent of the track; `down` where it pulls the score down."""

    left: float
    width: float
    down: bool


class BarRow(TypedDict):
    """`kind` is "total" for the last line of a sum, and otherwise that of a `Row`."""

    name: str
    detail: str
    kind: str
    text: str
    bar: Bar | None


class Block(TypedDict):
    """`zero` is where bars to the right begin, in percent; a block that is `folded` is closed at first.

    `n_first` rows are shown at once where the block is the first of its card.
    """

    title: str
    rows: list[BarRow]
    note: str
    zero: float
    folded: bool
    n_first: int


class ReasonFilm(Film):
    """`id` is raw; `places` says in how many lists it is, `link` leads to its page."""

    id: int
    places: str
    link: str


class ReasonCard(Keyed, total=False):
    """One model; all but what it is called is there only without a problem, which has the fields of a `Problem`."""

    unit: Required[str]
    problem: Required[dict[str, str | None] | None]
    score: str
    rank: str
    caution: str
    blocks: list[Block]
    method: str
    tested: str


class ReasonsPayload(TypedDict):
    """`words` has the technical words of the cards' sentences and where they lead to."""

    film: ReasonFilm
    pills: list[Switch]
    cards: list[ReasonCard]
    words: dict[str, str]


draw: Component[ReasonsPayload] = Component("reasons", "cover", "pills", "cards")


N_FIRST = 3
"""So many reasons of a card are seen at once; a sum stays whole."""


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
    rows: Sequence[Row],
    *,
    unit: Unit = Unit.STRENGTH,
    note: str = "",
    total: Row | None = None,
    folded: bool = False,
) -> Block:
    """A title and bars from a common zero."""
    single = [row.value for row in rows if row.kind != "quiet"]
    low, high = min([*single, 0.0]), max([*single, 0.0])
    span = (high - low) or 1.0
    digits = digits_for(single, unit)
    zero = 100 * -low / span
    drawn = [_drawn(row, zero, 100 * row.value / span, amount(row.value, unit, digits)) for row in rows]
    if total is not None:
        drawn.append(_total(total.name, amount(total.value, unit, digits)))
    zero = round(zero, 2)
    return {"title": title, "rows": drawn, "note": note, "zero": zero, "folded": folded, "n_first": N_FIRST}


def running(terms: Sequence[Row], unit: Unit) -> list[BarRow]:
    """Terms as a sum: each bar begins where the one before ended, and the last line says where that is."""
    ends = [0.0, *accumulate(term.value for term in terms)]
    low = min(ends)
    span = (max(ends) - low) or 1.0
    digits = 2 if unit is Unit.STARS else digits_for([term.value for term in terms], unit)
    rows = []
    for place, term in enumerate(terms):
        text = amount(term.value, unit, digits, signed=place > 0)
        rows.append(_drawn(term, 100 * (ends[place] - low) / span, 100 * term.value / span, text))
    return [*rows, _total("Sum", amount(ends[-1], unit, digits, signed=False))]


def _drawn(row: Row, start: float, width: float, text: str) -> BarRow:
    """A bar from `start`; to the left where its width is negative."""
    left, width, down = round(start + min(width, 0.0), 2), round(abs(width), 2), width < 0
    bar: Bar | None = None if row.kind else {"left": left, "width": width, "down": down}
    return {"name": row.name, "detail": row.detail, "kind": row.kind, "text": text, "bar": bar}


def _total(name: str, text: str) -> BarRow:
    return {"name": name, "detail": "", "kind": "total", "text": f"= {text}", "bar": None}


def table(data: ReasonsPayload) -> tuple[list[str], list[list[object]]]:
    """A reason per row, for a file: header and rows; a model without any has none."""
    rows: list[list[object]] = [
        [card["label"], part["title"], row["name"], row["detail"], row["text"]]
        for card in data["cards"]
        for part in card.get("blocks", [])
        for row in part["rows"]
    ]
    return ["model", "part", "reason", "detail", "amount"], rows
