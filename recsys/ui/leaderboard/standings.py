"""What the Leaderboard's table shows: the models' numbers, what they say in words, and the rows that are downloaded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, RecsysError
from recsys.evaluation.leaderboard import margin, merits
from recsys.evaluation.metrics import METRICS, Metric
from recsys.evaluation.protocols import HOLDOUT
from recsys.evaluation.results import Result
from recsys.evaluation.statistics import at_the_top, clearly_better_of_all, level
from recsys.models import registry
from recsys.models.registry import Entry
from recsys.serving import artifacts
from recsys.ui import export, loaders, systems, words
from recsys.ui.components.scores.scores import ScoresColumn, ScoresPayload
from recsys.ui.errors import for_visitors
from recsys.ui.leaderboard.metric_columns import BYTES, COLUMN_OF, GROUPS, HEADLINE, MILLISECONDS, PER_MB, SECONDS
from recsys.ui.text import DASH, count, listed, number, seconds, signed, size
from recsys.ui.view import View

Clear = frozenset[tuple[str, str]]
"""(better, worse) pairs of models that paired tests tell apart, corrected for their number."""
Key = tuple[tuple[str, str], ...]
"""Models with the hashes of their files."""


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
        manifest = loaders.measured(dataset, entry.name)
        per_user = loaders.evaluation(dataset.name, entry.name)
        milliseconds = loaders.milliseconds_per_user(dataset, entry.name)  # and so the model answers
    except RecsysError as error:
        why = for_visitors(error.problem if isinstance(error, ArtifactError) else error)
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
    """What was measured under a protocol, if anything; a damaged record counts as none, and `damaged` has it."""
    try:
        return loaders.result(dataset_name, protocol, model)
    except ArtifactError:
        return None


def damaged(dataset_name: str, protocols: Iterable[str], models: Iterable[str]) -> list[ArtifactError]:
    """Why each damaged record of these protocols and models cannot be read, and how to mend it."""
    found = []
    for protocol, model in product(dict.fromkeys(protocols), models):
        try:
            loaders.result(dataset_name, protocol, model)
        except ArtifactError as error:
            found.append(error)
    return found


# Who leads


def clearly_better(dataset_name: str, given: Sequence[Standing]) -> Clear:
    """(better, worse) of every pair of these models on the headline, corrected for all pairs: what all parts of the
    page say of everybody. Kept until one of the models is another one."""
    return _clearly_better(_key(dataset_name, given), per_user_of(given, HEADLINE))


@st.cache_resource(max_entries=8, show_spinner="Comparing every pair of models …")
def _clearly_better(key: Key, _values: dict[str, np.ndarray]) -> Clear:
    return frozenset(clearly_better_of_all(_values))


def at_the_top_of_each(dataset_name: str, given: Sequence[Standing]) -> dict[str, list[str]]:
    """Metric -> the models at its top; a metric without values of users, or with one model, is left out.

    The headline is tested as everywhere, the other columns of a group of the table together. Of sizes, which are exact,
    the smallest is at the top; times are measured once, so nobody is.
    """
    clear = clearly_better(dataset_name, given)
    return _at_the_top_of_each(_key(dataset_name, given), clear, given)


@st.cache_resource(max_entries=8, show_spinner="Comparing the models …")
def _at_the_top_of_each(key: Key, _clear: Clear, _given: Sequence[Standing]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for _, _, columns in GROUPS:
        testable = {column.name: merits_of(_given, column.name) for column in columns if column.name != HEADLINE}
        testable = {name: values for name, values in testable.items() if len(values) > 1}
        found |= dict(zip(testable, level(list(testable.values())), strict=True))
    measured, sizes = values_of(_given, HEADLINE), values_of(_given, BYTES)
    if len(measured) > 1:
        found[HEADLINE] = at_the_top(measured, _clear)
    if len(sizes) > 1:
        found[BYTES] = [name for name, value in sizes.items() if value == min(sizes.values())]
    return found


def merits_of(given: Sequence[Standing], metric: str) -> dict[str, np.ndarray]:
    """Model -> (U,) `merits`; empty where one of the measured models has none: then nobody can be told to lead."""
    found = {s.name: merits(s.per_user, metric) for s in given if s.name in values_of(given, metric)}
    known = {name: values for name, values in found.items() if values is not None}
    return known if len(known) == len(found) else {}


def _key(dataset_name: str, given: Sequence[Standing]) -> Key:
    return tuple((s.name, loaders.manifest(dataset_name, s.name).sha256) for s in given if s.problem is None)


# In words


def findings(given: Sequence[Standing], clear: Clear) -> list[str]:
    """What the numbers show: who leads or is level at the top, the same of the six, and who is ahead of popularity."""
    values, per_user = values_of(given, HEADLINE), per_user_of(given, HEADLINE)
    if not values:
        return ["No model has been measured on this data set yet."]
    if len(values) == 1:
        [(only, value)] = values.items()
        return [f"{_label(only)} is the only model that was measured: nDCG@10 {number(value)}."]
    top = at_the_top(values, clear)
    says = top_in_words(top, values, per_user, COLUMN_OF[HEADLINE])
    six = {name: value for name, value in values.items() if registry.entry(name).is_main}
    top_of_six = at_the_top(six, clear)
    if len(six) > 1 and top_of_six != top:
        first, *others = top_in_words(top_of_six, six, per_user, COLUMN_OF[HEADLINE])
        says += [f"Among the six, {first}", *others]
    if "popularity" in values and six:
        says.append(beside_popularity(list(six), clear))
    return says


def beside_popularity(six: Sequence[str], clear: Clear) -> str:
    """ "Of the 6 models, 3 are clearly ahead of plain popularity and 3 clearly behind." """
    n_ahead = sum((name, "popularity") in clear for name in six)
    n_behind = sum(("popularity", name) in clear for name in six)
    sides = [
        (n_ahead, "clearly ahead of plain popularity"),
        (n_behind, "clearly behind it" if n_ahead else "clearly behind plain popularity"),
        (len(six) - n_ahead - n_behind, "level with it" if n_ahead or n_behind else "level with plain popularity"),
    ]
    if len(six) == 1:
        return f"{_label(six[0])} is {next(how for n, how in sides if n)}."
    each = [f"{n} {'is' if n == 1 else 'are'} {how}" for n, how in sides if n]
    return f"Of the {count(len(six), 'model')}, {listed(each)}."


def top_in_words(
    top: Sequence[str], values: Mapping[str, float], per_user: Mapping[str, np.ndarray], column: Metric
) -> list[str]:
    """ "EASE leads on nDCG@10, 0.017 ahead of BPR (95 % CI 0.009 to 0.025, 906 users).", or who is level.

    Args:
        top: the models at the top by a paired test, highest first; the other arguments as in `margin`.
    """
    if len(top) > 1:
        each = [number(values[name], column.digits) for name in top]
        if len(top) > systems.MOST_NAMED:
            return [f"{systems.named(top)} are level at the top on {column.label}, from {each[0]} to {each[-1]}."]
        who = listed([f"{_label(name)} ({value})" for name, value in zip(top, each, strict=True)])
        return [f"{who} are level at the top on {column.label}.", *(told_apart(top) if len(top) == 2 else [])]
    it = margin(values, per_user, column.name)
    if it is None or [it.first] != list(top):
        return []
    by = f"{number(it.difference, column.digits)}{f' {column.unit}' if column.unit else ''}"
    interval = ""
    if math.isfinite(it.low):
        low, high = signed(it.low, column.digits), signed(it.high, column.digits)
        interval = f" (95 % CI {low} to {high}, {count(it.n_users, 'user')})"
    return [
        f"{_label(it.first)} leads on {column.label}, {by} ahead of {_label(it.second)}{interval}.",
        *told_apart([it.first, it.second]),
    ]


def told_apart(two: Sequence[str]) -> list[str]:
    """One sentence where two models learn from different data: then the method is not the only difference."""
    first, second = map(registry.entry, two)
    if first.learns_from == second.learns_from or not (first.learns_from and second.learns_from):
        return []
    return [
        f"They do not see the same data: {first.label} learns from {first.learns_from}, {second.label} from "
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
        f"means over the {count(max(counted), 'user')} who liked at least one hidden film; RMSE, MAE, FCP, AUC and "
        "log loss are taken over all hidden ratings, novelty, diversity and popularity over the lists of all users, "
        "coverage and Gini over all those lists together. Bold: leads by a paired test (the same users under both "
        "models), corrected for all that the table shows (Holm 1979). Without bold, the first are level, or nothing of "
        "single users is on record to test; of file sizes, which are exact, the smallest is bold."
    )


def payload(given: Sequence[Standing], tops: Mapping[str, Sequence[str]], view: View) -> ScoresPayload:
    """All that the scores component draws, as JSON: numbers as text, and as shares of an axis.

    Args:
        tops: metric -> the models at the top, as `at_the_top_of_each` says.
    """
    return {
        "metric": view.metric,
        "order": view.order,
        "without": list(view.without),
        "models": [
            {
                "name": s.name,
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
            {
                "id": identifier,
                "title": title,
                "columns": [_column(column, given, tops.get(column.name, ())) for column in measured],
            }
            for identifier, title, columns in GROUPS
            if (measured := [column for column in columns if values_of(given, column.name)])
        ],
    }


def _column(column: Metric, given: Sequence[Standing], top: Sequence[str]) -> ScoresColumn:
    values = [s.values.get(column.name, math.nan) for s in given]
    per_unit = PER_MB if column.name == BYTES else 1.0
    intervals = [_interval(s, column.name) for s in given]
    return {
        "name": column.name,
        "label": column.label,
        "word": words.place(column.label),
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
        "best": [[s.name] == list(top) for s in given],
        "margin": _margin(column, given, top),
    }


def _margin(column: Metric, given: Sequence[Standing], top: Sequence[str]) -> str:
    """Who leads or is level; "" for a cost, where neither way is better, and where `findings` says it."""
    values = values_of(given, column.name)
    if not column.better or column.name in (HEADLINE, SECONDS, BYTES, MILLISECONDS) or len(values) < 2:
        return ""
    if not top:
        return f"{column.label} is not made of users' values, so no test can say who leads."
    return " ".join(top_in_words(top, values, per_user_of(given, column.name), column))


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


def facts(dataset_name: str, given: Sequence[Standing]) -> dict[str, str]:
    """Where the numbers of trained models come from, for a file."""
    return export.facts_of(dataset_name, [s.name for s in given if s.values])


def facts_on_record(dataset_name: str, protocols: Sequence[str], models: Sequence[str]) -> dict[str, str]:
    """The same of what was measured under some protocols; of a trained model where nothing else is on record."""
    seeds: set[str] = set()
    for protocol, model in product(protocols, models):
        if (result := recorded(dataset_name, protocol, model)) is not None:
            seeds |= set(result.by_seed)
        elif protocol == HOLDOUT.name and (own := loaders.seeds(dataset_name, [model])):
            seeds.add(own)
    return export.facts(dataset_name, protocol=" and ".join(protocols), seed=", ".join(sorted(seeds)))


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
