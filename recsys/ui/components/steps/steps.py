"""What the steps are given: how a film moved in a list while the model read a history. Pure."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from recsys.data.dataset import Dataset
from recsys.explain.networks import Steps
from recsys.serving.scorers import Unit
from recsys.ui.components.mount import Component
from recsys.ui.components.shared.amounts import amount
from recsys.ui.systems import Column
from recsys.ui.text import count, percent


class Step(TypedDict):
    """The film after another one was read. `width`, and `before` it, is the chance in percent of the largest."""

    title: str
    width: float
    before: float | None
    chance: str
    rank: str
    move: str
    said: str


class StepsPayload(TypedDict):
    title: str
    says: str
    most: str
    color: int
    rows: list[Step]
    foot: str


draw: Component[StepsPayload] = Component("steps")


def payload(dataset: Dataset, read: Steps, item: int, column: Column) -> StepsPayload:
    """A row for before, then one per film read, oldest first."""
    label, most = dataset.catalog.label, float(read.scores.max()) or 1.0
    titles = [f"Before: {count(read.n_before, 'film') if read.n_before else 'nothing'} read"]
    titles += [label(film) for film in read.items.tolist()]
    widths = [round(100 * score / most, 2) for score in read.scores.tolist()]
    ranks = read.ranks.tolist()
    rows: list[Step] = []
    for place, rank in enumerate(ranks):
        last = ranks[max(place - 1, 0)]
        rows.append(
            {
                "title": titles[place],
                "width": widths[place],
                "before": widths[place - 1] if place else None,
                "chance": percent(float(read.scores[place])),
                "rank": f"{rank:,}" if rank else "seen",
                "move": "up" if rank < last else "",
                "said": "higher" if rank < last else "lower" if rank > last else "",
            }
        )
    jumps = np.diff(read.scores)
    top = int(np.argmax(jumps))
    says = f"{column.label} reads films in order and says which comes next."
    if jumps[top] > 0:
        says += f" {label(int(read.items[top]))} raised the chance most: {amount(float(jumps[top]), Unit.NEXT)}."
    return {
        "title": f"How “{label(item)}” moved while {column.label} read",
        "says": says,
        "most": percent(most),
        "color": column.color,
        "rows": rows,
        "foot": f"Rank among the {read.n_ranked:,} films that are nowhere in the history.",
    }


def table(data: StepsPayload) -> tuple[list[str], list[list[object]]]:
    """For a file: header and rows, in the order of reading."""
    return ["read", "chance", "rank"], [[row["title"], row["chance"], row["rank"]] for row in data["rows"]]
