"""The two charts at the head of the Film page: its ratings, and its place on the popularity curve."""

from __future__ import annotations

import numpy as np
import streamlit as st

from recsys.ui import charts
from recsys.ui.film.facts import Facts, level, place_in_words, ratings_in_words
from recsys.ui.text import count

_HEIGHT = 270
_CURVE_POINTS = 160


def show(facts: Facts) -> None:
    """Side by side where there is room."""
    left, right = st.columns(2, gap="large")
    with left:
        charts.heading(*ratings_in_words(facts))
        if facts.n:
            _show_ratings(facts)
    with right:
        charts.heading(*place_in_words(facts))
        if facts.n:
            _show_place(facts)


def _show_ratings(facts: Facts) -> None:
    """How often the film got each number of stars, and how often it would if it were like all films."""
    import plotly.graph_objects as go

    names, levels = [f"{each:g}" for each in facts.levels], [level(each) for each in facts.levels]
    chart = charts.figure(
        _HEIGHT,
        "known ratings",
        xaxis=charts.axis("stars", type="category"),
        yaxis=charts.axis("", rangemode="tozero", tickformat=",d", nticks=5),
        bargap=0.3,
    )
    said = [f"{each}: {n:,} of {facts.n:,}" for each, n in zip(levels, facts.counts, strict=True)]
    bars = {"y": facts.counts, "marker": {"color": charts.ink()}, "opacity": 0.72}
    chart.add_trace(go.Bar(x=names, **bars, hovertext=said, hoverinfo="text"))
    usual = facts.n * facts.counts_of_all / facts.counts_of_all.sum()
    said = [f"{each}: {n:.0f} if it were like all films" for each, n in zip(levels, usual, strict=True)]
    marker = {"symbol": "line-ew-open", "size": 34 if len(names) < 8 else 18, "line": {"width": 3}}
    marker["color"] = charts.grey()
    chart.add_trace(go.Scatter(x=names, y=usual, mode="markers", marker=marker, hovertext=said, hoverinfo="text"))
    each_said = "; ".join(f"{each}: {n:,}" for each, n in zip(levels, facts.counts, strict=True))
    charts.show(chart, key="film_ratings", alt=f"Number of known ratings by stars. {each_said}.")


def _show_place(facts: Facts) -> None:
    """The film on the curve of all films, the most rated first."""
    import plotly.graph_objects as go

    places = np.unique(np.geomspace(1, len(facts.ranked), _CURVE_POINTS).astype(int))
    log = {"type": "log", "dtick": 1, "tickformat": ",d"}
    chart = charts.figure(
        _HEIGHT,
        "known ratings of a film (log scale)",
        xaxis=charts.axis("place by known ratings (log scale)", **log),
        yaxis=charts.axis("", **log),
    )
    chart.add_trace(
        go.Scatter(
            x=places,
            y=facts.ranked[places - 1],
            mode="lines",
            line={"color": charts.grey(), "width": 3},
            hovertemplate="place %{x:,}: %{y:,} known ratings<extra></extra>",
        )
    )
    # The curve falls, so above a point there is room to its right, except near the right end.
    side = "top right" if facts.place < 0.3 * len(facts.ranked) else "top left"
    chart.add_trace(
        go.Scatter(
            x=[facts.place],
            y=[facts.n],
            mode="markers+text",
            marker={"color": charts.ink(), "size": 13, "line": {"width": 2, "color": charts.paper()}},
            text=["this film"],
            textposition=side,
            textfont={"color": charts.ink(), "size": charts.FONT_SIZE},
            cliponaxis=False,
            hovertext=f"place {facts.place:,}: {count(facts.n, 'known rating')}",
            hoverinfo="text",
        )
    )
    charts.show(chart, key="film_curve", alt=" ".join(place_in_words(facts)))
