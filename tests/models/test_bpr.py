from __future__ import annotations

import numpy as np
import pytest

from recsys.dataset import Dataset, History
from recsys.models.base import FitOptions
from recsys.models.bpr import BPR, Config
from recsys.models.sampling import UnseenSampler
from recsys.ranking import recommend
from tests.contract import RecommenderContract
from tests.toys import checkerboard, genre_tastes

pytestmark = pytest.mark.training


class TestBPR(RecommenderContract):
    model = BPR
    toy = staticmethod(checkerboard)
    settings = {"n_factors": 8, "n_epochs": 60, "learning_rate": 0.02, "batch_size": 256, "regularization": 1e-3}
    changes = {
        "n_factors": 4, "n_negatives": 2, "learning_rate": 0.1, "regularization": 0.5, "batch_size": 64, "n_epochs": 1,
        "min_rating": 1.0,
    }  # fmt: skip


def test_negatives_are_never_from_the_history() -> None:
    train = genre_tastes().known
    sampler = UnseenSampler(train, seed=0)
    users = np.repeat(np.arange(train.n_users), 200)
    drawn = sampler.draw(users)
    for user in range(train.n_users):
        assert not np.isin(drawn[users == user], train.history(user).items).any()
    unseen = train.n_items - train.user_counts[0]
    assert len(np.unique(drawn[users == 0])) == unseen  # ... and each unseen film is drawn sooner or later


def test_a_user_who_has_seen_everything_does_not_hang_training() -> None:
    rows = [(0, item, 5.0) for item in range(5)] + [(1, 0, 5.0), (1, 1, 4.0), (2, 3, 5.0)]
    train = Dataset.from_triples(rows, n_users=3, n_items=5)
    scorer = BPR(Config(n_factors=4, n_epochs=2)).fit(train, FitOptions())
    assert np.isfinite(scorer.score(train.histories())).all()


def test_a_visitor_with_a_users_history_gets_a_similar_list() -> None:
    task = genre_tastes()
    scorer = BPR(Config(n_factors=8, n_epochs=40, learning_rate=0.02, batch_size=256)).fit(task.known, FitOptions())
    for user in range(6):
        known = task.known.history(user)
        visitor = History.of_visitor(known.items, known.ratings)
        lists = recommend(scorer, [known, visitor], 4).items
        assert len(np.intersect1d(lists[0], lists[1])) >= 3
