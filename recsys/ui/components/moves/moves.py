"""The payload of the moves: what a question changes in each model's list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from recsys.data.catalog import Catalog
from recsys.data.dataset import Dataset
from recsys.errors import RecsysError
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain.what_if import Move, Moves, Question, changed, only_counts, reordered
from recsys.explain.what_if import moves as moves_between
from recsys.serving.new_user import Profile
from recsys.ui import lists, loaders
from recsys.ui.components.mount import Component
from recsys.ui.components.shared.cards import Keyed
from recsys.ui.errors import for_visitors
from recsys.ui.lists import Answer
from recsys.ui.text import count
from recsys.ui.view import View

NOTHING_LEFT = "Nothing is left: it only counted people."
STILL_COUNTED = "Nothing moves. It only counts people, and a penalty below 1 keeps their order."


class MoveRow(TypedDict):
    """A film, by its raw id, in a list before and after; `kind` is "new", "up", "down" or "same", `by` how far."""

    film: int
    title: str
    year: int | None
    rank: int | None
    before: int | None
    kind: str
    by: int
    why: str


class MovesCard(Keyed):
    says: str
    rows: list[MoveRow]
    gone: list[MoveRow]


class MovesPayload(TypedDict):
    """`asked` tells one question from another; in `link`, where a film leads to, FILM stands for its raw id."""

    cards: list[MovesCard]
    asked: str
    link: str


draw: Component[MovesPayload] = Component("moves", "cards", "moved")


def payload(
    dataset: Dataset, given: Sequence[Answer], profile: Profile, view: View, question: Question
) -> MovesPayload:
    """All that the component draws, as JSON: a card for every model that has a list before the change."""
    return {
        "cards": [_card(dataset, answer, profile, view, question) for answer in given if answer.full is not None],
        "asked": repr(question),
        "link": lists.links_of(view, "new_user", None)["film"],
    }


def _card(dataset: Dataset, answer: Answer, profile: Profile, view: View, question: Question) -> MovesCard:
    assert answer.full is not None
    key, counts = answer.column.key, loaders.task(dataset).known.item_counts
    asked = changed(profile, question, dataset.scale, HOLDOUT.relevance)
    card: MovesCard = {**lists.badge(answer.column), "model": key, "says": "", "rows": [], "gone": []}
    try:
        full = loaders.ranking(dataset, key, asked, exclude_seen=not view.seen)
    except RecsysError as error:
        return {**card, "says": for_visitors(getattr(error, "problem", error))}
    if why := lists.undecided(dataset, key, full, asked):
        return {**card, "says": why}
    counted = question.penalty > 0 and only_counts(full, counts)
    if counted and question.penalty >= 1:
        return {**card, "says": NOTHING_LEFT}
    found = moves_between(answer.full, reordered(full, question, dataset.catalog, counts), view.k)
    return {
        **card,
        "says": _summary(found, counted=counted),
        "rows": [_row(move, found, dataset.catalog) for move in found.rows],
        "gone": [_row(move, found, dataset.catalog) for move in found.gone],
    }


def _row(move: Move, found: Moves, catalog: Catalog) -> MoveRow:
    it = lists.film(catalog, move.item)
    return {
        "film": int(catalog.ids.ids[move.item]),
        "title": it["title"],
        "year": it["year"],
        "rank": move.rank,
        "before": move.before,
        "kind": "new" if move.item in found.new else "up" if move.up > 0 else "down" if move.up < 0 else "same",
        "by": abs(move.up),
        "why": "not listed any more",
    }


def _summary(found: Moves, *, counted: bool) -> str:
    """What happened in a list; `counted`: there is a penalty, and the order is popularity's own."""
    if not found.rows:
        return "No film is left to list."
    if found.is_still:
        return STILL_COUNTED if counted else "Nothing moves."
    n_moved = sum(move.up != 0 and move.item not in found.new for move in found.rows)
    return f"{count(n_moved, 'film')} moved, {len(found.new)} new, {len(found.gone)} gone."


def table(data: MovesPayload) -> tuple[list[str], list[list[object]]]:
    """A film of a list per row, also of those that are gone, for a file: header and rows."""
    rows: list[list[object]] = [
        [card["label"], row["rank"], row["before"], row["film"], row["title"], row["year"]]
        for card in data["cards"]
        for row in (*card["rows"], *card["gone"])
    ]
    return ["model", "rank", "rank_before", "film_id", "title", "year"], rows
