"""Choosing the user that a part of the Data page is about; the choice stands in the URL, as on Compare."""

from __future__ import annotations

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.ui import loaders, picker, url


def chosen(dataset: Dataset) -> int:
    """The index of the user in the URL, the data set's example without one."""
    user = url.bounded(url.current(), dataset).user
    return loaders.people(dataset).example if user is None else dataset.viewers.ids.index(user)


def show(dataset: Dataset, user: int, key: str) -> None:
    """A field for a number and a button for chance; `key` tells those of several parts apart."""
    with st.container(width="content"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            picker.number(dataset, user, key=key, width=160)
            st.button(
                "Surprise me",
                icon=":material/shuffle:",
                key=f"{key}_surprise",
                on_click=picker.surprise,
                args=(dataset, loaders.people(dataset)),
            )
        picker.unknown()
