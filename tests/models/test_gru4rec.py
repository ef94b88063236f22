from __future__ import annotations

import numpy as np
import pytest

from recsys.dataset import Dataset, History
from recsys.models.base import FitOptions
from recsys.models.gru4rec import Config, GRU4Rec, windows
from tests.contract import RecommenderContract
from tests.toys import markov_chain

pytestmark = pytest.mark.training


class TestGRU4Rec(RecommenderContract):
    model = GRU4Rec
    toy = staticmethod(markov_chain)
    exclude_seen = False  # in the chain, films come back
    settings = {
        "embedding_dim": 16, "hidden_dim": 16, "max_length": 12, "n_epochs": 40, "learning_rate": 0.02, "dropout": 0.1,
    }  # fmt: skip
    changes = {
        "embedding_dim": 8, "hidden_dim": 8, "dropout": 0.5, "max_length": 6, "learning_rate": 0.1, "batch_size": 16,
        "n_epochs": 1, "min_rating": 5.5,
    }  # fmt: skip


@pytest.fixture(scope="module")
def short_fit() -> tuple[Dataset, object]:
    train = markov_chain().known
    config = Config(embedding_dim=8, hidden_dim=8, max_length=12, n_epochs=1)
    return train, GRU4Rec(config).fit(train, FitOptions())


def test_padding_changes_nothing(short_fit) -> None:
    """A short history scores alike alone and in a batch with a long one, where it is padded."""
    train, scorer = short_fit
    short, long = History.of_visitor([3, 8], [5, 5]), train.history(0)
    np.testing.assert_allclose(scorer.score([short, long])[0], scorer.score([short])[0], atol=1e-6)


def test_scores_are_a_distribution_over_the_next_film(short_fit) -> None:
    train, scorer = short_fit
    np.testing.assert_allclose(scorer.score(train.histories()).sum(axis=1), 1.0, atol=1e-4)


def test_the_order_of_the_films_matters(short_fit) -> None:
    _, scorer = short_fit
    forward, backward = History.of_visitor([1, 2, 3], [5, 5, 5]), History.of_visitor([3, 2, 1], [5, 5, 5])
    assert not np.allclose(scorer.score([forward]), scorer.score([backward]))


def test_windows_hold_every_transition_once() -> None:
    """Whatever the cut, each film that has a successor is read once with that successor as its target."""
    train = Dataset.from_triples(
        [(0, i, 5.0) for i in range(23)] + [(1, i, 2.0) for i in (4, 7, 1)] + [(2, 9, 5.0)], n_users=3, n_items=23
    )
    for seed in range(20):
        items, targets, weights = windows(train, Config(max_length=5), np.random.default_rng(seed))
        pairs = sorted(zip((items[items > 0] - 1).tolist(), targets[items > 0].tolist(), strict=True))
        assert pairs == sorted([(i, i + 1) for i in range(22)] + [(4, 7), (7, 1)])
        assert (weights[items == 0] == 0).all()


def test_only_liked_films_are_targets_with_min_rating() -> None:
    train = Dataset.from_triples([(0, 0, 5.0), (0, 1, 2.0), (0, 2, 4.0)], n_users=1, n_items=3)
    items, targets, weights = windows(train, Config(max_length=4, min_rating=4.0), np.random.default_rng(0))
    assert items[0].tolist() == [1, 2, 0, 0]  # all films are read
    assert targets[0][weights[0] > 0].tolist() == [2]  # but only the liked one is to be predicted
