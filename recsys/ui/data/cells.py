"""The cells of the preference table: what a model says beside what a user said, in words and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from recsys import preferences
from recsys.dataset import Dataset
from recsys.preferences import Cell, Said, Table
from recsys.protocols import HOLDOUT
from recsys.ui import lists, loaders, url
from recsys.ui.columns import Column
from recsys.ui.standings import signed
from recsys.ui.text import DASH, count, number, percent

LIST = 10
"""A film with a place up to this one is in the list that a visitor sees first."""
_DEEPEST = 2.0
"""Stars of error at which a cell has its full colour."""
_TOLD = {Cell.UNRATED: "not rated", Cell.KNOWN: "learnt from", Cell.HIDDEN: "hidden from the models"}


def asked(dataset: Dataset, model: str, of: Table) -> Said:
    """What a model says of the cells. Raises ArtifactError or UsageError where it cannot."""
    return preferences.ask(loaders.artifact(dataset, model).scorer, loaders.task(dataset), of, dataset.scale)


def findings(of: Table, models: Sequence[Column], said: Mapping[str, Said]) -> tuple[str, str]:
    """What there is to see in the table."""
    n_hidden, n_known = int((of.kinds == Cell.HIDDEN).sum()), int((of.kinds == Cell.KNOWN).sum())
    says = [_finding(of, column, said[column.key]) for column in models] if n_hidden else []
    title = "; ".join(each for each in says if each)
    counted = (
        f"{of.kinds.size:,} cells: {count(n_known, 'rating')} that the models have learnt from, "
        f"{count(n_hidden, 'hidden one')}, {of.kinds.size - n_known - n_hidden:,} not rated."
    )
    if not models:
        return "Real ratings, and what is hidden of them", counted
    fitted = [_fitted(of, column, said[column.key]) for column in models]
    fitted = [each for each in fitted if each]
    if fitted:
        counted += f" On ratings that they have learnt from: {'; '.join(fitted)}. That is memory, not a test."
    if not n_hidden:
        title = "No rating in this part of the table is hidden: choose other films or users"
    return title or "None of the hidden films in this part of the table was liked, so no list could find one", counted


def _finding(of: Table, column: Column, said: Said) -> str:
    if said.stars is None:
        n_found, n_liked = preferences.found_in(of, said.places, LIST, HOLDOUT.relevance)
        return (
            f"{column.spoken} has {n_found} of {n_liked} hidden liked films among its first {LIST}" if n_liked else ""
        )
    close = preferences.closeness(of, said.stars, Cell.HIDDEN)
    return f"{column.spoken} is within half a star in {close.n_close} of {count(close.n, 'hidden cell')}"


def _fitted(of: Table, column: Column, said: Said) -> str:
    if said.stars is None:
        return ""
    close = preferences.closeness(of, said.stars, Cell.KNOWN)
    return f"{column.spoken} within half a star in {percent(close.n_close / close.n)}" if close.n else ""


def context(dataset: Dataset, column: Column, said: Said) -> str:
    """What the few cells are part of: the model's figure over everything that is hidden."""
    if said.stars is None:
        return (
            f"{column.spoken} does not predict stars: the table shows the place of a film among those that the user "
            "does not know yet. Films that it has learnt from have none."
        )
    rmse = number(loaders.manifest(dataset.name, column.key).metric("rmse"), 2)
    n_hidden = len(loaders.task(dataset).held_out)
    return f"{column.spoken}: typical error over all {n_hidden:,} hidden ratings {rmse} stars (RMSE)."


def payload(
    dataset: Dataset, of: Table, user: int, models: Sequence[Column], said: Mapping[str, Said]
) -> dict[str, Any]:
    """The table as JSON; all text is data.

    Args:
        user: the chosen one, whose row is marked.
        models: those that have answered, in the order of the cells' lines.
    """
    view, ids = url.current(), dataset.catalog.ids.ids
    viewers = dataset.viewers.ids.ids
    films = []
    for item in of.films.tolist():
        raw = int(ids[item])
        films.append(
            {**lists.film(dataset.catalog, item), "href": url.address("film", replace(view, film=raw, topic=""))}
        )
    return {
        "models": [
            {**lists.badge(column), "unit": "stars" if said[column.key].stars is not None else "place"}
            for column in models
        ],
        "films": films,
        "users": [{"label": f"User {int(viewers[each])}", "chosen": each == user} for each in of.users.tolist()],
        "rows": [
            [_cell(of, row, column, models, said) for column in range(len(of.films))] for row in range(len(of.users))
        ],
        "has_stars": any(said[column.key].stars is not None for column in models),
        "deepest": f"{_DEEPEST:g}",
        "found": f"Among the first {LIST} of its list, and really liked",
        "caption": "Users by films: real stars first, then what each model says",
    }


def _cell(of: Table, row: int, column: int, models: Sequence[Column], said: Mapping[str, Said]) -> dict[str, Any]:
    kind, stars = Cell(of.kinds[row, column]), float(of.stars[row, column])
    lines = []
    for model in models:
        answer = said[model.key]
        place = int(answer.places[row, column])
        if answer.stars is not None:
            lines.append(_stars_line(float(answer.stars[row, column]), stars))
        else:
            is_found = kind is Cell.HIDDEN and stars >= HOLDOUT.relevance and 0 < place <= LIST
            lines.append(
                {"text": f"#{place:,}" if place else DASH, "diff": "", "tone": "", "depth": 0, "hit": is_found}
            )
    return {
        "kind": kind.name.lower(),
        "stars": f"{stars:g} ★" if kind is not Cell.UNRATED else "",
        "told": _TOLD[kind],
        "lines": lines,
    }


def _stars_line(predicted: float, stars: float) -> dict[str, Any]:
    """A prediction, and how far it is from the rating where there is one."""
    line: dict[str, Any] = {"text": f"{predicted:.1f}", "diff": "", "tone": "", "depth": 0, "hit": False}
    if np.isnan(stars):
        return line
    error = predicted - stars
    depth = min(abs(error) / _DEEPEST, 1.0)
    text = signed(error, 1)
    plus = "+" if round(error, 1) > 0 else ""
    return {**line, "diff": plus + text, "tone": "high" if error > 0 else "low", "depth": round(depth, 2)}
