"""The page "Your films": an editor of what a new user has seen, every model's list, and what would change it."""

from __future__ import annotations

import random
from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from recsys.data.catalog import Categorical
from recsys.data.dataset import Dataset
from recsys.ui import loaders, notices, systems, url
from recsys.ui.errors import calm
from recsys.ui.lists import shown_in
from recsys.ui.text import md
from recsys.ui.view import K_MAX, K_MIN, PARAMETERS, View, bounded, encode, for_page, profile_of
from recsys.ui.your_films import editor as films_editor
from recsys.ui.your_films import evidence, lists, what_if

_UNKNOWN = "recsys_films_unknown_user"
_SAYS = "Rate a few films: every model answers at once, and says how it takes in somebody whom it has never seen."


def show(dataset: Dataset) -> None:
    """The whole page."""
    _page(dataset)


@st.fragment
def _page(dataset: Dataset) -> None:
    """Everything: what the visitor does here changes all of it, and nothing beside it."""
    with calm():
        view = bounded(url.current(), dataset)
        _header(dataset, view)
        nothing = loaders.nothing_trained(dataset.name)
        here = systems.trained_here(dataset.name)
        models = shown_in(view, dataset, here)
        has_lists = not nothing or bool(here or models)
        editor, controls, board, below = (st.container() for _ in range(4))
        profile = profile_of(view, dataset)
        with editor:
            films_editor.show(dataset, view, reads_order=lists.order_readers(dataset, models))
        with controls:
            _controls(dataset, view, has_lists=has_lists)
        if nothing and not (here or models):
            notices.untrained(dataset)
            return
        with board:
            given = lists.answers(dataset, models, profile, view)
            lists.show(dataset, given, profile, view, lambda field: lists.report(field, dataset))
        with below:
            what_if.show(dataset, given, profile, view)
            evidence.show(dataset, models)


def _header(dataset: Dataset, view: View) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="content", gap=None):
            notices.title("Your films", dataset.name)
            st.markdown(f":gray[{md(_SAYS)}]")
        with st.container(horizontal=True, width="content"):
            _from_user(dataset)
            _share(dataset, view)
    if (unknown := st.session_state.pop(_UNKNOWN, None)) is not None:
        st.warning(f"There is no user {md(unknown)} here, so your films stay as they are.")


def _from_user(dataset: Dataset) -> None:
    ids = dataset.viewers.ids.ids
    with st.popover("Start from a user", icon=":material/person:", key="films_from"):
        st.caption("Their newest films, at most 50, and what is known of them; then change what you like.")
        st.text_input(
            f"User number, {int(ids.min())} to {int(ids.max())}",
            key="films_user",
            on_change=_copy_typed,
            args=(dataset,),
        )
        st.button("Surprise me", icon=":material/shuffle:", key="films_surprise", on_click=_copy_any, args=(dataset,))


def _copy_typed(dataset: Dataset) -> None:
    typed = st.session_state["films_user"].strip()
    number = url.reported("user", typed, dataset)
    if number is not None:
        url.change(**films_editor.copied(dataset, dataset.viewers.ids.index(number)))
    elif typed:
        st.session_state[_UNKNOWN] = typed[:20]


def _copy_any(dataset: Dataset) -> None:
    url.change(**films_editor.copied(dataset, random.randrange(dataset.n_users)))


def _share(dataset: Dataset, view: View) -> None:
    share = st.popover("Share", icon=":material/link:", key="films_share", on_change="rerun")
    if share.open:
        with share:
            st.caption("This link opens your films, with the same lists and the same “What if”.")
            st.code(link(dataset, view), language=None, wrap_lines=True)


def link(dataset: Dataset, view: View) -> str:
    """The address of these films with everything named, so that it means the same where other defaults hold."""
    named = {**encode(for_page("your_films", replace(view, topic=""))), "dataset": dataset.name}
    ordered = {name: named[name] for name in PARAMETERS if name in named}
    return f"{str(st.context.url or '').split('?')[0]}?{urlencode(ordered, safe=',:')}"


def _controls(dataset: Dataset, view: View, *, has_lists: bool) -> None:
    viewers = dataset.viewers
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if has_lists:
            longest = min(K_MAX, dataset.n_items)
            if longest > K_MIN:
                url.put("films_k", view.k)
                st.slider(
                    "Films per list",
                    K_MIN,
                    longest,
                    key="films_k",
                    on_change=_set,
                    args=("films_k", "k"),
                    width=180,
                )
            st.session_state["films_hide"] = not view.seen
            st.toggle(
                "Hide films you rated",
                key="films_hide",
                on_change=lambda: url.change(seen=not st.session_state["films_hide"]),
            )
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
        on_change=_set,
        args=(key, field),
        width=160,
        help="Only AutoInt+ uses it. It stands in the address of this page and nowhere else.",
    )


def _set(key: str, field: str) -> None:
    url.change(**{field: st.session_state[key]})
