"""BPR: a vector per user and per film, trained so that a film the user liked scores above one they have not seen.

score = p_u . q_i + b_i; loss = mean of -log sigmoid(score of a liked film - score of an unseen film) + L2.
The unseen film of a comparison is the highest-scoring of a few drawn at random, and what a user liked lately or
rated highly weighs more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.models import keras_tools
from recsys.models.base import FitOptions, Model, ModelConfig, setting
from recsys.models.sampling import UnseenSampler, UserRows
from recsys.models.size import FLOAT, KEPT, KERAS_PROGRAM, STEP, Size
from recsys.serving.fold_in import taste_weights
from recsys.serving.scorers import FactorScorer, Query, Unit

if TYPE_CHECKING:
    import keras

ROW_WIDTH = 32
"""Liked films of one user that are compared together: longer rows save products, but leave more places empty."""


@dataclass(frozen=True)
class Config(ModelConfig):
    n_factors: int = setting(128, "D, length of the vectors", low=1, high=1024, most=512)
    n_negatives: int = setting(2, "comparisons per liked film and epoch", low=1, most=20)
    # The hardest of a few: Zhang et al. 2013.
    n_candidates: int = setting(
        8, "unseen films drawn for one comparison; the highest-scoring takes part", low=1, most=100
    )
    learning_rate: float = setting(2e-3, "Adam", above=0, most=1)
    regularization: float = setting(
        1.5e-2, "L2 on the vectors and biases that take part in a comparison", low=0, most=1e5
    )
    batch_size: int = setting(4096, "comparisons per step", low=1, most=65_536)
    n_epochs: int = setting(24, "passes over all liked films", low=1, most=200)
    min_rating: float = setting(0.0, "films with at least this many stars are liked", least=0, most=10)
    # How the two weigh a film: fold_in.taste_weights.
    star_power: float = setting(
        2.0, "a film weighs (its stars / most stars) to this power; 0: all alike", low=0, most=20
    )
    recency: float = setting(4.0, "a user's oldest film weighs exp(-recency), the newest 1", low=0, most=20)


class BPR(Model):
    name = "bpr"
    uses_gpu = True
    config_class = Config
    looks_at = "Which films this user rated, lately and highly above all, against films they have not seen."
    new_user = (
        "Their vector is fitted to the films they gave half of the stars or more, by the same objective, film vectors "
        "fixed."
    )
    source = "Rendle et al. (2009), BPR: Bayesian Personalized Ranking from Implicit Feedback"
    search_grid = [
        {"recency": [0.0, 3.0], "n_candidates": [1, 8], "n_epochs": [25]},
        {"recency": [3.0], "regularization": [1e-2, 3e-2], "n_epochs": [25]},
        {"recency": [3.0], "star_power": [0.0], "n_epochs": [25]},
        {"recency": [4.0], "n_epochs": [25]},
    ]
    quick = {"n_factors": 64, "n_negatives": 1, "n_epochs": 4, "learning_rate": 8e-3, "batch_size": 2048}
    quick_seconds = 8

    @staticmethod
    def memory(config: Config, size: Size) -> float:
        drawn = size.n_ratings * config.n_negatives * config.n_candidates * 32  # film numbers, several times
        n_rows = config.batch_size // (ROW_WIDTH * config.n_negatives) + 1
        step = n_rows * STEP * (size.n_items + config.n_factors)
        return KERAS_PROGRAM + drawn + FLOAT * (KEPT * size.vectors(config.n_factors) + step)

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        config: Config = self.config
        keras = keras_tools.start(options.seed, options.device)
        sampler = UnseenSampler(train, options.seed)
        # Without an unseen film there is nothing to compare.
        liked = np.flatnonzero((train.ratings >= config.min_rating) & sampler.has_unseen[train.users])
        if not len(liked):
            raise UsageError(f"Nobody gave {config.min_rating:g} stars or more: a lower min_rating is needed.")
        rows = UserRows.of(train.users[liked], train.items[liked], film_weights(train, config)[liked], ROW_WIDTH)
        # Keras takes the mean over rows; this makes it one over liked films.
        weights = rows.weights * (len(rows) / len(liked))  # (R, W)

        def draw(_epoch: int) -> keras_tools.Examples:
            candidates = rows.draw(sampler, (config.n_negatives, config.n_candidates))  # (R, W, n, C)
            inputs = [rows.users, rows.items, candidates]
            return keras_tools.Examples(inputs, weights, n=len(liked) * config.n_negatives)

        with keras_tools.on_device(keras, options.device):
            network = _network(keras, train.n_users, train.n_items, config, options.seed)
            scorer = partial(_scorer, network, config, train)
            keras_tools.fit(
                network,
                keras.optimizers.Adam(config.learning_rate),
                lambda weight, loss: keras.ops.sum(weight * loss, axis=1),  # (B, W) both -> (B,)
                draw,
                options,
                config,
                scorer,
                batch_size=max(1, config.batch_size // (ROW_WIDTH * config.n_negatives)),
            )
            return scorer()


def film_weights(train: Dataset, config: Config) -> np.ndarray:
    """(N,) how much each rating counts as a sign of taste: more stars and later in the user's history, more weight."""
    weights, recency = np.empty(len(train)), _recency(config, train)
    for user in range(train.n_users):
        rows = train.rows_of(user)
        weights[rows] = taste_weights(train.ratings[rows], train.scale, config.star_power, recency)
    return weights


