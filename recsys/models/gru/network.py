"""The GRU's network, seen twice: as it trains and as it serves. Both views share every weight."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.models.gru.config import Config
from recsys.models.gru.softmax import full_softmax, sampled_softmax
from recsys.models.keras_tools import normal

if TYPE_CHECKING:
    import keras


def networks(
    keras: ModuleType,
    n_items: int,
    config: Config,
    seed: int,
    n_lanes: int | None = None,
    counts: np.ndarray | None = None,
) -> tuple[keras.Model, keras.Model]:
    """Two views of the same layers.

    Args:
        n_lanes: how many viewers are read side by side with a state that is carried from batch to batch; None where
            each row of a batch starts from an empty state.
        counts: (I,) how often each film was rated; given, the softmax is estimated from `config.n_sampled` films.

    Returns:
        For training: items (B, T), with lanes also begins (B, T), and targets (B, T) -> losses (B, T), what the softmax
        makes of each place.
        For serving: items (B, any length) -> probabilities (B, I) after the last film.
    """
    layers, ops = keras.layers, keras.ops
    embedding = layers.Embedding(n_items + 1, config.embedding_dim, normal(keras, seed), name="films")
    dropout_in = layers.Dropout(config.dropout, seed=seed)
    recurrent = layers.GRU(config.hidden_dim, return_sequences=True, seed=seed, name="gru")
    dropout_out = layers.Dropout(config.dropout, seed=seed + 1)
    project = layers.Dense(config.embedding_dim, name="project")
    output = _tied_output(keras, embedding, n_items)

    served = keras.Input((None,), dtype="int32", name="items")
    last = _last_state(keras)(recurrent(embedding(served)), served)
    inference = keras.Model(served, ops.softmax(output(project(last))))

    shape = {"batch_shape": (n_lanes, config.max_length)}
    items = keras.Input(**shape, dtype="int32", name="items")
    films = dropout_in(embedding(items))  # (B, T, D)
    inputs = [items]
    if n_lanes is None:
        states = recurrent(films)  # (B, T, H)
    else:
        begins = keras.Input(**shape, name="begins")
        inputs.append(begins)
        in_lanes = layers.RNN(_forgetful(keras, recurrent.cell), return_sequences=True, stateful=True, name="lanes")
        states = in_lanes(ops.concatenate([films, begins[:, :, None]], axis=2))
    predicted = project(dropout_out(states))  # (B, T, D)
    targets = keras.Input(**shape, dtype="int32", name="targets")
    if counts is None:
        losses = full_softmax(keras, output)(predicted, targets)
    else:
        losses = sampled_softmax(keras, output, counts, config.n_sampled, seed)(predicted, items, targets)
    return keras.Model([*inputs, targets], losses), inference


def serving_network(keras: ModuleType, config: Config, seed: int, n_items: int) -> keras.Model:
    """The view that serves, alone."""
    return networks(keras, n_items, config, seed)[1]


def _forgetful(keras: ModuleType, cell: Any) -> Any:
    """The GRU's cell, emptied where a viewer enters the lane: inputs (B, D + 1), the last column 1 at such places."""

    class Forgetful(keras.layers.Layer):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__(name="forgetful")
            self.cell, self.state_size, self.output_size = cell, cell.state_size, cell.output_size

        def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
            stays = 1.0 - inputs[:, -1:]  # (B, 1)
            return self.cell(inputs[:, :-1], [states[0] * stays], training=training)

    return Forgetful()


def _tied_output(keras: ModuleType, embedding: Any, n_items: int) -> Any:
    """states (..., D) -> logits (..., I): products with the film embeddings, plus a bias per film."""
    ops = keras.ops

    class TiedOutput(keras.layers.Layer):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__(name="tied_output")
            self._embedding = embedding

        def build(self, _shape: object) -> None:
            self._bias = self.add_weight(shape=(n_items,), initializer="zeros", name="bias")

        def films(self) -> tuple[Any, Any]:
            """Vectors (I, D) and biases (I,)."""
            return self._embedding.embeddings[1:], self._bias

        def call(self, states: object) -> object:
            vectors, bias = self.films()
            return ops.matmul(states, ops.transpose(vectors)) + bias

    return TiedOutput()


def _last_state(keras: ModuleType) -> Any:
    """states (B, T, H), items (B, T) -> the state after the last film (B, H); zeros without a film."""
    ops = keras.ops

    class LastState(keras.layers.Layer):  # type: ignore[name-defined]
        def call(self, states: object, items: object) -> object:
            present = ops.cast(ops.not_equal(items, 0), "float32")  # (B, T)
            place = ops.cumsum(ops.ones_like(present), axis=1)  # 1, 2, ..., T
            is_last = present * ops.cast(ops.equal(place, ops.sum(present, axis=1, keepdims=True)), "float32")
            return ops.sum(states * is_last[:, :, None], axis=1)

    return LastState()
