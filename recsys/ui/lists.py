"""The models' lists for one user or new user, and how components are given films and models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from recsys.data.catalog import UNKNOWN_YEAR, Catalog
from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, RecsysError
from recsys.evaluation.protocols import Task
from recsys.explain import new_user_notes
from recsys.serving import artifacts
from recsys.serving.lists import ModelList
from recsys.serving.new_user import Profile
from recsys.serving.scorers import ScorerState
from recsys.training.jobs import runs
from recsys.ui import loaders, systems, url
from recsys.ui.errors import for_visitors
from recsys.ui.systems import Column
from recsys.ui.text import date
from recsys.ui.view import MAX_RUNS, View

UNDECIDED = "Nothing to go on yet"


class Film(TypedDict):
    """A film for a component, as plain text."""

    title: str
    year: int | None
    genres: str


class Badge(TypedDict):
    """A model's mark and name for a component. `color` is a place in the theme's chartCategoricalColors."""

    label: str
    color: int
    family: str
    note: str
    is_gone: bool


@dataclass(frozen=True)
class Problem:
    """Why there is no list.

    Args:
        head: in a few words.
        text: in a sentence.
        command: what fixes it on the command line.
        link: where the Train page has more to say.
    """

    head: str
    text: str
    command: str | None = None
    link: str | None = None


NO_LIST = Problem("This model cannot answer", "It gave no list.")


@dataclass(frozen=True, eq=False)
class Answer:
    """The answer of one model.

    Args:
        column: the model.
        looks_at: the manifest's line, "" without a manifest.
        full: all films in its order, or None.
        top: the first k of them, or None.
        problem: why there is no list.
    """

    column: Column
    looks_at: str
    full: ModelList | None = None
    top: ModelList | None = None
    problem: Problem | None = None


def answers(dataset: Dataset, models: Sequence[str], who: int | Profile, k: int, *, exclude_seen: bool) -> list[Answer]:
    """Ask every model and run; one that cannot answer says why and leaves the others alone."""
    return [_answer(dataset, systems.of(key), who, k, exclude_seen) for key in models]


def _answer(dataset: Dataset, column: Column, who: int | Profile, k: int, exclude_seen: bool) -> Answer:
    looks_at = ""
    try:
        looks_at = loaders.manifest(dataset.name, column.key).looks_at
        full = loaders.ranking(dataset, column.key, who, exclude_seen=exclude_seen)
        return Answer(column, looks_at, full, full.first(k))
    except RecsysError as error:
        return Answer(column, looks_at, problem=_problem(column, error, dataset.name))


def _problem(column: Column, error: RecsysError, dataset_name: str) -> Problem:
    why = for_visitors(error.problem if isinstance(error, ArtifactError) else error)
    if not column.is_run:
        command = artifacts.command_for(dataset_name, column.key) if isinstance(error, ArtifactError) else None
        return Problem("This model cannot answer", why, command)
    if column.is_gone:
        return Problem("This run is not here", why)
    link = url.address("train", View(dataset=column.dataset, job=column.key))
    return Problem("This run has no list here", why, link=link)


def film(catalog: Catalog, item: int) -> Film:
    """A film for a component: title, year and genres as plain text."""
    year = int(catalog.years[item])
    return {
        "title": catalog.titles[item],
        "year": year if year != UNKNOWN_YEAR else None,
        "genres": " · ".join(catalog.genres_of(item)),
    }


def badge(column: Column) -> Badge:
    """A model's mark and name for a component; a run has its family beside its name."""
    return {
        "label": column.label,
        "color": column.color,
        "family": column.family,
        "note": column.note,
        "is_gone": column.is_gone,
    }


def links_of(view: View, who: str, user_id: int | None) -> dict[str, str]:
    """Where the pages Why and Film show a film for this user or new user, and How it works a model's card.

    FILM stands for a film's raw id, MODEL for a name of the registry.
    """
    seen_by = replace(view, film=None, who=who, user=view.user if user_id is None else user_id)
    addresses = {page: url.address(page, seen_by) for page in ("why", "film")}
    links = {page: f"{to}{'' if to.endswith('?') else '&'}film=FILM" for page, to in addresses.items()}
    return {**links, "model": url.address("how_it_works", replace(seen_by, topic="MODEL"))}


def film_cells(catalog: Catalog, item: int) -> list[object]:
    """A film in a CSV file: raw id, title, year and genres."""
    it = film(catalog, item)
    return [int(catalog.ids.ids[item]), it["title"], it["year"], "|".join(catalog.genres_of(item))]


def lists_table(dataset: Dataset, given: Sequence[Answer], *, ticks: bool) -> tuple[list[str], list[list[object]]]:
    """The lists for a CSV file: header and rows."""
    header = ["model", "run", "rank", "film_id", "title", "year", "genres", "score", "unit"]
    rows: list[list[object]] = []
    for answer in given:
        if answer.top is None:
            continue
        shown = answer.top.shown_scores(dataset.scale)
        for place, item in enumerate(answer.top.items.tolist()):
            row = [*named(answer.column), place + 1, *film_cells(dataset.catalog, item)]
            row += [float(shown[place]), answer.top.unit.value]
            rows.append(row + ([bool(answer.top.is_hit[place])] if ticks else []))
    return header + (["liked_later"] if ticks else []), rows


def history_table(task: Task, user: int, *, show_next: bool) -> tuple[list[str], list[list[object]]]:
    """A user's whole history for a CSV file, newest first: header and rows."""
    header = ["film_id", "title", "year", "genres", "stars", "date", "part"]
    rows: list[list[object]] = []
    parts = [("seen before", task.known)] + ([("what came next", task.held_out)] if show_next else [])
    for name, of in reversed(parts):
        history = of.history(user)
        for place in reversed(range(len(history))):
            cells = film_cells(of.catalog, int(history.items[place]))
            rows.append([*cells, float(history.ratings[place]), date(int(history.timestamps[place])), name])
    return header, rows


def named(column: Column) -> list[str]:
    """A model in a file: its label, and the id of a run, as two runs may have the same label."""
    return [column.label, column.key if column.is_run else ""]


def decided(dataset: Dataset, given: Sequence[Answer], who: int | Profile) -> list[Answer]:
    """The same answers, but none where all films have one score, as that order would be the catalogue's."""
    found = []
    for answer in given:
        why = undecided(dataset, answer.column.key, answer.full, who) if answer.full is not None else ""
        found.append(replace(answer, full=None, top=None, problem=Problem(UNDECIDED, why)) if why else answer)
    return found


def undecided(dataset: Dataset, model: str, full: ModelList, who: int | Profile) -> str:
    """Why a model's ranking says nothing about this user or new user; "" where it does."""
    if not new_user_notes.is_undecided(full):
        return ""
    if not isinstance(who, Profile):
        return "To it all films look alike for this user: nothing that it uses says what they like."
    return new_user_notes.nothing_to_go_on(state_of(dataset, model), who.history())


def state_of(dataset: Dataset, model: str) -> ScorerState:
    """What a model consists of. Raises ArtifactError, UsageError as `loaders.artifact` does."""
    return loaders.artifact(dataset, model).scorer.state()


def shown_in(view: View, dataset: Dataset, here: list[Column]) -> tuple[str, ...]:
    """The columns on screen: those of the view. Where no model is shipped, the runs among them, or else the newest."""
    if not view.models or not loaders.nothing_trained(dataset.name):
        return view.models
    named = tuple(key for key in view.models if runs.is_id(key))
    return named or tuple(column.key for column in reversed(here[:MAX_RUNS]))
