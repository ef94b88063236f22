"""Controls that several pages have, each set from the view and changing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.ui import url
from recsys.ui.errors import calm
from recsys.ui.view import FOLDS, K_MAX, K_MIN, View


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


def choose(
    widget: Callable[..., Any],
    label: str,
    field: str,
    names: Mapping[Any, str],
    *,
    key: str,
    first: Any = None,
    **options: Any,
) -> Any:
    """Draw a widget for a choice among the values that a field of the view may have.

    Args:
        names: value -> what the widget calls it.
        first: what is chosen where the view has none of these; by default the first of them.

    Returns:
        The value that is chosen.
    """
    chosen = getattr(url.current(), field)
    if chosen not in names:
        chosen = next(iter(names)) if first is None else first
    st.session_state[key] = chosen
    widget(
        label,
        list(names),
        key=key,
        format_func=names.__getitem__,
        on_change=set_field,
        args=(key, field),
        **options,
    )
    return chosen


def segmented(label: str, field: str, names: Mapping[Any, str], *, key: str, **options: Any) -> Any:
    return choose(st.segmented_control, label, field, names, key=key, required=True, **options)


def covers(key: str) -> None:
    """When lists show covers."""
    names = {"room": "Where there is room", "always": "Always", "never": "Never"}
    segmented("Covers beside the titles", "covers", names, key=key)


def pills(label: str, field: str, names: Mapping[Any, str], *, key: str, **options: Any) -> Any:
    return choose(st.pills, label, field, names, key=key, required=True, **options)


def menu(label: str, field: str, names: Mapping[Any, str], *, key: str, **options: Any) -> Any:
    return choose(st.selectbox, label, field, names, key=key, **options)


def fold(label: str, name: str, **options: Any) -> Any:
    """An expander that the address remembers, by a name of FOLDS; draw its contents where it is `open`."""
    key = f"fold_{name}"
    st.session_state[key] = name in url.current().folds

    def callback() -> None:
        others = set(url.current().folds) - {name}
        url.change(folds=tuple(it for it in FOLDS if it in others or (it == name and st.session_state[key])))

    return st.expander(label, key=key, on_change=callback, **options)
