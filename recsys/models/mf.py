"""Matrix factorization in Keras: the dot product (MF), and a dense network in its place (deep MF).

MF: score = mean + b_u + b_i + p_u . q_i. Deep MF: score = mean + network(p_u, q_i), or network(p_u, q_i, o) with a
vector o of the user's occupation. Loss = mean squared error of the stars + L2 on the vectors that take part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models import keras_tools
from recsys.models.base import FitOptions, Model, ModelConfig, setting
from recsys.models.size import FLOAT, KEPT, KERAS_PROGRAM, STEP, Size, network_of_pairs
from recsys.serving.encoders import UserItem
from recsys.serving.scorers import FactorScorer, OnnxScorer, Query, Unit

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class MFConfig(ModelConfig):
    n_factors: int = setting(128, "D, length of the vectors", low=1, high=1024, most=512)
    learning_rate: float = setting(3e-3, "Adam", above=0, most=1)
    regularization: float = setting(0.12, "L2 on the vectors and biases, paid once per rating", low=0, most=1e5)
    batch_size: int = setting(1024, "ratings per step", low=1, most=65_536)
    n_epochs: int = setting(30, "passes over all ratings", low=1, most=200)


class MF(Model):
    name = "mf"
    uses_gpu = True
    config_class = MFConfig
    looks_at = "The stars this user gave, as a point in a taste space that users and films share."
    new_user = "Their vector is solved by regularised least squares from the stars they gave, film vectors fixed."
    source = "Koren, Bell & Volinsky (2009), Matrix Factorization Techniques for Recommender Systems; in Keras"
    selected_on = "rmse"
    search_grid = [{"regularization": [0.08, 0.1, 0.12, 0.15], "n_epochs": [30]}]
    quick = {"n_factors": 32, "n_epochs": 6, "learning_rate": 5e-3}

    @staticmethod
    def memory(config: MFConfig, size: Size) -> float:
        step = config.batch_size * STEP * 3 * config.n_factors
        return KERAS_PROGRAM + 60 * size.n_ratings + FLOAT * (KEPT * size.vectors(config.n_factors) + step)

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        config: MFConfig = self.config
        keras = keras_tools.start(options.seed, options.device)
        mean = float(train.ratings.mean()) if len(train) else 0.0
        pairs = np.column_stack([train.users, train.items])  # (N, 2)
        ratings = keras_tools.Examples(pairs, (train.ratings - mean)[:, None])  # targets (N, 1)
        with keras_tools.on_device(keras, options.device):
            network = _factor_network(keras, train.n_users, train.n_items, config, options.seed)
            scorer = partial(_factor_scorer, network, mean, config)
            optimizer = keras.optimizers.Adam(config.learning_rate)
            keras_tools.fit(network, optimizer, "mse", lambda _epoch: ratings, options, config, scorer)
            return scorer()


def _factor_network(keras: ModuleType, n_users: int, n_items: int, config: MFConfig, seed: int) -> keras.Model:
    """pairs (B, 2) int: user, film -> (B, 1) deviation from the mean rating."""
    pairs = keras.Input((2,), dtype="int32", name="pairs")
    users, items, look_up = pairs[:, 0], pairs[:, 1], partial(keras_tools.embedded, keras)
    user = look_up(users, n_users, config.n_factors, config.regularization, seed, "user_factors")
    item = look_up(items, n_items, config.n_factors, config.regularization, seed + 1, "item_factors")
    user_bias = look_up(users, n_users, 1, config.regularization, None, "user_bias")
    item_bias = look_up(items, n_items, 1, config.regularization, None, "item_bias")
    return keras.Model(pairs, keras.ops.sum(user * item, axis=1, keepdims=True) + (user_bias + item_bias))


def _factor_scorer(network: keras.Model, mean: float, config: MFConfig) -> FactorScorer:
    def table(name: str) -> np.ndarray:
        return np.array(network.get_layer(name).get_weights()[0])  # a copy, as training may go on

    return FactorScorer(
        unit=Unit.STARS,
        query=Query.RIDGE,
        item_bias=table("item_bias")[:, 0],
        item_factors=table("item_factors").astype(np.float16),  # half the file; stars change in the fourth digit
        user_bias=table("user_bias")[:, 0],
        user_factors=table("user_factors").astype(np.float16),
        global_bias=mean,
        regularization=config.regularization,
    )


@dataclass(frozen=True)
class DeepMFConfig(ModelConfig):
    embedding_dim: int = setting(8, "D, length of each vector", low=1, high=256)
    dense: tuple[int, ...] = setting((2048, 256), "widths of the network", low=1, most=2_048)
    dropout: float = setting(0.1, "on the vectors and after each layer of the network", low=0, below=1)
    hidden_users: float = setting(0.05, "share of ratings whose user is made unknown, as a new user is", low=0, below=1)
    learning_rate: float = setting(1e-3, "Adam, of the first step", above=0, most=1)
    learning_rate_decay: float = setting(
        1.0, "what is left of the rate after each epoch, falling step by step; 1: constant", above=0, high=1
    )
    regularization: float = setting(0.5, "L2 on the vectors that take part", low=0, most=1e5)
    batch_size: int = setting(1024, "ratings per step", low=1, most=65_536)
    n_epochs: int = setting(8, "passes over all ratings", low=1, most=200)


class DeepMF(Model):
    name = "deep-mf"
    uses_gpu = True
    config_class = DeepMFConfig
    looks_at = "The stars this user gave; what a user and a film have to do with each other is left to a network."
    new_user = "They count as an unknown user, for whom it was trained as well: the films they name are not used."
    source = "Koren, Bell & Volinsky (2009), the dot product replaced by a dense network; in Keras"
    selected_on = "rmse"
    with_occupation: ClassVar[bool] = False
    quick = {"dense": [64, 32], "n_epochs": 3, "learning_rate": 5e-3}

    @staticmethod
    def memory(config: DeepMFConfig, size: Size) -> float:
        return KERAS_PROGRAM + 60 * size.n_ratings + network_of_pairs(config, size, n_vectors=1)

    def fit(self, train: Dataset, options: FitOptions) -> OnnxScorer:
        config: DeepMFConfig = self.config
        keras = keras_tools.start(options.seed, options.device)
        random = np.random.default_rng(options.seed)
        encoder = UserItem(train, self.with_occupation)
        mean = float(train.ratings.mean()) if len(train) else 0.0
        stars = train.ratings[:, None]  # (N, 1)

        def draw(_epoch: int) -> keras_tools.Examples:
            pairs = encoder.pairs(train.users, train.items)
            encoder.hide_users(pairs, random.random(len(pairs)) < config.hidden_users)
            return keras_tools.Examples(pairs, stars)

        with keras_tools.on_device(keras, options.device):
            shape: dict[str, Any] = {"sizes": encoder.sizes, "mean": mean}
            network = _deep_network(keras, config, options.seed, **shape)
            settings = {"encoder": "user_item", "with_occupation": self.with_occupation}
            live = keras_tools.live(network, Unit.STARS, settings, train, _deep_network, config, shape)
            optimizer = keras.optimizers.Adam(keras_tools.falling_rate(keras, config, len(train)))
            keras_tools.fit(network, optimizer, "mse", draw, options, config, lambda: live)
            return live.as_served()


class DeepMFOccupation(DeepMF):
    name = "deep-mf-occupation"
    looks_at = "The stars this user gave and their occupation; how they combine with a film is left to a network."
    with_occupation = True


def _deep_network(keras: ModuleType, config: DeepMFConfig, seed: int, sizes: Sequence[int], mean: float) -> keras.Model:
    """pairs (B, 2 or 3) int -> stars (B, 1). `sizes`: codes per column of the pairs."""
    layers = keras.layers
    pairs = keras.Input((len(sizes),), dtype="int32", name="pairs")
    dim, regularization = config.embedding_dim, config.regularization
    vectors = [
        keras_tools.embedded(keras, pairs[:, column], size, dim, regularization, seed + column)
        for column, size in enumerate(sizes)
    ]
    hidden = layers.Dropout(config.dropout, seed=seed)(layers.Concatenate()(vectors))  # (B, 2 D or 3 D)
    for layer, width in enumerate(config.dense):
        hidden = layers.Dense(width, activation="relu")(hidden)
        hidden = layers.Dropout(config.dropout, seed=seed + 1 + layer)(hidden)
    return keras.Model(pairs, layers.Dense(1)(hidden) + mean)
