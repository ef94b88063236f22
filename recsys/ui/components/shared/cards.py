"""A card per model with its list, or why there is none."""

from __future__ import annotations

from typing import TypedDict

from recsys.ui.lists import Badge


class Keyed(Badge):
    """A model's badge with its name in the registry, or the id of its run."""

    model: str


class Switch(Keyed):
    """A model that can be switched on and off."""

    on: bool
    is_extra: bool


class Row(TypedDict):
    """A place of a list. `bar` is a share in percent, None where the score is no strength."""

    rank: int
    film: int
    score: str
    spoken: str
    bar: float | None
    hit: bool


class Card(Keyed):
    """A model's list; `problem` has the fields of a `Problem`."""

    looks_at: str
    unit: str
    problem: dict[str, str | None] | None
    rows: list[Row]
    foot: str
