"""Where the models' recommendations stand on the popularity curve, and whether better stars make better lists."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from recsys.dataset import Dataset
from recsys.leaderboard import order, place_on_curve, spread_of_places
from recsys.registry import BY_NAME
from recsys.ui import loaders
from recsys.ui.leaderboard import charts
from recsys.ui.leaderboard.columns import HEADLINE
from recsys.ui.standings import Standing, values_of
from recsys.ui.text import count, number

ROW = 26


def show(dataset: Dataset, given: list[Standing]) -> None:
    st.subheader("The popularity ladder", anchor=False)
    st.markdown(
        "A few films get most of the ratings. A model that recommends only those is safe and tells nobody anything "
        "new; one that avoids them all finds little that is liked."
    )
    counts = loaders.task(dataset).known.item_counts
    ladder = rungs(given, counts)
    if ladder:
        charts.heading(ladder_in_words(ladder, len(counts)))
        charts.show(_ladder(ladder, counts), key="ladder", alt=ladder_alternative(ladder))
        st.caption(
            "Above: every film, from the most rated to the least, and by how many people. Below: how popular the ten "
            "films are that a model recommends, on average over a list: the dot is the middle user, the line holds "
            "eight users of ten."
        )
    st.subheader("Better stars, better lists?", anchor=False)
    _stars(given)


def rungs(given: Sequence[Standing], item_counts: np.ndarray) -> dict[str, list[float]]:
    """Model -> places on the curve of a tenth, half and nine tenths of the users' lists; nearest to the top first."""
    found = {
        s.name: spread_of_places(place_on_curve(s.per_user["popularity"], item_counts))
        for s in given
        if "popularity" in s.per_user
    }
    known = {name: places for name, places in found.items() if all(map(math.isfinite, places))}
    return dict(sorted(known.items(), key=lambda it: it[1][1]))


def ladder_in_words(ladder: dict[str, list[float]], n_items: int) -> str:
    first, last = next(iter(ladder)), list(ladder)[-1]
    if first == last:
        return f"{BY_NAME[first].label} recommends films around place {ladder[first][1]:,.0f} of {n_items:,}"
    return (
        f"{BY_NAME[first].label} stays among the best known films (around place {ladder[first][1]:,.0f} of "
        f"{n_items:,}), {BY_NAME[last].label} goes furthest from them (around place {ladder[last][1]:,.0f})"
    )


def ladder_alternative(ladder: dict[str, list[float]]) -> str:
    each = "; ".join(
        f"{BY_NAME[name].label} {half:,.0f} ({low:,.0f} to {high:,.0f})" for name, (low, half, high) in ladder.items()
    )
    return f"Place on the popularity curve of the middle user's list, and of eight users of ten: {each}."


def _ladder(ladder: dict[str, list[float]], counts: np.ndarray) -> Any:
    import plotly.graph_objects as go

    ranked = np.sort(counts)[::-1]
    places = np.unique(np.geomspace(1, len(ranked), 160).astype(int))  # enough for a curve on a logarithmic axis
    rows_height = ROW * len(ladder)
    height = 200 + rows_height + 70
    split = rows_height / (height - 70)
    chart = charts.figure(
        height,
        "ratings of a film",
        xaxis=charts.axis(
            "place by number of ratings (log scale)",
            type="log",
            range=[-0.05, math.log10(len(ranked)) + 0.05],
            dtick=1,
            tickformat=",d",
            anchor="y2",
        ),
        yaxis=charts.axis("", domain=[split + 0.03, 1], rangemode="tozero"),
        yaxis2=charts.axis(
            "",
            domain=[0, split],
            range=[len(ladder) - 0.5, -0.5],
            tickvals=list(range(len(ladder))),
            ticktext=[charts.label(name) for name in ladder],
            showgrid=False,
        ),
    )
    chart.add_trace(
        go.Scatter(
            x=places,
            y=ranked[places - 1],
            mode="lines",
            fill="tozeroy",
            line={"color": charts.ink(), "width": 1.5},
            fillcolor="rgba(128, 128, 128, 0.18)",
            hovertemplate="place %{x}: %{y} ratings<extra></extra>",
        )
    )
    for row, (name, (low, half, high)) in enumerate(ladder.items()):
        said = f"{BY_NAME[name].label}: middle user at place {half:,.0f}, eight of ten from {low:,.0f} to {high:,.0f}"
        shade = charts.color(name)
        chart.add_trace(
            go.Scatter(
                x=[low, high],
                y=[row, row],
                yaxis="y2",
                mode="lines",
                line={"color": shade, "width": 5},
                opacity=0.45,
                hovertext=said,
                hoverinfo="text",
            )
        )
        chart.add_trace(
            go.Scatter(
                x=[half],
                y=[row],
                yaxis="y2",
                mode="markers",
                marker={"color": shade, "size": 12, "line": {"width": 2, "color": charts.paper()}},
                hovertext=said,
                hoverinfo="text",
            )
        )
    return chart


