"""What is known of the films of a model: of a shipped one what is on record, of a run what the page can work out.

The page does so once per run and process, unless it would have to wait for too long; then it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, RecsysError
from recsys.explain import film_records
from recsys.explain.film_reach import Reach, reach, seconds_of_reach
from recsys.explain.film_records import FilmRecord, Places, places_of
from recsys.ui import loaders, systems
from recsys.ui.errors import for_visitors
from recsys.ui.lists import Problem
from recsys.ui.systems import Column
from recsys.ui.text import count, seconds

MOST_SECONDS = 5.0
"""So long a page waits for all users of a run, once. On two cores and MovieLens 100K every model is asked in half a
second but AutoInt+, which takes seven; on a million ratings factor models take three."""
MOST_RANKS = 50_000_000
"""Users times films: a rank each is kept while they are counted, two bytes or four."""
_HEAD = "Not worked out"
_Found = TypeVar("_Found")


@dataclass(frozen=True, eq=False)
class Known:
    """One model on this page: who gets the films and where they lie, or else why that is not known."""

    column: Column
    reach: Reach | Problem
    places: Places | Problem


def known(dataset: Dataset, models: Sequence[str]) -> list[Known]:
    """What is known for each model or run, in their order."""
    return [_known(dataset, systems.of(key)) for key in models]


def _known(dataset: Dataset, column: Column) -> Known:
    if column.is_run:
        return Known(column, _or_why_not(_reach, dataset, column.key), _or_why_not(_places, dataset, column.key))
    found = _record(dataset, column.key)
    return Known(column, found, found) if isinstance(found, Problem) else Known(column, found.reach, found.places)


def _or_why_not(ask: Callable[[Dataset, str, Path], _Found], dataset: Dataset, run: str) -> _Found | Problem:
    """What the page works out about a run; or why it cannot: it may be deleted, damaged, or of another data set."""
    try:
        return ask(dataset, run, loaders.folder_of(dataset.name, run))
    except RecsysError as error:
        return Problem(_HEAD, for_visitors(error.problem if isinstance(error, ArtifactError) else error))


@st.cache_resource(max_entries=24, show_spinner="Asking the model for all users …", hash_funcs=loaders.KEYS)
def _reach(dataset: Dataset, model: str, key: Path) -> Reach | Problem:
    scorer, known = loaders.artifact(dataset, model).scorer, loaders.task(dataset).known
    takes = seconds_of_reach(scorer, known)
    if takes <= MOST_SECONDS and known.n_users * known.n_items <= MOST_RANKS:
        return reach(scorer, known)
    which = f"about {seconds(takes)}" if takes > MOST_SECONDS else "too much memory"
    text = f"Asking it for all {count(known.n_users, 'user')} would take {which}, so the page leaves it out."
    return Problem("Too long for a page", text)


@st.cache_resource(max_entries=24, show_spinner=False, hash_funcs=loaders.KEYS)
def _places(dataset: Dataset, model: str, key: Path) -> Places:
    return places_of(loaders.artifact(dataset, model).scorer, dataset, loaders.task(dataset).known.item_counts)


def _record(dataset: Dataset, model: str) -> FilmRecord | Problem:
    command = film_records.command_for(dataset.name, model)
    try:
        manifest = loaders.manifest(dataset.name, model)
        folder = film_records.folder_of(dataset.name)
        record = _read(dataset.name, model, [folder / f"{model}.{end}" for end in ("json", "npz")])
    except ArtifactError as error:
        return Problem(_HEAD, for_visitors(error.problem), for_visitors(error.remedy.removeprefix("To fix it: ")))
    except RecsysError as error:
        return Problem(_HEAD, for_visitors(error))
    if record is None:
        return Problem(_HEAD, "Nothing has been worked out about the films of this model yet.", command)
    if record.is_of(manifest) and record.fingerprint == dataset.fingerprint:
        return record
    text = "What is on record is out of date: the model has been trained again since."
    return Problem("Out of date", text, command)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=loaders.KEYS)
def _read(dataset_name: str, model: str, key: list[Path]) -> FilmRecord | None:
    return film_records.read(dataset_name, model)


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
    return f"{said}: for ALS and the baselines a film is a single number, or random.{others}"
