"""Choosing the user that a part of the Data page is about; the choice stands in the URL, as on Compare."""

from __future__ import annotations

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.ui import loaders, picker, url
from recsys.ui.view import bounded


def show(dataset: Dataset, key: str) -> int:
    """A field for a number and a button for chance; the index of the chosen user, or of the example.

    Args:
        key: tells the fields of several parts apart.
    """
    user, people = bounded(url.current(), dataset).user, loaders.people(dataset)
    chosen = people.example if user is None else dataset.viewers.ids.index(user)
    with st.container(width="content"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            picker.number(dataset, chosen, key=key, width=160)
            st.button(
                "Surprise me",
                icon=":material/shuffle:",
                key=f"{key}_surprise",
                on_click=picker.surprise,
                args=(dataset, people),
            )
        picker.unknown()
    return chosen
