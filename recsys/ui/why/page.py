"""The Why page, in the order in which its parts stand on it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.serving.lists import agreement
from recsys.serving.new_user import Profile
from recsys.ui import export, lists, loaders, notices, picker, systems, url
from recsys.ui.components.attention import attention
from recsys.ui.components.reasons import reasons
from recsys.ui.components.steps import steps
from recsys.ui.errors import calm
from recsys.ui.people import People
from recsys.ui.systems import Column
from recsys.ui.view import View, bounded, who_of
from recsys.ui.why import cards, explanations, subject


def show(dataset: Dataset, people: People) -> None:
    """Whose list and which film, and the models' reasons."""
    with calm():
        if loaders.nothing_trained(dataset.name) and not systems.trained_here(dataset.name):
            notices.untrained(dataset)
            return
        _reasons(dataset, people)


def in_head(dataset: Dataset, people: People) -> None:
    """Choosing a user, where the page is about one."""
    who = who_of(bounded(url.current(), dataset), dataset, people.example)
    if not isinstance(who, Profile):
        picker.show(dataset, people, who)


@st.fragment
def _reasons(dataset: Dataset, people: People) -> None:
    """All that depends on the controls; they rerun this part of the page only."""
    with calm():
        view = bounded(url.current(), dataset)
        who = who_of(view, dataset, people.example)
        whose, which = st.columns([5, 2], gap="medium", vertical_alignment="bottom")
        with whose:
            subject.choose_who(dataset, people, view)
        if isinstance(who, Profile) and not who.films:
            subject.nothing_rated()
            return
        here = systems.trained_here(dataset.name)
        shown = lists.shown_in(view, dataset, here)
        given = lists.decided(dataset, lists.answers(dataset, shown, who, view.k, exclude_seen=True), who)
        votes = agreement([answer.top for answer in given if answer.top is not None]).votes
        with which:
            item = subject.choose_film(dataset, who, view, votes)
        offered = systems.offered(here, shown, with_models=not loaders.nothing_trained(dataset.name))
        data = cards.payload(dataset, given, offered, who, item, view, len(votes.get(item, ())))
        about = _about(dataset, shown, who)
        title = f"Why {dataset.catalog.label(item)}"
        with export.saved("reasons", title, about, is_chart=True, table=lambda: reasons.table(data)):
            reasons.draw(key="reasons", data=data, on_models_change=url.on_report("reasons", "models", dataset))
        asked = [answer.column for answer in given if answer.full is not None]
        _show_steps(dataset, asked, who, item)
        _show_attention(dataset, asked, who, item, view)


def _show_steps(dataset: Dataset, asked: Sequence[Column], who: int | Profile, item: int) -> None:
    """How the film moved in the list of the first GRU on screen; nothing without one."""
    column = _first(asked, "gru")
    if column is None:
        return
    with calm():
        read = explanations.read_steps(dataset, column.key, who, item)
        if len(read.items):
            data, about = steps.payload(dataset, read, item, column), _about(dataset, [column.key], who)
            with export.saved("steps", data["title"], about, is_chart=True, table=lambda: steps.table(data)):
                steps.draw(key="steps", data=data)


def _show_attention(dataset: Dataset, asked: Sequence[Column], who: int | Profile, item: int, view: View) -> None:
    """What the first AutoInt+ on screen looked at, for this film and another; nothing without one."""
    column = _first(asked, "autoint")
    if column is None:
        return
    with calm():
        st.header(f"What {column.label} looked at", anchor=False)
        st.caption("What it looked at, not proof of cause: beside it stands what the chance loses without each field.")
        best = loaders.ranking(dataset, column.key, who, exclude_seen=True).items[:2].tolist()
        suggested = next((film for film in [*best, 0, 1] if film != item), item)
        beside = subject.choose_beside(dataset, item, suggested, view)
        films = [(film, explanations.read_attention(dataset, column.key, who, film)) for film in (item, beside)]
        data = attention.payload(dataset, films, column, view)
        title, about = f"What {column.label} looked at", _about(dataset, [column.key], who)
        with export.saved("attention", title, about, is_chart=True, table=lambda: attention.table(data)):
            attention.draw(key="attention", data=data, on_choices_change=url.on_choices("attention", dataset))


def _about(dataset: Dataset, models: Sequence[str], who: int | Profile) -> dict[str, str]:
    """Where the numbers of these models come from, and of whom they are, for a file."""
    user = "new" if isinstance(who, Profile) else str(int(dataset.viewers.ids.ids[who]))
    return export.facts_of(dataset.name, models, user=user)


def _first(asked: Sequence[Column], model: str) -> Column | None:
    return next((column for column in asked if column.entry.name == model), None)
