"""NeuMF: the probability that a user likes a film, from a product of vectors and a dense network side by side.

Two towers with vectors of their own: GMF multiplies user and film element by element, MLP reads the two end to end; a
last layer weighs what both say. Unseen films are drawn as films that are not liked; log loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models import keras_tools
from recsys.models.base import FitOptions, Model, ModelConfig, setting
from recsys.models.sampling import UnseenSampler
from recsys.models.size import KERAS_PROGRAM, Size, network_of_pairs
from recsys.serving.encoders import UserItem
from recsys.serving.scorers import OnnxScorer, Unit

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Config(ModelConfig):
    embedding_dim: int = setting(32, "D, length of each of the four vectors", low=1, high=256)
    dense: tuple[int, ...] = setting((64, 32, 16), "widths of the MLP tower", low=1, most=2_048)
    dropout: float = setting(0.2, "after each layer of the MLP tower", low=0, below=1)
    n_negatives: int = setting(4, "unseen films drawn per liked film and epoch", low=1, most=20)
    hidden_users: float = setting(0.05, "share of pairs whose user is made unknown, as a new user is", low=0, below=1)
    learning_rate: float = setting(2e-3, "Adam", above=0, most=1)
    regularization: float = setting(1e-3, "L2 on the vectors that take part", low=0, most=1e5)
    batch_size: int = setting(4096, "user-film pairs per step", low=1, most=65_536)
    n_epochs: int = setting(20, "passes over all liked films", low=1, most=200)
    min_rating: float = setting(4.0, "films with at least this many stars are liked", least=0, most=10)


class NeuMF(Model):
    name = "neumf"
    uses_gpu = True
    config_class = Config
    looks_at = "Which films this user liked, against films they have not seen. Stars below 4 are not used."
    new_user = "They count as an unknown user, for whom it was trained as well: the films they name are not used."
    source = "He et al. (2017), Neural Collaborative Filtering"
    search_grid = [{"regularization": [1e-3], "n_epochs": [24]}]
    quick = {"n_negatives": 2, "n_epochs": 4, "learning_rate": 5e-3}

    @staticmethod
    def memory(config: Config, size: Size) -> float:
        examples = size.n_ratings * (1 + config.n_negatives) * 80
        return KERAS_PROGRAM + examples + network_of_pairs(config, size, n_vectors=2)

    def fit(self, train: Dataset, options: FitOptions) -> OnnxScorer:
        config: Config = self.config
        keras = keras_tools.start(options.seed, options.device)
        random = np.random.default_rng(options.seed)
        sampler = UnseenSampler(train, options.seed)
        encoder = UserItem(train, with_occupation=False)
        liked = np.flatnonzero(train.ratings >= config.min_rating)
        liked = liked[sampler.has_unseen[train.users[liked]]]  # without an unseen film there is no other class
        positives, negatives_of = train.users[liked], np.repeat(train.users[liked], config.n_negatives)
        users = np.concatenate([positives, negatives_of])
        labels = np.repeat([1.0, 0.0], [len(positives), len(negatives_of)])[:, None]  # (N, 1)

        def draw(_epoch: int) -> keras_tools.Examples:
            pairs = encoder.pairs(users, np.concatenate([train.items[liked], sampler.draw(negatives_of)]))
            encoder.hide_users(pairs, random.random(len(pairs)) < config.hidden_users)
            return keras_tools.Examples(pairs, labels)

        with keras_tools.on_device(keras, options.device):
            network = _network(keras, config, options.seed, encoder.sizes)
            settings = {"encoder": "user_item", "with_occupation": False}
            shape = {"sizes": encoder.sizes}
            live = keras_tools.live(network, Unit.STRENGTH, settings, train, _network, config, shape)
            optimizer = keras.optimizers.Adam(config.learning_rate)
            keras_tools.fit(network, optimizer, "binary_crossentropy", draw, options, config, lambda: live)
            return live.as_served()


def _network(keras: ModuleType, config: Config, seed: int, sizes: Sequence[int]) -> keras.Model:
    """pairs (B, 2) int -> probability (B, 1). `sizes`: codes per column of the pairs."""
    layers = keras.layers
    pairs = keras.Input((len(sizes),), dtype="int32", name="pairs")
    dim, regularization = config.embedding_dim, config.regularization

    def look_up(seed: int) -> list[Any]:
        """The vectors (B, D) of user and film in one of the towers."""
        return [
            keras_tools.embedded(keras, pairs[:, column], size, dim, regularization, seed + column)
            for column, size in enumerate(sizes)
        ]

    product = layers.Multiply()(look_up(seed))  # (B, D)
    deep = layers.Concatenate()(look_up(seed + len(sizes)))  # (B, 2 D)
    for layer, width in enumerate(config.dense):
        deep = layers.Dense(width, activation="relu")(deep)
        deep = layers.Dropout(config.dropout, seed=seed + layer)(deep)
    logit = layers.Dense(1)(layers.Concatenate()([product, deep]))
    return keras.Model(pairs, keras.ops.sigmoid(logit))
