"""What the leaderboard's table and chart are given."""

from __future__ import annotations

from typing import TypedDict

from recsys.ui.components.mount import Component


class ScoresModel(TypedDict):
    """`problem` is why it has no numbers, `absence` the same in two words."""

    name: str
    label: str
    color: int
    note: str
    is_baseline: bool
    problem: str | None
    absence: str | None


class ScoresColumn(TypedDict):
    """A metric; every list has an entry per model. `cells` and `ranges` are text, `values` and `intervals` numbers.

    `better` is "higher", "lower" or ""; `margin` says by how much the first model wins; `word`
    says where the label is explained.
    """

    name: str
    label: str
    word: str | None
    says: str
    better: str
    unit: str
    cells: list[str]
    values: list[float | None]
    intervals: list[list[float] | None]
    ranges: list[str]
    best: list[bool]
    margin: str


class ScoresGroup(TypedDict):
    id: str
    title: str
    columns: list[ScoresColumn]


class ScoresPayload(TypedDict):
    """`metric`, `order` and `without` are those of the view."""

    models: list[ScoresModel]
    groups: list[ScoresGroup]
    metric: str
    order: str
    without: list[str]


draw: Component[ScoresPayload] = Component("scores", "pills")
