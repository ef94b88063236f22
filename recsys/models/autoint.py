"""AutoInt+: the probability that this user gives this film 4 stars or more, from fields of user, film and moment.

Each field is embedded; interacting layers let every field attend to every other (multi-head self-attention with a
residual); in parallel a plain network reads the same embeddings, and a factorization machine (Rendle 2010) adds the
products of all pairs of them, which neither of the two learns easily. Rated films alone teach nothing about films that
nobody rates, so unseen films are drawn as further negatives.
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
from recsys.models.size import FLOAT, KEPT, KERAS_PROGRAM, STEP, Size, dense
from recsys.serving.fields import FIELDS, UNKNOWN_OF_NEW_USER, FieldTable, years_of
from recsys.serving.scorers import OnnxScorer, Unit

if TYPE_CHECKING:
    import keras

OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "nadam": "Nadam"}
"""Names in Keras."""


@dataclass(frozen=True)
class Config(ModelConfig):
    embedding_dim: int = setting(16, "D, of each field", low=1, high=256)
    n_layers: int = setting(1, "interacting layers; the paper has 3", low=1, high=8)
    n_heads: int = setting(2, "attention heads per layer", low=1, high=16)
    head_dim: int = setting(16, "width of a head", low=1, high=256, most=128)
    dense: tuple[int, ...] = setting((64, 32), "widths of the parallel network", low=1, most=2_048)
    products: bool = setting(True, "the factorization machine; false: AutoInt+ as in the paper")
    dropout: float = setting(
        0.2, "in the parallel network, and on the embeddings that it and the attention read", low=0, below=1
    )
    n_negatives: int = setting(4, 'unseen films drawn per rating and epoch, labelled "not liked"', low=0, most=20)
    dislike_weight: float = setting(
        0.2, "of a rating below min_rating in the loss; 1 for probabilities among rated films", low=0, most=100
    )
    hidden_users: float = setting(
        0.2, "share of pairs whose user is made unknown, with some of what new users leave open", low=0, below=1
    )
    optimizer: str = setting("adam", "with Keras's own momenta and weight decay", choices=tuple(OPTIMIZERS))
    learning_rate: float = setting(3e-3, "of the first step", above=0, most=1)
    learning_rate_decay: float = setting(
        1.0, "what is left of the rate after each epoch, falling step by step; 1: constant", above=0, high=1
    )
    regularization: float = setting(1e-6, "L2 on the field embeddings", low=0, most=1e5)
    batch_size: int = setting(2048, "user-film pairs per step", low=1, most=65_536)
    n_epochs: int = setting(12, "passes over all ratings", low=1, most=200)
    min_rating: float = setting(4.0, "the label: at least this many stars", least=0, most=10)


class AutoInt(Model):
    name = "autoint"
    uses_gpu = True
    config_class = Config
    looks_at = (
        "Who this user is (age, gender, occupation), what the film is (genres, year), when, and how they combine."
    )
    new_user = (
        "They count as an unknown user, for whom it was trained as well, with the age, gender and occupation that they "
        "give: the films they name are not used."
    )
    source = "Song et al. (2019), AutoInt: Automatic Feature Interaction Learning via Self-Attentive Neural Networks"
    search_grid = [{"products": [True, False], "n_epochs": [12]}]  # False: AutoInt+ as in the paper
    quick = {
        "embedding_dim": 8,
        "n_heads": 1,
        "head_dim": 8,
        "dense": [32],
        "n_negatives": 2,
        "n_epochs": 3,
        "learning_rate": 2e-2,
    }
    quick_seconds = 15

    @staticmethod
    def memory(config: Config, size: Size) -> float:
        n_fields, attention = len(FIELDS), config.n_heads * config.head_dim
        embeddings = (size.n_users + size.n_items + 2000) * config.embedding_dim
        layers = config.n_layers * 4 * max(config.embedding_dim, attention) * attention
        learned = embeddings + layers + dense((n_fields * config.embedding_dim, *config.dense)) + n_fields * attention
        examples = size.n_ratings * (1 + config.n_negatives) * 300  # fields, their parts, labels and weights
        of_pair = n_fields * (
            2 * config.embedding_dim + config.n_layers * (5 * attention + 2 * config.n_heads * n_fields)
        )
        step = max(config.batch_size, size.n_items) * STEP * (of_pair + 2 * sum(config.dense))
        return KERAS_PROGRAM + examples + FLOAT * (KEPT * learned + step)

    def fit(self, train: Dataset, options: FitOptions) -> OnnxScorer:
        config: Config = self.config
        keras = keras_tools.start(options.seed, options.device)
        table = FieldTable.of(train, years_of(train.timestamps))
        sampler = UnseenSampler(train, options.seed)
        random = np.random.default_rng(options.seed)

        def draw(_epoch: int) -> keras_tools.Examples:
            return keras_tools.Examples(*_examples(train, table, sampler, random, config))

        with keras_tools.on_device(keras, options.device):
            network = _network(keras, config, options.seed, table.sizes)
            settings = {"encoder": "user_item_fields", "rating_years": list(table.rating_years)}
            live = keras_tools.live(network, Unit.LIKE, settings, train, _network, config, {"sizes": table.sizes})
            rate = keras_tools.falling_rate(keras, config, len(train) * (1 + config.n_negatives))
            optimizer = getattr(keras.optimizers, OPTIMIZERS[config.optimizer])(rate)
            keras_tools.fit(network, optimizer, "binary_crossentropy", draw, options, config, lambda: live)
            return live.as_served()


def _examples(
    train: Dataset, table: FieldTable, sampler: UnseenSampler, random: np.random.Generator, config: Config
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All ratings with their label, and `n_negatives` unseen films each, at the moment of the rating.

    Returns:
        fields (N, F) int32, labels (N, 1) float32 and weights (N,) float32.
    """
    copies = np.repeat(np.arange(len(train)), config.n_negatives)
    users = np.concatenate([train.users, train.users[copies]])
    items = np.concatenate([train.items, sampler.draw(train.users[copies])])
    times = np.concatenate([train.timestamps, train.timestamps[copies]])
    labels = np.zeros((len(users), 1), dtype=np.float32)
    labels[: len(train), 0] = train.ratings >= config.min_rating
    weights = np.ones(len(users), dtype=np.float32)
    # A film that somebody chose and then disliked is less of a negative than those that they never chose.
    weights[: len(train)][train.ratings < config.min_rating] = config.dislike_weight
    fields = table.pairs(users, items, times)
    hidden = np.flatnonzero(random.random(len(fields)) < config.hidden_users)
    for columns, chance in UNKNOWN_OF_NEW_USER:
        fields[np.ix_(hidden[random.random(len(hidden)) < chance], np.array(columns))] = 0
    return fields, labels, weights


