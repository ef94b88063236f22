"""The nearest films of a film in each model's own space: what the component is given, a card per model. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from recsys.data.dataset import Dataset
from recsys.explain.film_records import STEP, Places
from recsys.ui.components.mount import Component
from recsys.ui.components.shared.cards import Card, Keyed, Row
from recsys.ui.lists import Film, Problem, badge, film
from recsys.ui.systems import Column
from recsys.ui.text import count

N_SHOWN = 8
_NO_SPACE = "A film is a single number here, or a random direction: no film is near for a reason."
_FEW = "With fewer than {} of them it lies where training happened to start, and its neighbours would mean nothing."
_NOBODY = "It has enough ratings, but nobody liked it, so it says nothing to this model."


class Without(TypedDict):
    """Models that have no neighbours for the same reason."""

    models: list[Keyed]
    text: str
    command: str | None


class FilmNearPayload(TypedDict):
    """Films by their raw ids; `n_shown` rows of a card are open at first."""

    n_shown: int
    cards: list[Card]
    without: list[Without]
    films: dict[str, Film]


draw: Component[FilmNearPayload] = Component("film_near", "cards")


def payload(
    dataset: Dataset, item: int, given: Sequence[tuple[Column, Places | Problem]], n_ratings: int
) -> FilmNearPayload:
    """The cards and the films on them, as JSON; `n_ratings` are the known ones of the film."""
    cards: list[Card] = []
    without: dict[tuple[str, str | None], Without] = {}
    for column, places in given:
        found = places if isinstance(places, Problem) else _card(dataset, item, column, places, n_ratings)
        if isinstance(found, Problem):
            text = f"{found.head}. {found.text}"
            line: Without = {"models": [], "text": text, "command": found.command}
            models = without.setdefault((text, found.command), line)["models"]
            models.append({**badge(column), "model": column.key})
        else:
            cards.append(found)
    shown = sorted({row["film"] for card in cards for row in card["rows"]})
    return {
        "n_shown": N_SHOWN,
        "cards": cards,
        "without": list(without.values()),
        "films": {str(raw): film(dataset.catalog, dataset.catalog.ids.index(raw)) for raw in shown},
    }


def _card(dataset: Dataset, item: int, column: Column, places: Places, n_ratings: int) -> Card | Problem:
    """The neighbours that a model gives the film, or why it gives none."""
    if not places.about:
        return Problem("No neighbours", _NO_SPACE)
    layout, is_weights = places.layout, places.is_weights
    place = layout.row_of(item)
    if place is None:
        text = _FEW.format(places.min_ratings) if n_ratings < places.min_ratings else _NOBODY
        return Problem(f"The film has {count(n_ratings, 'known rating')}", text)
    rows: list[Row] = []
    for rank, (other, alike) in enumerate(zip(layout.neighbours[place], layout.thousandths[place], strict=True), 1):
        if is_weights and alike <= 0:
            break  # films that have nothing to do with it
        text = f"{int(alike) / STEP:.{3 if is_weights else 2}f}"
        raw, spoken = int(dataset.catalog.ids.ids[other]), f"{'weight' if is_weights else 'similarity'} {text}"
        rows.append({"rank": rank, "film": raw, "score": text, "spoken": spoken, "bar": None, "hit": False})
    return {
        **badge(column),
        "model": column.key,
        "looks_at": f"Each film is {places.about}.",
        "unit": "weight" if is_weights else "cosine, at most 1",
        "problem": None,
        "rows": rows,
        "foot": "",
    }
