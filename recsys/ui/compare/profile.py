"""What the profile component is given: a user's history, what came next, and taste. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np

from recsys.data.dataset import Dataset, History
from recsys.evaluation.protocols import Task
from recsys.ui.lists import film
from recsys.ui.people import decades, genre_base, genre_shares
from recsys.ui.text import count, date

MOST_ROWS = 1000
"""More of a history than this is not sent to the browser; the CSV file has all of it."""
_GENRES_SHOWN = 6


def payload(task: Task, user: int, *, show_next: bool, link: str) -> dict[str, Any]:
    """All that the component draws, as JSON.

    Args:
        show_next: whether the held-out films may be shown; without it the payload does not contain them.
        link: where a film leads to; FILM stands for its raw id.
    """
    known, held_out = task.known.history(user), task.held_out.history(user)
    parts = [_part("known", "Seen before", known, task.known, "newest first")]
    if show_next:
        liked = int((held_out.ratings >= task.relevance).sum())
        note = f"hidden from the models; {count(liked, 'film')} liked"
        parts.append(_part("next", "What came next", held_out, task.known, note))
    n_genres = genre_shares(known, task.known.catalog, genre_base(task.known))[:_GENRES_SHOWN]
    return {
        "high": int(np.ceil(task.known.scale.high)),
        "parts": parts,
        "genres": [[name, n, round(n / max(len(known), 1), 4), round(base, 4)] for name, n, base in n_genres],
        "decades": [[label, n] for label, n in decades(known, task.known.catalog)],
        "link": link,
    }


def table(task: Task, user: int, *, show_next: bool) -> tuple[list[str], list[list[object]]]:
    """The whole history for a CSV file, newest first: header and rows."""
    header = ["film_id", "title", "year", "genres", "stars", "date", "part"]
    rows: list[list[object]] = []
    parts = [("seen before", task.known)] + ([("what came next", task.held_out)] if show_next else [])
    for name, of in reversed(parts):
        history = of.history(user)
        for item, stars, timestamp in zip(
            history.items[::-1], history.ratings[::-1], history.timestamps[::-1], strict=True
        ):
            it = film(of.catalog, int(item))
            row: list[object] = [
                int(of.catalog.ids.ids[item]),
                it["title"],
                it["year"],
                "|".join(of.catalog.genres_of(int(item))),
            ]
            rows.append([*row, float(stars), date(int(timestamp)), name])
    return header, rows


def _part(identifier: str, title: str, history: History, of: Dataset, note: str) -> dict[str, Any]:
    newest = range(len(history) - 1, max(len(history) - 1 - MOST_ROWS, -1), -1)
    rows = []
    for row in newest:
        item, stars = int(history.items[row]), float(history.ratings[row])
        it = film(of.catalog, item)
        when = date(int(history.timestamps[row]))
        rows.append([int(of.catalog.ids.ids[item]), it["title"], it["year"], it["genres"], stars, when])
    return {"id": identifier, "title": title, "total": len(history), "note": note, "rows": rows}
