"""The Film page, in the order in which its parts stand on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from recsys.serving.new_user import Profile
from recsys.ui import controls, export, frame, lists, loaders, notices, systems, url
from recsys.ui.components.cover import cover
from recsys.ui.components.film_map import film_map
from recsys.ui.components.film_near import film_near
from recsys.ui.components.film_reach import film_reach
from recsys.ui.errors import calm
from recsys.ui.film import ratings
from recsys.ui.film.known import Known, known, why_none, with_map
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
        reach, about_it = st.columns([7, 3], gap="medium")
        with reach:
            found = _header(dataset, item, facts)
        asked = None
        with reach, calm():
            asked = _who_gets_it(dataset, view, item, facts.n, who_of(view, dataset, example), example, found)
        with about_it:  # below, on a phone: drawn first, it would be pushed down
            _choose_film(dataset, item)
            about = export.facts(dataset.name, protocol=HOLDOUT.name)
            ratings.show_charts(facts, dataset.catalog.label(item), about)
        if asked is not None:
            _near(asked)
            _map(asked)


@dataclass(frozen=True, eq=False)
class Asked:
    """What the models were asked about one film.

    Args:
        n_ratings: known ratings of the film.
        who: the index of a user, or the new user.
        person: the same in words.
        found: what is known of the film from each model.
        answers: the models' lists for that person.
    """

    dataset: Dataset
    view: View
    item: int
    n_ratings: int
    who: int | Profile
    person: str
    found: list[Known]
    answers: list[lists.Answer]

    @property
    def about(self) -> dict[str, str]:
        """Where the models' numbers come from, for a file."""
        return export.facts_of(self.dataset.name, [one.column.key for one in self.found])

    @classmethod
    def of(
        cls, dataset: Dataset, view: View, item: int, n_ratings: int, models: tuple[str, ...], who: int | Profile
    ) -> Asked:
        k = min(K_DEFAULT, dataset.n_items)
        answers = lists.decided(dataset, lists.answers(dataset, models, who, k, exclude_seen=True), who)
        return cls(dataset, view, item, n_ratings, who, _name(dataset, who), known(dataset, models), answers)


def _header(dataset: Dataset, item: int, facts: ratings.Facts) -> DeltaGenerator:
    """The film's cover and figures; returns the place beside the cover for what the models make of it."""
    frame.title(md(dataset.catalog.label(item)), dataset.name)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        raw, film = int(dataset.catalog.ids.ids[item]), lists.film(dataset.catalog, item)
        cover.draw(key="film_cover", data={"id": raw, "film": film}, width=48, height=72)
        with st.container(gap="xsmall"):
            st.markdown(f":gray[{md(ratings.head(facts, dataset, item))}]")
            return st.container()


def _choose_film(dataset: Dataset, item: int) -> None:
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
    )


def _choices(dataset: Dataset, view: View, example: int, offered: list[Column], shown: tuple[str, ...]) -> None:
    """Which models are asked and, where there is a choice, for whom."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Who gets it", anchor=False, width="content")
        _choose_models(dataset, offered, shown)
        if view.films or view.who == "new_user":
            somebody = _name(dataset, who_of(replace(view, who="user"), dataset, example))
            names = {"user": somebody, "new_user": "You"}
            controls.segmented("For whom", "who", names, key="film_who", label_visibility="collapsed")


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


def _who_gets_it(
    dataset: Dataset, view: View, item: int, n_ratings: int, who: int | Profile, example: int, found: DeltaGenerator
) -> Asked | None:
    """The choices and the table below them; what the models were asked, None where there is none to ask."""
    here = systems.trained_here(dataset.name)
    nothing_shipped = loaders.nothing_trained(dataset.name)
    if nothing_shipped and not here:
        notices.untrained(dataset)
        return None
    models = lists.shown_in(view, dataset, here)
    _choices(dataset, view, example, systems.offered(here, models, with_models=not nothing_shipped), models)
    if not models:
        st.info("No model is chosen. Choose one or more above.", icon=":material/info:")
        return None
    asked = Asked.of(dataset, view, item, n_ratings, models, who)
    _reach(asked, found)
    return asked


def _reach(asked: Asked, found: DeltaGenerator) -> None:
    """Who gets the film from each model; what was found stands at its place, above."""
    dataset, view, item, who = asked.dataset, asked.view, asked.item, asked.who
    reached = [(answer, one.reach) for answer, one in zip(asked.answers, asked.found, strict=True)]
    if said := film_reach.sentence(reached, item):
        found.markdown(f"**{md(said)}**")
    user = view.user if isinstance(who, Profile) else int(dataset.viewers.ids.ids[who])
    why = replace(view, film=int(dataset.catalog.ids.ids[item]), user=user, topic="")
    data = film_reach.payload(dataset, item, reached, asked.person, asked.n_ratings, url.address("why", why))
    title = f"Who gets {dataset.catalog.label(item)}"
    with export.saved("film_reach", title, asked.about, is_chart=True, table=lambda: film_reach.table(data)):
        film_reach.draw(
            key="film_reach", data=data, on_user_change=url.on_report("film_reach", "user", dataset, who="user")
        )


def _near(asked: Asked) -> None:
    """Which films each model finds most alike."""
    st.header("Its nearest films", anchor=False)
    with calm():
        st.markdown(
            "The films that each model finds most alike, by its own numbers. Choose one to continue from there."
        )
        given = [(one.column, one.places) for one in asked.found]
        film_near.draw(
            key="film_near",
            data=film_near.payload(asked.dataset, asked.item, given, asked.n_ratings),
            on_film_change=url.on_report("film_near", "film", asked.dataset),
        )


def _map(asked: Asked) -> None:
    """Where each model puts the film among the others."""
    dataset, view = asked.dataset, asked.view
    st.header("The map of films", anchor=False)
    with calm():
        mapped = with_map(asked.found)
        if view.topic != (topic := film_map.in_address(view.topic, mapped)):
            url.change(topic=topic)  # no map of that name
        if not mapped:
            st.caption(why_none(asked.found))
            return
        chosen = film_map.choice(view.topic, mapped)
        top = next(answer.top for answer in asked.answers if answer.column.key == chosen.model)
        listed = [] if top is None else top.items.tolist()
        seen = loaders.history(dataset, asked.who).items.tolist()
        known_ratings = loaders.task(dataset).known
        title = f"The map of films by {systems.of(chosen.model).spoken}, around {dataset.catalog.label(asked.item)}"
        with export.saved("film_map", title, asked.about, is_chart=True):
            film_map.draw(
                key="film_map",
                data=film_map.payload(known_ratings, asked.item, mapped, chosen, seen, listed, asked.person, view),
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
