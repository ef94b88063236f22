"""The Film page, in the order in which its parts stand on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.serving.new_user import Profile
from recsys.ui import controls, frame, lists, loaders, notices, systems, url
from recsys.ui.components.cover import cover
from recsys.ui.components.film_map import film_map
from recsys.ui.components.film_near import film_near
from recsys.ui.components.film_reach import film_reach
from recsys.ui.errors import calm
from recsys.ui.film import ratings
from recsys.ui.film.known import known, why_none, with_map
from recsys.ui.systems import Column
from recsys.ui.text import md
from recsys.ui.view import K_DEFAULT, View, bounded, who_of

MOST_LISTED = 5_000
"""So many films are offered by name, the most rated first; a longer menu takes seconds to send."""
_FILM, _MODELS = "film_choice", "film_models"


@st.fragment
def show(dataset: Dataset, example: int) -> None:
    """Everything: another film changes all of it, and nothing beside it.

    Args:
        example: the user where the URL names nobody.
    """
    with calm():
        view, task = bounded(url.current(), dataset), loaders.task(dataset)
        most_rated = int(task.known.item_counts.argmax())
        item = most_rated if view.film is None else dataset.catalog.ids.index(view.film)
        facts = ratings.Facts.of(task, item)
        _header(dataset, item, facts)
        ratings.show_charts(facts)
        here = systems.trained_here(dataset.name)
        nothing_shipped = loaders.nothing_trained(dataset.name)
        if nothing_shipped and not here:
            notices.untrained(dataset)
            return
        models = lists.shown_in(view, dataset, here)
        with st.container(horizontal=True, vertical_alignment="center"):
            _choose_models(dataset, systems.offered(here, models, with_models=not nothing_shipped), models)
            if view.films or view.who == "new_user":
                somebody = _name(dataset, who_of(replace(view, who="user"), dataset, example))
                names = {"user": somebody, "new_user": "You"}
                controls.segmented("For whom", "who", names, key="film_who", label_visibility="collapsed")
        if models:
            _of_models(dataset, view, item, facts.n, models, who_of(view, dataset, example))
        else:
            st.info("No model is chosen. Choose one or more above.", icon=":material/info:")


def _header(dataset: Dataset, item: int, facts: ratings.Facts) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        with st.container(horizontal=True):
            raw, it = int(dataset.catalog.ids.ids[item]), lists.film(dataset.catalog, item)
            cover.draw(key="film_cover", data={"id": raw, "film": it}, width=72, height=108)
            with st.container(gap=None):
                frame.title(md(dataset.catalog.label(item)), dataset.name)
                st.markdown(f":gray[{md(ratings.head(facts, dataset, item))}]")
        offered = ratings.by_ratings(loaders.task(dataset).known, item, MOST_LISTED)
        st.session_state[_FILM] = item
        more = f" The {MOST_LISTED:,} most rated films are listed." if len(offered) < dataset.n_items else ""
        st.selectbox(
            "Film",
            offered,
            format_func=ratings.labels(dataset.catalog).__getitem__,
            key=_FILM,
            on_change=lambda: url.change(film=controls.chosen_film(_FILM, dataset)),
            help=f"Type part of the title.{more}",
            width=380,
        )


def _choose_models(dataset: Dataset, offered: list[Column], shown: tuple[str, ...]) -> None:
    names = {key: md(name) for key, name in systems.told_apart(offered).items()}
    here = [column.key for column in offered if not column.is_gone]
    with st.popover(f"Models: {len([key for key in here if key in shown])} of {len(here)}", icon=":material/tune:"):
        st.session_state[_MODELS] = [key for key in names if key in shown]
        st.pills(
            "Models to ask",
            list(names),
            selection_mode="multi",
            format_func=names.__getitem__,
            key=_MODELS,
            on_change=lambda: url.change(models=url.reported("models", st.session_state[_MODELS], dataset)),
        )


def _of_models(
    dataset: Dataset, view: View, item: int, n_ratings: int, models: tuple[str, ...], who: int | Profile
) -> None:
    """Who gets the film from each of these models or runs, and where each puts it among the others."""
    found, person = known(dataset, models), _name(dataset, who)
    k = min(K_DEFAULT, dataset.n_items)
    answers = lists.decided(dataset, lists.answers(dataset, models, who, k, exclude_seen=True), who)
    st.subheader("Who gets it", anchor=False)
    with calm():
        reached = [(answer, one.reach) for answer, one in zip(answers, found, strict=True)]
        if said := film_reach.sentence(reached, item):
            st.markdown(md(said))
        user = view.user if isinstance(who, Profile) else int(dataset.viewers.ids.ids[who])
        asked = replace(view, film=int(dataset.catalog.ids.ids[item]), user=user, topic="")
        film_reach.draw(
            key="film_reach",
            data=film_reach.payload(dataset, item, reached, person, n_ratings, url.address("why", asked)),
            on_user_change=url.on_report("film_reach", "user", dataset, who="user"),
        )
    st.subheader("Its nearest films", anchor=False)
    with calm():
        st.markdown(
            "The films that each model finds most alike, by its own numbers. Choose one to continue from there."
        )
        film_near.draw(
            key="film_near",
            data=film_near.payload(dataset, item, [(one.column, one.places) for one in found], n_ratings),
            on_film_change=url.on_report("film_near", "film", dataset),
        )
    st.subheader("The map of films", anchor=False)
    with calm():
        mapped = with_map(found)
        if view.topic != (topic := film_map.in_address(view.topic, mapped)):
            url.change(topic=topic)  # no map of that name
        if not mapped:
            st.caption(why_none(found))
            return
        chosen = film_map.choice(view.topic, mapped)
        top = next(answer.top for answer in answers if answer.column.key == chosen.model)
        listed = [] if top is None else top.items.tolist()
        seen = loaders.history(dataset, who).items.tolist()
        film_map.draw(
            key="film_map",
            data=film_map.payload(loaders.task(dataset).known, item, mapped, chosen, seen, listed, person, view),
            on_film_change=url.on_report("film_map", "film", dataset),
            on_topic_change=_open_map(dataset),
            on_choices_change=url.on_choices("film_map", dataset),
        )


def _open_map(dataset: Dataset) -> Callable[[], None]:
    """A callback: another map. The group that stands out is one of a colouring, so another colouring has none."""
    open_it = url.on_report("film_map", "topic", dataset)

    def callback() -> None:
        before = url.current().topic
        open_it()
        if before.rpartition("-")[2] != url.current().topic.rpartition("-")[2]:
            url.change(only=None)

    return callback


def _name(dataset: Dataset, who: int | Profile) -> str:
    return "You" if isinstance(who, Profile) else f"User {int(dataset.viewers.ids.ids[who])}"
