"""The parts of the Compare page, from top to bottom."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from recsys.serving.lists import Agreement, agreement
from recsys.serving.scorers import Unit
from recsys.ui import controls, export, frame, lists, loaders, notices, people, picker, systems, url
from recsys.ui.compare import guess, notable, sums
from recsys.ui.components.board.board import Board
from recsys.ui.components.overlap import overlap
from recsys.ui.components.profile import profile
from recsys.ui.errors import calm
from recsys.ui.lists import Answer
from recsys.ui.people import People
from recsys.ui.text import UNIT_NOTES, listed, md
from recsys.ui.view import View, beside_of, bounded, user_of

_LEAVE, _TOUR = "recsys_be_the_user", "recsys_tour"
"""That the visitor asked for the page of their own films; a number, another one each time, to be shown around."""


@dataclass(frozen=True, eq=False)
class _Part:
    """What is shown of one user.

    Args:
        raw: their id.
        key: what the keys of their components end with: "" of the first, "_beside" of the second.
        links: where their films lead to.
        given: the lists on screen.
        measured: the same models' lists as under the protocol.
        relevant: what they went on to like.
    """

    user: int
    raw: int
    key: str
    links: dict[str, str]
    given: list[Answer]
    measured: list[Answer]
    agreed: Agreement
    relevant: np.ndarray


def header(dataset: Dataset, of: People, user: int, other: int | None) -> None:
    """What is asked on this page, and about whom; `other` is the user beside."""
    ids = dataset.viewers.ids.ids
    whom = f"user {int(ids[user])}" if other is None else f"users {int(ids[user])} and {int(ids[other])}"
    frame.title(f"What should {whom} watch next?", dataset.name)
    with picker.show(dataset, of, user):
        picker.beside(dataset, other)


@st.fragment
def show(dataset: Dataset, of: People, user: int, other: int | None) -> None:
    """Everything that depends on the controls; they rerun this part of the page only, and another user all of it."""
    with calm():
        view = bounded(url.current(), dataset)
        if st.session_state.pop(_LEAVE, False):
            st.switch_page("pages/your_films.py")
        now = user_of(view, dataset, of.example)
        if (now, beside_of(view, dataset, now)) != (user, other):
            st.rerun()
        here = systems.trained_here(dataset.name)
        shown = lists.shown_in(view, dataset, here)
        if loaders.nothing_trained(dataset.name) and not (here or shown):
            _who(dataset, of, user, view)
            notices.untrained(dataset)
            return
        with st.container(gap="xsmall"):
            why_scores = _introduction(len(shown), ticks=view.ticks)
            options = _actions(dataset, of, user, view)
            _who(dataset, of, user, view, is_alone=other is None)
            first = _part(dataset, shown, user, view)
            of_second = replace(view, beside_user=first.raw)  # seen from there, it is the first who is beside
            second = None if other is None else _part(dataset, shown, other, of_second, "_beside")
            why_scores.markdown(_why_scores(first.given))
            _board(dataset, first, second, view, tour=st.session_state.pop(_TOUR, 0))
            if other is not None and second is not None:
                _and_beside(first, second)
                _who(dataset, of, other, of_second, second.key, is_alone=False)
                _board(dataset, second, first, view)
        for part in (first, second):
            if part is not None and any(a.top is not None for a in part.given):
                if second is not None:
                    st.header(f"User {part.raw}: how far the lists agree", anchor=False)
                _overlap(dataset, part, view)
        if options is not None:
            with options:
                controls.films_per_list("k", dataset, view, width=210)
                controls.hide_seen("hide_seen", "Hide already seen", view)
                controls.covers("covers")
                for part in (first, second):
                    if part is not None:
                        st.caption("Save" if second is None else f"Save, of user {part.raw}")
                        with st.container(gap=None, width=310):
                            _files(dataset, part, view)


def _part(dataset: Dataset, shown: Sequence[str], user: int, view: View, key: str = "") -> _Part:
    raw = int(dataset.viewers.ids.ids[user])
    given = lists.answers(dataset, shown, user, view.k, exclude_seen=not view.seen)
    return _Part(
        user=user,
        raw=raw,
        key=key,
        links=lists.links_of(view, "user", raw),
        given=given,
        measured=lists.answers(dataset, shown, user, view.k, exclude_seen=True) if view.seen else given,
        agreed=agreement([a.top for a in given if a.top is not None]),
        relevant=loaders.relevant(dataset, user),
    )


def _who(dataset: Dataset, of: People, user: int, view: View, key: str = "", *, is_alone: bool = True) -> None:
    """Who the user is, on one line that opens the rest; with their number where there are two."""
    task, raw = loaders.task(dataset), int(dataset.viewers.ids.ids[user])
    links = lists.links_of(view, "user", raw)
    says = ["" if is_alone else f"User {raw}", *people.facts(user, dataset, of), people.mostly(user, task.known, of)]
    data = profile.payload(task, user, show_next=view.ticks, link=links["film"], says=says)
    profile.draw(key=f"profile{key}", data=data)


def _board(dataset: Dataset, part: _Part, other: _Part | None, view: View, *, tour: int = 0) -> None:
    """What is guessed of a user, and their lists."""
    guess.show(dataset, part.user, part.given, part.relevant, view)
    told = sums.of(dataset, part.given, len(part.relevant), view)
    beside = ((), "") if other is None else (other.given, f"user {other.raw}")
    Board(
        dataset,
        part.user,
        view,
        part.given,
        part.agreed,
        part.raw,
        view.ticks,
        part.links,
        sums=told,
        beside=beside,
        key=f"board{part.key}",
        tour=tour,
    ).draw()


def _and_beside(first: _Part, second: _Part) -> None:
    """Between two users: what their lists share, and the way back to one of them."""
    shared = {
        a.column.spoken: len(np.intersect1d(a.top.items, b.top.items))
        for a, b in zip(first.given, second.given, strict=True)
        if a.top is not None and b.top is not None
    }
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="beside"):
        each = listed([f"{md(name)} {n}" for name, n in shared.items()])
        st.markdown(
            f"A bar at the left marks films in both users' lists of a model: {each}." if shared else "", width="content"
        )
        st.button(
            f"Only user {first.raw}",
            icon=":material/close:",
            key="only_one",
            on_click=lambda: url.change(beside_user=None),
        )


def _overlap(dataset: Dataset, part: _Part, view: View) -> None:
    key = f"overlap{part.key}"
    overlap.draw(
        key=key,
        data=overlap.payload(
            dataset,
            part.given,
            part.agreed,
            part.relevant,
            k=view.k,
            film_id=view.film,
            agree=view.agree,
            ticks=view.ticks,
            link=part.links["film"],
            measured=part.measured if view.seen else None,
        ),
        on_film_change=url.on_report(key, "film", dataset),
        on_choices_change=url.on_choices(key, dataset),
    )


_IN_WORDS = {1: "One", 2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight", 9: "Nine"}


def _introduction(n_models: int, *, ticks: bool) -> DeltaGenerator:
    """What this is, and what a tick means; the place for why the scores of two lists cannot be compared."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall", key="intro"
    ):
        st.markdown(_what_this_is(n_models, ticks=ticks), width="content")
        if not ticks:
            guess.ways()
        return st.popover("Scores cannot be compared between models", type="tertiary", key="why_scores")


