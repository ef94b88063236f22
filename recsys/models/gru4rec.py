"""GRU: reads a user's films in the order in which they were rated and predicts the next one.

GRU4Rec's network with a softmax over all films and an output tied to the film embeddings, trained on padded windows
of each history.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.dataset import Dataset
from recsys.encoders import ItemSequence
from recsys.models.base import EpochLog, FitOptions, LiveScorer, Model, config_from, config_to_json, require
from recsys.scorers import OnnxScorer, Unit

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Config:
    embedding_dim: int = 64  # D, of the films; input and output share the vectors
    hidden_dim: int = 128  # H, of the GRU's state
    dropout: float = 0.3  # on the film embeddings and on the state
    max_length: int = 50  # T, films per window; also how far back a recommendation looks
    learning_rate: float = 3e-3  # Adam
    batch_size: int = 64  # windows per step
    n_epochs: int = 20  # passes over all histories
    min_rating: float = 0.0  # only films with at least this many stars are predicted; all of them are read

    def __post_init__(self) -> None:
        require(1 <= self.embedding_dim <= 1024, "embedding_dim", self.embedding_dim, "must be between 1 and 1024")
        require(1 <= self.hidden_dim <= 2048, "hidden_dim", self.hidden_dim, "must be between 1 and 2048")
        require(0 <= self.dropout < 1, "dropout", self.dropout, "must be in [0, 1)")
        require(2 <= self.max_length <= 2048, "max_length", self.max_length, "must be between 2 and 2048")
        require(self.learning_rate > 0, "learning_rate", self.learning_rate, "must be positive")
        require(self.batch_size >= 1, "batch_size", self.batch_size, "must be at least 1")
        require(self.n_epochs >= 1, "n_epochs", self.n_epochs, "must be at least 1")


class GRU4Rec(Model):
    name = "gru"
    uses_gpu = True
    config_class = Config
    looks_at = "The order in which this user watched: what usually comes next after their latest films."
    visitor = "Their films, in the order given, are the input; stars are not used."
    source = "Hidasi et al. (2016), Session-based Recommendations with Recurrent Neural Networks"
    search_grid = [
        {"dropout": [0.3, 0.5], "min_rating": [0.0, 4.0], "n_epochs": [24]},
    ]

    def fit(self, train: Dataset, options: FitOptions) -> OnnxScorer:
        from recsys.models import keras_tools

        config: Config = self.config
        keras = keras_tools.start(options.seed, options.device)
        encoder = ItemSequence(config.max_length)
        shuffle = np.random.default_rng(options.seed)
        with keras_tools.on_device(keras, options.device):
            network, inference = _networks(keras, train.n_items, config, options.seed)
            network.compile(
                optimizer=keras.optimizers.Adam(config.learning_rate, global_clipnorm=1.0),
                loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                jit_compile=False,
            )

            def forward(inputs: dict[str, np.ndarray]) -> np.ndarray:
                return keras.ops.convert_to_numpy(inference(inputs["items"], training=False))

            live = LiveScorer(encoder, forward, train.n_items, Unit.NEXT)
            for epoch in range(1, config.n_epochs + 1):
                start = time.perf_counter()
                items, targets, weights = windows(train, config, shuffle)
                history = network.fit(
                    items, targets, sample_weight=weights, batch_size=config.batch_size, epochs=1, verbose=0
                )
                seconds, n_targets = time.perf_counter() - start, int((weights > 0).sum())
                options.report(
                    EpochLog(epoch, config.n_epochs, keras_tools.mean_loss(history), seconds, n_targets / seconds),
                    live,
                )
            graph = keras_tools.export_onnx(
                inference, __name__, {"n_items": train.n_items, "config": config_to_json(config)}
            )
        return OnnxScorer(graph, Unit.NEXT, {"encoder": "item_sequence", "max_length": config.max_length}, train)


def serving_network(n_items: int, config: dict[str, Any]) -> keras.Model:
    """The untrained network that serves, as `keras_tools.export_onnx` rebuilds it."""
    import keras

    return _networks(keras, n_items, config_from(Config, config), seed=0)[1]


def windows(train: Dataset, config: Config, shuffle: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Histories cut into windows, at another place each epoch so that no film is always first.

    Returns:
        items (N, T) int32: index + 1, 0 = padding on the right.
        targets (N, T) int32: the index of the film that came next.
        weights (N, T) float32: 1 where there is a target to learn from; scaled to mean 1 over the epoch, so that
            the loss is per target, not per place.
    """
    length = config.max_length
    rows = []
    for user in np.flatnonzero(train.user_counts > 1):
        history = train.history(int(user))
        first = int(shuffle.integers(1, length + 1)) if len(history) > length + 1 else length
        ends = range(first, len(history) - 1 + length, length)
        rows += [(history, max(0, end - length), min(end, len(history) - 1)) for end in ends]
    items = np.zeros((len(rows), length), dtype=np.int32)
    targets = np.zeros((len(rows), length), dtype=np.int32)
    weights = np.zeros((len(rows), length), dtype=np.float32)
    for row, (history, start, end) in enumerate(rows):
        items[row, : end - start] = history.items[start:end] + 1
        targets[row, : end - start] = history.items[start + 1 : end + 1]
        weights[row, : end - start] = history.ratings[start + 1 : end + 1] >= config.min_rating
    return items, targets, weights / max(weights.mean(), 1e-9)


def _networks(keras: ModuleType, n_items: int, config: Config, seed: int) -> tuple[keras.Model, keras.Model]:
    """Two views of the same layers: logits at every place for training, probabilities after the last film to serve."""
    layers, ops = keras.layers, keras.ops

    class TiedOutput(layers.Layer):  # type: ignore[name-defined]
        """states (..., D) -> logits (..., I): products with the film embeddings, plus a bias per film."""

        def __init__(self, embedding: Any) -> None:
            super().__init__(name="tied_output")
            self._embedding = embedding

        def build(self, _shape: object) -> None:
            self._bias = self.add_weight(shape=(n_items,), initializer="zeros", name="bias")

        def call(self, states: object) -> object:
            return ops.matmul(states, ops.transpose(self._embedding.embeddings[1:])) + self._bias

    class LastState(layers.Layer):  # type: ignore[name-defined]
        """states (B, T, H), items (B, T) -> the state after the last film (B, H); zeros without a film."""

        def call(self, states: object, items: object) -> object:
            present = ops.cast(ops.not_equal(items, 0), "float32")  # (B, T)
            place = ops.cumsum(ops.ones_like(present), axis=1)  # 1, 2, ..., T
            is_last = present * ops.cast(ops.equal(place, ops.sum(present, axis=1, keepdims=True)), "float32")
            return ops.sum(states * is_last[:, :, None], axis=1)

    from recsys.models.keras_tools import normal

    embedding = layers.Embedding(n_items + 1, config.embedding_dim, normal(keras, seed, 0.05), name="films")
    dropout_in = layers.Dropout(config.dropout, seed=seed)
    recurrent = layers.GRU(config.hidden_dim, return_sequences=True, seed=seed, name="gru")
    dropout_out = layers.Dropout(config.dropout, seed=seed + 1)
    project = layers.Dense(config.embedding_dim, name="project")
    output = TiedOutput(embedding)

    items = keras.Input((config.max_length,), dtype="int32", name="items")
    states = recurrent(dropout_in(embedding(items)))  # (B, T, H)
    network = keras.Model(items, output(project(dropout_out(states))))

    served = keras.Input((None,), dtype="int32", name="items")
    last = LastState()(recurrent(embedding(served)), served)
    inference = keras.Model(served, ops.softmax(output(project(last))))
    return network, inference
