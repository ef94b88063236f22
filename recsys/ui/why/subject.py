"""Whom the Why page is about, and which film."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.serving.new_user import Profile
from recsys.ui import controls, loaders, people, url
from recsys.ui.people import People
from recsys.ui.text import count, md
from recsys.ui.view import View

MOST_OFFERED = 2000
"""A longer menu holds up the browser: beyond that, the films that most people rated."""
Votes = dict[int, tuple[str, ...]]


def choose_who(dataset: Dataset, of: People, view: View) -> None:
    """A user of the data set, or the new user's own films; who that is, in a line."""
    user = of.example if view.user is None else dataset.viewers.ids.index(view.user)
    number = int(dataset.viewers.ids.ids[user])
    names = {"user": f"User {number}", "new_user": f"Your films ({len(view.films)})" if view.films else "Your films"}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        controls.segmented("Whose list", "who", names, key="why_who", label_visibility="collapsed", width="content")
        if view.who == "new_user":
            if view.films:
                st.page_link("pages/your_films.py", label="Change your films", icon=":material/star:", width="content")
        else:
            known = loaders.task(dataset).known
            n_known = f"{count(int(known.user_counts[user]), 'film')} known to the models"
            words = [*people.demographics(user, dataset), n_known, people.mostly(user, known, of)]
            st.markdown(f":gray[{md(' · '.join(word for word in words if word))}]", width="content")


def nothing_rated() -> None:
    """What to do before there is anything to explain."""
    with st.container(border=True):
        st.markdown("You have not rated any film yet: models that read films would have nothing to name.")
        st.page_link("pages/your_films.py", label="Rate a few films", icon=":material/star:")


def choose_film(dataset: Dataset, who: int | Profile, view: View, votes: Votes) -> int:
    """The film that is explained: that of the address, or the one on which most lists agree.

    Args:
        votes: films of the lists on screen, those of most models first.
    """
    options = offered(dataset, loaders.history(dataset, who).items, votes)
    item = options[0] if view.film is None else dataset.catalog.ids.index(view.film)
    options = options if item in options else [item, *options]
    n_lists = {film: len(models) for film, models in votes.items()}
    _menu(
        "Film",
        "film",
        dataset,
        item,
        options,
        format_func=lambda each: named(dataset, each, n_lists.get(each, 0)),  # a menu takes no Markdown
        help="First the films on which the lists agree, then all others by name. Type to find one.",
    )
    return item


def choose_beside(dataset: Dataset, item: int, suggested: int, view: View) -> int:
    """A second film to compare the first with."""
    beside = suggested if view.beside is None else dataset.catalog.ids.index(view.beside)
    known = np.argsort(-loaders.task(dataset).known.item_counts, kind="stable")[:MOST_OFFERED].tolist()
    options = sorted({*known, beside, item} - {item}, key=dataset.catalog.label)
    if beside == item:
        beside = suggested
    _menu("Beside it", "beside", dataset, beside, options, format_func=dataset.catalog.label, width=420)
    return beside


def _menu(label: str, field: str, dataset: Dataset, item: int, options: list[int], **others: Any) -> None:
    """A menu of films, of which `item` is chosen, for a field of the view."""
    key = f"why_{field}"
    st.session_state[key] = item

    def callback() -> None:
        url.change(**{field: controls.chosen_film(key, dataset)})

    st.selectbox(label, options, key=key, on_change=callback, **others)


def offered(dataset: Dataset, seen: np.ndarray, votes: Votes) -> list[int]:
    """Film indices for the menu: those of the lists, then the others by name, those already seen among them.

    Without a list (no model could answer), the most rated film that is not seen comes first.
    """
    rated = np.argsort(-loaders.task(dataset).known.item_counts, kind="stable").tolist()
    known = set(seen.tolist())
    first = list(votes) or [next((film for film in rated if film not in known), rated[0])]
    rest = set(rated[:MOST_OFFERED]) - set(first)
    return [*first, *sorted(rest, key=dataset.catalog.label)]


def named(dataset: Dataset, item: int, n_lists: int) -> str:
    """A film in the menu, short enough to be seen whole: "Fargo (1996) · in 3 lists"."""
    label = dataset.catalog.label(item)
    return f"{label} · in {count(n_lists, 'list')}" if n_lists else label
