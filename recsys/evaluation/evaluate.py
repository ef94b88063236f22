"""Measuring a scorer under a protocol, through the same `rank` that makes the app's lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation import metrics
from recsys.evaluation.protocols import Ask, Task
from recsys.evaluation.statistics import bootstrap_interval, mean, pooled_interval, standard_error
from recsys.serving.lists import ModelList
from recsys.serving.ranking import allow_only, mask, top_k
from recsys.serving.scorers import Scorer, Unit, score_pairs

COUNT = "n_held_out"
"""How many ratings were held out of each user."""

BLOCK = 256
"""Users scored at a time: 256 x 26,744 films in float32 are 27 MB."""

DIVERSITY_K = 10
"""Novelty, diversity, serendipity, popularity, coverage and Gini describe lists of this length."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The values of one model under one protocol.

    Args:
        per_user: metric -> (U,) float32, NaN where undefined for the user; COUNT is how many ratings were
            held out of each.
        summary: metric -> its mean over the users for whom it is defined, or its value over all held-out ratings
            (rmse, mae, fcp, auc, log_loss, calibration_error) or all lists (coverage, gini).
        auc_error: standard error of the summary's AUC; NaN without one.
        calibration: (bins, 3) mean predicted probability, share of relevant films, number of ratings; None for a
            model without probabilities.
    """

    per_user: dict[str, np.ndarray]
    summary: dict[str, float]
    calibration: np.ndarray | None = None
    auc_error: float = float("nan")

    def intervals(self) -> dict[str, list[float]]:
        """95 % intervals over users.

        RMSE, MAE and log loss are taken over all ratings, so a user counts by their number of ratings. AUC and FCP
        compare pairs of ratings, and metrics of all lists have no value per user: they get no interval.
        """
        found = {}
        weights = self.per_user[COUNT]
        for name, values in self.per_user.items():
            if name == "rmse":
                found[name] = pooled_interval(values.astype(np.float64) ** 2, weights, np.sqrt)
            elif name in ("mae", "log_loss"):
                found[name] = pooled_interval(values, weights)
            elif name not in ("auc", "fcp", COUNT):
                found[name] = bootstrap_interval(values)
        return {name: list(interval) for name, interval in found.items() if interval[0] == interval[0]}

    def standard_errors(self) -> dict[str, float]:
        """Standard error of the metrics that are means over users, and of AUC over all ratings."""
        skipped = ("rmse", "mae", "log_loss", "auc", "fcp", COUNT)
        found = {name: standard_error(values) for name, values in self.per_user.items() if name not in skipped}
        found["auc"] = self.auc_error
        return {name: error for name, error in found.items() if error == error}


def evaluate(scorer: Scorer, task: Task, ks: Sequence[int]) -> Evaluation:
    """Measure what the task asks, as far as the unit of the scorer has an answer.

    Args:
        scorer: trained on `task.known`.
        task: known and held-out ratings.
        ks: list lengths; those larger than the catalogue are left out.
    """
    n_items = task.known.n_items
    if not any(k <= n_items for k in ks):
        raise UsageError(f"No list of {min(ks)} films can be made of {n_items} films.")
    ks = [k for k in ks if k <= n_items]
    asks_lists = Ask.LISTS in task.asks
    lists, predicted = _answers(scorer, task, min(max(*ks, DIVERSITY_K), n_items) if asks_lists else 0)

    found = Evaluation({COUNT: task.held_out.user_counts}, {})
    asks_probabilities = Ask.PROBABILITIES in task.asks and scorer.unit is Unit.LIKE
    if asks_lists:
        _add_lists(found, task, lists, ks)
    if Ask.STARS in task.asks and scorer.unit is Unit.STARS:
        _add_rating_errors(found, task, predicted)
    if Ask.ORDER in task.asks or asks_probabilities:
        found = replace(found, auc_error=_add_order(found, task, predicted))
    if asks_probabilities:
        found = replace(found, calibration=_add_probabilities(found, task, predicted))
    return replace(found, per_user={name: values.astype(np.float32) for name, values in found.per_user.items()})


def list_metrics(ranked: ModelList, n_relevant: int, k: int) -> dict[str, float]:
    """This user's own metrics at k; NaN where nothing was held out and liked."""
    hits = np.zeros((1, k), dtype=bool)
    shown = ranked.is_hit[:k]
    hits[0, : len(shown)] = shown
    return {name: float(f(hits, np.array([n_relevant]))[0]) for name, f in metrics.LIST_METRICS.items()}


