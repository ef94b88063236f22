"""Changes of a profile, of popularity's weight and of what may be listed; and what moves."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.data.catalog import Catalog, IdMap
from recsys.data.dataset import RatingScale
from recsys.explain.what_if import Move, Question, allowed, changed, flipped, moves, only_counts, penalised, reordered
from recsys.serving.lists import ModelList
from recsys.serving.new_user import Profile
from recsys.serving.scorers import Unit

STARS = RatingScale()
HALVES = RatingScale(0.5, 5.0, 0.5)


def listed(items: list[int], scores: list[float] | None = None, unit: Unit = Unit.STRENGTH) -> ModelList:
    n = len(items)
    values = np.array(scores if scores is not None else range(n, 0, -1), dtype=np.float32)
    nothing = np.zeros(0, dtype=np.int64)
    return ModelList("toy", unit, np.array(items, dtype=np.int32), values, np.zeros(n, dtype=bool), nothing, 0.0)


def catalog() -> Catalog:
    years = np.array([1950, 1960, 1970, 0, 1990])
    genres = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 1]], dtype=bool)
    return Catalog(IdMap(np.arange(10, 15)), ("A", "B", "C", "D", "E"), years, genres, ("Drama", "War"))


@pytest.mark.parametrize(
    ("stars", "scale", "turned"),
    [
        (5, STARS, 1), (4, STARS, 2), (3, STARS, 4), (2, STARS, 4), (1, STARS, 5),
        (5, HALVES, 0.5), (4.5, HALVES, 1), (4, HALVES, 1.5), (3.5, HALVES, 4), (0.5, HALVES, 5), (1, HALVES, 4.5),
    ],
)  # fmt: skip
def test_a_like_becomes_a_dislike_and_the_other_way_round(stars: float, scale: RatingScale, turned: float) -> None:
    assert flipped(stars, scale, 4.0) == turned
    assert (turned >= 4) != (stars >= 4)


def test_the_profile_that_is_asked_about() -> None:
    profile = Profile(((3, 5.0), (1, 2.0), (4, 4.0)))
    assert changed(profile, Question(drop=1), STARS, 4.0).films == ((3, 5.0), (4, 4.0))
    assert changed(profile, Question(flip=3), STARS, 4.0).films == ((3, 1.0), (1, 2.0), (4, 4.0))
    assert changed(profile, Question(drop=99, penalty=0.5), STARS, 4.0) == profile
    assert Question().is_empty
    assert not Question(years=(1980, 1990)).is_empty
    assert Question(flip=0).is_about_films
    assert not Question(genres=("War",)).is_about_films


def test_filters_leave_the_films_that_they_name() -> None:
    assert allowed(catalog(), Question()).tolist() == [True] * 5
    assert allowed(catalog(), Question(genres=("War",))).tolist() == [False, False, True, True, True]
    assert allowed(catalog(), Question(genres=("War", "Drama"))).tolist() == [True] * 5
    assert allowed(catalog(), Question(years=(1960, 1990))).tolist() == [False, True, True, False, True]
    both = Question(genres=("Drama",), years=(1955, 1965))
    assert allowed(catalog(), both).tolist() == [False, True, False, False, False]
    assert not allowed(catalog(), Question(genres=("No such",))).any()


def test_ups_downs_new_and_gone_by_hand() -> None:
    before, after = listed([0, 1, 2, 3, 4]), listed([2, 0, 4, 1])
    found = moves(before, after, 3)
    assert found.rows == (Move(2, 1, 3), Move(0, 2, 1), Move(4, 3, 5))
    assert [move.up for move in found.rows] == [2, -1, 2]
    assert found.new == {4}
    assert found.gone == (Move(1, 4, 2),)
    assert not found.is_still


def test_a_film_without_a_place_before_is_new_and_one_without_a_place_after_is_gone() -> None:
    found = moves(listed([0, 1, 2]), listed([9, 0]), 2)
    assert found.rows == (Move(9, 1, None), Move(0, 2, 1))
    assert found.rows[0].up == 0
    assert found.new == {9}
    assert found.gone == (Move(1, None, 2),)


def test_a_list_that_does_not_change_is_still() -> None:
    assert moves(listed([0, 1, 2]), listed([0, 1, 2]), 2).is_still
    assert moves(listed([0, 1, 2, 3]), listed([0, 1, 3, 2]), 2).is_still
    assert not moves(listed([0, 1]), listed([1, 0]), 2).is_still
    assert not moves(listed([0, 1]), listed([]), 2).is_still


def test_the_penalty_by_hand() -> None:
    # places by score 3, 1, 2 and by popularity 1, 2.5, 2.5
    scores, counts = np.array([-7.0, 900.0, 0.5]), np.array([50, 4, 4])
    assert penalised(scores, counts, 0.0) == pytest.approx(-np.log([3, 1, 2]))
    assert penalised(scores, counts, 0.5) == pytest.approx(np.log([1 / 3, 2.5**0.5, 2.5**0.5 / 2]))
    assert penalised(scores, counts, 1.0) == pytest.approx(np.log([1 / 3, 2.5, 1.25]))
    assert len(penalised(np.zeros(0), np.zeros(0), 0.5)) == 0


def test_only_the_order_of_the_scores_counts() -> None:
    rng = np.random.default_rng(0)
    scores, counts = rng.normal(size=200).round(1), rng.integers(0, 30, 200)  # both with ties
    expected = penalised(scores, counts, 0.6)
    for transformed in (1000 * scores + 7, np.exp(9 * scores), scores**3, 1 / (1 + np.exp(-scores))):
        assert np.array_equal(penalised(transformed, counts, 0.6), expected)
    assert np.isfinite(penalised(np.array([0.0, 1.0, 1e30, -1e30]), np.array([0, 0, 0, 0]), 1.0)).all()


N = 1500
COUNTS = (600 * np.random.default_rng(1).pareto(1.0, N) / 100).astype(int)
TAILS = {
    "normal": lambda z: z,
    "exp of a normal": lambda z: np.exp(3 * z),
    "uniform": lambda z: np.argsort(np.argsort(z)) / N,
    "stars": lambda z: 3 + np.tanh(z),
}


def median_of_ten(seed: int, tail: str, penalty: float) -> float:
    """The median number of ratings of the first ten of a toy model that follows popularity with noise."""
    z = np.argsort(np.argsort(COUNTS)) / N * 2 + np.random.default_rng(seed).normal(size=N) * 0.5
    scores = np.asarray(TAILS[tail](z), dtype=np.float64)
    return float(np.median(COUNTS[np.argsort(-penalised(scores, COUNTS, penalty), kind="stable")[:10]]))


@pytest.mark.parametrize("tail", TAILS)
def test_more_penalty_is_never_a_more_popular_top_ten_on_average(tail: str) -> None:
    by_penalty = [np.mean([median_of_ten(seed, tail, w / 10) for seed in range(2, 32)]) for w in range(11)]
    assert (np.diff(by_penalty) <= 0).all()
    assert by_penalty[3] < 0.95 * by_penalty[0]
    assert 0 < by_penalty[10] < 0.7 * by_penalty[0]  # of the long tail, and not of films that nobody rated


@pytest.mark.parametrize("penalty", [0.25, 0.5, 1.0])
def test_one_penalty_moves_models_with_different_tails_alike(penalty: float) -> None:
    # fresh noise for each model, so that they are different models and not one in four disguises
    found = [
        np.mean([median_of_ten(100 * n + s, tail, penalty) / median_of_ten(100 * n + s, tail, 0) for s in range(30)])
        for n, tail in enumerate(TAILS, start=1)
    ]
    assert max(found) - min(found) < 0.15


def test_a_list_that_only_counts_people_stays_as_it_is_until_nothing_is_left() -> None:
    counts = np.array([5, 0, 300, 12, 5])
    full = listed([2, 3, 0, 4, 1], [300.0, 12.0, 5.0, 5.0, 0.0], Unit.VIEWERS)
    assert only_counts(full, counts)
    assert only_counts(listed([2, 3, 0, 4, 1], [0.9, 0.3, 0.1, 0.1, -4.0]), counts)  # whatever it calls its scores
    assert not only_counts(listed([3, 2, 0, 4, 1], [9.0, 8.0, 1.0, 1.0, 0.0]), counts)
    assert not only_counts(listed([2, 3, 0, 4, 1]), counts)  # it tells 0 from 4, which counting does not
    for penalty in (0.1, 0.5, 0.9):
        assert reordered(full, Question(penalty=penalty), catalog(), counts).items.tolist() == [2, 3, 0, 4, 1]
    assert penalised(counts.astype(np.float32), counts, 1.0).tolist() == [0.0] * 5


def test_equal_films_keep_the_order_of_their_indices() -> None:
    full = listed([1, 3, 0, 2, 4], [2.0, 2.0, 1.0, 1.0, 1.0])
    after = reordered(full, Question(penalty=0.5), catalog(), np.array([7, 7, 7, 7, 7]))
    assert after.items.tolist() == [1, 3, 0, 2, 4]
    tiny = reordered(full, Question(penalty=1e-12), catalog(), np.array([1, 2, 3, 4, 5]))
    assert tiny.items.tolist() == [1, 3, 0, 2, 4]


def test_a_filtered_list_keeps_its_order_and_its_scores() -> None:
    full = listed([4, 3, 2, 1, 0], [9.0, 8.0, 7.0, 6.0, 5.0])
    kept = reordered(full, Question(genres=("Drama",)), catalog(), np.ones(5))
    assert kept.items.tolist() == [4, 1, 0]
    assert kept.scores.tolist() == [9.0, 6.0, 5.0]
    assert reordered(full, Question(drop=1), catalog(), np.ones(5)) is full
    assert len(reordered(full, Question(years=(1800, 1801)), catalog(), np.ones(5)).items) == 0


def test_a_penalised_list_puts_rare_films_first_and_shows_the_model_s_own_scores() -> None:
    # place by score 1, 2, 3 over place by popularity 1, 2.5, 2.5: 1, 0.8, 1.2; film 1 leads from 2 < 2.5^w on
    full = listed([0, 1, 2], [3.0, 2.9, 1.0])
    counts = np.array([1000, 1, 1, 0, 0])
    after = reordered(full, Question(penalty=1.0), catalog(), counts)
    assert after.items.tolist() == [1, 0, 2]
    assert after.scores.tolist() == pytest.approx([2.9, 3.0, 1.0])
    assert reordered(full, Question(penalty=0.76), catalog(), counts).items.tolist() == [1, 0, 2]
    assert reordered(full, Question(penalty=0.75), catalog(), counts).items.tolist() == [0, 1, 2]


def test_films_that_were_masked_before_stay_out() -> None:
    full = listed([0, 2], [2.0, 1.0])  # 1, 3 and 4 were seen
    after = reordered(full, Question(penalty=0.5, genres=("Drama", "War")), catalog(), np.arange(5))
    assert sorted(after.items.tolist()) == [0, 2]