def _what_this_is(n_models: int, *, ticks: bool) -> str:
    who = f"{_IN_WORDS.get(n_models, str(n_models))} program{'' if n_models == 1 else 's'}"
    answer = "answers" if n_models == 1 else "answer"
    if not n_models:
        return "No program is chosen: choose one or more below."
    if not ticks:
        return f"{who} {answer}. What did they really go on to like?"
    return (
        f"{who} {answer}; a tick :green-badge[✓] marks what they really went on to like "
        f":gray[({HOLDOUT.relevance:g} stars or more, hidden from the programs)]."
    )


def _why_scores(given: Sequence[Answer]) -> str:
    """Which unit each list is scored in; a run scores as the model does that it is one of."""
    units: dict[Unit, dict[str, None]] = {}
    for answer in given:
        if answer.top is not None:
            units.setdefault(answer.top.unit, {})[answer.column.entry.label] = None
    lines = [f"- **{md(', '.join(labels))}**: {md(UNIT_NOTES[unit])}" for unit, labels in units.items()]
    says = "Each model scores films in a unit and on a scale of its own: only the order inside a list means anything."
    return "\n".join([says, "", *lines])


def _actions(dataset: Dataset, of: People, user: int, view: View) -> DeltaGenerator | None:
    """What there is to do, in one row; where to draw what is done rarely, None while that is closed."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="actions"):
        st.button(
            "Guess first" if view.ticks else "Show the ticks",
            icon=":material/visibility_off:" if view.ticks else ":material/visibility:",
            key="ticks",
            on_click=lambda: url.change(ticks=not view.ticks),
            help="Hide what they went on to like, and guess it." if view.ticks else "Show what they went on to like.",
        )
        picker.surprise_button(dataset, of, "Another user", key="surprise")
        with st.container(width="content"):
            notable.show(dataset, view)
        st.button(
            "Be the user",
            icon=":material/star:",
            key="be_the_user",
            on_click=_be_the_user,
            args=(dataset, user),
            help="Start from this user's newest films on Your films, and change what you like.",
        )
        st.button(
            "Show me around",
            icon=":material/explore:",
            key="tour",
            on_click=lambda: st.session_state.update({_TOUR: random.randrange(1, 10**9)}),
            disabled=not view.models,
        )
        # Closed, it draws nothing: a slider that the browser meets later than it was set would report its lowest value.
        options = st.popover("List options", icon=":material/tune:", key="options", on_change="rerun")
    return options if options.open else None


def _be_the_user(dataset: Dataset, user: int) -> None:
    """Callback: the new user is like this one, and Your films is where that is seen."""
    url.change(**picker.copied(dataset, user))
    st.session_state[_LEAVE] = True


def _files(dataset: Dataset, part: _Part, view: View) -> None:
    """What can be saved of a user; made only when somebody asks for it."""
    task = loaders.task(dataset)
    about = export.facts_of(dataset.name, [a.column.key for a in part.given], user=str(part.raw))

    def metrics_table() -> export.Rows:
        rows = overlap.metrics_table(part.measured, len(part.relevant), view.k)
        header = ["model", "run", *overlap.METRIC_LABELS]
        return header, [[*lists.named(a.column), *values.values()] for a, values in rows]

    tables: dict[str, Callable[[], export.Rows]] = {
        "history": lambda: lists.history_table(task, part.user, show_next=view.ticks),
    }
    n_lists = sum(a.top is not None for a in part.given)
    if n_lists:
        tables["lists"] = lambda: lists.lists_table(dataset, part.given, ticks=view.ticks)
        if view.ticks:
            tables["metrics"] = metrics_table
    for name, make in tables.items():
        title = f"{name.capitalize()} of user {part.raw}"
        export.save(f"{name}{part.key}", title, about, table=make, label=name.capitalize())
    if n_lists > 1:
        title = f"How far the lists of user {part.raw} agree"
        key = f"overlap{part.key}"
        export.save(key, title, about, is_chart=True, table=lambda: _agreement(part), label="Agreement")


def _agreement(part: _Part) -> export.Rows:
    """Every pair of lists once."""
    answered = [a for a in part.given if a.top is not None]
    pairs = combinations(enumerate(answered), 2)
    measures = (part.agreed.jaccard, part.agreed.rank_biased_overlap)
    return ["first", "second", "jaccard", "rank_biased_overlap"], [
        [a.column.label, b.column.label, *(float(each[i, j]) for each in measures)] for (i, a), (j, b) in pairs
    ]
