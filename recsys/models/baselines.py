"""The baselines: what a model has to beat before it is worth a graph."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, ModelConfig, setting
from recsys.models.size import PROGRAM, Size
from recsys.serving.scorers import FactorScorer, Query, Unit


@dataclass(frozen=True)
class RandomConfig(ModelConfig):
    n_factors: int = setting(
        8, "D, length of the random directions; more make the users' lists less alike", low=2, high=1024, most=512
    )


class Random(Model):
    """Every user and every film is a random direction: the lists are shuffled, and the same each time."""

    name = "random"
    config_class = RandomConfig
    looks_at = "Nothing at all: a shuffled list for each user, the same each time."
    new_user = "A shuffled list too, the same one for every visitor."
    source = "Chance"

    @staticmethod
    def memory(config: RandomConfig, size: Size) -> float:
        return PROGRAM + 8 * 3 * size.vectors(config.n_factors)

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        config: RandomConfig = self.config
        random = np.random.default_rng(options.seed)
        start = time.perf_counter()

        def directions(n: int) -> np.ndarray:
            """(n, D): of one length, or the long ones would head everybody's list."""
            vectors = random.normal(size=(n, config.n_factors))
            return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

        scorer = FactorScorer(
            unit=Unit.STRENGTH,
            query=Query.LOOKUP,
            # Far smaller than the products of directions: this is what new users see.
            item_bias=random.normal(scale=1e-3, size=train.n_items).astype(np.float32),
            item_factors=directions(train.n_items),
            user_factors=directions(train.n_users),
        )
        seconds = max(time.perf_counter() - start, 1e-9)
        options.report(EpochLog(1, 1, 0.0, seconds, len(train) / seconds), scorer)
        return scorer


class Popularity(Model):
    name = "popularity"
    config_class = ModelConfig
    looks_at = "Nothing about this user: the films that most people rated, for everybody."
    new_user = "The same list as for everybody."
    source = "Counting"

    @staticmethod
    def memory(config: ModelConfig, size: Size) -> float:
        return PROGRAM

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        return FactorScorer(unit=Unit.VIEWERS, query=Query.CONSTANT, item_bias=train.item_counts.astype(np.float32))
