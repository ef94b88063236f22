"""Parallel coordinates: which settings went with which result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recsys.evaluation.metrics import LOWER_IS_BETTER
from recsys.ui import charts
from recsys.ui.text import count, number
from recsys.ui.train.learning_curves import named

FEWEST = 3
"""With fewer lines there is no pattern to see."""
MOST_SETTINGS = 5
HEIGHT = 340
_GAP = 0.08
"""Share of an axis that a line of text takes."""
Trial = tuple[dict[str, Any], float]
"""Settings, and what they reached."""


def show(trials: Sequence[Trial], metric: str, model: str, *, key: str, noun: str = "run") -> bool:
    """Draw one line per trial, in the model's colour where it is good; False where there is nothing to draw.

    Args:
        trials: with what each reached on the validation part.
    """
    names = varied(trials)
    if len(trials) < FEWEST or not names:
        return False
    is_lower = metric in LOWER_IS_BETTER
    best = (min if is_lower else max)(trials, key=lambda trial: trial[1])
    told = ", ".join(f"{name} {short(best[0].get(name))}" for name in names)
    charts.heading(
        f"The best of {count(len(trials), noun)} on the validation part: {told}",
        f"One line is one {noun}. The better half by {named(metric)} is in colour, the best one bold.",
    )
    charts.show(
        _chart(trials, names, metric, model, is_lower=is_lower), key=key, alt=alternative(trials, names, metric)
    )
    return True


def varied(trials: Sequence[Trial]) -> list[str]:
    """The settings, numbers or switches, that differ between trials; of many the first few."""
    found = []
    for name in trials[0][0] if trials else []:
        values = [settings.get(name) for settings, _ in trials]
        if all(isinstance(value, int | float) for value in values) and len(set(values)) > 1:
            found.append(name)
    return found[:MOST_SETTINGS]


def _chart(trials: Sequence[Trial], names: Sequence[str], metric: str, model: str, *, is_lower: bool) -> Any:
    """Lines of our own: those of Plotly's Parcoords are a hair wide, and its names overlap on a phone."""
    import plotly.graph_objects as go

    columns = [[float(settings[name]) for settings, _ in trials] for name in names]
    columns.append([value for _, value in trials])
    chart = charts.figure(
        HEIGHT,
        xaxis=charts.axis("", range=[-0.12, len(columns) - 0.62], showticklabels=False, showgrid=False),
        yaxis=charts.axis("", range=[-0.08, 1.24], showticklabels=False, showgrid=False),
    )
    by_place = sorted(range(len(trials)), key=lambda at: trials[at][1], reverse=not is_lower)
    for place, at in reversed(list(enumerate(by_place))):  # the best is drawn last, above the others
        settings, value = trials[at]
        told = ", ".join(f"{name} {short(settings[name])}" for name in names)
        chart.add_trace(
            go.Scatter(
                x=list(range(len(columns))),
                y=[_share(column[at], column) for column in columns],
                mode="lines+markers",
                line={"color": charts.color(model) if place * 2 < len(trials) else charts.grey()},
                line_width=4 if place == 0 else 2,
                opacity=1.0 if place == 0 or place * 2 >= len(trials) else 0.55,
                marker={"size": 6},
                hovertext=f"{named(metric)} {number(value, 4)}<br>{told}",
                hoverinfo="text",
            )
        )
    for x, (name, column) in enumerate(zip([*names, named(metric)], columns, strict=True)):
        chart.add_shape(type="line", x0=x, x1=x, y0=0, y1=1, line={"color": charts.grey(), "width": 1}, layer="below")
        chart.add_annotation(**_text(x, 1.09, f"<b>{_broken(name)}</b>", "bottom"), xanchor="center")
        is_switch = x < len(names) and isinstance(trials[0][0][name], bool)
        for value, y in _ticks(column):
            text = ("off", "on")[int(value)] if is_switch else number(value) if x == len(names) else short(value)
            chart.add_annotation(**_text(x, y, text, "middle"), xanchor="left", xshift=7, bgcolor=charts.paper())
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


def _text(x: float, y: float, text: str, anchor: str) -> dict[str, Any]:
    font = {"size": charts.FONT_SIZE - 1, "color": charts.ink()}
    return {"x": x, "y": y, "text": text, "yanchor": anchor, "showarrow": False, "font": font}


def short(value: Any) -> str:
    """A setting's value as people write it."""
    if isinstance(value, list | tuple):
        return "-".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def alternative(trials: Sequence[Trial], names: Sequence[str], metric: str) -> str:
    said = "; ".join(
        f"{', '.join(f'{name} {short(settings.get(name))}' for name in names)}: {number(value, 4)}"
        for settings, value in trials[:20]
    )
    return f"Parallel coordinates of settings and {named(metric)} on the validation part. {said}."
