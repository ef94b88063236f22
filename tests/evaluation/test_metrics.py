from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics
from sklearn.calibration import calibration_curve
from sklearn.metrics import ndcg_score

from recsys.evaluation import metrics
from recsys.lessons import glossary
from recsys.models.ials import IALS
from recsys.paths import ROOT
from recsys.serving import artifacts
from tests.libraries import skip_unless_it_loads

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


@given(relevance=RANKED, data=st.data())
def test_the_other_list_metrics_equal_a_plain_loop(relevance: list[bool], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(relevance)))
    ranks = [rank for rank, is_hit in enumerate(relevance[:k], start=1) if is_hit]
    expected = {
        "recall": len(ranks) / max(sum(relevance), 1),
        "precision": len(ranks) / k,
        "hit_rate": 1.0 if ranks else 0.0,
        "mrr": 1 / ranks[0] if ranks else 0.0,
    }
    for name, value in expected.items():
        ours = metrics.LIST_METRICS[name](np.array([relevance[:k]]), np.array([sum(relevance)]))[0]
        assert ours == pytest.approx(value if any(relevance) else math.nan, nan_ok=True)


def test_lists_are_measured_as_implicit_does() -> None:
    """It leaves out users with nothing held out, as we do."""
    skip_unless_it_loads(IALS)
    from implicit.evaluation import ranking_metrics_at_k
    from scipy.sparse import csr_matrix

    random, n_users, n_items, k = np.random.default_rng(0), 40, 30, 8
    scores = random.normal(size=(n_users, n_items))
    lists = np.argsort(-scores, axis=1)[:, :k].astype(np.int32)
    held_out = random.random((n_users, n_items)) < random.uniform(0.01, 0.5, (n_users, 1))

    class Fixed:
        def recommend(self, users: np.ndarray, _rows: object, N: int, **_options: object) -> tuple:
            return lists[users, :N], np.take_along_axis(scores[users], lists[users, :N], axis=1)

    nothing = csr_matrix((n_users, n_items))
    theirs = ranking_metrics_at_k(Fixed(), nothing, csr_matrix(held_out.astype(float)), K=k, show_progress=False)
    hits, n_relevant = np.take_along_axis(held_out, lists, axis=1), held_out.sum(axis=1)
    assert np.nanmean(metrics.ndcg(hits, n_relevant)) == pytest.approx(theirs["ndcg"])
    assert np.nanmean(metrics.average_precision(hits, n_relevant)) == pytest.approx(theirs["map"])


# Probabilities

LABELLED = st.lists(st.tuples(st.booleans(), st.integers(1, 9)), min_size=1, max_size=40)
"""Labels, and probabilities in tenths, so that ties are the rule."""


@given(rows=LABELLED)
def test_auc_and_log_loss_equal_those_of_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    label, probability = np.array([liked for liked, _ in rows]), np.array([tenths / 10 for _, tenths in rows])
    ours = metrics.auc(label, probability, np.zeros(len(rows), dtype=int), 1)[0]
    if label.all() or not label.any():
        assert np.isnan(ours)
    else:
        assert ours == pytest.approx(sklearn_metrics.roc_auc_score(label, probability))
    theirs = sklearn_metrics.log_loss(label, probability, labels=[False, True])
    assert metrics.log_loss(label, probability).mean() == pytest.approx(theirs)


@given(rows=st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 5)), max_size=40))
def test_auc_of_each_group_is_that_of_its_rows_alone(rows: list[tuple[int, bool, int]]) -> None:
    group, label, score = (np.array([row[column] for row in rows], dtype=int) for column in range(3))
    ours = metrics.auc(label.astype(bool), score.astype(float), group, 5)
    for number in range(5):
        liked, not_liked = (score[(group == number) & (label == wanted)] for wanted in (1, 0))
        order = [(a > b) + (a == b) / 2 for a in liked for b in not_liked]
        assert ours[number] == pytest.approx(np.mean(order) if order else math.nan, nan_ok=True)


def test_log_loss_of_what_was_thought_impossible_is_large_and_finite() -> None:
    loss = metrics.log_loss(np.array([True, False]), np.array([0.0, 1.0], dtype=np.float32))
    np.testing.assert_allclose(loss, -math.log(1e-7), rtol=1e-6)


