"""What the Leaderboard's table shows: the models' numbers, what they say in words, and the rows that are downloaded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, RecsysError
from recsys.evaluation.leaderboard import Margin, margin, order
from recsys.evaluation.metrics import METRICS, Metric
from recsys.evaluation.protocols import HOLDOUT
from recsys.evaluation.results import Result
from recsys.models import registry
from recsys.models.registry import Entry
from recsys.serving import artifacts
from recsys.ui import loaders
from recsys.ui.components.scores.scores import ScoresColumn, ScoresPayload
from recsys.ui.leaderboard.metric_columns import BYTES, GROUPS, HEADLINE, MILLISECONDS, PER_MB, SECONDS
from recsys.ui.text import DASH, count, number, seconds, signed, size


@dataclass(frozen=True)
class Standing:
    """The numbers of one model, or why there are none.

    Args:
        values: metric or cost -> value.
        intervals: metric -> 95 % interval over users.
        per_user: metric -> (U,) value of each user, NaN where undefined.
        n_users: those who liked something of what was hidden.
        problem: why there are no numbers, and the command that mends it.
    """

    entry: Entry
    values: dict[str, float]
    intervals: dict[str, list[float]]
    per_user: dict[str, np.ndarray] = field(default_factory=dict, compare=False, repr=False)
    n_users: int | None = None
    problem: str | None = None

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def label(self) -> str:
        return self.entry.label


def offered(*, more: bool) -> list[Entry]:
    """The models of the page, in the registry's order: the six, the baselines, and more if they are wanted."""
    return [entry for entry in registry.ENTRIES if more or not entry.is_extra]


def standings(dataset: Dataset, *, more: bool = False) -> list[Standing]:
    """All trained models, in the registry's order; one that is damaged says why it has no numbers."""
    return [_standing(dataset, e) for e in offered(more=more) if loaders.is_trained(dataset.name, e.name)]


def untrained(dataset: Dataset, *, more: bool = False) -> list[Entry]:
    return [entry for entry in offered(more=more) if not loaders.is_trained(dataset.name, entry.name)]


def _standing(dataset: Dataset, entry: Entry) -> Standing:
    remedy = artifacts.command_for(dataset.name, entry.name)
    try:
        manifest = loaders.manifest(dataset.name, entry.name)
        # Numbers of other data or of another protocol do not belong into this table.
        if manifest.dataset["fingerprint"] != dataset.fingerprint:
            raise ArtifactError("It was trained on other data.", remedy=remedy)
        if manifest.protocol != HOLDOUT.name:
            raise ArtifactError(f"It was measured under “{manifest.protocol}”, not “{HOLDOUT.name}”.", remedy=remedy)
        per_user = loaders.evaluation(dataset.name, entry.name)
        milliseconds = loaders.milliseconds_per_user(dataset, entry.name)  # and so the model answers
    except RecsysError as error:
        why = error.problem if isinstance(error, ArtifactError) else str(error)
        return Standing(entry, {}, {}, problem=f"{why} {remedy}")
    values = {name: manifest.metric(name) for name in manifest.summary}
    values[SECONDS] = float(manifest.train_seconds)
    values[BYTES] = float(manifest.n_bytes)
    values[MILLISECONDS] = milliseconds
    counted = manifest.metric("users_counted")
    n_users = int(counted) if math.isfinite(counted) else None
    return Standing(entry, values, manifest.intervals, per_user, n_users)


def values_of(given: Sequence[Standing], metric: str) -> dict[str, float]:
    """Model -> value, of those that were measured on it."""
    return {s.name: s.values[metric] for s in given if math.isfinite(s.values.get(metric, math.nan))}


def per_user_of(given: Sequence[Standing], metric: str) -> dict[str, np.ndarray]:
    """Model -> (U,) values of the users, where their mean is the number in the table."""
    if metric in METRICS and METRICS[metric].is_pooled:
        return {}
    return {s.name: s.per_user[metric] for s in given if metric in s.per_user}


def recorded(dataset_name: str, protocol: str, model: str) -> Result | None:
    """What was measured under a protocol, if anything; a damaged record counts as none."""
    try:
        return loaders.result(dataset_name, protocol, model)
    except ArtifactError:
        return None


# In words


def findings(given: Sequence[Standing]) -> list[str]:
    """What the numbers show: by how much the winner wins, which of the six is first, and who beats popularity."""
    values, per_user = values_of(given, HEADLINE), per_user_of(given, HEADLINE)
    ranked = order(values, HEADLINE)
    if not ranked:
        return ["No model has been measured on this data set yet."]
    first = margin(values, per_user, HEADLINE)
    if first is None:
        return [f"{_label(ranked[0])} is the only model that was measured: nDCG@10 {number(values[ranked[0]])}."]
    says = [margin_sentence(first, "nDCG@10"), *told_apart(first)]
    six = {name: value for name, value in values.items() if registry.entry(name).is_main}
    best = next((name for name in ranked if name in six), None)
    if best is not None and best not in (first.first, first.second):
        says.append(f"The best of the six is {_label(best)}, in place {ranked.index(best) + 1} of {len(ranked)}.")
    elif best is not None and best != ranked[0]:
        rest = margin(six, per_user, HEADLINE)
        says += [f"Among the six, {margin_sentence(rest, 'nDCG@10')}", *told_apart(rest)] if rest is not None else []
    if "popularity" in values and six:
        beaten = sum(value > values["popularity"] for value in six.values())
        says.append(f"{beaten} of the {len(six)} models beat plain popularity.")
    return says


