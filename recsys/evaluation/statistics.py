"""How sure a number is, and whether one model really beats another: over users, over seeds, over many pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

N_RESAMPLES = 2000
N_FLIPS = 10_000
"""Enough for the smallest p-value, 1 / 10,001, to stay significant after correction for all pairs of 15 models."""
LIKELY = 0.05
"""A corrected p-value below this counts as a difference."""
BLOCK = 100
"""Resamples and flips at a time: 100 x 138,493 users in double precision are 111 MB."""
KEPT_BYTES = 2**25
"""Larger draws are not kept for the next metric: those of 138,493 users would take 277 MB."""


def bootstrap_interval(
    values: np.ndarray, confidence: float = 0.95, n_resamples: int = N_RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean over users (Efron 1979); NaN values are left out.

    Returns:
        low, high; (NaN, NaN) with fewer than two values.
    """
    defined = values[~np.isnan(values)].astype(np.float64)
    return _interval(_resampled_means(defined[:, None], n_resamples, seed)[:, 0], confidence)


def pooled_interval(
    values: np.ndarray, weights: np.ndarray, transform: Callable[[np.ndarray], np.ndarray] = np.asarray
) -> tuple[float, float]:
    """Bootstrap interval over users of transform(sum(weights * values) / sum(weights)).

    What a metric over all ratings needs, as a user with many ratings counts more: RMSE is the square root of the mean
    of squared errors, values = a user's mean squared error, weights = their number of ratings.
    """
    defined = ~np.isnan(values) & (weights > 0)
    parts = np.column_stack([values[defined] * weights[defined], weights[defined]]).astype(np.float64)
    means = _resampled_means(parts, N_RESAMPLES, seed=0)
    return _interval(transform(means[:, 0] / means[:, 1]))


def mean(values: np.ndarray) -> float:
    """Over the users for whom there is a value; NaN without any."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")


def standard_error(values: np.ndarray) -> float:
    """Standard error of the mean over users; NaN values are left out."""
    defined = values[~np.isnan(values)].astype(np.float64)
    return float(defined.std(ddof=1) / np.sqrt(len(defined))) if len(defined) > 1 else float("nan")


def spread(values: Sequence[float]) -> float:
    """Standard deviation over seeds; NaN for one."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


@dataclass(frozen=True)
class Comparison:
    """One model against another, user by user.

    Args:
        difference: mean over users of first - second.
        low, high: its 95 % interval, by resampling users.
        wins, ties, losses: users for whom the first is higher, equal, lower.
        p_value: two-sided, of no difference: random signs of the users' differences (Fisher 1935).
    """

    first: str
    second: str
    difference: float
    low: float
    high: float
    wins: int
    ties: int
    losses: int
    p_value: float

    @property
    def n_users(self) -> int:
        return self.wins + self.ties + self.losses


def compare(
    first: str, second: str, values_first: np.ndarray, values_second: np.ndarray, seed: int = 0
) -> Comparison | None:
    """Paired over the users for whom both are defined; None with fewer than two."""
    found = compare_pairs({first: values_first, second: values_second}, [(first, second)], seed)
    return found[0] if found else None


def compare_pairs(
    values: Mapping[str, np.ndarray], pairs: Iterable[tuple[str, str]], seed: int = 0
) -> list[Comparison]:
    """These pairs of models, without correction for their number; those with fewer than two users are left out."""
    found = []
    for first, second, of_pair, p_value in _tested(values, pairs, seed):
        of_pair = of_pair[~np.isnan(of_pair)]
        low, high = bootstrap_interval(of_pair, seed=seed)
        wins, ties, losses = (int((np.sign(of_pair) == sign).sum()) for sign in (1, 0, -1))
        found.append(Comparison(first, second, mean(of_pair), low, high, wins, ties, losses, p_value))
    return found


def compare_all(values: Mapping[str, np.ndarray], seed: int = 0) -> list[tuple[Comparison, float]]:
    """Every pair of models, with its p-value as Holm corrects it for the number of pairs."""
    found = compare_pairs(values, combinations(values, 2), seed)
    return list(zip(found, holm([pair.p_value for pair in found]), strict=True))


def clearly_better(
    asked: Sequence[tuple[Mapping[str, np.ndarray], Iterable[tuple[str, str]]]],
) -> list[set[tuple[str, str]]]:
    """Of each of the things asked, the pairs that differ by more than chance explains, as (better, worse).

    All that is asked is corrected together (Holm 1979), so ask at once for all that is shown at once.

    Args:
        asked: model -> (U,) values, higher is better, NaN where undefined; and which pairs of the models are tested.
    """
    tests = [(place, *test) for place, (values, pairs) in enumerate(asked) for test in _tested(values, pairs)]
    found: list[set[tuple[str, str]]] = [set() for _ in asked]
    for (place, first, second, of_pair, _), p in zip(tests, holm([p for *_, p in tests]), strict=True):
        if p < LIKELY:
            found[place].add((first, second) if np.nanmean(of_pair) > 0 else (second, first))
    return found


