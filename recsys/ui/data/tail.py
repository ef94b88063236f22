"""The long tail: how unevenly the ratings spread over films and over users."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.data.portrait import Tail
from recsys.ui import charts, export
from recsys.ui.data import counts
from recsys.ui.text import count, percent

TOP, TOP_TEXT = 0.1, "10 %"
"""The head of the curve: a tenth of the films or users."""
FEW = 4
"""So few ratings leave a model almost nothing to learn a film from."""
_POINTS = 200
"""Enough for a curve on a logarithmic axis."""


def show(dataset: Dataset) -> None:
    found = counts.of(dataset)
    st.markdown(
        "Sorted by their number of ratings, films and users make the same picture: a short head, and a long tail "
        "about which hardly anything is known. What a model can learn lies in the head; what nobody has heard "
        "of yet lies in the tail."
    )
    left, right = st.columns(2, gap="medium")
    with left:
        title, says = films_in_words(found.films)
        charts.heading(title, says)
        _show(found.films, "film", "ratings of a film", title, dataset.name, key="tail_films")
    with right:
        title, says = users_in_words(found.users)
        charts.heading(title, says)
        _show(found.users, "user", "ratings by a user", title, dataset.name, key="tail_users")
    st.caption(
        "Both axes are logarithmic: each step is ten times the one before. The shaded part is the first tenth, the dot "
        "is the median of all that have a rating."
    )


def films_in_words(films: Tail) -> tuple[str, str]:
    n = len(films.counts)
    if not n:
        return "No film has a rating", ""
    half, few = films.n_for_share(0.5), films.n_up_to(FEW)
    says = f"{count(half, 'film')} of {n:,} {'has' if half == 1 else 'have'} half of all ratings. "
    says += f"The median film has {_median(films, 'rating')}"
    says += f", and {percent(few / n)} of the films have {FEW} or fewer." if few else "."
    return f"The {TOP_TEXT} most rated films have {percent(films.share_of_top(TOP))} of the ratings", says


def users_in_words(users: Tail) -> tuple[str, str]:
    busiest, quietest = (count(int(n), "film") for n in (users.counts[0], users.counts[-1]))
    says = f"The median user has rated {_median(users, 'film')}, the busiest one {busiest}, "
    says += f"the quietest {quietest}."
    return f"The {TOP_TEXT} busiest users gave {percent(users.share_of_top(TOP))} of the ratings", says


def _median(tail: Tail, what: str = "") -> str:
    """The median with its noun, which may be left out; it has a half where it lies between two."""
    middle = tail.median
    number = f"{middle:,.0f}" if middle.is_integer() else f"{middle:,.1f}"
    return f"{number} {what if middle == 1 else what + 's'}" if what else number


def _show(tail: Tail, what: str, up: str, title: str, dataset_name: str, *, key: str) -> None:
    """The curve with its head and its middle; `up` is the title of the axis of ratings."""
    n = len(tail.counts)
    log = {"type": "log", "dtick": 1, "tickformat": ",d"}
    chart = charts.figure(
        320,
        up,
        xaxis=charts.axis(f"place of the {what} (log scale)", range=[-0.05, math.log10(n) + 0.05], **log),
        yaxis=charts.axis("", range=[-0.1, math.log10(tail.counts[0]) + 0.15], **log),
    )
    places = np.unique(np.geomspace(1, n, _POINTS).round().astype(int))
    head, middle = max(1, round(TOP * n)), (n + 1) // 2
    chart.add_vrect(x0=0.9, x1=head, fillcolor=charts.accent(), opacity=0.12, line_width=0)
    chart.add_scatter(
        x=places,
        y=tail.counts[places - 1],
        mode="lines",
        line={"color": charts.accent(), "width": 2.5},
        hovertext=[f"place {p:,} of {n:,}: {int(tail.counts[p - 1]):,} ratings" for p in places.tolist()],
        hoverinfo="text",
    )
    chart.add_scatter(
        x=[middle],
        y=[tail.counts[middle - 1]],
        mode="markers",
        marker={"color": charts.accent(), "size": 12, "line": {"width": 2, "color": charts.paper()}},
        hovertext=[f"the median {what}: {_median(tail, 'rating')}"],
        hoverinfo="text",
    )
    labels = (
        (head, 0.02, "bottom", f"first {TOP_TEXT} "),
        (middle, math.log10(tail.median) - 0.1, "top", f"median: {_median(tail)} "),
    )
    for x, y, up_from, text in labels:
        charts.write(chart, text, x=math.log10(x), y=y, yanchor=up_from, xanchor="right")
    few_places = sorted({min(place, n) for place in (1, 10, 100, 1000, 10_000, n)})
    each = "; ".join(f"place {place:,}: {int(tail.counts[place - 1]):,}" for place in few_places)
    alt = f"Line chart of the number of ratings of each {what}, most rated first, both axes logarithmic. {each}."
    charts.show(
        chart,
        key=key,
        alt=alt,
        title=title,
        about=export.facts(dataset_name),
        table=lambda: ([f"place of the {what}", "ratings"], list(enumerate(tail.counts.tolist(), start=1))),
    )
