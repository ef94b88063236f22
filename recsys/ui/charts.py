"""What all charts share: the models' colours and names, axes, labels that stay apart, a text alternative.

Fonts, background and grid come from Streamlit's theme in the browser. Plotly is imported when the first chart is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from recsys.models.registry import entry
from recsys.ui import export, url, words
from recsys.ui.export import Rows
from recsys.ui.text import md

if TYPE_CHECKING:
    import plotly.graph_objects as go

_FONT_SIZE = 13
_ON_STAGE = 18
"""The least size of type there, as in recsys/ui/stage.css."""
WRAP_AT = 14
"""A longer label is broken into two lines: a phone has no more room."""
GREY = "rgba(128, 128, 128, 0.55)"
"""For what belongs to no model; the same in both themes."""

_STILL = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
_SELECTING = {
    "displayModeBar": True,  # its box and lasso choose several points
    "displaylogo": False,
    "scrollZoom": False,
    "modeBarButtonsToRemove": ["toImage", "zoom2d", "pan2d", "autoScale2d"],
}

_SIDES = (
    *("middle right", "middle left", "top center", "bottom center"),
    *("top left", "top right", "bottom left", "bottom right"),
)
"""Plotly's names for where a label may stand beside its dot, the best first."""
_CROWDED = 0.12
"""A label of which more than this share would cover something goes into the legend."""

_PHONE = (270.0, 300.0)
"""Pixels between the axes of a chart on a phone: labels that stay apart there do so on a desk."""

Box = tuple[float, float, float, float]
"""Left, bottom, right and top."""
Line = tuple[float, float, float, float]
"""x and y of one end and of the other."""


def color(model: str) -> str:
    """A model's colour in the theme that the visitor sees."""
    return _themed("chartCategoricalColors")[entry(model).color]


def ink() -> str:
    return _themed("textColor")


def paper() -> str:
    return _themed("backgroundColor")


def accent() -> str:
    """For what belongs to no model, where it is drawn strongly."""
    return _themed("primaryColor")


def _themed(option: str) -> Any:
    theme = "dark" if st.context.theme.type == "dark" else "light"
    return st.get_option(f"theme.{theme}.{option}")


def label(model: str) -> str:
    """A model's label, on two lines where it is long."""
    text = entry(model).label
    if len(text) <= WRAP_AT or " " not in text:
        return text
    spaces = [place for place, letter in enumerate(text) if letter == " "]
    middle = min(spaces, key=lambda place: abs(place - len(text) / 2))
    return f"{text[:middle]}<br>{text[middle + 1 :]}"


def short(value: Any) -> str:
    """A model's setting as people write it."""
    if isinstance(value, list | tuple):
        return "-".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def font(color: str | None = None) -> dict[str, Any]:
    """As Plotly takes it; larger on stage."""
    return {"size": _ON_STAGE if url.is_on_stage() else _FONT_SIZE, "color": color or ink()}


def figure(height: int, up: str = "", **layout: Any) -> go.Figure:
    """An empty chart without a legend, whose axes stay still: on a phone a finger scrolls the page, not the chart.

    Args:
        up: what the vertical axis shows; written above it, where it costs no width.
    """
    import plotly.graph_objects as go

    chart = go.Figure(
        layout={
            "height": height * 1.25 if url.is_on_stage() else height,
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
            "margin": {"l": 8, "r": 8, "t": 34 if up else 8, "b": 8},
            "font": font(),
            "hoverlabel": {"align": "left", "font": {"size": font()["size"]}},
            **layout,
        }
    )
    if up:
        place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 10}
        write(chart, f"↑ {up}", **place)
    return chart


def write(chart: go.Figure, text: str, **options: Any) -> None:
    """Write text into a chart; the options are those of Plotly's `add_annotation`."""
    chart.add_annotation(**{"text": text, "showarrow": False, "font": font(), **options})


def axis(title: str, **options: Any) -> dict[str, Any]:
    return {
        "title": {"text": title, "standoff": 8, "font": font()},
        "tickfont": font(),
        "fixedrange": True,
        "automargin": True,
        "zeroline": False,
        **options,
    }


def show(
    chart: go.Figure,
    *,
    key: str,
    alt: str,
    title: str,
    about: Mapping[str, str],
    table: Callable[[], Rows] | None = None,
) -> None:
    """Draw a chart that can be saved under this title; `about` and `table` are as `export.save` takes them."""
    with export.saved(key, title, about, is_chart=True, alt=alt, table=table):
        st.plotly_chart(chart, key=key, alt=alt, config=_STILL)


def show_selectable(
    chart: go.Figure, *, key: str, alt: str, title: str, about: Mapping[str, str], table: Callable[[], Rows]
) -> list[Any]:
    """Draw a chart, as `show` does, whose points can be chosen; the `customdata` of those that are."""
    # dragmode stays off: where dragging draws a box, Plotly takes no click, and a finger cannot scroll past the chart.
    chart.update_layout(clickmode="event+select")
    with export.saved(key, title, about, is_chart=True, alt=alt, table=table):
        state: Any = st.plotly_chart(chart, key=key, alt=alt, config=_SELECTING, on_select="rerun")
    points = state.get("selection", {}).get("points", []) if state else []
    return [point["customdata"] for point in points if "customdata" in point]


