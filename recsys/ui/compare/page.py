"""The parts of the Compare page, from top to bottom."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from recsys.serving.lists import agreement
from recsys.serving.scorers import Unit
from recsys.ui import controls, export, frame, lists, loaders, notices, people, picker, systems, url
from recsys.ui.compare import notable, sums
from recsys.ui.components.board.board import Board
from recsys.ui.components.overlap import overlap
from recsys.ui.components.profile import profile
from recsys.ui.errors import calm
from recsys.ui.lists import Answer
from recsys.ui.people import People
from recsys.ui.text import UNIT_NOTES, md
from recsys.ui.view import View, bounded, user_of

_LEAVE, _TOUR = "recsys_be_the_user", "recsys_tour"
"""That the visitor asked for the page of their own films; a number, another one each time, to be shown around."""


def header(dataset: Dataset, of: People, user: int) -> None:
    """What is asked on this page, and about whom."""
    frame.title(f"What should user {int(dataset.viewers.ids.ids[user])} watch next?", dataset.name)
    picker.show(dataset, of, user)


@st.fragment
def show(dataset: Dataset, of: People, user: int) -> None:
    """Everything that depends on the controls; they rerun this part of the page only, and another user all of it."""
    with calm():
        view, task = bounded(url.current(), dataset), loaders.task(dataset)
        if st.session_state.pop(_LEAVE, False):
            st.switch_page("pages/your_films.py")
        if user_of(view, dataset, of.example) != user:
            st.rerun()
        here = systems.trained_here(dataset.name)
        shown = lists.shown_in(view, dataset, here)
        user_id = int(dataset.viewers.ids.ids[user])
        links = lists.links_of(view, "user", user_id)
        says = [*people.facts(user, dataset, of), people.mostly(user, task.known, of)]
        profile_data = profile.payload(task, user, show_next=view.ticks, link=links["film"], says=says)
        if loaders.nothing_trained(dataset.name) and not (here or shown):
            profile.draw(key="profile", data=profile_data)
            notices.untrained(dataset)
            return
        with st.container(gap="xsmall"):
            why_scores = _introduction(len(shown), ticks=view.ticks)
            options = _actions(dataset, of, user, view)
            profile.draw(key="profile", data=profile_data)
            given = lists.answers(dataset, shown, user, view.k, exclude_seen=not view.seen)
            why_scores.markdown(_why_scores(given))
            agreed = agreement([a.top for a in given if a.top is not None])
            relevant = task.relevant_of(user)
            told, tour = sums.of(dataset, given, len(relevant), view), st.session_state.pop(_TOUR, 0)
            Board(dataset, user, view, given, agreed, user_id, view.ticks, links, sums=told, tour=tour).draw()
        measured = lists.answers(dataset, shown, user, view.k, exclude_seen=True) if view.seen else None
        if any(a.top is not None for a in given):
            overlap.draw(
                key="overlap",
                data=overlap.payload(
                    dataset,
                    given,
                    agreed,
                    relevant,
                    k=view.k,
                    film_id=view.film,
                    agree=view.agree,
                    ticks=view.ticks,
                    link=links["film"],
                    measured=measured,
                ),
                on_film_change=url.on_report("overlap", "film", dataset),
                on_choices_change=url.on_choices("overlap", dataset),
            )
        if options is not None:
            with options:
                controls.films_per_list("k", dataset, view, width=210)
                controls.hide_seen("hide_seen", "Hide already seen", view)
                _downloads(dataset, user, given, measured or given, view)


_IN_WORDS = {1: "One", 2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight", 9: "Nine"}


def _introduction(n_models: int, *, ticks: bool) -> DeltaGenerator:
    """What this is, and what a tick means; the place for why the scores of two lists cannot be compared."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall", key="intro"
    ):
        st.markdown(_what_this_is(n_models, ticks=ticks), width="content")
        return st.popover("Scores cannot be compared between models", type="tertiary", key="why_scores")


def _what_this_is(n_models: int, *, ticks: bool) -> str:
    who = f"{_IN_WORDS.get(n_models, str(n_models))} program{'' if n_models == 1 else 's'}"
    answer = "answers" if n_models == 1 else "answer"
    if not n_models:
        return "No program is chosen: choose one or more below."
    if not ticks:
        return f"{who} {answer}. Guess first: which of these did they really go on to like?"
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


def _downloads(dataset: Dataset, user: int, given: list[Answer], measured: list[Answer], view: View) -> None:
    """The tables of the page as files, made only when somebody asks for them; metrics are of the lists `measured`."""
    raw = int(dataset.viewers.ids.ids[user])
    task = loaders.task(dataset)
    relevant = task.relevant_of(user)

    def metrics_file() -> bytes:
        rows = overlap.metrics_table(measured, len(relevant), view.k)
        header = ["model", "run", *overlap.METRIC_LABELS]
        return export.to_csv(header, [[*lists.named(a.column), *values.values()] for a, values in rows])

    files: dict[str, Callable[[], bytes]] = {
        "history": lambda: export.to_csv(*lists.history_table(task, user, show_next=view.ticks)),
    }
    if any(a.top is not None for a in given):
        files["lists"] = lambda: export.to_csv(*lists.lists_table(dataset, given, ticks=view.ticks))
        if view.ticks:
            files["metrics"] = metrics_file
    st.caption("Download as CSV")
    with st.container(horizontal=True, gap="xsmall"):
        for name, make in files.items():
            export.button(name.capitalize(), make, f"{dataset.name}-user-{raw}-{name}.csv", key=f"csv_{name}")
