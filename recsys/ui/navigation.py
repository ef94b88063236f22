"""The pages of the app."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from recsys.paths import ROOT

ICON = str(Path(__file__).with_name("favicon.svg"))
"""A file of our own: an icon by name or emoji would be fetched from the internet."""

_FOLDER = ROOT / "pages"


def current() -> StreamlitPage:
    """Draw the page menu; the page that the address asks for."""
    return st.navigation(
        [
            st.Page(
                _FOLDER / "compare.py",
                title="Compare",
                icon=":material/view_column:",
                default=True,
                help="One user, six models: their lists side by side, and what the user really went on to like.",
            ),
            st.Page(
                _FOLDER / "your_films.py",
                title="Your films",
                icon=":material/star:",
                help="Rate a few films yourself, and see what every model makes of them.",
            ),
            st.Page(
                _FOLDER / "why.py",
                title="Why",
                icon=":material/psychology_alt:",
                help="Why each model suggests a film: what carries its score, and what happens without it.",
            ),
            st.Page(
                _FOLDER / "film.py",
                title="Film",
                icon=":material/movie:",
                help="One film: who gets it from which model, its neighbours, and where it lies on the map.",
            ),
            st.Page(
                _FOLDER / "leaderboard.py",
                title="Leaderboard",
                icon=":material/leaderboard:",
                help="Every model measured the same way: accuracy, breadth and cost.",
            ),
            st.Page(
                _FOLDER / "train.py",
                title="Train",
                icon=":material/model_training:",
                help="Train a model with settings of your own, and watch it learn beside the shipped one.",
            ),
            st.Page(
                _FOLDER / "how_it_works.py",
                title="How it works",
                icon=":material/school:",
                help="Each model on one card: the idea, the loss, the code, and what it cannot see.",
            ),
            st.Page(
                _FOLDER / "data.py",
                title="Data",
                icon=":material/table_chart:",
                help="The ratings themselves: how many, by whom, when, and what is hidden from the models.",
            ),
        ],
        position="top",
    )
