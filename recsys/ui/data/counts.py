"""What the parts of the Data page share: the counts, made once per data set, and words and colours for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from recsys.data import portrait
from recsys.data.dataset import Dataset
from recsys.data.portrait import DAY, Activity, GenreDecades, Histogram, Tail
from recsys.ui import charts, loaders
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


@st.cache_resource(max_entries=3, show_spinner="Counting the ratings …", hash_funcs=loaders.KEYS)
def of(dataset: Dataset) -> Counts:
    """The counts of a data set that has times."""
    first, last = portrait.spans(dataset)
    return Counts(
        stars=portrait.histogram(dataset),
        films=Tail.of(dataset.item_counts),
        users=Tail.of(dataset.user_counts),
        activity=portrait.activity(dataset),
        genres=portrait.genres_by_decade(dataset),
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


def add_bars(chart: Any, x: Any, y: Any, said: list[str], **options: Any) -> None:
    """One series of bars, each with its words on hover."""
    marker = {"color": charts.accent(), "line": {"width": 0}}
    chart.add_bar(x=x, y=y, hovertext=said, hoverinfo="text", marker=marker, **options)