def pooled(folds: Sequence[Evaluation]) -> Evaluation:
    """Several folds as one: the summary is the mean over folds, a user's value is taken over all of their ratings."""
    if len(folds) == 1:
        return folds[0]
    counts = np.stack([fold.per_user[COUNT] for fold in folds])  # (folds, U)
    per_user = {COUNT: counts.sum(axis=0)}
    for name in set(folds[0].per_user) - {COUNT}:
        values = np.stack([fold.per_user[name] for fold in folds]).astype(np.float64)
        weights = np.where(np.isnan(values), 0.0, counts)
        total = weights.sum(axis=0)
        power = 2 if name == "rmse" else 1  # squared errors add up, their roots do not
        averaged = (weights * np.nan_to_num(values) ** power).sum(axis=0) / np.maximum(total, 1e-12)
        per_user[name] = np.where(total > 0, averaged ** (1 / power), np.nan).astype(np.float32)
    names = folds[0].summary
    return Evaluation(per_user, {name: float(np.mean([fold.summary[name] for fold in folds])) for name in names})


@dataclass(frozen=True, eq=False)
class _Lists:
    """items (U, k) best first, -1 = empty; is_hit (U, k); n_relevant (U,); is_expected (U, k): popularity lists it."""

    items: np.ndarray
    is_hit: np.ndarray
    n_relevant: np.ndarray
    is_expected: np.ndarray


def _answers(scorer: Scorer, task: Task, k: int) -> tuple[_Lists, np.ndarray]:
    """Score block by block: the lists of length k, and the scores of the held-out pairs."""
    known, held_out, n_users = task.known, task.held_out, task.known.n_users
    lists = _Lists(
        items=np.full((n_users, k), -1, dtype=np.int32),
        is_hit=np.zeros((n_users, k), dtype=bool),
        n_relevant=np.zeros(n_users, dtype=np.int64),
        is_expected=np.zeros((n_users, k), dtype=bool),
    )
    predicted = np.full(len(held_out), np.nan, dtype=np.float32)
    popularity = known.item_counts.astype(np.float32)
    for first in range(0, n_users, BLOCK):
        last = min(first + BLOCK, n_users)
        histories = known.histories(range(first, last))
        rows = held_out.rows_between(first, last)
        users, items = held_out.users[rows] - first, held_out.items[rows]
        if k == 0:  # no list is asked for: the held-out pairs are all that matters
            predicted[rows] = score_pairs(scorer, histories, users, items)
            continue
        scores = scorer.score(histories)  # (B, I)
        predicted[rows] = scores[users, items]
        relevant = np.zeros(scores.shape, dtype=bool)
        is_relevant = held_out.ratings[rows] >= task.relevance
        relevant[users[is_relevant], items[is_relevant]] = True
        top = top_k(_allowed(scores, task, first, last), k).items
        usual = top_k(_allowed(np.broadcast_to(popularity, scores.shape), task, first, last), min(DIVERSITY_K, k)).items
        lists.items[first:last] = top
        lists.is_hit[first:last] = np.take_along_axis(relevant, np.maximum(top, 0), axis=1) & (top >= 0)
        lists.n_relevant[first:last] = relevant.sum(axis=1)
        lists.is_expected[first:last] = (top[:, :, None] == usual[:, None, :]).any(axis=2)
    return lists, predicted


def _allowed(scores: np.ndarray, task: Task, first: int, last: int) -> np.ndarray:
    """The scores of what may be listed for the users first..last - 1; -inf elsewhere."""
    if task.candidates is not None:
        starts = task.candidates.starts[first : last + 1]
        users = np.repeat(np.arange(last - first), np.diff(starts))
        return allow_only(scores, users, task.candidates.items[starts[0] : starts[-1]])
    parts: list[Dataset] = [task.known] if task.masked is None else [task.known, task.masked]
    rows = [part.rows_between(first, last) for part in parts]
    users = np.concatenate([part.users[of_part] for part, of_part in zip(parts, rows, strict=True)]) - first
    return mask(scores, users, np.concatenate([part.items[r] for part, r in zip(parts, rows, strict=True)]))


