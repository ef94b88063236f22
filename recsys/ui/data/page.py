"""The Data page, in the order in which its parts stand on it. Only the part that is open runs."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.ui import controls, url
from recsys.ui.components.open_tab import open_tab
from recsys.ui.data import films_and_people, hidden, numbers, over_time, table, tail
from recsys.ui.errors import calm

_TABS = "data_tabs"


@st.fragment
def show(dataset: Dataset) -> None:
    """One part of the page; opening another one reruns no more than this."""
    with calm():
        if url.current().topic not in PARTS:
            url.change(topic="")  # no part of that name: the first one
        controls.tabs(_TABS, "topic", PARTS, dataset)
        open_tab.draw(key="data_open_tab", data={"open": st.session_state[_TABS]})


PARTS: dict[str, tuple[str, Callable[[Dataset], None]]] = {
    "": ("In numbers", numbers.show),
    "long-tail": ("Long tail", tail.show),
    "time": ("Over time", over_time.show),
    "films-people": ("Films and people", films_and_people.show),
    "table": ("Real and predicted", table.show),
    "hidden": ("What is hidden", hidden.show),
}
"""Topic in the URL -> title of the tab and what draws it; the first one is where no topic is named."""
