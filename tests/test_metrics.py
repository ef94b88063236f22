from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from recsys import metrics

HITS = np.array([[True, False, True, False]])
"""Hits at ranks 1 and 3 of 4."""

LOG2_3, LOG2_5 = math.log2(3), math.log2(5)


@pytest.mark.parametrize(
    ("name", "n_relevant", "expected"),
    [
        ("recall", 3, 2 / 3),
        ("recall", 8, 2 / 8),
        ("precision", 3, 2 / 4),
        ("hit_rate", 3, 1),
        ("mrr", 3, 1 / 1),
        ("map", 3, (1 / 1 + 2 / 3) / 3),
        ("map", 2, (1 / 1 + 2 / 3) / 2),
        ("map", 8, (1 / 1 + 2 / 3) / 4),  # no more than k can be found
        ("ndcg", 2, (1 + 1 / 2) / (1 + 1 / LOG2_3)),
        ("ndcg", 3, (1 + 1 / 2) / (1 + 1 / LOG2_3 + 1 / 2)),
        ("ndcg", 8, (1 + 1 / 2) / (1 + 1 / LOG2_3 + 1 / 2 + 1 / LOG2_5)),
    ],
)
def test_list_metrics_by_hand(name: str, n_relevant: int, expected: float) -> None:
    values = metrics.LIST_METRICS[name](HITS, np.array([n_relevant]))
    assert values.shape == (1,)
    assert values[0] == pytest.approx(expected)


def test_reciprocal_rank_is_of_the_first_hit() -> None:
    hits = np.array([[False, False, True, True], [False, True, False, False]])
    np.testing.assert_allclose(metrics.reciprocal_rank(hits, np.array([2, 1])), [1 / 3, 1 / 2])


@pytest.mark.parametrize("name", metrics.LIST_METRICS)
def test_perfect_worst_and_undefined(name: str) -> None:
    metric = metrics.LIST_METRICS[name]
    hits = np.array([[True] * 5, [False] * 5, [False] * 5])
    np.testing.assert_array_equal(metric(hits, np.array([5, 3, 0])), [1, 0, np.nan])


@pytest.mark.parametrize("name", ["ndcg", "map", "mrr", "hit_rate", "recall"])
def test_all_that_is_relevant_on_top_is_perfect_even_if_it_is_less_than_k(name: str) -> None:
    np.testing.assert_allclose(metrics.LIST_METRICS[name](np.array([[True, True, False]]), np.array([2])), 1)


RANKED = st.lists(st.booleans(), min_size=2, max_size=30)


@given(relevance=RANKED, data=st.data())
def test_ndcg_equals_that_of_scikit_learn(relevance: list[bool], data: st.DataObject) -> None:
    """scikit-learn ranks all films and cuts at k, so its ideal list is over min(k, relevant) too."""
    k = data.draw(st.integers(1, len(relevance)))
    ours = metrics.ndcg(np.array([relevance[:k]]), np.array([sum(relevance)]))[0]
    if not any(relevance):
        assert np.isnan(ours)
        return
    falling = -np.arange(len(relevance), dtype=float)
    assert ours == pytest.approx(ndcg_score([relevance], [falling], k=k))


@given(relevance=RANKED, data=st.data())
def test_average_precision_equals_a_plain_loop(relevance: list[bool], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(relevance)))
    n_relevant = sum(relevance)
    found, total = 0, 0.0
    for rank, is_hit in enumerate(relevance[:k], start=1):
        if is_hit:
            found += 1
            total += found / rank
    expected = total / min(k, n_relevant) if n_relevant else math.nan
    ours = metrics.average_precision(np.array([relevance[:k]]), np.array([n_relevant]))[0]
    assert ours == pytest.approx(expected, nan_ok=True)


# Pairs


