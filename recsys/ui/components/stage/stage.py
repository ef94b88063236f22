"""The payload of the component that listens to the keys of the stage. Pure."""

from __future__ import annotations

from typing import TypedDict

from recsys.ui.components.mount import Component
from recsys.ui.view import View


class Key(TypedDict):
    """What stands on screen of a key or two, and the word that the page is told, by the browser's name of the key."""

    shown: str
    says: str
    presses: dict[str, str]


class StagePayload(TypedDict):
    """The keys of this page, beside those that the browser answers alone; `about` says what they have led to, for
    those who cannot see it."""

    keys: list[Key]
    about: str


draw: Component[StagePayload] = Component("stage")

_STEPS = {"ArrowLeft": "previous", "ArrowRight": "next"}
_PAGES_OF_LISTS = ("", "your_films")


def payload(page: str, view: View, about: str) -> StagePayload:
    """The keys that do something on a page; "" is Compare."""
    keys: list[Key] = []
    if page == "" or (page == "why" and view.who == "user"):
        keys.append({"shown": "← →", "says": "another user", "presses": _STEPS})
    if page == "film":
        keys.append({"shown": "← →", "says": "another film", "presses": _STEPS})
    if page == "":
        says = "hide the ticks" if view.ticks else "show the ticks"
        keys.append({"shown": "R", "says": says, "presses": {"r": "reveal"}})
    if page in _PAGES_OF_LISTS:
        says = "lists" if view.layout == "table" else "table"
        keys.append({"shown": "T", "says": says, "presses": {"t": "table"}})
    keys.append({"shown": "Esc", "says": "leave", "presses": {"Escape": "leave"}})
    return {"keys": keys, "about": about}


def presses(drawn: StagePayload) -> list[str]:
    """The words that the page may be told."""
    return [word for key in drawn["keys"] for word in key["presses"].values()]
