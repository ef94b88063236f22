"""The table of the source articles: real ratings of some users and films, and what two models predict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from recsys import preferences, registry
from recsys.dataset import Dataset
from recsys.errors import RecsysError
from recsys.preferences import Said, Table
from recsys.ui import columns, components, loaders, notices
from recsys.ui.columns import Column
from recsys.ui.data import cells
from recsys.ui.data import users as data_users
from recsys.ui.leaderboard import charts
from recsys.ui.text import md

N_USERS, N_FILMS = 8, 8
PREFERRED = ("svd", "autoencoder", "als", "mf")
"""The models that are shown first, as far as they are there: they predict stars, and differ."""
_PEOPLE, _FILMS, _SEED = "table_people", "table_films", "table_seed"
_MODELS = ("table_first", "table_second")


def show(dataset: Dataset) -> None:
    user = data_users.chosen(dataset)
    raw = int(dataset.viewers.ids.ids[user])
    st.markdown(
        "What every recommender starts from: users as rows, films as columns, and mostly nothing in between. Models "
        "fill in the rest. Where a rating was hidden from them, it shows how well."
    )
    offered = _offered(dataset)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="content"):
            data_users.show(dataset, user, key="table_user")
        people = _people(raw)
        films = _films(raw)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        models = _models(offered)
        if people == "random":
            st.button("Draw other users", icon=":material/casino:", key="table_draw", on_click=_draw_again)
    shown = _table(dataset, user, people, films)
    said: dict[str, Said] = {}
    for column in models:
        try:
            said[column.key] = cells.asked(dataset, column.key, shown)
        except RecsysError as error:
            st.error(md(f"{column.spoken} cannot answer. {error}"), icon=":material/info:")
    answered = [column for column in models if column.key in said]
    charts.heading(*cells.findings(shown, answered, said))
    components.preferences(key="preferences", data=cells.payload(dataset, shown, user, answered, said))
    if answered:
        st.caption(md(" ".join(cells.context(dataset, column, said[column.key]) for column in answered)))
    if not offered:
        notices.untrained(dataset)


def _offered(dataset: Dataset) -> list[Column]:
    """What can be asked: trained models, then finished runs, the newest first."""
    models = [key for key in registry.BY_NAME if loaders.is_trained(dataset.name, key)]
    return [*(columns.of(key) for key in models), *columns.trained_here(dataset.name)[: columns.MAX_LISTED]]


def _models(offered: Sequence[Column]) -> list[Column]:
    """Two of them, or as many as there are."""
    by_key = {column.key: column for column in offered}
    chosen: list[Column] = []
    for name, label in zip(_MODELS, ("Model", "Beside it"), strict=True):
        options = [key for key in by_key if key not in {column.key for column in chosen}]
        if not options:
            break
        if st.session_state.get(name) not in options:
            st.session_state[name] = next((key for key in PREFERRED if key in options), options[0])
        key = st.selectbox(
            label,
            options,
            format_func=lambda each: by_key[each].label,
            key=name,
            persist_state="session",
            width=200,
        )
        chosen.append(by_key[key])
    return chosen


def _people(user_id: int) -> str:
    options = {"alike": f"Most like user {user_id}", "random": "At random"}
    if st.session_state.get(_PEOPLE) not in options:
        st.session_state[_PEOPLE] = "alike"
    chosen = st.segmented_control(
        "Users",
        list(options),
        format_func=lambda each: options[each],
        key=_PEOPLE,
        required=True,
        persist_state="session",
    )
    return chosen or "alike"


def _films(user_id: int) -> str:
    options = {"them": "Hidden from these users", "user": f"Hidden from user {user_id}", "most": "Most rated"}
    if st.session_state.get(_FILMS) not in options:
        st.session_state[_FILMS] = "them"
    return st.selectbox(
        "Films",
        list(options),
        format_func=lambda each: options[each],
        key=_FILMS,
        persist_state="session",
        width=230,
    )


def _draw_again() -> None:
    st.session_state[_SEED] = st.session_state.get(_SEED, 0) + 1


def _table(dataset: Dataset, user: int, people: str, films: str) -> Table:
    task = loaders.task(dataset)
    hidden = preferences.hidden_films(task, user, N_FILMS)
    if people == "random":
        # Films of one user: of the others, those who have rated one of them.
        known_to = hidden if films == "user" else hidden[:0]
        users = preferences.sample(task.known, N_USERS, st.session_state.get(_SEED, 0), known_to)
        if films == "user" and user not in users:
            users = np.concatenate([[user], users[: N_USERS - 1]])
    else:
        users = preferences.alike(task.known, user, N_USERS)
    if films == "user":
        return preferences.table(task, users, hidden)
    most = preferences.hidden_from(task, users, N_FILMS) if films == "them" else preferences.most_rated(task, N_FILMS)
    return preferences.table(task, users, most)