def margin_sentence(it: Margin, metric: str, unit: str = "", digits: int = 3) -> str:
    """ "EASE beats BPR on nDCG@10 by 0.017 (95 % CI 0.009 to 0.025, 906 users)." """
    first, second, by = _label(it.first), _label(it.second), f"{number(it.difference, digits)}{f' {unit}' * bool(unit)}"
    if not math.isfinite(it.low):
        return f"{first} leads {second} on {metric} by {by}."
    interval = f"(95 % CI {signed(it.low, digits)} to {signed(it.high, digits)}, {count(it.n_users, 'user')})"
    if it.is_clear:
        return f"{first} beats {second} on {metric} by {by} {interval}."
    return f"{first} and {second} are too close to call on {metric}: {by} apart {interval}."


def told_apart(it: Margin) -> list[str]:
    """One sentence where two models learn from different data: then the method is not the only difference."""
    first, second = registry.entry(it.first), registry.entry(it.second)
    if first.learns_from == second.learns_from or not (first.learns_from and second.learns_from):
        return []
    return [
        f"They are not told the same: {first.label} learns from {first.learns_from}, {second.label} from "
        f"{second.learns_from}."
    ]


def _label(model: str) -> str:
    return registry.entry(model).label


def caption(given: Sequence[Standing], dataset_name: str) -> str:
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


def payload(given: Sequence[Standing]) -> ScoresPayload:
    """All that the scores component draws, as JSON: numbers as text, and as shares of an axis."""
    return {
        "models": [
            {
                "label": s.entry.label,
                "color": s.entry.color,
                "note": "Baseline" if s.entry.is_baseline else s.entry.note,
                "is_baseline": s.entry.is_baseline,
                "problem": s.problem,
                "absence": None if s.problem is None else "not available",
            }
            for s in given
        ],
        "groups": [
            {"id": identifier, "title": title, "columns": [_column(column, given) for column in measured]}
            for identifier, title, columns in GROUPS
            if (measured := [column for column in columns if values_of(given, column.name)])
        ],
    }


def _column(column: Metric, given: Sequence[Standing]) -> ScoresColumn:
    values = [s.values.get(column.name, math.nan) for s in given]
    finite = [value for value in values if math.isfinite(value)]
    best = (max if column.better == "higher" else min)(finite) if finite and column.better else None
    per_unit = PER_MB if column.name == BYTES else 1.0
    intervals = [_interval(s, column.name) for s in given]
    return {
        "name": column.name,
        "label": column.label,
        "says": column.says,
        "better": column.better,
        "unit": column.unit,
        "cells": [_cell(column, value) for value in values],
        "values": [value / per_unit if math.isfinite(value) else None for value in values],
        "intervals": intervals,
        "ranges": [
            f"{number(span[0], column.digits)} to {number(span[1], column.digits)}" if span else ""
            for span in intervals
        ],
        "best": [best is not None and value == best for value in values],
        "margin": _margin(column, given),
    }


def _margin(column: Metric, given: Sequence[Standing]) -> str:
    """The winner's margin as a sentence; "" for a cost, where neither way is better, and where `findings` says it."""
    if not column.better or column.name in (HEADLINE, SECONDS, BYTES, MILLISECONDS):
        return ""
    it = margin(values_of(given, column.name), per_user_of(given, column.name), column.name)
    says = [margin_sentence(it, column.label, column.unit, column.digits), *told_apart(it)] if it is not None else []
    return " ".join(says)


def _interval(standing: Standing, metric: str) -> list[float] | None:
    found = standing.intervals.get(metric)
    return found if found is not None and all(map(math.isfinite, found)) else None


def _cell(column: Metric, value: float) -> str:
    if not math.isfinite(value):
        return DASH
    if column.name == SECONDS:
        return seconds(value)
    if column.name == BYTES:
        return size(int(value))
    return f"{number(value, column.digits)}{' ms' if column.name == MILLISECONDS else ''}"


def table(given: Sequence[Standing]) -> tuple[list[str], list[list[object]]]:
    """Everything for a CSV file: header and rows, intervals included."""
    columns = [column for _, _, group in GROUPS for column in group]
    header = ["model", "baseline", "protocol", "users_counted"]
    for column in columns:
        header += [column.name, f"{column.name}_low", f"{column.name}_high"]
    rows: list[list[object]] = []
    for s in given:
        row: list[object] = [s.entry.label, s.entry.is_baseline, HOLDOUT.name, s.n_users]
        for column in columns:
            low, high = s.intervals.get(column.name, (None, None))
            row += [s.values.get(column.name), low, high]
        rows.append(row)
    return header, rows
