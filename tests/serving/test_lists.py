from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.dataset import History, RatingScale
from recsys.errors import UsageError
from recsys.evaluation.evaluate import list_metrics
from recsys.serving.lists import ModelList, agreement, jaccard, model_list, rank_biased_overlap
from recsys.serving.scorers import FactorScorer, Query, Unit


def fixed(*scores: float) -> FactorScorer:
    """The same scores for everybody."""
    return FactorScorer(Unit.STRENGTH, Query.CONSTANT, np.array(scores, dtype=np.float32))


def listed(model: str, *items: int) -> ModelList:
    ranked = np.array(items, dtype=np.int32)
    nothing = np.array([], dtype=np.int64)
    return ModelList(model, Unit.STRENGTH, ranked, -ranked.astype(float), np.zeros(len(items), bool), nothing, 0.0)


# Lists

SEEN = History.of_new_user([0], [5])
SIX = fixed(9, 5, 4, 3, 2, 1)
"""Film 0 is the best and has been seen; the others follow in order."""


def test_hits_and_missed_ranks_are_those_of_the_whole_ranking() -> None:
    ranked = model_list("m", SIX, SEEN, np.array([2, 4, 5, 0]), k=3)
    assert ranked.items.tolist() == [1, 2, 3]
    assert ranked.scores.tolist() == [5, 4, 3]
    assert ranked.is_hit.tolist() == [False, True, False]
    assert ranked.n_hits == 1
    assert ranked.missed_ranks.tolist() == [4, 5]  # film 0 may not be listed, so it has no rank


def test_seen_films_can_be_listed_too() -> None:
    ranked = model_list("m", SIX, SEEN, np.array([4]), k=2, exclude_seen=False)
    assert ranked.items.tolist() == [0, 1]
    assert ranked.missed_ranks.tolist() == [5]


def test_a_list_is_shorter_where_films_ran_out() -> None:
    history = History.of_new_user([0, 1, 2, 3], [5] * 4)
    ranked = model_list("m", SIX, history, np.array([5]), k=4)
    assert ranked.items.tolist() == [4, 5]
    assert list_metrics(ranked, n_relevant=1, k=4)["precision"] == 1 / 4
    nothing = model_list("m", SIX, History.of_new_user(range(6), [5] * 6), np.array([]), k=4)
    assert (len(nothing.items), len(nothing.strengths()), nothing.n_hits) == (0, 0, 0)


@pytest.mark.parametrize("k", [0, 7])
def test_k_is_checked(k: int) -> None:
    with pytest.raises(UsageError, match=f"k must be between 1 and 6, the number of films. Received {k}."):
        model_list("m", SIX, SEEN, np.array([]), k=k)


def test_own_metrics_of_one_user() -> None:
    ranked = model_list("m", SIX, SEEN, np.array([2, 4]), k=3)
    own = list_metrics(ranked, n_relevant=2, k=3)
    assert own["recall"] == 1 / 2
    assert own["mrr"] == 1 / 2
    assert all(np.isnan(value) for value in list_metrics(ranked, n_relevant=0, k=3).values())


def test_own_metrics_at_a_smaller_k() -> None:
    ranked = model_list("m", SIX, SEEN, np.array([2, 4]), k=5)
    assert list_metrics(ranked, n_relevant=2, k=1)["hit_rate"] == 0


def test_strengths_put_the_first_at_100_and_a_typical_film_at_0() -> None:
    ranked = model_list("m", SIX, SEEN, np.array([]), k=5)  # the median of 5, 4, 3, 2, 1 is 3
    np.testing.assert_allclose(ranked.strengths(), [100, 50, 0, -50, -100])
    np.testing.assert_allclose(model_list("m", fixed(2, 2, 2), SEEN, np.array([]), k=2).strengths(), [100, 100])
    largest = model_list("m", fixed(3e38, 0, -3e38), SEEN, np.array([]), k=2)
    assert np.isfinite(largest.strengths()).all()


# Overlap


