"""Whom to look at: users in whom something shows at once, each with its reason."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError
from recsys.evaluation.notable_users import Notable, alike, by_hits, by_lists
from recsys.models import registry
from recsys.serving.ranking import recommend
from recsys.ui import loaders, url
from recsys.ui.errors import calm
from recsys.ui.text import count, md, percent

K = 10
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


@st.fragment
def show(dataset: Dataset) -> None:
    """The menu; it looks for them when it is opened."""
    menu = st.popover("Whom to look at", icon=":material/travel_explore:", key="notable", on_change="rerun")
    if not menu.open:
        return
    with menu, calm():
        folders = {
            entry.name: loaders.folder_of(dataset.name, entry.name) for entry in registry.ENTRIES if entry.is_main
        }
        view = url.current()
        for it in _found(dataset, folders):
            raw = int(dataset.viewers.ids.ids[it.user])
            if raw == view.user and not view.ticks:
                continue  # it would say what is to be guessed
            st.button(
                f"{_TITLES[it.kind]}: user {raw}", key=f"notable_{it.kind}", type="tertiary", on_click=_go, args=(raw,)
            )
            st.caption(md(sentence(it, dataset)))
        st.caption("Chosen because they are extreme: none of them is typical.")


def _go(user: int) -> None:
    url.change(user=user)


@st.cache_resource(max_entries=3, show_spinner="Looking for users in whom something shows …", hash_funcs=loaders.KEYS)
def _found(dataset: Dataset, folders: dict[str, Path]) -> list[Notable]:
    """Those of the six models that are trained; the lists of all users would take too long, so some are drawn."""
    task = loaders.task(dataset)
    hits = {}
    for model in folders:
        with suppress(ArtifactError):  # a damaged model has its card below; the others are asked without it
            hits[model] = K * loaders.evaluation(dataset.name, model)["precision@10"]
    liked = task.held_out.users[task.held_out.ratings >= task.relevance]
    notable = []
    with suppress(ArtifactError):
        popularity = K * loaders.evaluation(dataset.name, "popularity")["precision@10"]
        if hits:
            notable += by_hits(hits, popularity, np.bincount(liked, minlength=dataset.n_users))
    drawn = np.random.default_rng(0).permutation(dataset.n_users)[:DRAWN]
    pairs = alike(task.known, drawn, PAIRS)
    users = np.unique([*drawn[:ASKED], *pairs.ravel()])
    histories = [task.known.history(user) for user in users.tolist()]
    k = min(K, dataset.n_items)
    lists = {model: recommend(loaders.artifact(dataset, model).scorer, histories, k).items for model in hits}
    return notable + (by_lists(lists, users, pairs, task.known) if len(lists) > 1 else [])


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
