"""Data drawn for measuring speed: the size asked for, and something to learn in them."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.data import synthetic
from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import HOLDOUT
from recsys.models.base import FitOptions
from recsys.models.baselines import Popularity
from recsys.models.ease import EASE

SMALL = synthetic.Size(n_users=200, n_items=300, n_ratings=9_000)


@pytest.fixture(scope="module")
def million() -> Dataset:
    return synthetic.make("1m")


def test_it_has_exactly_the_size_of_movielens_1m(million: Dataset) -> None:
    assert (million.n_users, million.n_items, len(million)) == (6040, 3706, 1_000_209)
    assert million.name == "synthetic-1m"


def test_nobody_rates_a_film_twice_and_everybody_has_some(million: Dataset) -> None:
    pairs = million.users.astype(np.int64) * million.n_items + million.items
    assert len(np.unique(pairs)) == len(pairs)
    assert million.user_counts.min() >= 20
    assert million.user_counts.max() <= 0.6 * million.n_items


def test_tails_are_about_as_long_as_in_movielens_1m(million: Dataset) -> None:
    """There the median user has 96 ratings and the busiest 2,314, the median film 123 and the best known 3,428."""
    assert 80 < np.median(million.user_counts) < 115
    assert 1_500 < million.user_counts.max() < 2_500
    assert 90 < np.median(million.item_counts) < 170
    assert 2_700 < million.item_counts.max() < 4_500


def test_every_field_is_filled_in(million: Dataset) -> None:
    assert np.unique(million.ratings).tolist() == [1, 2, 3, 4, 5]
    assert million.is_timed
    assert million.catalog.genres.any(axis=1).all()
    assert all(len(np.unique(a.codes)) > 1 for a in (million.viewers.gender, million.viewers.age))
    for user in range(5):
        assert (np.diff(million.history(user).timestamps) > 0).all()


def test_half_stars_are_drawn_where_the_scale_has_them() -> None:
    size = synthetic.Size(50, 100, 1_500, scale=synthetic.SIZES["20m"].scale)
    assert np.unique(synthetic.make(size).ratings * 2 % 2).tolist() == [0, 1]


def test_the_same_seed_gives_the_same_data_and_another_seed_others() -> None:
    first, again, other = (synthetic.make(SMALL, seed).fingerprint for seed in (0, 0, 1))
    assert first == again != other


def test_users_with_most_films_get_them_all_the_same() -> None:
    """Rounds of draws do not reach the last films of a full list: these are drawn in another way."""
    full = synthetic.make(synthetic.Size(30, 40, 30 * 38, min_films=10, most_films=1.0, popularity=3.0))
    assert len(full) == 30 * 38
    assert full.user_counts.max() == 40


def test_taste_can_be_learned_from_it() -> None:
    task = HOLDOUT.final(synthetic.make("100k"))
    taste, popularity = (
        evaluate(model().fit(task.known, FitOptions()), task, (10,)).summary["ndcg@10"] for model in (EASE, Popularity)
    )
    assert taste > 1.2 * popularity


def test_a_size_that_does_not_exist_or_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="no size '3m'; available: 100k, 1m, 20m"):
        synthetic.make("3m")
    with pytest.raises(UsageError, match="10 users, each with 20 to 60 films, have from 200 to 600 ratings"):
        synthetic.Size(n_users=10, n_items=100, n_ratings=601)
