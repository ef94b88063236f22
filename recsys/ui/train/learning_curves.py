"""Learning curves: how a run learns beside the shipped model, or beside another run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from recsys.evaluation.metrics import LOWER_IS_BETTER, label_of
from recsys.training.curves import Point
from recsys.ui import charts
from recsys.ui.text import count, number

HEIGHT = 300
AXES = {"epoch": "By epoch", "seconds": "By second"}
_SHARE_ABOVE, _N_STEPS = 0.08, 5
_LONGEST = 14
"""Letters of a name beside a line."""
_PLOT, _LINE = 215.0, 17.0
"""Pixels between the axes of a chart, and of a line of text."""


@dataclass(frozen=True)
class Lane:
    """One model learning, as a line.

    Args:
        name: as it is written beside the line.
        color: of CSS.
        metric: "ndcg@10" or "rmse", "" as long as nothing was measured.
        n_epochs: that it will have; 0 where that is unknown.
        is_rival: what the other one is measured against: grey and dashed.
        device: that the seconds of a rival are of, in words.
    """

    name: str
    color: str
    metric: str
    points: tuple[Point, ...]
    n_epochs: int = 0
    is_rival: bool = False
    device: str = ""


def show(lanes: Sequence[Lane], *, key: str, seconds: float = 0.0) -> None:
    """Two charts, side by side where there is room: the metric on the validation part, and the training loss.

    Args:
        lanes: of one model, whose metric and loss mean the same in all of them.
        seconds: that the run will take, as far as can be told; an axis of seconds is at least that long.
    """
    by = _switch(key)
    metric = next((lane.metric for lane in lanes if lane.metric), "ndcg@10")
    left, right = st.columns(2, gap="medium")
    with left:
        _chart(lanes, "value", by, f"{named(metric)} on the validation part", key=f"{key}_value", seconds=seconds)
    with right:
        _chart(lanes, "loss", by, "training loss", key=f"{key}_loss", seconds=seconds)


def named(metric: str) -> str:
    return label_of(metric)


def _switch(key: str) -> str:
    name = f"{key}_axis"
    if st.session_state.get(name) not in AXES:
        st.session_state[name] = "epoch"
    chosen = st.segmented_control(
        "Axis of the learning curves",
        list(AXES),
        format_func=lambda each: AXES[each],
        key=name,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    return chosen or "epoch"


def _chart(lanes: Sequence[Lane], field: str, by: str, title: str, *, key: str, seconds: float) -> None:
    import plotly.graph_objects as go

    lines = [(lane, _line(lane, field, by)) for lane in lanes]
    x_range = _x_range(lines, by, seconds)
    y_range = _steady([y for _, (_, ys) in lines for y in ys])
    chart = charts.figure(
        HEIGHT,
        title,
        xaxis=charts.axis("epoch" if by == "epoch" else "seconds of training", range=x_range, nticks=8),
        yaxis=charts.axis("", range=y_range, nticks=6),
        margin={"l": 8, "r": 16 + 7.2 * max(min(len(lane.name), _LONGEST) for lane in lanes), "t": 34, "b": 8},
    )
    if not any(xs for _, (xs, _) in lines):
        chart.add_annotation(
            text="the first point comes after the first epoch",
            showarrow=False,
            font={"size": charts.FONT_SIZE, "color": charts.ink()},
            **{"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5},
        )
    for lane, (xs, ys) in lines:
        if not xs:
            continue
        chart.add_trace(
            go.Scatter(
                x=xs,
                y=ys,
                mode="lines+markers" if (len(xs) < 40 and not lane.is_rival) or len(xs) == 1 else "lines",
                line={
                    "color": lane.color,
                    "width": 2 if lane.is_rival else 3,
                    "dash": "dash" if lane.is_rival else "solid",
                },
                marker={"size": 7},
                hovertext=[f"{_plain(lane.name)}, {_at(x, by)}: {number(y, 4)}" for x, y in zip(xs, ys, strict=True)],
                hoverinfo="text",
                cliponaxis=False,
            )
        )
    for label in _labels(lines, y_range):
        chart.add_annotation(**label)
    charts.show(chart, key=key, alt=alternative(title, lines, by))


Lines = Sequence[tuple[Lane, tuple[list[float], list[float]]]]


def _line(lane: Lane, field: str, by: str) -> tuple[list[float], list[float]]:
    """x and y of the points that have a value."""
    known = [(point, getattr(point, field)) for point in lane.points if getattr(point, field) is not None]
    finite = [(point, float(value)) for point, value in known if math.isfinite(value)]
    return [float(getattr(point, by)) for point, _ in finite], [value for _, value in finite]


def _x_range(lines: Lines, by: str, seconds: float) -> list[float]:
    """From the start to where the longer one ends: known from the start, so that the axis stays as it is."""
    ends = [xs[-1] for _, (xs, _) in lines if xs]
    ends += [float(lane.n_epochs) for lane, _ in lines] if by == "epoch" else [_round_up(seconds)]
    end = max([*ends, 1.0])
    return [min(0.5, end / 20), end * 1.02] if by == "epoch" else [0.0, end * 1.02]


def _round_up(value: float) -> float:
    """To one of 1, 2, 3, 5 or 7 times a power of ten: an estimate wavers, an axis should not."""
    if value <= 0 or not math.isfinite(value):
        return 0.0
    power = 10 ** math.floor(math.log10(value))
    return next(m * power for m in (1, 2, 3, 5, 7, 10) if m * power >= value)


def _steady(values: Sequence[float]) -> list[float]:
    """An axis range in whole steps, so that it moves seldom while points come in."""
    if not values:
        return [0.0, 1.0]
    low, high = min(values), max(values)
    span = (high - low) or abs(high) or 1.0
    step = _round_up(span / _N_STEPS)
    bottom = math.floor((low - _SHARE_ABOVE * span) / step) * step
    top = math.ceil((high + 2 * _SHARE_ABOVE * span) / step) * step
    return [0.0 if low >= 0 > bottom else bottom, top]


def _labels(lines: Lines, y_range: Sequence[float]) -> list[dict[str, Any]]:
    """A name at the right of each line's end; where two ends are close, one moves up and the other down."""
    ended = [(lane, xs[-1], ys[-1]) for lane, (xs, ys) in lines if xs]
    labels = []
    for lane, x, y in ended:
        # In pixels: how far the other name is below this one.
        gaps = [(y - other) / (y_range[1] - y_range[0]) * _PLOT for each, _, other in ended if each is not lane]
        near = next((gap for gap in gaps if abs(gap) < _LINE), None)
        is_first = lane is ended[0][0]
        shift = 0.0 if near is None else (_LINE - abs(near)) / 2 * (1 if near > 0 or (near == 0 and is_first) else -1)
        name = _plain(lane.name)
        labels.append(
            {
                "x": x,
                "y": y,
                "text": name if lane.is_rival else f"<b>{name}</b>",
                "showarrow": False,
                "xanchor": "left",
                "xshift": 8,
                "bgcolor": charts.paper(),
                "borderpad": 0,
                "yshift": shift,
                "font": {"size": charts.FONT_SIZE, "color": charts.ink() if lane.is_rival else lane.color},
            }
        )
    return labels


