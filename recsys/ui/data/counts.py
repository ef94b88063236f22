"""What the parts of the Data page share: the counts, made once per data set, and words and colours for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from recsys.data import portrait
from recsys.data.dataset import Dataset
from recsys.data.portrait import DAY, Activity, GenreDecades, Histogram, Tail
from recsys.ui.text import count

_HOUR, _MONTH, _YEAR = 3600, 30.44 * DAY, 365.25 * DAY


@dataclass(frozen=True, eq=False)
class Counts:
    """All that is counted; `sittings` has (V,) seconds between the first and the last rating of each user."""

    stars: Histogram
    films: Tail
    users: Tail
    activity: Activity
    genres: GenreDecades
    sittings: np.ndarray


def of(dataset: Dataset) -> Counts:
    """The counts of a data set that has times."""
    return _of(dataset, dataset.fingerprint)


@st.cache_resource(max_entries=3, show_spinner="Counting the ratings …")
def _of(_dataset: Dataset, fingerprint: str) -> Counts:
    first, last = portrait.spans(_dataset)
    return Counts(
        stars=portrait.histogram(_dataset),
        films=Tail.of(_dataset.item_counts),
        users=Tail.of(_dataset.user_counts),
        activity=portrait.activity(_dataset),
        genres=portrait.genres_by_decade(_dataset),
        sittings=last - first,
    )


def duration(seconds: float) -> str:
    """A length of time in words, in the unit that fits: "49 minutes", "7 months"."""
    units = (
        ("minute", 60, 2 * _HOUR),
        ("hour", _HOUR, 2 * DAY),
        ("day", DAY, 2 * _MONTH),
        ("month", _MONTH, 2 * _YEAR),
    )
    for unit, length, up_to in units:
        if seconds < up_to:
            return count(max(1, round(seconds / length)), unit)
    return count(round(seconds / _YEAR), "year")


def accent() -> str:
    """The colour of what belongs to no model, in the theme that the visitor sees."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    return str(st.get_option(f"theme.{theme}.primaryColor"))


def bars(x: Any, y: Any, said: list[str], **options: Any) -> Any:
    """One series of bars, each with its words on hover."""
    import plotly.graph_objects as go

    marker = {"color": accent(), "line": {"width": 0}}
    return go.Bar(x=x, y=y, hovertext=said, hoverinfo="text", marker=marker, **options)
