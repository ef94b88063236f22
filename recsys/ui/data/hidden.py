"""What a protocol keeps and hides, drawn for one user."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.evaluation import protocols
from recsys.evaluation.hidden_part import Cut, cut_of
from recsys.evaluation.protocols import HOLDOUT, NEXT, RATE, Ask, Protocol, Task
from recsys.ui import charts, components, loaders, url
from recsys.ui.data import users
from recsys.ui.text import count, date, md, percent
from recsys.ui.view import HIDES

_NAMES = {HOLDOUT.name: "The last 20 %", NEXT.name: "The very last film", RATE.name: "A random fifth"}
_KEY = "hidden_protocol"
MOST_ROWS = 2_000_000
"""The other protocols cut a larger data set for longer than somebody waits for a page."""


def show(dataset: Dataset) -> None:
    user = users.chosen(dataset)
    raw = int(dataset.viewers.ids.ids[user])
    st.markdown(
        "To measure a model, part of every user's ratings is hidden: the model learns from the rest, and is asked for "
        "the hidden part."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="content"):
            users.show(dataset, user, key="hidden_user")
        protocol = protocols.protocol(_chosen(dataset))
    task = _task(dataset, dataset.fingerprint, protocol.name)
    cut = cut_of(task, user)
    charts.heading(*counts_in_words(cut, protocol, raw))
    components.strip(key="strip", data=strip_payload(cut, protocol, raw, dataset.scale.high))
    st.markdown(md(leak_in_words(cut, protocol)))
    st.caption(f"Protocol `{protocol.name}`: {md(protocol.summary)}")


def _chosen(dataset: Dataset) -> str:
    """The name of the protocol that is drawn."""
    if len(dataset) > MOST_ROWS:
        return HOLDOUT.name
    chosen = url.current().hides
    st.session_state[_KEY] = chosen
    st.segmented_control(
        "What is hidden",
        HIDES,
        format_func=_NAMES.__getitem__,
        key=_KEY,
        required=True,
        on_change=lambda: url.change(hides=st.session_state[_KEY]),
    )
    return chosen


@st.cache_resource(max_entries=6, show_spinner="Splitting the ratings …")
def _task(_of: Dataset, fingerprint: str, name: str) -> Task:
    """The first fold of a protocol; that of holdout is what all pages share."""
    return loaders.task(_of) if name == HOLDOUT.name else protocols.protocol(name).finals(_of)[0]


def counts_in_words(cut: Cut, protocol: Protocol, user_id: int) -> tuple[str, str]:
    """How much is kept and hidden, and how much of that a list can find."""
    title = f"Of the {count(len(cut.items), 'rating')} of user {user_id}, {cut.n_kept:,} are kept and {cut.n_hidden:,} "
    title += "is hidden" if cut.n_hidden == 1 else "are hidden"
    if not cut.n_hidden:
        return title, "With so few ratings, nothing can be hidden of this user here."
    if Ask.LISTS not in protocol.asks:
        return title, "The model is asked for the stars of each hidden rating, whatever they are. No list is made."
    n_hits = int(cut.is_hit.sum())
    if not protocol.relevance:
        return title, "A list finds it or does not: the hidden film counts as a hit whatever its stars."
    return title, (
        f"{n_hits:,} of the hidden {'has' if n_hits == 1 else 'have'} {protocol.relevance:g} stars or more: "
        + ("that is what a list is meant to find." if n_hits else "so there is nothing for a list to find.")
    )


def strip_payload(cut: Cut, protocol: Protocol, user_id: int, high: float) -> dict[str, Any]:
    """The strip as JSON: a bar per rating, oldest first; 0 kept, 1 hidden, 2 hidden and a hit."""
    kinds = cut.is_hidden.astype(int) + cut.is_hit
    hidden = np.flatnonzero(cut.is_hidden)
    starts = int(hidden[0]) if len(hidden) and not cut.n_filled_in else None
    finds = Ask.LISTS in protocol.asks
    labels = ("kept", "hidden, not a hit" if finds else "hidden", "hidden, a hit if found")
    numbers = np.bincount(kinds, minlength=3).tolist()
    return {
        "stars": [float(value) for value in cut.stars],
        "kinds": kinds.tolist(),
        "high": float(high),
        "cut": starts,
        "first": date(int(cut.times[0])) if len(cut.times) else "",
        "moment": f"hidden from {date(int(cut.times[starts]))}" if starts is not None else "",
        "last": date(int(cut.times[-1])) if len(cut.times) else "",
        "legend": [[kind, labels[kind], n] for kind, n in enumerate(numbers) if n],
        "said": f"Timeline of the {count(len(cut.items), 'rating')} of user {user_id}, oldest first: "
        f"{cut.n_kept:,} kept, {cut.n_hidden:,} hidden, {int(cut.is_hit.sum()):,} of them hits.",
    }


def leak_in_words(cut: Cut, protocol: Protocol) -> str:
    """Whose future the models have learnt from."""
    if not cut.n_hidden:
        return ""
    if cut.n_filled_in:
        return (
            f"{cut.n_filled_in:,} of the {cut.n_hidden:,} hidden ratings are older than something of the same user "
            "that is kept. The model fills in gaps and knows how the story went on, which is easier than to foresee: "
            "such a number says nothing about tomorrow."
        )
    start = date(int(cut.times[cut.is_hidden].min()))
    share = percent(cut.n_known_later / max(cut.n_known, 1))
    return (
        f"Nothing of this user's own future is left for the models to learn from. Other people's is: {share} of what "
        f"they know ({count(cut.n_known_later, 'rating')} of {cut.n_known:,}) was given by others after the moment on "
        f"{start} at which this user's hidden part begins. Time order holds within each user, not between users."
    )
