"""Stage: a page as it is shown to a room, without its frame, in type of at least 18 pixels, led by keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.ui import loaders, url
from recsys.ui.components.stage import stage as component
from recsys.ui.view import View, bounded, user_of

HEAD_BUTTONS = "head_buttons"
"""Key of what the head of a page holds beside its title; nobody needs it in front of a class."""
_LOOKS = Path(__file__).with_name("stage.css")


def sheet() -> str:
    """On stage, the style sheet that hides the frame and enlarges the type."""
    return _LOOKS.read_text(encoding="utf-8") if url.is_on_stage() else ""


def button() -> None:
    """What leads onto the stage."""
    st.button(
        "Present",
        icon=":material/slideshow:",
        key="present",
        on_click=lambda: url.change(stage=True),
        help="Large type and nothing around it, for a projector. Esc leads back.",
    )


def end(dataset: Dataset) -> None:
    """On stage, listen to the keys."""
    if url.is_on_stage():
        view = bounded(url.current(), dataset)
        drawn = component.payload(url.page(), view, _about(url.page(), view, dataset))
        component.draw(key="stage", data=drawn, on_press_change=lambda: _pressed(dataset))


def _pressed(dataset: Dataset) -> None:
    """Callback: do what a key says. A browser can send anything: what is no key of the page does nothing."""
    press, page = getattr(st.session_state.get("stage"), "press", None), url.page()
    view = bounded(url.current(), dataset)
    if press not in component.presses(component.payload(page, view, "")):
        return
    if press == "leave":
        url.change(stage=False)
    elif press == "reveal":
        url.change(ticks=not view.ticks)
    elif press == "table":
        url.change(layout="cards" if view.layout == "table" else "table")
    else:
        url.change(**_beside(page, view, dataset, 1 if press == "next" else -1))


def _about(page: str, view: View, dataset: Dataset) -> str:
    """What the keys have led to, in words."""
    if page == "film":
        return dataset.catalog.label(_film(view, dataset))
    user = int(dataset.viewers.ids.ids[_user(view, dataset)])
    layout, ticks = "a table" if view.layout == "table" else "lists", "shown" if view.ticks else "hidden"
    return f"User {user}, as {layout}, ticks {ticks}"


def _user(view: View, dataset: Dataset) -> int:
    return user_of(view, dataset, loaders.people(dataset).example)


def _film(view: View, dataset: Dataset) -> int:
    """The film of the Film page."""
    known = loaders.task(dataset).known
    return int(known.item_counts.argmax()) if view.film is None else dataset.catalog.ids.index(view.film)


def _beside(page: str, view: View, dataset: Dataset, step: int) -> dict[str, int]:
    """The user with the next number, or the film that has the next fewer ratings; after the last comes the first."""
    if page != "film":
        return {"user": int(dataset.viewers.ids.ids[(_user(view, dataset) + step) % dataset.n_users])}
    films = np.argsort(-loaders.task(dataset).known.item_counts, kind="stable").tolist()  # as in the menu of the page
    return {"film": int(dataset.catalog.ids.ids[films[(films.index(_film(view, dataset)) + step) % len(films)]])}
