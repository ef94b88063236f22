from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from recsys.data.dataset import Dataset, History
from recsys.errors import UsageError
from recsys.models.base import FitOptions
from recsys.models.baselines import Popularity
from recsys.serving.ranking import allow_only, check_k, mask, mask_seen, recommend, top_k

# Few different values, so that ties are the rule.
SCORES = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.sampled_from([-np.inf, -1e30, -1.5, -0.0, 0.0, 1e-30, 2.0, 3.0e38]),
)


def naive_top_k(row: list[float], k: int) -> list[tuple[int, float]]:
    """A full sort in plain Python: highest first, then lowest index; what is masked is absent."""
    ranked = sorted((-score, item) for item, score in enumerate(row) if score != -np.inf)
    return ([(item, -negated) for negated, item in ranked] + [(-1, np.nan)] * k)[:k]


@given(scores=SCORES, data=st.data())
def test_top_k_is_a_full_sort_cut_off(scores: np.ndarray, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, scores.shape[1]))
    before = scores.copy()
    top = top_k(scores, k)
    expected = [naive_top_k(row, k) for row in scores.tolist()]
    assert top.items.tolist() == [[item for item, _ in row] for row in expected]
    np.testing.assert_array_equal(top.scores, np.array([[score for _, score in row] for row in expected], np.float32))
    assert (top.items.dtype, top.scores.dtype) == (np.int32, np.float32)
    np.testing.assert_array_equal(scores, before)


def test_top_k_by_hand() -> None:
    top = top_k(np.array([[1.0, 3.0, 3.0, -np.inf, 3.0], [0.0, -np.inf, -np.inf, -np.inf, -np.inf]]), 3)
    assert top.items.tolist() == [[1, 2, 4], [0, -1, -1]]  # ties go to the lower index
    np.testing.assert_array_equal(top.scores, [[3, 3, 3], [0, np.nan, np.nan]])


@pytest.mark.parametrize("k", [1, 3])
def test_where_everything_is_masked_the_list_is_empty(k: int) -> None:
    top = top_k(np.full((2, 3), -np.inf), k)
    assert (top.items == -1).all()
    assert np.isnan(top.scores).all()


def test_no_rows_give_no_lists() -> None:
    assert top_k(np.zeros((0, 3)), 2).items.shape == (0, 2)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_broken_scorer_is_not_ranked_silently(broken: float) -> None:
    with pytest.raises(ValueError, match=r"scores must be finite, or -inf for masked films\. Received NaN or \+inf\."):
        top_k(np.array([[1.0, broken]]), 1)


@pytest.mark.parametrize("k", [0, -1, 4])
def test_k_is_between_1_and_the_number_of_films(k: int) -> None:
    for ask in (lambda: check_k(k, 3), lambda: top_k(np.zeros((1, 3)), k)):
        with pytest.raises(UsageError) as caught:
            ask()
        assert str(caught.value) == f"k must be between 1 and 3, the number of films. Received {k}."
    check_k(1, 3)
    check_k(3, 3)


def test_masking_touches_the_seen_films_only() -> None:
    scores = np.arange(8.0).reshape(2, 4)
    masked = mask_seen(scores, [History.of_new_user([1, 3], [5, 1]), History.of_new_user([], [])])
    np.testing.assert_array_equal(masked, [[0, -np.inf, 2, -np.inf], [4, 5, 6, 7]])
    np.testing.assert_array_equal(scores, np.arange(8.0).reshape(2, 4))


def test_masking_and_allowing_are_each_others_opposite() -> None:
    scores, rows, items = np.arange(8.0).reshape(2, 4), np.array([0, 0, 1]), np.array([1, 3, 0])
    np.testing.assert_array_equal(mask(scores, rows, items), [[0, -np.inf, 2, -np.inf], [-np.inf, 5, 6, 7]])
    allowed = allow_only(scores, rows, items)
    np.testing.assert_array_equal(allowed, [[-np.inf, 1, -np.inf, 3], [4, -np.inf, -np.inf, -np.inf]])
    assert top_k(allowed, 3).items.tolist() == [[3, 1, -1], [0, -1, -1]]
    np.testing.assert_array_equal(scores, np.arange(8.0).reshape(2, 4))


@pytest.mark.parametrize("n_alike", [5, 500])
def test_ties_at_the_end_of_the_list_go_to_the_lower_index(n_alike: int) -> None:
    """The partition that finds the k highest may split a tie anywhere."""
    scores = np.random.default_rng(0).permuted(np.tile(np.r_[np.ones(n_alike), np.zeros(3 * n_alike)], (20, 1)), axis=1)
    k = n_alike + 2
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(top_k(scores, k).items, expected)


def test_a_list_holds_all_that_was_not_seen_and_nothing_else(demo_dataset: Dataset) -> None:
    scorer = Popularity().fit(demo_dataset, FitOptions())
    histories = demo_dataset.histories(range(20))
    for history, items in zip(histories, recommend(scorer, histories, demo_dataset.n_items).items, strict=True):
        unseen = np.setdiff1d(np.arange(demo_dataset.n_items), history.items)
        n = len(unseen)
        assert sorted(items[:n].tolist()) == unseen.tolist()
        assert (items[n:] == -1).all()
    everything = recommend(scorer, histories, demo_dataset.n_items, exclude_seen=False)
    assert (np.sort(everything.items, axis=1) == np.arange(demo_dataset.n_items)).all()