def _recency(config: Config, train: Dataset) -> float:
    """Without times a film has no age: the order of a history is that of the file."""
    return config.recency if train.is_timed else 0.0


def _network(keras: ModuleType, n_users: int, n_items: int, config: Config, seed: int) -> keras.Model:
    """users (B,), liked (B, W), candidates (B, W, n_negatives, n_candidates), all int -> loss per liked film (B, W)."""
    normal, ops = keras_tools.normal, keras.ops

    class Comparisons(keras.layers.Layer):  # type: ignore[name-defined]
        """Scores every film for each user in one product, which is faster than looking up the vectors compared."""

        def build(self, *_shapes: Any) -> None:
            initializer = normal(keras, seed + 1)
            self.factors = self.add_weight(name="factors", shape=(n_items, config.n_factors), initializer=initializer)
            self.bias = self.add_weight(name="bias", shape=(n_items,), initializer="zeros")

        def call(self, user: Any, liked: Any, candidates: Any) -> Any:
            scores = ops.reshape(ops.matmul(user, ops.transpose(self.factors)) + self.bias, (-1,))  # (B * I,)
            start = n_items * ops.reshape(ops.arange(ops.shape(user)[0], dtype="int32"), (-1, 1, 1))  # of each row
            hardest = ops.argmax(ops.take(scores, start[..., None] + candidates), axis=3)  # (B, W, n)
            unseen = ops.take_along_axis(candidates, hardest[..., None], axis=3)[..., 0]  # (B, W, n)
            films = ops.concatenate([liked[..., None], unseen], axis=2)  # (B, W, 1 + n)
            compared = ops.take(scores, start + films)
            margin = compared[..., :1] - compared[..., 1:]  # (B, W, n)
            # L2 on what takes part, as in the paper; a penalty on whole tables would shrink rare films every step.
            norms = ops.take(ops.sum(self.factors**2, axis=1) + self.bias**2, films)  # (B, W, 1 + n)
            used = ops.sum(user**2, axis=1)[:, None, None] + norms[..., :1] + norms[..., 1:]
            return ops.mean(ops.softplus(-margin) + config.regularization * used, axis=2)

    users = keras.Input((), dtype="int32")
    liked = keras.Input((ROW_WIDTH,), dtype="int32")
    candidates = keras.Input((ROW_WIDTH, config.n_negatives, config.n_candidates), dtype="int32")
    user_factors = keras.layers.Embedding(n_users, config.n_factors, normal(keras, seed), name="users")
    losses = Comparisons(name="films")(user_factors(users), liked, candidates)
    return keras.Model([users, liked, candidates], losses)


def _scorer(network: keras.Model, config: Config, train: Dataset) -> FactorScorer:
    weights = [*network.get_layer("films").get_weights(), *network.get_layer("users").get_weights()]
    item_factors, item_bias, user_factors = map(np.array, weights)  # copies, as training may go on
    return FactorScorer(
        unit=Unit.STRENGTH,
        query=Query.PAIRWISE,
        item_bias=item_bias,
        item_factors=item_factors,
        user_factors=user_factors,
        regularization=config.regularization,
        # Where stars weigh films in training, a new user's film below the middle of the scale is no sign of taste.
        min_rating=max(config.min_rating, (train.scale.low + train.scale.high) / 2 if config.star_power > 0 else 0.0),
        scale=train.scale,
        star_power=config.star_power,
        recency=_recency(config, train),
        n_candidates=config.n_candidates,
    )
