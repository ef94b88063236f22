"""GRU: reads a user's films in the order in which they were rated and predicts what comes next.

GRU4Rec's network with a softmax over all films and an output tied to the film embeddings. How histories share the
steps of an epoch is in `gru_batches`: padded windows, or one lane per viewer as in the paper.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.dataset import Dataset
from recsys.encoders import ItemSequence
from recsys.models.base import EpochLog, FitOptions, LiveScorer, Model, config_from, config_to_json, require
from recsys.models.gru_batches import Epoch, draw_lesson, lanes, windows
from recsys.scorers import OnnxScorer, Unit

if TYPE_CHECKING:
    import keras

BATCHINGS = ("padded", "session_parallel")


@dataclass(frozen=True)
class Config:
    batching: str = "padded"  # windows from an empty state, or "session_parallel": lanes that keep their state
    horizon: int = 1  # the film to predict is drawn from the next so many; 1 = the very next, as in the paper
    withheld: float = 0.0  # share of the films that is not read, and of the targets that is drawn from those
    embedding_dim: int = 128  # D, of the films; input and output share the vectors
    hidden_dim: int = 128  # H, of the GRU's state
    dropout: float = 0.4  # on the film embeddings and on the state
    max_length: int = 50  # T, films per window or chunk of a lane; also how far back a recommendation looks
    learning_rate: float = 4e-3  # Adam's in the first epoch; falls to 0 along a cosine
    batch_size: int = 64  # windows per step, or lanes
    n_epochs: int = 14  # passes over all histories
    min_rating: float = 0.0  # only films with at least this many stars are predicted; all of them are read

    def __post_init__(self) -> None:
        require(self.batching in BATCHINGS, "batching", self.batching, f"must be {' or '.join(BATCHINGS)}")
        require(self.horizon >= 1, "horizon", self.horizon, "must be at least 1")
        require(0 <= self.withheld < 1, "withheld", self.withheld, "must be in [0, 1)")
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
    search_grid = [{"withheld": [0.0], "min_rating": [0.0]}, {"withheld": [0.3], "min_rating": [4.0]}]

    def fit(self, train: Dataset, options: FitOptions) -> OnnxScorer:
        from recsys.models import keras_tools
        from recsys.models.gru_networks import networks

        config: Config = self.config
        keras = keras_tools.start(options.seed, options.device)
        encoder = ItemSequence(config.max_length)
        random = np.random.default_rng(options.seed)
        n_lanes = lane_count(train, config)
        with keras_tools.on_device(keras, options.device):
            network, inference = networks(keras, train.n_items, config, options.seed, n_lanes)
            network.compile(
                optimizer=keras.optimizers.Adam(config.learning_rate, global_clipnorm=1.0),
                loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                jit_compile=False,
            )

            def forward(inputs: dict[str, np.ndarray]) -> np.ndarray:
                return keras.ops.convert_to_numpy(inference(inputs["items"], training=False))

            def trained() -> OnnxScorer:
                arguments = {"n_items": train.n_items, "config": config_to_json(config)}
                graph = keras_tools.export_onnx(inference, __name__, arguments)
                return OnnxScorer(
                    graph, Unit.NEXT, {"encoder": "item_sequence", "max_length": config.max_length}, train
                )

            live = LiveScorer(
                encoder,
                forward,
                train.n_items,
                Unit.NEXT,
                lambda: trained().state(),
                inference.get_weights,
                inference.set_weights,
            )
            for epoch in range(1, config.n_epochs + 1):
                start = time.perf_counter()
                network.optimizer.learning_rate = learning_rate_in(epoch, config)
                rows = draw_epoch(train, config, n_lanes, random)
                loss = keras_tools.fit_epoch(
                    network,
                    rows.items if n_lanes is None else [rows.items, rows.begins],
                    rows.targets,
                    options,
                    epoch,
                    config.n_epochs,
                    sample_weight=rows.weights,
                    batch_size=n_lanes or config.batch_size,
                    shuffle=n_lanes is None,  # a lane goes on where it stopped
                )
                seconds = time.perf_counter() - start
                options.report(EpochLog(epoch, config.n_epochs, loss, seconds, rows.n_targets / seconds), live)
            return trained()


def learning_rate_in(epoch: int, config: Config) -> float:
    """Large steps first, small ones last: half a cosine over all epochs (from 1)."""
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * (epoch - 1) / config.n_epochs))


def lane_count(train: Dataset, config: Config) -> int | None:
    """Lanes that start with a viewer in them; None where there are no lanes."""
    if config.batching == "padded":
        return None
    return min(config.batch_size, int((train.user_counts > 1).sum()))


def draw_epoch(train: Dataset, config: Config, n_lanes: int | None, random: np.random.Generator) -> Epoch:
    """What the network reads and predicts in one epoch, in another order each time."""
    draw = partial(
        draw_lesson, horizon=config.horizon, withheld=config.withheld, min_rating=config.min_rating, random=random
    )
    lessons = [draw(train.history(int(user))) for user in np.flatnonzero(train.user_counts > 1)]
    if n_lanes is None:
        return windows(lessons, config.max_length, random)
    return lanes(lessons, config.max_length, n_lanes, random)


def serving_network(n_items: int, config: dict[str, Any]) -> keras.Model:
    """The untrained network that serves, as `keras_tools.export_onnx` rebuilds it."""
    import keras

    from recsys.models.gru_networks import networks

    return networks(keras, n_items, config_from(Config, config), seed=0)[1]
