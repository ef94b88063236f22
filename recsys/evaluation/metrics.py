"""Metrics, one value per user. NaN where a metric is undefined for a user, never 0.

Common arguments: `hits` (B, k) bool, whether the film at each rank is relevant; `n_relevant` (B,) how many relevant
films were held out for the user. Binary gain. docs/protocols.md states the same rules in words.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Metric:
    """Everything that is said about a metric, except its formula and its lesson.

    Args:
        name: in the summary of a manifest; of a list of length k, "@k" follows.
        label: the name that people read.
        says: what it means, in a few words.
        better: "higher", "lower", or "" where neither is.
        digits: after the point.
        unit: "" for a share or an index.
        highest: it lies between 0 and this; None: the width of the rating scale.
        of_lists: there is one for each length of list.
        is_pooled: over all hidden ratings, so that the mean of the users' values is another number.
    """

    name: str
    label: str
    says: str
    better: str = "higher"
    digits: int = 3
    unit: str = ""
    highest: float | None = 1.0
    of_lists: bool = False
    is_pooled: bool = False


_ALL = (
    Metric("ndcg", "nDCG", "how many liked films are found, and how far up", of_lists=True),
    Metric("recall", "Recall", "share of the liked films that is in the list", of_lists=True),
    Metric("precision", "Precision", "share of the list that is liked", of_lists=True),
    Metric("hit_rate", "Hit rate", "share of users with at least one liked film in the list", of_lists=True),
    Metric("map", "MAP", "precision at each liked film, averaged", of_lists=True),
    Metric("mrr", "MRR", "one over the rank of the first liked film", of_lists=True),
    Metric("rmse", "RMSE", "typical error of a predicted rating", "lower", 3, "stars", None, is_pooled=True),
    Metric("mae", "MAE", "mean error of a predicted rating", "lower", 3, "stars", None, is_pooled=True),
    Metric("fcp", "FCP", "share of a user's pairs of films that are ordered rightly", is_pooled=True),
    Metric("auc", "AUC", "chance that a liked film scores above another one", is_pooled=True),
    Metric(
        "log_loss", "Log loss", "surprise at what was liked and what was not", "lower", highest=math.inf, is_pooled=True
    ),
    Metric("calibration_error", "Calibration", "how far promised chances are from what happened", "lower"),
    Metric("coverage", "Coverage", "share of all films that anybody is recommended"),
    Metric("gini", "Gini", "0: all films alike; 1: the same few for everybody", "lower"),
    Metric("novelty", "Novelty", "how little known the recommended films are", "", 2, "bits", math.inf),
    Metric("serendipity", "Serendipity", "share of the list that is liked and not what everybody gets"),
    Metric("diversity", "Diversity", "how different the genres within a list are", ""),
    Metric(
        "popularity", "Popularity", "people who have rated a recommended film, on average", "", 0, "people", math.inf
    ),
)
METRICS = {metric.name: metric for metric in _ALL}


def described(name: str) -> Metric | None:
    """What is said about a metric of a summary, such as "rmse" or "ndcg@10"; None for any other name."""
    base, at, k = name.partition("@")
    metric = METRICS.get(base)
    if metric is None or metric.of_lists != bool(at):
        return None
    return replace(metric, name=name, label=f"{metric.label}@{k}") if at else metric


def label_of(name: str) -> str:
    """The name that people read; the name itself where there is no such metric."""
    metric = described(name)
    return metric.label if metric else name


LOWER_IS_BETTER = frozenset(metric.name for metric in _ALL if metric.better == "lower")


def is_better(value: float, than: float, metric: str) -> bool:
    """Whether a value of a metric is an improvement; nothing improves on NaN, and NaN on nothing."""
    return value < than if metric in LOWER_IS_BETTER else value > than


def _where_relevant(values: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    return np.where(n_relevant > 0, values, np.nan)


def ndcg(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """DCG / IDCG with a log2 discount; IDCG over min(k, n_relevant) (Järvelin & Kekäläinen 2002)."""
    k = hits.shape[1]
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate([[1.0], np.cumsum(discounts)])  # ideal[n]: n relevant films on top; [0] is never used
    return _where_relevant(hits @ discounts / ideal[np.minimum(n_relevant, k)], n_relevant)


def recall(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Share of the relevant films that are in the list."""
    return _where_relevant(hits.sum(axis=1) / np.maximum(n_relevant, 1), n_relevant)


