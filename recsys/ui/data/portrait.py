"""What the parts of the Data page share: the counts, made once per data set, and words and colours for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from recsys.data import portrait
from recsys.data.dataset import Dataset
from recsys.data.portrait import Activity, GenreDecades, Histogram, Tail
from recsys.ui.text import count

_MINUTE, _HOUR, _DAY = 60, 3600, portrait.DAY
_MONTH, _YEAR = 30.44 * _DAY, 365.25 * _DAY


@dataclass(frozen=True, eq=False)
class Portrait:
    """All that is counted.

    Args:
        stars: ratings per level of the scale.
        films, users: how unevenly the ratings spread over them.
        activity: ratings and new users over time.
        genres: films and ratings by genre and decade.
        sittings: (V,) seconds between the first and the last rating of each user.
    """

    stars: Histogram
    films: Tail
    users: Tail
    activity: Activity
    genres: GenreDecades
    sittings: np.ndarray


def of(dataset: Dataset) -> Portrait:
    """The counts of a data set that has times."""
    return _of(dataset, dataset.fingerprint)


@st.cache_resource(max_entries=3, show_spinner="Counting the ratings …")
def _of(_dataset: Dataset, fingerprint: str) -> Portrait:
    first, last = portrait.spans(_dataset)
    return Portrait(
        stars=portrait.histogram(_dataset),
        films=Tail.of(_dataset.item_counts),
        users=Tail.of(_dataset.user_counts),
        activity=portrait.activity(_dataset),
        genres=portrait.genres_by_decade(_dataset),
        sittings=last - first,
    )


def duration(seconds: float) -> str:
    """A length of time in words, in the unit that fits: "49 minutes", "7 months"."""
    for unit, length, up_to in (
        ("minute", _MINUTE, 2 * _HOUR),
        ("hour", _HOUR, 2 * _DAY),
        ("day", _DAY, 2 * _MONTH),
        ("month", _MONTH, 2 * _YEAR),
    ):
        if seconds < up_to:
            return count(max(1, round(seconds / length)), unit)
    return count(round(seconds / _YEAR), "year")


def whole(value: float) -> str:
    """A median: it has a half where it lies between two."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def accent() -> str:
    """The colour of what belongs to no model, in the theme that the visitor sees."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    return str(st.get_option(f"theme.{theme}.primaryColor"))


def bars(x: Any, y: Any, said: list[str], **options: Any) -> Any:
    """One series of bars, each with its words on hover."""
    import plotly.graph_objects as go

    return go.Bar(
        x=x, y=y, hovertext=said, hoverinfo="text", marker={"color": accent(), "line": {"width": 0}}, **options
    )
