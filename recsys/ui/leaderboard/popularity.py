"""Where the models' recommendations stand on the popularity curve, and whether better stars make better lists."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.evaluation.leaderboard import StarsAndLists, place_on_curve, spread_of_places, stars_and_lists
from recsys.evaluation.statistics import level
from recsys.models.registry import BY_NAME
from recsys.ui import charts, loaders, systems, words
from recsys.ui.leaderboard.metric_columns import HEADLINE
from recsys.ui.leaderboard.standings import Standing, facts, merits_of, per_user_of, values_of
from recsys.ui.text import count, number

ROW = 26
BASELINE = "popularity"
"""Predicts no stars, and is still a list to beat."""


def show(dataset: Dataset, given: list[Standing]) -> None:
    st.header("The popularity ladder", anchor=False)
    st.markdown(
        "A few films get most of the ratings. A model that recommends only those is safe and tells nobody anything "
        "new; one that avoids them all finds little that anybody likes."
    )
    counts = loaders.task(dataset).known.item_counts
    ladder = rungs(given, counts)
    if ladder:
        title = ladder_in_words(ladder, ends_of(given, ladder, counts), len(counts))
        charts.heading(title)
        charts.show(
            _ladder(ladder, counts),
            key="ladder",
            alt=ladder_alternative(ladder),
            title=title,
            about=facts(dataset.name, [s for s in given if s.name in ladder]),
            table=lambda: (
                ["model", "place_of_a_tenth", "place_of_half", "place_of_nine_tenths"],
                [[BY_NAME[name].label, *places] for name, places in ladder.items()],
            ),
        )
        st.caption(
            "Above: every film, from the most rated to the least, and by how many people. Below: how popular the ten "
            "films that a model recommends are, on average over a list: the dot is the median user, the line covers "
            "eight users in ten. Models are named together where no paired test (the same users under both models, "
            "corrected by Holm 1979) tells them apart."
        )
    st.header("Better stars, better lists?", anchor=False)
    _stars(dataset.name, given)


def rungs(given: Sequence[Standing], item_counts: np.ndarray) -> dict[str, list[float]]:
    """Model -> places on the curve of a tenth, half and nine tenths of the users' lists; nearest to the top first."""
    found = {
        s.name: spread_of_places(place_on_curve(s.per_user["popularity"], item_counts))
        for s in given
        if "popularity" in s.per_user
    }
    known = {name: places for name, places in found.items() if all(map(math.isfinite, places))}
    return dict(sorted(known.items(), key=lambda it: it[1][1]))


def ladder_in_words(ladder: dict[str, list[float]], ends: tuple[list[str], list[str]], n_items: int) -> str:
    """Whose lists stand nearest to the top of the curve, and whose furthest from it.

    Args:
        ends: the models at both ends, as `ends_of` says.
    """
    near, far = ends
    if len(ladder) == 1 or far[0] in near:
        who = f"{BY_NAME[near[0]].label} recommends" if len(ladder) == 1 else "All models recommend"
        return f"{who} films around place {_around(list(ladder), ladder)} of {n_items:,}"
    if set(near) & set(far):  # some are between the two and level with both
        return (
            f"{BY_NAME[near[0]].label} stays nearer to the best known films (around place {_around(near[:1], ladder)} "
            f"of {n_items:,}) than {BY_NAME[far[0]].label} (around place {_around(far[:1], ladder)})"
        )
    stay, go = "stays" if len(near) == 1 else "stay", "goes" if len(far) == 1 else "go"
    return (
        f"{systems.named(near)} {stay} among the best known films (around place {_around(near, ladder)} of "
        f"{n_items:,}), {systems.named(far)} {go} furthest from them (around place {_around(far, ladder)})"
    )


def _around(models: Sequence[str], ladder: Mapping[str, Sequence[float]]) -> str:
    """ "7" or "7 to 12": the places of the models' median users."""
    places = sorted({f"{ladder[name][1]:,.0f}": ladder[name][1] for name in models}.items(), key=lambda it: it[1])
    return " to ".join(dict.fromkeys([places[0][0], places[-1][0]]))


