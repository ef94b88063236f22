"""What a protocol keeps and hides, drawn for one user."""

from __future__ import annotations

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.evaluation import protocols
from recsys.evaluation.hidden_part import Cut, cut_of
from recsys.evaluation.protocols import HOLDOUT, Ask, Protocol, Task
from recsys.ui import charts, controls, export, loaders, picker, url
from recsys.ui.components.strip import strip
from recsys.ui.text import count, date, md, percent
from recsys.ui.view import HIDES

_NAMES = dict(zip(HIDES, ("The last 20 %", "The very last film", "A random fifth"), strict=True))
MOST_ROWS = 2_000_000
"""To split a larger data set by another protocol takes longer than somebody waits for a page."""


def show(dataset: Dataset) -> None:
    st.markdown(
        "To measure a model, part of every user's ratings is hidden: the model learns from the rest, and is asked for "
        "the hidden part."
    )
    name = HOLDOUT.name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        user = picker.number_or_chance(dataset, key="hidden_user")
        if len(dataset) <= MOST_ROWS:
            controls.segmented("What is hidden", "hides", _NAMES, key="hidden_protocol")
            name = url.current().hides
    protocol = protocols.protocol(name)
    cut, raw = cut_of(_task(dataset, name), user), int(dataset.viewers.ids.ids[user])
    title, says = counts_in_words(cut, protocol, raw)
    charts.heading(title, says)
    about = export.facts(dataset.name, protocol=protocol.name, user=str(raw))
    with export.saved("strip", title, about, is_chart=True, table=lambda: strip.table(cut)):
        strip.draw(key="strip", data=strip.payload(cut, protocol, raw, dataset.scale.high))
    st.markdown(md(leak_in_words(cut, protocol)))
    st.caption(f"Protocol `{name}`: {md(protocol.summary)}")


@st.cache_resource(max_entries=6, show_spinner="Splitting the ratings …", hash_funcs=loaders.KEYS)
def _task(dataset: Dataset, name: str) -> Task:
    """The first fold of a protocol; that of holdout is what all pages share."""
    return loaders.task(dataset) if name == HOLDOUT.name else protocols.protocol(name).finals(dataset)[0]


def counts_in_words(cut: Cut, protocol: Protocol, user_id: int) -> tuple[str, str]:
    """How much is kept and hidden, and how much of that a list can find."""
    is_hidden = "is hidden" if cut.n_hidden == 1 else "are hidden"
    all_ratings = f"Of the {count(len(cut.items), 'rating')} of user {user_id}"
    title = f"{all_ratings}, {cut.n_kept:,} are kept and {cut.n_hidden:,} {is_hidden}"
    if not cut.n_hidden:
        return title, "This user has too few ratings for any to be hidden here."
    if Ask.LISTS not in protocol.asks:
        return title, "The model is asked for the stars of each hidden rating, whatever they are. No list is made."
    if not protocol.relevance:
        return title, "A list finds it or does not: the hidden film counts as a hit whatever its stars."
    n_hits = int(cut.is_hit.sum())
    found = "that is what a list is meant to find." if n_hits else "so there is nothing for a list to find."
    has = "has" if n_hits == 1 else "have"
    return title, f"{n_hits:,} of the hidden {has} {protocol.relevance:g} stars or more: {found}"


def leak_in_words(cut: Cut, protocol: Protocol) -> str:
    """Whose future the models have learnt from."""
    if not cut.n_hidden:
        return ""
    if cut.n_filled_in:
        return (
            f"{cut.n_filled_in:,} of the {cut.n_hidden:,} hidden ratings are older than a rating of the same "
            "user that is kept. The model fills in gaps and knows what came later, which is easier than predicting the "
            "future: such a number says nothing about tomorrow."
        )
    start = date(int(cut.times[cut.is_hidden].min()))
    share = percent(cut.n_known_later / max(cut.n_known, 1))
    return (
        f"The models learn nothing from this user's own future, but they do learn from other people's: {share} of what "
        f"they know ({count(cut.n_known_later, 'rating')} of {cut.n_known:,}) was given by others after this "
        f"user's hidden part begins, on {start}. Time order holds within each user, not between users."
    )
