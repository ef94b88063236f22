"""The table of the source articles: real ratings of some users and films, and what two models predict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError
from recsys.evaluation import real_and_predicted
from recsys.evaluation.protocols import Task
from recsys.evaluation.real_and_predicted import Cell, Said
from recsys.models import registry
from recsys.ui import charts, controls, export, lists, loaders, notices, picker, systems, url
from recsys.ui.components.preferences import preferences
from recsys.ui.data import verdict
from recsys.ui.errors import for_visitors
from recsys.ui.systems import Column
from recsys.ui.text import md, number
from recsys.ui.view import MAX_DRAW, PEOPLE, WHICH, View

N_USERS, N_FILMS = 8, 8
PREFERRED = ("svd", "autoencoder", "als", "mf")
"""The models that are shown first, as far as they are there: they predict stars, and differ."""
_MODELS = ("table_first", "table_second")
_NONE_HIDDEN = (
    "No cell here is hidden: the hidden ratings of these users are of other films. "
    "Choose “Hidden from these users” under “Films” to see them."
)


def show(dataset: Dataset) -> None:
    view = url.current()
    st.markdown(
        "What every recommender starts from: users as rows, films as columns, and mostly nothing in between. Models "
        "fill in the rest. Where a rating was hidden from them, you can see how well."
    )
    offered = _offered(dataset)
    missing = [systems.of(key) for key in view.pair if key not in {column.key for column in offered}]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        user = picker.number_or_chance(dataset, key="table_user")
        raw = int(dataset.viewers.ids.ids[user])
        people = dict(zip(PEOPLE, (f"Most like user {raw}", "At random"), strict=True))
        controls.segmented("Users", "people", people, key="table_people")
        titles = ("Hidden from these users", f"Hidden from user {raw}", "Most rated")
        controls.menu("Films", "which", dict(zip(WHICH, titles, strict=True)), key="table_films", width=230)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        models = _choose_models([*offered, *missing], view.pair)
        if view.people == "random":
            st.button("Draw other users", icon=":material/casino:", key="table_draw", on_click=_draw_again)
    task = loaders.task(dataset)
    users, films = _on_screen(task, user, view)
    of = real_and_predicted.table(task, users, real_and_predicted.with_all_rated(task, users, films))
    said: dict[str, Said] = {}
    for column in models:
        try:
            scorer = loaders.artifact(dataset, column.key).scorer
            said[column.key] = real_and_predicted.ask(scorer, task, of, dataset.scale)
        except RecsysError as error:
            st.error(md(f"{column.spoken} cannot answer. {for_visitors(error)}"), icon=":material/info:")
    answered = [column for column in models if column.key in said]
    title, says = verdict.findings(of, len(films), answered, said)
    charts.heading(title, says)
    shown, answers = of.first(len(films)), [(column, said[column.key].first(len(films))) for column in answered]
    link = lists.links_of(replace(view, topic=""), "user", raw)["film"]
    data = preferences.payload(dataset, shown, user, answers, link)
    about = export.facts_of(dataset.name, [column.key for column in answered])
    with export.saved("preferences", title, about, is_chart=True, table=lambda: preferences.table(data)):
        preferences.draw(key="preferences", data=data)
    if Cell.HIDDEN not in shown.kinds:
        st.caption(_NONE_HIDDEN)
    if answered:
        st.caption(md(" ".join(_context(dataset, column, said[column.key]) for column in answered)))
    if not offered:
        notices.untrained(dataset)


def _context(dataset: Dataset, column: Column, said: Said) -> str:
    """What the few cells are part of: the model's figure over everything that is hidden."""
    if said.stars is None:
        return (
            f"{column.spoken} does not predict stars: the table shows a film's place among those that the user "
            "has not rated yet. Films that it has learnt from have none."
        )
    rmse = number(loaders.manifest(dataset.name, column.key).metric("rmse"), 2)
    n_hidden = len(loaders.task(dataset).held_out)
    return f"{column.spoken}: typical error over all {n_hidden:,} hidden ratings {rmse} stars (RMSE)."


def _offered(dataset: Dataset) -> list[Column]:
    """What can be asked: trained models, then finished runs, the newest first."""
    models = [key for key in registry.BY_NAME if loaders.is_trained(dataset.name, key)]
    return [*(systems.of(key) for key in models), *systems.trained_here(dataset.name)[: systems.MAX_LISTED]]


def _choose_models(offered: Sequence[Column], pair: Sequence[str]) -> list[Column]:
    """Two of them, or as many as there are: those of the view, and then those that are shown first."""
    by_key = {column.key: column for column in offered}
    names = systems.told_apart(offered)
    wanted = dict.fromkeys(key for key in (*pair, *PREFERRED, *by_key) if key in by_key)
    chosen = list(wanted)[: len(_MODELS)]
    for place, (key, name, label) in enumerate(zip(chosen, _MODELS, ("Model", "Beside it"), strict=False)):
        st.session_state[name] = key
        st.selectbox(
            label,
            [other for other in by_key if other not in chosen[:place]],
            format_func=names.__getitem__,
            key=name,
            on_change=_pair_chosen,
            width=200,
        )
    return [by_key[key] for key in chosen]


def _pair_chosen() -> None:
    url.change(pair=tuple(dict.fromkeys(st.session_state[name] for name in _MODELS if name in st.session_state)))


def _draw_again() -> None:
    url.change(draw=(url.current().draw + 1) % (MAX_DRAW + 1))


def _on_screen(task: Task, user: int, view: View) -> tuple[np.ndarray, np.ndarray]:
    """The users and the films of the table."""
    hidden = real_and_predicted.hidden_films(task, user, N_FILMS)
    if view.people == "random":
        # Films of one user: of the others, those who have rated one of them.
        known_to = hidden if view.which == "user" else hidden[:0]
        users = real_and_predicted.sample(task.known, N_USERS, view.draw, known_to)
        if view.which == "user" and user not in users:
            users = np.concatenate([[user], users[: N_USERS - 1]])
    else:
        users = real_and_predicted.alike(task.known, user, N_USERS)
    if view.which == "user":
        return users, hidden
    if view.which == "most":
        return users, real_and_predicted.most_rated(task, N_FILMS)
    return users, real_and_predicted.hidden_from(task, users, N_FILMS)
