from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from recsys.data.catalog import Catalog, Categorical, IdMap, Viewers
from recsys.data.dataset import Dataset, History, RatingScale
from tests.toys import from_triples, genre_tastes

ROWS = [(0, 2, 5.0), (1, 0, 3.0), (0, 1, 4.0), (0, 0, 1.0)]


def toy(rows: list[tuple[int, int, float]] = ROWS, times: tuple[int, ...] = (30, 20, 10, 30)) -> Dataset:
    return from_triples(rows, n_users=3, n_items=4, timestamps=times)


def test_a_history_is_in_time_order_and_ties_keep_file_order() -> None:
    history = toy().history(0)
    assert history.items.tolist() == [1, 2, 0]  # at 10, then 30 (first in the file), then 30
    assert history.ratings.tolist() == [4.0, 5.0, 1.0]
    assert history.timestamps.tolist() == [10, 30, 30]
    assert history.user == 0


def test_users_without_ratings_have_an_empty_history() -> None:
    data = toy()
    assert [len(history) for history in data.histories()] == [3, 1, 0]
    assert [history.user for history in data.histories(np.array([2, 0]))] == [2, 0]


def test_counts() -> None:
    data = toy()
    assert (len(data), data.n_users, data.n_items) == (4, 3, 4)
    assert data.item_counts.tolist() == [2, 1, 1, 0]
    assert data.user_counts.tolist() == [3, 1, 0]


@pytest.mark.parametrize("rows", [np.array([3, 1]), np.array([False, True, False, True])])
def test_select_keeps_films_viewers_and_the_order_of_a_mask(rows: np.ndarray) -> None:
    part = toy().select(rows)
    assert sorted(part.users.tolist()) == [0, 1]
    assert part.items.tolist() == [0, 0]
    assert (part.n_users, part.n_items) == (3, 4)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"users": np.array([0, 3])}, "users must be 0..2. Received 0..3."),
        ({"items": np.array([-1, 0])}, "items must be 0..3. Received -1..0."),
        ({"ratings": np.array([1.0])}, "ratings must have shape (2,). Received (1,)."),
        ({"timestamps": np.zeros((2, 2))}, "timestamps must have shape (2,). Received (2, 2)."),
        ({"ratings": np.array([1.0, np.nan])}, "ratings must be finite. Received NaN or infinity."),
    ],
)
def test_a_data_set_checks_itself(changes: dict[str, np.ndarray], problem: str) -> None:
    columns = {"users": np.array([0, 1]), "items": np.array([0, 1]), "ratings": np.ones(2), "timestamps": np.ones(2)}
    with pytest.raises(ValueError) as caught:
        Dataset(
            "toy",
            **{**columns, **changes},
            catalog=Catalog.anonymous(4),
            viewers=Viewers.anonymous(IdMap(np.arange(3))),
        )
    assert str(caught.value) == problem


def test_a_data_set_is_frozen_and_the_callers_arrays_are_not() -> None:
    columns = [np.zeros(2, dtype) for dtype in (np.int32, np.int32, np.float32, np.int64)]
    data = Dataset("toy", *columns, catalog=Catalog.anonymous(1), viewers=Viewers.anonymous(IdMap(np.arange(1))))
    for array in (data.users, data.items, data.ratings, data.timestamps, data.item_counts, data.user_counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.name = "other"  # type: ignore[misc]
    assert all(column.flags.writeable for column in columns)


def test_it_is_timed_if_any_row_has_a_time() -> None:
    assert toy().is_timed
    assert not toy(times=(0, 0, 0, 0)).is_timed
    assert not from_triples([], n_users=1, n_items=1).is_timed


# The fingerprint: an artifact belongs to exactly the data that it was trained on


def test_the_same_data_have_the_same_fingerprint_whatever_they_are_called() -> None:
    assert toy().fingerprint == dataclasses.replace(toy(), name="other", notes=("a note",)).fingerprint
    assert len(toy().fingerprint) == 64


@pytest.mark.parametrize("row", range(len(ROWS)))
@pytest.mark.parametrize("column", range(4))
def test_any_change_of_any_interaction_changes_the_fingerprint(row: int, column: int) -> None:
    rows, times = [list(r) for r in ROWS], [30, 20, 10, 30]
    if column == 3:
        times[row] += 1
    else:
        rows[row][column] = (rows[row][column] + 1) % 3
    assert toy([tuple(r) for r in rows], tuple(times)).fingerprint != toy().fingerprint  # type: ignore[misc]


def test_another_order_fewer_rows_or_other_ids_change_the_fingerprint() -> None:
    data = toy()
    others = [
        data.select(np.array([1, 0, 2, 3])),
        data.select(np.arange(3)),
        dataclasses.replace(data, catalog=Catalog.anonymous(5)),
        dataclasses.replace(data, viewers=Viewers.anonymous(IdMap(np.array([1, 2, 4])))),
    ]
    assert len({data.fingerprint, *(other.fingerprint for other in others)}) == 5


@pytest.mark.parametrize("what", ["years", "genres", "gender"])
def test_what_models_read_of_films_and_viewers_is_in_the_fingerprint(what: str) -> None:
    data = genre_tastes().known
    if what == "gender":
        swapped = Categorical(3 - data.viewers.gender.codes, data.viewers.gender.names)
        other = dataclasses.replace(data, viewers=dataclasses.replace(data.viewers, gender=swapped))
    else:
        value = data.catalog.years + 10 if what == "years" else ~data.catalog.genres
        other = dataclasses.replace(data, catalog=dataclasses.replace(data.catalog, **{what: value}))
    assert other.fingerprint != data.fingerprint


def test_films_and_users_are_kept_apart_in_the_fingerprint() -> None:
    def with_ids(films: list[int], users: list[int]) -> str:
        catalog = dataclasses.replace(Catalog.anonymous(len(films)), ids=IdMap(np.array(films)))
        viewers = Viewers.anonymous(IdMap(np.array(users)))
        return Dataset("toy", *[np.zeros(1)] * 2, np.ones(1), np.ones(1), catalog, viewers).fingerprint

    assert with_ids([1, 2], [3, 4]) != with_ids([1, 2, 3], [4])


# Histories of new users, scales


def test_a_new_user_has_a_history_in_the_order_given_and_no_index() -> None:
    history = History.of_new_user([3, 1], [4.5, 2])
    assert (history.items.tolist(), history.ratings.tolist(), history.user) == ([3, 1], [4.5, 2.0], None)
    assert history.timestamps.tolist() == [0, 0]
    assert len(History.of_new_user([], [])) == 0
    with pytest.raises(ValueError, match=r"one rating per film is needed\. Received 2 films, 1 ratings\."):
        History.of_new_user([3, 1], [4.5])


def test_a_scale_clips_and_does_not_round() -> None:
    np.testing.assert_array_equal(RatingScale(0.5, 5, 0.5).clip(np.array([0.2, 3.3, 7.0])), [0.5, 3.3, 5.0])