def precision(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Share of the list that is relevant."""
    return _where_relevant(hits.mean(axis=1), n_relevant)


def hit_rate(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """1 if at least one film in the list is relevant."""
    return _where_relevant(hits.any(axis=1).astype(float), n_relevant)


def average_precision(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Mean over min(k, n_relevant) of the precision at each hit; its mean over users is MAP."""
    k = hits.shape[1]
    precision_at = np.cumsum(hits, axis=1) / np.arange(1, k + 1)
    total = (precision_at * hits).sum(axis=1)
    return _where_relevant(total / np.maximum(np.minimum(n_relevant, k), 1), n_relevant)


def reciprocal_rank(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """1 / rank of the first hit, 0 without one; its mean over users is MRR."""
    first = np.argmax(hits, axis=1) + 1
    return _where_relevant(np.where(hits.any(axis=1), 1.0 / first, 0.0), n_relevant)


LIST_METRICS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "ndcg": ndcg,
    "recall": recall,
    "precision": precision,
    "hit_rate": hit_rate,
    "map": average_precision,
    "mrr": reciprocal_rank,
}


def concordant_pairs(
    users: np.ndarray, ratings: np.ndarray, predictions: np.ndarray, n_users: int
) -> tuple[np.ndarray, np.ndarray]:
    """(U,) pairs of each user's films that the predictions order rightly, and wrongly; equal ratings do not count.

    Args:
        users, ratings, predictions: (N,) one row per rating.
    """
    right, wrong = np.zeros(n_users, dtype=np.int64), np.zeros(n_users, dtype=np.int64)
    order = np.argsort(users, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(users, minlength=n_users))])
    for user in np.flatnonzero(np.diff(starts) > 1):  # a block of pairs each: users have different numbers of films
        rows = order[starts[user] : starts[user + 1]]
        higher = ratings[rows][:, None] > ratings[rows][None, :]
        margin = predictions[rows][:, None] - predictions[rows][None, :]
        right[user], wrong[user] = (higher & (margin > 0)).sum(), (higher & (margin < 0)).sum()
    return right, wrong


def fcp(concordant: np.ndarray, discordant: np.ndarray) -> float:
    """Fraction of concordant pairs over all users' pairs (Koren & Sill 2013); tied predictions do not count."""
    total = concordant.sum() + discordant.sum()
    return float(concordant.sum() / total) if total else float("nan")


