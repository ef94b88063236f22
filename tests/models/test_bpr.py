from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.data.dataset import History, RatingScale
from recsys.errors import UsageError
from recsys.models import bpr, keras_tools, sampling
from recsys.models.base import FitOptions
from recsys.models.bpr import BPR, Config
from recsys.models.sampling import UnseenSampler, UserRows
from recsys.serving.ranking import recommend
from recsys.serving.scorers import FactorScorer
from tests.contract import RecommenderContract
from tests.toys import checkerboard, from_triples, genre_tastes

pytestmark = pytest.mark.training


class TestBPR(RecommenderContract):
    """With one candidate: so few films are unseen on the toys that the hardest would mostly be the withheld answer."""

    model = BPR
    toy = staticmethod(checkerboard)
    settings = {
        "n_factors": 8, "n_epochs": 60, "learning_rate": 0.02, "batch_size": 256, "regularization": 1e-3,
        "n_candidates": 1, "star_power": 2.0, "recency": 1.0,
    }  # fmt: skip
    changes = {
        "n_factors": 4, "n_negatives": 3, "n_candidates": 4, "learning_rate": 0.1, "regularization": 0.5,
        "batch_size": 640, "n_epochs": 1, "min_rating": 4.0, "star_power": 0.0, "recency": 0.0,
    }  # fmt: skip


def test_negatives_are_never_from_the_history() -> None:
    train = genre_tastes().known
    sampler = UnseenSampler(train, seed=0)
    users = np.repeat(np.arange(train.n_users), 200)
    drawn = sampler.draw(users)
    for user in range(train.n_users):
        assert not np.isin(drawn[users == user], train.history(user).items).any()
    unseen = train.n_items - train.user_counts[0]
    assert len(np.unique(drawn[users == 0])) == unseen  # ... and each unseen film is drawn sooner or later


def test_a_row_holds_films_of_one_user() -> None:
    users, items = np.array([2, 0, 2, 2, 0]), np.array([10, 11, 12, 13, 14])
    rows = UserRows.of(users, items, weights=np.array([1.0, 2.0, 3.0, 4.0, 5.0]), width=2)
    np.testing.assert_array_equal(rows.users, [0, 2, 2])
    np.testing.assert_array_equal(rows.items, [[11, 14], [10, 12], [13, 0]])
    np.testing.assert_allclose(rows.weights, np.array([[2, 5], [1, 3], [4, 0]]) / 3)
    np.testing.assert_array_equal(rows.is_filled, [[True, True], [True, True], [True, False]])


@pytest.mark.parametrize("together", [sampling.DRAWN_TOGETHER, 100, 1])
def test_rows_draw_unseen_films_for_the_user_of_each_row(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "DRAWN_TOGETHER", together)
    train = genre_tastes().known
    rows = UserRows.of(train.users, train.items, np.ones(len(train)), width=8)
    drawn = rows.draw(UnseenSampler(train, seed=0), (3, 5))
    assert drawn.shape == (len(rows), 8, 3, 5)
    for row, user in enumerate(rows.users):
        assert not np.isin(drawn[row][rows.is_filled[row]], train.history(int(user)).items).any()
        assert not drawn[row][~rows.is_filled[row]].any()


def test_stars_and_recency_weigh_a_film() -> None:
    train = from_triples([(0, 0, 5.0), (0, 1, 2.5), (1, 0, 5.0)], n_users=2, n_items=2)
    weights = bpr.film_weights(train, Config(star_power=2.0, recency=3.0))
    np.testing.assert_allclose(weights, [np.exp(-1.5), 0.25, 1.0])
    untimed = replace(train, timestamps=np.zeros(3, dtype=np.int64))
    np.testing.assert_allclose(bpr.film_weights(untimed, Config(star_power=0.0, recency=3.0)), 1.0)
    on_ten = replace(train, scale=RatingScale(2.0, 10.0, 0.5))  # 17 steps: 5 stars are the 7th, 2.5 the 2nd
    np.testing.assert_allclose(bpr.film_weights(on_ten, Config(star_power=1.0, recency=0.0)) * 17, [7, 2, 7])


