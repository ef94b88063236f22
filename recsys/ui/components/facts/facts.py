"""The payload of the counts: a name, a value and a comparison each."""

from __future__ import annotations

from typing import TypedDict

from recsys.ui.components.mount import Component


class Fact(TypedDict):
    label: str
    value: str
    note: str


class FactsPayload(TypedDict):
    facts: list[Fact]


draw: Component[FactsPayload] = Component("facts")