# Rating error against ranking quality


def _stars(given: Sequence[Standing]) -> None:
    errors, quality = values_of(given, "rmse"), values_of(given, HEADLINE)
    both = {s.name: (errors[s.name], quality[s.name]) for s in given if s.name in errors and s.name in quality}
    if len(both) < 2:
        st.caption("At least two models that predict stars are needed for this chart.")
        return
    st.markdown(
        "RMSE asks how well a model guesses the stars of films that somebody chose to watch. A list asks which films, "
        "of all there are, to watch next: another question."
    )
    best_list = max(quality, key=lambda name: quality[name])
    with st.container(width=720):
        charts.heading(stars_in_words(both))
        charts.show(_stars_chart(both, best_list, quality[best_list]), key="stars", alt=stars_alternative(both))
        st.caption(
            f"Only models that predict stars have an RMSE. The dashed line is {BY_NAME[best_list].label}, the best "
            f"list of all models (nDCG@10 {number(quality[best_list])}). Holdout protocol."
        )


def stars_in_words(both: dict[str, tuple[float, float]]) -> str:
    """The lesson, where the numbers teach it."""
    by_error = order({name: error for name, (error, _) in both.items()}, "rmse")
    by_list = order({name: value for name, (_, value) in both.items()}, HEADLINE)
    first = by_error[0]
    if first == by_list[0]:
        return f"Here {BY_NAME[first].label} is best at both; the order of the others need not agree"
    return (
        f"A better RMSE is not a better list: {BY_NAME[first].label} guesses stars best and comes in place "
        f"{by_list.index(first) + 1} of these {count(len(both), 'model')} with its lists"
    )


def stars_alternative(both: dict[str, tuple[float, float]]) -> str:
    each = "; ".join(
        f"{BY_NAME[name].label} RMSE {number(error)}, nDCG@10 {number(value)}" for name, (error, value) in both.items()
    )
    return f"Scatter of rating error and ranking quality. {each}."


def _stars_chart(both: dict[str, tuple[float, float]], best_list: str, best_value: float) -> Any:
    low, high = charts.padded([error for error, _ in both.values()], 0.3)
    y_range = [0, 1.18 * best_value]
    chart = charts.figure(
        360,
        "nDCG@10 (higher is better)",
        # The better end on the right and on top, so that the best corner is where everybody looks for it.
        xaxis=charts.axis("RMSE in stars (lower is better, to the right)", range=[high, low]),
        yaxis=charts.axis("", range=y_range),
    )
    chart.add_hline(y=best_value, line={"color": charts.color(best_list), "width": 1.5, "dash": "dash"})
    chart.add_annotation(
        text=f"best list of all: {BY_NAME[best_list].label}",
        showarrow=False,
        font={"size": 12, "color": charts.ink()},
        **{"xref": "paper", "x": 0, "xanchor": "left", "y": best_value, "yanchor": "bottom"},
    )
    labelled = [(error, value, charts.label(name)) for name, (error, value) in both.items()]
    where = charts.sides(labelled, [high, low], y_range)
    for (name, (error, value)), side in zip(both.items(), where, strict=True):
        said = f"{BY_NAME[name].label}: RMSE {number(error)}, nDCG@10 {number(value)}"
        chart.add_trace(charts.dot(error, value, name, side, said))
    charts.name_the_rest(chart, where)
    return chart
