"""Users worth showing: toys in which the answer is plain, and what the demo set's models make of it."""

from __future__ import annotations

import numpy as np

from recsys.evaluation.notable_users import Notable, alike, by_hits, by_lists
from tests.toys import from_triples

HITS = {
    #                 0   1   2   3   4       5
    "a": np.array([4.0, 0.0, 0.0, 2.0, 1.0, np.nan]),
    "b": np.array([0.0, 0.0, 0.0, 3.0, 1.0, np.nan]),
    "c": np.array([0.0, 0.0, 0.0, 3.0, 1.0, 9.0]),
}
POPULARITY = np.array([1.0, 0.0, 0.0, 0.0, 2.0, 9.0])
N_LIKED = np.array([5, 7, 30, 4, 3, 99])


def test_each_kind_has_the_user_in_whom_it_is_most_so() -> None:
    assert by_hits(HITS, POPULARITY, N_LIKED) == [
        Notable("one model", 0, "a", 4),
        Notable("crowd wrong", 3, "b", 3),
        Notable("all fail", 2, n=30),
        Notable("popularity enough", 4, n=2),
    ]


def test_who_was_not_measured_is_nobodys_example() -> None:
    nobody = {"a": np.full(2, np.nan), "b": np.zeros(2)}
    assert by_hits(nobody, np.ones(2), np.array([5, 5])) == []


def test_a_kind_that_nobody_is_of_is_left_out() -> None:
    hits = {"a": np.array([1.0]), "b": np.array([1.0])}
    assert [it.kind for it in by_hits(hits, np.array([0.0]), np.array([3]))] == ["crowd wrong"]


def test_the_lists_decide_on_whom_the_models_disagree_and_which_alike_users_differ() -> None:
    #           user 0                    user 1                    user 2                    user 3
    rows = [(0, 0, 5), (0, 1, 5), (1, 0, 5), (1, 1, 5), (1, 2, 5), (2, 3, 5), (2, 4, 5), (3, 3, 5), (3, 4, 5)]
    known = from_triples(rows, n_users=4, n_items=9)
    users = np.arange(4)
    pairs = alike(known, users, 2)
    assert pairs.tolist() == [[2, 3], [0, 1]]
    lists = {
        "a": np.array([[5, 6], [7, 8], [5, 6], [5, 6]]),
        "b": np.array([[5, 6], [5, 6], [5, 6], [5, 6]]),
    }
    disagree, differ = by_lists(lists, users, pairs, known)
    assert disagree == Notable("all disagree", 1, n=4)
    assert differ == Notable("alike", 0, n=2, beside=1, shared=0.5)


def test_a_user_alone_has_nobody_beside() -> None:
    known = from_triples([(0, 0, 5)], n_users=1, n_items=3)
    pairs = alike(known, np.array([0]), 5)
    assert pairs.shape == (0, 2)
    assert [it.kind for it in by_lists({"a": np.array([[1]]), "b": np.array([[2]])}, np.array([0]), pairs, known)] == [
        "all disagree"
    ]
