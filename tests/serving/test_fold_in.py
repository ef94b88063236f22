from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from sklearn.linear_model import Ridge

from recsys.data.dataset import History, RatingScale
from recsys.serving.fold_in import (
    _minimum,
    _pairwise_loss,
    _places_of_hardest,
    bias_of_new_user,
    pairwise_vector,
    ridge_vector,
    taste_weights,
)
from recsys.serving.scorers import FactorScorer, Query, Unit

RANDOM = np.random.default_rng(0)
FACTORS = RANDOM.normal(size=(30, 4)).astype(np.float32)
BIAS = RANDOM.normal(size=30).astype(np.float32)


def test_the_bias_is_the_mean_deviation_shrunk() -> None:
    assert bias_of_new_user(np.array([1.0, 0.5, -0.3]), regularization=15) == pytest.approx(
        (1.0 + 0.5 - 0.3) / (15 + 3)
    )
    assert bias_of_new_user(np.array([]), regularization=0) == 0


@pytest.mark.parametrize("n", [1, 3, 30])
def test_the_ridge_vector_is_that_of_scikit_learn(n: int) -> None:
    """The bias is one more coefficient, of a column of ones, and is penalised like the others."""
    residuals = RANDOM.normal(size=n)
    design = np.hstack([np.ones((n, 1)), FACTORS[:n]])
    theirs = Ridge(alpha=n * 0.1, fit_intercept=False).fit(design, residuals).coef_
    vector, bias = ridge_vector(FACTORS[:n], residuals, 0.1)
    np.testing.assert_allclose(np.concatenate([[bias], vector]), theirs, rtol=1e-4, atol=1e-6)


def test_much_regularization_leaves_nothing() -> None:
    vector, bias = ridge_vector(FACTORS, np.ones(30), 1e9)
    assert np.abs([*vector, bias]).max() < 1e-6


def test_a_short_history_without_regularization_has_an_answer() -> None:
    vector, bias = ridge_vector(np.zeros((1, 4), dtype=np.float32), np.ones(1), 0.0)
    assert np.isfinite([*vector, bias]).all()


LIKED = np.array([3, 8, 21])
ALIKE = np.ones(3)


def bpr_objective(vector: np.ndarray, liked: np.ndarray, regularization: float) -> float:
    """Rendle et al. (2009) for one user, over all pairs, in plain loops."""
    scores = FACTORS.astype(float) @ vector + BIAS
    others = [j for j in range(len(FACTORS)) if j not in liked]
    pairs = [np.log1p(np.exp(-(scores[i] - scores[j]))) for i in liked for j in others]
    return float(np.mean(pairs) + regularization * vector @ vector)


@pytest.mark.parametrize("regularization", [0.0, 0.001, 0.1])
@pytest.mark.parametrize("n_factors", [2, 64])
def test_its_minimum_is_that_of_scipy(regularization: float, n_factors: int) -> None:
    random = np.random.default_rng(1)
    films, bias = random.normal(size=(40, n_factors)), random.normal(size=40)
    liked = np.arange(5)
    given = films[:5], films[5:], bias[:5, None] - bias[None, 5:], np.full(5, 1 / (5 * 35)), regularization
    found = _minimum(lambda vector: _pairwise_loss(vector, *given), np.zeros(n_factors))
    theirs = minimize(lambda vector: _pairwise_loss(vector, *given)[:2], np.zeros(n_factors), jac=True, tol=1e-12)
    assert _pairwise_loss(found, *given)[0] <= theirs.fun + 1e-9
    if regularization:
        np.testing.assert_allclose(found, theirs.x, atol=1e-4)
    assert np.isfinite(pairwise_vector(liked, np.ones(5), liked, films, bias, regularization, 8)).all()


@pytest.mark.parametrize("regularization", [0.01, 0.1, 1.0])
def test_the_pairwise_vector_minimises_bprs_objective(regularization: float) -> None:
    vector = pairwise_vector(LIKED, ALIKE, LIKED, FACTORS, BIAS, regularization).astype(float)
    slope = approx_fprime(vector, bpr_objective, 1e-6, LIKED, regularization)
    assert np.abs(slope).max() < 1e-3
    best = bpr_objective(vector, LIKED, regularization)
    assert best < bpr_objective(np.zeros(4), LIKED, regularization)
    for step in 0.05 * RANDOM.normal(size=(20, 4)):
        assert bpr_objective(vector + step, LIKED, regularization) > best


def test_a_few_negatives_stand_for_all() -> None:
    few, all_of_them = (pairwise_vector(LIKED, ALIKE, LIKED, FACTORS, BIAS, 0.1, 1, n) for n in (14, 27))
    assert not np.array_equal(few, all_of_them)
    assert np.corrcoef(FACTORS @ few, FACTORS @ all_of_them)[0, 1] > 0.8


def test_a_weight_of_two_is_the_film_twice() -> None:
    heavy = pairwise_vector(LIKED, np.array([1.0, 2.0, 1.0]), LIKED, FACTORS, BIAS, 0.1)
    twice = pairwise_vector(LIKED[[0, 1, 1, 2]], np.ones(4), LIKED, FACTORS, BIAS, 0.1)
    np.testing.assert_allclose(heavy, twice, atol=1e-4)
    assert not np.allclose(heavy, pairwise_vector(LIKED, ALIKE, LIKED, FACTORS, BIAS, 0.1), atol=1e-2)


