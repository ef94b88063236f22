from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from recsys.data.dataset import History
from recsys.errors import UsageError
from recsys.models.base import FitOptions
from recsys.models.baselines import Popularity, Random
from recsys.models.ease import EASE, EASEConfig, WeightedEASE, WeightedEASEConfig
from recsys.models.item_knn import ItemKNN
from recsys.serving.ranking import top_k
from tests.contract import RecommenderContract
from tests.toys import checkerboard, from_triples


class TestRandom(RecommenderContract):
    model = Random
    is_personal = False  # each user's list is another one, but no better than popularity
    min_hit_rate = 0.0
    changes = {"n_factors": 4}


class TestPopularity(RecommenderContract):
    model = Popularity
    is_personal = False
    is_seeded = False
    min_hit_rate = 0.0


class TestEASE(RecommenderContract):
    model = EASE
    toy = staticmethod(checkerboard)
    settings = {"regularization": 1.0}
    min_hit_rate = 1.0
    is_seeded = False
    changes = {"regularization": 50.0, "min_rating": 1.0}


class TestWeightedEASE(RecommenderContract):
    model = WeightedEASE
    toy = staticmethod(checkerboard)
    settings = {"regularization": 1.0, "star_power": 2.0, "recency": 0.5}
    min_hit_rate = 1.0
    is_seeded = False
    changes = {"regularization": 50.0, "min_rating": 4.0, "star_power": 1.0, "recency": 2.0}


def test_random_lists_are_shuffled() -> None:
    """Every film heads some list, and knowing one user's list tells nothing of another's."""
    n_users, n_items = 600, 50
    train = from_triples([(0, 0, 5.0)], n_users=n_users, n_items=n_items)
    scores = Random().fit(train, FitOptions()).score(train.histories())
    first = np.bincount(top_k(scores, 1).items[:, 0], minlength=n_items)
    assert first.min() > 0
    assert first.max() < 5 * n_users / n_items
    between_users = np.corrcoef(scores)[np.triu_indices(n_users, 1)]
    assert abs(between_users.mean()) < 0.05


def test_random_new_users_get_a_list_of_their_own() -> None:
    train = checkerboard().known
    scorer = Random().fit(train, FitOptions())
    as_new = scorer.score([History.of_new_user([], []), History.of_new_user([3], [1.0])])
    np.testing.assert_array_equal(as_new[0], as_new[1])
    lists = top_k(np.vstack([as_new[:1], scorer.score(train.histories())]), train.n_items).items
    assert len(np.unique(lists, axis=0)) == 1 + train.n_users


def test_popularity_counts_ratings() -> None:
    train = from_triples([(0, 2, 1.0), (1, 2, 5.0), (1, 0, 3.0)], n_users=2, n_items=3)
    scores = Popularity().fit(train, FitOptions()).score([train.history(0)])
    np.testing.assert_array_equal(scores, [[1.0, 0.0, 2.0]])


def test_ease_weights_solve_the_constrained_ridge_regression() -> None:
    """Each column of B is the ridge solution of predicting one film from all others (Steck 2019, equation 8)."""
    train = checkerboard().known
    scorer = EASE(EASEConfig(regularization=2.0)).fit(train, FitOptions())
    liked = np.zeros((train.n_users, train.n_items))
    rows = train.ratings >= 4
    liked[train.users[rows], train.items[rows]] = 1
    expected = np.zeros((train.n_items, train.n_items))
    gram = liked.T @ liked + 2.0 * np.eye(train.n_items)
    # Closed form by Lagrange multipliers, one column at a time: minimise subject to b_jj = 0.
    for film in range(train.n_items):
        others = np.arange(train.n_items) != film
        expected[others, film] = np.linalg.solve(gram[np.ix_(others, others)], (liked.T @ liked)[others, film])
    np.testing.assert_allclose(scorer.score(train.histories()), liked @ expected, atol=5e-3)  # stored in half precision


def test_weighted_ease_is_ease_asked_with_weights() -> None:
    """The sum over the films of (stars / 5)^2 * exp(-3 * age) times EASE's weight, age 0 for the newest of three."""
    train = checkerboard().known
    plain = EASE(EASEConfig(regularization=2.0)).fit(train, FitOptions())
    settings = {"regularization": 2.0, "min_rating": 4.0, "recency": 3.0}
    weighted = WeightedEASE(WeightedEASEConfig(**settings)).fit(train, FitOptions())
    np.testing.assert_array_equal(plain.item_factors, weighted.item_factors)
    asked = History.of_new_user([4, 0, 2], [4.0, 1.0, 5.0])  # the one with 1 star says nothing, but has its place
    votes = plain.item_factors.astype(float)[:, [4, 2]] * [0.64 * np.exp(-2.0), 1.0]
    np.testing.assert_allclose(weighted.score([asked])[0], votes.sum(axis=1), atol=1e-6)
    assert "star_power" not in plain.state().settings


def test_weighted_ease_without_weights_is_ease() -> None:
    train = checkerboard().known
    settings = {"regularization": 2.0, "min_rating": 4.0, "star_power": 0.0, "recency": 0.0}
    same = WeightedEASE(WeightedEASEConfig(**settings)).fit(train, FitOptions())
    plain = EASE(EASEConfig(regularization=2.0)).fit(train, FitOptions())
    np.testing.assert_array_equal(same.score(train.histories()), plain.score(train.histories()))


def test_weighted_ease_knows_no_order_where_the_data_have_none() -> None:
    rows = [(0, 0, 5.0), (0, 1, 3.0), (1, 1, 5.0), (1, 0, 4.0)]
    train = from_triples(rows, n_users=2, n_items=3, timestamps=[0, 0, 0, 0])
    there, back = History.of_new_user([0, 1], [5.0, 3.0]), History.of_new_user([1, 0], [3.0, 5.0])
    scores = WeightedEASE().fit(train, FitOptions()).score([there, back])
    np.testing.assert_array_equal(scores[0], scores[1])


def test_no_model_begins_what_the_memory_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """60,000 films in a file of half a megabyte are 3.6 billion weights between films."""
    many = from_triples([(i % 3, i, 5) for i in range(60_000)], n_users=3, n_items=60_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=8 * 10**9))
    for model in (EASE(), ItemKNN()):
        with pytest.raises(UsageError, match=r"GB of memory for 60,000 films, and this computer has 8\.0 GB left"):
            model.fit(many, FitOptions())
    assert Popularity().fit(many, FitOptions()).n_items == 60_000
