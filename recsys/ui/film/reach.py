"""Who gets a film from which model: what the component is given. Every user is asked, and whoever is on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.explain.film_reach import Reach
from recsys.ui import lists
from recsys.ui.film.records import Known
from recsys.ui.lists import UNDECIDED, Answer, Problem
from recsys.ui.text import count, percent


def payload(
    dataset: Dataset, item: int, given: Sequence[Known], answers: Sequence[Answer], person: str, n_seen: int, why: str
) -> dict[str, Any]:
    """A row per model, as JSON.

    Args:
        given: what is known, a model each.
        answers: the same models' rankings for the person on screen, what they have seen left out.
        person: "User 405", "You".
        n_seen: users of whom a rating of the film is known, so that no list of theirs can hold it.
        why: where the Why page explains this film to this person.
    """
    n_open = dataset.n_users - n_seen
    asked = f"Of {count(n_open, 'user')} who have no known rating of it."
    rows = [_row(dataset, item, one, answer, n_open) for one, answer in zip(given, answers, strict=True)]
    return {
        "person": person,
        "why": why,
        "rows": rows,
        "note": f"{asked} Middle rank: half of them have it there or higher.",
    }


def sentence(given: Sequence[Known], item: int) -> str:
    """Which model brings the film to most people, and which to fewest; "" with less than two of them known."""
    reached = {one.column.spoken: int(one.reach.top_10[item]) for one in given if not isinstance(one.reach, Problem)}
    if len(reached) < 2:
        return ""
    most, least = max(reached, key=lambda name: reached[name]), min(reached, key=lambda name: reached[name])
    if not reached[most]:
        return "No model has it in anybody’s first ten."
    if reached[most] == reached[least]:
        return f"Every model has it in the first ten of {count(reached[most], 'user')}."
    fewest = "nobody" if not reached[least] else f"{reached[least]:,}"
    return f"{most} has it in the first ten of {count(reached[most], 'user')}, {least} of {fewest}."


def _row(dataset: Dataset, item: int, one: Known, answer: Answer, n_open: int) -> dict[str, Any]:
    row: dict[str, Any] = {**lists.badge(one.column), "model": one.column.key, "mine": _mine(answer, item)}
    if isinstance(one.reach, Problem):
        return {**row, "problem": one.reach.text, "command": one.reach.command}
    reach = one.reach
    middle = int(reach.middle[item])
    return {
        **row,
        "problem": None,
        "counts": [_share(int(each[item]), n_open) for each in (reach.top_10, reach.top_100)],
        "middle": f"{middle:,}" if middle else "–",
        "best": _best(dataset, reach, item),
    }


def _share(n: int, of: int) -> dict[str, Any]:
    share = n / of if of else 0.0
    return {"n": f"{n:,}", "share": percent(share) if n else "", "width": round(100 * share, 1)}


def _best(dataset: Dataset, reach: Reach, item: int) -> list[dict[str, Any]]:
    """The users with the best ranks, by their numbers."""
    pairs = zip(reach.best_users[item].tolist(), reach.best_ranks[item].tolist(), strict=True)
    return [{"user": int(dataset.viewers.ids.ids[user]), "rank": f"{rank:,}"} for user, rank in pairs if rank]


def _mine(answer: Answer, item: int) -> str:
    """The film's rank for the person on screen, or why it has none: "seen", a model without a clue or an answer."""
    if answer.full is None:
        return UNDECIDED if answer.problem is not None and answer.problem.head == UNDECIDED else "–"
    found = np.flatnonzero(answer.full.items == item)
    return f"{int(found[0]) + 1:,}" if len(found) else "seen"
