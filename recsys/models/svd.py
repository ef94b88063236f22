"""SVD: biases plus a vector per user and per film, fitted to the stars by stochastic gradient descent.

score = mu + b_u + b_i + p_u . q_i. Surprise's `SVD`; only its arrays are kept.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, ModelConfig, setting
from recsys.models.size import SURPRISE_PROGRAM, SURPRISE_RATING, Size
from recsys.models.surprise_tools import item_rows, trainset, user_rows, with_callback
from recsys.serving.scorers import FactorScorer, Query, Unit


@dataclass(frozen=True)
class Config(ModelConfig):
    n_factors: int = setting(100, "D, length of the vectors", low=1, high=1024, most=512)
    n_epochs: int = setting(100, "passes over all ratings", low=1, most=200)
    learning_rate: float = setting(0.005, "of all parameters", above=0, most=1)
    init_std: float = setting(0.03, "spread of the vectors at the start", above=0, most=10)
    regularization: float = setting(0.1, "L2 on all parameters, paid once per rating", low=0, most=1e5)


class SVD(Model):
    name = "svd"
    config_class = Config
    looks_at = "The stars this user gave, as a point in a taste space that users and films share."
    new_user = "Their vector is solved by regularised least squares from the stars they gave, film vectors fixed."
    source = "Funk (2006); Koren, Bell & Volinsky (2009), Matrix Factorization Techniques; Surprise SVD"
    selected_on = "rmse"
    search_grid = [
        {
            "n_factors": [50, 100, 200],
            "regularization": [0.08, 0.1, 0.12],
            "n_epochs": [60, 100],
            "learning_rate": [0.005, 0.01],
            "init_std": [0.03, 0.1],
        },
    ]
    quick = {"n_factors": 50, "n_epochs": 40, "learning_rate": 0.01}
    quick_seconds = 2

    @staticmethod
    def memory(config: Config, size: Size) -> float:
        vectors = 8 * 3 * size.vectors(config.n_factors)  # double precision, and reordered
        return SURPRISE_PROGRAM + SURPRISE_RATING * size.n_ratings + vectors

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        from surprise import SVD as SurpriseSVD

        config: Config = self.config
        source = trainset(train)
        start = time.perf_counter()
        algorithm = SurpriseSVD(
            n_factors=config.n_factors,
            n_epochs=config.n_epochs,
            lr_all=config.learning_rate,
            reg_all=config.regularization,
            init_std_dev=config.init_std,
            random_state=options.seed,
            verbose=True,
        )
        with_callback(lambda: algorithm.fit(source), options, config.n_epochs)
        seconds = time.perf_counter() - start
        scorer = FactorScorer(
            unit=Unit.STARS,
            query=Query.RIDGE,
            item_bias=item_rows(algorithm.bi, source, train.n_items),
            item_factors=item_rows(algorithm.qi, source, train.n_items),
            user_bias=user_rows(algorithm.bu, source, train.n_users),
            user_factors=user_rows(algorithm.pu, source, train.n_users),
            global_bias=float(source.global_mean),
            regularization=config.regularization,
        )
        n, speed = config.n_epochs, config.n_epochs * len(train) / seconds
        options.report(EpochLog(n, n, _mean_squared_error(scorer, train), seconds, speed), scorer)
        return scorer


def _mean_squared_error(scorer: FactorScorer, train: Dataset) -> float:
    histories = train.histories(np.flatnonzero(train.user_counts))
    fitted = np.concatenate([scorer.score([history])[0, history.items] for history in histories])
    ratings = np.concatenate([history.ratings for history in histories])
    return float(np.mean((ratings - fitted) ** 2))
