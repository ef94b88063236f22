"""Learning curves: how a run learns beside the shipped model, or beside another run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from recsys.evaluation.metrics import LOWER_IS_BETTER, label_of
from recsys.training.curves import Point, points
from recsys.training.progress import Record
from recsys.ui import charts, controls
from recsys.ui.text import count, number

HEIGHT = 250
AXES = {"epoch": "By epoch", "seconds": "By second"}
_SHARE_ABOVE, _N_STEPS = 0.08, 5
_LONGEST = 14
"""Letters of a name beside a curve."""
_PLOT, _LINE = 165.0, 17.0
"""Pixels between the axes of a chart, and of a line of text."""


@dataclass(frozen=True)
class LearningCurve:
    """How one model learns.

    Args:
        name: as it is written beside the curve.
        color: of CSS.
        metric: "ndcg@10" or "rmse", "" as long as nothing was measured.
        n_epochs: that it will have; 0 where that is unknown.
        is_shipped: the shipped model's, with which a run is compared: grey and dashed.
        device: on which the shipped model's seconds were measured, in words.
    """

    name: str
    color: str
    metric: str
    points: tuple[Point, ...]
    n_epochs: int = 0
    is_shipped: bool = False
    device: str = ""


Drawn = tuple[LearningCurve, list[float], list[float]]
"""A curve, with x and y of those of its points that have a value."""


def of_run(records: Sequence[Record], name: str, color: str, n_epochs: int = 0) -> LearningCurve:
    """How a run has learnt so far."""
    metric = next((record.metric for record in records if record.metric), None)
    return LearningCurve(name, color, metric or "", points(records), n_epochs)


def show(curves: Sequence[LearningCurve], about: Mapping[str, str], *, key: str, seconds: float = 0.0) -> None:
    """Two charts, side by side where there is room: the metric on the validation part, and the training loss.

    Args:
        curves: of one model, whose metric and loss mean the same in all of them.
        about: where they come from, as `export.facts` says.
        seconds: that the run will take, as far as can be told; an axis of seconds is at least that long.
    """
    label = "Axis of the learning curves"
    by = controls.segmented(label, "axis", AXES, key=f"{key}_axis", label_visibility="collapsed")
    titles = {"value": f"{_metric(curves)} on the validation part", "loss": "training loss"}
    for column, (field, title) in zip(st.columns(2, gap="medium"), titles.items(), strict=True):
        with column:
            _chart(curves, field, by, title, about, key=f"{key}_{field}", seconds=seconds)


def _metric(curves: Sequence[LearningCurve]) -> str:
    return label_of(next((curve.metric for curve in curves if curve.metric), "ndcg@10"))


def _chart(
    curves: Sequence[LearningCurve],
    field: str,
    by: str,
    title: str,
    about: Mapping[str, str],
    *,
    key: str,
    seconds: float,
) -> None:
    drawn = [it for it in (_drawn(curve, field, by) for curve in curves) if it[1]]
    y_range = _steady([y for _, _, ys in drawn for y in ys])
    x_range = _x_range(curves, drawn, by, seconds)
    chart = charts.figure(
        HEIGHT,
        title,
        xaxis=charts.axis("epoch" if by == "epoch" else "seconds of training", range=x_range, nticks=8),
        yaxis=charts.axis("", range=y_range, nticks=6),
        margin={"l": 8, "r": 16 + 7.2 * max(min(len(curve.name), _LONGEST) for curve in curves), "t": 34, "b": 8},
    )
    if not drawn:
        in_the_middle = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
        charts.write(chart, "the first point comes after the first epoch", **in_the_middle)
    for curve, xs, ys in drawn:
        has_markers = len(xs) == 1 or (len(xs) < 40 and not curve.is_shipped)
        width, dash = (2, "dash") if curve.is_shipped else (3, "solid")
        chart.add_scatter(
            x=xs,
            y=ys,
            mode="lines+markers" if has_markers else "lines",
            line={"color": curve.color, "width": width, "dash": dash},
            marker={"size": 7},
            hovertext=[f"{_plain(curve.name)}, {_at(x, by)}: {number(y, 4)}" for x, y in zip(xs, ys, strict=True)],
            hoverinfo="text",
            cliponaxis=False,
        )
    _write_names(chart, drawn, y_range)
    charts.show(
        chart,
        key=key,
        alt=alternative(title, drawn, by),
        title=f"{title[:1].upper()}{title[1:]}" if title.islower() else title,
        about=about,
        table=lambda: (
            ["curve", by, title],
            [[curve.name, x, y] for curve, xs, ys in drawn for x, y in zip(xs, ys, strict=True)],
        ),
    )


def _drawn(curve: LearningCurve, field: str, by: str) -> Drawn:
    known = [(point, getattr(point, field)) for point in curve.points if getattr(point, field) is not None]
    finite = [(point, float(value)) for point, value in known if math.isfinite(value)]
    return curve, [float(getattr(point, by)) for point, _ in finite], [value for _, value in finite]


def _x_range(curves: Sequence[LearningCurve], drawn: Sequence[Drawn], by: str, seconds: float) -> list[float]:
    """To where the longest curve will end, so that the axis does not grow while points come in."""
    ends = [xs[-1] for _, xs, _ in drawn]
    ends += [float(curve.n_epochs) for curve in curves] if by == "epoch" else [_round_up(seconds)]
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


def _write_names(chart: Any, drawn: Sequence[Drawn], y_range: Sequence[float]) -> None:
    """A name at the right of each curve's end; where two ends are close, one moves up and the other down."""
    pixels = _PLOT / (y_range[1] - y_range[0])
    for curve, xs, ys in drawn:
        below = [(ys[-1] - others[-1]) * pixels for other, _, others in drawn if other is not curve]
        near = next((gap for gap in below if abs(gap) < _LINE), None)
        shift = 0.0
        if near is not None:
            is_above = near > 0 or (near == 0 and curve is drawn[0][0])
            shift = (_LINE - abs(near)) / 2 * (1 if is_above else -1)
        name = _plain(curve.name)
        charts.write(
            chart,
            name if curve.is_shipped else f"<b>{name}</b>",
            **{"x": xs[-1], "y": ys[-1], "xanchor": "left", "xshift": 8, "yshift": shift},
            **{"bgcolor": charts.paper(), "borderpad": 0},
            font=charts.font(color=None if curve.is_shipped else curve.color),
        )


