"""The models' lists for one user, and what the board component is given to draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys import artifacts, registry
from recsys.catalog import UNKNOWN_YEAR, Catalog
from recsys.compare import Agreement, ModelList
from recsys.dataset import Dataset
from recsys.errors import ArtifactError, RecsysError
from recsys.registry import Entry
from recsys.scorers import Unit
from recsys.ui import loaders
from recsys.ui.text import UNIT_NOTES, hits_sentence, score

_SIX_AND_FLOORS = ("als", "svd", "autoencoder", "bpr", "gru", "autoint", "popularity", "ease")
_CALMER = ("random", "mf", "deep-mf", "deep-mf-occupation", "neumf", "item-knn", "ials", "autoencoder-items")
_NAMED = (*_SIX_AND_FLOORS, *_CALMER)
COLOR_OF = {
    name: place for place, name in enumerate([*_NAMED, *(name for name in registry.BY_NAME if name not in _NAMED)])
}
"""A model's place in the theme's chartCategoricalColors: by name, so that a new line of the registry shifts none."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What one model has to say.

    Args:
        entry: the model.
        looks_at: the manifest's line, "" without a manifest.
        full: all films in its order, or None.
        top: the first k of them, or None.
        problem: why there is no list, as text and the command that mends it.
    """

    entry: Entry
    looks_at: str
    full: ModelList | None = None
    top: ModelList | None = None
    problem: tuple[str, str | None] | None = None


def answers(dataset: Dataset, models: Sequence[str], user: int, k: int, *, exclude_seen: bool) -> list[Answer]:
    """Ask every model; one that cannot answer says why and leaves the others alone."""
    return [_answer(dataset, registry.entry(name), user, k, exclude_seen) for name in models]


def _answer(dataset: Dataset, entry: Entry, user: int, k: int, exclude_seen: bool) -> Answer:
    looks_at = ""
    try:
        looks_at = loaders.manifest(dataset.name, entry.name).looks_at
        full = loaders.ranking(dataset, entry.name, user, exclude_seen=exclude_seen)
        return Answer(entry, looks_at, full, full.first(k))
    except ArtifactError as error:
        return Answer(entry, looks_at, problem=(error.problem, artifacts.command_for(dataset.name, entry.name)))
    except RecsysError as error:
        return Answer(entry, looks_at, problem=(str(error), None))


def film(catalog: Catalog, item: int) -> dict[str, Any]:
    """A film for a component: title, year and genres as plain text."""
    year = int(catalog.years[item])
    return {
        "title": catalog.titles[item],
        "year": year if year != UNKNOWN_YEAR else None,
        "genres": " · ".join(catalog.genres_of(item)),
    }


def board_payload(
    dataset: Dataset,
    given: Sequence[Answer],
    agreed: Agreement,
    relevant: np.ndarray,
    *,
    user_id: int,
    k: int,
    film_id: int | None,
    ticks: bool,
    layout: str,
    seen: np.ndarray,
) -> dict[str, Any]:
    """All that the board draws, as JSON.

    Args:
        seen: films that the user already knows.
        agreed: of the lists in `given`; its order is the order of the table.
        relevant: films held out and liked.
        film_id: raw id of the chosen film.
        ticks: whether hits may be shown; without them the payload does not contain them.
    """
    ids = dataset.catalog.ids
    shown = list(agreed.votes)
    chosen = [ids.index(film_id)] if film_id is not None and ids.index(film_id) not in agreed.votes else []
    ranks = {a.entry.name: _ranks(a.full, dataset.n_items) for a in given if a.full is not None}
    hits = set(relevant.tolist()) if ticks else set()
    known = set(seen.tolist())
    selected = {a.entry.name for a in given}
    return {
        "user": user_id,
        "k": k,
        "film": film_id,
        "layout": layout,
        "pills": [
            {
                "model": e.name,
                "label": e.label,
                "color": COLOR_OF[e.name],
                "on": e.name in selected,
                "is_floor": e.is_floor,
                "is_extra": e.is_extra,
            }
            for e in registry.ENTRIES
        ],
        "cards": [_card(a, dataset, len(relevant), k, ticks) for a in given],
        "films": {
            str(int(ids.ids[item])): {
                **film(dataset.catalog, item),
                "hit": item in hits,
                "seen": item in known,
                "ranks": {name: int(rank[item]) for name, rank in ranks.items() if rank[item]},
            }
            for item in [*shown, *chosen]
        },
        "order": [int(ids.ids[item]) for item in shown],
    }


def _card(answer: Answer, dataset: Dataset, n_relevant: int, k: int, ticks: bool) -> dict[str, Any]:
    card: dict[str, Any] = {
        "model": answer.entry.name,
        "label": answer.entry.label,
        "color": COLOR_OF[answer.entry.name],
        "looks_at": answer.looks_at,
        "unit": "",
        "problem": None,
        "rows": [],
        "n_ranked": 0,
        "foot": "",
    }
    if answer.top is None or answer.full is None:
        text, command = answer.problem or ("This model gave no list.", None)
        return {**card, "problem": {"text": text, "command": command}}
    top, unit = answer.top, answer.top.unit
    strengths = top.strengths()
    shown = top.shown_scores(dataset.scale)
    ids = dataset.catalog.ids.ids
    rows = []
    for place, item in enumerate(top.items.tolist()):
        text = score(unit, float(shown[place]), float(strengths[place]))
        rows.append(
            {
                "rank": place + 1,
                "film": int(ids[item]),
                "score": text,
                "spoken": text.replace("★", "stars"),
                "bar": round(float(np.clip(strengths[place], 0, 100)), 1) if unit is Unit.STRENGTH else None,
                "hit": bool(top.is_hit[place]) and ticks,
            }
        )
    foot = hits_sentence(top.n_hits, n_relevant, len(rows), top.missed_ranks.tolist()) if ticks else _GUESS
    return {**card, "unit": UNIT_NOTES[unit], "rows": rows, "n_ranked": len(answer.full.items), "foot": foot}


_GUESS = "Guess first: which of these did the user go on to like?"


def _ranks(full: ModelList, n_items: int) -> np.ndarray:
    """(I,) place of each film in a full ranking; 0 where it is not in it."""
    ranks = np.zeros(n_items, dtype=np.int64)
    ranks[full.items] = np.arange(1, len(full.items) + 1)
    return ranks


def lists_table(dataset: Dataset, given: Sequence[Answer], *, ticks: bool) -> tuple[list[str], list[list[object]]]:
    """The lists for a CSV file: header and rows."""
    header = ["model", "rank", "film_id", "title", "year", "genres", "score", "unit"] + (
        ["liked_later"] if ticks else []
    )
    rows: list[list[object]] = []
    for answer in given:
        if answer.top is None:
            continue
        shown = answer.top.shown_scores(dataset.scale)
        for place, item in enumerate(answer.top.items.tolist()):
            it = film(dataset.catalog, item)
            row: list[object] = [
                answer.entry.label,
                place + 1,
                int(dataset.catalog.ids.ids[item]),
                it["title"],
                it["year"],
            ]
            row += ["|".join(dataset.catalog.genres_of(item)), float(shown[place]), answer.top.unit.value]
            rows.append(row + ([bool(answer.top.is_hit[place])] if ticks else []))
    return header, rows
