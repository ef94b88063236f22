"""GRU: reads a user's films in the order in which they were rated and predicts what comes next.

GRU4Rec's network with a softmax over all films and an output tied to the film embeddings. How histories share the
steps of an epoch is in `batches`: padded windows, or one lane per viewer as in the paper. On many films most of
the time goes into the softmax (`softmax`), which can be estimated from some of them.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models import keras_tools
from recsys.models.base import FitOptions, Model
from recsys.models.gru.batches import Epoch, draw_lesson, lanes, windows
from recsys.models.gru.config import Config
from recsys.models.gru.network import networks, serving_network
from recsys.models.size import FLOAT, KEPT, KERAS_PROGRAM, STEP, Size
from recsys.serving.scorers import OnnxScorer, Unit


class GRU4Rec(Model):
    name = "gru"
    uses_gpu = True
    is_scheduled = True
    config_class = Config
    looks_at = "The order in which this user watched: what usually comes next after their latest films."
    new_user = "Their films, in the order given, are the input; stars are not used."
    source = "Hidasi et al. (2016), Session-based Recommendations with Recurrent Neural Networks"
    search_grid = [{"withheld": [0.0], "min_rating": [0.0]}, {"withheld": [0.3], "min_rating": [4.0]}]
    quick = {
        "embedding_dim": 64,
        "hidden_dim": 64,
        "max_length": 20,
        "dropout": 0.2,
        "n_epochs": 3,
        "learning_rate": 1e-2,
    }
    quick_seconds = 17

    @staticmethod
    def memory(config: Config, size: Size) -> float:
        width, state, length = config.embedding_dim, config.hidden_dim, config.max_length
        learned = size.n_items * (width + 1) + 3 * state * (width + state + 2) + state * width
        lessons = 32 * (size.n_ratings + length * size.n_users)  # rows are filled up to T places
        compared = config.batch_size + config.n_sampled if config.n_sampled else size.n_items  # films, at each place
        n_places = length * min(config.batch_size, size.n_users + size.n_ratings // length)
        step = n_places * STEP * (compared + width + 4 * state)
        return KERAS_PROGRAM + lessons + FLOAT * (KEPT * learned + step)

    def fit(self, train: Dataset, options: FitOptions) -> OnnxScorer:
        config: Config = self.config
        keras = keras_tools.start(options.seed, options.device)
        random = np.random.default_rng(options.seed)
        n_viewers = int((train.user_counts > 1).sum())
        n_lanes = None if config.batching == "padded" else min(config.batch_size, n_viewers)  # none starts empty
        with keras_tools.on_device(keras, options.device):
            counts = train.item_counts if config.n_sampled else None
            network, inference = networks(keras, train.n_items, config, options.seed, n_lanes, counts)

            def run(inputs: dict[str, np.ndarray]) -> np.ndarray:
                return keras.ops.convert_to_numpy(inference(inputs["items"], training=False))

            def draw(epoch: int) -> keras_tools.Examples:
                network.optimizer.learning_rate = learning_rate_in(epoch, config)
                rows = draw_epoch(train, config, n_lanes, random)
                begins = [] if n_lanes is None else [rows.begins]
                inputs = [rows.items, *begins, rows.targets]
                return keras_tools.Examples(inputs, rows.targets, rows.weights, rows.n_targets)

            settings = {"encoder": "item_sequence", "max_length": config.max_length}
            shape = {"n_items": train.n_items}
            live = keras_tools.live(inference, Unit.NEXT, settings, train, serving_network, config, shape, run)
            keras_tools.fit(
                network,
                keras.optimizers.Adam(config.learning_rate, global_clipnorm=1.0),
                lambda _targets, losses: losses,  # the network computes its loss itself
                draw,
                options,
                config,
                lambda: live,
                batch_size=n_lanes,
                shuffle=n_lanes is None,  # a lane goes on where it stopped
            )
            return live.as_served()


def learning_rate_in(epoch: int, config: Config) -> float:
    """Large steps first, small ones last: half a cosine over all epochs (from 1)."""
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * (epoch - 1) / config.n_epochs))


def draw_epoch(train: Dataset, config: Config, n_lanes: int | None, random: np.random.Generator) -> Epoch:
    """What the network reads and predicts in one epoch, in another order each time."""
    draw = partial(
        draw_lesson, horizon=config.horizon, withheld=config.withheld, min_rating=config.min_rating, random=random
    )
    lessons = [draw(train.history(int(user))) for user in np.flatnonzero(train.user_counts > 1)]
    if n_lanes is None:
        return windows(lessons, config.max_length, random)
    return lanes(lessons, config.max_length, n_lanes, random)
