"""What a leaderboard says beyond its numbers: margins, protocols side by side, groups of users, cost, popularity."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from recsys.evaluation.evaluate import COUNT, mean_per_user
from recsys.evaluation.metrics import LOWER_IS_BETTER, described
from recsys.evaluation.protocols import PROTOCOLS, Task
from recsys.evaluation.statistics import (
    LIKELY,
    Comparison,
    bootstrap_interval,
    clearly_better,
    compare_pairs,
    holm,
    mean,
)


def order(values: Mapping[str, float], metric: str) -> list[str]:
    """Names with a finite value, best first; equal ones keep their order."""
    measured = [name for name, value in values.items() if np.isfinite(value)]
    sign = 1 if metric in LOWER_IS_BETTER else -1
    return sorted(measured, key=lambda name: sign * values[name])


@dataclass(frozen=True)
class Margin:
    """By how much the first of two models is better, user by user.

    Args:
        difference: mean over users, never negative.
        low, high: its 95 % interval by resampling users; NaN where the metric has no value per user.
        n_users: for whom both are defined; 0 where the metric has no value per user.
    """

    first: str
    second: str
    difference: float
    low: float = float("nan")
    high: float = float("nan")
    n_users: int = 0


def margin(values: Mapping[str, float], per_user: Mapping[str, np.ndarray], metric: str) -> Margin | None:
    """The highest model against the second, whether a test tells them apart or not; None with fewer than two.

    Args:
        values: model -> its value of the metric.
        per_user: model -> (U,) one value per user, whose mean is `values`; without one there is no interval.
    """
    ranked = order(values, metric)
    if len(ranked) < 2:
        return None
    first, second = ranked[:2]
    difference = abs(values[first] - values[second])
    if first not in per_user or second not in per_user:
        return Margin(first, second, difference)
    sign = -1 if metric in LOWER_IS_BETTER else 1
    differences = sign * (per_user[first].astype(np.float64) - per_user[second])
    both = mean_and_interval(differences, ~np.isnan(differences))
    return Margin(first, second, *both) if both[-1] > 1 else Margin(first, second, difference)


# An honest protocol beside a naive one


@dataclass(frozen=True)
class Pair:
    """Two protocols that ask a similar question, one of them badly.

    Args:
        honest, naive: names of protocols.
        title: the mistake, in a few words.
        flaw: two sentences on it.
    """

    honest: str
    naive: str
    title: str
    flaw: str = ""

    @property
    def explained(self) -> str:
        return self.flaw or PROTOCOLS[self.naive].flaw


PAIRS = (
    Pair("holdout", "naive-ctr", "Ranks only films that were watched"),
    Pair("rate", "naive-ae", "Tests on what was trained on"),
    Pair("next", "naive-gru", "Takes row numbers for time"),
    Pair("top", "naive-bpr", "Ranks against 100 popular films"),
    Pair(
        "next",
        "sampled",
        "Ranks against 99 random films",
        "Finding one film among a hundred is far easier than finding it among all, so every number is higher and none "
        "can be compared with those of a full ranking. Most of the 99 are films that hardly anybody knows: to know "
        "what is popular is nearly enough, and a worse model can come first (Krichene & Rendle 2020).",
    ),
    Pair("rate", "naive-mf", "Has no validation part"),
)


@dataclass(frozen=True)
class Lens:
    """The models that were measured under both protocols of a pair.

    Args:
        metrics: of the honest and of the naive side; the same one wherever both have it.
        values: model -> its value on the honest and on the naive side.
        ranks: model -> its place from 1 on the honest and on the naive side, by the values alone.
        clear_swaps: pairs of models of which the first is better on the honest side and worse on the naive one, both by
            more than chance explains.
    """

    pair: Pair
    metrics: tuple[str, str]
    values: dict[str, tuple[float, float]]
    ranks: dict[str, tuple[int, int]]
    clear_swaps: tuple[tuple[str, str], ...] = ()

    @property
    def swapped(self) -> list[tuple[str, str]]:
        """Pairs of models whose order differs: their lines cross."""
        return [
            (a, b)
            for a, b in combinations(self.ranks, 2)
            if (self.ranks[a][0] - self.ranks[b][0]) * (self.ranks[a][1] - self.ranks[b][1]) < 0
        ]

    @property
    def moved(self) -> list[str]:
        """Models with another place, the farthest first."""
        moved = [name for name, (left, right) in self.ranks.items() if left != right]
        return sorted(moved, key=lambda name: -abs(self.ranks[name][0] - self.ranks[name][1]))


def lens(pair: Pair, honest: Mapping[str, Mapping[str, float]], naive: Mapping[str, Mapping[str, float]]) -> Lens:
    """Put the two sides together.

    Args:
        honest, naive: model -> metric -> value.
    """
    both = [name for name in honest if name in naive]
    shared = PROTOCOLS[pair.naive].headline
    is_shared = any(np.isfinite(honest[name].get(shared, np.nan)) for name in both)
    metrics = shared if is_shared else PROTOCOLS[pair.honest].headline, shared
    values = {}
    for name in both:
        sides = float(honest[name].get(metrics[0], np.nan)), float(naive[name].get(metrics[1], np.nan))
        if np.isfinite(sides).all():
            values[name] = sides
    left, right = (order({name: values[name][side] for name in values}, metrics[side]) for side in (0, 1))
    return Lens(pair, metrics, values, {name: (left.index(name) + 1, right.index(name) + 1) for name in values})


def clear_swaps(honest: Mapping[str, np.ndarray], naive: Mapping[str, np.ndarray]) -> tuple[tuple[str, str], ...]:
    """The pairs of models whose order differs beyond chance, the one that is honestly better first.

    Args:
        honest, naive: model -> (U,) `merits` on that side. All pairs of both sides are corrected together.
    """
    pairs = list(combinations([name for name in honest if name in naive], 2))
    better, better_naively = clearly_better([(honest, pairs), (naive, pairs)])
    return tuple(sorted((a, b) for a, b in better if (b, a) in better_naively))


# Groups of users, cost, popularity


_POOLED_ERRORS = {"rmse": 2, "mae": 1, "log_loss": 1}
"""Metrics over all ratings that are errors, and the power in which the errors of several users add up."""


def merits(per_user: Mapping[str, np.ndarray], metric: str) -> np.ndarray | None:
    """(U,) what each user adds to a model's value of a metric, so that a higher mean is a better value.

    None where users do not add up to it, as to AUC or coverage, or where nothing of single users is on record: no test
    can say then which model is better.

    Args:
        per_user: metric -> (U,) values of a model, NaN where undefined.
    """
    values, described_as = per_user.get(metric), described(metric)
    if values is None or described_as is None or not described_as.better:
        return None
    values = values.astype(np.float64)
    if metric in _POOLED_ERRORS:  # over all ratings: a user counts with the sum of their errors
        return -(values ** _POOLED_ERRORS[metric]) * per_user[COUNT] if COUNT in per_user else None
    if described_as.is_pooled:
        return None
    return -values if described_as.better == "lower" else values


@dataclass(frozen=True)
class StarsAndLists:
    """What paired tests say about models that predict stars: whether smaller errors go with better lists.

    Args:
        against: pairs of models; the first has smaller errors and worse lists. Widest gap between lists first.
        along: pairs; the first is better at both.
        beaten, level, ahead: the models whose lists are worse than those of a model without stars, cannot be told
            from them, are better; empty without such a model.
    """

    against: list[tuple[str, str]]
    along: list[tuple[str, str]]
    beaten: list[str]
    level: list[str]
    ahead: list[str]


def stars_and_lists(errors: Mapping[str, np.ndarray], lists: Mapping[str, np.ndarray], baseline: str) -> StarsAndLists:
    """Every pair of the models with errors, and each of them against `baseline`; all of it corrected together.

    A pair is one question, whether it differs in both: its p-value is the larger of the two.

    Args:
        errors: model -> (U,) sum of a user's squared errors, whose mean orders models as RMSE over all ratings does.
        lists: model -> (U,) quality of a user's list.
        baseline: a model that predicts no stars.
    """
    pairs = list(combinations(errors, 2))
    by_pair = {(it.first, it.second): it for it in compare_pairs(lists, pairs)}
    both = [
        (of_stars, of_lists)
        for of_stars in compare_pairs(errors, pairs)
        if (of_lists := by_pair.get((of_stars.first, of_stars.second))) is not None
    ]
    rivals = compare_pairs(lists, [(baseline, name) for name in errors]) if baseline in lists else []
    adjusted = holm([*(max(a.p_value, b.p_value) for a, b in both), *(it.p_value for it in rivals)])
    clear = [pair for pair, p in zip(both, adjusted, strict=False) if p < LIKELY]
    clear.sort(key=lambda pair: -abs(pair[1].difference))
    is_clear = [p < LIKELY for p in adjusted[len(both) :]]
    against_baseline = list(zip(rivals, is_clear, strict=True))
    return StarsAndLists(
        against=[_closer_first(a) for a, b in clear if a.difference * b.difference > 0],
        along=[_closer_first(a) for a, b in clear if a.difference * b.difference < 0],
        beaten=[it.second for it, clearly in against_baseline if clearly and it.difference > 0],
        level=[it.second for it, clearly in against_baseline if not clearly],
        ahead=[it.second for it, clearly in against_baseline if clearly and it.difference < 0],
    )


def _closer_first(of_stars: Comparison) -> tuple[str, str]:
    pair = of_stars.first, of_stars.second
    return pair if of_stars.difference < 0 else pair[::-1]


def mean_and_interval(values: np.ndarray, users: np.ndarray) -> tuple[float, float, float, int]:
    """Mean of some users' values, its 95 % interval, and for how many of them there is a value."""
    chosen = values[users]
    low, high = bootstrap_interval(chosen)
    return mean(chosen), low, high, int((~np.isnan(chosen)).sum())


