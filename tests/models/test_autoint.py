from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.data.catalog import Categorical, Demographics
from recsys.data.dataset import History
from recsys.models import autoint
from recsys.models.autoint import AutoInt, Config
from recsys.models.base import EpochLog, FitOptions
from recsys.models.sampling import UnseenSampler
from recsys.serving.encoders import UserItemFields
from recsys.serving.fields import FIELDS, UNKNOWN_OF_NEW_USER, FieldTable, years_of
from recsys.serving.scorers import Scorer, scorer_from_state
from tests.contract import RecommenderContract
from tests.toys import genre_tastes


@pytest.mark.training
class TestAutoInt(RecommenderContract):
    model = AutoInt
    toy = staticmethod(genre_tastes)
    k = 4
    settings = {
        "embedding_dim": 8, "n_layers": 1, "head_dim": 4, "dense": "16", "n_epochs": 12, "learning_rate": 0.01,
        "batch_size": 256,
    }  # fmt: skip
    changes = {
        "embedding_dim": 4, "n_layers": 2, "n_heads": 1, "head_dim": 2, "dense": "8", "products": False, "dropout": 0.5,
        "n_negatives": 1, "dislike_weight": 1.0, "hidden_users": 0.5, "optimizer": "nadam", "learning_rate": 0.1,
        "learning_rate_decay": 0.5, "regularization": 0.1, "batch_size": 64, "n_epochs": 1, "min_rating": 2.0,
    }  # fmt: skip


@pytest.mark.training
def test_a_checkpoint_scores_as_the_network_did_and_leaves_training_as_it_was() -> None:
    known = genre_tastes().known
    histories = known.histories(range(3))
    model = AutoInt(Config(embedding_dim=4, n_layers=1, head_dim=4, dense=(8,), n_epochs=2))

    def export_after_the_first(log: EpochLog, live: Scorer | None) -> None:
        assert live is not None
        if log.epoch == 1:
            stored = scorer_from_state(live.state(), known)
            np.testing.assert_allclose(stored.score(histories), live.score(histories), atol=1e-5)

    watched = model.fit(known, FitOptions(on_epoch=export_after_the_first))
    alone = model.fit(known, FitOptions())
    np.testing.assert_array_equal(watched.score(histories), alone.score(histories))


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


def test_a_new_user_is_unknown_in_every_field_of_the_user() -> None:
    known = genre_tastes().known
    table = FieldTable.of(known, years_of(known.timestamps))
    codes = table.all_films_for(replace(known.history(0), user=None))
    assert (codes[:, :5] == 0).all()
    new_user = table.all_films_for(History.of_new_user([3], [5.0]))
    trained_for = table.all_films_for(known.history(0))
    trained_for[:, [column for columns, _ in UNKNOWN_OF_NEW_USER for column in columns]] = 0
    np.testing.assert_array_equal(new_user, trained_for)
    assert (codes[:, 5] == np.arange(1, known.n_items + 1)).all()


def test_a_new_user_may_say_something_of_themselves() -> None:
    known = genre_tastes().known
    table = FieldTable.of(known, years_of(known.timestamps))
    codes = table.all_films_for(History.of_new_user([3], [5.0], Demographics(gender=1, age=4, occupation=2)))
    assert (codes[:, :5] == [0, 1, 4, 2, 0]).all()


def test_training_hides_users_as_new_users_come() -> None:
    """The id and the area always, what new users may say at times, the film never."""
    known = genre_tastes().known
    names = ("unknown", "a")
    told = {name: Categorical(np.ones(known.n_users), names) for name in ("gender", "age", "occupation", "zip_area")}
    known = replace(known, viewers=replace(known.viewers, **told))
    table, sampler = FieldTable.of(known, years_of(known.timestamps)), UnseenSampler(known, 0)
    config = Config(hidden_users=0.5, n_negatives=4)
    fields, _, _ = autoint._examples(known, table, sampler, np.random.default_rng(0), config)
    hidden = fields[:, 0] == 0
    assert 0.4 < hidden.mean() < 0.6
    assert (fields[hidden, 4] == 0).all()
    assert (fields[~hidden][:, :5] > 0).all()
    for column, chance in ((1, 0.4), (2, 0.4), (3, 0.4), (12, 0.5)):
        assert abs((fields[hidden, column] == 0).mean() - chance) < 0.1
    assert (fields[:, 5] > 0).all()


def test_moments_are_calendar_fields() -> None:
    known = genre_tastes().known
    table = FieldTable.of(known, (1997, 1998, 2001))
    march_1998, unknown_time, year_not_in_training = 889_000_000, 0, 1_700_000_000
    codes = table.moments(np.array([march_1998, unknown_time, year_not_in_training]))
    assert codes[0].tolist() == [2, 3, 1]  # second year, March, the 1990s
    assert codes[1].tolist() == [0, 0, 0]
    assert codes[2].tolist() == [0, 11, 0]
