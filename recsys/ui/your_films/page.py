"""The page "Your films": an editor of what a new user has seen, every model's list, and what would change it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import streamlit as st

from recsys.data.catalog import Categorical
from recsys.data.dataset import Dataset
from recsys.serving.new_user import Profile
from recsys.ui import controls, frame, loaders, notices, picker, systems, url
from recsys.ui.errors import calm
from recsys.ui.lists import shown_in
from recsys.ui.text import md
from recsys.ui.view import View, bounded, profile_of
from recsys.ui.your_films import editor as films_editor
from recsys.ui.your_films import evidence, lists, what_if

_SAYS = "Rate a few films, here or in a list: every model answers at once."


@st.fragment
def show(dataset: Dataset) -> None:
    """The whole page, as a fragment: what the visitor does here changes all of it, and nothing beside it."""
    with calm():
        view = bounded(url.current(), dataset)
        here = systems.trained_here(dataset.name)
        models = shown_in(view, dataset, here)
        has_lists = bool(here or models) or not loaders.nothing_trained(dataset.name)
        _header(dataset, view, has_lists=has_lists)
        profile = profile_of(view, dataset)
        beside, board = st.columns([3, 8], gap="small")
        with beside:
            controls.tabs("films_panel", "panel", _PANELS, dataset, view, profile, models)
        if not has_lists:
            notices.untrained(dataset)
            return
        with board.container(key="films_lists"):
            given = lists.answers(dataset, models, profile, view)
            what_if.show(dataset, given, profile, view)
            lists.show(dataset, given, profile, view)
        evidence.show(dataset, models)


def _films(dataset: Dataset, view: View, _profile: Profile, models: Sequence[str]) -> None:
    films_editor.show(dataset, view, reads_order=lists.order_readers(dataset, models))


def _what_if(dataset: Dataset, view: View, profile: Profile, _models: Sequence[str]) -> None:
    what_if.controls_of(dataset, profile, view)


_PANELS = {"films": ("Your films", _films), "what_if": ("What if …?", _what_if)}
"""What stands beside the lists: word of the view's field `panel` -> title and what draws it."""


def _header(dataset: Dataset, view: View, *, has_lists: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="content", gap=None):
            frame.title("Your films", dataset.name)
            st.markdown(f":gray[{md(_SAYS)}]")
        with st.container(horizontal=True, width="content"):
            _from_user(dataset)
            _about_you(dataset, view)
            if has_lists:
                _list_options(dataset, view)
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


def _list_options(dataset: Dataset, view: View) -> None:
    # Closed, it draws nothing: a slider that the browser meets later than it was set would report its lowest value.
    options = st.popover("List options", icon=":material/tune:", key="films_options", on_change="rerun")
    if options.open:
        with options:
            controls.films_per_list("films_k", dataset, view, width=210)
            controls.hide_seen("films_hide", "Hide films you rated", view)
            controls.covers("films_covers")


def _about_you(dataset: Dataset, view: View) -> None:
    viewers = dataset.viewers
    traits = (
        ("age", "Your age", viewers.age),
        ("gender", "Your gender", viewers.gender),
        ("occupation", "Your occupation", viewers.occupation),
    )
    known = [trait for trait in traits if trait[2].is_known]
    if not known:
        return
    about = st.popover("About you", icon=":material/badge:", key="films_about", on_change="rerun")
    if about.open:
        with about:
            st.caption("Only AutoInt+ uses it. It is kept in the address of this page and nowhere else.")
            for field, label, of in known:
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
        width=210,
    )
