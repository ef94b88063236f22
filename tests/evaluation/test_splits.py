from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.dataset import NO_ORDER, Dataset
from recsys.errors import UsageError
from recsys.evaluation import splits as cut
from recsys.evaluation.protocols import HOLDOUT
from recsys.evaluation.splits import Split, per_user_by_time
from tests.toys import from_triples

PARTS = ("train", "valid", "test")


def one_user(n: int) -> Dataset:
    """One user who rates film i at time i + 1."""
    return from_triples([(0, i, 3.0) for i in range(n)], n_users=1, n_items=n, timestamps=range(1, n + 1))


def row_numbers(split: Split, part: str) -> list[int]:
    """Where the rows of a part stood in the file; the data sets below give row i the rating i."""
    return [int(rating) for rating in getattr(split, part).ratings]


def test_the_last_fifth_is_test_and_the_tenth_before_it_validation() -> None:
    split = per_user_by_time(one_user(10))
    assert split.train.items.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert split.valid.items.tolist() == [7]
    assert split.test.items.tolist() == [8, 9]
    assert split.known.items.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("n", [*range(1, 31), 35, 70, 90, 737, 1000])
def test_shares_are_rounded_down_and_test_has_at_least_one(n: int) -> None:
    split = per_user_by_time(one_user(n))
    assert len(split.test) == max(1, n // 5)
    assert len(split.valid) == n // 10
    assert len(split.train) == n - len(split.test) - len(split.valid)


def test_two_users_by_hand() -> None:
    """Ties in time keep file order: of the rows 1, 2 and 5 at time 30, row 5 is the latest."""
    rows = [(0, i, float(i)) for i in range(6)] + [(1, 0, 6.0), (1, 1, 7.0)]
    times = [20, 30, 30, 10, 25, 30, 99, 5]
    split = per_user_by_time(from_triples(rows, n_users=2, n_items=6, timestamps=times))
    assert row_numbers(split, "test") == [5, 6]
    assert row_numbers(split, "valid") == []
    assert row_numbers(split, "train") == [0, 1, 2, 3, 4, 7]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6)), min_size=1, max_size=60))
