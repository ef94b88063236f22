from __future__ import annotations

import numpy as np
from surprise import SVD as SurpriseSVD

from recsys.data.dataset import History
from recsys.models.base import FitOptions
from recsys.models.surprise_tools import trainset
from recsys.models.svd import SVD, Config
from tests.contract import RecommenderContract
from tests.toys import checkerboard, genre_tastes


class TestSVD(RecommenderContract):
    model = SVD
    toy = staticmethod(checkerboard)
    settings = {"n_factors": 8, "n_epochs": 400, "regularization": 0.02, "learning_rate": 0.01}
    changes = {"n_factors": 4, "n_epochs": 1, "learning_rate": 0.1, "regularization": 0.5, "init_std": 0.5}


def test_scores_are_what_surprise_estimates() -> None:
    train = genre_tastes().known
    config = Config(n_factors=5, n_epochs=10)
    ours = SVD(config).fit(train, FitOptions(seed=3)).score(train.histories())
    theirs = SurpriseSVD(n_factors=5, n_epochs=10, lr_all=0.005, reg_all=0.1, init_std_dev=0.03, random_state=3).fit(
        trainset(train)
    )
    for user, item in [(0, 0), (3, 17), (59, 39), (20, 5)]:
        assert abs(ours[user, item] - theirs.predict(user, item, clip=False).est) < 1e-5


def test_fold_in_agrees_with_the_trained_vector() -> None:
    """A known user's own history, as a new user, leads to nearly the same order of the films."""
    train = genre_tastes().known
    scorer = SVD(Config(n_factors=8, n_epochs=300)).fit(train, FitOptions())
    correlations = []
    for user in range(20):
        known = train.history(user)
        new_user = History.of_new_user(known.items, known.ratings)
        correlations.append(np.corrcoef(scorer.score([known])[0], scorer.score([new_user])[0])[0, 1])
    assert np.median(correlations) > 0.95
