"""The long tail: how unevenly the ratings spread over films and over users."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.data.portrait import Tail
from recsys.ui import charts
from recsys.ui.data import portrait as data_portrait
from recsys.ui.data.portrait import accent, whole
from recsys.ui.text import count, percent

TOP, TOP_TEXT = 0.1, "10 %"
"""The head of the curve: a tenth of the films or users."""
FEW = 4
"""So few ratings leave a model almost nothing to learn a film from."""
_POINTS = 200


def show(dataset: Dataset) -> None:
    portrait = data_portrait.of(dataset)
    st.markdown(
        "Sorted by their number of ratings, films and users make the same picture: a short head, and a long tail of "
        "those that hardly anything is known of. What a model can learn lies in the head; what nobody has heard "
        "of yet lies in the tail."
    )
    left, right = st.columns(2, gap="medium")
    with left:
        charts.heading(*films_in_words(portrait.films))
        charts.show(_curve(portrait.films, "film"), key="tail_films", alt=alternative(portrait.films, "film"))
    with right:
        charts.heading(*users_in_words(portrait.users))
        charts.show(_curve(portrait.users, "user"), key="tail_users", alt=alternative(portrait.users, "user"))
    st.caption(
        "Both axes are logarithmic: each step is ten times the one before. The shaded part is the first tenth, the dot "
        "is the middle of all that have a rating."
    )


def films_in_words(films: Tail) -> tuple[str, str]:
    n = len(films.counts)
    if not n:
        return "No film has a rating", ""
    half, few = films.n_for_share(0.5), films.n_up_to(FEW)
    says = f"{count(half, 'film')} of {n:,} {'has' if half == 1 else 'have'} half of all ratings. "
    says += f"The film in the middle has {_ratings(films.median)}"
    says += f", and {percent(few / n)} of the films have {FEW} or fewer." if few else "."
    return f"The {TOP_TEXT} most rated films have {percent(films.share_of_top(TOP))} of the ratings", says


def users_in_words(users: Tail) -> tuple[str, str]:
    if not len(users.counts):
        return "No user has rated anything", ""
    most, fewest = int(users.counts[0]), int(users.counts[-1])
    says = f"The user in the middle has rated {_films(users.median)}, the busiest one {count(most, 'film')}, "
    says += f"the quietest {count(fewest, 'film')}."
    return f"The {TOP_TEXT} busiest users gave {percent(users.share_of_top(TOP))} of the ratings", says


def alternative(tail: Tail, what: str) -> str:
    """The curve in words: its height at a few places."""
    n = len(tail.counts)
    places = sorted({min(place, n) for place in (1, 10, 100, 1000, 10_000, n)} - {0})
    each = "; ".join(f"place {place:,}: {int(tail.counts[place - 1]):,}" for place in places)
    return f"Line chart of the number of ratings of each {what}, most rated first, both axes logarithmic. {each}."


def _ratings(value: float) -> str:
    return f"{whole(value)} {'rating' if value == 1 else 'ratings'}"


def _films(value: float) -> str:
    return f"{whole(value)} {'film' if value == 1 else 'films'}"


def _curve(tail: Tail, what: str) -> Any:
    import plotly.graph_objects as go

    n = max(len(tail.counts), 1)
    most = int(tail.counts[0]) if len(tail.counts) else 1
    chart = charts.figure(
        320,
        f"ratings of a {what}" if what == "film" else "ratings by a user",
        xaxis=charts.axis(
            f"place of the {what} (log scale)",
            type="log",
            range=[-0.05, math.log10(n) + 0.05],
            dtick=1,
            tickformat=",d",
        ),
        yaxis=charts.axis("", type="log", range=[-0.1, math.log10(most) + 0.15], dtick=1, tickformat=",d"),
    )
    if not len(tail.counts):
        return chart
    places = np.unique(np.geomspace(1, n, _POINTS).round().astype(int))  # enough for a curve on a logarithmic axis
    head = max(1, round(TOP * n))
    chart.add_vrect(x0=0.9, x1=head, fillcolor=accent(), opacity=0.12, line_width=0)
    chart.add_trace(
        go.Scatter(
            x=places,
            y=tail.counts[places - 1],
            mode="lines",
            line={"color": accent(), "width": 2.5},
            hovertext=[f"place {p:,} of {n:,}: {int(tail.counts[p - 1]):,} ratings" for p in places.tolist()],
            hoverinfo="text",
        )
    )
    middle = (n + 1) // 2
    chart.add_trace(
        go.Scatter(
            x=[middle],
            y=[tail.counts[middle - 1]],
            mode="markers",
            marker={"color": accent(), "size": 12, "line": {"width": 2, "color": charts.paper()}},
            hovertext=[f"the {what} in the middle: {_ratings(tail.median)}"],
            hoverinfo="text",
        )
    )
    labels = (
        (math.log10(head), 0.02, "bottom", "right", f"first {TOP_TEXT} "),
        (math.log10(middle), math.log10(max(tail.median, 1)) - 0.1, "top", "right", f"middle: {whole(tail.median)} "),
    )
    for x, y, up, across, text in labels:
        chart.add_annotation(
            **{"x": x, "y": y, "text": text, "showarrow": False, "yanchor": up, "xanchor": across},
            font={"size": charts.FONT_SIZE - 1, "color": charts.ink()},
        )
    return chart
