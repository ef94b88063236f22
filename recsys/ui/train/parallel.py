"""Parallel coordinates: which settings went with which result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from recsys.evaluation.metrics import LOWER_IS_BETTER, label_of
from recsys.ui import charts
from recsys.ui.text import count, number

FEWEST = 3
"""With fewer lines there is no pattern to see."""
MOST_SETTINGS = 5
HEIGHT = 340
_GAP = 0.08
"""Share of an axis that a line of text takes."""


class Trial(NamedTuple):
    """Settings, and what they reached on the validation part.

    Args:
        n_epochs: the epoch at which they reached it; None where that is unknown.
        seconds: that it took; NaN where that is unknown.
    """

    settings: dict[str, Any]
    value: float
    n_epochs: int | None = None
    seconds: float = math.nan


def show(
    trials: Sequence[Trial], metric: str, model: str, about: Mapping[str, str], *, key: str, noun: str = "run"
) -> None:
    """Draw one line per trial, in the model's colour where it is good; nothing where there is nothing to see.

    Args:
        about: where they come from, as `export.facts` says.
    """
    names = varied(trials)
    if len(trials) < FEWEST or not names:
        return
    is_lower = metric in LOWER_IS_BETTER
    ranked = sorted(trials, key=lambda trial: trial.value, reverse=not is_lower)
    title = (
        f"{count(len(trials), noun)} reach {label_of(metric)} {number(ranked[0].value, 4)} to "
        f"{number(ranked[-1].value, 4)} on the validation part"
    )
    charts.heading(
        title,
        f"One line is one {noun}. The {'lower' if is_lower else 'higher'} half by {label_of(metric)} is in colour, the "
        f"{'lowest' if is_lower else 'highest'} ({_said(ranked[0], names)}) is thick. One training each: those close "
        "to it may be as good.",
    )
    charts.show(
        _chart(ranked, names, metric, model),
        key=key,
        alt=alternative(trials, names, metric),
        title=title,
        about=about,
        table=lambda: (
            [*names, label_of(metric)],
            [[*(charts.short(trial.settings.get(name)) for name in names), trial.value] for trial in ranked],
        ),
    )


def varied(trials: Sequence[Trial]) -> list[str]:
    """The settings, numbers or switches, that differ between trials; of many the first few."""
    found = []
    for name in trials[0].settings if trials else []:
        values = [trial.settings.get(name) for trial in trials]
        if all(isinstance(value, int | float) for value in values) and len(set(values)) > 1:
            found.append(name)
    return found[:MOST_SETTINGS]


def _said(trial: Trial, names: Sequence[str]) -> str:
    return ", ".join(f"{name} {charts.short(trial.settings.get(name))}" for name in names)


def _chart(ranked: Sequence[Trial], names: Sequence[str], metric: str, model: str) -> Any:
    """Drawn as a scatter: the lines of Plotly's Parcoords are a hair wide, and its names overlap on a phone.

    Args:
        ranked: the best first.
    """
    columns = [[float(trial.settings[name]) for trial in ranked] for name in names]
    columns.append([trial.value for trial in ranked])
    chart = charts.figure(
        HEIGHT,
        xaxis=charts.axis("", range=[-0.12, len(columns) - 0.62], showticklabels=False, showgrid=False),
        yaxis=charts.axis("", range=[-0.08, 1.24], showticklabels=False, showgrid=False),
    )
    for place, trial in reversed(list(enumerate(ranked))):  # the best is drawn last, above the others
        is_good = place * 2 < len(ranked)
        chart.add_scatter(
            x=list(range(len(columns))),
            y=[_share(column[place], column) for column in columns],
            mode="lines+markers",
            line={"color": charts.color(model) if is_good else charts.GREY, "width": 4 if place == 0 else 2},
            opacity=0.55 if is_good and place > 0 else 1.0,
            marker={"size": 6},
            hovertext=f"{label_of(metric)} {number(trial.value, 4)}<br>{_said(trial, names)}",
            hoverinfo="text",
        )
    for x, (name, column) in enumerate(zip([*names, label_of(metric)], columns, strict=True)):
        chart.add_shape(type="line", x0=x, x1=x, y0=0, y1=1, line={"color": charts.GREY, "width": 1}, layer="below")
        font = charts.font()
        charts.write(chart, f"<b>{_broken(name)}</b>", x=x, y=1.09, xanchor="center", yanchor="bottom", font=font)
        is_switch = x < len(names) and isinstance(ranked[0].settings[name], bool)
        for value, y in _ticks(column):
            text = ("off", "on")[int(value)] if is_switch else number(value) if x == len(names) else charts.short(value)
            beside = {"xanchor": "left", "xshift": 7, "yanchor": "middle", "bgcolor": charts.paper()}
            charts.write(chart, text, x=x, y=y, **beside, font=font)
    return chart


def _broken(name: str) -> str:
    """A long name on two lines."""
    head, _, tail = name.rpartition("_")
    return f"{head}_<br>{tail}" if head and len(name) > 9 else name


def _share(value: float, column: Sequence[float]) -> float:
    """Where on its axis, from 0 to 1; in the middle where all are alike."""
    low, high = min(column), max(column)
    return (value - low) / (high - low) if high > low else 0.5


def _ticks(column: Sequence[float]) -> list[tuple[float, float]]:
    """Values to write beside an axis, with their places: the ends first, then those that have room."""
    distinct = sorted(set(column))
    chosen: list[tuple[float, float]] = []
    for value in [distinct[0], distinct[-1], *distinct[1:-1]]:
        place = _share(value, column)
        if all(abs(place - other) > _GAP for _, other in chosen):
            chosen.append((value, place))
    return chosen


def alternative(trials: Sequence[Trial], names: Sequence[str], metric: str) -> str:
    said = "; ".join(f"{_said(trial, names)}: {number(trial.value, 4)}" for trial in trials[:20])
    return f"Parallel coordinates of settings and {label_of(metric)} on the validation part. {said}."
