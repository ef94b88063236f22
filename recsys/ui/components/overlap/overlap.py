"""The payload of the overlap: agreement, shared films, films of one model, a user's own metrics. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypedDict

import numpy as np

from recsys.data.dataset import Dataset
from recsys.evaluation.evaluate import list_metrics
from recsys.evaluation.metrics import METRICS
from recsys.evaluation.protocols import HOLDOUT
from recsys.serving.lists import Agreement
from recsys.ui.components.mount import Component
from recsys.ui.lists import Answer, Badge, badge, film
from recsys.ui.text import number
from recsys.ui.words import place as place_of_word

AT_LEAST = 3
"""From so many models on, a film counts as agreed on."""

METRIC_LABELS = {
    "ndcg": "nDCG",
    "recall": "Recall",
    "precision": "Precision",
    "hit_rate": "Hit",
    "map": "AP",
    "mrr": "RR",
}
"""As they are called for one user; their means over users are MAP and MRR."""
SEEN_LEFT_OUT = "Films already seen, which the lists above may contain, are left out here. "

_NOTES = {
    "jaccard": "Films in both lists, divided by films in either: 1 means the same films, 0 none in common.",
    "rank_biased_overlap": "Rank-biased overlap: like shared films, but the first places count more. 1: the same list.",
}


class SharedFilm(TypedDict):
    """`film` is a raw id, `models` are places among the models of the payload."""

    film: int
    title: str
    year: int | None
    hit: bool
    models: list[int]


class MetricRow(TypedDict):
    """`cells` has a text per metric. None is marked as best: the lists of one user tell no two models apart."""

    model: int
    cells: list[str]


class OwnMetrics(TypedDict):
    """`words` says where the names are explained."""

    title: str
    names: list[str]
    words: list[str | None]
    rows: list[MetricRow]
    note: str


class OverlapPayload(TypedDict):
    """`jaccard`, `rank_biased_overlap` and `single` have a row per model."""

    k: int
    film: int | None
    agree: str
    link: str
    models: list[Badge]
    title: str
    jaccard: list[list[float]]
    rank_biased_overlap: list[list[float]]
    notes: dict[str, str]
    at_least: int
    many: list[SharedFilm]
    single: list[list[SharedFilm]]
    metrics: OwnMetrics


draw: Component[OverlapPayload] = Component("overlap")


def payload(
    dataset: Dataset,
    given: Sequence[Answer],
    agreed: Agreement,
    relevant: np.ndarray,
    *,
    k: int,
    film_id: int | None,
    agree: str,
    ticks: bool,
    link: str,
    measured: Sequence[Answer] | None = None,
) -> OverlapPayload:
    """All that the component draws, as JSON; `agreed` is of the lists in `given`.

    Args:
        agree: the measure of agreement that is shown.
        link: where a film leads to; FILM stands for its raw id.
        measured: the same models' lists as under the protocol, where `given` has films already seen.
    """
    answered = [a for a in given if a.top is not None]
    place = {a.column.key: position for position, a in enumerate(answered)}
    hits = set(relevant.tolist()) if ticks else set()

    def shown(item: int, models: Sequence[str] = ()) -> SharedFilm:
        it = film(dataset.catalog, item)
        return {
            "film": int(dataset.catalog.ids.ids[item]),
            "title": it["title"],
            "year": it["year"],
            "hit": item in hits,
            "models": [place[name] for name in models],
        }

    at_least = min(AT_LEAST, max(len(answered), 2))
    return {
        "k": k,
        "film": film_id,
        "agree": agree,
        "link": link,
        "models": [badge(a.column) for a in answered],
        "title": _who_agrees(answered, agreed, k),
        "jaccard": agreed.jaccard.round(4).tolist(),
        "rank_biased_overlap": agreed.rank_biased_overlap.round(4).tolist(),
        "notes": _NOTES,
        "at_least": at_least,
        "many": [shown(item, agreed.votes[item]) for item in agreed.films_of_many(at_least)],
        "single": [[shown(item) for item in agreed.films_of_one(a.column.key)] for a in answered],
        "metrics": _metrics(measured or answered, place, len(relevant), k, ticks, seen_listed=measured is not None),
    }


def _who_agrees(answered: Sequence[Answer], agreed: Agreement, k: int) -> str:
    """The finding in words: which two lists are most alike."""
    if len(answered) < 2:
        return "Agreement needs two lists"
    pairs = np.triu(agreed.jaccard, k=1)
    if pairs.max() == 0:
        return "No two lists share a film"
    alike = np.argwhere(pairs == pairs.max())
    one, other = (answered[place] for place in alike[0])
    if one.top is None or other.top is None:
        return "Agreement"
    n = len(np.intersect1d(one.top.items, other.top.items))
    who = f"{one.column.spoken} and {other.column.spoken}" if len(alike) == 1 else f"{len(alike)} pairs of lists"
    return f"{who} are the most alike: {n} of {k} films shared{'' if len(alike) == 1 else ' in each'}"


def metrics_table(answered: Sequence[Answer], n_relevant: int, k: int) -> list[tuple[Answer, dict[str, float]]]:
    """This user's own metrics for each list."""
    return [(a, list_metrics(a.top, n_relevant, k)) for a in answered if a.top is not None]


def _metrics(
    measured: Sequence[Answer], place: Mapping[str, int], n_relevant: int, k: int, ticks: bool, *, seen_listed: bool
) -> OwnMetrics:
    title = f"How well each list of {k} matches what this user went on to like"
    if not ticks:
        return {
            "title": title,
            "names": [],
            "words": [],
            "rows": [],
            "note": "Hidden while you guess: press “Show the ticks”.",
        }
    values = {place[a.column.key]: row for a, row in metrics_table(measured, n_relevant, k) if a.column.key in place}
    rows: list[MetricRow] = [
        {"model": position, "cells": [_shown(name, value) for name, value in row.items()]}
        for position, row in values.items()
    ]
    undefined = "" if n_relevant else "Undefined here: this user liked nothing that came next. "
    left_out = SEEN_LEFT_OUT if seen_listed else ""
    return {
        "title": title,
        "names": list(METRIC_LABELS.values()),
        "words": [place_of_word(METRICS[name].label) for name in METRIC_LABELS],
        "rows": rows,
        "note": f"{left_out}{undefined}{HOLDOUT.summary} For all of these higher is better, at most 1. One user "
        "cannot say which model is better; the Leaderboard asks all of them.",
    }


def _shown(name: str, value: float) -> str:
    """One user's value of a metric; a hit is a yes or a no."""
    if name == "hit_rate" and math.isfinite(value):
        return "yes" if value else "no"
    return number(value)
