from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recsys.data.dataset import History
from recsys.models.base import EpochLog, FitOptions, config_from
from recsys.models.mf import MF, DeepMF, DeepMFConfig, DeepMFOccupation, MFConfig
from recsys.serving.encoders import UserItem
from recsys.serving.scorers import Scorer, scorer_from_state
from tests.contract import RecommenderContract
from tests.toys import checkerboard, from_triples, genre_tastes

pytestmark = pytest.mark.training

DEEP: dict[str, Any] = {
    "embedding_dim": 4, "dense": "32,8", "dropout": 0.0, "learning_rate": 0.02, "learning_rate_decay": 1.0,
    "regularization": 1e-3, "batch_size": 128, "n_epochs": 40,
}  # fmt: skip
DEEP_CHANGES = {
    "embedding_dim": 2, "dense": "8", "dropout": 0.5, "hidden_users": 0.5, "learning_rate": 0.1,
    "learning_rate_decay": 0.5, "regularization": 0.5, "batch_size": 64, "n_epochs": 1,
}  # fmt: skip


class TestMF(RecommenderContract):
    model = MF
    toy = staticmethod(checkerboard)
    min_hit_rate = 1.0
    settings = {"n_factors": 8, "n_epochs": 15, "learning_rate": 0.05, "batch_size": 128, "regularization": 0.01}
    changes = {"n_factors": 4, "n_epochs": 1, "learning_rate": 0.1, "batch_size": 64, "regularization": 0.5}


class TestDeepMF(RecommenderContract):
    model = DeepMF
    toy = staticmethod(checkerboard)
    min_hit_rate = 0.95
    settings = DEEP
    changes = DEEP_CHANGES


class TestDeepMFOccupation(RecommenderContract):
    model = DeepMFOccupation
    toy = staticmethod(genre_tastes)
    k = 4
    settings = DEEP
    changes = DEEP_CHANGES


def test_regularization_is_paid_once_per_rating() -> None:
    """One user and one film, rated n times 2 stars above the mean of theirs: the minimum is known in closed form.

    Half of the ratings are of another pair, 2 below; by symmetry b_u = b_i = b and p.q = 0 while vectors start at
    nothing: the loss per rating (2 - 2b)^2 + 2 reg b^2 is least at b = 4 / (4 + 2 reg).
    """
    rows = [(0, 0, 5.0)] * 64 + [(1, 1, 1.0)] * 64
    train = from_triples(rows, n_users=2, n_items=2)
    config = MFConfig(n_factors=1, regularization=4.0, learning_rate=0.05, batch_size=16, n_epochs=20)
    scorer = MF(config).fit(train, FitOptions())
    b = 4 / (4 + 2 * 4.0)
    np.testing.assert_allclose(scorer.state().arrays["user_bias"], [b, -b], atol=0.02)
    np.testing.assert_allclose(scorer.state().arrays["item_bias"], [b, -b], atol=0.02)


def test_a_new_user_with_a_users_history_gets_a_similar_answer() -> None:
    train = genre_tastes().known
    scorer = MF(MFConfig(n_factors=4, regularization=0.02, learning_rate=0.05, batch_size=128, n_epochs=15)).fit(
        train, FitOptions()
    )
    for user in range(6):
        known = train.history(user)
        theirs, as_new = scorer.score([known, History.of_new_user(known.items, known.ratings)])
        assert np.corrcoef(theirs, as_new)[0, 1] > 0.95


@pytest.mark.parametrize("model", [DeepMF, DeepMFOccupation])
def test_the_graph_answers_as_the_network_in_training(model: type[DeepMF]) -> None:
    train = genre_tastes().known
    histories = [train.history(0), train.history(5), History.of_new_user([], [])]
    seen: list[np.ndarray] = []
    checkpoints: list[Scorer] = []

    def watch(log: EpochLog, scorer: Scorer | None) -> None:
        if scorer is not None and log.epoch == log.n_epochs:
            seen.append(scorer.score(histories))
            checkpoints.append(scorer_from_state(scorer.state(), train))

    fitted = model(config_from(DeepMFConfig, {**DEEP, "n_epochs": 2})).fit(train, FitOptions(on_epoch=watch))
    np.testing.assert_allclose(fitted.score(histories), seen[0], atol=1e-5)
    np.testing.assert_array_equal(checkpoints[0].score(histories), fitted.score(histories))


def test_a_new_user_is_told_what_people_think_of_each_film() -> None:
    """Women like the first half of the films and men the second, so that all together give each about 3 stars."""
    train = genre_tastes().known
    scorer = DeepMF(config_from(DeepMFConfig, {**DEEP, "hidden_users": 0.3})).fit(train, FitOptions())
    scores = scorer.score([train.history(0), History.of_new_user([0, 1], [5.0, 5.0]), History.of_new_user([], [])])
    np.testing.assert_array_equal(scores[1], scores[2])
    mean = np.bincount(train.items, train.ratings) / train.item_counts
    assert np.abs(scores[1] - mean).mean() < 0.5
    assert np.abs(scores[0] - mean).mean() > 0.7


def test_pairs_are_user_film_and_occupation() -> None:
    known = genre_tastes().known
    users, items = np.array([0, 1]), np.array([7, 0])
    teacher, engineer = (known.viewers.occupation.names.index(name) for name in ("teacher", "engineer"))
    encoder = UserItem(known, with_occupation=True)
    np.testing.assert_array_equal(encoder.pairs(users, items), [[1, 7, engineer], [2, 0, teacher]])
    np.testing.assert_array_equal(UserItem(known, with_occupation=False).pairs(users, items), [[1, 7], [2, 0]])
    assert encoder.sizes == (known.n_users + 1, known.n_items, 3)
    assert (encoder.pairs(known.users, known.items).max(axis=0) < encoder.sizes).all()


def test_every_film_is_paired_with_every_user_and_a_new_user_is_unknown() -> None:
    known = genre_tastes().known
    encoder = UserItem(known, with_occupation=True)
    items = np.arange(known.n_items)
    pairs = encoder.encode([known.history(0), History.of_new_user([3], [5.0])])["pairs"].reshape(2, -1, 3)
    np.testing.assert_array_equal(pairs[0], encoder.pairs(np.zeros_like(items), items))
    np.testing.assert_array_equal(pairs[1], np.column_stack([0 * items, items, 0 * items]))


def test_the_network_looks_at_the_occupation() -> None:
    """The same graph, asked for users of whom no occupation is known, says something else."""
    train = genre_tastes().known
    scorer = DeepMFOccupation(config_from(DeepMFConfig, {**DEEP, "n_epochs": 3})).fit(train, FitOptions())
    nothing_known = replace(train.viewers, occupation=replace(train.viewers.occupation, codes=np.zeros(train.n_users)))
    without = scorer_from_state(scorer.state(), replace(train, viewers=nothing_known))
    assert not np.allclose(scorer.score(train.histories([0])), without.score(train.histories([0])), atol=1e-4)