def _plain(name: str) -> str:
    """A name as Plotly shows it: it takes a few tags, and would take them from a name too."""
    shorter = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return shorter.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _at(x: float, by: str) -> str:
    return f"epoch {x:.0f}" if by == "epoch" else f"after {number(x, 1)} s"


def alternative(title: str, lines: Lines, by: str) -> str:
    """The chart in words."""
    said = []
    for lane, (xs, ys) in lines:
        if xs:
            said.append(
                f"{lane.name}: {count(len(xs), 'point')}, from {number(ys[0], 4)} at {_at(xs[0], by)} "
                f"to {number(ys[-1], 4)} at {_at(xs[-1], by)}"
            )
    return f"Line chart of {title}. {'; '.join(said) or 'No point yet'}."


def note(lanes: Sequence[Lane]) -> str:
    """How to read the curves."""
    metric = next((lane.metric for lane in lanes if lane.metric), "ndcg@10")
    better = f"A {'lower' if metric in LOWER_IS_BETTER else 'higher'} {named(metric)} and a lower loss are better. "
    rival = next((lane for lane in lanes if lane.is_rival), None)
    if rival is not None:
        whose = f" Its seconds are those of the computer that it learnt on ({rival.device})." if rival.device else ""
        return f"{better}The dashed line is the shipped model as it learnt, also from the training part alone.{whose}"
    return better + "How the shipped model learnt is not on record for this data set."
