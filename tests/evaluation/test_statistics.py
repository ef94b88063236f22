from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from recsys.evaluation import statistics
from recsys.evaluation.statistics import (
    LIKELY,
    N_FLIPS,
    Comparison,
    at_the_top,
    bootstrap_interval,
    clearly_better,
    clearly_better_of_all,
    compare,
    compare_all,
    compare_pairs,
    holm,
    level,
    p_of_interval,
    pooled_interval,
    spread,
    standard_error,
)


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


def test_standard_error_is_that_of_scipy() -> None:
    values = np.array([0.1, np.nan, 0.5, 0.3, 0.9])
    assert standard_error(values) == pytest.approx(stats.sem(values, nan_policy="omit"))
    assert np.isnan(standard_error(values[:2]))


def test_spread_over_seeds_by_hand() -> None:
    assert spread([1.0, 3.0]) == pytest.approx(np.sqrt(2))
    assert np.isnan(spread([1.0]))


# A metric over all ratings: users count by how many they have


def test_pooled_interval_of_the_rmse_equals_a_plain_resampling_loop() -> None:
    random = np.random.default_rng(0)
    errors = [random.normal(0, random.uniform(0.5, 1.5), random.integers(1, 40)) for _ in range(60)]
    plain = []
    for _ in range(5000):
        drawn = [errors[user] for user in random.integers(0, 60, 60)]
        plain.append(np.sqrt(np.mean(np.concatenate(drawn) ** 2)))
    squared, counts = np.array([np.mean(e**2) for e in errors]), np.array([float(len(e)) for e in errors])
    low, high = np.quantile(plain, [0.025, 0.975])
    assert pooled_interval(squared, counts, np.sqrt) == pytest.approx((low, high), abs=0.05 * (high - low))


def test_who_has_no_ratings_takes_no_part_in_a_pooled_interval() -> None:
    values, weights = np.array([1.0, 2.0, 4.0]), np.array([1.0, 5.0, 2.0])
    with_gaps = pooled_interval(np.array([1.0, np.nan, 2.0, 4.0]), np.array([1.0, 0.0, 5.0, 2.0]))
    assert with_gaps == pooled_interval(values, weights)
    assert np.isnan(pooled_interval(values[:1], weights[:1])).all()


# One model against another


def against(first: np.ndarray, second: np.ndarray, seed: int = 0) -> Comparison:
    found = compare("first", "second", first, second, seed)
    assert found is not None
    return found


def test_wins_ties_and_losses_by_hand() -> None:
    found = against(np.array([1.0, 0.5, 0.5, 0.0, np.nan, 1.0]), np.array([0.0, 0.5, 0.25, 1.0, 1.0, np.nan]))
    assert (found.wins, found.ties, found.losses, found.n_users) == (2, 1, 1, 4)
    assert found.difference == pytest.approx((1 + 0 + 0.25 - 1) / 4)
    other_way = against(np.array([0.0, 0.5, 0.25, 1.0]), np.array([1.0, 0.5, 0.5, 0.0]))
    assert other_way.difference == -found.difference
    assert (other_way.low, other_way.high) == pytest.approx((-found.high, -found.low), abs=0.1)
    assert other_way.p_value == found.p_value


def test_identical_models_are_alike_beyond_doubt() -> None:
    values = np.random.default_rng(0).random(30)
    found = against(values, values.copy())
    assert (found.difference, found.low, found.high, found.p_value) == (0, 0, 0, 1)
    assert (found.wins, found.ties, found.losses) == (0, 30, 0)


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.25])
def test_the_p_value_is_that_of_scipys_sign_flip_test(shift: float) -> None:
    random = np.random.default_rng(1)
    first = random.random(60)
    second = first + random.normal(shift, 0.5, 60)
    theirs = stats.permutation_test(
        (first, second),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=2,
    )
    assert against(first, second).p_value == pytest.approx(theirs.pvalue, abs=0.015)


def test_the_p_value_of_few_users_is_exact() -> None:
    """Of the 2 x 2 x 2 signs of (1, 2, 4), two give a mean as far from 0."""
    assert against(np.array([1.0, 2.0, 4.0]), np.zeros(3)).p_value == pytest.approx(2 / 8, abs=0.02)


def test_the_interval_of_a_difference_is_that_of_scipy() -> None:
    random = np.random.default_rng(2)
    differences = random.gamma(0.5, size=200) - 0.3
    theirs = stats.bootstrap((differences,), np.mean, method="percentile", n_resamples=5000, rng=1).confidence_interval
    found, width = against(differences, np.zeros(200)), theirs.high - theirs.low
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.05 * width)


def test_fewer_than_two_users_in_common_are_not_compared() -> None:
    nan = np.nan
    assert compare("a", "b", np.array([1.0, nan, 1.0]), np.array([0.0, 1.0, nan])) is None
    values = {"a": np.array([1.0, 2.0, nan]), "b": np.array([0.0, 1.5, nan]), "c": np.array([nan, nan, 1.0])}
    assert [(pair.first, pair.second) for pair, _ in compare_all(values)] == [("a", "b")]
    assert compare_all({"a": np.ones(3)}) == []


# Many pairs


