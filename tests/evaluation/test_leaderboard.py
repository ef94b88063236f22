"""What the Leaderboard works out, against answers that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation.leaderboard import (
    PAIRS,
    Lens,
    Pair,
    clear_swaps,
    front,
    lens,
    mainstream,
    margin,
    mean_and_interval,
    merits,
    order,
    place_on_curve,
    spread_of_places,
    stars_and_lists,
    thirds,
)
from recsys.evaluation.protocols import PROTOCOLS, Task
from tests.toys import checkerboard, genre_tastes

NAN = float("nan")


def test_the_best_comes_first_and_the_undefined_not_at_all() -> None:
    assert order({"a": 0.1, "b": 0.3, "c": NAN, "d": 0.2}, "ndcg@10") == ["b", "d", "a"]
    assert order({"a": 0.9, "b": 1.1, "c": 1.0}, "rmse") == ["a", "c", "b"]
    assert order({"a": 1.0, "b": 1.0}, "rmse") == order({"a": 1.0, "b": 1.0}, "mrr@10") == ["a", "b"]


def test_the_margin_is_the_mean_of_the_users_differences() -> None:
    first, second = np.array([0.5, 0.7, NAN, 0.9]), np.array([0.4, 0.5, NAN, 0.6])
    it = margin({"x": 0.5, "y": 0.7, "z": 0.1}, {"x": second, "y": first, "z": second}, "ndcg@10")
    assert it is not None
    assert (it.first, it.second, it.n_users) == ("y", "x", 3)
    assert it.difference == pytest.approx(0.2)
    assert 0 < it.low <= 0.2 <= it.high <= 0.3 + 1e-6


def test_where_lower_is_better_the_margin_is_how_much_lower() -> None:
    per_user = {"a": np.array([0.8, 0.9, 0.7, NAN]), "b": np.array([1.0, 1.0, 0.8, 0.1])}
    it = margin({"a": 0.8, "b": 0.93}, per_user, "rmse")
    assert it is not None
    assert (it.first, it.second, it.n_users) == ("a", "b", 3)
    assert it.difference == pytest.approx((0.2 + 0.1 + 0.1) / 3)
    assert 0.1 - 1e-6 <= it.low <= it.difference <= it.high <= 0.2 + 1e-6


def test_the_interval_of_a_margin_that_may_be_chance_holds_zero() -> None:
    values = np.random.default_rng(0).normal(size=(2, 50))
    it = margin({"a": float(values[0].mean()), "b": float(values[1].mean())}, dict(zip("ab", values)), "ndcg@10")  # noqa: B905
    assert it is not None
    assert it.low < 0 < it.high


def test_without_values_per_user_a_margin_has_no_interval() -> None:
    it = margin({"a": 0.9, "b": 1.0}, {}, "rmse")
    assert it is not None
    assert (it.first, it.difference, it.n_users) == ("a", pytest.approx(0.1), 0)
    assert np.isnan(it.low)
    assert margin({"a": 0.9, "b": NAN}, {}, "rmse") is None


def sides(metric: str, **values: float) -> dict[str, dict[str, float]]:
    return {name: {metric: value} for name, value in values.items()}


def test_the_lens_ranks_both_sides_and_finds_the_crossings() -> None:
    pair = Pair("next", "sampled", "title")
    it = lens(pair, sides("ndcg@10", a=0.3, b=0.2, c=0.1, only=0.9), sides("ndcg@10", a=0.6, b=0.5, c=0.7))
    assert it.metrics == ("ndcg@10", "ndcg@10")
    assert it.values == {"a": (0.3, 0.6), "b": (0.2, 0.5), "c": (0.1, 0.7)}
    assert it.ranks == {"a": (1, 2), "b": (2, 3), "c": (3, 1)}
    assert it.swapped == [("a", "c"), ("b", "c")]
    assert it.moved == ["c", "a", "b"]


def test_where_lower_is_better_the_lowest_is_first() -> None:
    it = lens(Pair("rate", "naive-ae", "title"), sides("rmse", a=0.9, b=1.0), sides("rmse", a=0.8, b=0.5))
    assert it.ranks == {"a": (1, 2), "b": (2, 1)}


def test_both_sides_show_the_same_metric_where_both_have_it() -> None:
    pair = Pair("next", "naive-gru", "title")
    both = lens(pair, {"a": {"ndcg@10": 0.1, "recall@20": 0.2}}, {"a": {"recall@20": 0.3}})
    assert both.metrics == ("recall@20", "recall@20")
    other = lens(pair, {"a": {"ndcg@10": 0.1}}, {"a": {"recall@20": 0.3}})
    assert other.metrics == ("ndcg@10", "recall@20")
    assert other.values == {"a": (0.1, 0.3)}


def test_an_undefined_side_leaves_a_model_out() -> None:
    it = lens(Pair("next", "sampled", "title"), sides("ndcg@10", a=0.3, b=NAN), sides("ndcg@10", a=0.6, b=0.5))
    assert list(it.values) == ["a"]
    empty: Lens = lens(Pair("next", "sampled", "title"), {}, {})
    assert (empty.values, empty.ranks, empty.swapped) == ({}, {}, [])


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.naive)
def test_every_pair_has_protocols_and_two_sentences(pair: Pair) -> None:
    assert not PROTOCOLS[pair.honest].flaw
    assert PROTOCOLS[pair.naive].flaw or pair.flaw
    assert pair.explained.rstrip(".").count(". ") >= 1
    assert pair.title


def test_every_naive_protocol_is_in_a_pair() -> None:
    assert {name for name, protocol in PROTOCOLS.items() if protocol.flaw} <= {pair.naive for pair in PAIRS}


def test_a_group_is_counted_over_those_who_have_a_value() -> None:
    values = np.array([0.2, NAN, 0.4, 0.9])
    mean, low, high, n = mean_and_interval(values, np.array([0, 1, 2]))
    assert (mean, n) == (pytest.approx(0.3), 2)
    assert low <= mean <= high
    assert mean_and_interval(values, np.array([1]))[3] == 0
    one = mean_and_interval(values, np.array([3]))
    assert one[0] == pytest.approx(0.9)
    assert np.isnan(one[1:3]).all()


def test_thirds_keep_equal_values_together() -> None:
    assert thirds(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])).tolist() == [0, 0, 1, 1, 2, 2]
    assert len(set(thirds(np.full(9, 7.0)).tolist())) == 1
    assert thirds(np.array([NAN, 1.0, 2.0, 3.0])).tolist() == [-1, 0, 1, 2]
    assert thirds(np.full(3, NAN)).tolist() == [-1, -1, -1]


def test_who_watches_popular_films_is_mainstream() -> None:
    task = genre_tastes()
    counts, known = task.known.item_counts, task.known
    found = mainstream(task)
    means = np.array([counts[known.history(user).items].mean() for user in range(known.n_users)])
    assert np.corrcoef(found, means)[0, 1] > 0.7
    assert ((found >= 0) & (found < 1)).all()
    nobody = Task(known.select(known.users != 3), task.held_out, 4.0)
    assert np.isnan(mainstream(nobody)[3])


def test_the_front_holds_what_nothing_beats() -> None:
    points = {"cheap": (1.0, 0.1), "good": (10.0, 0.5), "worse": (20.0, 0.4), "best": (100.0, 0.6), "same": (1.0, 0.05)}
    better = {(a, b) for a in points for b in points if points[a][1] > points[b][1]}
    assert front(points, better) == ["cheap", "good", "best"]
    assert front({"a": (1.0, 0.2), "b": (1.0, 0.3)}, {("b", "a")}) == ["b"]
    assert front({"a": (1.0, 0.2), "b": (2.0, 0.2), "c": (NAN, 1.0)}, {("c", "a")}) == ["a"]
    assert front({}, set()) == []


def test_a_higher_mean_that_may_be_chance_is_no_reason_to_pay_more() -> None:
    points = {"cheap": (1.0, 0.10), "dearer": (2.0, 0.11), "dearest": (3.0, 0.12)}
    assert front(points, set()) == ["cheap"]
    assert front(points, {("dearest", "cheap")}) == ["cheap", "dearest"]


def stars(n: int, **means: float) -> dict[str, np.ndarray]:
    """Values around these means, all users with the same noise: every difference is beyond chance."""
    noise = np.random.default_rng(2).normal(0, 0.01, n)
    return {name: mean + noise for name, mean in means.items()}


def test_closer_stars_with_worse_lists_are_found_and_so_is_the_other_way() -> None:
    errors = stars(40, close=1.0, middle=2.0, far=3.0)
    lists = stars(40, close=0.3, middle=0.1, far=0.2, baseline=0.25)
    found = stars_and_lists(errors, lists, "baseline")
    assert found.against == [("middle", "far")]
    assert found.along == [("close", "middle"), ("close", "far")]
    assert (found.beaten, found.level, found.ahead) == (["middle", "far"], [], ["close"])


def test_the_widest_gap_between_lists_is_the_first_example() -> None:
    found = stars_and_lists(stars(40, a=1.0, b=2.0, c=3.0), stars(40, a=0.1, b=0.2, c=0.4), "none")
    assert found.against == [("a", "c"), ("b", "c"), ("a", "b")]
    assert (found.along, found.beaten, found.level, found.ahead) == ([], [], [], [])


def test_a_pair_that_differs_in_one_of_the_two_teaches_nothing() -> None:
    random = np.random.default_rng(3)
    errors, lists = stars(40, a=1.0, b=2.0), {"a": random.random(40), "b": random.random(40)}
    found = stars_and_lists(errors, lists | {"baseline": random.random(40)}, "baseline")
    assert found.against == found.along == []
    assert found.level == ["a", "b"]


def test_the_place_on_the_curve_counts_the_films_at_least_as_popular() -> None:
    counts = np.array([5, 100, 20, 20, 1])
    assert place_on_curve(np.array([100.0, 20.0, 19.0, 1.0, 500.0, 0.5]), counts).tolist() == [1, 3, 3, 5, 1, 5]
    assert np.isnan(place_on_curve(np.array([NAN]), counts)).all()


def test_the_spread_leaves_out_the_undefined() -> None:
    assert spread_of_places(np.array([1.0, 2.0, 3.0, NAN]), (0.0, 0.5, 1.0)) == [1.0, 2.0, 3.0]
    assert np.isnan(spread_of_places(np.array([NAN]))).all()


def test_films_that_all_know_are_all_mainstream() -> None:
    assert np.isfinite(mainstream(checkerboard())).all()


# Nobody is named by the number alone: two models that are level, the higher by chance, and one clearly ahead or behind


def two_level(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Values of 60 users under two models that differ by nothing but chance; the mean of the first is higher."""
    random = np.random.default_rng(seed)
    base, noise = random.uniform(0.2, 0.8, 60), random.normal(0, 0.1, 60)
    return base, base - 0.005 - (noise - noise.mean())


