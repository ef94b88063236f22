"""Controls that several pages have, each set from the view and changing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.ui import url
from recsys.ui.errors import calm
from recsys.ui.view import K_MAX, K_MIN, View


def films_per_list(key: str, dataset: Dataset, view: View, *, width: int) -> None:
    """The length of the lists, where the catalogue leaves a choice."""
    longest = min(K_MAX, dataset.n_items)
    if longest > K_MIN:
        url.put(key, view.k)
        st.slider("Films per list", K_MIN, longest, key=key, on_change=set_field, args=(key, "k"), width=width)


def hide_seen(key: str, label: str, view: View) -> None:
    """Whether films that the user already knows are left out."""
    st.session_state[key] = not view.seen
    st.toggle(label, key=key, on_change=lambda: url.change(seen=not st.session_state[key]))


def share(key: str, says: str, link: Callable[[], str]) -> None:
    """The address of what is on screen, made only when somebody asks for it."""
    popover = st.popover("Share", icon=":material/link:", key=key, on_change="rerun")
    if popover.open:
        with popover:
            st.caption(says)
            st.code(link(), language=None, wrap_lines=True)


def set_field(key: str, field: str) -> None:
    """Callback: the view gets what a widget has."""
    url.change(**{field: st.session_state[key]})


def chosen_film(key: str, dataset: Dataset) -> int:
    """The raw id of the film that a menu of film indices has. Raises UsageError for what is no film."""
    item = st.session_state[key]
    if not isinstance(item, int) or isinstance(item, bool) or not 0 <= item < dataset.n_items:
        raise UsageError(url.NOT_OFFERED)
    return int(dataset.catalog.ids.ids[item])


def tabs(key: str, field: str, parts: Mapping[str, tuple[str, Callable[..., None]]], *given: Any) -> None:
    """Parts of a page as tabs, of which only the open one runs; a field of the view says which that is.

    Args:
        parts: word of the field -> title of the tab and what draws it from what is `given`; the first one is open at
            first.
    """
    names = {title: name for name, (title, _) in parts.items()}
    st.session_state[key], _ = parts[getattr(url.current(), field)]

    def callback() -> None:
        url.change(**{field: names.get(st.session_state[key], next(iter(parts)))})

    for tab, (_, part) in zip(st.tabs(list(names), key=key, on_change=callback), parts.values(), strict=True):
        if tab.open:
            with tab, calm():
                part(*given)


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
