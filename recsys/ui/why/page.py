"""The Why page, in the order in which its parts stand on it."""

from __future__ import annotations

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.serving.lists import agreement
from recsys.serving.new_user import Profile
from recsys.ui import components, controls, lists, loaders, notices, picker, systems, url
from recsys.ui.errors import calm
from recsys.ui.people import People
from recsys.ui.why import cards, networks, subject


def show(dataset: Dataset, people: People) -> None:
    """Whose list and which film, and the models' reasons."""
    with calm():
        if loaders.nothing_trained(dataset.name) and not systems.trained_here(dataset.name):
            notices.untrained(dataset)
            return
        _reasons(dataset, people)


def at_side(dataset: Dataset, people: People) -> None:
    """Choosing a user, where the page is about one."""
    view = url.bounded(url.current(), dataset)
    if view.who != "new_user":
        user = people.example if view.user is None else dataset.viewers.ids.index(view.user)
        picker.show(dataset, people, user)


@st.fragment
def _reasons(dataset: Dataset, people: People) -> None:
    """All that depends on the controls; they rerun this part of the page only."""
    with calm():
        view = url.bounded(url.current(), dataset)
        who = url.who(view, dataset, people.example)
        subject.choose_who(dataset, people, view)
        if isinstance(who, Profile) and not who.films:
            subject.nothing_rated()
            return
        here = systems.trained_here(dataset.name)
        shown = lists.shown_in(view, dataset, here)
        given = lists.decided(dataset, lists.answers(dataset, shown, who, view.k, exclude_seen=True), who)
        votes = agreement([answer.top for answer in given if answer.top is not None]).votes
        item = subject.choose_film(dataset, who, view, votes)
        offered = systems.offered(here, shown, with_models=not loaders.nothing_trained(dataset.name))
        components.reasons(
            key="reasons",
            data=cards.payload(dataset, given, offered, who, item, view, len(votes.get(item, ()))),
            on_models_change=controls.on_report("reasons", "models", dataset),
        )
        asked = [answer.column for answer in given if answer.full is not None]
        networks.show_steps(dataset, asked, who, item)
        networks.show_attention(dataset, asked, who, item, view)
