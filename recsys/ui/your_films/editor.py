"""The editor of a new user's films on the page, and what it reports back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.data.title_search import TitleIndex
from recsys.serving.new_user import Stars
from recsys.ui import loaders, url
from recsys.ui.components.films_editor import films_editor
from recsys.ui.view import View

_KEY = "films_editor"
_ASKED, _STAMP = "recsys_films_asked", "recsys_films_stamp"


def show(dataset: Dataset, view: View, *, reads_order: Sequence[str]) -> None:
    """Draw the editor; what changes in it is in the URL before the page is drawn again.

    Args:
        reads_order: labels of the models that use the order of the films.
    """
    films_editor.draw(
        key=_KEY,
        data=films_editor.payload(
            dataset,
            view,
            index_of(dataset),
            films_editor.Asked.of(st.session_state.get(_ASKED), dataset.catalog),  # of another data set, perhaps
            stamp=st.session_state.get(_STAMP, 0),
            reads_order=reads_order,
        ),
        on_films_change=lambda: _change_films(dataset),
        on_ask_change=_ask,
    )


@st.cache_resource(max_entries=3, show_spinner=False, hash_funcs=loaders.KEYS)
def index_of(dataset: Dataset) -> TitleIndex:
    """The search index of a data set, its films ordered by all ratings, as well-known films come first."""
    return TitleIndex.of(dataset.catalog, dataset.item_counts)


def _change_films(dataset: Dataset) -> None:
    reported = getattr(st.session_state.get(_KEY), "films", None)
    if isinstance(reported, Mapping) and isinstance(reported.get("films"), list):
        stamp, known = reported.get("stamp"), reported.get("known")
        st.session_state[_STAMP] = stamp if isinstance(stamp, int) else 0
        films = url.reported("films", reported["films"], dataset)
        url.change(films=with_others(films, url.current().films, known if isinstance(known, list) else None))


def with_others(films: Stars, current: Stars, known: list[object] | None) -> Stars:
    """The editor's films, and after them those that were rated in a list before it heard of them.

    Args:
        films: as the editor reports them.
        current: as the address has them.
        known: raw ids of all films that the editor has had: one of these that it does not report was removed in it.
            None where it does not say.
    """
    if known is None:
        return films
    has = {film for film, _ in films}
    return (*films, *((film, stars) for film, stars in current if film not in has and film not in known))


def _ask() -> None:
    """Keep what is looked for as it was reported; `Asked.of` checks it."""
    reported = getattr(st.session_state.get(_KEY), "ask", None)
    if reported is not None:
        st.session_state[_ASKED] = reported
