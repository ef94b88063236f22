"""The payload of the component that brings the open tab into view: the title of that tab."""

from __future__ import annotations

from typing import TypedDict

from recsys.ui.components.mount import Component


class OpenTabPayload(TypedDict):
    open: str


draw: Component[OpenTabPayload] = Component("open_tab")