def auc(label: np.ndarray, score: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    """(n_groups,) chance that a positive scores above a negative of the same group, ties half (Mann & Whitney 1947).

    NaN for a group with one kind only. From the ranks: (sum of the positives' ranks - n(n + 1)/2) / (n * m).

    Args:
        label: (N,) bool; score: (N,); group: (N,) int, a user say.
    """
    import pandas as pd  # only here, so that the app starts without it

    rank = pd.Series(score).groupby(group).rank().to_numpy()  # 1, 2, ... within a group; ties share their mean
    n_positive = np.bincount(group, weights=label, minlength=n_groups)
    n_negative = np.bincount(group, minlength=n_groups) - n_positive
    rank_sum = np.bincount(group, weights=rank * label, minlength=n_groups)
    pairs = n_positive * n_negative
    return np.where(pairs > 0, (rank_sum - n_positive * (n_positive + 1) / 2) / np.maximum(pairs, 1), np.nan)


def auc_standard_error(value: float, n_positive: int, n_negative: int) -> float:
    """Of an AUC over n_positive x n_negative pairs (Hanley & McNeil 1982); NaN without a pair."""
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    both_positive, both_negative = value / (2 - value), 2 * value**2 / (1 + value)
    variance = (
        value * (1 - value)
        + (n_positive - 1) * (both_positive - value**2)
        + (n_negative - 1) * (both_negative - value**2)
    ) / (n_positive * n_negative)
    return float(np.sqrt(max(variance, 0.0)))


def log_loss(label: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """(N,) -log of the probability that was given to what happened, probabilities kept 1e-7 away from 0 and 1."""
    clipped = np.clip(probability.astype(np.float64), 1e-7, 1 - 1e-7)
    return -np.log(np.where(label, clipped, 1 - clipped))


def calibration_curve(label: np.ndarray, probability: np.ndarray, n_bins: int = 10) -> np.ndarray:
    """(n, 3) mean probability, share of positives and number of rows in bins of equal width; empty bins left out."""
    place = np.minimum((probability * n_bins).astype(int), n_bins - 1)
    counts = np.bincount(place, minlength=n_bins)
    sums = [np.bincount(place, weights=values, minlength=n_bins) for values in (probability, label)]
    filled = counts > 0
    return np.column_stack([*(total[filled] / counts[filled] for total in sums), counts[filled]])


def calibration_error(curve: np.ndarray) -> float:
    """Mean distance of a calibration curve from the diagonal, bins weighted by their rows (Naeini et al. 2015)."""
    return float(np.average(np.abs(curve[:, 0] - curve[:, 1]), weights=curve[:, 2])) if len(curve) else float("nan")


def coverage(items: np.ndarray, n_items: int) -> float:
    """Share of the catalogue that appears in at least one list; `items` (B, k), -1 = empty place."""
    return len(np.unique(items[items >= 0])) / n_items


def gini(items: np.ndarray, n_items: int) -> float:
    """Gini index of how often each film is recommended: 0 = all alike, towards 1 = the same few for everybody."""
    counts = np.sort(np.bincount(items[items >= 0], minlength=n_items))
    if counts.sum() == 0:
        return float("nan")
    place = np.arange(1, n_items + 1)
    return float(((2 * place - n_items - 1) * counts).sum() / (n_items * counts.sum()))


def novelty(items: np.ndarray, item_counts: np.ndarray, n_users: int) -> np.ndarray:
    """(B,) mean self-information -log2(share of users who know the film), in bits (Vargas & Castells 2011).

    A film that nobody knows counts as known by one.
    """
    bits = -np.log2(np.maximum(item_counts, 1) / n_users)
    return _mean_over_list(bits, items)


def popularity(items: np.ndarray, item_counts: np.ndarray) -> np.ndarray:
    """(B,) mean number of people in training who rated the recommended films."""
    return _mean_over_list(item_counts.astype(float), items)


def diversity(items: np.ndarray, genres: np.ndarray) -> np.ndarray:
    """(B,) mean over pairs in the list of 1 - Jaccard similarity of their genres (Ziegler et al. 2005).

    Two films without genres are alike. NaN for a list of fewer than two films, and where no film has genres.
    """
    if genres.shape[1] == 0:
        return np.full(len(items), np.nan)
    present = items >= 0
    sets = genres[np.maximum(items, 0)] * present[:, :, None].astype(np.float32)  # (B, k, G)
    shared = sets @ sets.transpose(0, 2, 1)  # (B, k, k)
    size = sets.sum(axis=2)
    union = size[:, :, None] + size[:, None, :] - shared
    similarity = np.where(union > 0, shared / np.maximum(union, 1), 1.0)
    is_pair = present[:, :, None] & present[:, None, :] & ~np.eye(items.shape[1], dtype=bool)
    n_pairs = is_pair.sum(axis=(1, 2))
    return np.where(n_pairs > 0, 1.0 - (similarity * is_pair).sum(axis=(1, 2)) / np.maximum(n_pairs, 1), np.nan)


def _mean_over_list(values: np.ndarray, items: np.ndarray) -> np.ndarray:
    """(B,) mean of a per-film value over each list, empty places left out; NaN for an empty list."""
    present = items >= 0
    total = np.where(present, values[np.maximum(items, 0)], 0.0).sum(axis=1)
    count = present.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
