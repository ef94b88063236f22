"""What the table of reach is given: who gets a film from which model, of all users and whoever is on screen. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Required, TypedDict

import numpy as np

from recsys.data.dataset import Dataset
from recsys.explain.film_reach import Reach
from recsys.ui.components.mount import Component
from recsys.ui.components.shared.cards import Keyed
from recsys.ui.lists import UNDECIDED, Answer, Problem, badge
from recsys.ui.text import DASH, count, listed, percent


class ReachCount(TypedDict):
    """Users with the film in the first of their lists; `width` is their share in percent."""

    n: str
    share: str
    width: float


class BestUser(TypedDict):
    """`user` is a raw id."""

    user: int
    rank: str


class ReachRow(Keyed, total=False):
    """One model: `command` where there is a problem, the others where there is none.

    `mine` is the rank for the person on screen; `counts` is of the first 10 and the first 100.
    """

    mine: Required[str]
    problem: Required[str | None]
    command: str | None
    counts: list[ReachCount]
    middle: str
    best: list[BestUser]


class FilmReachPayload(TypedDict):
    person: str
    why: str
    rows: list[ReachRow]
    note: str


draw: Component[FilmReachPayload] = Component("film_reach")


def payload(
    dataset: Dataset, item: int, given: Sequence[tuple[Answer, Reach | Problem]], person: str, n_seen: int, why: str
) -> FilmReachPayload:
    """A row per model, as JSON.

    Args:
        given: the models' rankings for the person on screen, what they have seen left out; and who gets the film.
        person: "User 405", "You".
        n_seen: users of whom a rating of the film is known, so that no list of theirs can hold it.
        why: where the Why page explains this film to this person.
    """
    n_open = dataset.n_users - n_seen
    asked = f"Among {count(n_open, 'user')} with no known rating of it."
    return {
        "person": person,
        "why": why,
        "rows": [_row(dataset, item, answer, reach, n_open) for answer, reach in given],
        "note": f"{asked} Median rank: half of them have it there or higher.",
    }


def sentence(given: Sequence[tuple[Answer, Reach | Problem]], item: int) -> str:
    """Which model brings the film to most people, and which to fewest; "" with less than two of them known."""
    reached = {
        answer.column.spoken: int(reach.top_10[item]) for answer, reach in given if not isinstance(reach, Problem)
    }
    if len(reached) < 2:
        return ""
    most, least = max(reached.values()), min(reached.values())
    if not most:
        return "No model has it in anybody’s first ten."
    users = count(most, "user")
    if most == least:
        return f"Every model has it in the first ten of {users}."
    fewest = f"{least:,}" if least else "nobody"
    # Counts of all users, not a sample: the ends are facts. Those who share an end are named together.
    far, near = ([name for name, n in reached.items() if n == end] for end in (most, least))
    return (
        f"{listed(far)} {'has' if len(far) == 1 else 'each have'} it in the first ten of {users}, {listed(near)} of "
        f"{fewest}."
    )


def _row(dataset: Dataset, item: int, answer: Answer, reach: Reach | Problem, n_open: int) -> ReachRow:
    column = answer.column
    row: ReachRow = {**badge(column), "model": column.key, "mine": _mine(answer, item), "problem": None}
    if isinstance(reach, Problem):
        return {**row, "problem": reach.text, "command": reach.command}
    middle, user_ids = int(reach.middle[item]), dataset.viewers.ids.ids
    best = zip(reach.best_users[item].tolist(), reach.best_ranks[item].tolist(), strict=True)
    return {
        **row,
        "counts": [_count(int(each[item]), n_open) for each in (reach.top_10, reach.top_100)],
        "middle": f"{middle:,}" if middle else DASH,
        "best": [{"user": int(user_ids[user]), "rank": f"{rank:,}"} for user, rank in best if rank],
    }


def _count(n: int, of: int) -> ReachCount:
    share = n / of if of else 0.0
    return {"n": f"{n:,}", "share": percent(share) if n else "", "width": round(100 * share, 1)}


def _mine(answer: Answer, item: int) -> str:
    """The film's rank for the person on screen, or why it has none: "seen", a model without a clue or an answer."""
    if answer.full is None:
        return UNDECIDED if answer.problem is not None and answer.problem.head == UNDECIDED else DASH
    found = np.flatnonzero(answer.full.items == item)
    return f"{int(found[0]) + 1:,}" if len(found) else "seen"


def table(data: FilmReachPayload) -> tuple[list[str], list[list[object]]]:
    """For a file: header and rows; a model that cannot say has empty cells."""
    header = ["model", "in_first_10", "in_first_100", "median_rank", "first_in_line", f"rank for {data['person']}"]
    rows: list[list[object]] = []
    for row in data["rows"]:
        found: list[object] = [None] * 4
        if row["problem"] is None:
            best = "; ".join(f"user {each['user']} at {each['rank']}" for each in row["best"])
            found = [*(each["n"] for each in row["counts"]), row["middle"], best]
        rows.append([row["label"], *found, row["mine"]])
    return header, rows
