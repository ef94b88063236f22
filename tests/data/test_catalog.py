from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.catalog import AGE_BANDS, Catalog, Categorical, IdMap, Viewers, age_band
from recsys.errors import UsageError


def two_films(**changes: object) -> Catalog:
    given = {
        "ids": IdMap(np.array([50, 7])),
        "titles": ("The Matrix", "Untitled"),
        "years": np.array([1999, 0]),
        "genres": np.array([[True, False, True], [False, False, False]]),
        "genre_names": ("Action", "Drama", "Sci-Fi"),
    }
    return Catalog(**{**given, **changes})


# Ids


def test_ids_and_indices_are_two_things() -> None:
    ids = IdMap(np.array([50, 7, 1_000_000]))
    assert len(ids) == 3
    assert [ids.index(raw) for raw in (50, 7, 1_000_000)] == [0, 1, 2]
    np.testing.assert_array_equal(ids.indices([1_000_000, 8, 50, 51, -1]), [2, -1, 0, -1, -1])
    assert ids.indices([7]).dtype == np.int32
    assert 7 in ids
    assert 1 not in ids  # an index, not an id


def test_an_unknown_id_is_told_what_there_is() -> None:
    with pytest.raises(UsageError) as caught:
        IdMap(np.array([50, 7])).index(8)
    assert str(caught.value) == "There is no id 8: 2 ids are known, from 7 to 50."


@given(st.lists(st.integers(-(2**40), 2**40), unique=True, min_size=1, max_size=30), st.lists(st.integers(-9, 9)))
def test_indices_agree_with_a_dict(raw: list[int], others: list[int]) -> None:
    index_of = {raw_id: index for index, raw_id in enumerate(raw)}
    asked = raw[::-1] + others
    assert IdMap(np.array(raw)).indices(asked).tolist() == [index_of.get(raw_id, -1) for raw_id in asked]


def test_an_id_map_without_ids_knows_nothing() -> None:
    empty = IdMap(np.array([], dtype=np.int64))
    assert empty.indices([3]).tolist() == [-1]
    with pytest.raises(UsageError, match="There is no id 3"):
        empty.index(3)


def test_ids_are_unique() -> None:
    with pytest.raises(ValueError, match=r"ids must be unique\. Received 3 ids, 2 different ones\."):
        IdMap(np.array([1, 2, 1]))


# Films


def test_a_film_has_a_label_and_genres() -> None:
    films = two_films()
    assert films.label(0) == "The Matrix (1999)"
    assert films.label(1) == "Untitled"  # no year is known
    assert films.genres_of(0) == ("Action", "Sci-Fi")
    assert films.genres_of(1) == ()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"titles": ("One",)}, "a catalog needs a title and a year per film. Received 2 ids, 1 titles, 2 years."),
        ({"years": np.zeros(3)}, "a catalog needs a title and a year per film. Received 2 ids, 2 titles, 3 years."),
        ({"genres": np.zeros((2, 2))}, "genres must have shape (2, 3). Received (2, 2)."),
    ],
)
def test_a_catalog_checks_itself(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        two_films(**changes)
    assert str(caught.value) == problem


def test_a_catalog_is_frozen_and_the_callers_arrays_are_not() -> None:
    years, genres, ids = np.array([1999, 0], dtype=np.int16), np.zeros((2, 3), dtype=bool), np.array([50, 7])
    films = two_films(years=years, genres=genres, ids=IdMap(ids))
    for array in (films.years, films.genres, films.ids.ids):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        films.titles = ()  # type: ignore[misc]
    years[0], genres[0, 0], ids[0] = 2024, True, 9
    assert (films.years[0], films.genres[0, 0], films.ids.ids[0]) == (1999, False, 50)


# Viewers


def test_categories_from_values() -> None:
    gender = Categorical.from_values(["female", "", "other", "male"], ("female", "male"))
    assert gender.names == ("unknown", "female", "male")
    assert [gender.name(i) for i in range(4)] == ["female", "unknown", "unknown", "male"]
    assert Categorical.from_values(["b", "a", ""]).names == ("unknown", "a", "b")
    assert gender.is_known
    assert not Categorical.unknown(4).is_known


def test_categories_check_themselves() -> None:
    with pytest.raises(ValueError, match=r"the first category must be 'unknown'\. Received 'male'\."):
        Categorical(np.zeros(1), ("male",))
    with pytest.raises(ValueError, match=r"codes must be 0\.\.1\. Received 0\.\.2\."):
        Categorical(np.array([0, 2]), ("unknown", "male"))
    with pytest.raises(ValueError, match=r"codes must be 0\.\.1\. Received -1\.\.0\."):
        Categorical(np.array([0, -1]), ("unknown", "male"))


def test_viewers_need_a_value_each() -> None:
    ids, unknown = IdMap(np.arange(3)), Categorical.unknown(3)
    assert len(Viewers.anonymous(ids)) == 3
    with pytest.raises(ValueError, match=r"age needs a value per user\. Received 2 for 3 users\."):
        Viewers(ids, unknown, Categorical.unknown(2), unknown, unknown)


def test_age_bands_are_those_of_movielens_1m() -> None:
    borders = {0: 0, 17: 0, 18: 1, 24: 1, 25: 2, 34: 2, 35: 3, 44: 3, 45: 4, 49: 4, 50: 5, 55: 5, 56: 6, 120: 6}
    assert {age: AGE_BANDS.index(age_band(age)) for age in borders} == borders
    assert age_band(-1) == ""
