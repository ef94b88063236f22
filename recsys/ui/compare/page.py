"""The parts of the Compare page, from top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from recsys.serving.lists import agreement
from recsys.ui import controls, export, lists, loaders, notices, people, picker, systems, url
from recsys.ui.components.board.board import Board
from recsys.ui.components.overlap import overlap
from recsys.ui.components.profile import profile
from recsys.ui.errors import calm
from recsys.ui.lists import Answer
from recsys.ui.people import People
from recsys.ui.text import md
from recsys.ui.view import OF_NEW_USER, View, bounded


def header(dataset: Dataset, of: People, user: int) -> None:
    """Who the user is, and how to choose another one and share this view."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="content", gap=None):
            notices.title(f"User {int(dataset.viewers.ids.ids[user])}", dataset.name)
            words = [*people.facts(user, dataset, of), people.mostly(user, loaders.task(dataset).known, of)]
            st.markdown(f":gray[{md(' · '.join(word for word in words if word))}]")
        with st.container(horizontal=True, width="content", vertical_alignment="bottom"):
            picker.number(dataset, user)
            picker.surprise_button(dataset, of, key="surprise")
            with st.container(width="content"):
                _share(dataset, user)
    picker.unknown()


@st.fragment
def _share(dataset: Dataset, user: int) -> None:
    """Draws itself alone, as the controls below change what it says without drawing this."""

    def link() -> str:
        view = url.current()
        shown = lists.shown_in(view, dataset, systems.trained_here(dataset.name))
        user_id = int(dataset.viewers.ids.ids[user])
        named = replace(view, dataset=dataset.name, user=user_id, models=shown, **OF_NEW_USER)
        return url.link("", named, always=("k", "models"))

    controls.share("share", "This link opens exactly this view.", link)


@st.fragment
def show(dataset: Dataset, user: int) -> None:
    """Everything that depends on the controls; they rerun this part of the page only."""
    with calm():
        view, task = bounded(url.current(), dataset), loaders.task(dataset)
        here = systems.trained_here(dataset.name)
        shown = lists.shown_in(view, dataset, here)
        user_id = int(dataset.viewers.ids.ids[user])
        links = lists.links_of(view, "user", user_id)
        profile_data = profile.payload(task, user, show_next=view.ticks, link=links["film"])
        if loaders.nothing_trained(dataset.name) and not (here or shown):
            profile.draw(key="profile", data=profile_data)
            notices.untrained(dataset)
            return
        # The lists are sent first, so that the browser has them while it still fetches what the controls need.
        above, beside, who, below = (st.container() for _ in range(4))
        given = lists.answers(dataset, shown, user, view.k, exclude_seen=not view.seen)
        measured = lists.answers(dataset, shown, user, view.k, exclude_seen=True) if view.seen else None
        agreed = agreement([a.top for a in given if a.top is not None])
        with beside:
            Board(dataset, user, view, given, agreed, user_id, view.ticks, links).draw()
        with who:
            profile.draw(key="profile", data=profile_data)
        with above:
            if shown:
                st.markdown(_what_this_is(len(shown), view, user_id))
            _controls(dataset, view)
        with below:
            if any(a.top is not None for a in given):
                overlap.draw(
                    key="overlap",
                    data=overlap.payload(
                        dataset,
                        given,
                        agreed,
                        task.relevant_of(user),
                        k=view.k,
                        film_id=view.film,
                        ticks=view.ticks,
                        link=links["film"],
                        measured=measured,
                    ),
                    on_film_change=url.on_report("overlap", "film", dataset),
                )
            _downloads(dataset, user, given, measured or given, view)


_IN_WORDS = {2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight", 9: "Nine"}


def _what_this_is(n_models: int, view: View, user_id: int) -> str:
    """The sentence above the lists: whose they are, and what a tick means."""
    who = f"user {user_id}" + ("" if view.seen else ", who has not seen them")
    if n_models == 1:
        says = f"One recommender suggests {view.k} films to {who}."
    else:
        says = f"{_IN_WORDS.get(n_models, str(n_models))} recommenders each suggest {view.k} films to {who}."
    if not view.ticks:
        return f"{says} Guess first: which of these did they go on to like?"
    return f"{says} A tick ✓ marks a film that they watched later and gave {HOLDOUT.relevance:g} stars or more."


def _controls(dataset: Dataset, view: View) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        controls.films_per_list("k", dataset, view, width=210)
        controls.hide_seen("hide_seen", "Hide already seen", view)
        st.session_state["ticks"] = view.ticks
        st.toggle(
            "Show what came next",
            key="ticks",
            on_change=controls.set_field,
            args=("ticks", "ticks"),
            help="Turn it off to guess first: which of these films did the user really go on to like?",
        )


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
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Download as CSV", width="content")
        for name, make in files.items():
            export.button(name.capitalize(), make, f"{dataset.name}-user-{raw}-{name}.csv", key=f"csv_{name}")