def test_no_leak(events: list[tuple[int, int]]) -> None:
    """No row is in two parts, and nothing that is known comes after anything that is asked for."""
    users, times = zip(*events, strict=True)
    rows = [(user, 0, float(row)) for row, user in enumerate(users)]
    split = per_user_by_time(from_triples(rows, n_users=5, n_items=1, timestamps=times))
    parts = {part: row_numbers(split, part) for part in PARTS}
    assert sorted(row for rows_of_part in parts.values() for row in rows_of_part) == list(range(len(events)))
    assert sorted(row_numbers(split, "known")) == sorted(parts["train"] + parts["valid"])
    for user in set(users):
        moments = [[(times[row], row) for row in parts[part] if users[row] == user] for part in PARTS]
        n = users.count(user)
        assert [len(m) for m in moments[1:]] == [n // 10, max(1, n // 5)]
        in_order = [moment for of_part in moments for moment in sorted(of_part)]
        assert in_order == sorted(in_order)  # by time, ties by place in the file


def test_hyperparameters_are_chosen_without_the_test_part(demo_dataset: Dataset) -> None:
    validation, final = HOLDOUT.validation(demo_dataset), HOLDOUT.final(demo_dataset)

    def pairs(part: Dataset) -> set[tuple[int, int]]:
        return set(zip(part.users.tolist(), part.items.tolist(), strict=True))

    test = pairs(final.held_out)
    assert test
    assert not test & (pairs(validation.known) | pairs(validation.held_out))
    assert pairs(validation.known) | pairs(validation.held_out) == pairs(final.known)
    assert not pairs(validation.known) & pairs(validation.held_out)


def test_relevant_films_are_those_with_four_stars_in_time_order() -> None:
    rows = [(0, i, 5.0) for i in range(7)] + [(0, 9, 3.0), (0, 8, 4.0), (0, 7, 5.0)]
    times = [*range(1, 8), 9, 10, 8]
    task = HOLDOUT.final(from_triples(rows, n_users=2, n_items=10, timestamps=times))
    assert task.held_out.items.tolist() == [9, 8]
    assert task.relevant_of(0).tolist() == [8]
    assert task.relevant_of(1).tolist() == []


def test_data_without_times_cannot_be_cut_by_time() -> None:
    untimed = from_triples([(0, 0, 3.0)] * 2, n_users=1, n_items=1, name="ml-1m-untimed", timestamps=[0, 0])
    for by_time in (per_user_by_time, cut.leave_one_out, cut.by_moment):
        with pytest.raises(UsageError) as caught:
            by_time(untimed)
        assert str(caught.value) == "ml-1m-untimed has no timestamps, so nothing can be held out by time."


def test_times_that_are_all_equal_are_called_so() -> None:
    equal = from_triples([(0, 0, 3.0)] * 2, n_users=1, n_items=1, name="movielens", timestamps=[0, 0])
    with pytest.raises(UsageError, match=r"^movielens has the same timestamp everywhere, so nothing can be held out"):
        per_user_by_time(replace(equal, notes=(NO_ORDER,)))


def test_the_split_of_ml_100k_is_sound(ml100k: Dataset) -> None:
    split = per_user_by_time(ml100k)
    assert sum(len(getattr(split, part)) for part in PARTS) == len(ml100k)
    latest_known, first_test = np.zeros(ml100k.n_users), np.full(ml100k.n_users, np.inf)
    np.maximum.at(latest_known, split.known.users, split.known.timestamps)
    np.minimum.at(first_test, split.test.users, split.test.timestamps)
    assert (latest_known <= first_test).all()


# Every cut

CUTS: dict[str, Callable[[Dataset], list[Split]]] = {
    "per_user_by_time": lambda data: [per_user_by_time(data)],
    "leave_one_out": lambda data: [cut.leave_one_out(data)],
    "k_folds": cut.k_folds,
    "at_random": lambda data: [cut.at_random(data, 0.3)],
    "per_item_at_random": lambda data: [cut.per_item_at_random(data)],
    "per_user_at_random": lambda data: [cut.per_user_at_random(data)],
    "last_of_file": lambda data: [cut.last_of_file(data)],
    "by_moment": lambda data: [cut.by_moment(data)],
}
EVENTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(1, 6)), min_size=1, max_size=60)


def numbered(events: list[tuple[int, int, int]]) -> Dataset:
    """(user, film, time) rows; row i has the rating i. User 4 and film 5 have no row."""
    rows = [(user, item, float(row)) for row, (user, item, _) in enumerate(events)]
    return from_triples(rows, n_users=5, n_items=6, timestamps=[time for *_, time in events])


@pytest.mark.parametrize("name", CUTS)
@given(events=EVENTS)
def test_the_parts_are_disjoint_and_complete_and_always_the_same(name: str, events: list[tuple[int, int, int]]) -> None:
    data = numbered(events)
    splits, again = CUTS[name](data), CUTS[name](data)
    for split, same in zip(splits, again, strict=True):
        parts = {part: row_numbers(split, part) for part in PARTS}
        assert sorted(parts["train"] + parts["valid"] + parts["test"]) == list(range(len(events)))
        assert sorted(row_numbers(split, "known")) == sorted(parts["train"] + parts["valid"])
        assert parts == {part: row_numbers(same, part) for part in PARTS}
        for part in (split.train, split.valid, split.test, split.known):
            assert (part.n_users, part.n_items) == (data.n_users, data.n_items)


# Each cut


def test_leave_one_out_by_hand() -> None:
    """Test is the very last row, validation the one before; two rows are train and test, one row is train."""
    rows = [(0, 0, 0.0), (0, 1, 1.0), (0, 2, 2.0), (1, 0, 3.0), (1, 1, 4.0), (2, 0, 5.0)]
    split = cut.leave_one_out(from_triples(rows, n_users=4, n_items=3, timestamps=[30, 20, 10, 5, 5, 1]))
    assert row_numbers(split, "test") == [0, 4]  # user 1 has a tie in time: file order
    assert row_numbers(split, "valid") == [1]
    assert row_numbers(split, "train") == [2, 3, 5]


