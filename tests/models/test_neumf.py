from __future__ import annotations

import numpy as np
import pytest

from recsys.data.dataset import History
from recsys.models.base import EpochLog, FitOptions, config_from
from recsys.models.neumf import Config, NeuMF
from recsys.serving.scorers import Scorer, scorer_from_state
from tests.contract import RecommenderContract
from tests.toys import checkerboard, from_triples, genre_tastes

pytestmark = pytest.mark.training

SETTINGS = {
    "embedding_dim": 8, "dense": "16,8", "dropout": 0.0, "learning_rate": 0.03, "regularization": 1e-4,
    "batch_size": 256, "n_epochs": 12,
}  # fmt: skip


class TestNeuMF(RecommenderContract):
    model = NeuMF
    toy = staticmethod(checkerboard)
    settings = SETTINGS
    changes = {
        "embedding_dim": 4, "dense": "8", "dropout": 0.5, "n_negatives": 1, "hidden_users": 0.5, "learning_rate": 0.1,
        "regularization": 0.5, "batch_size": 64, "n_epochs": 1, "min_rating": 1.0,
    }  # fmt: skip


def test_scores_are_probabilities_and_the_graph_answers_as_the_network() -> None:
    train = genre_tastes().known
    histories = [train.history(0), train.history(1), History.of_new_user([3], [5.0])]
    seen: list[np.ndarray] = []
    checkpoints: list[Scorer] = []

    def watch(log: EpochLog, scorer: Scorer | None) -> None:
        if scorer is not None and log.epoch == log.n_epochs:
            seen.append(scorer.score(histories))
            checkpoints.append(scorer_from_state(scorer.state(), train))

    fitted = NeuMF(config_from(Config, {**SETTINGS, "n_epochs": 2})).fit(train, FitOptions(on_epoch=watch))
    scores = fitted.score(histories)
    assert 0 <= scores.min() <= scores.max() <= 1
    np.testing.assert_allclose(scores, seen[0], atol=1e-5)
    np.testing.assert_array_equal(checkpoints[0].score(histories), scores)


def test_a_new_user_gets_what_most_people_like() -> None:
    """Film i is liked by all users above i: the lower its number, the more people like it."""
    n = 30
    rows = [(user, item, 5.0) for user in range(n) for item in range(n) if item <= user]
    train = from_triples(rows, n_users=n, n_items=n)
    settings = {**SETTINGS, "hidden_users": 0.3}
    new_user = NeuMF(config_from(Config, settings)).fit(train, FitOptions()).score([History.of_new_user([], [])])[0]
    assert np.corrcoef(new_user, train.item_counts)[0, 1] > 0.6


def test_a_user_who_has_seen_everything_does_not_hang_training() -> None:
    rows = [(0, item, 5.0) for item in range(5)] + [(1, 0, 5.0), (1, 1, 4.0), (2, 3, 5.0)]
    train = from_triples(rows, n_users=3, n_items=5)
    scorer = NeuMF(Config(embedding_dim=4, dense=(8,), n_epochs=2)).fit(train, FitOptions())
    assert np.isfinite(scorer.score(train.histories())).all()
