"""Whether numbers on record can be what they say they are: what `verify` can notice without measuring again."""

from __future__ import annotations

import math
from collections.abc import Mapping

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
    _check_at_least(0, train_seconds=manifest.train_seconds, n_ratings=facts["n_ratings"])
    _check_at_least(1, n_users=facts["n_users"], n_items=facts["n_items"])
    if manifest.scorer["kind"] not in ("factors", "onnx"):
        raise ValueError("its kind of scorer is not known")
    check_summary(manifest.summary)
    _check_means(manifest.summary, per_user)
    check_summary(manifest.summary, manifest.intervals)


def check_result(result: Result) -> None:
    """Raises ValueError for a number that cannot be, or that the values per user, of the first seed, contradict."""
    _check_protocol(result.protocol)
    _check_at_least(0, train_seconds=result.train_seconds)
    for seed, summary in result.by_seed.items():
        if set(summary) != set(result.metrics) or not summary:
            raise ValueError(f"seed {seed} has not the metrics of the others")
        check_summary(summary)
    _check_means(next(iter(result.by_seed.values())), result.per_user, of_errors=OVER_FOLDS)
    check_summary({}, result.intervals)


def check_new_users(found: FoldIn) -> None:
    """Raises ValueError for a number that cannot be."""
    _check_at_least(1, n_users=found.n_users)
    shares = (found.overlap, found.kept_out, found.trained)
    if not 0 <= found.n_kept_out <= found.n_users or not all(0 <= value <= 1 + ROUNDING for value in shares):
        raise ValueError("a number is out of its range")


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


def _check_at_least(least: int, **numbers: float) -> None:
    for name, number in numbers.items():
        if number < least:
            raise ValueError(f"{name} is {number:g}, less than {least}")
