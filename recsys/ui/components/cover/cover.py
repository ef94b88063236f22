"""The payload of a single cover."""

from __future__ import annotations

from typing import TypedDict

from recsys.ui.components.mount import Component
from recsys.ui.lists import Film


class CoverPayload(TypedDict):
    """`id` is the film's raw id."""

    id: int
    film: Film


draw: Component[CoverPayload] = Component("cover", "cover")
