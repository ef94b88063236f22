"""The pages of the app."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from recsys.paths import SHIPPED

NAME = "Six recommenders"
"""What the product is called."""
ICON = str(Path(__file__).with_name("favicon.svg"))
"""A file of our own: an icon by name or emoji would be fetched from the internet."""

_COMPARE = (
    "compare",
    "view_column",
    "One user, six models: their lists side by side, and what the user really went on to like.",
)
_YOUR_FILMS = ("your_films", "star", "Rate a few films yourself, and see what every model makes of them.")
_WHY = ("why", "psychology_alt", "Why each model suggests a film: what drives its score, and what happens without it.")
_FILM = ("film", "movie", "One film: who gets it from which model, its neighbours, and where it lies on the map.")
_LEADERBOARD = ("leaderboard", "leaderboard", "Every model measured the same way: accuracy, breadth and cost.")
_DATA = ("data", "table_chart", "The ratings themselves: how many, by whom, when, and what is hidden from the models.")
_HOW = ("how_it_works", "school", "Each model on one card: the idea, the loss, the code, and what it cannot see.")
_TRAIN = ("train", "model_training", "Train a model with your own settings, and watch it learn beside the shipped one.")
"""Name of the file, which is the title as well, icon, and help."""

GROUPS = {
    "Try": (_COMPARE, _YOUR_FILMS, _WHY, _FILM),
    "Judge": (_LEADERBOARD, _DATA),
    "Learn and build": (_HOW, _TRAIN),
}
"""The menu; the first page is the one that opens."""


def current() -> StreamlitPage:
    """Draw the page menu; the page that the address asks for."""
    return st.navigation(
        {
            group: [
                st.Page(
                    SHIPPED / "pages" / f"{name}.py",
                    title=name.replace("_", " ").capitalize(),
                    icon=f":material/{icon}:",
                    default=name == _COMPARE[0],
                    help=says,
                )
                for name, icon, says in pages
            ]
            for group, pages in GROUPS.items()
        },
        position="top",
    )
