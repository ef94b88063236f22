"""Cost against quality: what a better list costs in training, in answering and in space."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.evaluation.leaderboard import front
from recsys.models.registry import BY_NAME
from recsys.ui import charts, controls, words
from recsys.ui.leaderboard import standings
from recsys.ui.leaderboard.metric_columns import BYTES, HEADLINE, MILLISECONDS, PER_MB, SECONDS
from recsys.ui.leaderboard.standings import Standing
from recsys.ui.text import listed, md, number, seconds, size

COSTS = {SECONDS: "Training", MILLISECONDS: "Answering", BYTES: "Space"}
_AXES = {
    SECONDS: "training time, seconds (log scale)",
    MILLISECONDS: "time per user, milliseconds (log scale)",
    BYTES: "size on disk, megabytes (log scale)",
}
_SMALLEST = {SECONDS: 0.01, MILLISECONDS: 0.001, BYTES: 1e3}
"""A logarithmic axis has no 0: what is quicker or smaller than this is drawn here."""


def show(dataset: Dataset, given: list[Standing]) -> None:
    st.header("What a better list costs", anchor=False)
    st.markdown(
        "A more expensive model is worth its cost only if its lists are clearly better. The line joins the models for "
        "which that is true: the Pareto front, where each beats the one before it by more than chance explains."
    )
    cost = controls.segmented("Cost", "cost", COSTS, key="cost")
    measured = {s.name: s for s in given if math.isfinite(s.values.get(HEADLINE, math.nan))}
    if not measured:
        st.info("No model has been measured on this data set yet.", icon=":material/info:")
        return
    points = {name: (max(s.values[cost], _SMALLEST[cost]), s.values[HEADLINE]) for name, s in measured.items()}
    best = front(points, standings.clearly_better(dataset.name, given))
    title, says = front_in_words(best, len(points))
    charts.heading(title, says)
    charts.show(
        _chart(points, measured, best, cost),
        key=f"cost_{cost}",
        alt=alternative(points, best, cost),
        title=title,
        about=standings.facts(dataset.name, list(measured.values())),
        table=lambda: costs_table(measured, best),
    )
    words.caption(
        f"nDCG@10 under the holdout protocol on {md(dataset.name)}; the bars are 95 % intervals over users. Clearly "
        "better is what a paired test (the same users under both models) finds, corrected for all pairs of models "
        "(Holm 1979). Training times come from the machine that trained the model (less than a hundredth of a second "
        "is shown as that), times per user from this one."
    )


def costs_table(measured: Mapping[str, Standing], best: Sequence[str]) -> tuple[list[str], list[list[object]]]:
    """Quality and all costs for a file: header and rows; `on_front` is about the cost that is drawn."""
    header = ["model", HEADLINE, f"{HEADLINE}_low", f"{HEADLINE}_high", *COSTS, "on_front"]
    rows: list[list[object]] = []
    for name, s in measured.items():
        interval = s.intervals.get(HEADLINE, [None, None])
        rows.append([s.label, s.values[HEADLINE], *interval, *(s.values[cost] for cost in COSTS), name in best])
    return header, rows


def front_in_words(best: Sequence[str], n: int) -> tuple[str, str]:
    """The front by name, and what that means for the others."""
    title, others = f"On the front: {listed([BY_NAME[name].label for name in best])}", n - len(best)
    if not others:
        return title, "Each is clearly better than the one before it."
    if others == 1:
        return title, "The other model costs no less than one of these and is not clearly better than it."
    return title, f"The other {others} models cost no less than one of these and are not clearly better than it."


def _chart(
    points: dict[str, tuple[float, float]], measured: dict[str, Standing], best: Sequence[str], cost: str
) -> Any:
    unit = PER_MB if cost == BYTES else 1.0
    points = {name: (x / unit, y) for name, (x, y) in points.items()}
    spans = {name: s.intervals.get(HEADLINE, [s.values[HEADLINE]] * 2) for name, s in measured.items()}
    top = max(high for _, high in spans.values())
    x_range, y_range = charts.padded([x for x, _ in points.values()], log=True), [-0.03 * top, 1.12 * top]
    chart = charts.figure(
        430,
        "nDCG@10 (higher is better)",
        xaxis=charts.axis(_AXES[cost], type="log", range=x_range, dtick=1),
        yaxis=charts.axis("", range=y_range),
    )
    chart.add_scatter(
        x=[points[name][0] for name in best],
        y=[points[name][1] for name in best],
        mode="lines",
        line={"color": charts.ink(), "width": 1.5, "dash": "dot", "shape": "hv"},
        hoverinfo="skip",
        showlegend=False,
    )
    lines = [(points[name][0], low, points[name][0], high) for name, (low, high) in spans.items()]
    lines += [(*points[a], points[b][0], points[a][1]) for a, b in pairwise(best)]
    says, error_y = {}, {}
    for name, (low, high) in spans.items():
        quality = points[name][1]
        says[name] = f"{BY_NAME[name].label}: nDCG@10 {number(quality)}, {amount(measured[name].values[cost], cost)}"
        interval = {"array": [high - quality], "arrayminus": [quality - low]}
        error_y[name] = {**interval, "color": charts.color(name), "thickness": 1.5, "width": 0}
    charts.add_dots(chart, points, says, covered=lines, bold=best, error_y=error_y)
    return chart


def amount(value: float, cost: str) -> str:
    """A cost in words."""
    if cost == SECONDS:
        return f"{seconds(value)} of training"
    return f"{number(value, 2)} ms per user" if cost == MILLISECONDS else f"{size(int(value))} on disk"


def alternative(points: dict[str, tuple[float, float]], best: Sequence[str], cost: str) -> str:
    each = "; ".join(
        f"{BY_NAME[name].label} {amount(value, cost)}, nDCG@10 {number(quality)}"
        for name, (value, quality) in sorted(points.items(), key=lambda it: it[1])
    )
    return f"Scatter of cost and nDCG@10. {each}. Pareto front: {', '.join(BY_NAME[name].label for name in best)}."
