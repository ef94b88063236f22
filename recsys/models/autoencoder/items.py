"""AutoEncoder of films: the stars that a film got squeezed through a code and unfolded into stars from every user.

The network and its training are in `network`; a row is a film. Its last layer is linear, so what it says of
user u and film i is a product of two vectors: u's row of the decoder, and what the decoder is given for i. These
vectors are all that is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.autoencoder.network import NetworkConfig, memory_of_rows, start, train_network
from recsys.models.base import FitOptions, Model, setting
from recsys.models.size import Size
from recsys.serving.scorers import FactorScorer, Query, Unit

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


NEW_USER_REGULARIZATION = 0.01
"""L2 on a new user's vector and bias, per rating. Less is better for users whose own stars helped to form the film
vectors; a new user's did not, so the middle of what was tried (.003, .01, .03) on validation is taken."""


@dataclass(frozen=True)
class Config(NetworkConfig):
    """The shared hyperparameters; a film's row is longer than a user's and needs less noise."""

    input_dropout: float = setting(
        0.25, "share of a film's stars hidden from the input while training, and asked for", low=0, below=1
    )
    weight_decay: float = setting(8.0, "decoupled L2 (AdamW)", low=0, most=1e3)
    n_epochs: int = setting(40, "passes over all films", low=1, most=200)


class ItemAutoEncoder(Model):
    name = "autoencoder-items"
    uses_gpu = True
    config_class = Config
    looks_at = "All the stars that each film got; the network fills in what this user would have given."
    new_user = "Their place in the network's output is solved by regularised least squares from the stars they gave."
    source = "Sedhain et al. (2015), AutoRec: Autoencoders Meet Collaborative Filtering (the item-based one)"
    selected_on = "rmse"
    search_grid = [{"weight_decay": [8.0, 12.0]}]
    quick = {"n_epochs": 12, "learning_rate": 2e-3, "learning_rate_decay": 0.9}

    @staticmethod
    def memory(config: Config, size: Size) -> float:
        return memory_of_rows(config, size.n_items, size.n_users, size.n_ratings)

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        network, ratings, mean = start(train, self.config, options, rows_are_films=True)
        for log in train_network(network, ratings, self.config, options):
            options.report(log, _scorer(network, ratings, mean))
        return _scorer(network, ratings, mean)


def _scorer(network: Any, ratings: csr_matrix, mean: float) -> FactorScorer:
    """The network's product taken apart, with both sides' averages moved into the biases.

    So a new user's vector of zeros, before any stars are known, is the average user.
    """
    import torch

    device = network.column_mean.device
    rows = np.array_split(np.arange(ratings.shape[0]), -(-ratings.shape[0] // 512))
    with torch.inference_mode():
        read = [network.read(torch.from_numpy(ratings[block].toarray()).to(device)) for block in rows]
        row_bias, features = (torch.cat(parts).cpu().numpy() for parts in zip(*read, strict=True))  # (I, 1), (I, D)
        decoder = network.weights[0].t().cpu().numpy()  # (U, D)
        user_bias = (network.column_mean + network.decoder_biases[0]).cpu().numpy() - mean  # (U,)
    middle_user, middle_item = decoder.mean(axis=0), features.mean(axis=0)
    vectors = (decoder - middle_user).astype(np.float64)
    # Axes along which the users differ, each scaled to a spread of 1: the same products, but now a new user's L2
    # costs little in the directions in which people differ most.
    variance, axes = np.linalg.eigh(vectors.T @ vectors / len(vectors))
    is_used = variance > 1e-10 * variance.max()
    spread, axes = np.sqrt(variance[is_used]), axes[:, is_used]
    return FactorScorer(
        unit=Unit.STARS,
        query=Query.RIDGE,
        item_bias=row_bias[:, 0] + features @ middle_user,
        item_factors=((features - middle_item) @ axes * spread).astype(np.float32),
        user_bias=user_bias + (decoder - middle_user) @ middle_item,
        user_factors=(vectors @ axes / spread).astype(np.float32),
        global_bias=mean,
        regularization=NEW_USER_REGULARIZATION,
    )
