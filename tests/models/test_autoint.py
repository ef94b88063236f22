from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.dataset import History
from recsys.encoders import UserItemFields
from recsys.fields import FIELDS, UNKNOWN_OF_VISITOR, FieldTable, years_of
from recsys.models.autoint import AutoInt
from tests.contract import RecommenderContract
from tests.toys import genre_tastes


@pytest.mark.training
class TestAutoInt(RecommenderContract):
    model = AutoInt
    toy = staticmethod(genre_tastes)
    k = 4
    settings = {
        "embedding_dim": 8, "head_dim": 4, "dense": "16", "n_epochs": 12, "learning_rate": 0.01, "batch_size": 256,
    }  # fmt: skip
    changes = {
        "embedding_dim": 4, "n_layers": 1, "n_heads": 1, "head_dim": 2, "dense": "8", "dropout": 0.5, "n_negatives": 1,
        "hidden_users": 0.5, "learning_rate": 0.1, "regularization": 0.1, "batch_size": 64, "n_epochs": 1,
        "min_rating": 2.0,
    }  # fmt: skip


def test_fields_are_the_fourteen_of_the_source() -> None:
    assert len(FIELDS) == 14
    task = genre_tastes()
    table = FieldTable.of(task.known, years_of(task.known.timestamps))
    codes = table.pairs(task.known.users, task.known.items, task.known.timestamps)
    assert codes.shape == (len(task.known), 14)
    assert (codes >= 0).all()
    assert (codes.max(axis=0) < table.sizes).all()


def test_all_films_for_a_user_are_the_pairs_at_the_last_moment() -> None:
    known = genre_tastes().known
    table = FieldTable.of(known, years_of(known.timestamps))
    history = known.history(7)
    n = known.n_items
    expected = table.pairs(np.full(n, 7), np.arange(n), np.full(n, history.timestamps[-1]))
    np.testing.assert_array_equal(table.all_films_for(history), expected)
    np.testing.assert_array_equal(UserItemFields(table).encode([history])["fields"], expected)


def test_a_visitor_is_unknown_in_every_field_of_the_user() -> None:
    known = genre_tastes().known
    table = FieldTable.of(known, years_of(known.timestamps))
    codes = table.all_films_for(replace(known.history(0), user=None))
    assert (codes[:, :5] == 0).all()
    visitor = table.all_films_for(History.of_visitor([3], [5.0]))
    trained_for = table.all_films_for(known.history(0))
    trained_for[:, UNKNOWN_OF_VISITOR] = 0  # as training makes a share of the pairs
    np.testing.assert_array_equal(visitor, trained_for)
    assert (codes[:, 5] == np.arange(1, known.n_items + 1)).all()


def test_moments_are_calendar_fields() -> None:
    known = genre_tastes().known
    table = FieldTable.of(known, (1997, 1998, 2001))
    march_1998, unknown_time, year_not_in_training = 889_000_000, 0, 1_700_000_000
    codes = table.moments(np.array([march_1998, unknown_time, year_not_in_training]))
    assert codes[0].tolist() == [2, 3, 1]  # second year, March, the 1990s
    assert codes[1].tolist() == [0, 0, 0]
    assert codes[2].tolist() == [0, 11, 0]
