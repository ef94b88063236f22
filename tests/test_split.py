from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluate import evaluate
from recsys.models.base import FitOptions
from recsys.models.baselines import EASE, Popularity
from recsys.protocols import HOLDOUT, protocol
from recsys.split import Split, per_user_by_time

PARTS = ("train", "valid", "test")


def one_user(n: int) -> Dataset:
    """One user who rates film i at time i + 1."""
    return Dataset.from_triples([(0, i, 3.0) for i in range(n)], n_users=1, n_items=n, timestamps=range(1, n + 1))


def row_numbers(split: Split, part: str) -> list[int]:
    """Where the rows of a part stood in the file; the data sets below give row i the rating i."""
    return [int(rating) for rating in getattr(split, part).ratings]


def test_the_last_fifth_is_test_and_the_tenth_before_it_validation() -> None:
    split = per_user_by_time(one_user(10))
    assert split.train.items.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert split.valid.items.tolist() == [7]
    assert split.test.items.tolist() == [8, 9]
    assert split.known.items.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("n", [1, 2, 4, 5, 9, 10, 14, 15, 19, 20, 29, 30, 70, 90, 1000])
def test_shares_are_rounded_down_and_test_has_at_least_one(n: int) -> None:
    split = per_user_by_time(one_user(n))
    assert len(split.test) == max(1, n // 5)
    assert len(split.valid) == n // 10
    assert len(split.train) == n - len(split.test) - len(split.valid)


def test_two_users_by_hand() -> None:
    """Ties in time keep file order: of the rows 1, 2 and 5 at time 30, row 5 is the latest."""
    rows = [(0, i, float(i)) for i in range(6)] + [(1, 0, 6.0), (1, 1, 7.0)]
    times = [20, 30, 30, 10, 25, 30, 99, 5]
    split = per_user_by_time(Dataset.from_triples(rows, n_users=2, n_items=6, timestamps=times))
    assert row_numbers(split, "test") == [5, 6]
    assert row_numbers(split, "valid") == []
    assert row_numbers(split, "train") == [0, 1, 2, 3, 4, 7]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6)), min_size=1, max_size=60))
def test_no_leak(events: list[tuple[int, int]]) -> None:
    """No row is in two parts, and nothing that is known comes after anything that is asked for."""
    users, times = zip(*events, strict=True)
    rows = [(user, 0, float(row)) for row, user in enumerate(users)]
    split = per_user_by_time(Dataset.from_triples(rows, n_users=5, n_items=1, timestamps=times))
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
    task = HOLDOUT.final(Dataset.from_triples(rows, n_users=2, n_items=10, timestamps=times))
    assert task.held_out.items.tolist() == [9, 8]
    assert task.relevant_of(0).tolist() == [8]
    assert task.relevant_of(1).tolist() == []


def test_data_without_times_cannot_be_cut_by_time() -> None:
    untimed = Dataset.from_triples([(0, 0, 3.0)] * 2, n_users=1, n_items=1, name="ml-1m-untimed", timestamps=[0, 0])
    with pytest.raises(UsageError) as caught:
        per_user_by_time(untimed)
    assert str(caught.value) == "ml-1m-untimed has no timestamps, so nothing can be held out by time."


def test_protocols_have_names() -> None:
    assert protocol("holdout") is HOLDOUT
    with pytest.raises(UsageError, match=r"There is no protocol 'naive'; there is: holdout\."):
        protocol("naive")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Popularity(), {"ndcg@10": 0.0979, "hit_rate@10": 0.437, "recall@10": 0.082}),
        (EASE(), {"ndcg@10": 0.1916, "hit_rate@10": 0.616, "recall@10": 0.164}),
    ],
    ids=["popularity", "ease"],
)
def test_calibration_on_ml_100k(ml100k: Dataset, model: Popularity | EASE, expected: dict[str, float]) -> None:
    """Figures of independent code under the same protocol. If these are missed, the protocol is wrong."""
    task = HOLDOUT.final(ml100k)
    summary = evaluate(model.fit(task.known, FitOptions()), task, (10,)).summary
    assert summary["users_counted"] == 906
    assert {name: summary[name] for name in expected} == pytest.approx(expected, rel=0.02)


def test_the_split_of_ml_100k_is_sound(ml100k: Dataset) -> None:
    split = per_user_by_time(ml100k)
    assert sum(len(getattr(split, part)) for part in PARTS) == len(ml100k)
    latest_known, first_test = np.zeros(ml100k.n_users), np.full(ml100k.n_users, np.inf)
    np.maximum.at(latest_known, split.known.users, split.known.timestamps)
    np.minimum.at(first_test, split.test.users, split.test.timestamps)
    assert (latest_known <= first_test).all()
