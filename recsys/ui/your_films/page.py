"""The page "Your films": an editor of what a new user has seen, every model's list, and what would change it."""

from __future__ import annotations

import random

import streamlit as st

from recsys.data.catalog import Categorical
from recsys.data.dataset import Dataset
from recsys.ui import controls, frame, loaders, notices, picker, systems, url
from recsys.ui.errors import calm
from recsys.ui.lists import shown_in
from recsys.ui.text import md
from recsys.ui.view import View, bounded, profile_of
from recsys.ui.your_films import editor as films_editor
from recsys.ui.your_films import evidence, lists, what_if

_SAYS = "Rate a few films: every model answers at once, and says how it handles a user it has never seen."


@st.fragment
def show(dataset: Dataset) -> None:
    """The whole page, as a fragment: what the visitor does here changes all of it, and nothing beside it."""
    with calm():
        view = bounded(url.current(), dataset)
        _header(dataset, view)
        here = systems.trained_here(dataset.name)
        models = shown_in(view, dataset, here)
        has_lists = bool(here or models) or not loaders.nothing_trained(dataset.name)
        editor, below_it, board, below = (st.container() for _ in range(4))
        profile = profile_of(view, dataset)
        with editor:
            films_editor.show(dataset, view, reads_order=lists.order_readers(dataset, models))
        with below_it:
            _controls(dataset, view, has_lists=has_lists)
        if not has_lists:
            notices.untrained(dataset)
            return
        with board:
            given = lists.answers(dataset, models, profile, view)
            lists.show(dataset, given, profile, view)
        with below:
            what_if.show(dataset, given, profile, view)
            evidence.show(dataset, models)


def _header(dataset: Dataset, view: View) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="content", gap=None):
            frame.title("Your films", dataset.name)
            st.markdown(f":gray[{md(_SAYS)}]")
        with st.container(horizontal=True, width="content"):
            _from_user(dataset)
    picker.unknown("your films stay as they are")


def _from_user(dataset: Dataset) -> None:
    ids = dataset.viewers.ids.ids
    with st.popover("Start from a user", icon=":material/person:", key="films_from"):
        st.caption("Their newest films, at most 50, and what is known about them; then change what you like.")
        st.text_input(
            f"User number, {int(ids.min())} to {int(ids.max())}",
            key="films_user",
            on_change=_copy_typed,
            args=(dataset,),
        )
        st.button("Surprise me", icon=":material/shuffle:", key="films_surprise", on_click=_copy_any, args=(dataset,))


def _copy_typed(dataset: Dataset) -> None:
    number = picker.typed("films_user", dataset)
    if number is not None:
        url.change(**picker.copied(dataset, dataset.viewers.ids.index(number)))


def _copy_any(dataset: Dataset) -> None:
    url.change(**picker.copied(dataset, random.randrange(dataset.n_users)))


def _controls(dataset: Dataset, view: View, *, has_lists: bool) -> None:
    viewers = dataset.viewers
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if has_lists:
            controls.films_per_list("films_k", dataset, view, width=180)
            controls.hide_seen("films_hide", "Hide films you rated", view)
        for field, label, of in (
            ("age", "Your age", viewers.age),
            ("gender", "Your gender", viewers.gender),
            ("occupation", "Your occupation", viewers.occupation),
        ):
            if of.is_known:
                _trait(field, label, of, getattr(view, field))


def _trait(field: str, label: str, of: Categorical, now: str) -> None:
    key = f"films_{field}"
    st.session_state[key] = now
    st.selectbox(
        label,
        ["", *of.names[1:]],
        format_func=lambda name: name or "not said",
        key=key,
        on_change=controls.set_field,
        args=(key, field),
        width=160,
        help="Only AutoInt+ uses it. It is kept in the address of this page and nowhere else.",
    )
