"""Choosing a user: by number, by what is known of them, or at random."""

from __future__ import annotations

import random
import unicodedata
from typing import Any, Literal

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys.data.dataset import Dataset
from recsys.serving import new_user
from recsys.ui import frame, loaders, url
from recsys.ui.people import ACTIVITY, Filter, People, matching, summary
from recsys.ui.text import count, md
from recsys.ui.view import bounded, user_of

_MAX_LISTED = 300
"""A longer menu is no menu: narrow it down with the filters."""
_MAX_ECHOED = 20
"""So much of what was typed is repeated."""
_UNKNOWN, _FILTER = "recsys_unknown_user", "recsys_filter"


def show(dataset: Dataset, people: People, user: int) -> DeltaGenerator:
    """The button of the user in the head of a page; what it opens has the ways to choose another one."""
    with frame.who():
        menu = st.popover(f"User {int(dataset.viewers.ids.ids[user])}", icon=":material/person:", key="who")
    with menu:
        number(dataset, user, width="stretch")
        unknown()
        _filters(dataset, people)
    return menu


def beside(dataset: Dataset, other: int | None) -> None:
    """A field for the number of a second user, whose lists stand beside those of the first; empty, there is none."""
    st.session_state["beside_user"] = "" if other is None else str(int(dataset.viewers.ids.ids[other]))
    st.text_input(
        "Beside user", key="beside_user", placeholder="nobody: type a number", on_change=_beside, args=(dataset,)
    )


def _beside(dataset: Dataset) -> None:
    """Callback. A number that nobody has changes nothing, and the menu says so."""
    other = typed("beside_user", dataset)
    if other is not None or not str(st.session_state["beside_user"]).strip():
        url.change(beside_user=other)


def number(dataset: Dataset, user: int, *, key: str = "user", width: int | Literal["stretch"] = 115) -> None:
    """A field for a user's number; `key` tells several on a page apart."""
    ids = dataset.viewers.ids.ids
    st.session_state[key] = str(int(ids[user]))
    # Text, so that whatever is typed is answered here: a field for numbers keeps some of it to itself.
    st.text_input(
        f"User, {int(ids.min())} to {int(ids.max())}", key=key, on_change=_by_number, args=(dataset, key), width=width
    )


def typed(key: str, dataset: Dataset) -> int | None:
    """The user number in a text field; None, which `unknown` then reports, where no user has it."""
    # As a number whatever the keyboard: "７" of a Japanese one is 7.
    text = unicodedata.normalize("NFKC", str(st.session_state[key])).strip()
    found = url.reported("user", text, dataset)
    if found is None and text:
        st.session_state[_UNKNOWN] = text if len(text) <= _MAX_ECHOED else f"{text[:_MAX_ECHOED]}…"
    return found


def unknown(so: str = "the previous one stays") -> None:
    """Say that no user has the number that was typed."""
    asked = st.session_state.pop(_UNKNOWN, None)
    if asked is not None:
        st.warning(f"There is no user {md(asked)} here, so {so}.")


def _filters(dataset: Dataset, people: People) -> None:
    """A search for a user by what is known of them."""
    # Closed, it draws nothing: a dozen elements fewer on every change of user.
    filters = st.expander("Find a user by filters", icon=":material/filter_alt:", key="filters", on_change="rerun")
    if filters.open:
        with filters:
            st.session_state[_FILTER] = _filter(dataset, people)
            _menu(dataset, people, matching(st.session_state[_FILTER], dataset, people))


def number_or_chance(dataset: Dataset, key: str) -> int:
    """A field for a number and a button for chance, inside a page; the index of the chosen user, or of the example."""
    people = loaders.people(dataset)
    chosen = user_of(bounded(url.current(), dataset), dataset, people.example)
    with st.container(width="content"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            number(dataset, chosen, key=key, width=160)
            surprise_button(dataset, people, key=f"{key}_surprise")
        unknown()
    return chosen


def surprise_button(dataset: Dataset, people: People, label: str = "Surprise me", *, key: str) -> None:
    st.button(label, icon=":material/shuffle:", key=key, on_click=surprise, args=(dataset, people))


def surprise(dataset: Dataset, people: People) -> None:
    """Callback: another user, at random among those whom the filters allow."""
    wanted = st.session_state.get(_FILTER, {}) if st.session_state.get("filters") else {}
    now = url.current().user
    found = [int(dataset.viewers.ids.ids[user]) for user in matching(wanted, dataset, people).tolist()]
    others = [raw for raw in found if raw != now]
    if others:
        url.change(user=random.choice(others))


def copied(dataset: Dataset, user: int) -> dict[str, Any]:
    """The view that makes the new user like a known one: the newest films that the models know, and demographics."""
    history, viewers = loaders.history(dataset, user), dataset.viewers
    raw = dataset.catalog.ids.ids[history.items].tolist()
    films = tuple(zip(raw, history.ratings.tolist(), strict=True))[-new_user.MAX_FILMS :]
    attributes = {"gender": viewers.gender, "age": viewers.age, "occupation": viewers.occupation}
    demographics = {name: of.name(user) if of.codes[user] else "" for name, of in attributes.items()}
    return {"films": films, **demographics}


def _by_number(dataset: Dataset, key: str) -> None:
    found = typed(key, dataset)
    if found is not None:
        url.change(user=found)


def _filter(dataset: Dataset, people: People) -> Filter:
    viewers = dataset.viewers
    present = sorted({int(g) for g in people.favourite.tolist() if g >= 0})
    low, high = people.bounds
    says = {"light": f"under {low} films", "medium": f"{low} to {high - 1} films", "heavy": f"{high} films or more"}
    return {
        "age": _several("Age", "age", viewers.age.names[1:]),
        "gender": _several("Gender", "gender", viewers.gender.names[1:]),
        "occupation": _several("Occupation", "occupation", viewers.occupation.names[1:]),
        "genre": _several("Favourite genre", "genre", [dataset.catalog.genre_names[g] for g in present]),
        "activity": _several("Activity", "activity", ACTIVITY, format_func=lambda each: says[each]),
    }


def _several(label: str, key: str, names: Any, **options: Any) -> tuple[str, ...]:
    """A choice among the categories that the data set has, if it has any."""
    if not names:
        return ()
    chosen = st.multiselect(label, names, placeholder="Any", key=f"filter_{key}", persist_state="session", **options)
    return tuple(name for name in chosen if name in names)


def _menu(dataset: Dataset, people: People, found: np.ndarray) -> None:
    n = len(found)
    if n == 0:
        st.caption("Nobody matches all of these. Remove one of the conditions.")
        return
    more = f"; the first {_MAX_LISTED} are listed" if n > _MAX_LISTED else ""
    st.caption(f"{count(n, 'user')} of {dataset.n_users:,} match{'es' if n == 1 else ''}{more}.")
    st.session_state["found"] = None
    st.selectbox(
        "Choose one",
        found[:_MAX_LISTED].tolist(),
        index=None,
        format_func=lambda each: summary(each, dataset, people),
        placeholder="Choose one …",
        key="found",
        on_change=_from_menu,
        args=(dataset,),
        label_visibility="collapsed",
    )


def _from_menu(dataset: Dataset) -> None:
    chosen = st.session_state["found"]
    if chosen is not None:
        url.change(user=int(dataset.viewers.ids.ids[chosen]))
