"""BPR: a vector per user and per film, trained so that a film the user liked scores above one they have not seen.

score = p_u . q_i + b_i; loss = mean of -log sigmoid(score of a liked film - score of an unseen film) + L2.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, require
from recsys.scorers import FactorScorer, Query, Unit

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Config:
    n_factors: int = 128  # D, length of the vectors
    n_negatives: int = 4  # unseen films drawn per liked film and epoch
    learning_rate: float = 2e-3  # Adam
    regularization: float = 3e-3  # L2 on the vectors and biases that take part in a comparison
    batch_size: int = 4096  # comparisons per step
    n_epochs: int = 50  # passes over all liked films
    min_rating: float = 4.0  # films with at least this many stars are liked

    def __post_init__(self) -> None:
        require(1 <= self.n_factors <= 1024, "n_factors", self.n_factors, "must be between 1 and 1024")
        require(self.n_negatives >= 1, "n_negatives", self.n_negatives, "must be at least 1")
        require(self.learning_rate > 0, "learning_rate", self.learning_rate, "must be positive")
        require(self.regularization >= 0, "regularization", self.regularization, "must not be negative")
        require(self.batch_size >= 1, "batch_size", self.batch_size, "must be at least 1")
        require(self.n_epochs >= 1, "n_epochs", self.n_epochs, "must be at least 1")


class BPR(Model):
    name = "bpr"
    uses_gpu = True
    config_class = Config
    looks_at = "Which films this user liked, against films they have not seen. Stars below 4 are not used."
    visitor = "Their vector is fitted to the films they liked by the same objective, film vectors fixed."
    source = "Rendle et al. (2009), BPR: Bayesian Personalized Ranking from Implicit Feedback"
    search_grid = [
        {"n_factors": [64, 128], "regularization": [3e-3, 1e-2], "n_epochs": [50]},
        {"n_factors": [128], "learning_rate": [5e-3], "n_epochs": [50]},
    ]

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        from recsys.models import keras_tools
        from recsys.models.sampling import UnseenSampler

        config: Config = self.config
        keras = keras_tools.start(options.seed, options.device)
        liked = np.flatnonzero(train.ratings >= config.min_rating)
        sampler = UnseenSampler(train, options.seed)
        liked = liked[sampler.has_unseen[train.users[liked]]]  # without an unseen film there is nothing to compare
        users, positives = (np.repeat(a[liked], config.n_negatives) for a in (train.users, train.items))
        with keras_tools.on_device(keras, options.device):
            network = _network(keras, train.n_users, train.n_items, config, options.seed)
            network.compile(
                optimizer=keras.optimizers.Adam(config.learning_rate), loss=_pairwise_loss(keras), jit_compile=False
            )
            for epoch in range(1, config.n_epochs + 1):
                start = time.perf_counter()
                comparisons = np.stack([users, positives, sampler.draw(users)], axis=1)  # (N, 3)
                history = network.fit(
                    comparisons, np.ones(len(users)), batch_size=config.batch_size, epochs=1, verbose=0
                )
                seconds = time.perf_counter() - start
                options.report(
                    EpochLog(epoch, config.n_epochs, keras_tools.mean_loss(history), seconds, len(users) / seconds),
                    _scorer(keras, network, config),
                )
            return _scorer(keras, network, config)


def _network(keras: ModuleType, n_users: int, n_items: int, config: Config, seed: int) -> keras.Model:
    """comparisons (B, 3) int: user, liked film, unseen film -> margin (B,) between the two films' scores."""
    from recsys.models.keras_tools import normal

    comparison = keras.Input((3,), dtype="int32", name="comparison")
    user_vectors = keras.layers.Embedding(n_users, config.n_factors, normal(keras, seed, 0.05), name="user_factors")
    item_vectors = keras.layers.Embedding(n_items, config.n_factors, normal(keras, seed + 1, 0.05), name="item_factors")
    item_biases = keras.layers.Embedding(n_items, 1, "zeros", name="item_bias")
    user = user_vectors(comparison[:, 0])  # (B, D)
    films = item_vectors(comparison[:, 1:])  # (B, 2, D)
    biases = item_biases(comparison[:, 1:])[:, :, 0]  # (B, 2)
    scores = keras.ops.sum(user[:, None, :] * films, axis=2) + biases  # (B, 2)
    # L2 on the rows that take part, as in the paper; a penalty on whole tables would shrink rare films every step.
    used = keras.ops.sum(user**2, axis=1) + keras.ops.sum(films**2, axis=(1, 2)) + keras.ops.sum(biases**2, axis=1)
    outputs = keras.ops.stack([scores[:, 0] - scores[:, 1], config.regularization * used], axis=1)  # (B, 2)
    return keras.Model(comparison, outputs)


def _pairwise_loss(keras: ModuleType) -> Callable[[Any, Any], Any]:
    """-log sigmoid(margin) + penalty, (B,); the truth that Keras asks for is not used: each comparison is one."""

    def loss(_truth: Any, output: Any) -> Any:
        margin, penalty = output[:, 0], output[:, 1]
        return keras.ops.softplus(-margin) + penalty

    return loss


def _scorer(keras: ModuleType, network: keras.Model, config: Config) -> FactorScorer:
    def table(name: str) -> np.ndarray:
        return np.array(keras.ops.convert_to_numpy(network.get_layer(name).embeddings), dtype=np.float32)

    return FactorScorer(
        unit=Unit.STRENGTH,
        query=Query.PAIRWISE,
        item_bias=table("item_bias")[:, 0],
        item_factors=table("item_factors"),
        user_factors=table("user_factors"),
        regularization=config.regularization,
        min_rating=config.min_rating,
    )
