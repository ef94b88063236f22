from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recsys.data.dataset import Dataset, History
from recsys.models.base import EpochLog, FitOptions
from recsys.models.ials import IALS, Config
from recsys.serving.fold_in import weighted_vector
from recsys.serving.scorers import FactorScorer, Query, Unit
from tests.contract import RecommenderContract
from tests.libraries import skip_unless_it_loads
from tests.toys import checkerboard, genre_tastes

SETTINGS: dict[str, Any] = {"n_factors": 8, "alpha": 5.0, "regularization": 0.5, "n_epochs": 10}
RANDOM = np.random.default_rng(0)
FACTORS = RANDOM.normal(size=(30, 4)).astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def implicit_loads() -> None:
    skip_unless_it_loads(IALS)


class TestIALS(RecommenderContract):
    model = IALS
    toy = staticmethod(checkerboard)
    settings = SETTINGS
    min_hit_rate = 1.0
    changes = {"n_factors": 4, "alpha": 2.0, "regularization": 5.0, "n_epochs": 1, "min_rating": 1.0}


def liked_matrix(train: Dataset) -> csr_matrix:
    """(U, I) 0/1."""
    rows = train.ratings >= 4
    ones = np.ones(int(rows.sum()), dtype=np.float32)
    return csr_matrix((ones, (train.users[rows], train.items[rows])), shape=(train.n_users, train.n_items))


def test_the_served_vector_is_implicits_own_next_half_step() -> None:
    from implicit.cpu.als import AlternatingLeastSquares

    train = genre_tastes().known
    theirs = AlternatingLeastSquares(
        factors=8, alpha=5.0, regularization=0.5, iterations=10, num_threads=1, random_state=0
    )
    liked = liked_matrix(train)
    theirs.fit(liked, show_progress=False)
    expected = theirs.recalculate_user(np.arange(train.n_users), liked) @ theirs.item_factors.T
    scorer = IALS(Config(**SETTINGS)).fit(train, FitOptions(seed=0))
    np.testing.assert_allclose(scorer.score(train.histories()), expected, atol=1e-4)


def test_the_served_vector_agrees_with_the_trained_one() -> None:
    """When training has settled, one more half-step changes nothing."""
    from implicit.cpu.als import AlternatingLeastSquares

    train = genre_tastes().known
    theirs = AlternatingLeastSquares(
        factors=4, alpha=5.0, regularization=0.5, iterations=200, num_threads=1, random_state=0
    )
    theirs.fit(liked_matrix(train), show_progress=False)
    scorer = IALS(Config(**{**SETTINGS, "n_factors": 4, "n_epochs": 200})).fit(train, FitOptions(seed=0))
    trained = theirs.user_factors @ theirs.item_factors.T
    np.testing.assert_allclose(scorer.score(train.histories()), trained, atol=2e-2)


def test_a_new_user_with_a_users_history_gets_the_same_scores() -> None:
    train = genre_tastes().known
    scorer = IALS(Config(**SETTINGS)).fit(train, FitOptions())
    known = train.history(3)
    np.testing.assert_array_equal(*scorer.score([known, History.of_new_user(known.items, known.ratings)]))


@pytest.mark.parametrize("alpha", [0.5, 1.0, 20.0])
def test_the_weighted_vector_solves_the_weighted_regression(alpha: float) -> None:
    """Against least squares on all films, each row scaled by the root of its confidence."""
    liked = np.array([2, 3, 11])
    truth, confidence = np.zeros(30), np.ones(30)
    truth[liked], confidence[liked] = 1.0, alpha
    root = np.sqrt(confidence)[:, None]
    design = np.vstack([root * FACTORS, np.sqrt(0.3) * np.eye(4)])
    expected = np.linalg.lstsq(design, np.concatenate([root[:, 0] * truth, np.zeros(4)]), rcond=None)[0]
    gram = FACTORS.T.astype(float) @ FACTORS
    np.testing.assert_allclose(weighted_vector(FACTORS[liked], gram, alpha, 0.3), expected, rtol=1e-4, atol=1e-6)
    bias = np.linspace(0, 1, 30)
    scorer = FactorScorer(Unit.STRENGTH, Query.WEIGHTED, bias, FACTORS, regularization=0.3, min_rating=4.0, alpha=alpha)
    history = History.of_new_user([2, 3, 11, 20], [4.0, 5.0, 4.0, 3.0])
    np.testing.assert_allclose(scorer.score([history])[0], FACTORS @ expected + bias, rtol=1e-4, atol=1e-5)


def test_who_likes_nothing_has_no_vector() -> None:
    assert weighted_vector(FACTORS[:0], np.eye(4), 5.0, 0.3).tolist() == [0, 0, 0, 0]


def test_the_loss_never_rises() -> None:
    logs: list[EpochLog] = []
    IALS(Config(**SETTINGS)).fit(genre_tastes().known, FitOptions(on_epoch=lambda log, _: logs.append(log)))
    losses = [log.loss for log in logs]
    assert len(losses) == SETTINGS["n_epochs"]
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(losses))