def ends_of(given: Sequence[Standing], models: Collection[str], item_counts: np.ndarray) -> tuple[list[str], list[str]]:
    """The models whose lists a paired test finds nearest to the top of the curve, and those furthest from it; several
    where no test tells them apart. On the scale of the chart, so that place 2 is as far from 20 as 20 from 200."""
    places = {s.name: np.log(place_on_curve(s.per_user["popularity"], item_counts)) for s in given if s.name in models}
    near, far = level([{name: -values for name, values in places.items()}, places])
    return near, far


def ladder_alternative(ladder: dict[str, list[float]]) -> str:
    each = "; ".join(
        f"{BY_NAME[name].label} {half:,.0f} ({low:,.0f} to {high:,.0f})" for name, (low, half, high) in ladder.items()
    )
    return f"Place on the popularity curve of the median user's list, and of eight users in ten: {each}."


def _ladder(ladder: dict[str, list[float]], counts: np.ndarray) -> Any:
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
    chart.add_scatter(
        x=places,
        y=ranked[places - 1],
        mode="lines",
        fill="tozeroy",
        line={"color": charts.ink(), "width": 1.5},
        fillcolor="rgba(128, 128, 128, 0.18)",
        hovertemplate="place %{x}: %{y} ratings<extra></extra>",
    )
    for row, (name, (low, half, high)) in enumerate(ladder.items()):
        said = f"{BY_NAME[name].label}: median user at place {half:,.0f}, eight in ten from {low:,.0f} to {high:,.0f}"
        shade, shared = charts.color(name), {"yaxis": "y2", "hovertext": said, "hoverinfo": "text"}
        chart.add_scatter(
            x=[low, high], y=[row, row], mode="lines", line={"color": shade, "width": 5}, opacity=0.45, **shared
        )
        rim = {"width": 2, "color": charts.paper()}
        chart.add_scatter(x=[half], y=[row], mode="markers", marker={"color": shade, "size": 12, "line": rim}, **shared)
    return chart


# Rating error against ranking quality


def _stars(dataset_name: str, given: Sequence[Standing]) -> None:
    errors, quality = values_of(given, "rmse"), values_of(given, HEADLINE)
    both = {s.name: (errors[s.name], quality[s.name]) for s in given if s.name in errors and s.name in quality}
    if len(both) < 2:
        st.caption("At least two models that predict stars are needed for this chart.")
        return
    words.markdown(
        "RMSE asks how well a model guesses the stars of films that somebody chose to watch. A list asks which films, "
        "of all there are, to watch next: another question."
    )
    baseline = quality.get(BASELINE)
    found = tested(given, list(both))
    with st.container(width=720):
        title, says = stars_in_words(found, both, baseline)
        charts.heading(title, says)
        charts.show(
            _stars_chart(both, baseline),
            key="stars",
            alt=stars_alternative(both, baseline),
            title=title,
            about=facts(dataset_name, [s for s in given if s.name in both]),
            table=lambda: (
                ["model", "rmse", HEADLINE],
                [[BY_NAME[name].label, *pair] for name, pair in both.items()],
            ),
        )
        words.caption(stars_caption(found, len(both), has_baseline=baseline is not None))


def tested(given: Sequence[Standing], models: Sequence[str]) -> StarsAndLists:
    """What holds between these models that predict stars, beyond chance."""
    errors = {name: -values for name, values in merits_of(given, "rmse").items() if name in models}
    return stars_and_lists(errors, per_user_of(given, HEADLINE), BASELINE)


