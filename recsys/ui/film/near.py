"""The nearest films of a film in each model's own space: what the component is given, a card per model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recsys.data.dataset import Dataset
from recsys.explain.film_records import STEP
from recsys.ui import lists
from recsys.ui.film.records import Known
from recsys.ui.lists import Problem
from recsys.ui.text import count

N_SHOWN = 8
_NO_SPACE = "A film is a single number here, or a random direction: nothing is near for a reason."
_FEW = "With fewer than {} of them it lies where training happened to start, and its neighbours would mean nothing."
_NOBODY = "It has enough ratings, but nobody liked it, so it says nothing to this model."


def payload(dataset: Dataset, item: int, given: Sequence[Known], n_ratings: int) -> dict[str, Any]:
    """The cards and the films on them, as JSON."""
    cards = [_card(dataset, item, one, n_ratings) for one in given]
    shown = {row["film"] for card in cards for row in card["rows"]}
    return {
        "n_shown": N_SHOWN,
        "cards": [card for card in cards if not card["problem"]],
        "without": _without([card for card in cards if card["problem"]]),
        "films": {str(raw): lists.film(dataset.catalog, dataset.catalog.ids.index(raw)) for raw in sorted(shown)},
    }


def _without(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Models with the same reason for having no neighbours share a line."""
    lines: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for card in cards:
        problem = card["problem"]
        lines.setdefault((f"{problem['head']}. {problem['text']}", problem["command"] or ""), []).append(card)
    return [{"models": models, "text": text, "command": command} for (text, command), models in lines.items()]


def _card(dataset: Dataset, item: int, one: Known, n_ratings: int) -> dict[str, Any]:
    card: dict[str, Any] = {
        **lists.badge(one.column),
        "model": one.column.key,
        "note": "",
        "looks_at": "",
        "unit": "",
        "problem": None,
        "rows": [],
        "foot": "",
    }
    if isinstance(one.places, Problem):
        return {**card, "problem": vars(one.places)}
    places, layout = one.places, one.places.layout
    if not places.about:
        return {**card, "problem": vars(Problem("No neighbours", _NO_SPACE))}
    card["looks_at"] = f"Each film is {places.about}."
    row = layout.row_of(item)
    if row is None:
        text = _FEW.format(places.min_ratings) if n_ratings < places.min_ratings else _NOBODY
        return {**card, "problem": vars(Problem(f"The film has {count(n_ratings, 'known rating')}", text))}
    digits = 3 if places.is_weights else 2
    for place, (other, alike) in enumerate(zip(layout.neighbours[row], layout.thousandths[row], strict=True), 1):
        if places.is_weights and alike <= 0:
            break  # films that have nothing to do with it
        text = f"{int(alike) / STEP:.{digits}f}"
        raw = int(dataset.catalog.ids.ids[other])
        spoken = f"{'weight' if places.is_weights else 'similarity'} {text}"
        card["rows"].append({"rank": place, "film": raw, "score": text, "spoken": spoken, "bar": None, "hit": False})
    return {**card, "unit": "weight" if places.is_weights else "cosine, at most 1"}
