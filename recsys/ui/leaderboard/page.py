"""The Leaderboard, in the order in which its parts stand on the page. Only the part that is open runs."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.models.registry import ENTRIES
from recsys.ui import controls, export, url, words
from recsys.ui.components.open_tab import open_tab
from recsys.ui.components.scores import scores
from recsys.ui.errors import calm
from recsys.ui.leaderboard import checks, cost, pairs, people, popularity, protocols, searches, standings
from recsys.ui.leaderboard.standings import Standing
from recsys.ui.text import md

Part = Callable[[Dataset, list[Standing]], None]
_TABS = "board_tabs"


@st.fragment
def show(dataset: Dataset) -> None:
    """The switch for more models, and one part of the page; changing either reruns no more than this."""
    with calm():
        view = url.current()
        if any(entry.is_extra for entry in ENTRIES):
            st.session_state["more"] = view.more
            st.toggle(
                "More models",
                key="more",
                on_change=lambda: url.change(more=st.session_state["more"]),
                help="The other systems of the source articles, and honest rivals of the six.",
            )
        given = standings.standings(dataset, more=view.more)
        controls.tabs(_TABS, "tab", PARTS, dataset, given)
        if missing := standings.untrained(dataset, more=view.more):
            names = md(", ".join(entry.label for entry in missing))
            command = f"python -m recsys train {','.join(entry.name for entry in missing)} --dataset {dataset.name}"
            st.caption(f"Not trained here: {names}. To train: `{command}`")
        open_tab.draw(key="board_open_tab", data={"open": st.session_state[_TABS]})


def _standings(dataset: Dataset, given: list[Standing]) -> None:
    first, *more = standings.findings(given, standings.clearly_better(dataset.name, given))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words.markdown(f"**{md(first)}**", width="content")
        if more:
            with st.popover("More", type="tertiary", width="content"):
                words.markdown(md(" ".join(more)))
    with export.saved(
        "scores",
        "Leaderboard",
        standings.facts(dataset.name, given),
        is_chart=True,
        table=lambda: standings.table(given),
    ):
        scores.draw(
            key="scores",
            data=standings.payload(given, standings.at_the_top_of_each(dataset.name, given), url.current()),
            on_choices_change=url.on_choices("scores", dataset),
        )
    if caption := standings.caption(given, dataset.name):
        words.caption(md(caption))
    pairs.show(dataset, given)


PARTS: dict[str, tuple[str, Part]] = {
    "standings": ("Standings", _standings),
    "protocols": ("Protocols", protocols.show),
    "people": ("For whom", people.show),
    "cost": ("Cost", cost.show),
    "popularity": ("Popularity", popularity.show),
    "searches": ("Settings", searches.show),
    "checks": ("Checks", checks.show),
}
"""Name in the URL -> title of the tab and what draws it."""
