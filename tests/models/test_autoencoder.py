from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from recsys.dataset import History
from recsys.models.als import ALS
from recsys.models.autoencoder import AutoEncoder, Config
from recsys.models.base import FitOptions
from tests.contract import RecommenderContract
from tests.toys import genre_tastes

pytestmark = pytest.mark.training


class TestAutoEncoder(RecommenderContract):
    model = AutoEncoder
    toy = staticmethod(genre_tastes)
    k = 4
    settings = {
        "hidden": "32", "dropout": 0.1, "input_dropout": 0.3, "n_epochs": 80, "weight_decay": 0.001,
        "learning_rate": 0.01, "batch_size": 8,
    }  # fmt: skip
    changes = {
        "hidden": "16,8", "dropout": 0.6, "input_dropout": 0.7, "learning_rate": 0.1, "weight_decay": 5.0,
        "batch_size": 4, "n_epochs": 1, "reg_u": 1.0, "reg_i": 1.0,
    }  # fmt: skip


def test_an_empty_history_gets_the_film_means() -> None:
    """Nothing observed, nothing unexplained: what is left is the decoder's constant on top of the film means."""
    train = genre_tastes().known
    scorer = AutoEncoder(Config(hidden=(8,), n_epochs=1, learning_rate=1e-6)).fit(train, FitOptions())
    means = ALS().fit(train, FitOptions())
    np.testing.assert_allclose(
        scorer.score([History.of_visitor([], [])]), means.score([History.of_visitor([], [])]), atol=1e-2
    )


def test_tied_weights_are_stored_once() -> None:
    train = genre_tastes().known
    scorer = AutoEncoder(Config(hidden=(16, 8), n_epochs=1)).fit(train, FitOptions())
    graph = onnx.load_from_string(scorer.state().graph).graph
    n_weights = sum(numpy_helper.to_array(tensor).size for tensor in graph.initializer)
    exact = 40 * 16 + 16 * 8 + (16 + 8) + (16 + 40) + 40  # two matrices, encoder and decoder biases, film means
    assert exact <= n_weights <= exact + 32  # a few scalars
