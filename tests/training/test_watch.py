"""How a job is watched: on whom, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from recsys.data.dataset import History
from recsys.models.base import LiveScorer
from recsys.serving.scorers import FactorScorer, Query, Unit
from recsys.training.watch import SLOWLY_WATCHED_USERS, WATCHED_USERS, Watch
from tests.toys import checkerboard, genre_tastes

N_USERS = 260


class Network(LiveScorer):
    """A network that remembers who asked, and gives everybody the same list."""

    def __init__(self, n_items: int, *, is_pairwise: bool) -> None:
        self.encoder = SimpleNamespace(is_pairwise=is_pairwise)  # type: ignore[assignment]
        self.n_items, self._get_weights = n_items, lambda: None
        self.asked: list[int] = []

    def score(self, histories: Sequence[History]) -> np.ndarray:
        self.asked += [history.user for history in histories if history.user is not None]
        return np.tile(np.arange(self.n_items, dtype=np.float32), (len(histories), 1))


@pytest.mark.parametrize(("is_pairwise", "most"), [(True, SLOWLY_WATCHED_USERS), (False, WATCHED_USERS)])
def test_a_model_that_answers_film_by_film_is_watched_on_fewer_users(is_pairwise: bool, most: int) -> None:
    task = genre_tastes(n_users=N_USERS)
    watch, network = Watch(task, "ndcg@10"), Network(task.known.n_items, is_pairwise=is_pairwise)
    watch.look(network, 1)
    first = network.asked
    assert len(set(first)) == len(first) == min(most, N_USERS)
    again = Network(task.known.n_items, is_pairwise=is_pairwise)
    Watch(task, "ndcg@10").look(again, 1)
    assert again.asked == first


def test_the_smaller_number_is_one_that_an_epoch_can_bear() -> None:
    assert SLOWLY_WATCHED_USERS < N_USERS <= WATCHED_USERS  # else the test above compares nothing


def predicting(stars: float, n_items: int) -> FactorScorer:
    return FactorScorer(Unit.STARS, Query.CONSTANT, np.zeros(n_items, dtype=np.float32), global_bias=stars)


def test_the_best_moment_is_remembered_and_forgotten() -> None:
    task = checkerboard()  # what is held out has 5 stars
    watch = Watch(task, "rmse")
    for epoch, stars in enumerate((3.0, 4.5, 4.0, float("nan")), start=1):
        watch.look(predicting(stars, task.known.n_items), epoch)
    assert watch.best is not None
    assert (watch.best_epoch, watch.best().settings["global_bias"]) == (2, 4.5)
    assert np.isnan(watch.last)
    watch.forget()
    assert (watch.best, watch.best_epoch) == (None, 0)
    watch.look(predicting(1.0, task.known.n_items), 1)
    assert (watch.best_epoch, watch.last) == (1, pytest.approx(4.0))


def test_a_list_is_measured_on_what_each_user_went_on_to_like() -> None:
    """The withheld film of each user first: the best list there is."""
    task = checkerboard()
    n = task.known.n_items
    best = FactorScorer(
        Unit.STRENGTH, Query.LOOKUP, np.zeros(n, dtype=np.float32), np.eye(n), user_factors=np.eye(n, dtype=np.float32)
    )
    watch = Watch(task, "ndcg@10")
    watch.look(best, 1)
    assert watch.last == pytest.approx(1.0)


def test_a_job_is_watched_by_one_of_two_metrics() -> None:
    with pytest.raises(ValueError, match="Received 'auc'"):
        Watch(checkerboard(), "auc")
