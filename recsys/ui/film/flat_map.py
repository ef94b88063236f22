"""The map of films: what the component is given. Which map is open stands in the URL, as `View.topic`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from recsys.data.catalog import UNKNOWN_YEAR, Catalog
from recsys.data.dataset import Dataset
from recsys.explain.film_records import Places
from recsys.ui import lists
from recsys.ui.film.records import Known
from recsys.ui.lists import Problem
from recsys.ui.text import count, percent

KINDS = {"tsne": "t-SNE", "pca": "PCA"}
COLOURS = {"genre": "Genre", "decade": "Decade", "popularity": "Popularity"}
N_GENRES = 9
N_NEAR = 8
_PCA_ALONE = " t-SNE takes too long for a page: it is worked out beforehand, for the models that come with the app."
_GRID = 1000
"""Places are sent as whole numbers from -1000 to 1000."""
_BANDS = (1, 10, 20, 50, 100, 200)
"""Numbers of ratings from which the bands of popularity begin."""


@dataclass(frozen=True)
class Choice:
    """The map that is open."""

    model: str
    kind: str = "tsne"
    colour: str = "genre"

    @property
    def topic(self) -> str:
        """As it stands in the URL: "svd-tsne-genre"."""
        return f"{self.model}-{self.kind}-{self.colour}"


def with_map(given: Sequence[Known]) -> list[Known]:
    """The models that have a map at all."""
    return [one for one in given if not isinstance(one.places, Problem) and len(one.places.layout.placed)]


def why_none(given: Sequence[Known]) -> str:
    """What to say where none of these models has a map."""
    said, problems = "None of the chosen models has a map", [isinstance(one.places, Problem) for one in given]
    if all(problems):
        return f"{said}, for the reasons given above."
    others = " The reasons of the others are given above." if any(problems) else ""
    return f"{said}: to ALS and the baselines a film is a single number, or chance.{others}"


def kinds(places: Places) -> dict[str, str]:
    """The maps that there are, by their names in the URL: a run has no t-SNE."""
    return {kind: label for kind, label in KINDS.items() if len(getattr(places.layout, kind))}


def choice(topic: str, mapped: Sequence[Known]) -> Choice:
    """What the URL asks for, as far as there is such a map; otherwise the first model's.

    Args:
        mapped: the models with a map, at least one.
    """
    model, _, rest = topic.rpartition("-")
    model, _, kind = model.rpartition("-")
    one = next((each for each in mapped if each.column.key == model), mapped[0])
    there = kinds(_places(one))
    return Choice(
        one.column.key,
        kind if kind in there else next(iter(there)),
        rest if rest in COLOURS else next(iter(COLOURS)),
    )


def in_address(topic: str, mapped: Sequence[Known]) -> str:
    """What should stand in the URL where it says `topic`: the map that is drawn, "" for the one drawn without it."""
    if not topic or not mapped:
        return ""
    found = choice(topic, mapped)
    return topic if found.topic == topic else "" if found == choice("", mapped) else found.topic


def payload(
    dataset: Dataset,
    item: int,
    mapped: Sequence[Known],
    chosen: Choice,
    item_counts: np.ndarray,
    seen: np.ndarray,
    listed: np.ndarray,
    person: str,
) -> dict[str, Any]:
    """The map of one model with everything that is marked on it, as JSON.

    Args:
        item_counts: (I,) known ratings.
        seen: films that the person on screen knows.
        listed: what the model recommends to them, best first.
    """
    one = next(each for each in mapped if each.column.key == chosen.model)
    places = _places(one)
    layout, ids, there = places.layout, dataset.catalog.ids.ids, kinds(places)
    placed = layout.placed.astype(np.int64)
    row = layout.row_of(item)
    rows = {int(film): place for place, film in enumerate(placed)}
    near = [] if row is None else [rows[int(film)] for film in layout.neighbours[row, :N_NEAR]]
    marked = [rows[film] for film in listed.tolist() if film in rows]
    missing = len(listed) - len(marked)
    return {
        "model": {**lists.badge(one.column), "model": chosen.model},
        "models": [{**lists.badge(each.column), "model": each.column.key} for each in mapped],
        "kinds": list(there.items()),
        "colours": list(COLOURS.items()),
        "kind": chosen.kind,
        "colour": chosen.colour,
        "ids": ids[placed].tolist(),
        "labels": [dataset.catalog.label(int(film)) for film in placed],
        "places": {kind: _grid(getattr(layout, kind)) for kind in there},
        "groups": {
            "genre": genres(dataset.catalog, placed),
            "decade": decades(dataset.catalog, placed),
            "popularity": bands(item_counts[placed]),
        },
        "film": row,
        "near": near,
        "seen": [rows[film] for film in seen.tolist() if film in rows],
        "n_seen": len(seen),
        "listed": marked,
        "person": person,
        "colour_notes": {"genre": "A film of several of these genres counts as the rarest of them."},
        "notes": {
            "tsne": "t-SNE keeps near films near; how far apart two groups lie means little.",
            "pca": f"PCA shows the two directions along which the films differ most: {percent(places.pca_share)} "
            f"of all differences. The rest cannot be seen here.{'' if 'tsne' in there else _PCA_ALONE}",
        },
        "note": _note(places, row, dataset.catalog.label(item), missing, item_counts),
    }


def _places(one: Known) -> Places:
    """Of a model with a map."""
    assert not isinstance(one.places, Problem)
    return one.places


def _note(places: Places, row: int | None, label: str, missing: int, item_counts: np.ndarray) -> str:
    is_any_unliked = int((item_counts >= places.min_ratings).sum()) > len(places.layout.placed)
    or_unliked = ", or that nobody liked," if is_any_unliked else ""
    words = [f"Films with fewer than {places.min_ratings} known ratings{or_unliked} have no place"]
    words.append(f": {label} is one of them." if row is None else ".")
    if missing:
        words.append(f" {count(missing, 'film')} of the list {'has' if missing == 1 else 'have'} none either.")
    return "".join(words)


def genres(catalog: Catalog, placed: np.ndarray) -> dict[str, Any]:
    """A film counts as the rarest of its genres, among the most common ones; so that not all are dramas."""
    flags = catalog.genres[placed]  # (P, n_genres)
    common = np.argsort(-flags.sum(axis=0), kind="stable")[:N_GENRES]
    common = common[flags[:, common].any(axis=0)]
    names = [*(catalog.genre_names[genre] for genre in common), "Other"]
    rarest_first = np.column_stack([flags[:, common[::-1]], np.ones(len(placed), dtype=bool)])  # "Other" takes the rest
    last = len(common)
    first = rarest_first.argmax(axis=1)
    return _groups(names, np.where(first == last, last, last - 1 - first))


def decades(catalog: Catalog, placed: np.ndarray) -> dict[str, Any]:
    """By decade of release, oldest first; all before the last eight together."""
    years = catalog.years[placed].astype(int)
    decade = years // 10 * 10
    present = sorted(set(decade[years != UNKNOWN_YEAR].tolist()))[-8:]
    names = [f"{each}s" for each in present] + ["unknown"]
    if present and (decade[years != UNKNOWN_YEAR] < present[0]).any():
        names[0] = f"before {present[0] + 10}"
    of = np.searchsorted(present, np.maximum(decade, present[0] if present else 0))
    return _groups(names, np.where(years == UNKNOWN_YEAR, len(present), of))


def bands(counts: np.ndarray) -> dict[str, Any]:
    """By number of ratings, the fewest first."""
    ends = [f"{start} to {end - 1}" for start, end in pairwise(_BANDS)]
    names = [*(f"{words} ratings" for words in ends), f"{_BANDS[-1]} or more"]
    return _groups(names, np.searchsorted(_BANDS, counts, side="right") - 1)


def _groups(names: list[str], of: np.ndarray) -> dict[str, Any]:
    """Only groups that have a film, with their number of films."""
    sizes = np.bincount(of, minlength=len(names))
    shown = [group for group in range(len(names)) if sizes[group]]
    new = {group: place for place, group in enumerate(shown)}
    return {
        "names": [names[group] for group in shown],
        "sizes": [int(sizes[group]) for group in shown],
        "shades": shown,
        "of": [new[group] for group in of.tolist()],
    }


def _grid(points: np.ndarray) -> list[list[int]]:
    return np.round(_GRID * points.astype(np.float64)).astype(int).tolist()
