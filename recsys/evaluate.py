"""Measuring a scorer under a protocol, through the same `rank` that makes the app's lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys import metrics
from recsys.errors import UsageError
from recsys.protocols import Task
from recsys.ranking import rank
from recsys.scorers import Scorer, Unit

BLOCK = 256
"""Users scored at a time: 256 x 26,744 films in float32 are 27 MB."""

DIVERSITY_K = 10
"""Novelty, diversity, popularity, coverage and Gini describe lists of this length."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The values of one model under one protocol.

    Args:
        per_user: metric -> (U,) float32, NaN where undefined for the user.
        summary: metric -> its mean over the users for whom it is defined, or its value over all held-out ratings
            (rmse, mae, fcp, auc, log_loss) or all lists (coverage, gini).
    """

    per_user: dict[str, np.ndarray]
    summary: dict[str, float]


def evaluate(scorer: Scorer, task: Task, ks: Sequence[int]) -> Evaluation:
    """All metrics that make sense for the scorer's unit.

    Args:
        scorer: trained on `task.known`.
        task: known and held-out ratings.
        ks: list lengths; those larger than the catalogue are left out.
    """
    n_items = task.known.n_items
    if not any(k <= n_items for k in ks):
        raise UsageError(f"No list of {min(ks)} films can be made of {n_items} films.")
    ks = [k for k in ks if k <= n_items]
    n_users, longest = task.known.n_users, max(ks)
    top = np.full((n_users, longest), -1, dtype=np.int32)
    hits = np.zeros((n_users, longest), dtype=bool)
    n_relevant = np.zeros(n_users, dtype=np.int64)
    predicted = np.full(len(task.held_out), np.nan, dtype=np.float32)

    for users in np.array_split(np.arange(n_users), max(1, -(-n_users // BLOCK))):
        histories = task.known.histories(users)
        scores = scorer.score(histories)
        top[users] = rank(scores, histories, longest).items
        for row, user in enumerate(users):
            relevant = task.relevant_of(user)
            n_relevant[user] = len(relevant)
            hits[user] = np.isin(top[user], relevant)
            held_out_rows = task.held_out.rows_of(user)
            predicted[held_out_rows] = scores[row, task.held_out.items[held_out_rows]]

    per_user = {f"{name}@{k}": f(hits[:, :k], n_relevant) for k in ks for name, f in metrics.LIST_METRICS.items()}
    lists = top[:, :DIVERSITY_K]
    per_user["novelty"] = metrics.novelty(lists, task.known.item_counts, n_users)
    per_user["popularity"] = metrics.popularity(lists, task.known.item_counts)
    per_user["diversity"] = metrics.diversity(lists, task.known.catalog.genres)
    summary = {name: _mean(values) for name, values in per_user.items()}
    summary["coverage"] = metrics.coverage(lists, task.known.n_items)
    summary["gini"] = metrics.gini(lists, task.known.n_items)
    summary["users_counted"] = float((n_relevant > 0).sum())

    if scorer.unit is Unit.STARS:
        _add_rating_errors(task, predicted, per_user, summary)
    elif scorer.unit is Unit.LIKE:
        _add_classification(task, predicted, per_user, summary)
    return Evaluation({name: values.astype(np.float32) for name, values in per_user.items()}, summary)


def _add_rating_errors(
    task: Task, predicted: np.ndarray, per_user: dict[str, np.ndarray], summary: dict[str, float]
) -> None:
    """RMSE, MAE and FCP on the held-out ratings; predictions are clipped to the scale and never rounded."""
    held_out = task.held_out
    error = held_out.scale.clip(predicted) - held_out.ratings
    counts = np.bincount(held_out.users, minlength=held_out.n_users)

    def mean_per_user(values: np.ndarray) -> np.ndarray:
        total = np.bincount(held_out.users, weights=values, minlength=held_out.n_users)
        return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)

    per_user["rmse"] = np.sqrt(mean_per_user(error**2))
    per_user["mae"] = mean_per_user(np.abs(error))
    pairs = np.array(
        [
            metrics.concordant_pairs(held_out.ratings[rows], predicted[rows])
            for rows in map(held_out.rows_of, range(held_out.n_users))
        ]
    ).reshape(-1, 2)
    total = pairs.sum(axis=1)
    per_user["fcp"] = np.where(total > 0, pairs[:, 0] / np.maximum(total, 1), np.nan)
    summary["rmse"] = float(np.sqrt(np.mean(error.astype(np.float64) ** 2)))
    summary["mae"] = float(np.mean(np.abs(error)))
    summary["fcp"] = metrics.fcp(pairs[:, 0], pairs[:, 1])


def _add_classification(
    task: Task, predicted: np.ndarray, per_user: dict[str, np.ndarray], summary: dict[str, float]
) -> None:
    """AUC and log loss of "4 stars or more" on the held-out ratings."""
    from sklearn.metrics import log_loss, roc_auc_score  # evaluation only: the app does not pay for it

    held_out = task.held_out
    label = held_out.ratings >= task.relevance
    probability = np.clip(predicted.astype(np.float64), 1e-7, 1 - 1e-7)
    loss = -np.where(label, np.log(probability), np.log(1 - probability))
    per_user["log_loss"] = np.full(held_out.n_users, np.nan)
    per_user["auc"] = np.full(held_out.n_users, np.nan)
    for user in range(held_out.n_users):
        rows = held_out.rows_of(user)
        if len(rows):
            per_user["log_loss"][user] = loss[rows].mean()
        if 0 < label[rows].sum() < len(rows):
            per_user["auc"][user] = roc_auc_score(label[rows], probability[rows])
    both = 0 < label.sum() < len(label)
    summary["auc"] = float(roc_auc_score(label, probability)) if both else float("nan")
    summary["log_loss"] = float(log_loss(label, probability, labels=[False, True]))


def _mean(values: np.ndarray) -> float:
    """Mean over the users for whom the metric is defined."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")
