"""ALS: the mean rating plus a bias per film and per user, fitted by alternating least squares.

Surprise's `BaselineOnly`, as the study articles had it. Everybody gets the same ranking, because the user's bias
moves all films alike: a lesson, not a bug.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, ModelConfig, setting
from recsys.models.size import SURPRISE_PROGRAM, SURPRISE_RATING, Size
from recsys.models.surprise_tools import als_biases
from recsys.serving.scorers import FactorScorer, Query, Unit


@dataclass(frozen=True)
class Config(ModelConfig):
    n_epochs: int = setting(10, "sweeps over films, then users", low=1, most=200)
    reg_i: float = setting(
        10.0, "shrinkage of a film's bias: as if it had so many more ratings at the mean", low=0, most=1e5
    )
    reg_u: float = setting(15.0, "the same for a user's bias", low=0, most=1e5)


class ALS(Model):
    name = "als"
    config_class = Config
    looks_at = "How high each film is rated overall, and how generous this user is. The order is the same for all."
    new_user = "Their bias is computed from the stars they gave; the order of the films does not change."
    source = "Koren (2010), Factor in the Neighbors; Surprise BaselineOnly"
    quick_seconds = 2

    @staticmethod
    def memory(config: Config, size: Size) -> float:
        return SURPRISE_PROGRAM + SURPRISE_RATING * size.n_ratings

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        config: Config = self.config
        start = time.perf_counter()
        mean, user_bias, item_bias = als_biases(train, config.n_epochs, config.reg_u, config.reg_i)
        seconds = time.perf_counter() - start
        scorer = FactorScorer(
            unit=Unit.STARS,
            query=Query.BIAS,
            item_bias=item_bias,
            user_bias=user_bias,
            global_bias=mean,
            regularization=config.reg_u,
        )
        fitted = mean + user_bias[train.users] + item_bias[train.items]
        loss = float(np.mean((train.ratings - fitted) ** 2))
        n, speed = config.n_epochs, config.n_epochs * len(train) / seconds
        options.report(EpochLog(n, n, loss, seconds, speed), scorer)
        return scorer
