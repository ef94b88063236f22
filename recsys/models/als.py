"""ALS: the mean rating plus a bias per film and per user, fitted by alternating least squares.

Surprise's `BaselineOnly`, as the study articles had it. Everybody gets the same ranking, because the user's bias
moves all films alike: a lesson, not a bug.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from recsys.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, require
from recsys.scorers import FactorScorer, Query, Unit


@dataclass(frozen=True)
class Config:
    n_epochs: int = 10  # sweeps over films, then users
    reg_i: float = 10.0  # shrinkage of a film's bias: as if it had this many further ratings of zero deviation
    reg_u: float = 15.0  # the same for a user's bias

    def __post_init__(self) -> None:
        require(self.n_epochs >= 1, "n_epochs", self.n_epochs, "must be at least 1")
        require(self.reg_i >= 0, "reg_i", self.reg_i, "must not be negative")
        require(self.reg_u >= 0, "reg_u", self.reg_u, "must not be negative")


class ALS(Model):
    name = "als"
    config_class = Config
    looks_at = "How high each film is rated overall, and how generous this user is. The order is the same for all."
    visitor = "Their bias is computed from the stars they gave; the order of the films does not change."
    source = "Koren (2010), Factor in the Neighbors; Surprise BaselineOnly"

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        from recsys.models.surprise_tools import als_biases

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
