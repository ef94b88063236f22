"""What the editor of a new user's films is given, and what it reports back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from recsys.data.catalog import Catalog
from recsys.data.dataset import Dataset
from recsys.data.title_search import MAX_QUERY, TitleIndex
from recsys.serving import new_user
from recsys.serving.starters import starters
from recsys.ui import components, lists, loaders, url
from recsys.ui.view import View

KEY = "films_editor"
_ASKED, _STAMP = "recsys_films_asked", "recsys_films_stamp"
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


def show(dataset: Dataset, view: View, *, reads_order: Sequence[str]) -> None:
    """Draw the editor; what changes in it is in the URL before the page is drawn again.

    Args:
        reads_order: what the models are called to which the order of the films matters.
    """
    components.films_editor(
        key=KEY,
        data=payload(
            dataset,
            view,
            index_of(dataset),
            Asked.of(asdict(st.session_state.get(_ASKED, Asked())), dataset.catalog),  # of another data set, perhaps
            stamp=st.session_state.get(_STAMP, 0),
            reads_order=reads_order,
        ),
        on_films_change=_on_films(dataset),
        on_ask_change=_on_ask(dataset),
    )


def payload(
    dataset: Dataset, view: View, index: TitleIndex, asked: Asked, *, stamp: int, reads_order: Sequence[str]
) -> dict[str, Any]:
    """All that the component draws, as JSON.

    Args:
        view: bounded by the data set.
        stamp: of the last change that the component reported: it tells an answer to it from an older one.
    """
    catalog, scale = dataset.catalog, dataset.scale
    found, said = _found(index, asked)
    rated = [(catalog.ids.index(raw), stars) for raw, stars in view.films]
    return {
        "stamp": stamp,
        "most": new_user.MAX_FILMS,
        "scale": asdict(scale),
        "films": [{**_film(catalog, item), "stars": stars} for item, stars in rated],
        "asked": asdict(asked),
        "said": said,
        "found": [_film(catalog, item) for item in found],
        "genres": [name for g, name in enumerate(catalog.genre_names) if catalog.genres[:, g].any()],
        "decades": index.decades(),
        "starters": [
            {"name": each.name, "films": [{**_film(catalog, item), "stars": stars} for item, stars in each.films]}
            for each in starters(index, scale)
        ],
        "order": _order_sentence(reads_order),
        "link": lists.links_of(view, "new_user", None)["film"],
    }


def index_of(dataset: Dataset) -> TitleIndex:
    """The search index of a data set, by what people rated: all of it, as it is about being known."""
    return _index(dataset, dataset.fingerprint)


@st.cache_resource(max_entries=3, show_spinner=False)
def _index(_of: Dataset, fingerprint: str) -> TitleIndex:
    return TitleIndex.of(_of.catalog, _of.item_counts)


def _film(catalog: Catalog, item: int) -> dict[str, Any]:
    return {"id": int(catalog.ids.ids[item]), **lists.film(catalog, item)}


def _found(index: TitleIndex, asked: Asked) -> tuple[list[int], str]:
    """Film indices for what is looked for, and a line about them."""
    if asked.query.strip():
        found = index.find(asked.query, _MOST_FOUND + 1)
        if not found:
            return [], "No title here has words that begin like this."
        more = len(found) > _MOST_FOUND
        return found[:_MOST_FOUND], f"The first {_MOST_FOUND} titles that match" if more else "Titles that match"
    known = index.best_known(_MOST_FOUND, genre=asked.genre, decade=asked.decade)
    of = asked.genre or (f"{asked.decade}s" if asked.decade is not None else "")
    return known, f"Most rated: {of}" if of else "The films that most people rated"


def _order_sentence(reads_order: Sequence[str]) -> str:
    if not reads_order:
        return "In the order in which you watched them, the latest last."
    names = " and ".join([", ".join(reads_order[:-1]), reads_order[-1]] if len(reads_order) > 1 else reads_order)
    looks = "looks" if len(reads_order) == 1 else "look"
    return f"In the order in which you watched them, the latest last: {names} {looks} at it."


def _on_films(dataset: Dataset) -> Callable[[], None]:
    def callback() -> None:
        reported = getattr(st.session_state.get(KEY), "films", None)
        if isinstance(reported, Mapping) and isinstance(reported.get("films"), list):
            stamp = reported.get("stamp")
            st.session_state[_STAMP] = stamp if isinstance(stamp, int) else 0
            url.change(films=url.reported("films", reported["films"], dataset))

    return callback


def _on_ask(dataset: Dataset) -> Callable[[], None]:
    def callback() -> None:
        reported = getattr(st.session_state.get(KEY), "ask", None)
        if reported is not None:
            st.session_state[_ASKED] = Asked.of(reported, dataset.catalog)

    return callback


def copied(dataset: Dataset, user: int) -> dict[str, Any]:
    """The view that makes the new user like a known one: the newest films that the models know, and demographics."""
    history, viewers = loaders.history(dataset, user), dataset.viewers
    raw = dataset.catalog.ids.ids[history.items].tolist()
    films = tuple(zip(raw, history.ratings.tolist(), strict=True))[-new_user.MAX_FILMS :]
    attributes = {"gender": viewers.gender, "age": viewers.age, "occupation": viewers.occupation}
    demographics = {name: of.name(user) if of.codes[user] else "" for name, of in attributes.items()}
    return {"films": films, **demographics}
