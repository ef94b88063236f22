"""What the job component is given: a run's name and state, what it says of itself and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from recsys.models import registry
from recsys.training.jobs.runs import Run
from recsys.ui.components.mount import Component


class JobPayload(TypedDict):
    """`facts` has names and texts. A run that goes on has a bar: `share` is None as long as it cannot be told."""

    name: str
    label: str
    color: int
    state: str
    says: str
    facts: list[tuple[str, str]]
    message: str
    share: NotRequired[float | None]
    progress: NotRequired[str]


draw: Component[JobPayload] = Component("job")


def payload(run: Run, says: str, facts: Mapping[str, str], message: str = "") -> JobPayload:
    """A run without a bar, as JSON; `says` is its state in words."""
    entry = registry.entry(run.request.model)
    return {
        "name": run.name,
        "label": entry.label,
        "color": entry.color,
        "state": run.state.value,
        "says": says,
        "facts": list(facts.items()),
        "message": message,
    }
