"""How sure a mean over users is."""

from __future__ import annotations

import numpy as np


def bootstrap_interval(
    values: np.ndarray, confidence: float = 0.95, n_resamples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean over users (Efron 1979); NaN values are left out.

    Returns:
        low, high; (NaN, NaN) with fewer than two values.
    """
    defined = values[~np.isnan(values)].astype(np.float64)
    n = len(defined)
    if n < 2:
        return float("nan"), float("nan")
    # Counts per user instead of n_resamples x n picks: the same draw in a fraction of the memory.
    random = np.random.default_rng(seed)
    means = np.array([defined @ np.bincount(random.integers(0, n, n), minlength=n) for _ in range(n_resamples)]) / n
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)
