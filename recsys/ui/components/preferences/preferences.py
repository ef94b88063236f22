"""What the table of preferences is given: what users said of films, and what models say of the same. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from recsys.evaluation.real_and_predicted import Cell, Said, Table
from recsys.ui.components.mount import Component
from recsys.ui.lists import Badge, Film, badge, film
from recsys.ui.systems import Column
from recsys.ui.text import DASH, signed

LIST = 10
"""A film with a place up to this one is in the list that a visitor sees first."""
_DEEPEST = 2.0
"""Stars of error at which a cell has its full colour."""
_TOLD = {Cell.UNRATED: "not rated", Cell.KNOWN: "learnt from", Cell.HIDDEN: "hidden from the models"}


class PreferenceLine(TypedDict):
    """What one model says of a cell, and how far its stars are from the rating.

    `tone` is "high", "low" or "" without a rating; `depth` is how strong its colour is, from 0 to 1.
    """

    text: str
    diff: str
    tone: str
    depth: float
    hit: bool


class PreferenceCell(TypedDict):
    """`kind` is "unrated", "known" or "hidden"."""

    kind: str
    stars: str
    told: str
    lines: list[PreferenceLine]


class PreferenceModel(Badge):
    """`unit` is "stars" or "place"."""

    unit: str


class PreferenceFilm(Film):
    film: int


class PreferenceUser(TypedDict):
    label: str
    chosen: bool


class PreferencesPayload(TypedDict):
    """`rows` has a row per user, with a cell per film, with a line per model."""

    models: list[PreferenceModel]
    films: list[PreferenceFilm]
    link: str
    users: list[PreferenceUser]
    rows: list[list[PreferenceCell]]
    has_stars: bool
    deepest: str
    found: str
    caption: str


draw: Component[PreferencesPayload] = Component("preferences")


def payload(
    dataset: Dataset, of: Table, user: int, answers: Sequence[tuple[Column, Said]], link: str
) -> PreferencesPayload:
    """All that the component draws, as JSON.

    Args:
        user: the chosen one, whose row is marked.
        answers: the models that have answered, in the order of the cells' lines.
        link: where a film leads to; FILM stands for its raw id.
    """
    raw_films, raw_users = dataset.catalog.ids.ids, dataset.viewers.ids.ids
    said = [answer for _, answer in answers]
    return {
        "models": [
            {**badge(column), "unit": "place" if answer.stars is None else "stars"} for column, answer in answers
        ],
        "films": [{**film(dataset.catalog, item), "film": int(raw_films[item])} for item in of.films.tolist()],
        "link": link,
        "users": [{"label": f"User {raw_users[each]}", "chosen": each == user} for each in of.users.tolist()],
        "rows": [[_cell(of, row, column, said) for column in range(len(of.films))] for row in range(len(of.users))],
        "has_stars": any(answer.stars is not None for answer in said),
        "deepest": f"{_DEEPEST:g}",
        "found": f"Among the first {LIST} of its list, and really liked",
        "caption": "Users by films: real stars first, then what each model says",
    }


def _cell(of: Table, row: int, column: int, said: Sequence[Said]) -> PreferenceCell:
    kind, stars = Cell(of.kinds[row, column]), float(of.stars[row, column])

    def line(answer: Said) -> PreferenceLine:
        empty: PreferenceLine = {"text": DASH, "diff": "", "tone": "", "depth": 0, "hit": False}
        if answer.stars is None:
            place = int(answer.places[row, column])
            is_found = kind is Cell.HIDDEN and stars >= HOLDOUT.relevance and 0 < place <= LIST
            return {**empty, "text": f"#{place:,}" if place else DASH, "hit": is_found}
        predicted = float(answer.stars[row, column])
        if kind is Cell.UNRATED:
            return {**empty, "text": f"{predicted:.1f}"}
        error = predicted - stars
        return {
            "text": f"{predicted:.1f}",
            "diff": f"{'+' if round(error, 1) > 0 else ''}{signed(error, 1)}",
            "tone": "high" if error > 0 else "low",
            "depth": round(min(abs(error) / _DEEPEST, 1.0), 2),
            "hit": False,
        }

    return {
        "kind": kind.name.lower(),
        "stars": "" if kind is Cell.UNRATED else f"{stars:g} ★",
        "told": _TOLD[kind],
        "lines": [line(answer) for answer in said],
    }


def table(data: PreferencesPayload) -> tuple[list[str], list[list[object]]]:
    """A cell per row, with a column per model, for a file: header and rows."""
    header = ["user", "film_id", "title", "year", "stars", "known_as"]
    header += [f"{model['label']}, {model['unit']}" for model in data["models"]]
    rows: list[list[object]] = []
    for user, cells in zip(data["users"], data["rows"], strict=True):
        for of, cell in zip(data["films"], cells, strict=True):
            said = [line["text"] for line in cell["lines"]]
            rows.append([user["label"], of["film"], of["title"], of["year"], cell["stars"], cell["told"], *said])
    return header, rows
