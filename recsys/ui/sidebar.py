"""What every page has at its side: the data set, where it comes from, and how to get another one."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from recsys import download, library
from recsys.dataset import Dataset
from recsys.errors import RecsysError
from recsys.ui import loaders, navigation, url
from recsys.ui.text import count, md

_MAX_UPLOAD_MB = 300
_FAILURE, _PLACE = "recsys_data_failure", "recsys_sidebar_place"
"""Why the last attempt to get data failed, kept until one succeeds; and the data set's place in this run."""


def begin(page: str) -> None:
    """Read the URL, and keep the place of the data set above what a page puts into the sidebar."""
    url.begin(page, library.available())
    st.session_state[_PLACE] = st.sidebar.container()


def show() -> None:
    """Offer the data sets that are here. After the page, whose content a visitor waits for."""
    names = library.available()
    name = url.current().dataset or library.default_dataset()
    with st.session_state.pop(_PLACE):
        st.session_state["dataset"] = name
        st.selectbox(
            "Data set",
            names,
            format_func=lambda each: library.source_of(each).title,
            key="dataset",
            on_change=_choose_dataset,
        )
        _about(name)
        if library.PREFERRED not in names:
            _get_data(name)


def dataset() -> Dataset:
    """The data set of the current view. Raises RecsysError where it cannot be read."""
    if _PLACE not in st.session_state:
        # app.py has not run: the first visitor of a new server who asks for a page by its address gets that page's
        # file alone, as Streamlit takes a folder named pages/ for its older kind of app until st.navigation is called.
        navigation.current()
        st.rerun()
    return loaders.dataset(url.current().dataset or library.default_dataset())


def _choose_dataset() -> None:
    """Another data set has other users and films."""
    url.change(dataset=_unless_default(st.session_state["dataset"]), user=None, film=None)


def _unless_default(name: str) -> str | None:
    return None if name == library.default_dataset() else name


def _about(name: str) -> None:
    source = library.source_of(name)
    if name == library.DEMO.name:
        st.badge("Simulated viewers", icon=":material/smart_toy:", color="orange")
    with suppress(RecsysError):  # the page has said why it cannot be read
        here = loaders.dataset(name)
        st.caption(" · ".join([count(here.n_users, "user"), count(here.n_items, "film"), count(len(here), "rating")]))
    st.caption(md(source.licence))
    if source.citation:
        link = source.citation.rsplit(" ", 1)[-1]
        st.caption(f"Cite [Harper & Konstan 2015]({link})", help=md(source.citation))


def _get_data(name: str) -> None:
    """Without MovieLens 100K: try the download again, or hand in the zip."""
    is_demo = name == library.DEMO.name
    with st.expander("Use real ratings", expanded=is_demo, icon=":material/download:"):
        if (failure := st.session_state.get(_FAILURE)) is not None:
            st.error(md(failure))
        instead = ", so simulated viewers stand in for real ones" if is_demo else ""
        st.caption(f"MovieLens 100K is not on this computer{instead}.")
        st.button("Try the download again", on_click=_download, key="download", width="stretch")
        st.file_uploader(
            "Or hand in a MovieLens zip",
            type=["zip"],
            max_upload_size=_MAX_UPLOAD_MB,
            key="upload",
            on_change=_adopt,
            help="Recognised by its contents, not by its name. It stays on this computer.",
        )


def _download() -> None:
    try:
        download.get(library.PREFERRED, progress=False)
    except RecsysError as error:
        st.session_state[_FAILURE] = str(error)
    else:
        _welcome(library.PREFERRED)


def _adopt() -> None:
    handed_in = st.session_state.get("upload")
    if handed_in is None:
        return
    try:
        name, _path = download.adopt(handed_in)
    except RecsysError as error:
        st.session_state[_FAILURE] = str(error)
    else:
        _welcome(name)


def _welcome(name: str) -> None:
    """Show what has arrived; a toast outlives the runs that follow."""
    st.session_state.pop(_FAILURE, None)
    st.toast(f"{library.source_of(name).title} is here.", icon=":material/check_circle:")
    url.change(dataset=_unless_default(name), user=None, film=None)
