"""Under the table, folded away: every pair of models, and how much of a difference users and seeds make."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from recsys.evaluation.results import Result
from recsys.evaluation.statistics import LIKELY, Comparison, compare_all
from recsys.models.registry import BY_NAME
from recsys.ui import controls, export, loaders, words
from recsys.ui.components.grid import grid
from recsys.ui.components.grid.grid import Cell, GridPayload, Head, Row, cells, model_row
from recsys.ui.errors import tell
from recsys.ui.leaderboard.metric_columns import HEADLINE
from recsys.ui.leaderboard.standings import Standing, damaged, facts, per_user_of, recorded, values_of
from recsys.ui.text import DASH, md, number, signed


def show(dataset: Dataset, given: Sequence[Standing]) -> None:
    measured = [s for s in given if s.name in values_of(given, HEADLINE)]
    if len(measured) < 2:
        return
    fold = controls.fold("Every pair of models, and how sure the numbers are", "pairs")
    if not fold.open:
        return
    with fold:
        pairs = compared(dataset.name, measured)
        st.markdown(f"**{md(summary(pairs, len(measured)))}**")
        words.caption(
            "Each cell: the model in the row minus the model in the column on nDCG@10; its 95 % interval over users; "
            "for how many users it is higher, equal, lower; and how likely such a difference is by chance alone, "
            "corrected for the number of pairs (Holm 1979). Tinted where that is below 5 %."
        )
        data, about = matrix(measured, pairs), facts(dataset.name, measured)
        with export.saved("pairs_grid", data["caption"], about, table=lambda: pairs_table(pairs)):
            grid.draw(key="pairs_grid", data=data)
        st.markdown("**Two kinds of uncertainty that should not be mixed up**")
        words.caption(
            "Over users: how far the number would move with other people like these. Over seeds: how far it moves when "
            "the same model is trained again with other random numbers."
        )
        for error in damaged(dataset.name, [HOLDOUT.name], [s.name for s in measured]):
            tell(error)
        data = spreads(dataset.name, measured)
        with export.saved("spreads", data["caption"], about, table=lambda: grid.table(data)):
            grid.draw(key="spreads", data=data)


def compared(dataset_name: str, measured: Sequence[Standing]) -> list[tuple[Comparison, float]]:
    """Every pair; kept until one of the models is another one."""
    key = tuple((s.name, loaders.manifest(dataset_name, s.name).sha256) for s in measured)
    return _compare_all(key, per_user_of(measured, HEADLINE))


@st.cache_resource(max_entries=8, show_spinner="Comparing every pair of models …")
def _compare_all(key: tuple[tuple[str, str], ...], _values: dict[str, np.ndarray]) -> list[tuple[Comparison, float]]:
    return compare_all(_values)


def summary(pairs: Sequence[tuple[Comparison, float]], n_models: int) -> str:
    """ "31 of 36 pairs of models differ by more than chance" """
    clear = sum(p < LIKELY for _, p in pairs)
    return f"{clear} of the {len(pairs)} pairs of {n_models} models differ by more than chance explains"


def matrix(measured: Sequence[Standing], pairs: Sequence[tuple[Comparison, float]]) -> GridPayload:
    """Row minus column, both ways round, as JSON for the grid component."""
    found = {(it.first, it.second): (it, p) for it, p in pairs}
    heads: list[Head] = [{"text": s.label, "color": s.entry.color} for s in measured]
    return {
        "caption": "Difference in nDCG@10 of every pair of models",
        "dense": True,
        "head": [{"text": "Row minus column"}, *heads],
        "rows": [model_row(row.name, [_cell(found, row.name, each.name) for each in measured]) for row in measured],
    }


def pairs_table(pairs: Sequence[tuple[Comparison, float]]) -> tuple[list[str], list[list[object]]]:
    """Every pair once, for a file: header and rows; p is corrected for their number."""
    header = ["first", "second", "first_minus_second", "low", "high", "wins", "ties", "losses", "p_corrected"]
    rows: list[list[object]] = []
    for it, p in pairs:
        names = [BY_NAME[name].label for name in (it.first, it.second)]
        rows.append([*names, it.difference, it.low, it.high, it.wins, it.ties, it.losses, p])
    return header, rows


def _cell(found: dict[tuple[str, str], tuple[Comparison, float]], row: str, column: str) -> Cell:
    if row == column:
        return {"text": "·", "tone": "self"}
    if (row, column) in found:
        it, p = found[row, column]
        difference, low, high, wins, losses = it.difference, it.low, it.high, it.wins, it.losses
    elif (column, row) in found:
        it, p = found[column, row]
        difference, low, high, wins, losses = -it.difference, -it.high, -it.low, it.losses, it.wins
    else:
        return {"text": DASH}
    is_clear = p < LIKELY
    return {
        "text": f"{'+' if difference > 0 else ''}{signed(difference)}",
        "strong": is_clear,
        "tone": ("better" if difference > 0 else "worse") if is_clear else None,
        "notes": [
            f"{signed(low)} to {signed(high)}",
            f"{wins} / {it.ties} / {losses}",
            "p < 0.001" if p < 0.001 else f"p {number(p)}",
        ],
    }


def spreads(dataset_name: str, measured: Sequence[Standing]) -> GridPayload:
    """The interval over users beside the spread over seeds, as JSON for the grid component."""
    rows: list[Row] = []
    for s in measured:
        low, high = s.intervals.get(HEADLINE, (math.nan, math.nan))
        interval = f"{number(low)} to {number(high)}" if math.isfinite(low) else DASH
        seeds = over_seeds(recorded(dataset_name, HOLDOUT.name, s.name))
        rows.append(model_row(s.name, cells(number(s.values[HEADLINE]), interval, seeds)))
    head = [("Model", ""), ("nDCG@10", "as shown above"), ("Over users", "95 % interval"), ("Over seeds", "mean ± SD")]
    return {
        "caption": "How sure each number is, over users and over seeds",
        "head": [{"text": text, "note": note} for text, note in head],
        "rows": rows,
    }


def over_seeds(result: Result | None) -> str:
    if result is None or len(result.by_seed) < 2:
        return "one seed"
    spread = result.seed_spread(HEADLINE)
    return f"{number(result.metric(HEADLINE))} ± {number(spread)}, {len(result.by_seed)} seeds"
