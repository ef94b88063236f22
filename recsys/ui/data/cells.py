"""The cells of the preference table: what a model says beside what a user said, in words and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.evaluation import real_and_predicted
from recsys.evaluation.protocols import HOLDOUT
from recsys.evaluation.real_and_predicted import Cell, Said, Table
from recsys.ui import lists, loaders, url
from recsys.ui.data.verdict import LIST
from recsys.ui.systems import Column
from recsys.ui.text import DASH, number, signed

_DEEPEST = 2.0
"""Stars of error at which a cell has its full colour."""
_TOLD = {Cell.UNRATED: "not rated", Cell.KNOWN: "learnt from", Cell.HIDDEN: "hidden from the models"}


def asked(dataset: Dataset, model: str, of: Table) -> Said:
    """What a model says of the cells. Raises ArtifactError or UsageError where it cannot."""
    return real_and_predicted.ask(loaders.artifact(dataset, model).scorer, loaders.task(dataset), of, dataset.scale)


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
    ids, viewers = dataset.catalog.ids.ids, dataset.viewers.ids.ids
    view = replace(url.current(), topic="")
    return {
        "models": [
            {**lists.badge(column), "unit": "stars" if said[column.key].stars is not None else "place"}
            for column in models
        ],
        "films": [{**lists.film(dataset.catalog, item), "film": int(ids[item])} for item in of.films.tolist()],
        "link": lists.links_of(view, "user", int(viewers[user]))["film"],
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
