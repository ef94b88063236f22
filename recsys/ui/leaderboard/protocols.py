"""The protocol lens: the same models under an honest and a naive protocol, and how their order changes; and a second
opinion on the honest one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.evaluation.leaderboard import PAIRS, Lens, Pair, clear_swaps, lens, merits
from recsys.evaluation.metrics import LOWER_IS_BETTER
from recsys.evaluation.protocols import HOLDOUT, HOLDOUT_TIME, PROTOCOLS
from recsys.models.registry import BY_NAME
from recsys.ui import charts, controls, words
from recsys.ui.components.grid import grid
from recsys.ui.components.grid.grid import Cell, GridPayload, Row, model_row
from recsys.ui.errors import tell
from recsys.ui.leaderboard import second_opinion
from recsys.ui.leaderboard.metric_columns import COLUMN_OF
from recsys.ui.leaderboard.standings import Standing, damaged, facts_on_record, offered, recorded, values_of
from recsys.ui.text import count, md, number
from recsys.ui.url import current

ROW = 34
"""Pixels per place: room for a label of two lines."""


def show(dataset: Dataset, given: list[Standing]) -> None:
    read = [HOLDOUT_TIME.name, *(name for pair in PAIRS for name in (pair.honest, pair.naive))]
    for error in damaged(dataset.name, read, [entry.name for entry in offered(more=current().more)]):
        tell(error)
    _lenses(dataset, given)
    second_opinion.show(dataset, given)


def _lenses(dataset: Dataset, given: list[Standing]) -> None:
    st.header("The same models, tested honestly and tested badly", anchor=False)
    st.markdown(
        "How a model is tested decides what the number says. Each choice below repeats a mistake that published "
        "comparisons make, beside an honest test of the same thing."
    )
    lenses = {pair.naive: _lens(dataset, given, pair) for pair in PAIRS}
    usable = [pair for pair in PAIRS if len(lenses[pair.naive].values) > 1]
    if not usable:
        st.info("Nothing has been measured under these protocols here. To measure, run", icon=":material/info:")
        st.code(_command(dataset, given, PAIRS), language=None, wrap_lines=True)
        return
    titles = {pair.naive: pair.title for pair in usable}
    it = _tested(dataset, given, lenses[controls.pills("The mistake", "mistake", titles, key="lens")])
    _draw(it, dataset.name)
    if said := seeds_in_words(dataset.name, it):
        st.caption(said)
    if missing := [pair for pair in PAIRS if pair not in usable]:
        titles_missing = "; ".join(pair.title.lower() for pair in missing)
        st.caption(f"Not measured here yet: {md(titles_missing)}. To measure: `{_command(dataset, given, missing)}`")


def _draw(it: Lens, dataset_name: str) -> None:
    title = change_in_words(it)
    about = facts_on_record(dataset_name, [it.pair.honest, it.pair.naive], list(it.ranks))
    left, right = st.columns([3, 2], gap="large")
    with left:
        charts.heading(title)
        charts.show(
            _slope(it),
            key=f"slope_{it.pair.naive}",
            alt=alternative(it),
            title=title,
            about=about,
            table=lambda: lens_table(it),
        )
        st.caption(
            "Places follow the numbers, and neighbours may differ by chance. Thick: a clear swap, where a paired test "
            "(the same users under both models) finds both orders, corrected for all pairs on both sides (Holm 1979)."
        )
    with right:
        naive, honest = PROTOCOLS[it.pair.naive], PROTOCOLS[it.pair.honest]
        words.markdown(f"**What is wrong with** `{naive.name}`  \n{md(it.pair.explained)}")
        words.markdown(f"**Honest,** `{honest.name}`  \n:gray[{md(honest.summary)}]")
        words.markdown(f"**Naive,** `{naive.name}`  \n:gray[{md(naive.summary)}]")
    fold = controls.fold("The same as a table", "mistake")
    if fold.open:
        with fold:
            grid.draw(key=f"lens_{it.pair.naive}", data=numbers(it))


def _lens(dataset: Dataset, given: Sequence[Standing], pair: Pair) -> Lens:
    honest, naive = (_measured(dataset.name, given, protocol) for protocol in (pair.honest, pair.naive))
    return lens(pair, honest, naive)


def _measured(dataset_name: str, given: Sequence[Standing], protocol: str) -> dict[str, dict[str, float]]:
    """Model -> metric -> value under a protocol; those of the trained models where nothing else is on record."""
    found: dict[str, dict[str, float]] = {}
    for entry in offered(more=current().more):
        if (result := recorded(dataset_name, protocol, entry.name)) is not None:
            found[entry.name] = {metric: result.metric(metric) for metric in result.metrics}
    if protocol == HOLDOUT.name:
        found = {s.name: s.values for s in given if values_of([s], HOLDOUT.headline)} | found
    return {name: found[name] for name in BY_NAME if name in found}


def _tested(dataset: Dataset, given: Sequence[Standing], it: Lens) -> Lens:
    """The lens with the swaps that paired tests find; none where values of single users are not on record."""
    sides = []
    for protocol, metric in zip((it.pair.honest, it.pair.naive), it.metrics, strict=True):
        of_users = _per_user(dataset.name, given, protocol)
        found = {name: merits(of_users[name], metric) for name in it.values if name in of_users}
        sides.append({name: values for name, values in found.items() if values is not None})
    return replace(it, clear_swaps=_clear_swaps(*sides))


@st.cache_data(max_entries=16, show_spinner="Comparing every pair of models …")
def _clear_swaps(honest: dict[str, np.ndarray], naive: dict[str, np.ndarray]) -> tuple[tuple[str, str], ...]:
    return clear_swaps(honest, naive)


def _per_user(dataset_name: str, given: Sequence[Standing], protocol: str) -> dict[str, dict[str, np.ndarray]]:
    """Model -> metric -> values of single users under a protocol, of the same measurement as in `_measured`."""
    found = {s.name: s.per_user for s in given} if protocol == HOLDOUT.name else {}
    for entry in offered(more=current().more):
        if (result := recorded(dataset_name, protocol, entry.name)) is not None:
            found[entry.name] = result.per_user
    return found


def _slope(it: Lens) -> Any:
    """Places on the left and on the right, a line per model."""
    n = len(it.ranks)
    crossing = {name for pair in it.clear_swaps for name in pair}
    chart = charts.figure(
        max(250, ROW * n + 70),
        xaxis={"range": [-1.15, 2.15], "visible": False, "fixedrange": True},
        yaxis={"range": [n + 0.6, 0.1], "visible": False, "fixedrange": True},
    )
    for name in reversed(it.ranks):
        shade, is_crossing, text = charts.color(name), name in crossing, charts.label(name)
        before, after = (shown(value, metric) for value, metric in zip(it.values[name], it.metrics, strict=True))
        left, right = it.ranks[name]
        who = BY_NAME[name].label
        chart.add_scatter(
            x=[0, 1],
            y=[left, right],
            mode="lines+markers+text",
            line={"color": shade, "width": 3.5 if is_crossing else 1.5, "dash": None if is_crossing else "dot"},
            marker={"color": shade, "size": 10},
            text=[f"{text}  <b>{before}</b>  ", f"  <b>{after}</b>  {text}"],
            textposition=["middle left", "middle right"],
            textfont=charts.font(),
            cliponaxis=False,
            hovertext=[f"{who}: place {left}, {before}", f"{who}: place {right}, {after}"],
            hoverinfo="text",
        )
    heads = ((0, "right", 14, "honest", it.pair.honest), (1, "left", -14, "naive", it.pair.naive))
    for x, side, shift, kind, protocol in heads:
        way = "lower" if it.metrics[x] in LOWER_IS_BETTER else "higher"
        charts.write(
            chart,
            f"<b>{kind}: {protocol}</b><br>{with_unit(it.metrics[x])}, {way} is better",
            **{"x": x, "xanchor": side, "xshift": shift, "y": 0.45, "yanchor": "bottom"},
            align=side,
            font=charts.font(),
        )
    chart.update_layout(margin={"t": 44, "l": 4, "r": 4, "b": 4})
    return chart


def shown(value: float, metric: str) -> str:
    return number(value, COLUMN_OF[metric].digits if metric in COLUMN_OF else 3)


def with_unit(metric: str) -> str:
    """ "RMSE in stars", "nDCG@10"."""
    column = COLUMN_OF.get(metric)
    name, unit = (column.label, column.unit) if column else (metric, "")
    return f"{name} in {unit}" if unit else name


def change_in_words(it: Lens) -> str:
    """What happens to the order, as the title of the chart."""
    n, swapped, moved = len(it.ranks), it.swapped, it.moved
    if not swapped:
        return f"The order of the {n} models stays as it is; the numbers do not"
    if not it.clear_swaps:
        return f"{len(moved)} of {n} models change places, but no two of them clearly swap: it may be chance"

    def how_far(pair: tuple[str, str]) -> int:
        return sum(abs(it.ranks[pair[0]][side] - it.ranks[pair[1]][side]) for side in (0, 1))

    first, second = (BY_NAME[name].label for name in max(it.clear_swaps, key=how_far))
    return (
        f"{count(len(it.clear_swaps), 'pair')} of models clearly {'swaps' if len(it.clear_swaps) == 1 else 'swap'}: "
        f"{first} is ahead of {second} honestly and behind it naively"
    )


def seeds_in_words(dataset_name: str, it: Lens) -> str:
    """Why a value under `holdout` may be another than on Standings; "" where it is the same."""
    if HOLDOUT.name not in (it.pair.honest, it.pair.naive):
        return ""
    found = [recorded(dataset_name, HOLDOUT.name, name) for name in it.ranks]
    n_seeds = max((len(result.by_seed) for result in found if result is not None), default=0)
    if n_seeds < 2:
        return ""
    return (
        f"Under `{HOLDOUT.name}`, a value here is the mean of the {n_seeds} seeds on record, where there are any; "
        "Standings show the models that come with the app, one seed each."
    )


def alternative(it: Lens) -> str:
    """The chart for somebody who cannot see it."""
    by_place = sorted(it.ranks.items(), key=lambda ranks: ranks[1][0])
    places = "; ".join(f"{BY_NAME[name].label} {left} to {right}" for name, (left, right) in by_place)
    return f"Slope chart of places under {it.pair.honest} and {it.pair.naive}: {places}."


def lens_table(it: Lens) -> tuple[list[str], list[list[object]]]:
    """The values and places of both sides for a file: header and rows."""
    sides = list(zip((it.pair.honest, it.pair.naive), map(with_unit, it.metrics), strict=True))
    header = ["model", *(each for protocol, what in sides for each in (f"{what}, {protocol}", f"place, {protocol}"))]
    by_place = sorted(it.ranks.items(), key=lambda ranks: ranks[1][0])
    rows: list[list[object]] = []
    for name, ranks in by_place:
        values = zip(it.values[name], ranks, strict=True)
        rows.append([BY_NAME[name].label, *(each for pair in values for each in pair)])
    return header, rows


def numbers(it: Lens) -> GridPayload:
    """The values and places of both sides, as JSON for the grid component."""
    honest, naive = map(with_unit, it.metrics)
    rows: list[Row] = []
    for name in sorted(it.ranks, key=lambda name: it.ranks[name][0]):
        sides = zip(it.values[name], it.metrics, it.ranks[name], strict=True)
        cells: list[Cell] = [
            {"text": shown(value, metric), "notes": [f"place {rank}"]} for value, metric, rank in sides
        ]
        rows.append(model_row(name, cells))
    return {
        "caption": f"Values and places under {it.pair.honest} and {it.pair.naive}",
        "dense": True,
        "head": [{"text": "Model"}, {"text": "honest", "note": honest}, {"text": "naive", "note": naive}],
        "rows": rows,
    }


def _command(dataset: Dataset, given: Sequence[Standing], pairs: Sequence[Pair]) -> str:
    """What puts on record the sides of these pairs that have too few models to be compared."""
    wanted = dict.fromkeys(protocol for pair in pairs for protocol in (pair.honest, pair.naive))
    lacking = [name for name in wanted if name != HOLDOUT.name and len(_measured(dataset.name, given, name)) < 2]
    return f"python -m recsys evaluate --protocol {','.join(lacking)} --dataset {dataset.name} --record"
