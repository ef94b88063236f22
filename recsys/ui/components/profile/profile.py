"""The payload of a user's profile: their history, what came next, and taste. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from recsys.data.dataset import Dataset, History
from recsys.evaluation.protocols import Task
from recsys.ui.components.mount import Component
from recsys.ui.lists import film
from recsys.ui.people import decades, genre_base, genre_shares
from recsys.ui.text import count, date

MOST_ROWS = 1000
"""More of a history than this is not sent to the browser; the CSV file has all of it."""
_GENRES_SHOWN, _LAST = 6, 3

HistoryRow = tuple[int, str, int | None, str, float, str]
"""Raw id, title, year, genres, stars, date."""


class Part(TypedDict):
    id: str
    title: str
    total: int
    note: str
    rows: list[HistoryRow]


class ProfilePayload(TypedDict):
    """Genres: name, films, their share of the user's and of everybody's; decades: label, films. `says` is who it is and
    `last` the newest films, for the line that opens the rest."""

    says: list[str]
    last: list[str]
    high: int
    parts: list[Part]
    genres: list[tuple[str, int, float, float]]
    decades: list[tuple[str, int]]
    link: str


draw: Component[ProfilePayload] = Component("profile")


def payload(task: Task, user: int, *, show_next: bool, link: str, says: Sequence[str] = ()) -> ProfilePayload:
    """All that the component draws, as JSON.

    Args:
        show_next: whether the held-out films may be shown; without it the payload does not contain them.
        link: where a film leads to; FILM stands for its raw id.
        says: who this is, in a few words each.
    """
    known, held_out = task.known.history(user), task.held_out.history(user)
    parts = [_part("known", "Seen before", known, task.known, "newest first")]
    if show_next:
        liked = int((held_out.ratings >= task.relevance).sum())
        note = f"hidden from the models; {count(liked, 'film')} liked"
        parts.append(_part("next", "What came next", held_out, task.known, note))
    n_genres = genre_shares(known, task.known.catalog, genre_base(task.known))[:_GENRES_SHOWN]
    newest = known.items[::-1][:_LAST].tolist()
    return {
        "says": [word for word in says if word],
        "last": [task.known.catalog.titles[item] for item in newest],
        "high": int(np.ceil(task.known.scale.high)),
        "parts": parts,
        "genres": [(name, n, round(n / max(len(known), 1), 4), round(base, 4)) for name, n, base in n_genres],
        "decades": decades(known, task.known.catalog),
        "link": link,
    }


def _part(identifier: str, title: str, history: History, of: Dataset, note: str) -> Part:
    newest = range(len(history) - 1, max(len(history) - 1 - MOST_ROWS, -1), -1)
    rows: list[HistoryRow] = []
    for row in newest:
        item, stars = int(history.items[row]), float(history.ratings[row])
        it = film(of.catalog, item)
        when = date(int(history.timestamps[row]))
        rows.append((int(of.catalog.ids.ids[item]), it["title"], it["year"], it["genres"], stars, when))
    return {"id": identifier, "title": title, "total": len(history), "note": note, "rows": rows}
