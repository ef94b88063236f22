"""Whether numbers on record can be what they say they are: what `verify` can notice without measuring again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from recsys.evaluation.evaluate import COUNT
from recsys.evaluation.metrics import described
from recsys.evaluation.new_users import FoldIn
from recsys.evaluation.protocols import PROTOCOLS
from recsys.evaluation.results import Result
from recsys.serving.artifacts import Manifest

ROUNDING = 1e-5
"""Values per user are float32, and their means are float64."""
OVER_FOLDS = 1e-2
"""An error of several folds is the mean of theirs, which is not quite that over all ratings: 0.002 % off for RMSE."""
_POWERS = {"rmse": 2, "mae": 1, "log_loss": 1}
"""Errors over all ratings: a user's counts as often as they have hidden ratings, after this power."""


def check_manifest(manifest: Manifest, per_user: Mapping[str, np.ndarray]) -> None:
    """Raises ValueError for a number that cannot be, or that the values per user contradict.

    Args:
        per_user: metric -> (U,), of the artifact's evaluation.
    """
    facts = manifest.dataset
    _check_protocol(manifest.protocol)
    check_at_least(0, train_seconds=manifest.train_seconds, n_ratings=facts["n_ratings"])
    check_at_least(1, n_users=facts["n_users"], n_items=facts["n_items"])
    if manifest.scorer["kind"] not in ("factors", "onnx"):
        raise ValueError("its kind of scorer is not known")
    check_summary(manifest.summary)
    _check_means(manifest.summary, per_user)
    check_summary(manifest.summary, manifest.intervals)


def check_result(result: Result) -> None:
    """Raises ValueError for a number that cannot be, or that the values per user, of the first seed, contradict."""
    _check_protocol(result.protocol)
    check_at_least(0, train_seconds=result.train_seconds)
    for seed, summary in result.by_seed.items():
        if set(summary) != set(result.metrics) or not summary:
            raise ValueError(f"seed {seed} has not the metrics of the others")
        check_summary(summary)
    _check_means(next(iter(result.by_seed.values())), result.per_user, of_errors=OVER_FOLDS)
    check_summary({}, result.intervals)


def check_new_users(found: FoldIn) -> None:
    """Raises ValueError for a number that cannot be."""
    check_at_least(1, n_users=found.n_users)
    check_within(0, found.n_users, n_kept_out=found.n_kept_out)
    check_within(0, 1, overlap=found.overlap, kept_out=found.kept_out, trained=found.trained)
    check_within(0, 1, overlap_interval=found.overlap_interval, kept_out_interval=found.kept_out_interval)
    check_within(-1, 1, over_popularity_interval=found.over_popularity_interval)


def check_at_least(least: int, **numbers: float) -> None:
    """Raises ValueError for a number below `least`."""
    for name, number in numbers.items():
        if number < least:
            raise ValueError(f"{name} is {number:g}, less than {least}")


def check_within(low: float, high: float, **numbers: float | Sequence[float]) -> None:
    """Raises ValueError for a number, or the end of an interval, out of the range."""
    for name, number in numbers.items():
        for each in [number] if isinstance(number, int | float) else number:
            if not low - ROUNDING <= each <= high + ROUNDING:
                raise ValueError(f"{name} is {each:g}, out of its range")


def check_summary(summary: Mapping[str, float | None], intervals: Mapping[str, list[float]] | None = None) -> None:
    """Raises ValueError for a value or an interval out of its metric's range, or a value outside its interval."""
    for name, value in summary.items():
        if value is not None and not 0 <= value <= _highest(name) + ROUNDING:
            raise ValueError(f"{name} is {value:g}, out of its range")
    for name, (low, high) in (intervals or {}).items():
        value = summary.get(name)
        if not 0 <= low <= high <= _highest(name) + ROUNDING or (
            value is not None and not low - ROUNDING <= value <= high + ROUNDING
        ):
            raise ValueError(f"the interval of {name} cannot be one")


def _highest(name: str) -> float:
    """Of a metric; of errors in stars the scale is not known here."""
    metric = described(name)
    return math.inf if metric is None or metric.highest is None else metric.highest


def _check_means(
    summary: Mapping[str, float | None], per_user: Mapping[str, np.ndarray], *, of_errors: float = ROUNDING
) -> None:
    """Raises ValueError for a number that is not what its values per user say; `of_errors`: how far one may be off."""
    for name, said in summary.items():
        mean, allowed = _mean(name, per_user) if name in per_user else None, of_errors if name in _POWERS else ROUNDING
        if mean is not None and (said is None or abs(said - mean) > allowed * max(1, abs(mean))):
            raise ValueError(f"{name} is {said} in the summary, and {mean:.6f} by its values per user")


def _mean(name: str, per_user: Mapping[str, np.ndarray]) -> float | None:
    """What a summary says of values per user; None where it is more than a mean of them, or there are none."""
    metric, values = described(name), per_user[name].astype(np.float64)
    here = np.isfinite(values)
    if metric is None or not here.any() or (metric.is_pooled and (name not in _POWERS or COUNT not in per_user)):
        return None
    if not metric.is_pooled:
        return float(values[here].mean())
    power = _POWERS[name]
    return float(np.average(values[here] ** power, weights=per_user[COUNT][here]) ** (1 / power))


def _check_protocol(name: str) -> None:
    if name not in PROTOCOLS:
        raise ValueError("there is no such protocol")
