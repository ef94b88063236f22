"""The view of a session, kept in the URL: read and written here and nowhere else, checked by `view`.

The URL is the only truth. Every run reads it; widgets are set from it and change it through `change`. So a reload, a
shared link and the browser's back button all lead to the same page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.serving import new_user
from recsys.ui.text import md
from recsys.ui.view import K_MIN, PARAMETERS, WHO, View, bounded, encode, for_page, in_url, parse

_SESSION_VIEW, _SESSION_PAGE, _SESSION_ODD = "recsys_view", "recsys_page", "recsys_odd_address"
_SESSION_PLAIN, _SESSION_BARE = "recsys_plain_pages", "recsys_bare_view"
"""Pages that this session has shown without parameters, and the view that such an address stands for now."""
NOT_OFFERED = "The page was sent something that it does not offer, and stays as it was."
_ODD = "Part of the address makes no sense here and was left out."
_ODD_FILMS = (
    f"Some films of the address were left out: it can hold {new_user.MAX_FILMS} of this data set, rated on its scale."
)
_FOREIGN = "The address is about {}, which is not here: its users and films were left out."
_WITH_TOPICS = ("film", "how_it_works", "data")
_ABOUT_SOMEBODY, _WHO_OF = ("why", "film"), {"your_films": "new_user", "": "user"}


def current() -> View:
    """The view of this run, before it is bounded by a data set."""
    return st.session_state[_SESSION_VIEW]


def is_on_stage() -> bool:
    """Whether what is drawn now is for a room; not where nothing has been looked at yet."""
    view: View | None = st.session_state.get(_SESSION_VIEW)
    return view is not None and view.stage


def begin(page: str, datasets: list[str]) -> View:
    """Read the URL at the start of a run, and remove from it what makes no sense.

    A link of the page menu carries no parameters: then the view of the page before goes on. The browser may have kept
    that bare address, so that Back leads to it on the same page: there the view goes on as well, and the address stays
    as it is, as a new one would keep the visitor from going back further. Only where this session has shown the page
    without parameters do they stand for the defaults.
    """
    parameters = st.query_params.to_dict()
    came_from = st.session_state.get(_SESSION_PAGE, page)
    view = parse(parameters, datasets)
    st.session_state[_SESSION_ODD] = _what_is_odd(parameters, view)
    st.session_state[_SESSION_BARE] = None
    if not set(parameters) & set(PARAMETERS):
        before = st.session_state.get(_SESSION_VIEW, view)
        if came_from != page:
            view = before
            if page in _ABOUT_SOMEBODY and came_from in _WHO_OF:  # the menu goes on with whom the page before was about
                view = replace(view, who=_WHO_OF[came_from] if view.films else WHO[0])
        elif page not in st.session_state.get(_SESSION_PLAIN, ()):
            view = st.session_state[_SESSION_BARE] = before
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
    said = "" if value is None else str(value)
    if isinstance(value, list):
        said = ",".join(map(str, value)) or "none"
    return getattr(bounded(parse({field: said}, [dataset.name]), dataset), field)


def on_report(component: str, field: str, dataset: Dataset, **others: str) -> Callable[[], None]:
    """A callback that sets a field of the view to what a component reports, checked: a browser can send anything.

    Args:
        component: its key.
        others: fields that change with it.
    """

    def callback() -> None:
        value = getattr(st.session_state.get(component), field, None)
        if value is not None:
            change(**{field: reported(field, value, dataset)}, **others)

    return callback


def on_choices(component: str, dataset: Dataset) -> Callable[[], None]:
    """A callback for what a component sends as `choices`: fields of the view and their values, checked."""

    def callback() -> None:
        given = getattr(st.session_state.get(component), "choices", None)
        if isinstance(given, Mapping):
            change(**{name: reported(name, given[name], dataset) for name in set(given) & set(PARAMETERS)})

    return callback


def keep(view: View) -> None:
    """Make this the view, in the session and in the URL."""
    st.session_state[_SESSION_VIEW] = view
    given, wanted = st.query_params.to_dict(), encode(view)
    written = {name: value for name, value in given.items() if name in PARAMETERS}
    if not wanted:
        shown = st.session_state.get(_SESSION_PLAIN, frozenset())
        st.session_state[_SESSION_PLAIN] = shown | {st.session_state.get(_SESSION_PAGE)}
    if written != wanted and (written or view != st.session_state.get(_SESSION_BARE)):
        others = {name: value for name, value in given.items() if name not in PARAMETERS}
        st.query_params.from_dict({**others, **wanted})


def change(**fields: Any) -> None:
    """Change the view; for callbacks, which run before the page does.

    When a visitor's films change, what was asked about one of them is over. A browser can send a value of any kind
    for a widget: what no URL can say counts as absent here as well.

    Raises:
        UsageError: a value of a kind that the view does not have.
    """
    about = {"drop": None, "flip": None} if "films" in fields else {}
    asked = replace(current(), **{**about, **fields})
    try:
        changed = parse(encode(asked), [str(asked.dataset)])
    except (TypeError, ValueError, AttributeError):
        raise UsageError(NOT_OFFERED) from None
    keep(changed)


def put(key: str, value: object) -> None:
    """Let a widget show what the view says.

    Where it does so already it is left alone: what is put into a widget replaces what the visitor is doing with it at
    that moment, and a slider would lose steps.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def page() -> str:
    """The page that is open; "" is the first."""
    return str(st.session_state.get(_SESSION_PAGE, ""))


def link(page: str, view: View, *, base: str, always: Sequence[str] = ()) -> str:
    """The address of a page's view that means the same where other defaults hold.

    Args:
        page: the one that is open; "" is the first.
        base: the address of that page, with or without parameters.
        always: fields that are named even where they have their default, beside the data set.
    """
    seen = for_page(page, view if page in _WITH_TOPICS else replace(view, topic=""))
    named = {**encode(seen), **{name: in_url(seen, name) for name in ("dataset", *always)}}
    ordered = {name: named[name] for name in PARAMETERS if name in named}
    here = base.split("#")[0].split("?")[0].rstrip("/") + ("" if page else "/")
    return f"{here}?{urlencode(ordered, safe=',:')}"


def address(page: str, view: View) -> str:
    """Where a page of the app shows this view, seen from any other page of it."""
    return f"{page}?{urlencode(encode(for_page(page, view)), safe=',')}"


def _what_is_odd(parameters: Mapping[str, str], view: View) -> str:
    """What to say where something is asked for that the view does not have: out of bounds, or no value at all."""
    if parameters.get("dataset") and view.dataset is None:
        with suppress(UsageError):
            return _FOREIGN.format(md(library.source_of(parameters["dataset"]).title))
        return _FOREIGN.format("another data set")
    for name in set(parameters) & set(PARAMETERS):
        given, kept = parameters[name], in_url(view, name)
        if isinstance(getattr(view, name), tuple):  # a link written by hand may name several in any order
            is_odd = len(given.split(",")) != len(kept.split(",")) or (given == "none") != (kept == "none")
        else:
            is_odd = given != kept
        if given and is_odd:
            return _ODD_FILMS if name == "films" else _ODD
    return ""
