"""The payload of a lesson's diagram: its boxes with their numbers filled in, and the arrows between them."""

from __future__ import annotations

from typing import TypedDict

from recsys.lessons.base import Config, Flow, Sizes, filled
from recsys.ui.components.mount import Component

_KEY = {"given": "given", "learnt": "learnt in training", "worked": "worked out"}


class FlowBox(TypedDict):
    """`kind` is "given", "learnt" or "worked"."""

    key: str
    title: str
    note: str
    kind: str


class FlowPayload(TypedDict):
    """`arrows` are pairs of keys of boxes; `key` has what each kind of box in the diagram is called."""

    color: int
    rows: list[list[FlowBox]]
    arrows: list[tuple[str, str]]
    key: list[tuple[str, str]]
    says: str


draw: Component[FlowPayload] = Component("flow")


def payload(of: Flow, sizes: Sizes, config: Config, color: int) -> FlowPayload:
    """All that the component draws, as JSON."""
    used = {box.kind for row in of.rows for box in row}
    return {
        "color": color,
        "rows": [
            [
                {
                    "key": box.key,
                    "title": filled(box.title, sizes, config),
                    "note": filled(box.note, sizes, config),
                    "kind": box.kind,
                }
                for box in row
            ]
            for row in of.rows
        ],
        "arrows": of.arrows,
        "key": [(kind, name) for kind, name in _KEY.items() if kind in used],
        "says": of.says,
    }