def test_jaccard_by_hand() -> None:
    assert jaccard(np.array([1, 2, 3]), np.array([3, 4])) == 1 / 4
    assert jaccard(np.array([1, 2]), np.array([2, 1])) == 1
    assert jaccard(np.array([1]), np.array([2])) == 0
    assert jaccard(np.array([]), np.array([])) == 1


def webber_equation_32(short: list[int], long: list[int], p: float) -> float:
    """RBO_EXT term by term, as printed for lists of s and l films (Webber, Moffat & Zobel 2010)."""
    s, n = len(short), len(long)

    def shared(depth: int) -> int:
        return len(set(short[:depth]) & set(long[:depth]))

    seen = sum(shared(d) / d * p**d for d in range(1, n + 1))
    assumed = sum(shared(s) * (d - s) / (s * d) * p**d for d in range(s + 1, n + 1))
    return (1 - p) / p * (seen + assumed) + ((shared(n) - shared(s)) / n + shared(s) / s) * p**n


RANKINGS = st.integers(1, 12).flatmap(lambda n: st.tuples(*[st.permutations(range(16)).map(lambda x: x[:n])] * 2))


@given(lists=RANKINGS, p=st.floats(0.05, 0.98))
def test_rank_biased_overlap_is_equation_32(lists: tuple[list[int], list[int]], p: float) -> None:
    first, second = lists
    ours = rank_biased_overlap(np.array(first), np.array(second), p)
    assert ours == pytest.approx(webber_equation_32(first, second, p))
    assert ours == pytest.approx(rank_biased_overlap(np.array(second), np.array(first), p))
    assert -1e-9 <= ours <= 1 + 1e-9


def test_rank_biased_overlap_knows_its_ends_and_its_top() -> None:
    ten = np.arange(10)
    assert rank_biased_overlap(ten, ten) == pytest.approx(1)
    assert rank_biased_overlap(ten, ten + 10) == 0
    assert rank_biased_overlap(np.array([]), np.array([])) == 1
    assert rank_biased_overlap(ten, np.array([])) == 0
    swapped_top, swapped_end = ten.copy(), ten.copy()
    swapped_top[[0, 1]], swapped_end[[8, 9]] = [1, 0], [9, 8]
    assert rank_biased_overlap(ten, swapped_top) < rank_biased_overlap(ten, swapped_end) < 1
    # By hand, p = 1/2: agreement 0 and then 1 at depth 2 gives 1 * 1/4 + 1 * (0 * 1/2 + 1 * 1/4).
    assert rank_biased_overlap(np.array([1, 2]), np.array([2, 1]), p=0.5) == pytest.approx(1 / 2)


def test_agreement_counts_votes_and_orders_them_by_mean_rank() -> None:
    found = agreement([listed("a", 1, 2, 3), listed("b", 3, 1, 4), listed("c", 5, 1, 6)])
    assert found.votes == {1: ("a", "b", "c"), 3: ("a", "b"), 5: ("c",), 2: ("a",), 4: ("b",), 6: ("c",)}
    assert list(found.votes) == [1, 3, 5, 2, 4, 6]  # votes, then mean rank, then film number
    assert found.films_of_many(2) == [1, 3]
    assert found.films_of_one("c") == [5, 6]
    np.testing.assert_allclose(found.jaccard, [[1, 2 / 4, 1 / 5], [2 / 4, 1, 1 / 5], [1 / 5, 1 / 5, 1]])
    np.testing.assert_allclose(np.diag(found.rank_biased_overlap), 1)
    np.testing.assert_allclose(found.rank_biased_overlap, found.rank_biased_overlap.T)


def test_stars_are_shown_on_their_scale_and_other_units_as_they_are() -> None:
    ranked = replace(listed("a", 1, 2), scores=np.array([5.4, 0.7], dtype=np.float32), unit=Unit.STARS)
    np.testing.assert_allclose(ranked.shown_scores(RatingScale(1, 5)), [5.0, 1.0])
    np.testing.assert_allclose(replace(ranked, unit=Unit.LIKE).shown_scores(RatingScale(1, 5)), [5.4, 0.7], rtol=1e-6)