def clearly_better_of_all(values: Mapping[str, np.ndarray]) -> set[tuple[str, str]]:
    """The pairs of `compare_all` that differ by more than chance explains, as (better, worse); quicker, as no interval
    is drawn."""
    return clearly_better([(values, combinations(values, 2))])[0]


def at_the_top(means: Mapping[str, float], clear: Collection[tuple[str, str]]) -> list[str]:
    """The model with the highest mean and those that are level with it, highest first: one name alone is a leader.

    Args:
        means: higher is better; models without a finite one are left out.
        clear: (better, worse) as tested. A model that was not tested is level: without a test nobody leads.
    """
    ranked = _highest_first(means)
    return [name for name in ranked if (ranked[0], name) not in clear]


def level(groups: Sequence[Mapping[str, np.ndarray]]) -> list[list[str]]:
    """Per group, the models `at_the_top`: the highest is tested against each other, all groups corrected together.

    Args:
        groups: model -> values of the group's users, higher is better, NaN where undefined.
    """
    means = [{name: mean(values) for name, values in group.items()} for group in groups]
    ranked = [_highest_first(of_group) for of_group in means]
    asked = [(group, [(names[0], other) for other in names[1:]]) for group, names in zip(groups, ranked, strict=True)]
    return [at_the_top(of_group, clear) for of_group, clear in zip(means, clearly_better(asked), strict=True)]


def _highest_first(means: Mapping[str, float]) -> list[str]:
    """Names with a finite mean; equal ones keep their order."""
    return sorted((name for name, value in means.items() if np.isfinite(value)), key=lambda name: -means[name])


def p_of_interval(difference: float, low: float, high: float) -> float:
    """Two-sided p-value of no difference where only its 95 % interval is on record: that of a normal distribution of
    the interval's width."""
    if high == low:
        return float(difference == 0)
    return math.erfc(abs(difference) / ((high - low) / (2 * 1.96)) / math.sqrt(2))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values that keep the chance of any false finding (Holm 1979): the smallest
    times m, the next times m - 1, and so on."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted.tolist()


def _tested(
    values: Mapping[str, np.ndarray], pairs: Iterable[tuple[str, str]], seed: int = 0
) -> list[tuple[str, str, np.ndarray, float]]:
    """first, second, (U,) first - second and its p-value, of the pairs with two users or more in common."""
    stacked = [(first, second, (values[first] - values[second]).astype(np.float64)) for first, second in pairs]
    stacked = [test for test in stacked if np.count_nonzero(~np.isnan(test[-1])) > 1]
    if not stacked:
        return []
    p_values = _sign_flip_p(np.column_stack([of_pair for *_, of_pair in stacked]), seed)
    return [(*test, float(p)) for test, p in zip(stacked, p_values, strict=True)]


def _sign_flip_p(differences: np.ndarray, seed: int) -> np.ndarray:
    """(P,) for (U, P) differences: how often random signs of the users give a mean as far from 0; never 0, as the data
    itself is one of the draws. NaN, a user who does not count, adds nothing under either sign."""
    random = np.random.default_rng(seed)
    defined = np.nan_to_num(differences)
    n = len(defined)
    observed = np.abs(defined.sum(axis=0)) - 1e-9
    n_as_far = np.zeros(defined.shape[1])
    for _ in range(N_FLIPS // BLOCK):
        bits = np.unpackbits(random.integers(0, 256, (BLOCK, (n + 7) // 8), dtype=np.uint8), axis=1, count=n)
        n_as_far += (np.abs((2.0 * bits - 1.0) @ defined) >= observed).sum(axis=0)
    return (n_as_far + 1) / (N_FLIPS + 1)


def _resampled_means(values: np.ndarray, n_resamples: int, seed: int) -> np.ndarray:
    """(n_resamples, C) means of the columns of (n, C) values over rows drawn with replacement."""
    n = len(values)
    if n < 2:
        return np.full((n_resamples, values.shape[1]), np.nan)
    is_small = n * n_resamples <= KEPT_BYTES
    blocks = _kept_blocks(n, n_resamples, seed) if is_small else _blocks(n, n_resamples, seed)
    return np.concatenate([block.astype(np.float64) @ values for block in blocks]) / n


@lru_cache(maxsize=1)  # many metrics and pairs over the same users: the draws are the slow part
def _kept_blocks(n: int, n_resamples: int, seed: int) -> tuple[np.ndarray, ...]:
    return tuple(_blocks(n, n_resamples, seed))


def _blocks(n: int, n_resamples: int, seed: int) -> Iterator[np.ndarray]:
    """(<= BLOCK, n) how often each row is drawn: the same draw as picks, and a product gives all means at once."""
    random = np.random.default_rng(seed)
    for start in range(0, n_resamples, BLOCK):
        n_draws = min(BLOCK, n_resamples - start)
        draws = [np.bincount(random.integers(0, n, n), minlength=n).astype(np.uint8) for _ in range(n_draws)]
        yield np.stack(draws)  # a byte each: no row is drawn more than 255 times in practice


def _interval(means: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)