@pytest.mark.parametrize("n", [5, 7, 103])
def test_the_folds_are_those_of_surprise(n: int) -> None:
    import pandas as pd
    from surprise import Dataset as SurpriseData
    from surprise import Reader
    from surprise.model_selection import KFold

    rows = [(row % 4, row % 9, float(row)) for row in range(n)]
    theirs = SurpriseData.load_from_df(pd.DataFrame(rows), Reader(rating_scale=(0, n)))
    folds = KFold(n_splits=5, random_state=0).split(theirs)
    ours = cut.k_folds(from_triples(rows, n_users=4, n_items=9))
    for split, (train, test) in zip(ours, folds, strict=True):
        assert row_numbers(split, "test") == sorted(int(rating) for *_, rating in test)
        assert row_numbers(split, "known") == sorted(int(rating) for *_, rating in train.build_testset())
        assert len(split.valid) == round(0.1 * len(split.known))


def test_a_quarter_of_each_film_is_test() -> None:
    """Rounded as round(0.75 n) in train: 1, 2, 3, 4, 6, 7 and 40 rows keep 1, 2, 2, 3, 4, 5 and 30."""
    sizes = [1, 2, 3, 4, 6, 7, 40]
    rows = [(user, film, 3.0) for film, n in enumerate(sizes) for user in range(n)]
    split = cut.per_item_at_random(from_triples(rows, n_users=40, n_items=len(sizes)))
    assert split.known.item_counts.tolist() == [1, 2, 2, 3, 4, 5, 30]
    assert len(split.valid) == round(0.1 * len(split.known))
    other = cut.per_item_at_random(from_triples(rows, n_users=40, n_items=len(sizes)), seed=1)
    assert other.test.users.tolist() != split.test.users.tolist()


def test_a_tenth_of_each_user_is_test_and_another_validation() -> None:
    sizes = [9, 10, 19, 20, 100]
    rows = [(user, film, 3.0) for user, n in enumerate(sizes) for film in range(n)]
    split = cut.per_user_at_random(from_triples(rows, n_users=len(sizes), n_items=100))
    assert split.test.user_counts.tolist() == split.valid.user_counts.tolist() == [0, 1, 1, 2, 10]


def test_shares_of_all_rows() -> None:
    split = cut.at_random(one_user(50), test_share=0.3)
    assert [len(getattr(split, part)) for part in PARTS] == [30, 5, 15]
    assert split.test.items.tolist() != list(range(35, 50))


def test_the_last_rows_of_the_file_whatever_their_times() -> None:
    rows = [(row % 2, row, float(row)) for row in range(40)]
    split = cut.last_of_file(from_triples(rows, n_users=2, n_items=40, timestamps=range(40, 0, -1)))
    assert row_numbers(split, "test") == [36, 37, 38, 39]
    assert row_numbers(split, "valid") == [32, 33, 34, 35]


@given(events=EVENTS)
def test_one_moment_for_all(events: list[tuple[int, int, int]]) -> None:
    split = cut.by_moment(numbered(events))
    times = [getattr(split, part).timestamps for part in PARTS]
    assert len(split.test) == round(0.1 * len(events))
    for earlier, later in ((times[0], times[1]), (times[1], times[2]), (times[0], times[2])):
        assert not len(earlier) or not len(later) or earlier.max() <= later.min()


@given(events=st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=40), n=st.integers(1, 4))
def test_core_is_what_a_plain_loop_leaves(events: set[tuple[int, int]], n: int) -> None:
    left = sorted(events)
    while True:
        users, items = [user for user, _ in left], [item for _, item in left]
        kept = [(user, item) for user, item in left if users.count(user) >= n and items.count(item) >= n]
        if kept == left:
            break
        left = kept
    found = cut.core(from_triples([(u, i, 3.0) for u, i in sorted(events)], n_users=7, n_items=7), n)
    ids = zip(found.viewers.ids.ids[found.users] - 1, found.catalog.ids.ids[found.items] - 1, strict=True)
    assert [(int(user), int(item)) for user, item in ids] == left
    assert (found.n_users, found.n_items) == (len({user for user, _ in left}), len({item for _, item in left}))
