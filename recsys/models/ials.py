"""iALS: a vector per user and per film, so that liked films score near 1 and all the others near 0.

loss = alpha * sum over liked (1 - p_u . q_i)^2 + sum over all others (p_u . q_i)^2 + L2, solved for the users and for
the films in turn. `implicit`'s AlternatingLeastSquares; only the films' vectors are kept: a user is solved when asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, ModelConfig, setting
from recsys.models.size import FLOAT, KEPT, PROGRAM, Size
from recsys.serving.scorers import FactorScorer, Query, Unit


@dataclass(frozen=True)
class Config(ModelConfig):
    n_factors: int = setting(128, "D, length of the vectors", low=1, high=1024, most=512)
    alpha: float = setting(10.0, "confidence in a liked film, against 1 in any other", above=0, most=1e4)
    regularization: float = setting(30.0, "L2 on each vector", above=0, most=1e5)
    n_epochs: int = setting(6, "sweeps over users and films", low=1, most=200)
    min_rating: float = setting(4.0, "films with at least this many stars are liked", least=0, most=10)


class IALS(Model):
    name = "ials"
    config_class = Config
    looks_at = "Which films this user liked; all the others count, weakly, as not liked."
    new_user = "Their vector is solved from the films they liked as a known user's is: the two get the same list."
    source = "Hu, Koren & Volinsky (2008), Collaborative Filtering for Implicit Feedback Datasets; implicit"
    search_grid = [
        {"n_factors": [64], "alpha": [5.0, 10.0, 20.0], "regularization": [30.0], "n_epochs": [18]},
        {"n_factors": [128], "alpha": [10.0, 20.0], "regularization": [30.0], "n_epochs": [18]},
    ]

    @staticmethod
    def memory(config: Config, size: Size) -> float:
        return PROGRAM + 60 * size.n_ratings + FLOAT * KEPT * size.vectors(config.n_factors)

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        from implicit.cpu.als import AlternatingLeastSquares
        from scipy.sparse import csr_matrix
        from threadpoolctl import threadpool_limits

        config: Config = self.config
        liked = train.ratings >= config.min_rating
        ones = np.ones(int(liked.sum()), dtype=np.float32)
        user_items = csr_matrix((ones, (train.users[liked], train.items[liked])), shape=(train.n_users, train.n_items))

        def scorer() -> FactorScorer:
            return FactorScorer(
                unit=Unit.STRENGTH,
                query=Query.WEIGHTED,
                item_bias=np.zeros(train.n_items, dtype=np.float32),
                item_factors=algorithm.item_factors.copy(),
                regularization=config.regularization,
                min_rating=config.min_rating,
                alpha=config.alpha,
            )

        def report(epoch: int, seconds: float, loss: float) -> None:
            log = EpochLog(epoch + 1, config.n_epochs, float(loss), seconds, len(ones) / seconds)
            options.report(log, scorer())

        with threadpool_limits(1, "blas"):  # sums in several threads differ in the last digits from run to run
            algorithm = AlternatingLeastSquares(
                factors=config.n_factors,
                alpha=config.alpha,
                regularization=config.regularization,
                iterations=config.n_epochs,
                calculate_training_loss=options.on_epoch is not None,
                num_threads=1,
                random_state=options.seed,
            )
            algorithm.fit(user_items, show_progress=False, callback=report if options.on_epoch else None)
        return scorer()