def mainstream(task: Task) -> np.ndarray:
    """(U,) how popular the films are that a user knows: the mean share of films that are rated less often, 0 to 1.

    NaN for a user of whom nothing is known.
    """
    known = task.known
    counts = known.item_counts
    share = np.searchsorted(np.sort(counts), counts, side="left") / max(len(counts), 1)
    return mean_per_user(known, share[known.items])


def thirds(values: np.ndarray) -> np.ndarray:
    """(n,) 0, 1 or 2 by size; -1 where undefined. Equal values stay together."""
    defined = ~np.isnan(values)
    if not defined.any():
        return np.full(len(values), -1)
    bounds = np.quantile(values[defined], [1 / 3, 2 / 3])
    return np.where(defined, np.searchsorted(bounds, values, side="left"), -1)


def front(points: Mapping[str, tuple[float, float]], clear: Collection[tuple[str, str]]) -> list[str]:
    """The Pareto front of (cost, quality), cheapest first: each model is clearly better than the one before it.

    Args:
        clear: (better, worse) pairs whose difference in quality is more than chance explains.
    """
    finite = {name: point for name, point in points.items() if np.isfinite(point).all()}
    found: list[str] = []
    for name in sorted(finite, key=lambda each: (finite[each][0], -finite[each][1])):
        if not found or (name, found[-1]) in clear:
            found.append(name)
    return found


def place_on_curve(popularity: np.ndarray, item_counts: np.ndarray) -> np.ndarray:
    """Where films of these numbers of ratings stand among all films, most rated first: 1 = the most rated film."""
    ascending = np.sort(item_counts)
    places = len(ascending) - np.searchsorted(ascending, popularity, side="left")
    return np.where(np.isnan(popularity), np.nan, np.maximum(np.minimum(places, len(ascending)), 1))


def spread_of_places(places: np.ndarray, shares: Sequence[float] = (0.1, 0.5, 0.9)) -> list[float]:
    """Quantiles over users of their lists' places; NaN without any."""
    defined = places[~np.isnan(places)]
    return [float(q) for q in np.quantile(defined, shares)] if len(defined) else [float("nan")] * len(shares)
