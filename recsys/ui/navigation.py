"""The pages of the app."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

ICON = str(Path(__file__).with_name("favicon.svg"))
"""A file of our own: an icon by name or emoji would be fetched from the internet."""

_FOLDER = Path(__file__).resolve().parents[2] / "pages"


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
                _FOLDER / "leaderboard.py",
                title="Leaderboard",
                icon=":material/leaderboard:",
                help="Every model measured the same way: accuracy, breadth and cost.",
            ),
            st.Page(
                _FOLDER / "train.py",
                title="Train",
                icon=":material/model_training:",
                help="Train a model with settings of your own, and watch it race the pretrained one.",
            ),
        ]
    )
