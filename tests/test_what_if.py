"""Changes of a profile, of popularity's weight and of what may be listed; and what moves."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.catalog import Catalog, IdMap
from recsys.compare import ModelList
from recsys.dataset import RatingScale
from recsys.scorers import Unit
from recsys.visitor import Profile
from recsys.what_if import Move, Question, allowed, changed, flipped, moves, penalised, reordered

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
    # scores 1, 2, 3 have spread sqrt(2/3); log popularity is log(1), log(10), log(100): the same z values backwards.
    scores, counts = np.array([1.0, 2.0, 3.0]), np.array([0, 9, 99])
    z = np.array([-1.0, 0.0, 1.0]) / np.sqrt(2 / 3)
    assert penalised(scores, Unit.STARS, counts, 0.0) == pytest.approx(z)
    assert penalised(scores, Unit.STARS, counts, 0.25) == pytest.approx(0.75 * z)
    assert penalised(scores, Unit.STARS, counts, 1.0) == pytest.approx(np.zeros(3))


def test_the_penalty_weighs_alike_whatever_the_scale_of_the_scores() -> None:
    scores, counts = np.array([0.3, -2.0, 5.0, 1.1]), np.array([3, 8, 100, 0])
    first = penalised(scores, Unit.STRENGTH, counts, 0.4)
    assert penalised(1000 * scores + 7, Unit.STRENGTH, counts, 0.4) == pytest.approx(first)


def test_a_model_that_counts_people_has_nothing_left_at_the_full_penalty() -> None:
    counts = np.array([5, 0, 300, 12])
    assert penalised(counts.astype(np.float32), Unit.VIEWERS, counts, 1.0).tolist() == [0.0] * 4


def test_probabilities_enter_as_log_odds_and_nothing_is_undefined() -> None:
    chances = np.array([0.5, 0.9, 1 - 1e-9, 0.0, 1.0])
    values = penalised(chances, Unit.NEXT, np.arange(5), 0.7)
    assert np.isfinite(values).all()
    order = np.argsort(penalised(chances[:3], Unit.LIKE, np.array([7, 7, 7]), 1.0))
    assert order.tolist() == [0, 1, 2]
    assert penalised(np.full(3, 2.0), Unit.STARS, np.full(3, 4), 1.0).tolist() == [0.0] * 3  # no spread at all
    assert len(penalised(np.zeros(0), Unit.STARS, np.zeros(0), 0.5)) == 0


def test_a_filtered_list_keeps_its_order_and_its_scores() -> None:
    full = listed([4, 3, 2, 1, 0], [9.0, 8.0, 7.0, 6.0, 5.0])
    kept = reordered(full, Question(genres=("Drama",)), catalog(), np.ones(5))
    assert kept.items.tolist() == [4, 1, 0]
    assert kept.scores.tolist() == [9.0, 6.0, 5.0]
    assert reordered(full, Question(drop=1), catalog(), np.ones(5)) is full
    assert len(reordered(full, Question(years=(1800, 1801)), catalog(), np.ones(5)).items) == 0


def test_a_penalised_list_puts_rare_films_first_and_shows_the_model_s_own_scores() -> None:
    # z of scores: 0.76, 0.65, -1.41; of log popularity: 1.41, -0.71, -0.71; the difference: -0.65, 1.36, -0.71
    full = listed([0, 1, 2], [3.0, 2.9, 1.0])
    counts = np.array([1000, 1, 1, 0, 0])
    after = reordered(full, Question(penalty=1.0), catalog(), counts)
    assert after.items.tolist() == [1, 0, 2]
    assert after.scores.tolist() == pytest.approx([2.9, 3.0, 1.0])
    assert reordered(full, Question(penalty=0.06), catalog(), counts).items.tolist() == [1, 0, 2]
    assert reordered(full, Question(penalty=0.04), catalog(), counts).items.tolist() == [0, 1, 2]


def test_films_that_were_masked_before_stay_out() -> None:
    full = listed([0, 2], [2.0, 1.0])  # 1, 3 and 4 were seen
    after = reordered(full, Question(penalty=0.5, genres=("Drama", "War")), catalog(), np.arange(5))
    assert sorted(after.items.tolist()) == [0, 2]
