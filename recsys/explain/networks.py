"""Explanations of networks: asked again with one thing left out, and after each film of a sequence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from recsys.data.dataset import Dataset, History
from recsys.explain.attention import field_changes
from recsys.explain.parts import Films, Reasons, Term, only, place, without
from recsys.serving.scorers import Scorer, answering, score_pairs

MOST_LEFT_OUT = 150
"""Of a longer history only the newest films are left out, one at a time: each is one more question to the model."""
N_STEPS = 16


def reasons(scorer: Scorer, dataset: Dataset, history: History, item: int) -> Reasons:
    """What carries the score of one film, by what the network reads."""
    settings = scorer.state().settings
    match settings.get("encoder"):
        case "user_item_fields":
            return _fields(scorer, dataset, history, item)
        case "user_item":
            return _user(scorer, history, item)
        case "item_sequence":
            return _left_out(scorer, history, item, int(settings["max_length"]), is_window=True)
        case _:
            return _left_out(scorer, history, item, MOST_LEFT_OUT, is_window=False)


def _left_out(scorer: Scorer, history: History, item: int, n_most: int, *, is_window: bool) -> Reasons:
    """Args: is_window: the model itself reads no more than the newest `n_most` films."""
    films = leave_each_out(scorer, history, item, n_most)
    method = "The model is asked again without each film in turn: what the score loses is that film's share."
    if len(films) < len(history):
        which = f"the newest {len(films)} of {len(history)} films"
        method += f" It reads {which}." if is_window else f" Only {which} are left out: each is one more question."
    method += " Films work together in a network, so these do not add up."
    return Reasons(method, films=replace(films, n_unasked=0) if is_window else films)


def leave_each_out(scorer: Scorer, history: History, item: int, n_most: int = MOST_LEFT_OUT) -> Films:
    """What the score loses without each of the newest `n_most` films, one at a time."""
    first = max(len(history) - n_most, 0)
    positions = range(first, len(history))
    shorter = [without(history, position) for position in positions]
    scores = scorer.score([history, *shorter])[:, item].astype(np.float64)
    return Films(history.items[first:], scores[0] - scores[1:], is_split=False, n_unasked=first)


def _user(scorer: Scorer, history: History, item: int) -> Reasons:
    """NeuMF and deep MF: all that they know of a person is the number, and what was learnt under it."""
    if history.user is None:
        return Reasons(
            "This model knows people by number only. A new user counts as an unknown user, the same one for everybody: "
            "the films named here are not used, so there is nothing of theirs to leave out."
        )
    asked = [history, replace(history, user=None)]
    with_user, without_user = score_pairs(scorer, asked, np.array([0, 1]), np.array([item, item])).tolist()
    method = (
        "This model knows people by number only: what it learnt from this user's films is in one vector, and no film "
        "can be taken out of it. It is asked again for an unknown user; the difference is what knowing them adds."
    )
    terms = (Term("An unknown user", without_user), Term("Knowing this user", with_user - without_user))
    return Reasons(method, terms)


def _fields(scorer: Scorer, dataset: Dataset, history: History, item: int) -> Reasons:
    method = (
        "It reads fields of the person, the film and the moment, not the list of films. It is asked again with each "
        "field made unknown: what the chance loses is that field's share. Fields work together, so these do not "
        "add up."
    )
    return Reasons(method, alone=field_changes(scorer, dataset, history, item))


@dataclass(frozen=True, eq=False)
class Steps:
    """How a film's place moved while a sequence was read.

    Args:
        items: (n,) the films read, oldest first; before the first of them the model had read `n_before` films.
        scores: (n + 1,) of the film that is explained: before the first, and after each.
        ranks: (n + 1,) its rank among the films that are not in the whole history; 0 where it is in it.
        n_ranked: how many films that are.
    """

    items: np.ndarray
    scores: np.ndarray
    ranks: np.ndarray
    n_before: int
    n_ranked: int


@answering()
def steps(scorer: Scorer, history: History, item: int, n: int = N_STEPS) -> Steps:
    """The score of a film after each of the newest `n` films of a history."""
    start = max(len(history) - n, 0)
    rows = scorer.score([only(history, slice(length)) for length in range(start, len(history) + 1)])
    places = [place(row, history, item) for row in rows]
    return Steps(
        items=history.items[start:],
        scores=rows[:, item].astype(np.float64),
        ranks=np.array([rank for rank, _ in places]),
        n_before=start,
        n_ranked=places[0][1],
    )
