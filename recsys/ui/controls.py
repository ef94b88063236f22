"""How widgets and components change the view: the same way on every page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.ui import url


def segmented(label: str, field: str, names: Mapping[str, str], *, key: str, **options: Any) -> None:
    """A choice among the words that a field of the view may have; `names` says what each is called."""
    st.segmented_control(label, list(names), required=True, **_of_view(field, names, key), **options)


def menu(label: str, field: str, names: Mapping[str, str], *, key: str, **options: Any) -> None:
    """The same choice, as a menu."""
    st.selectbox(label, list(names), **_of_view(field, names, key), **options)


def _of_view(field: str, names: Mapping[str, str], key: str) -> dict[str, Any]:
    st.session_state[key] = getattr(url.current(), field)
    return {
        "key": key,
        "format_func": names.__getitem__,
        "on_change": lambda: url.change(**{field: st.session_state[key]}),
    }


def on_report(component: str, field: str, dataset: Dataset, **others: str) -> Callable[[], None]:
    """A callback for a field of the view that a component reports; a browser can send anything, so it is checked.

    Args:
        component: its key.
        others: fields that change with it.
    """

    def callback() -> None:
        value = getattr(st.session_state.get(component), field, None)
        if value is not None and (checked := url.reported(field, value, dataset)) is not None:
            url.change(**{field: checked}, **others)

    return callback
