"""A user's history as a table for a file. Pure."""

from __future__ import annotations

from recsys.evaluation.protocols import Task
from recsys.ui.lists import film_cells
from recsys.ui.text import date


def table(task: Task, user: int, *, show_next: bool) -> tuple[list[str], list[list[object]]]:
    """The whole history for a CSV file, newest first: header and rows."""
    header = ["film_id", "title", "year", "genres", "stars", "date", "part"]
    rows: list[list[object]] = []
    parts = [("seen before", task.known)] + ([("what came next", task.held_out)] if show_next else [])
    for name, of in reversed(parts):
        history = of.history(user)
        for place in reversed(range(len(history))):
            film = film_cells(of.catalog, int(history.items[place]))
            rows.append([*film, float(history.ratings[place]), date(int(history.timestamps[place])), name])
    return header, rows
