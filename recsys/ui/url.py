"""The view that a visitor has, as it stands in the URL: read, checked, bounded and written here and nowhere else.

The URL is the only truth. Every run reads it; widgets are set from it and change it through `change`. So a reload, a
shared link and the browser's back button all lead to the same page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from recsys import library, runs, visitor
from recsys.dataset import Dataset
from recsys.errors import UsageError
from recsys.registry import ENTRIES
from recsys.ui.text import md

K_MIN, K_MAX, K_DEFAULT = 5, 50, 10
MODELS = tuple(entry.name for entry in ENTRIES)
MODELS_DEFAULT = tuple(entry.name for entry in ENTRIES if entry.is_main)
LAYOUTS = ("cards", "table")
TABS = ("standings", "protocols", "people", "cost", "popularity", "searches", "checks")
WHO = ("user", "visitor")
PARAMETERS = (
    *("dataset", "user", "k", "models", "film", "beside", "seen", "ticks", "layout", "tab", "more", "job"),
    *("films", "gender", "age", "occupation", "who", "topic"),
)
MAX_RUNS = 6
"""So many runs can stand beside the models; more are not looked at."""
_MAX_LENGTH = dict.fromkeys(PARAMETERS, 200) | {
    "models": len(",".join(MODELS)) + MAX_RUNS * (1 + runs.MAX_ID),
    "films": visitor.MAX_TEXT,
}
"""A longer value is nonsense, whatever it says."""

_OF_VISITOR: dict[str, Any] = {"films": (), "gender": "", "age": "", "occupation": "", "who": WHO[0]}
_OF_OTHER_PAGES: dict[str, Any] = {"tab": TABS[0], "more": False, "job": None, "beside": None, "topic": ""}
OF_ANOTHER_DATASET: dict[str, Any] = {**_OF_VISITOR, "user": None, "film": None, "beside": None, "job": None}
"""What is left of a view when the data set changes: other users, films and runs."""
_SESSION_VIEW, _SESSION_PAGE, _SESSION_ODD = "recsys_view", "recsys_page", "recsys_odd_address"
_ODD = "Part of the address means nothing here and was left out."
_ODD_FILMS = (
    f"Not all films of the address are here: it takes {visitor.MAX_FILMS} of this data set, with stars that it has."
)
_FOREIGN = "The address is about {}, which is not here: its users and films were left out."
_ABOUT_SOMEBODY, _WHO_OF = ("why", "film"), {"your_films": "visitor", "": "user"}
_TOPIC = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True)
class View:
    """What is on screen.

    Args:
        dataset: a name of the library, None for the default.
        user: a raw id, None for the data set's first example.
        k: length of the lists.
        models: names in the registry's order, then ids of runs by their number; may be empty.
        film: raw id of the chosen film.
        seen: whether films that the user already knows may appear.
        ticks: whether to show what the user really went on to like.
        layout: "cards" or "table".
        tab: which part of the Leaderboard is open.
        more: whether the Leaderboard shows more than the six models and the floors.
        job: id of the run that the Train page has open. Whether there is such a run, the URL does not know.
        films: what a visitor has rated: raw film ids and stars, in the order in which they were watched.
        gender, age, occupation: what a visitor says of themselves, by the names of the data set; "" is nothing.
        who: whom the pages Why and Film are about: "user", or the "visitor" with these films.
        beside: raw id of a second film, to compare with `film`.
        topic: which part of How it works, Data or Film is open.
    """

    dataset: str | None = None
    user: int | None = None
    k: int = K_DEFAULT
    models: tuple[str, ...] = MODELS_DEFAULT
    film: int | None = None
    seen: bool = False
    ticks: bool = True
    layout: str = "cards"
    tab: str = TABS[0]
    more: bool = False
    job: str | None = None
    films: visitor.Stars = ()
    gender: str = ""
    age: str = ""
    occupation: str = ""
    who: str = WHO[0]
    beside: int | None = None
    topic: str = ""


def parse(parameters: Mapping[str, str], datasets: list[str]) -> View:
    """A view from anything a browser may send; what makes no sense counts as absent."""
    given = {name: value for name in PARAMETERS if 0 < len(value := parameters.get(name, "")) <= _MAX_LENGTH[name]}
    k = _integer(given.get("k"))
    named = given.get("models", "").split(",")
    models = (*(name for name in MODELS if name in named), *_runs(named))
    view = View(
        dataset=given["dataset"] if given.get("dataset") in datasets else None,
        user=_integer(given.get("user")),
        k=k if k is not None and K_MIN <= k <= K_MAX else K_DEFAULT,
        models=() if named == ["none"] else models or MODELS_DEFAULT,
        film=_integer(given.get("film")),
        seen=given.get("seen") == "1",
        ticks=given.get("ticks") != "0",
        layout=given["layout"] if given.get("layout") in LAYOUTS else LAYOUTS[0],
        tab=given["tab"] if given.get("tab") in TABS else TABS[0],
        more=given.get("more") == "1",
        job=given["job"] if runs.is_id(given.get("job", "")) else None,
        films=visitor.parse(given.get("films", "")),
        gender=given.get("gender", ""),
        age=given.get("age", ""),
        occupation=given.get("occupation", ""),
        who=given["who"] if given.get("who") in WHO else WHO[0],
        beside=_integer(given.get("beside")),
        topic=given["topic"] if _TOPIC.fullmatch(given.get("topic", "")) else "",
    )
    is_foreign = "dataset" in given and view.dataset is None  # its ids are those of other films
    return replace(view, **OF_ANOTHER_DATASET) if is_foreign else view


def bounded(view: View, dataset: Dataset) -> View:
    """The view without a user or film that the data set does not have, and with a k that its catalogue allows."""
    films, viewers = dataset.catalog.ids, dataset.viewers
    return replace(
        view,
        user=view.user if view.user is not None and view.user in viewers.ids else None,
        film=view.film if view.film is not None and view.film in films else None,
        beside=view.beside if view.beside is not None and view.beside in films else None,
        k=min(view.k, dataset.n_items),
        films=visitor.of_dataset(view.films, dataset),
        gender=view.gender if view.gender in viewers.gender.names[1:] else "",
        age=view.age if view.age in viewers.age.names[1:] else "",
        occupation=view.occupation if view.occupation in viewers.occupation.names[1:] else "",
    )


def profile(view: View, dataset: Dataset) -> visitor.Profile:
    """What the visitor has rated and said, in the index space of the data set; `view` is bounded by it."""
    said = visitor.traits(dataset.viewers, view.gender, view.age, view.occupation)
    return visitor.Profile(tuple((dataset.catalog.ids.index(film), stars) for film, stars in view.films), said)


def who(view: View, dataset: Dataset, example: int) -> int | visitor.Profile:
    """Whom the page is about: the index of a user, or the visitor.

    Args:
        view: bounded by the data set.
        example: who it is where the URL names nobody.
    """
    if view.who == "visitor":
        return profile(view, dataset)
    return example if view.user is None else dataset.viewers.ids.index(view.user)


def encode(view: View) -> dict[str, str]:
    """The shortest parameters that `parse` turns into the same view."""
    default, parameters = View(), {}
    for name in PARAMETERS:
        value = getattr(view, name)
        if value != getattr(default, name):
            parameters[name] = _text(value)
    return parameters


def current() -> View:
    """The view of this run, before it is bounded by a data set."""
    return st.session_state[_SESSION_VIEW]


def begin(page: str, datasets: list[str]) -> View:
    """Read the URL at the start of a run, and take out of it what makes no sense.

    A link of the page menu carries no parameters: then the view of the page before goes on.
    """
    parameters = st.query_params.to_dict()
    came_from = st.session_state.get(_SESSION_PAGE, page)
    view = parse(parameters, datasets)
    st.session_state[_SESSION_ODD] = _what_is_odd(parameters, view)
    if came_from != page and not set(parameters) & set(PARAMETERS):
        view = st.session_state.get(_SESSION_VIEW, view)
        if page in _ABOUT_SOMEBODY and came_from in _WHO_OF:  # the menu goes on with whom the page before was about
            view = replace(view, who=_WHO_OF[came_from] if view.films else WHO[0])
    st.session_state[_SESSION_PAGE] = page
    keep(view)
    return view


def settle(dataset: Dataset) -> View:
    """The view of this run, bounded by its data set; what that takes away disappears from the URL as well."""
    view, asked = bounded(current(), dataset), current()
    odd = st.session_state.pop(_SESSION_ODD, "")
    if view.films != asked.films:
        odd = _ODD_FILMS
    elif replace(view, k=asked.k) != asked:
        odd = odd or _ODD
    if odd:
        st.toast(odd, duration="long", icon=":material/link_off:")
    # A catalogue may be smaller than the shortest list that the URL can name; then the URL keeps what it says.
    keep(view if view.k >= K_MIN else replace(view, k=current().k))
    return view


def reported(field: str, value: object, dataset: Dataset) -> Any:
    """A field of the view as a component reports it, checked as if it stood in the URL of this data set."""
    parts = [str(part) for part in value] or ["none"] if isinstance(value, list) else [str(value)]
    return getattr(bounded(parse({field: ",".join(parts)}, [dataset.name]), dataset), field)


def keep(view: View) -> None:
    """Make this the view, in the session and in the URL."""
    st.session_state[_SESSION_VIEW] = view
    written = {name: value for name, value in st.query_params.to_dict().items() if name in PARAMETERS}
    if written != encode(view):
        others = {name: value for name, value in st.query_params.to_dict().items() if name not in PARAMETERS}
        st.query_params.from_dict({**others, **encode(view)})


def change(**fields: Any) -> None:
    """Change the view; for callbacks, which run before the page does."""
    keep(replace(current(), **fields))


def link(dataset: Dataset, user: int, models: tuple[str, ...]) -> str:
    """The address of this view with everything named, so that it means the same where other defaults hold.

    Args:
        models: those on screen.
    """
    raw = int(dataset.viewers.ids.ids[user])
    view = replace(current(), dataset=dataset.name, user=raw, models=models, **_OF_OTHER_PAGES, **_OF_VISITOR)
    complete = {**encode(view), "k": str(view.k), "models": _text(view.models)}
    ordered = {name: complete[name] for name in PARAMETERS if name in complete}
    return f"{str(st.context.url or '').split('?')[0].rstrip('/')}/?{urlencode(ordered, safe=',')}"


def address(page: str, view: View) -> str:
    """Where a page of the app shows this view, seen from any other page of it."""
    return f"{page}?{urlencode(encode(view), safe=',')}"


def _runs(named: list[str]) -> list[str]:
    """The ids of runs among these, the first few of them, by their number."""
    found = list(dict.fromkeys(name for name in named if runs.is_id(name)))[:MAX_RUNS]
    return sorted(found, key=lambda each: (runs.number_and_model(each)[0], each))


def _integer(text: str | None) -> int | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 12:
        return None
    return int(text)


def _what_is_odd(parameters: Mapping[str, str], view: View) -> str:
    """What to say where something is asked for that the view does not have: out of bounds, or no value at all."""
    if parameters.get("dataset") and view.dataset is None:
        with suppress(UsageError):
            return _FOREIGN.format(md(library.source_of(parameters["dataset"]).title))
        return _FOREIGN.format("another data set")
    for name in set(parameters) & set(PARAMETERS):
        given, kept = parameters[name], _text(getattr(view, name))
        if isinstance(getattr(view, name), tuple):  # a link written by hand may name several in any order
            is_odd = len(given.split(",")) != len(kept.split(",")) or (given == "none") != (kept == "none")
        else:
            is_odd = given != kept
        if given and is_odd:
            return _ODD_FILMS if name == "films" else _ODD
    return ""


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple):
        return ",".join(each if isinstance(each, str) else visitor.text(each) for each in value) or "none"
    return str(value)