def _add_lists(found: Evaluation, task: Task, lists: _Lists, ks: Sequence[int]) -> None:
    per_user, summary = found.per_user, found.summary
    for k in ks:
        for name, metric in metrics.LIST_METRICS.items():
            per_user[f"{name}@{k}"] = metric(lists.is_hit[:, :k], lists.n_relevant)
    known, top = task.known, lists.items[:, :DIVERSITY_K]
    is_surprise = (lists.is_hit & ~lists.is_expected)[:, :DIVERSITY_K]
    per_user["serendipity"] = metrics.precision(is_surprise, lists.n_relevant)
    per_user["novelty"] = metrics.novelty(top, known.item_counts, known.n_users)
    per_user["popularity"] = metrics.popularity(top, known.item_counts)
    per_user["diversity"] = metrics.diversity(top, known.catalog.genres)
    summary.update({name: mean(values) for name, values in per_user.items() if name != COUNT})
    summary["coverage"] = metrics.coverage(top, known.n_items)
    summary["gini"] = metrics.gini(top, known.n_items)
    summary["users_counted"] = float((lists.n_relevant > 0).sum())


def _add_rating_errors(found: Evaluation, task: Task, predicted: np.ndarray) -> None:
    """RMSE, MAE and FCP on the held-out ratings; predictions are clipped to the scale, rounded only by an exhibit."""
    per_user, summary, held_out = found.per_user, found.summary, task.held_out
    stars = held_out.scale.clip(predicted)
    if task.is_rounded:
        stars = np.round(stars / held_out.scale.step) * held_out.scale.step
    error = stars.astype(np.float64) - held_out.ratings
    per_user["rmse"] = np.sqrt(mean_per_user(held_out, error**2))
    per_user["mae"] = mean_per_user(held_out, np.abs(error))
    # Unclipped: clipping would turn the order of the highest into ties.
    order = stars if task.is_rounded else predicted
    right, wrong = metrics.concordant_pairs(held_out.users, held_out.ratings, order, held_out.n_users)
    per_user["fcp"] = np.where(right + wrong > 0, right / np.maximum(right + wrong, 1), np.nan)
    summary["rmse"] = float(np.sqrt(np.mean(error**2)))
    summary["mae"] = float(np.mean(np.abs(error)))
    summary["fcp"] = metrics.fcp(right, wrong)


def _add_order(found: Evaluation, task: Task, predicted: np.ndarray) -> float:
    """AUC of "relevant" over all held-out ratings (returns its standard error), and over each user's own."""
    held_out = task.held_out
    label = held_out.ratings >= task.relevance
    found.per_user["auc"] = metrics.auc(label, predicted, held_out.users, held_out.n_users)
    found.summary["auc"] = float(metrics.auc(label, predicted, np.zeros(len(label), dtype=int), 1)[0])
    return metrics.auc_standard_error(found.summary["auc"], int(label.sum()), int((~label).sum()))


def _add_probabilities(found: Evaluation, task: Task, predicted: np.ndarray) -> np.ndarray:
    """Log loss and calibration of "relevant" on the held-out ratings. Returns the calibration curve."""
    label = task.held_out.ratings >= task.relevance
    loss = metrics.log_loss(label, predicted)
    found.per_user["log_loss"] = mean_per_user(task.held_out, loss)
    found.summary["log_loss"] = float(loss.mean())
    curve = metrics.calibration_curve(label, predicted)
    found.summary["calibration_error"] = metrics.calibration_error(curve)
    return curve


def mean_per_user(rows: Dataset, values: np.ndarray) -> np.ndarray:
    """(U,) mean of a value per row over each user's rows; NaN without rows."""
    total = np.bincount(rows.users, weights=values, minlength=rows.n_users)
    return np.where(rows.user_counts > 0, total / np.maximum(rows.user_counts, 1), np.nan)
