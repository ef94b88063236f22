"""Which map of films is open, as it stands in the URL (`View.topic`), and what to say where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from recsys.explain.film_records import Places
from recsys.ui.components.film_map.film_map import COLOURS, Choice, kinds
from recsys.ui.film.known import Known
from recsys.ui.lists import Problem
from recsys.ui.systems import Column


def with_map(given: Sequence[Known]) -> list[tuple[Column, Places]]:
    """The models that have a map at all, and where it puts the films."""
    with_places = [(one.column, one.places) for one in given if not isinstance(one.places, Problem)]
    return [(column, places) for column, places in with_places if len(places.layout.placed)]


def why_none(given: Sequence[Known]) -> str:
    """What to say where none of these models has a map."""
    said, problems = "None of the chosen models has a map", [isinstance(one.places, Problem) for one in given]
    if all(problems):
        return f"{said}, for the reasons given above."
    others = " The reasons of the others are given above." if any(problems) else ""
    return f"{said}: to ALS and the baselines a film is a single number, or chance.{others}"


def choice(topic: str, mapped: Sequence[tuple[Column, Places]]) -> Choice:
    """What the URL asks for, as far as there is such a map; otherwise the first of these models, at least one."""
    model, _, colour = topic.rpartition("-")
    model, _, kind = model.rpartition("-")
    column, places = next((each for each in mapped if each[0].key == model), mapped[0])
    there = kinds(places)
    return Choice(
        column.key,
        kind if kind in there else next(iter(there)),
        colour if colour in COLOURS else next(iter(COLOURS)),
    )


def in_address(topic: str, mapped: Sequence[tuple[Column, Places]]) -> str:
    """What should stand in the URL where it says `topic`: the map that is drawn, "" for the one drawn without it."""
    if not topic or not mapped:
        return ""
    found = choice(topic, mapped)
    return topic if found.topic == topic else "" if found == choice("", mapped) else found.topic