def _plain(name: str) -> str:
    """A short name with its markup escaped: Plotly would read tags in it."""
    shorter = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return shorter.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _at(x: float, by: str) -> str:
    return f"epoch {x:.0f}" if by == "epoch" else f"after {number(x, 1)} s"


def alternative(title: str, drawn: Sequence[Drawn], by: str) -> str:
    """The chart in words."""
    said = [
        f"{curve.name}: {count(len(xs), 'point')}, from {number(ys[0], 4)} at {_at(xs[0], by)} "
        f"to {number(ys[-1], 4)} at {_at(xs[-1], by)}"
        for curve, xs, ys in drawn
    ]
    return f"Line chart of {title}. {'; '.join(said) or 'No point yet'}."


def note(curves: Sequence[LearningCurve]) -> str:
    """How to read the curves."""
    is_lower = any(curve.metric in LOWER_IS_BETTER for curve in curves)
    better = f"A {'lower' if is_lower else 'higher'} {_metric(curves)} and a lower loss are better. "
    shipped = next((curve for curve in curves if curve.is_shipped), None)
    if shipped is None:
        return better + "How the shipped model learnt is not on record for this data set."
    whose = f" Its seconds are from the computer that it was trained on ({shipped.device})." if shipped.device else ""
    return f"{better}The dashed line is the shipped model as it learnt, also from the training part alone.{whose}"