def test_newer_films_and_more_stars_weigh_more() -> None:
    scale = RatingScale()
    np.testing.assert_allclose(taste_weights(np.array([5.0, 5.0]), scale, 0.0, 4.0), [np.exp(-2.0), 1.0])
    np.testing.assert_allclose(taste_weights(np.array([4.0, 2.0, 5.0]), scale, 2.0, 0.0), [0.64, 0.16, 1.0])
    assert len(taste_weights(np.array([]), scale, 2.0, 4.0)) == 0


@pytest.mark.parametrize(
    ("scale", "stars"),
    [(RatingScale(0.0, 10.0, 1.0), [0.0, 10.0]), (RatingScale(-2.0, 8.0, 1.0), [-2.0, 8.0])],
    ids=["from nought to ten", "below nought"],
)
def test_on_any_scale_the_lowest_stars_weigh_little_and_not_nothing(scale: RatingScale, stars: list[float]) -> None:
    np.testing.assert_allclose(taste_weights(np.array(stars), scale, 1.0, 0.0), [1 / 11, 1.0])


def test_a_new_users_stars_weigh_as_the_scorers_scale_has_them() -> None:
    """On 3 to 5 stars these are 1 and 3 of 3 steps; on 1 to 5 they would be 3 and 5 of 5."""
    scorer = FactorScorer(
        Unit.STRENGTH, Query.PAIRWISE, BIAS, FACTORS, regularization=0.1, scale=RatingScale(3.0, 5.0), star_power=1.0
    )
    history = History.of_new_user([2, 5], [3.0, 5.0])
    expected = pairwise_vector(history.items, np.array([1.0, 3.0]), history.items, FACTORS, BIAS, 0.1)
    again = FactorScorer.from_state(scorer.state())
    for each in (scorer, again):
        np.testing.assert_allclose(each.score([history])[0], BIAS + FACTORS @ expected, rtol=1e-4, atol=1e-5)


def test_a_model_that_was_written_without_its_scale_is_read_as_of_five_stars() -> None:
    state = FactorScorer(Unit.STRENGTH, Query.PAIRWISE, BIAS, FACTORS, star_power=2.0).state()
    del state.settings["scale"]
    assert FactorScorer.from_state(state).scale == RatingScale(1.0, 5.0, 1.0)
    half, whole = (taste_weights(np.array([1.5, 4.0]), RatingScale(low, 5.0, low), 2.0, 0.0) for low in (0.5, 1.0))
    np.testing.assert_allclose(half, whole)  # so it does not matter which five


@pytest.mark.parametrize("n_candidates", [1, 2, 8])
def test_the_places_are_those_of_the_best_of_a_few_draws(n_candidates: int) -> None:
    draws = RANDOM.integers(0, 1000, size=(20_000, n_candidates)).min(axis=1)  # place 0 scores highest
    places = _places_of_hardest(1000, n_candidates, 200)
    np.testing.assert_allclose(np.quantile(places, [0.1, 0.5, 0.9]), np.quantile(draws, [0.1, 0.5, 0.9]), atol=25)
    assert _places_of_hardest(5, n_candidates, 200).max() <= 4


def test_with_candidates_the_objective_is_that_of_the_hardest() -> None:
    """The mean loss against the best of three draws, by drawing: lower for the vector made for it."""
    films = RANDOM.normal(size=(400, 16)) + np.where(np.arange(400)[:, None] < 40, 0.7, 0.0)  # a taste: the first 40
    bias, liked = np.zeros(400), np.arange(0, 40, 4)
    unseen = np.setdiff1d(np.arange(400), liked)
    draws = RANDOM.choice(unseen, size=(5000, 3))

    def loss(n_candidates: int) -> float:
        vector = pairwise_vector(liked, np.ones(10), liked, films, bias, 1e-2, n_candidates).astype(float)
        scores = films @ vector
        margins = scores[liked][:, None] - scores[draws].max(axis=1)
        return float(np.logaddexp(0, -margins).mean() + 1e-2 * vector @ vector)

    assert loss(3) < loss(1) < np.log(2) * 2


@pytest.mark.parametrize("liked", [np.array([], dtype=int), np.arange(30)], ids=["nothing", "everything"])
def test_without_a_comparison_the_pairwise_vector_is_zero(liked: np.ndarray) -> None:
    assert pairwise_vector(liked, np.ones(len(liked)), liked, FACTORS, BIAS, 0.1).tolist() == [0, 0, 0, 0]


def test_nothing_known_means_no_vector_and_no_bias() -> None:
    vector, bias = ridge_vector(FACTORS[:0], np.array([]), 0.1)
    assert (vector.tolist(), bias) == ([0, 0, 0, 0], 0)


def test_a_new_user_is_answered_as_the_query_says() -> None:
    history = History.of_new_user([2, 5], [5.0, 2.0])

    def ask(query: Query, min_rating: float = 0.0) -> np.ndarray:
        scorer = FactorScorer(
            Unit.STARS, query, BIAS, FACTORS, global_bias=3.5, regularization=0.1, min_rating=min_rating
        )
        return scorer.score([history])[0]

    residuals = history.ratings - 3.5 - BIAS[[2, 5]]
    vector, bias = ridge_vector(FACTORS[[2, 5]], residuals, 0.1)
    np.testing.assert_allclose(ask(Query.RIDGE), 3.5 + bias + BIAS + FACTORS @ vector, rtol=1e-5)
    np.testing.assert_allclose(ask(Query.BIAS), 3.5 + bias_of_new_user(residuals, 0.1) + BIAS, rtol=1e-5)
    liked_only = pairwise_vector(np.array([2]), np.ones(1), history.items, FACTORS, BIAS, 0.1)
    np.testing.assert_allclose(ask(Query.PAIRWISE, 4.0), 3.5 + BIAS + FACTORS @ liked_only, rtol=1e-4, atol=1e-5)
