"""A user's history as a table for a file. Pure."""

from __future__ import annotations

from recsys.evaluation.protocols import Task
from recsys.ui.lists import film
from recsys.ui.text import date


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