def test_holm_by_hand() -> None:
    """Sorted .005 .01 .03 .04 times 4 3 2 1 is .02 .03 .06 .04; no value may fall below the one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_every_pair_is_compared_as_it_is_alone() -> None:
    random = np.random.default_rng(3)
    values = {name: random.random(50) + shift for name, shift in (("a", 0.0), ("b", 0.1), ("c", 0.5))}
    values["b"][:5] = np.nan
    found = compare_all(values)
    assert [(pair.first, pair.second) for pair, _ in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    for pair, _ in found:
        assert pair == compare(pair.first, pair.second, values[pair.first], values[pair.second])
    assert [adjusted for _, adjusted in found] == holm([pair.p_value for pair, _ in found])


def test_only_the_pairs_that_are_asked_are_compared() -> None:
    random = np.random.default_rng(4)
    values = {name: random.random(40) for name in "abc"} | {"alone": np.append(np.ones(1), np.full(39, np.nan))}
    found = compare_pairs(values, [("c", "a"), ("a", "alone"), ("b", "c")])
    assert found == [compare(first, second, values[first], values[second]) for first, second in ("ca", "bc")]
    assert compare_pairs(values, []) == []


def test_a_clear_difference_is_still_one_among_all_pairs_of_fifteen_models() -> None:
    n_pairs = 15 * 14 // 2
    clear = against(np.arange(1.0, 101.0), np.zeros(100)).p_value
    assert clear == 1 / (N_FLIPS + 1)
    assert holm([clear] * n_pairs)[0] < 0.05


def test_what_is_drawn_does_not_depend_on_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(5).random(70)
    kept = statistics.bootstrap_interval(values, n_resamples=250)
    monkeypatch.setattr(statistics, "KEPT_BYTES", 0)
    assert statistics.bootstrap_interval(values, n_resamples=250) == kept


# Who leads


def two_level_and_one_behind() -> dict[str, np.ndarray]:
    """Of 60 users: the mean of `first` is higher than that of `second` by chance, `third` is behind for everybody."""
    random = np.random.default_rng(0)
    first, noise = random.uniform(0.2, 0.8, 60), random.normal(0, 0.1, 60)
    return {"first": first, "second": first - 0.005 - (noise - noise.mean()), "third": first - 0.1}


def test_the_highest_mean_alone_leads_nothing() -> None:
    values = two_level_and_one_behind()
    means = {name: float(of_users.mean()) for name, of_users in values.items()}
    assert max(means, key=means.__getitem__) == "first"
    clear = clearly_better_of_all(values)
    assert clear == {("first", "third"), ("second", "third")}
    assert at_the_top(means, clear) == ["first", "second"]
    ahead = values | {"best": values["first"] + 0.1}
    assert at_the_top(means | {"best": means["first"] + 0.1}, clearly_better_of_all(ahead)) == ["best"]
    assert at_the_top(means, set()) == ["first", "second", "third"]  # where nothing was tested nobody leads
    assert at_the_top({"none": np.nan}, set()) == []


def test_the_quick_test_of_all_pairs_is_that_of_the_table_of_pairs() -> None:
    random = np.random.default_rng(3)
    values = {name: random.random(50) + shift for name, shift in (("a", 0.0), ("b", 0.15), ("c", 0.5))}
    values["b"][:5] = np.nan
    table = {
        (pair.first, pair.second) if pair.difference > 0 else (pair.second, pair.first)
        for pair, p in compare_all(values)
        if p < LIKELY
    }
    assert clearly_better_of_all(values) == table != set()


def test_whatever_is_asked_at_once_is_corrected_at_once() -> None:
    random = np.random.default_rng(6)
    differences = random.normal(0, 1, 50)
    group = {"a": 0.31 + differences - differences.mean(), "b": np.zeros(50)}
    assert clearly_better([(group, [("b", "a")])]) == [{("a", "b")}]
    assert clearly_better([(group, [("b", "a")])] * 2) == [set(), set()]
    assert clearly_better([]) == []
    assert clearly_better([({"a": np.ones(1), "b": np.zeros(1)}, [("a", "b")])]) == [set()]


def test_one_model_leads_where_it_is_told_from_every_other() -> None:
    base = np.random.default_rng(0).random(60)
    assert level([{"low": base - 0.1, "high": base, "lower": base - 0.2}]) == [["high"]]
    assert level([{"a": base, "b": base.copy()}]) == [["a", "b"]]
    assert level([{"a": base, "none": np.full(60, np.nan)}]) == [["a"]]
    assert level([]) == []


def test_a_leader_must_beat_more_than_the_second_best() -> None:
    """The second is a little worse for everybody, the third worse by more and by chance."""
    random = np.random.default_rng(1)
    base = random.random(60)
    third = base - 0.02 + random.normal(0, 0.5, 60)
    third += base.mean() - 0.02 - third.mean()
    assert level([{"first": base, "second": base - 0.01, "third": third}]) == [["first", "third"]]


def test_the_more_groups_are_asked_the_more_it_takes_to_lead() -> None:
    random = np.random.default_rng(6)
    differences = random.normal(0, 1, 50)
    group = {"a": 0.31 + differences - differences.mean(), "b": np.zeros(50)}
    it = compare("a", "b", group["a"], group["b"])
    assert it is not None
    assert 0.025 < it.p_value < 0.05
    assert level([group]) == [["a"]]
    assert level([group, group]) == [["a", "b"], ["a", "b"]]


def test_the_p_value_of_an_interval_is_that_of_the_normal_distribution() -> None:
    assert p_of_interval(0.0196, 0.0, 0.0392) == pytest.approx(0.05, abs=1e-3)
    assert p_of_interval(0.0, -0.1, 0.1) == 1
    assert (p_of_interval(0.0, 0.0, 0.0), p_of_interval(0.1, 0.1, 0.1)) == (1, 0)
