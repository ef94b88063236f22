"""The payload of the editor of a new user's films: those that are rated, and those that are looked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypedDict

from recsys.data.catalog import Catalog
from recsys.data.dataset import Dataset
from recsys.data.title_search import MAX_QUERY, TitleIndex
from recsys.serving import new_user
from recsys.serving.starters import starters
from recsys.ui import lists
from recsys.ui.components.mount import Component
from recsys.ui.lists import Film
from recsys.ui.text import listed
from recsys.ui.view import View

_MOST_FOUND = 30


@dataclass(frozen=True)
class Asked:
    """What the visitor looks for: words of a title, or the well-known films of a genre or of a decade."""

    query: str = ""
    genre: str = ""
    decade: int | None = None

    @classmethod
    def of(cls, reported: object, catalog: Catalog) -> Asked:
        """From what the component reports; a browser can send anything, and what makes no sense asks nothing."""
        given = reported if isinstance(reported, Mapping) else {}
        query, genre, decade = given.get("query"), given.get("genre"), given.get("decade")
        return cls(
            query=query[:MAX_QUERY] if isinstance(query, str) else "",
            genre=genre if genre in catalog.genre_names else "",
            decade=decade if isinstance(decade, int) and 1800 <= decade <= 2200 else None,
        )


class FoundFilm(Film):
    """A film by its raw id."""

    id: int


class RatedFilm(FoundFilm):
    stars: float


class StarterRow(TypedDict):
    name: str
    films: list[RatedFilm]


class FilmsEditorPayload(TypedDict):
    """`scale` and `asked` have the fields of `RatingScale` and `Asked`; in `link` FILM stands for a raw id.

    `stamp` is that of the last change that the component reported: it tells an answer to it from an older one.
    """

    stamp: int
    most: int
    scale: dict[str, float]
    films: list[RatedFilm]
    asked: dict[str, str | int | None]
    said: str
    found: list[FoundFilm]
    genres: list[str]
    decades: list[int]
    starters: list[StarterRow]
    order: str
    link: str


draw: Component[FilmsEditorPayload] = Component("films_editor", "stars")


def payload(
    dataset: Dataset, view: View, index: TitleIndex, asked: Asked, *, stamp: int, reads_order: Sequence[str]
) -> FilmsEditorPayload:
    """All that the component draws, as JSON.

    Args:
        view: bounded by the data set.
        reads_order: labels of the models that use the order of the films.
    """
    catalog, scale = dataset.catalog, dataset.scale
    found, said = _found(index, asked)
    return {
        "stamp": stamp,
        "most": new_user.MAX_FILMS,
        "scale": asdict(scale),
        "films": _rated(catalog, [(catalog.ids.index(raw), stars) for raw, stars in view.films]),
        "asked": asdict(asked),
        "said": said,
        "found": [_film(catalog, item) for item in found],
        "genres": [name for g, name in enumerate(catalog.genre_names) if catalog.genres[:, g].any()],
        "decades": index.decades(),
        "starters": [{"name": it.name, "films": _rated(catalog, it.films)} for it in starters(index, scale)],
        "order": _order_sentence(reads_order),
        "link": lists.links_of(view, "new_user", None)["film"],
    }


def _film(catalog: Catalog, item: int) -> FoundFilm:
    return {"id": int(catalog.ids.ids[item]), **lists.film(catalog, item)}


def _rated(catalog: Catalog, films: Sequence[tuple[int, float]]) -> list[RatedFilm]:
    return [{**_film(catalog, item), "stars": stars} for item, stars in films]


def _found(index: TitleIndex, asked: Asked) -> tuple[list[int], str]:
    """Film indices for what is looked for, and a line about them."""
    if asked.query.strip():
        found = index.find(asked.query, _MOST_FOUND + 1)
        if not found:
            return [], "No title here has a word that begins with this."
        more = len(found) > _MOST_FOUND
        return found[:_MOST_FOUND], f"The first {_MOST_FOUND} titles that match" if more else "Titles that match"
    known = index.best_known(_MOST_FOUND, genre=asked.genre, decade=asked.decade)
    of = asked.genre or (f"{asked.decade}s" if asked.decade is not None else "")
    return known, f"Most rated: {of}" if of else "The films that most people rated"


def _order_sentence(reads_order: Sequence[str]) -> str:
    said = "In the order in which you watched them, the latest last"
    if not reads_order:
        return f"{said}."
    return f"{said}: {listed(reads_order)} {'uses' if len(reads_order) == 1 else 'use'} the order."
