"""The models' lists for a new user: each model says how it answers somebody whom it was not trained on."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError
from recsys.explain import new_user_notes
from recsys.explain.what_if import moves
from recsys.serving import new_user
from recsys.serving.lists import agreement
from recsys.serving.new_user import Profile
from recsys.ui import export, lists, loaders, systems, url
from recsys.ui.components.board.board import Board, Moved, Rating
from recsys.ui.lists import Answer
from recsys.ui.view import View

_SHOWN, _BEFORE = "recsys_films_shown", "recsys_films_before"
"""The name of a data set and the profile whose lists are on screen, and that of the lists before the last change."""


def answers(dataset: Dataset, models: Sequence[str], profile: Profile, view: View) -> list[Answer]:
    """Every model's list, or that it gives all films the same score."""
    return lists.decided(dataset, lists.answers(dataset, models, profile, view.k, exclude_seen=not view.seen), profile)


def order_readers(dataset: Dataset, models: Sequence[str]) -> list[str]:
    """The labels of the shown models that use the order of the films; those that cannot answer are left out."""
    found = []
    for key in models:
        try:
            if new_user_notes.reads_order(lists.state_of(dataset, key)):
                found.append(systems.of(key).label)
        except RecsysError:
            continue
    return found


def show(dataset: Dataset, given: list[Answer], profile: Profile, view: View) -> None:
    """The lists side by side; their films can be rated, and what the last change moved is marked."""
    before = _before(dataset, profile)
    Board(
        dataset,
        profile,
        view,
        given,
        agreement([a.top for a in given if a.top is not None]),
        user_id=number_of(view),
        ticks=False,
        links=lists.links_of(view, "new_user", None),
        heads=_heads(dataset, given),
        feet=_feet(dataset, given, profile),
        rating=rating(dataset, given, view, before),
        on_rate=lambda: _rate(dataset),
    ).draw()
    about = export.facts_of(dataset.name, [answer.column.key for answer in given], user="new")
    export.save("lists", "Your lists", about, table=lambda: lists.lists_table(dataset, given, ticks=False))


def rating(dataset: Dataset, given: Sequence[Answer], view: View, before: Profile | None) -> Rating:
    """What the board needs so that films can be rated in the lists.

    Args:
        before: the profile before the last change, None where there was none since the page was opened.
    """
    found = {a.column.key: _moved(dataset, a, before, view) for a in given} if before is not None else {}
    return {
        "scale": asdict(dataset.scale),
        "most": new_user.MAX_FILMS,
        "rated": {str(film): stars for film, stars in view.films},
        "moved": {key: moved for key, moved in found.items() if moved is not None},
    }


def _moved(dataset: Dataset, answer: Answer, before: Profile, view: View) -> Moved | None:
    """What a change did to a model's list; None where it has no list now, or had none."""
    if answer.full is None:
        return None
    key, catalog = answer.column.key, dataset.catalog
    try:
        full = loaders.ranking(dataset, key, before, exclude_seen=not view.seen)
    except RecsysError:
        return None
    if lists.undecided(dataset, key, full, before):
        return None
    found = moves(full, answer.full, view.k)
    ups = {it.item: None if it.item in found.new else it.up for it in found.rows}
    return {
        "marks": {str(int(catalog.ids.ids[item])): up for item, up in ups.items() if up != 0},
        "gone": [{"title": catalog.titles[it.item], "rank": it.rank} for it in found.gone],
    }


def _before(dataset: Dataset, profile: Profile) -> Profile | None:
    """The profile that this one took the place of, in this session and data set."""
    name, shown = st.session_state.get(_SHOWN, ("", None))
    if name != dataset.name:
        st.session_state[_BEFORE] = None
    elif shown != profile:
        st.session_state[_BEFORE] = shown
    st.session_state[_SHOWN] = (dataset.name, profile)
    return st.session_state.get(_BEFORE)


def _rate(dataset: Dataset) -> None:
    """Callback: stars that were given in a list; a film that got them for the first time comes last."""
    reported = getattr(st.session_state.get("board"), "rate", None)
    if isinstance(reported, list):
        stars: Mapping[int, float] = dict(url.reported("films", reported, dataset))
        view = url.current()
        url.change(films=tuple({**dict(view.films), **stars}.items()), film=None if view.film in stars else view.film)


def number_of(view: View) -> int:
    """A number that changes with the profile, as a user's number does on the Compare page."""
    said = (*(new_user.text(each) for each in view.films), view.gender, view.age, view.occupation)
    return zlib.crc32("\n".join(said).encode())


def _heads(dataset: Dataset, given: Sequence[Answer]) -> dict[str, str]:
    """How each model answers a new user, in the words of its artifact."""
    return {
        a.column.key: loaders.manifest(dataset.name, a.column.key).new_user
        for a in given
        if a.full is not None or (a.problem is not None and a.problem.head == lists.UNDECIDED)
    }


def _feet(dataset: Dataset, given: Sequence[Answer], profile: Profile) -> dict[str, str]:
    """What each model makes of these very films."""
    history, counts = profile.history(), loaders.task(dataset).known.item_counts
    return {
        a.column.key: new_user_notes.note(
            lists.state_of(dataset, a.column.key), history, counts, dataset.catalog, dataset.viewers
        )
        for a in given
        if a.full is not None
    }