def heading(text: str, says: str = "") -> None:
    """What there is to see, as the title of a chart, and a sentence about it."""
    words.markdown(f"**{md(text)}**" + (f"  \n:gray[{md(says)}]" if says else ""))


def sides(
    points: Sequence[tuple[float, float, str]],
    x_range: Sequence[float],
    y_range: Sequence[float],
    *,
    covered: Sequence[Line] = (),
    log_x: bool = False,
) -> list[str | None]:
    """Where to write each label so that it covers no point and no other label, as far as that is possible.

    Args:
        points: x, y and label of each.
        x_range, y_range: of the axes as Plotly takes them: in powers of ten where the axis is logarithmic.
        covered: lines that labels should leave free.

    Returns:
        A Plotly `textposition` for each, None where there is no room.
    """

    def spot(x: float, y: float) -> tuple[float, float]:
        """In pixels."""
        x = math.log10(x) if log_x else x
        wide, high = (end - start or 1.0 for start, end in (x_range, y_range))
        return _PHONE[0] * (x - x_range[0]) / wide, _PHONE[1] * (y - y_range[0]) / high

    spots = [spot(x, y) for x, y, _ in points]
    ends = [(*spot(x, y), *spot(to_x, to_y)) for x, y, to_x, to_y in covered]
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y in spots]
    taken += [(min(x, to_x) - 3, min(y, to_y) - 3, max(x, to_x) + 3, max(y, to_y) + 3) for x, y, to_x, to_y in ends]
    found: list[str | None] = []
    for (x, y), (_, _, text) in zip(spots, points, strict=True):
        boxes = {side: _box(x, y, text, side) for side in _SIDES}
        costs = {side: sum(_overlap(box, other) for other in taken) + _outside(box) for side, box in boxes.items()}
        best = min(costs, key=lambda side: costs[side])
        has_room = costs[best] <= _CROWDED * _area(boxes[best])
        found.append(best if has_room else None)
        taken += [boxes[best]] if has_room else []
    return found


def add_dots(
    chart: go.Figure,
    points: Mapping[str, tuple[float, float]],
    says: Mapping[str, str],
    *,
    covered: Sequence[Line] = (),
    bold: Sequence[str] = (),
    error_y: Mapping[str, dict[str, Any]] | None = None,
) -> None:
    """Draw models, each with its label beside it, or in the legend where there is no room.

    Args:
        chart: with the ranges of its axes; only x may be logarithmic.
        points: model -> x and y.
        says: model -> what is shown when the pointer is on it.
        covered: as for `sides`.
        bold: models that stand out.
        error_y: model -> bars, as Plotly takes them.
    """
    across, up = chart.layout.xaxis, chart.layout.yaxis
    labelled = [(x, y, label(name)) for name, (x, y) in points.items()]
    where = sides(labelled, across.range, up.range, covered=covered, log_x=across.type == "log")
    for name, (x, y, text), side in zip(points, labelled, where, strict=True):
        is_bold = name in bold
        rim = {"width": 2, "color": ink() if is_bold else paper()}
        chart.add_scatter(
            x=[x],
            y=[y],
            mode="markers+text" if side else "markers",
            text=[f"<b>{text}</b>" if is_bold else text],
            textposition=side,
            textfont=font(),
            cliponaxis=False,
            name=entry(name).label,
            showlegend=side is None,
            marker={"color": color(name), "size": 13, "line": rim},
            hovertext=says[name],
            hoverinfo="text",
            error_y=error_y[name] if error_y else None,
        )
    legend = {"orientation": "h", "x": 0, "y": -0.16, "yanchor": "top", "font": font()}
    chart.update_layout(showlegend=None in where, legend=legend)


def padded(values: Sequence[float], share: float = 0.14, *, log: bool = False) -> list[float]:
    """An axis range with room for labels; in powers of ten for a logarithmic axis."""
    known = [math.log10(value) if log else value for value in values if math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    room = share * ((high - low) or 1.0)
    return [low - room, high + room]


def _box(x: float, y: float, text: str, side: str) -> Box:
    """The pixels of a label at one side of a point."""
    lines = text.split("<br>")
    wide, high = 7.0 * max(map(len, lines)), 16.0 * len(lines)
    up, across = side.split()
    left = {"left": x - 8 - wide, "center": x - wide / 2, "right": x + 8}[across]
    bottom = {"top": y + 8, "middle": y - high / 2, "bottom": y - 8 - high}[up]
    return left, bottom, left + wide, bottom + high


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _overlap(a: Box, b: Box) -> float:
    """Shared area of two boxes."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _outside(box: Box) -> float:
    """How much of a box is outside the chart, weighted so that it is avoided before an overlap is."""
    return 4 * (_area(box) - _overlap(box, (-10.0, 0.0, _PHONE[0] + 10.0, _PHONE[1])))
