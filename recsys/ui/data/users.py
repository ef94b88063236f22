"""Choosing the user that a part of the Data page is about; the choice stands in the URL, as on Compare."""

from __future__ import annotations

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.ui import loaders, picker, url
from recsys.ui.text import md
from recsys.ui.view import bounded

_UNKNOWN = "recsys_data_unknown_user"
_MAX_ECHOED = 20
"""So much of what was typed is repeated."""


def chosen(dataset: Dataset) -> int:
    """The index of the user in the URL, the data set's example without one."""
    user = bounded(url.current(), dataset).user
    return loaders.people(dataset).example if user is None else dataset.viewers.ids.index(user)


def show(dataset: Dataset, user: int, key: str) -> None:
    """A field for a number and a button for chance.

    Args:
        key: tells the fields of several parts apart.
    """
    ids = dataset.viewers.ids.ids
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state[key] = str(int(ids[user]))
        # Text, as on Compare: whatever is typed is answered here.
        st.text_input(
            f"User, {int(ids.min())} to {int(ids.max())}", key=key, on_change=_by_number, args=(dataset, key), width=160
        )
        st.button(
            "Surprise me",
            icon=":material/shuffle:",
            key=f"{key}_surprise",
            on_click=picker.surprise,
            args=(dataset, loaders.people(dataset)),
        )
    if (unknown := st.session_state.pop(_UNKNOWN, None)) is not None:
        st.warning(f"There is no user {md(unknown)} here, so the one before stays.")


def _by_number(dataset: Dataset, key: str) -> None:
    typed = st.session_state[key].strip()
    number = url.reported("user", typed, dataset)
    if number is not None:
        url.change(user=number)
    elif typed:
        st.session_state[_UNKNOWN] = typed if len(typed) <= _MAX_ECHOED else f"{typed[:_MAX_ECHOED]}…"
