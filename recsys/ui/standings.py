"""What the Leaderboard shows: which numbers, which way is better, and the rows that are drawn and downloaded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from recsys import artifacts, registry
from recsys.artifacts import Manifest
from recsys.dataset import Dataset
from recsys.errors import ArtifactError, RecsysError
from recsys.protocols import HOLDOUT
from recsys.registry import Entry
from recsys.ui import loaders
from recsys.ui.lists import COLOR_OF
from recsys.ui.text import DASH, count, number, seconds, size

SECONDS, BYTES, MILLISECONDS = "train_seconds", "n_bytes", "milliseconds"
"""Costs, beside the metrics of the manifest's summary."""


@dataclass(frozen=True)
class Column:
    """A number per model.

    Args:
        name: in the manifest's summary, or a cost.
        label: head of the column.
        says: what it means, in a few words.
        better: "higher", "lower", or "" where neither is.
        digits: after the point.
        unit: of the axis; "" for a share or an index.
        per_unit: how much of the stored value is one such unit.
    """

    name: str
    label: str
    says: str
    better: str = "higher"
    digits: int = 3
    unit: str = ""
    per_unit: float = 1.0


def _lists(k: int) -> tuple[Column, ...]:
    return (
        Column(f"ndcg@{k}", f"nDCG@{k}", "how many liked films are found, and how far up"),
        Column(f"recall@{k}", f"Recall@{k}", "share of the liked films that is in the list"),
        Column(f"precision@{k}", f"Precision@{k}", "share of the list that is liked"),
        Column(f"hit_rate@{k}", f"Hit rate@{k}", "share of users with at least one liked film in the list"),
        Column(f"map@{k}", f"MAP@{k}", "precision at each liked film, averaged"),
        Column(f"mrr@{k}", f"MRR@{k}", "one over the rank of the first liked film"),
    )


GROUPS: tuple[tuple[str, str, tuple[Column, ...]], ...] = (
    ("lists10", "Lists of 10", _lists(10)),
    ("lists5", "Lists of 5", _lists(5)),
    ("lists20", "Lists of 20", _lists(20)),
    (
        "ratings",
        "Ratings",
        (
            Column("rmse", "RMSE", "typical error of a predicted rating", "lower", 3, "stars"),
            Column("mae", "MAE", "mean error of a predicted rating", "lower", 3, "stars"),
            Column("fcp", "FCP", "share of a user's pairs of films that are ordered rightly"),
            Column("auc", "AUC", "chance that a liked film scores above another one"),
            Column("log_loss", "Log loss", "surprise at what was liked and what was not", "lower"),
        ),
    ),
    (
        "breadth",
        "Breadth",
        (
            Column("coverage", "Coverage", "share of all films that anybody is recommended"),
            Column("gini", "Gini", "0: all films alike; 1: the same few for everybody", "lower"),
            Column("novelty", "Novelty", "how little known the recommended films are", "", 2, "bits"),
            Column("diversity", "Diversity", "how different the genres within a list are", ""),
            Column("popularity", "Popularity", "people who have rated a recommended film, on average", "", 0, "people"),
        ),
    ),
    (
        "cost",
        "Cost",
        (
            Column(SECONDS, "Training", "time to train it, once", "lower", 1, "seconds"),
            Column(BYTES, "On disk", "size of its files", "lower", 2, "MB", 1e6),
            Column(
                MILLISECONDS,
                "Per user",
                "time to rank all films for a user, measured here",
                "lower",
                2,
                "ms",
            ),
        ),
    ),
)


@dataclass(frozen=True)
class Standing:
    """The numbers of one model, or why there are none.

    Args:
        values: metric or cost -> value.
        n_users: those who liked something of what was hidden.
        problem: why there are no numbers, and the command that mends it.
        is_trained: whether there is a model, whatever its state.
    """

    entry: Entry
    values: dict[str, float]
    intervals: dict[str, list[float]]
    n_users: int | None = None
    problem: str | None = None
    is_trained: bool = True


def standings(dataset: Dataset) -> list[Standing]:
    """All models, in the registry's order; one without numbers says why."""
    return [_standing(dataset, entry) for entry in registry.ENTRIES]


def _standing(dataset: Dataset, entry: Entry) -> Standing:
    try:
        manifest = loaders.manifest(dataset.name, entry.name)
        _check(manifest, dataset, entry)
        milliseconds = loaders.milliseconds_per_user(dataset, entry.name)  # and so the model answers
    except RecsysError as error:
        why = error.problem if isinstance(error, ArtifactError) else str(error)
        problem = f"{why} {artifacts.command_for(dataset.name, entry.name)}"
        return Standing(entry, {}, {}, problem=problem, is_trained=loaders.is_trained(dataset.name, entry.name))
    values = {name: manifest.metric(name) for name in manifest.summary}
    values[SECONDS] = float(manifest.train_seconds)
    values[BYTES] = float(manifest.n_bytes)
    values[MILLISECONDS] = milliseconds
    counted = manifest.metric("users_counted")
    return Standing(entry, values, manifest.intervals, int(counted) if math.isfinite(counted) else None)


