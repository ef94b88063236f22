"""What the sanity board is given: how each check went, and all of them in one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from recsys.evaluation.sanity import Check, State
from recsys.ui.components.mount import Component


class CheckRow(TypedDict):
    claim: str
    state: str
    found: str


class ChecksPayload(TypedDict):
    title: str
    state: str
    checks: list[CheckRow]


draw: Component[ChecksPayload] = Component("checks")


def payload(made: Sequence[Check]) -> ChecksPayload:
    """All that the component draws, as JSON."""
    failed = sum(check.state is State.FAILED for check in made)
    passed = sum(check.state is State.PASSED for check in made)
    left = len(made) - failed - passed
    well = f"All {passed} checks passed" if passed > 1 else f"{passed} check passed"
    title = f"{failed} of {len(made)} checks failed" if failed else well
    return {
        "title": title + (f"; {left} could not be run" if left else ""),
        "state": (State.FAILED if failed else State.PASSED).value,
        "checks": [{"claim": it.claim, "state": it.state.value, "found": it.found} for it in made],
    }


def table(data: ChecksPayload) -> tuple[list[str], list[list[object]]]:
    """For a file: header and rows."""
    return ["check", "state", "found"], [[it["claim"], it["state"], it["found"]] for it in data["checks"]]
