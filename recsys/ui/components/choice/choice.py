"""What the choice of a model to train is given."""

from __future__ import annotations

from typing import TypedDict

from recsys.models import registry
from recsys.ui.components.mount import Component


class ChoiceModel(TypedDict):
    """A model; those that are not `is_main` are folded away."""

    name: str
    label: str
    color: int
    is_main: bool


class ChoicePayload(TypedDict):
    chosen: str
    models: list[ChoiceModel]


draw: Component[ChoicePayload] = Component("choice", "pills")


def payload(chosen: str) -> ChoicePayload:
    """All models of the registry, as JSON."""
    models: list[ChoiceModel] = [
        {"name": entry.name, "label": entry.label, "color": entry.color, "is_main": entry.is_main}
        for entry in registry.ENTRIES
    ]
    return {"chosen": chosen, "models": models}
