"""The foot of each list: what it found, and what its model reaches over all users on record."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError
from recsys.evaluation import statistics
from recsys.evaluation.evaluate import list_metrics
from recsys.evaluation.metrics import label_of
from recsys.evaluation.protocols import HOLDOUT
from recsys.serving.artifacts import Manifest
from recsys.serving.lists import ModelList
from recsys.ui import loaders, url
from recsys.ui.components.board.board import Overall, Sum
from recsys.ui.lists import Answer
from recsys.ui.text import bare, count, hits_sentence
from recsys.ui.view import View

logger = logging.getLogger("recsys.ui")
GUESS = "Guess first: what did this user go on to like?"


def of(dataset: Dataset, given: Sequence[Answer], n_relevant: int, view: View) -> dict[str, Sum]:
    """Model or run -> what stands under its list; those without a list have none."""
    manifests = _measured(dataset, [a.column.key for a in given])
    best = _best(dataset, manifests)
    link = url.address("leaderboard", replace(view, film=None))
    return {
        a.column.key: {
            "found": _found(a.top, n_relevant, view),
            "found_note": _found_note(a.top, n_relevant, view),
            "overall": _overall(manifests.get(a.column.key), a.column.key == best, len(manifests)),
            "link": link,
        }
        for a in given
        if a.top is not None
    }


def _found(top: ModelList, n_relevant: int, view: View) -> str:
    """What a list found, in a few words; while it is guessed, they do not say."""
    if not view.ticks:
        return "hidden while you guess"
    if not n_relevant:
        return "nothing to find"
    # Under the protocol no list has a film that the user has seen: the metric of one that has is another number.
    ndcg = "" if view.seen else f", nDCG {bare(list_metrics(top, n_relevant, view.k)['ndcg'], 2)}"
    return f"{top.n_hits} of {n_relevant}{ndcg}"


def _found_note(top: ModelList, n_relevant: int, view: View) -> str:
    if not view.ticks:
        return GUESS
    return hits_sentence(top.n_hits, n_relevant, len(top.items), top.missed_ranks.tolist())


def _measured(dataset: Dataset, models: Sequence[str]) -> dict[str, Manifest]:
    """Of the models and runs that have numbers on record; one that has none shows none."""
    found = {}
    for model in models:
        try:
            found[model] = loaders.measured(dataset, model)
        except RecsysError:
            logger.info("No numbers of %s", model, exc_info=True)
    return found


def _overall(manifest: Manifest | None, is_best: bool, n_models: int) -> Overall | None:
    name = HOLDOUT.headline
    if manifest is None or not np.isfinite(value := manifest.metric(name)):
        return None
    users = manifest.metric("users_counted")
    over = f"{label_of(name)} over {count(int(users), 'user')}" if np.isfinite(users) else f"{label_of(name)} overall"
    says = f"{over}: {bare(value)}"
    if interval := manifest.intervals.get(name):
        says += f", 95 % CI {bare(interval[0])} to {bare(interval[1])}"
    if is_best:
        says += f". The best of these {n_models}: a paired test tells it from each of the others (Holm)"
    return {"value": bare(value), "note": f"{says}.", "is_best": is_best}


def _best(dataset: Dataset, manifests: Mapping[str, Manifest]) -> str | None:
    """The one that paired tests find better than each other one that is shown; None where there is no such model."""
    key = tuple((model, manifest.sha256) for model, manifest in manifests.items())
    per_user = {}
    for model in manifests:
        try:
            per_user[model] = loaders.evaluation(dataset.name, model)[HOLDOUT.headline]
        except (RecsysError, KeyError):  # a model that cannot be compared may be the better one
            return None
    return _clearly_best(key, per_user)


@st.cache_resource(max_entries=64, show_spinner=False)
def _clearly_best(key: tuple[tuple[str, str], ...], _per_user: Mapping[str, np.ndarray]) -> str | None:
    if len(_per_user) < 2:
        return None
    (ahead,) = statistics.level([_per_user])
    return ahead[0] if len(ahead) == 1 else None
