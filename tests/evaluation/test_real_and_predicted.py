"""The user x film table: by hand on a toy, and against the scorers asked directly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys.data.dataset import Dataset, RatingScale
from recsys.evaluation import real_and_predicted as tables
from recsys.evaluation.protocols import HOLDOUT, Task
from recsys.evaluation.real_and_predicted import Cell
from recsys.serving import artifacts
from recsys.serving.scorers import FactorScorer, Query, Unit
from tests.toys import from_triples

N_ITEMS = 5


def toy() -> Task:
    """Three users and five films; one rating of each user is held out."""
    known = [(0, 0, 5.0), (0, 1, 3.0), (1, 0, 4.0), (1, 1, 2.0), (1, 2, 1.0), (2, 3, 4.0)]
    hidden = [(0, 2, 4.0), (1, 3, 5.0), (2, 0, 1.0)]
    make = {"n_users": 3, "n_items": N_ITEMS}
    return Task(from_triples(known, **make), from_triples(hidden, **make), relevance=4.0)


def fixed(scores: list[float], unit: Unit) -> FactorScorer:
    """The same scores for everybody."""
    return FactorScorer(unit, Query.CONSTANT, np.array(scores, dtype=np.float32))


def shown() -> tables.Table:
    return tables.table(toy(), np.array([1, 0]), np.array([3, 0, 2]))


def test_a_cell_is_known_hidden_or_neither() -> None:
    table = shown()
    K, H, U = Cell.KNOWN, Cell.HIDDEN, Cell.UNRATED
    assert table.kinds.tolist() == [[H, K, K], [U, K, H]]
    np.testing.assert_array_equal(table.stars, [[5, 4, 1], [np.nan, 5, 4]])


def test_stars_are_those_of_the_scorer_on_the_scale() -> None:
    said = tables.ask(fixed([9.0, 0, 3.6, 2.5, -1], Unit.STARS), toy(), shown(), RatingScale())
    assert said.stars is not None
    np.testing.assert_allclose(said.stars, [[2.5, 5.0, 3.6]] * 2)  # 9 stars do not exist


def test_places_are_among_the_films_that_a_user_does_not_know() -> None:
    said = tables.ask(fixed([9.0, 8.0, 7.0, 6.0, 6.5], Unit.STRENGTH), toy(), shown(), RatingScale())
    assert said.stars is None
    # User 1 knows 0, 1 and 2: film 4 is first, film 3 second. User 0 knows 0 and 1: 2, then 4, then 3.
    assert said.places.tolist() == [[2, 0, 0], [3, 0, 1]]


def test_how_close_the_predictions_are() -> None:
    table = shown()
    predicted = np.array([[4.5, 4.0, 2.0], [3.0, 4.4, 3.4]])
    hidden = tables.is_close(table, predicted, Cell.HIDDEN)  # 0.5 and 0.6 away
    assert ((table.kinds == Cell.HIDDEN).sum(), hidden.sum()) == (2, 1)
    known = tables.is_close(table, predicted, Cell.KNOWN)  # 0, 1 and 0.6 away
    assert ((table.kinds == Cell.KNOWN).sum(), known.sum()) == (3, 1)
    assert not tables.is_close(tables.table(toy(), np.array([0]), np.array([4])), predicted[:1, :1], Cell.HIDDEN).any()


def test_a_user_s_share_of_close_predictions() -> None:
    # User 1: film 3 is half a star off. User 0: film 2 is 0.6 off; nothing is hidden of a user who has no row there.
    predicted = np.array([[4.5, 4.0, 2.0], [3.0, 4.4, 3.4]])
    assert tables.close_shares(shown(), predicted, Cell.HIDDEN).tolist() == [1.0, 0.0]
    assert tables.close_shares(shown(), predicted, Cell.KNOWN).tolist() == [0.5, 0.0]
    assert np.isnan(tables.close_shares(shown().first(1), predicted[:, :1], Cell.KNOWN)).all()


def test_all_rated_films_follow_those_on_screen() -> None:
    task = toy()
    # User 2 knows film 3, and film 0 is hidden from them; user 1 has rated 0, 1, 2 and 3.
    assert tables.with_all_rated(task, np.array([2]), np.array([4, 3])).tolist() == [4, 3, 0]
    wide = tables.table(task, np.array([1]), tables.with_all_rated(task, np.array([1]), np.array([2])))
    assert wide.films.tolist() == [2, 0, 1, 3]
    assert wide.first(2).stars.tolist() == [[1, 4]]
    said = tables.ask(fixed([1.0, 2, 3, 4, 5], Unit.STARS), task, wide, RatingScale()).first(2)
    assert said.stars is not None
    assert (said.stars.tolist(), said.places.tolist()) == ([[3, 1]], [[0, 0]])


def test_hidden_liked_films_in_the_first_places() -> None:
    places = np.array([[2, 0, 0], [3, 0, 1]])
    assert tables.found_in(shown(), places, 1, 4.0) == (1, 2)
    assert tables.found_in(shown(), places, 2, 4.0) == (2, 2)
    assert tables.found_in(shown(), places, 2, 4.5) == (1, 1)


def test_which_films_and_users() -> None:
    task = toy()
    assert tables.most_rated(task, 3).tolist() == [0, 1, 2]  # 2, 2, 1 known ratings; film 3 has 1 as well
    # Film 2 is hidden from user 0 and film 3 from user 1, who both know 0 and 1; 2 is known to user 1, 3 to neither.
    assert tables.hidden_from(task, np.array([0, 1]), 5).tolist() == [2, 3, 0, 1, 4]
    assert tables.hidden_from(task, np.array([2]), 3).tolist() == [0, 3, 1]
    assert tables.hidden_films(task, 1, 8).tolist() == [3]
    # User 0 shares 2 of 3 films with user 1, none of 3 with user 2.
    assert tables.alike(task.known, 0, 3).tolist() == [0, 1, 2]
    assert tables.alike(task.known, 2, 2).tolist() == [2, 0]  # a tie goes to the lower index


def test_likeness_is_jaccard_and_not_activity() -> None:
    rows = [(0, 0, 3.0), (0, 1, 3.0), *((1, item, 3.0) for item in range(20)), (2, 0, 3.0), (2, 1, 3.0), (2, 2, 3.0)]
    known = from_triples(rows, n_users=3, n_items=20)
    assert tables.alike(known, 0, 3).tolist() == [0, 2, 1]  # 2/3 against 2/20


def test_a_sample_has_a_seed_and_has_rated_the_films() -> None:
    rows = [(user, user % 4, 3.0) for user in range(40)]
    known = from_triples(rows, n_users=40, n_items=4)
    first = tables.sample(known, 5, 0, [2])
    assert first.tolist() == tables.sample(known, 5, 0, [2]).tolist() != tables.sample(known, 5, 1, [2]).tolist()
    assert (first % 4 == 2).all()
    assert len(tables.sample(known, 30, 0, [2])) == 30  # too few have: anybody


@pytest.mark.parametrize("model", ["als", "svd", "ease"])
def test_the_table_is_what_the_artifact_says(model: str, demo_dataset: Dataset, quick_root: Path) -> None:
    """Asked directly, one user at a time, without our table, ranking or clipping."""
    scorer = artifacts.load(artifacts.folder_of("demo", model, quick_root), demo_dataset).scorer
    task = HOLDOUT.final(demo_dataset)
    films, users = tables.most_rated(task, 6), tables.alike(task.known, 3, 4)
    table = tables.table(task, users, films)
    said = tables.ask(scorer, task, table, demo_dataset.scale)
    rated = {(u, i): r for u, i, r in zip(demo_dataset.users, demo_dataset.items, demo_dataset.ratings, strict=True)}
    for row, user in enumerate(users.tolist()):
        scores = scorer.score([task.known.history(user)])[0]
        known = set(task.known.history(user).items.tolist())
        order = [item for item in np.argsort(-scores, kind="stable").tolist() if item not in known]
        for column, film in enumerate(films.tolist()):
            if said.stars is not None:
                assert said.stars[row, column] == pytest.approx(min(max(scores[film], 1), 5), abs=1e-5)
            assert said.places[row, column] == (0 if film in known else order.index(film) + 1)
            assert np.isnan(table.stars[row, column]) == ((user, film) not in rated)
            assert np.isnan(table.stars[row, column]) or table.stars[row, column] == rated[user, film]
            assert (table.kinds[row, column] == Cell.KNOWN) == (film in known)
    assert (said.stars is None) == (model == "ease")
