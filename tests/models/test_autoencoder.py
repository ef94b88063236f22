from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from scipy.sparse import csr_matrix

from recsys.data.dataset import Dataset, History
from recsys.models.als import ALS
from recsys.models.autoencoder import items
from recsys.models.autoencoder.items import ItemAutoEncoder
from recsys.models.autoencoder.network import build_network, train_network
from recsys.models.autoencoder.users import AutoEncoder, Config
from recsys.models.base import EpochLog, FitOptions, LiveScorer
from recsys.serving.scorers import OnnxScorer, Scorer, scorer_from_state
from tests.contract import RecommenderContract
from tests.toys import genre_tastes

pytestmark = pytest.mark.training

SETTINGS = {
    "hidden": "32", "dropout": 0.1, "input_dropout": 0.3, "n_epochs": 60, "weight_decay": 0.001,
    "learning_rate": 0.01, "learning_rate_decay": 1.0, "batch_size": 8,
}  # fmt: skip
CHANGES = {
    "hidden": "16,8", "dropout": 0.6, "input_dropout": 0.7, "learning_rate": 0.1, "learning_rate_decay": 0.5,
    "weight_decay": 5.0, "batch_size": 4, "n_epochs": 1, "reg_u": 1.0, "reg_i": 1.0,
}  # fmt: skip


class TestAutoEncoder(RecommenderContract):
    model = AutoEncoder
    toy = staticmethod(genre_tastes)
    k = 4
    settings = SETTINGS
    changes = CHANGES


class TestItemAutoEncoder(RecommenderContract):
    model = ItemAutoEncoder
    toy = staticmethod(genre_tastes)
    k = 4
    settings = SETTINGS
    changes = CHANGES


def small(**settings: object) -> Config:
    return Config(**{"hidden": (16, 8), "n_epochs": 2, **settings})  # type: ignore[arg-type]


# What is shared


def test_only_hidden_stars_are_asked_for() -> None:
    """A network that is told to hide nothing sees its own answers and reaches a far lower error on them."""
    train = genre_tastes().known
    ratings = matrix_of_users(train)

    def last_loss(input_dropout: float) -> float:
        config = Config(hidden=(32,), dropout=0.0, input_dropout=input_dropout, weight_decay=0.0, learning_rate=0.01)
        network = build_network(config, np.full(train.n_items, 3.0), config.reg_u)
        return list(train_network(network, ratings, config, FitOptions()))[-1].loss

    assert last_loss(0.0) < last_loss(0.5) / 3


def test_after_each_epoch_the_network_can_be_asked() -> None:
    train = genre_tastes().known
    network = build_network(small(), np.full(train.n_items, 3.0), 15.0)
    for _ in train_network(network, matrix_of_users(train), small(), FitOptions()):
        assert not network.training


def test_many_stars_enter_no_louder_than_few() -> None:
    import torch

    network = build_network(small(hidden=(16,)), np.full(400, 3.0), shrinkage=0.0).eval()
    few, many = torch.zeros(1, 400), torch.zeros(1, 400)
    few[0, :100], many[0] = torch.tensor([1.0, 5.0]).repeat(50), torch.tensor([1.0, 5.0]).repeat(200)
    with torch.inference_mode():
        spread_of_few, spread_of_many = (float(network.read(row)[1].std()) for row in (few, many))
    assert 0.5 < spread_of_few / spread_of_many < 2


# Of users


def test_an_empty_history_gets_the_film_means() -> None:
    """Nothing observed, nothing unexplained: what is left is the decoder's constant on top of the film means."""
    train = genre_tastes().known
    scorer = AutoEncoder(small(n_epochs=1, learning_rate=1e-6)).fit(train, FitOptions())
    means = ALS().fit(train, FitOptions())
    nobody = [History.of_new_user([], [])]
    np.testing.assert_allclose(scorer.score(nobody), means.score(nobody), atol=1e-2)


def test_tied_weights_are_stored_once() -> None:
    train = genre_tastes().known
    scorer = AutoEncoder(small(n_epochs=1)).fit(train, FitOptions())
    graph = onnx.load_from_string(scorer.state().graph).graph
    n_weights = sum(numpy_helper.to_array(tensor).size for tensor in graph.initializer)
    # Stars and which are there, the deeper layer; encoder and decoder biases; film means.
    exact = 2 * 40 * 16 + 16 * 8 + (16 + 8) + (16 + 40) + 40
    assert exact <= n_weights <= exact + 32  # a few scalars


def test_a_checkpoint_is_the_network_of_that_moment_and_changes_nothing() -> None:
    train = genre_tastes().known
    histories = train.histories(range(6))
    at_the_time: list[np.ndarray] = []
    restored: list[Scorer] = []

    def checkpoint(_: EpochLog, live: Scorer | None) -> None:
        assert isinstance(live, LiveScorer)
        at_the_time.append(live.score(histories))
        restored.append(scorer_from_state(live.state(), train))

    watched = AutoEncoder(small(n_epochs=3)).fit(train, FitOptions(on_epoch=checkpoint))
    assert isinstance(watched, OnnxScorer)
    for scorer, expected in zip([*restored, watched], [*at_the_time, at_the_time[-1]], strict=True):
        np.testing.assert_allclose(scorer.score(histories), expected, atol=1e-5)
    unwatched = AutoEncoder(small(n_epochs=3)).fit(train, FitOptions())
    np.testing.assert_array_equal(watched.score(histories), unwatched.score(histories))


# Of films


def test_the_stored_vectors_say_what_the_network_says() -> None:
    import torch

    train = genre_tastes().known
    config = items.Config(hidden=(16, 8), n_epochs=3, weight_decay=0.0, learning_rate=0.01)
    ratings = matrix_of_users(train).T.tocsr()
    column_mean = np.random.default_rng(0).normal(3.5, 0.5, train.n_users)
    network = build_network(config, column_mean, config.reg_i)
    for _ in train_network(network, ratings, config, FitOptions()):
        pass
    with torch.inference_mode():
        expected = network(torch.from_numpy(ratings.toarray())).numpy().T  # (U, I)
    scorer = items._scorer(network, ratings, 3.5)
    np.testing.assert_allclose(scorer.score(train.histories()), expected, atol=1e-5)


def test_a_new_user_is_placed_near_the_user_with_the_same_stars() -> None:
    train = genre_tastes().known
    scorer = TestItemAutoEncoder().fit(train)
    known = train.histories(range(20))
    as_new = [replace(history, user=None) for history in known]
    pairs = zip(scorer.score(known), scorer.score(as_new), strict=True)
    assert np.median([np.corrcoef(ours, theirs)[0, 1] for ours, theirs in pairs]) > 0.9


def test_a_new_user_without_stars_is_the_average_user() -> None:
    train = genre_tastes().known
    scorer = TestItemAutoEncoder().fit(train)
    average = scorer.score(train.histories()).mean(axis=0)
    nobody = scorer.score([History.of_new_user([], [])])[0]
    np.testing.assert_allclose(nobody - nobody.mean(), average - average.mean(), atol=1e-4)


def matrix_of_users(train: Dataset) -> csr_matrix:
    return csr_matrix((train.ratings, (train.users, train.items)), (train.n_users, train.n_items))
