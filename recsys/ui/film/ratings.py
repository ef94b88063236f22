"""What is known of a film before any model is asked: its ratings and its place among all films, in words and charts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys.data.catalog import Catalog
from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import Task
from recsys.ui import charts
from recsys.ui.text import count, in_stars, listed, percent, stars

_HEIGHT = 140
_CURVE_POINTS = 160


@dataclass(frozen=True, eq=False)
class Facts:
    """Of one film, from the ratings that the models know.

    Args:
        n: number of ratings that are known.
        mean: stars on average; NaN without any.
        mean_of_all: of all ratings of all films.
        levels, counts, counts_of_all: (L,) each number of stars, how often the film got it, how often all films did.
        place: from 1, by number of known ratings; films with as many share the best of their places.
        ranked: (m,) numbers of ratings of the films that have any, the most rated first.
        n_items: number of films.
        n_held_out: ratings of it that are hidden from the models.
    """

    n: int
    mean: float
    mean_of_all: float
    levels: np.ndarray
    counts: np.ndarray
    counts_of_all: np.ndarray
    place: int
    ranked: np.ndarray
    n_items: int
    n_held_out: int

    @classmethod
    def of(cls, task: Task, item: int) -> Facts:
        known, scale = task.known, task.known.scale
        own = known.ratings[known.items == item]
        levels = np.arange(scale.low, scale.high + scale.step / 2, scale.step)

        def counted(ratings: np.ndarray) -> np.ndarray:
            steps = np.round((ratings - scale.low) / scale.step).astype(int)
            return np.bincount(np.clip(steps, 0, len(levels) - 1), minlength=len(levels))

        return cls(
            n=len(own),
            mean=float(own.mean()) if len(own) else math.nan,
            mean_of_all=float(known.ratings.mean(dtype="float64")) if len(known) else math.nan,
            levels=levels,
            counts=counted(own),
            counts_of_all=counted(known.ratings),
            place=int((known.item_counts > len(own)).sum()) + 1,
            ranked=np.sort(known.item_counts[known.item_counts > 0])[::-1],
            n_items=known.n_items,
            n_held_out=int((task.held_out.items == item).sum()),
        )


def by_ratings(known: Dataset, item: int, n: int) -> list[int]:
    """The n most rated films, the most rated first, and this one in any case."""
    order = np.argsort(-known.item_counts, kind="stable")[:n].tolist()
    return order if item in order else [*order, item]


def labels(catalog: Catalog) -> list[str]:
    """(I,) title and year of each film; where two are called alike, their raw ids tell them apart."""
    names = [catalog.label(item) for item in range(len(catalog))]
    times = Counter(names)
    return [f"{name}, no. {catalog.ids.ids[item]}" if times[name] > 1 else name for item, name in enumerate(names)]


def head(facts: Facts, dataset: Dataset, item: int) -> str:
    """Genres and figures on one line, as plain text."""
    hidden = f", {facts.n_held_out:,} hidden" if facts.n_held_out else ""
    words = [*dataset.catalog.genres_of(item), f"{count(facts.n, 'known rating')}{hidden}"]
    return " · ".join([*words, f"{stars(facts.mean)} on average"] if facts.n else words)


def ratings_in_words(facts: Facts) -> tuple[str, str]:
    """What the histogram shows: a title and a sentence."""
    if not facts.n:
        are = "is" if facts.n_held_out == 1 else "are"
        hidden = f" {count(facts.n_held_out, 'rating')} of it {are} hidden from them." if facts.n_held_out else ""
        return "The models know no ratings of it", f"All they can go by is what kind of film it is.{hidden}"
    top = int(np.max(facts.counts))
    most_given = [in_stars(each) for each, n in zip(facts.levels, facts.counts, strict=True) if n == top]
    difference = facts.mean - facts.mean_of_all
    beside = f"{abs(difference):.1f} {'more' if difference > 0 else 'less'} than"
    beside = beside if abs(difference) >= 0.05 else "as much as"
    said = f"On average {stars(facts.mean)}, {beside} the average of all ratings. The lines show how all are spread."
    if len(most_given) > 1:
        return f"{listed(most_given)} were given most, each by {top:,} of {facts.n:,}", said
    return f"More people gave it {most_given[0]} than anything else: {top:,} of {facts.n:,}", said


def place_in_words(facts: Facts) -> tuple[str, str]:
    """Where it stands among all films: a title and a sentence."""
    if not facts.n:
        return "No place on the popularity curve", "A film without a known rating has none."
    if facts.place == 1:
        return f"The most rated of {facts.n_items:,} films", "A few films get most of the ratings; this is one of them."
    share = 1 - int((facts.ranked >= facts.n).sum()) / facts.n_items
    return (
        f"Place {facts.place:,} of {facts.n_items:,} by number of known ratings",
        f"It has more of them than {percent(share)} of the films." if share > 0.005 else "Hardly any film has fewer.",
    )


def show_charts(facts: Facts, film: str, about: Mapping[str, str]) -> None:
    """One below the other: on a desk they stand beside what the models make of the film.

    Args:
        film: what it is called, and `about` where its ratings come from, for who saves a chart.
    """
    for say, show, key in (
        (ratings_in_words, _show_ratings, "film_ratings"),
        (place_in_words, _show_place, "film_curve"),
    ):
        title, says = say(facts)
        charts.heading(title, says)
        if facts.n:
            show(facts, {"key": key, "title": f"{film}: {title}", "about": about})


def _show_ratings(facts: Facts, saved: Mapping[str, Any]) -> None:
    """How often the film got each number of stars, and how often it would if it were like all films."""
    names, levels = [f"{each:g}" for each in facts.levels], [in_stars(each) for each in facts.levels]
    chart = charts.figure(
        _HEIGHT,
        "known ratings by stars",
        xaxis=charts.axis("", type="category"),
        yaxis=charts.axis("", rangemode="tozero", tickformat=",d", nticks=5),
        bargap=0.3,
    )
    said = [f"{each}: {n:,} of {facts.n:,}" for each, n in zip(levels, facts.counts, strict=True)]
    bars = {"y": facts.counts, "marker": {"color": charts.ink()}, "opacity": 0.72}
    chart.add_bar(x=names, **bars, hovertext=said, hoverinfo="text")
    usual = facts.n * facts.counts_of_all / facts.counts_of_all.sum()
    said = [f"{each}: {n:.0f} if it were like all films" for each, n in zip(levels, usual, strict=True)]
    marker = {"symbol": "line-ew-open", "size": 34 if len(names) < 8 else 18, "line": {"width": 3}}
    marker["color"] = charts.GREY
    chart.add_scatter(x=names, y=usual, mode="markers", marker=marker, hovertext=said, hoverinfo="text")
    each_said = "; ".join(f"{each}: {n:,}" for each, n in zip(levels, facts.counts, strict=True))
    charts.show(
        chart,
        alt=f"Number of known ratings by stars. {each_said}.",
        table=lambda: (
            ["stars", "known_ratings"],
            list(zip(facts.levels.tolist(), facts.counts.tolist(), strict=True)),
        ),
        **saved,
    )


def _show_place(facts: Facts, saved: Mapping[str, Any]) -> None:
    """The film on the curve of all films, the most rated first."""
    places = np.unique(np.geomspace(1, len(facts.ranked), _CURVE_POINTS).astype(int))
    log = {"type": "log", "dtick": 1, "tickformat": ",d"}
    chart = charts.figure(
        _HEIGHT,
        "known ratings, by place (log scales)",
        xaxis=charts.axis("", **log),
        yaxis=charts.axis("", **log),
    )
    chart.add_scatter(
        x=places,
        y=facts.ranked[places - 1],
        mode="lines",
        line={"color": charts.GREY, "width": 3},
        hovertemplate="place %{x:,}: %{y:,} known ratings<extra></extra>",
    )
    # The curve falls, so above a point there is room to its right, except near the right end.
    side = "top right" if facts.place < 0.3 * len(facts.ranked) else "top left"
    chart.add_scatter(
        x=[facts.place],
        y=[facts.n],
        mode="markers+text",
        marker={"color": charts.ink(), "size": 13, "line": {"width": 2, "color": charts.paper()}},
        text=["this film"],
        textposition=side,
        textfont=charts.font(),
        cliponaxis=False,
        hovertext=f"place {facts.place:,}: {count(facts.n, 'known rating')}",
        hoverinfo="text",
    )
    charts.show(
        chart,
        alt=" ".join(place_in_words(facts)),
        table=lambda: (["place", "known_ratings"], list(enumerate(facts.ranked.tolist(), start=1))),
        **saved,
    )