def test_concordant_pairs_by_hand() -> None:
    """Stars (5, 3) are predicted in the right order, (5, 1) and (3, 1) in the wrong one; alike does not count."""
    assert metrics.concordant_pairs(np.array([5.0, 3.0, 1.0]), np.array([4.0, 3.0, 4.5])) == (1, 2)
    assert metrics.concordant_pairs(np.array([5.0, 3.0]), np.array([4.0, 4.0])) == (0, 0)
    assert metrics.concordant_pairs(np.array([3.0, 3.0]), np.array([1.0, 4.0])) == (0, 0)


def test_fcp_pools_the_pairs_of_all_users() -> None:
    assert metrics.fcp(np.array([1, 6]), np.array([2, 1])) == pytest.approx(7 / 10)
    assert np.isnan(metrics.fcp(np.array([0]), np.array([0])))


def test_fcp_equals_that_of_surprise() -> None:
    """Where no two predictions are alike and each user has pairs of both kinds; Surprise counts ties as wrong."""
    from surprise import accuracy

    random = np.random.default_rng(0)
    ratings, predicted = random.integers(1, 6, (8, 20)).astype(float), random.normal(3, 1, (8, 20))
    pairs = np.array([metrics.concordant_pairs(r, p) for r, p in zip(ratings, predicted, strict=True)])
    assert (pairs > 0).all()
    rows = [(u, i, ratings[u, i], predicted[u, i], None) for u in range(8) for i in range(20)]
    assert metrics.fcp(pairs[:, 0], pairs[:, 1]) == pytest.approx(accuracy.fcp(rows, verbose=False))


# Beyond accuracy

LISTS = np.array([[0, 1], [0, 2], [0, -1]])
"""Film 0 three times, films 1 and 2 once, film 3 never; the last list ran out of films."""


def test_coverage_by_hand() -> None:
    assert metrics.coverage(LISTS, 4) == 3 / 4
    assert metrics.coverage(np.full((2, 2), -1), 4) == 0


def test_gini_by_hand() -> None:
    """Half the mean difference over all pairs, over the mean: counts 0, 1, 1, 3 with a mean of 5/4."""
    differences = 2 * ((1 - 0) + (1 - 0) + (3 - 0) + (1 - 1) + (3 - 1) + (3 - 1)) / 16
    assert metrics.gini(LISTS, 4) == pytest.approx(differences / 2 / (5 / 4))
    assert metrics.gini(np.arange(6).reshape(3, 2), 6) == pytest.approx(0)
    assert metrics.gini(np.zeros((3, 1), dtype=int), 4) == pytest.approx(3 / 4)  # the most that four films allow
    assert np.isnan(metrics.gini(np.full((2, 2), -1), 4))


def test_novelty_by_hand() -> None:
    """Known by 8, 4 and 0 of 8 users: 0, 1 and 3 bits; a film nobody knows counts as known by one."""
    values = metrics.novelty(LISTS, np.array([8, 4, 0, 2]), n_users=8)
    np.testing.assert_allclose(values, [(0 + 1) / 2, (0 + 3) / 2, 0])


def test_popularity_by_hand() -> None:
    np.testing.assert_allclose(metrics.popularity(LISTS, np.array([8, 4, 0, 2])), [(8 + 4) / 2, (8 + 0) / 2, 8])
    assert np.isnan(metrics.popularity(np.array([[-1]]), np.array([8]))[0])


def test_diversity_by_hand() -> None:
    """Pairs share 1 of 2, 0 of 2 and 0 of 3 genres; NaN for one film; films without genres are alike."""
    genres = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]], dtype=bool)
    lists = np.array([[0, 1, 2], [0, -1, -1], [3, 4, -1], [0, 0, -1], [0, 3, -1]])
    np.testing.assert_allclose(metrics.diversity(lists, genres), [(1 / 2 + 1 + 1) / 3, np.nan, 0, 0, 1])
    np.testing.assert_array_equal(metrics.diversity(np.array([[0, 1]]), np.zeros((2, 0), dtype=bool)), [0])
