"""EASE: a weight for every pair of films, found by one inversion; and a variant with the inputs of BPR.

score of film j = sum over liked films i of B_ij; B makes |X - X B|^2 + L2 small with zeros on its diagonal.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, ModelConfig, setting
from recsys.models.size import FLOAT, PROGRAM, Size
from recsys.serving.scorers import FactorScorer, Query, Unit


@dataclass(frozen=True)
class EASEConfig(ModelConfig):
    regularization: float = setting(
        300.0, "L2 on the weights; larger trusts popular co-occurrences more", above=0, most=1e5
    )
    min_rating: float = setting(4.0, "only films with at least this many stars count as liked", least=0, most=10)


class EASE(Model):
    name = "ease"
    config_class = EASEConfig
    looks_at = "Which films this user liked, and which films are liked together with them."
    new_user = "The films they liked are the input; nothing else is needed."
    source = "Steck (2019), Embarrassingly Shallow Autoencoders for Sparse Data"

    @staticmethod
    def memory(config: EASEConfig, size: Size) -> float:
        likes, weights = size.n_users * size.n_items, size.n_items**2  # full matrices, both
        return PROGRAM + FLOAT * (3 * likes + 6 * weights)

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        config: EASEConfig = self.config
        start = time.perf_counter()
        liked = train.ratings >= config.min_rating
        interactions = np.zeros((train.n_users, train.n_items), dtype=np.float32)  # (U, I)
        interactions[train.users[liked], train.items[liked]] = 1.0
        gram = interactions.T @ interactions  # (I, I)
        gram[np.diag_indices_from(gram)] += config.regularization
        inverse = np.linalg.inv(gram)
        weights = inverse / -np.diag(inverse)  # column j: the weight of each film for film j
        np.fill_diagonal(weights, 0.0)
        seconds = time.perf_counter() - start
        scorer = FactorScorer(
            unit=Unit.STRENGTH,
            query=Query.INTERACTIONS,
            item_bias=np.zeros(train.n_items, dtype=np.float32),
            # Row = film recommended. To 1/8192: the lists stay as they are, and the file has half the size.
            item_factors=(np.round(np.ascontiguousarray(weights.T) * 8192) / 8192).astype(np.float16),
            min_rating=config.min_rating,
            **self.weights_of_votes(train),
        )
        residual = interactions - interactions @ weights
        options.report(EpochLog(1, 1, float(np.mean(residual**2)), seconds, len(train) / seconds), scorer)
        return scorer

    def weights_of_votes(self, train: Dataset) -> dict[str, Any]:
        """Settings of the scorer that give the films of a history different weights; none: all count alike."""
        return {}


@dataclass(frozen=True)
class WeightedEASEConfig(EASEConfig):
    regularization: float = setting(
        500.0, "L2 on the weights; larger trusts popular co-occurrences more", above=0, most=1e5
    )
    min_rating: float = setting(0.0, "only films with at least this many stars count", least=0, most=10)
    star_power: float = setting(
        2.0, "a film speaks with (its stars / most stars) to this power; 0: all alike", low=0, most=20
    )
    recency: float = setting(6.0, "a user's oldest film speaks with exp(-recency), the newest with 1", low=0, most=20)


class WeightedEASE(EASE):
    """EASE with the inputs that BPR has: all ratings, their stars and their order.

    The weights between films are EASE's, learnt from 0 and 1. In the history of whoever asks, known or new, films with
    more stars and newer ones count more.
    """

    name = "ease-weighted"
    config_class = WeightedEASEConfig
    looks_at = "Which films this user rated, lately and highly above all, and which films are rated together with them."
    new_user = "The films they rated are the input, later ones and those with more stars above all."
    search_grid = [
        {"regularization": [300.0, 500.0], "star_power": [0.0, 1.0, 2.0], "recency": [0.0, 2.0, 4.0, 6.0]},
        {"regularization": [1000.0], "recency": [4.0, 6.0]},
        {"regularization": [300.0], "min_rating": [4.0], "star_power": [0.0], "recency": [0.0, 4.0]},  # the first: EASE
    ]

    def weights_of_votes(self, train: Dataset) -> dict[str, Any]:
        config: WeightedEASEConfig = self.config
        return {
            "scale": train.scale,
            "star_power": config.star_power,
            "recency": config.recency if train.is_timed else 0.0,
        }
