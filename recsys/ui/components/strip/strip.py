"""What the strip is given: one user's ratings in time order, and what a protocol hides of them. Pure."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from recsys.evaluation.hidden_part import Cut
from recsys.evaluation.protocols import Ask, Protocol
from recsys.ui.components.mount import Component
from recsys.ui.text import count, date


class StripPayload(TypedDict):
    """A bar per rating, oldest first.

    `kinds` has 0 for kept, 1 for hidden, 2 for hidden and a hit. `cut` is the first hidden one, None where what is
    hidden is not the end. `legend` has kind, label and number of ratings.
    """

    stars: list[float]
    kinds: list[int]
    high: float
    cut: int | None
    first: str
    moment: str
    last: str
    legend: list[tuple[int, str, int]]
    said: str


draw: Component[StripPayload] = Component("strip")


def payload(cut: Cut, protocol: Protocol, user_id: int, high: float) -> StripPayload:
    """One user's ratings; `high` is the top of the scale."""
    kinds = cut.is_hidden.astype(int) + cut.is_hit
    numbers = np.bincount(kinds, minlength=3).tolist()
    missed = "hidden, not a hit" if Ask.LISTS in protocol.asks else "hidden"
    start = int(cut.is_hidden.argmax()) if cut.n_hidden and not cut.n_filled_in else None
    first, last = (date(int(cut.times[0])), date(int(cut.times[-1]))) if len(cut.times) else ("", "")
    return {
        "stars": cut.stars.tolist(),
        "kinds": kinds.tolist(),
        "high": high,
        "cut": start,
        "first": first,
        "moment": "" if start is None else f"hidden from {date(int(cut.times[start]))}",
        "last": last,
        "legend": [
            (kind, label, numbers[kind])
            for kind, label in enumerate(("kept", missed, "hidden, a hit if found"))
            if numbers[kind]
        ],
        "said": f"Timeline of the {count(len(cut.items), 'rating')} of user {user_id}, oldest first: "
        f"{cut.n_kept:,} kept, {cut.n_hidden:,} hidden, {numbers[2]:,} of them hits.",
    }


def table(cut: Cut) -> tuple[list[str], list[list[object]]]:
    """A rating per row, oldest first, for a file: header and rows."""
    rows: list[list[object]] = [
        [date(int(time)), float(stars), bool(hidden), bool(hit)]
        for time, stars, hidden, hit in zip(cut.times, cut.stars, cut.is_hidden, cut.is_hit, strict=True)
    ]
    return ["date", "stars", "hidden", "hit"], rows
