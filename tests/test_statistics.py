from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from recsys.statistics import bootstrap_interval


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_it_is_the_percentile_interval_of_scipy(confidence: float) -> None:
    values = np.random.default_rng(0).gamma(0.5, size=200)
    theirs = stats.bootstrap(
        (values,), np.mean, confidence_level=confidence, n_resamples=5000, method="percentile", rng=1
    ).confidence_interval
    low, high = bootstrap_interval(values, confidence, n_resamples=5000)
    error = 0.05 * (theirs.high - theirs.low)
    assert low == pytest.approx(theirs.low, abs=error)
    assert high == pytest.approx(theirs.high, abs=error)


def test_it_covers_the_mean_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    intervals = [bootstrap_interval(random.normal(7, 2, 50), 0.9, n_resamples=200) for _ in range(200)]
    covered = np.mean([low <= 7 <= high for low, high in intervals])
    assert 0.82 <= covered <= 0.96  # 0.9, within three standard errors and the small sample's loss


def test_undefined_values_are_left_out() -> None:
    values = np.array([0.1, 0.5, 0.3, 0.9])
    with_gaps = np.array([np.nan, 0.1, 0.5, np.nan, 0.3, 0.9])
    assert bootstrap_interval(with_gaps) == bootstrap_interval(values)
    low, high = bootstrap_interval(values)
    assert 0.1 < low < values.mean() < high < 0.9


@pytest.mark.parametrize("values", [[], [0.5], [np.nan, np.nan, 0.5]])
def test_fewer_than_two_values_have_no_interval(values: list[float]) -> None:
    assert np.isnan(bootstrap_interval(np.array(values))).all()


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(20.0)
    assert bootstrap_interval(values) == bootstrap_interval(values)
    assert bootstrap_interval(values, seed=1) != bootstrap_interval(values)
    assert bootstrap_interval(np.full(20, 0.25)) == (0.25, 0.25)