def test_calibration_curve_equals_that_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    probability = random.beta(0.5, 2, 500)
    label = random.random(500) < probability**2
    predicted, share, counts = metrics.calibration_curve(label, probability).T
    theirs_share, theirs_predicted = calibration_curve(label, probability, n_bins=10)
    np.testing.assert_allclose(predicted, theirs_predicted)
    np.testing.assert_allclose(share, theirs_share)
    assert counts.sum() == 500


def test_calibration_by_hand() -> None:
    """Bins 0.2..0.3 with one of two liked, and 0.9..1 with both: the first is off by 0.25, the second by 0.05."""
    curve = metrics.calibration_curve(np.array([True, True, False, True]), np.array([1.0, 0.9, 0.25, 0.25]))
    np.testing.assert_allclose(curve, [[0.25, 1 / 2, 2], [0.95, 1, 2]])
    assert metrics.calibration_error(curve) == pytest.approx((2 * 0.25 + 2 * 0.05) / 4)
    nothing = np.zeros(0)
    assert np.isnan(metrics.calibration_error(metrics.calibration_curve(nothing.astype(bool), nothing)))


# Pairs


def test_concordant_pairs_by_hand() -> None:
    """Stars (5, 3) are predicted in the right order, (5, 1) and (3, 1) in the wrong one; alike does not count."""
    users = np.array([1, 0, 1, 0, 1, 2, 2])
    ratings = np.array([5.0, 5.0, 3.0, 3.0, 1.0, 3.0, 3.0])
    predicted = np.array([4.0, 4.0, 3.0, 4.0, 4.5, 1.0, 4.0])
    right, wrong = metrics.concordant_pairs(users, ratings, predicted, n_users=4)
    np.testing.assert_array_equal(right, [0, 1, 0, 0])
    np.testing.assert_array_equal(wrong, [0, 2, 0, 0])


def test_fcp_pools_the_pairs_of_all_users() -> None:
    assert metrics.fcp(np.array([1, 6]), np.array([2, 1])) == pytest.approx(7 / 10)
    assert np.isnan(metrics.fcp(np.array([0]), np.array([0])))


def test_fcp_equals_that_of_surprise() -> None:
    """Where no two predictions are alike and each user has pairs of both kinds; Surprise counts ties as wrong."""
    from surprise import accuracy

    random = np.random.default_rng(0)
    ratings, predicted = random.integers(1, 6, (8, 20)).astype(float), random.normal(3, 1, (8, 20))
    users = np.repeat(np.arange(8), 20)
    right, wrong = metrics.concordant_pairs(users, ratings.ravel(), predicted.ravel(), n_users=8)
    assert (right > 0).all()
    assert (wrong > 0).all()
    rows = [(u, i, ratings[u, i], predicted[u, i], None) for u in range(8) for i in range(20)]
    assert metrics.fcp(right, wrong) == pytest.approx(accuracy.fcp(rows, verbose=False))


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
    assert np.isnan(metrics.diversity(np.array([[0, 1]]), np.zeros((2, 0), dtype=bool)))  # no genres are known at all


def test_everything_that_is_measured_is_described_once() -> None:
    measured = artifacts.read_manifest(artifacts.folder_of("demo", "autoint", ROOT / "artifacts")).summary
    measured |= artifacts.read_manifest(artifacts.folder_of("demo", "svd", ROOT / "artifacts")).summary
    known = {name for name in measured if metrics.described(name)}
    assert set(measured) - known <= {"users_counted"}
    assert {name.partition("@")[0] for name in known} == set(metrics.METRICS)


def test_a_metric_of_lists_names_its_length() -> None:
    assert metrics.label_of("ndcg@10") == "nDCG@10"
    assert metrics.label_of("rmse") == "RMSE"
    for name in ("ndcg", "rmse@10", "nonsense", ""):
        assert metrics.described(name) is None
        assert metrics.label_of(name) == name


def test_a_lesson_calls_a_metric_what_everything_calls_it() -> None:
    for lesson in glossary.METRICS:
        assert lesson.label == metrics.METRICS[lesson.name].label