def test_a_user_adds_to_a_metric_what_makes_the_higher_mean_the_better_value() -> None:
    of_users = {
        "ndcg@10": np.array([0.1, NAN]),
        "rmse": np.array([2.0, 1.0]),
        "mae": np.array([2.0, 1.0]),
        "auc": np.array([0.5, 0.6]),
        "popularity": np.array([10.0, 20.0]),
        "n_held_out": np.array([3, 1]),
    }
    found = merits(of_users, "ndcg@10")
    assert found is not None
    assert found.tolist() == pytest.approx([0.1, NAN], nan_ok=True)
    for metric, expected in (("rmse", [-12.0, -1.0]), ("mae", [-6.0, -1.0])):
        found = merits(of_users, metric)
        assert found is not None
        assert found.tolist() == expected
    for metric in ("auc", "coverage", "popularity", "recall@10", "nonsense"):
        assert merits(of_users, metric) is None, metric
    assert merits({"rmse": np.ones(2)}, "rmse") is None  # over how many ratings is not on record


def test_two_models_swap_only_where_both_orders_are_clear() -> None:
    high, near = two_level()
    honest, naive = {"a": high, "b": near, "c": high - 0.1}, {"a": near, "b": high, "c": high + 0.1}
    assert clear_swaps(honest, naive) == (("a", "c"), ("b", "c"))  # a and b cross as well, by chance
    assert clear_swaps(honest, honest) == clear_swaps(honest, {}) == ()
