"""What the table of runs is given."""

from __future__ import annotations

from typing import TypedDict

from recsys.ui.components.grid.grid import Head
from recsys.ui.components.mount import Component


class RunRow(TypedDict):
    """`label` is the model, `says` the state in words; `cells` has a text per column of the payload's `head`."""

    id: str
    name: str
    note: str
    label: str
    color: int
    state: str
    says: str
    is_pinned: bool
    can_be_picked: bool
    cells: list[str]


class RunsPayload(TypedDict):
    """`open` and `picked` are ids; `head` is of the columns between the state and what can be picked."""

    open: str | None
    picked: list[str]
    head: list[Head]
    runs: list[RunRow]


draw: Component[RunsPayload] = Component("runs", "table")


def table(data: RunsPayload) -> tuple[list[str], list[list[object]]]:
    """For a file: header and rows."""
    header = ["id", "name", "note", "model", "state"]
    header += [f"{head['text']} ({head['note']})" if head.get("note") else head["text"] for head in data["head"]]
    rows: list[list[object]] = [
        [run["id"], run["name"], run["note"], run["label"], run["says"], *run["cells"]] for run in data["runs"]
    ]
    return header, rows