def _check(manifest: Manifest, dataset: Dataset, entry: Entry) -> None:
    """Numbers of other data or of another protocol do not belong into this table."""
    remedy = artifacts.command_for(dataset.name, entry.name)
    if manifest.dataset["fingerprint"] != dataset.fingerprint:
        raise ArtifactError("It was trained on other data.", remedy=remedy)
    if manifest.protocol != HOLDOUT.name:
        raise ArtifactError(f"It was measured under “{manifest.protocol}”, not “{HOLDOUT.name}”.", remedy=remedy)


def finding(given: list[Standing]) -> str:
    """What the numbers show, in a sentence or two."""
    ranked = _sorted(given, "ndcg@10", highest=True)
    if not ranked:
        return "No model has been measured on this data set yet."
    best = ranked[0]
    says = f"{best.entry.label} finds most of what users went on to like (nDCG@10 {number(best.values['ndcg@10'])})."
    floor = next((s for s in given if s.entry.name == "popularity" and not s.problem), None)
    if floor is not None:
        beaten = [s for s in ranked if s.entry.is_floor is False and s.values["ndcg@10"] > floor.values["ndcg@10"]]
        asked = [s for s in ranked if not s.entry.is_floor]
        says += f" {len(beaten)} of the {len(asked)} models beat plain popularity."
    by_error = _sorted(given, "rmse", highest=False)
    if len(by_error) > 1:
        first = by_error[0]
        place = ranked.index(first) + 1
        if place > 1:
            says += (
                f" A better RMSE is not a better list: {first.entry.label} predicts stars best "
                f"(RMSE {number(first.values['rmse'])}) and comes {_ordinal(place)} of {len(ranked)} with its lists."
            )
    return says


def caption(given: list[Standing], dataset_name: str) -> str:
    """The protocol, and over what each group of numbers is taken; "" without numbers."""
    counted = [s.n_users for s in given if s.n_users is not None]
    if not counted:
        return ""
    return (
        f"Protocol {HOLDOUT.name}, {dataset_name}: {HOLDOUT.summary} The numbers of the lists of 5, 10 and 20 are "
        f"means over the {count(max(counted), 'user')} who liked something of what was hidden; RMSE, MAE, FCP, AUC and "
        "log loss are taken over all hidden ratings, novelty, diversity and popularity over the lists of all users, "
        "coverage and Gini over all those lists together."
    )


def payload(given: list[Standing]) -> dict[str, Any]:
    """All that the scores component draws, as JSON: numbers as text, and as shares of an axis."""
    return {
        "models": [
            {
                "label": s.entry.label,
                "color": COLOR_OF[s.entry.name],
                "is_floor": s.entry.is_floor,
                "problem": s.problem,
                "absence": None if s.problem is None else "not available" if s.is_trained else "not trained",
            }
            for s in given
        ],
        "groups": [
            {"id": identifier, "title": title, "columns": [_column(column, given) for column in columns]}
            for identifier, title, columns in GROUPS
        ],
    }


def _column(column: Column, given: list[Standing]) -> dict[str, Any]:
    values = [s.values.get(column.name, math.nan) for s in given]
    finite = [value for value in values if math.isfinite(value)]
    best = (max if column.better == "higher" else min)(finite) if finite and column.better else None
    intervals = [_interval(s, column) for s in given]
    return {
        "name": column.name,
        "label": column.label,
        "says": column.says,
        "better": column.better,
        "unit": column.unit,
        "cells": [_cell(column, value) for value in values],
        "values": [value / column.per_unit if math.isfinite(value) else None for value in values],
        "intervals": intervals,
        "ranges": [
            f"{number(low, column.digits)} to {number(high, column.digits)}" if span else ""
            for span in intervals
            for low, high in [span or (0.0, 0.0)]
        ],
        "best": [best is not None and value == best for value in values],
    }


def _interval(standing: Standing, column: Column) -> list[float] | None:
    low, high = standing.intervals.get(column.name, (math.nan, math.nan))
    return [float(low), float(high)] if math.isfinite(low) and math.isfinite(high) else None


def _cell(column: Column, value: float) -> str:
    if not math.isfinite(value):
        return DASH
    if column.name == SECONDS:
        return seconds(value)
    if column.name == BYTES:
        return size(int(value))
    return f"{number(value, column.digits)}{' ms' if column.name == MILLISECONDS else ''}"


def table(given: list[Standing]) -> tuple[list[str], list[list[object]]]:
    """Everything for a CSV file: header and rows, intervals included."""
    columns = [column for _, _, group in GROUPS for column in group]
    header = ["model", "floor", "protocol", "users_counted"]
    for column in columns:
        header += [column.name, f"{column.name}_low", f"{column.name}_high"]
    rows: list[list[object]] = []
    for s in given:
        row: list[object] = [s.entry.label, s.entry.is_floor, HOLDOUT.name, s.n_users]
        for column in columns:
            low, high = s.intervals.get(column.name, (None, None))
            row += [s.values.get(column.name), low, high]
        rows.append(row)
    return header, rows


def _sorted(given: list[Standing], metric: str, *, highest: bool) -> list[Standing]:
    measured = [s for s in given if math.isfinite(s.values.get(metric, math.nan))]
    return sorted(measured, key=lambda s: s.values[metric], reverse=highest)


def _ordinal(place: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(place, f"{place}th")