@pytest.mark.parametrize(
    ("settings", "scale", "is_timed", "min_rating", "recency"),
    [
        ({"star_power": 2.0, "recency": 3.0}, RatingScale(0.5, 5.0, 0.5), True, 2.75, 3.0),  # the middle of the scale
        ({"star_power": 2.0, "recency": 3.0, "min_rating": 4.0}, RatingScale(), False, 4.0, 0.0),
        ({"star_power": 0.0, "recency": 3.0}, RatingScale(), True, 0.0, 3.0),  # each film is a sign of taste
    ],
)
def test_a_new_users_films_are_read_as_those_in_training(
    settings: dict[str, float], scale: RatingScale, is_timed: bool, min_rating: float, recency: float
) -> None:
    rows = [(0, 0, 5.0), (0, 1, 2.5), (1, 2, 4.5), (1, 3, 1.0)]
    train = replace(from_triples(rows, n_users=2, n_items=4), scale=scale)
    train = train if is_timed else replace(train, timestamps=np.zeros(4, dtype=np.int64))
    fitted = BPR(Config(n_factors=2, n_epochs=1, **settings)).fit(train, FitOptions())
    kept = FactorScorer.from_state(fitted.state())
    assert (kept.min_rating, kept.recency) == (min_rating, recency)
    assert (kept.star_power, kept.scale) == (settings["star_power"], scale)


def test_the_loss_is_against_the_highest_scoring_candidate() -> None:
    config = Config(n_factors=2, n_negatives=1, n_candidates=3, regularization=0.5)
    keras = keras_tools.start(0, "cpu")
    network = bpr._network(keras, 1, 4, config, seed=0)
    user, films, bias = np.array([1.0, 2.0]), np.array([[1, 1], [0, 1], [2, 1], [0, 0]]), np.array([0.5, 0, 0, 1])
    network.get_layer("users").set_weights([user[None, :]])
    network.get_layer("films").set_weights([films, bias])
    liked, candidates = np.zeros((1, bpr.ROW_WIDTH), dtype=int), np.tile([1, 2, 3], (1, bpr.ROW_WIDTH, 1, 1))
    losses = keras.ops.convert_to_numpy(network([np.zeros(1, dtype=int), liked, candidates]))
    # Scores are 3.5 for the liked film and 2, 4, 1 for the candidates: film 2 takes part.
    penalty = 0.5 * ((1 + 4) + (1 + 1 + 0.25) + (4 + 1))
    np.testing.assert_allclose(losses, np.log1p(np.exp(4 - 3.5)) + penalty, rtol=1e-5)


def test_a_user_who_has_seen_everything_does_not_hang_training() -> None:
    rows = [(0, item, 5.0) for item in range(5)] + [(1, 0, 5.0), (1, 1, 4.0), (2, 3, 5.0)]
    train = from_triples(rows, n_users=3, n_items=5)
    scorer = BPR(Config(n_factors=4, n_epochs=2)).fit(train, FitOptions())
    assert np.isfinite(scorer.score(train.histories())).all()


def test_without_liked_films_the_error_says_what_to_do() -> None:
    train = from_triples([(0, 0, 2.0), (1, 1, 3.0)], n_users=2, n_items=3)
    with pytest.raises(UsageError, match="min_rating"):
        BPR(Config(min_rating=4.0)).fit(train, FitOptions())


def test_a_new_user_with_a_users_history_gets_a_similar_list() -> None:
    task = genre_tastes()
    config = Config(
        n_factors=8,
        n_epochs=40,
        n_candidates=1,
        learning_rate=0.02,
        batch_size=256,
        regularization=3e-3,
        min_rating=4.0,
    )
    scorer = BPR(config).fit(task.known, FitOptions())
    for user in range(6):
        known = task.known.history(user)
        new_user = History.of_new_user(known.items, known.ratings)
        lists = recommend(scorer, [known, new_user], 4).items
        assert len(np.intersect1d(lists[0], lists[1])) >= 3
