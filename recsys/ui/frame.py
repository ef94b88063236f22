"""The frame of every page: in its head what it is about, which data set and which user; in its foot, whose ratings."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys.data import library
from recsys.errors import RecsysError
from recsys.evaluation.protocols import HOLDOUT
from recsys.paths import ROOT
from recsys.ui import data_sets, loaders, notices, printing, share, stage, words
from recsys.ui.components.foot import foot
from recsys.ui.components.words import words as meanings
from recsys.ui.navigation import NAME

_TITLE, _DATA_SET, _WHO, _SHARE = (f"recsys_head_{place}" for place in ("title", "data_set", "who", "share"))
"""Places in the head of this run."""


def begin(page: str) -> None:
    """Read the URL, and draw the head of a page, which the page fills.

    The product's name stands beside the menu, which the browser draws before any page.
    """
    st.logo(_wordmark(), size="large")
    data_sets.begin(page)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall", key="head"
    ):
        st.session_state[_TITLE] = st.container(width="content").empty()
        with st.container(
            horizontal=True, width="content", vertical_alignment="center", gap="xsmall", key=stage.HEAD_BUTTONS
        ):
            with st.container(key="sheets", width="content"):
                # Not styles alone: Streamlit puts those where toasts are, over the one that a callback has just sent.
                st.html(f"<span></span><style>{printing.sheet(_theme(), NAME)}{stage.sheet()}</style>")
            st.session_state[_DATA_SET] = data_sets.menu()
            st.session_state[_WHO] = st.container(width="content", horizontal=True, gap="xsmall")
            stage.button()
            st.session_state[_SHARE] = st.container(width="content")


def title(text: str, dataset_name: str) -> None:
    """The page's title, and beside it whether the viewers are simulated."""
    # A title that comes later in the same run, or in one of a part of the page, takes the place of the one before.
    with st.session_state[_TITLE].container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.title(text, anchor=False, width="content")
        notices.simulated(dataset_name)


def who() -> DeltaGenerator:
    """The place in the head for who is looked at, and for what is done with the whole page."""
    place: DeltaGenerator = st.session_state[_WHO]
    return place


def end() -> None:
    """What stands in the head but need not be there first, and the foot."""
    with st.session_state[_DATA_SET]:
        data_sets.show()
    with suppress(RecsysError):  # the page has said why the data set cannot be read
        dataset = loaders.dataset(data_sets.name())
        with st.session_state[_SHARE]:
            share.show(dataset)
        stage.end(dataset)
    meanings.draw(key="words", data={"says": words.meanings()})
    foot.draw(key="foot", data=foot.payload(NAME, library.source_of(data_sets.name()), HOLDOUT))


def _wordmark() -> str:
    """The product's name as a picture, in the colour of the theme's text: an image knows no theme."""
    svg = (ROOT / "recsys" / "ui" / "wordmark.svg").read_text(encoding="utf-8")
    return svg.replace("TEXT", str(st.get_option(f"theme.{_theme()}.textColor")))


def _theme() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"
