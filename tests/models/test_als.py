from __future__ import annotations

import numpy as np

from recsys.models.als import ALS
from recsys.models.base import FitOptions
from recsys.models.surprise_tools import als_biases
from tests.contract import RecommenderContract
from tests.toys import genre_tastes


class TestALS(RecommenderContract):
    model = ALS
    toy = staticmethod(genre_tastes)  # the checkerboard is so even that all biases vanish
    is_personal = False  # the same order for everybody
    is_seeded = False
    min_hit_rate = 0.0  # ... so it cannot know the colour of a user
    changes = {"n_epochs": 1, "reg_i": 1.0, "reg_u": 1.0}


def test_everybody_gets_the_same_order() -> None:
    task = genre_tastes()
    scores = ALS().fit(task.known, FitOptions()).score(task.known.histories())
    orders = np.argsort(-scores, axis=1, kind="stable")
    assert (orders == orders[0]).all()


def test_biases_are_those_of_alternating_least_squares() -> None:
    """The two update rules, written once more without Surprise."""
    train = genre_tastes().known
    mean, user_bias, item_bias = als_biases(train, n_epochs=3, reg_u=15, reg_i=10)
    b_u, b_i = np.zeros(train.n_users), np.zeros(train.n_items)
    for _ in range(3):
        for item in range(train.n_items):
            of = train.items == item
            b_i[item] = (train.ratings[of] - mean - b_u[train.users[of]]).sum() / (10 + of.sum())
        for user in range(train.n_users):
            of = train.users == user
            b_u[user] = (train.ratings[of] - mean - b_i[train.items[of]]).sum() / (15 + of.sum())
    np.testing.assert_allclose(user_bias, b_u, atol=1e-5)
    np.testing.assert_allclose(item_bias, b_i, atol=1e-5)


def test_a_known_user_as_new_user_gets_the_same_scores() -> None:
    train = genre_tastes().known
    scorer = ALS().fit(train, FitOptions())
    known = train.history(3)
    new_user = type(known).of_new_user(known.items, known.ratings)
    np.testing.assert_allclose(scorer.score([new_user]), scorer.score([known]), atol=1e-5)