def _network(keras: ModuleType, config: Config, seed: int, sizes: Sequence[int]) -> keras.Model:
    """fields (B, F) int -> probability (B, 1). `sizes`: codes per field."""
    layers, ops = keras.layers, keras.ops
    fields = keras.Input((len(FIELDS),), dtype="int32", name="fields")
    # One table for all fields: field f's codes start where those of field f - 1 end.
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
    embedded = layers.Embedding(
        int(sum(sizes)),
        config.embedding_dim,
        keras_tools.normal(keras, seed),
        embeddings_regularizer=keras.regularizers.L2(config.regularization),
        name="fields_embedding",
    )(fields + offsets)  # (B, F, D)
    visible = layers.Dropout(config.dropout, seed=seed)(embedded)

    interacting = visible
    for layer in range(config.n_layers):
        interacting = _interact(keras, interacting, config, name=f"interact_{layer + 1}")  # (B, F, heads * head_dim)

    deep = layers.Flatten()(visible)  # (B, F * D)
    for layer, width in enumerate(config.dense):
        deep = layers.Dense(width, activation="relu", name=f"dense_{layer + 1}")(deep)
        deep = layers.Dropout(config.dropout, seed=seed + 1 + layer)(deep)
    both = layers.Concatenate()([layers.Flatten()(interacting), deep])
    logit = layers.Dense(1, name="logit")(both)
    if config.products:
        total = ops.sum(embedded, axis=1)  # (B, D)
        # Twice the sum over pairs of fields is the square of the sum without the squares.
        logit += ops.sum(total**2 - ops.sum(embedded**2, axis=1), axis=1, keepdims=True) / 2  # (B, 1)
    return keras.Model(fields, ops.sigmoid(logit))


def _interact(keras: ModuleType, x: Any, config: Config, name: str) -> Any:
    """One interacting layer: ReLU(attention over fields + W_res x), as in section 4.4 of the paper."""
    layers, ops = keras.layers, keras.ops
    width = config.n_heads * config.head_dim
    query, key, value, residual = (
        layers.Dense(width, use_bias=False, name=f"{name}_{part}")(x)  # (B, F, heads * head_dim)
        for part in ("query", "key", "value", "residual")
    )
    mixed = []
    # Parts per head instead of a fourth axis: what serves spends a third of its time on moving axes otherwise. Split,
    # as the gradient of a slice is a whole array of zeros around a part, and was a third of the time of training.
    heads = (ops.split(part, config.n_heads, axis=2) for part in (query, key, value))
    for query_part, key_part, value_part in zip(*heads, strict=True):  # (B, F, head_dim) each
        scores = ops.matmul(query_part, ops.transpose(key_part, (0, 2, 1)))  # (B, F, F)
        mixed.append(ops.matmul(ops.softmax(scores), value_part))  # (B, F, head_dim)
    return ops.relu(ops.concatenate(mixed, axis=2) + residual)
