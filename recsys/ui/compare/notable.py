"""Whom to look at: users in whom something shows at once, each with its reason."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError
from recsys.evaluation.notable_users import Notable, alike, by_hits, by_lists
from recsys.models import registry
from recsys.serving import artifacts
from recsys.serving.ranking import recommend
from recsys.ui import loaders, url
from recsys.ui.errors import calm
from recsys.ui.text import count, md, percent
from recsys.ui.view import View

K = 10
_CROWD = "popularity"
DRAWN, ASKED, PAIRS = 300, 30, 10
"""Among so many users alike ones are looked for; so many of them, and those of so many pairs, get lists."""
_TITLES = {
    "one model": "Only one model finds it",
    "crowd wrong": "The crowd is wrong",
    "all fail": "Every model fails",
    "popularity enough": "Popularity is enough",
    "all disagree": "The models disagree",
    "alike": "Alike, but not their lists",
}
_SAY_WHAT_WAS_LIKED = ("one model", "crowd wrong", "all fail", "popularity enough")
"""Whoever still guesses is not told these of anybody: it is what there is to guess when they get there."""


@st.fragment
def show(dataset: Dataset, view: View) -> None:
    """The menu; it looks for them when it is opened.

    Args:
        view: as the page around it has been drawn.
    """
    now = url.current()
    if (now.user, now.beside_user) != (view.user, view.beside_user):
        st.rerun()  # one of them has been chosen: this draws only a part of the page
    menu = st.popover("Whom to look at", icon=":material/travel_explore:", key="notable", on_change="rerun")
    if not menu.open:
        return
    with menu, calm(), st.container(gap=None):
        asked = [entry.name for entry in registry.ENTRIES if entry.is_main]
        found = _found(dataset, [artifacts.folder_of(dataset.name, model) for model in (*asked, _CROWD)])
        is_guessing = not now.ticks
        st.caption("Chosen because they are extreme: none of them is typical.")
        for it in found:
            if is_guessing and it.kind in _SAY_WHAT_WAS_LIKED:
                continue
            raw, other = (None if user is None else int(dataset.viewers.ids.ids[user]) for user in (it.user, it.beside))
            says = f"{_TITLES[it.kind]}: user {raw}"
            st.button(says, key=f"notable_{it.kind}", type="tertiary", on_click=_go, args=(raw, other))
            st.caption(md(sentence(it, dataset)))
        if is_guessing:
            st.caption("While you guess, nothing is said here of what anybody went on to like.")


def _go(user: int, beside: int | None) -> None:
    """Callback: to this user, or to these two side by side; the menu closes."""
    url.change(user=user, beside_user=beside)
    st.session_state["notable"] = False


@st.cache_resource(max_entries=3, show_spinner="Looking for users in whom something shows …", hash_funcs=loaders.KEYS)
def _found(dataset: Dataset, folders: list[Path]) -> list[Notable]:
    """Of the models that can answer; the last is what the crowd does. A damaged one has its card in its own place.

    The lists of all users would take too long, so some are drawn.
    """
    task = loaders.task(dataset)
    drawn = np.random.default_rng(0).permutation(dataset.n_users)[:DRAWN]
    pairs = alike(task.known, drawn, PAIRS)
    users = np.unique([*drawn[:ASKED], *pairs.ravel()])
    histories = [task.known.history(user) for user in users.tolist()]
    hits, lists = {}, {}
    for folder in folders:
        model = folder.name
        with suppress(RecsysError, KeyError):
            scorer = loaders.artifact(dataset, model).scorer
            listed = recommend(scorer, histories, min(K, dataset.n_items)).items
            hits[model] = K * loaders.evaluation(dataset.name, model)[f"precision@{K}"]
            lists[model] = listed
    crowd = hits.pop(_CROWD, None)
    lists.pop(_CROWD, None)
    liked = task.held_out.users[task.held_out.ratings >= task.relevance]
    notable = []
    if hits and crowd is not None:
        notable += by_hits(hits, crowd, np.bincount(liked, minlength=dataset.n_users))
    if len(lists) > 1:
        notable += by_lists(lists, users, pairs, task.known)
    return notable


def sentence(it: Notable, dataset: Dataset) -> str:
    """The reason, in plain words."""
    user = f"user {int(dataset.viewers.ids.ids[it.user])}"
    model = registry.entry(it.model).label if it.model else ""
    if it.kind == "one model":
        return f"Only {model} has films that {user} went on to like among its first {K}: {it.n} of them."
    if it.kind == "crowd wrong":
        return f"None of the {K} most popular films is one that {user} went on to like; {model} finds {it.n}."
    if it.kind == "all fail":
        return f"No model has any of the {count(it.n, 'film')} that {user} went on to like among its first {K}."
    if it.kind == "popularity enough":
        return f"The {K} most popular films hold {it.n} that {user} went on to like, and no model finds more."
    if it.kind == "all disagree":
        return f"Between them, the lists for {user} hold {it.n} different films."
    alike_to = "" if it.beside is None else f"user {int(dataset.viewers.ids.ids[it.beside])}"
    shared = percent(it.shared)
    return f"They and {alike_to} have {count(it.n, 'film')} in common, but their lists share only {shared} of theirs."
