"""The map of films: what the component is given. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypedDict

import numpy as np

from recsys.data.catalog import UNKNOWN_YEAR, Catalog
from recsys.data.dataset import Dataset
from recsys.explain.film_records import Places
from recsys.ui.components.mount import Component
from recsys.ui.components.shared.cards import Keyed
from recsys.ui.lists import badge
from recsys.ui.systems import Column
from recsys.ui.text import count, percent
from recsys.ui.view import View

KINDS = {"tsne": "t-SNE", "pca": "PCA"}
COLOURS = {"genre": "Genre", "decade": "Decade", "popularity": "Popularity"}
N_GENRES, N_DECADES, N_NEAR = 9, 8, 8
_PCA_ALONE = " t-SNE takes too long for a page: it is worked out in advance, for the models that come with the app."
_GRID = 1000
"""Places are sent as whole numbers from -1000 to 1000."""
_BANDS = (1, 10, 20, 50, 100, 200)
"""Numbers of ratings from which the bands of popularity begin."""


class FilmGroups(TypedDict):
    """Groups that have a film; `shades` is which colour each has, `of` the group of each point."""

    names: list[str]
    sizes: list[int]
    shades: list[int]
    of: list[int]


class FilmMapPayload(TypedDict):
    """The points are films: `ids` and `labels` have one each, and so have the `places` of every kind of map.

    `film`, `near`, `seen` and `listed` are positions among the points: the film of the page (None where it has no
    point), its neighbours, what the person has seen, and what the model recommends to them. `n_seen` counts films
    without a point as well. `marks` and `only` are those of the view.
    """

    model: Keyed
    models: list[Keyed]
    kinds: list[tuple[str, str]]
    colours: list[tuple[str, str]]
    kind: str
    colour: str
    marks: list[str]
    only: int | None
    ids: list[int]
    labels: list[str]
    places: dict[str, list[list[int]]]
    groups: dict[str, FilmGroups]
    film: int | None
    near: list[int]
    seen: list[int]
    n_seen: int
    listed: list[int]
    person: str
    colour_notes: dict[str, str]
    notes: dict[str, str]
    note: str


draw: Component[FilmMapPayload] = Component("film_map", "pills")


@dataclass(frozen=True)
class Choice:
    """The map that is open."""

    model: str
    kind: str
    colour: str

    @property
    def topic(self) -> str:
        """As it stands in the URL: "svd-tsne-genre"."""
        return f"{self.model}-{self.kind}-{self.colour}"


def kinds(places: Places) -> dict[str, str]:
    """The maps that there are, by their names in the URL: a run has no t-SNE."""
    return {kind: label for kind, label in KINDS.items() if len(getattr(places.layout, kind))}


def choice(topic: str, mapped: Sequence[tuple[Column, Places]]) -> Choice:
    """What the URL asks for, as far as there is such a map; otherwise the first of these models, at least one."""
    model, _, colour = topic.rpartition("-")
    model, _, kind = model.rpartition("-")
    column, places = next((each for each in mapped if each[0].key == model), mapped[0])
    there = kinds(places)
    return Choice(
        column.key,
        kind if kind in there else next(iter(there)),
        colour if colour in COLOURS else next(iter(COLOURS)),
    )


def in_address(topic: str, mapped: Sequence[tuple[Column, Places]]) -> str:
    """What should stand in the URL where it says `topic`: the map that is drawn, "" for the one drawn without it."""
    if not topic or not mapped:
        return ""
    found = choice(topic, mapped)
    is_first = found == choice("", mapped)
    return "" if is_first and found.topic != topic else found.topic


def payload(
    known: Dataset,
    item: int,
    mapped: Sequence[tuple[Column, Places]],
    chosen: Choice,
    seen: Sequence[int],
    listed: Sequence[int],
    person: str,
    view: View,
) -> FilmMapPayload:
    """The map of one model with everything that is marked on it, as JSON.

    Args:
        known: the ratings that the models know.
        mapped: the models with a map.
        seen: films that the person on screen knows.
        listed: what the model recommends to them, best first.
    """
    models: list[Keyed] = [{**badge(column), "model": column.key} for column, _ in mapped]
    place = [model["model"] for model in models].index(chosen.model)
    places = mapped[place][1]
    layout, there = places.layout, kinds(places)
    placed = layout.placed.astype(np.int64)
    row_of = {film: row for row, film in enumerate(placed.tolist())}
    row = row_of.get(item)
    marked = [row_of[film] for film in listed if film in row_of]
    return {
        "model": models[place],
        "models": models,
        "kinds": list(there.items()),
        "colours": list(COLOURS.items()),
        "kind": chosen.kind,
        "colour": chosen.colour,
        "marks": list(view.marks),
        "only": view.only,
        "ids": known.catalog.ids.ids[placed].tolist(),
        "labels": [known.catalog.label(film) for film in row_of],
        "places": {kind: np.round(_GRID * getattr(layout, kind).astype(float)).astype(int).tolist() for kind in there},
        "groups": {
            "genre": genres(known.catalog, placed),
            "decade": decades(known.catalog, placed),
            "popularity": bands(known.item_counts[placed]),
        },
        "film": row,
        "near": [] if row is None else [row_of[film] for film in layout.neighbours[row, :N_NEAR].tolist()],
        "seen": [row_of[film] for film in seen if film in row_of],
        "n_seen": len(seen),
        "listed": marked,
        "person": person,
        "colour_notes": {"genre": "A film with several of these genres is shown as the rarest of them."},
        "notes": {
            "tsne": "t-SNE keeps similar films close; how far apart two groups lie means little.",
            "pca": f"PCA shows the two directions along which the films differ most: {percent(places.pca_share)} "
            f"of the variance. The rest cannot be seen here.{'' if 'tsne' in there else _PCA_ALONE}",
        },
        "note": _note(places, row, known.catalog.label(item), len(listed) - len(marked), known.item_counts),
    }


def _note(places: Places, row: int | None, label: str, missing: int, item_counts: np.ndarray) -> str:
    """Which films have no place, and whether this one and `missing` ones of the list are among them."""
    is_any_unliked = int((item_counts >= places.min_ratings).sum()) > len(places.layout.placed)
    or_unliked = ", or that nobody liked," if is_any_unliked else ""
    here = f": {label} is one of them." if row is None else "."
    have = "has" if missing == 1 else "have"
    listed = f" {count(missing, 'film')} of the list {have} none either." if missing else ""
    return f"Films with fewer than {places.min_ratings} known ratings{or_unliked} have no place{here}{listed}"


def genres(catalog: Catalog, placed: np.ndarray) -> FilmGroups:
    """A film counts as the rarest of its genres, among the most common ones; so that not all are dramas."""
    flags = catalog.genres[placed]  # (P, n_genres)
    common = np.argsort(-flags.sum(axis=0), kind="stable")[:N_GENRES]
    common = common[flags[:, common].any(axis=0)]
    names = [*(catalog.genre_names[genre] for genre in common), "Other"]
    of = np.full(len(placed), len(common))
    for group, genre in enumerate(common):
        of[flags[:, genre].astype(bool)] = group  # a later, rarer genre takes the film over
    return _groups(names, of)


def decades(catalog: Catalog, placed: np.ndarray) -> FilmGroups:
    """By decade of release, oldest first; all before the last eight together."""
    years = catalog.years[placed].astype(int)
    decade = years // 10 * 10
    dated = decade[years != UNKNOWN_YEAR]
    present = np.unique(dated)[-N_DECADES:]
    names = [f"{each}s" for each in present] + ["unknown"]
    if len(present) and dated.min() < present[0]:
        names[0] = f"before {present[0] + 10}"
    return _groups(names, np.where(years == UNKNOWN_YEAR, len(present), np.searchsorted(present, decade)))


def bands(counts: np.ndarray) -> FilmGroups:
    """By number of ratings, the fewest first."""
    names = [f"{start} to {end - 1} ratings" for start, end in pairwise(_BANDS)]
    return _groups([*names, f"{_BANDS[-1]} or more"], np.searchsorted(_BANDS, counts, side="right") - 1)


def _groups(names: Sequence[str], of: np.ndarray) -> FilmGroups:
    """Only groups that have a film, with their number of films."""
    shown, of_shown, sizes = np.unique(of, return_inverse=True, return_counts=True)
    return {
        "names": [names[group] for group in shown],
        "sizes": sizes.tolist(),
        "shades": shown.tolist(),
        "of": of_shown.tolist(),
    }