def stars_in_words(
    found: StarsAndLists, both: dict[str, tuple[float, float]], baseline: float | None
) -> tuple[str, str]:
    """The lesson where the numbers teach it, and what else is there where they do not.

    Args:
        both: model -> RMSE and nDCG@10; baseline: nDCG@10 of the model without stars.
    """
    rmse = "RMSE, how far its stars are off on average"
    ndcg = "nDCG@10, how many liked films its ten hold and how far up"
    if pairs := found.against or found.along:
        first, second = pairs[0]
        a, b = BY_NAME[first].label, BY_NAME[second].label
        title = f"Better stars, worse lists: {a} against {b}" if found.against else f"{a} beats {b} in stars and lists"
        than = "but worse in lists" if found.against else "and better in lists, too"
        says = (
            f"{a} is better in stars ({rmse}: {number(both[first][0])} against {number(both[second][0])}) {than} "
            f"({ndcg}: {number(both[first][1])} against {number(both[second][1])})."
        )
    else:
        title = "Here no two models clearly differ in both stars and lists"
        says = f"Their gaps in one or the other may be chance ({rmse}; {ndcg})."
    return title, f"{says} {baseline_in_words(found, baseline)}".rstrip()


def baseline_in_words(found: StarsAndLists, baseline: float | None) -> str:
    """How a model that predicts no stars compares with those that do; "" without it."""
    sides = [("better than", found.beaten), ("too close to call with", found.level), ("worse than", found.ahead)]
    n_models = sum(len(models) for _, models in sides)
    if baseline is None or not n_models:
        return ""
    says = []
    for how, models in sides:
        if models:
            everyone = "both models that do" if n_models == 2 else f"all {n_models} models that do"
            whose = everyone if len(models) == n_models else systems.named(models)
            says.append(f"{how} those of {whose}")
    return (
        f"{BY_NAME[BASELINE].label} predicts no stars at all; its lists ({number(baseline)}) are {', and '.join(says)}."
    )


def stars_caption(found: StarsAndLists, n_models: int, *, has_baseline: bool) -> str:
    """How many pairs teach the lesson, how that was found out, and what the line is."""
    n_pairs, n_against, n_along = n_models * (n_models - 1) // 2, len(found.against), len(found.along)
    rest = n_pairs - n_against - n_along
    unclear = f"; {rest} cannot be told apart in both" if rest else ""
    line = f" The dashed line is {BY_NAME[BASELINE].label}: without stars it has no RMSE." if has_baseline else ""
    return (
        f"Of {count(n_pairs, 'pair')} of models, the one with the better stars has the worse list in {n_against} and "
        f"the better list in {n_along}{unclear}.{line} Differences count where a paired test (the same users under "
        "both models) finds more than chance, corrected for the number of tests (Holm 1979). Holdout protocol."
    )


def stars_alternative(both: dict[str, tuple[float, float]], baseline: float | None) -> str:
    each = "; ".join(
        f"{BY_NAME[name].label} RMSE {number(error)}, nDCG@10 {number(value)}" for name, (error, value) in both.items()
    )
    line = (
        f" A dashed line at nDCG@10 {number(baseline)} is {BY_NAME[BASELINE].label}, without RMSE." if baseline else ""
    )
    return f"Scatter of rating error and ranking quality. {each}.{line}"


def _stars_chart(both: dict[str, tuple[float, float]], baseline: float | None) -> Any:
    low, high = charts.padded([error for error, _ in both.values()], 0.3)
    y_range = [0, 1.2 * max([value for _, value in both.values()] + ([baseline] if baseline else []))]
    chart = charts.figure(
        360,
        "nDCG@10 (higher is better)",
        # The better end on the right and on top, so that the best corner is where everybody looks for it.
        xaxis=charts.axis("RMSE in stars (lower is better, to the right)", range=[high, low]),
        yaxis=charts.axis("", range=y_range),
    )
    covered = []
    if baseline is not None:
        chart.add_hline(y=baseline, line={"color": charts.color(BASELINE), "width": 1.5, "dash": "dash"})
        charts.write(
            chart,
            f"{BY_NAME[BASELINE].label} (predicts no stars): {number(baseline)}",
            font=charts.font(),
            bgcolor=charts.paper(),  # a grid line may run through it
            **{"xref": "paper", "x": 0, "xanchor": "left", "y": baseline, "yanchor": "bottom", "yshift": 2},
        )
        covered = [(high, baseline, low, baseline)]
    says = {
        name: f"{BY_NAME[name].label}: RMSE {number(error)}, nDCG@10 {number(value)}"
        for name, (error, value) in both.items()
    }
    charts.add_dots(chart, both, says, covered=covered)
    return chart
