"""What is on screen, as data: read from parameters, bounded by a data set, turned into parameters again. Pure.

`recsys.ui.url` keeps it for a session, and is where pages take all of this from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT, NEXT, RATE
from recsys.explain.what_if import Question, span
from recsys.models.registry import ENTRIES
from recsys.serving import visitor
from recsys.training.jobs import runs

K_MIN, K_MAX, K_DEFAULT = 5, 50, 10
MODELS = tuple(entry.name for entry in ENTRIES)
MODELS_DEFAULT = tuple(entry.name for entry in ENTRIES if entry.is_main)
LAYOUTS = ("cards", "table")
TABS = ("standings", "protocols", "people", "cost", "popularity", "searches", "checks")
WHO = ("user", "visitor")
PEOPLE = ("alike", "random")
WHICH = ("them", "user", "most")
COUNTED = ("films", "ratings")
HIDES = (HOLDOUT.name, NEXT.name, RATE.name)
MAX_RUNS = 6
"""So many runs can stand beside the models; more are not looked at."""
MAX_DRAW = 999
"""So many times can other users be drawn before the first come again."""

_CHOICES = {
    **{"layout": LAYOUTS, "tab": TABS, "who": WHO},
    **{"people": PEOPLE, "which": WHICH, "counted": COUNTED, "hides": HIDES},
}
"""Fields that say one of a few words, the first of them where the URL says none."""
_ONLY_ON = {
    "leaderboard": ("tab", "more"),
    "train": ("job",),
    "why": ("beside",),
    "your_films": ("drop", "flip", "penalty", "genres", "years"),
    "data": ("pair", "people", "draw", "which", "counted", "hides"),
}
"""Fields that one page alone shows."""
PARAMETERS = (
    *("dataset", "user", "k", "models", "film", "beside", "seen", "ticks", "layout", "tab", "more", "job"),
    *("films", "gender", "age", "occupation", "who", "topic"),
    *_ONLY_ON["your_films"],
    *_ONLY_ON["data"],
)
_MAX_LENGTH = dict.fromkeys(PARAMETERS, 200) | {
    "models": len(",".join(MODELS)) + MAX_RUNS * (1 + runs.MAX_ID),
    "films": visitor.MAX_TEXT,
    "genres": 1000,
}
"""A longer value is nonsense, whatever it says."""
_TOPIC = re.compile(rf"[a-z0-9-]{{1,{40 + runs.MAX_ID}}}")  # it may name a run
_TENTHS = re.compile(r"0\.[1-9]|1")
_YEARS = re.compile(r"([0-9]{4}),([0-9]{4})")


@dataclass(frozen=True)
class View:
    """What is on screen.

    Args:
        dataset: a name of the library, None for the default.
        user: a raw id, None for the data set's first example.
        k: length of the lists.
        models: names in the registry's order, then ids of runs by their number; may be empty.
        film: raw id of the chosen film.
        seen: whether films that the user already knows may appear.
        ticks: whether to show what the user really went on to like.
        layout: "cards" or "table".
        tab: which part of the Leaderboard is open.
        more: whether the Leaderboard shows more than the six models and the floors.
        job: id of the run that the Train page has open. Whether there is such a run, the URL does not know.
        films: what a visitor has rated: raw film ids and stars, in the order in which they were watched.
        gender, age, occupation: what a visitor says of themselves, by the names of the data set; "" is nothing.
        who: whom the pages Why and Film are about: "user", or the "visitor" with these films.
        beside: raw id of a second film, to compare with `film`.
        topic: which part of How it works, Data or Film is open.
        drop, flip, penalty, genres, years: what is asked on Your films, as in a Question; films are raw ids.
        pair: the models or runs that the table on Data asks, at most two; those missing are its first choice.
        people: who stands in that table beside the user: those most "alike", or some at "random".
        draw: which draw at random, 0 to MAX_DRAW.
        which: its films: hidden from "them" all, hidden from the "user", or "most" rated.
        counted: what Data counts by genre and decade, "films" or "ratings".
        hides: the protocol of which Data shows what it hides.
    """

    dataset: str | None = None
    user: int | None = None
    k: int = K_DEFAULT
    models: tuple[str, ...] = MODELS_DEFAULT
    film: int | None = None
    seen: bool = False
    ticks: bool = True
    layout: str = LAYOUTS[0]
    tab: str = TABS[0]
    more: bool = False
    job: str | None = None
    films: visitor.Stars = ()
    gender: str = ""
    age: str = ""
    occupation: str = ""
    who: str = WHO[0]
    beside: int | None = None
    topic: str = ""
    drop: int | None = None
    flip: int | None = None
    penalty: float = 0.0
    genres: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    pair: tuple[str, ...] = ()
    people: str = PEOPLE[0]
    draw: int = 0
    which: str = WHICH[0]
    counted: str = COUNTED[0]
    hides: str = HIDES[0]


_DEFAULT: dict[str, Any] = {field.name: field.default for field in fields(View)}
OF_VISITOR: dict[str, Any] = {name: _DEFAULT[name] for name in ("films", "gender", "age", "occupation", "who")}
NO_QUESTION: dict[str, Any] = {name: _DEFAULT[name] for name in _ONLY_ON["your_films"]}
OF_ANOTHER_DATASET: dict[str, Any] = {**OF_VISITOR, **NO_QUESTION, **dict.fromkeys(("user", "film", "beside", "job"))}
"""What is left of a view when the data set changes: other users, films and runs."""


def parse(parameters: Mapping[str, str], datasets: list[str]) -> View:
    """A view from anything a browser may send; what makes no sense counts as absent."""
    given = {name: value for name in PARAMETERS if 0 < len(value := parameters.get(name, "")) <= _MAX_LENGTH[name]}
    k, draw = _integer(given.get("k")), _integer(given.get("draw"))
    named = given.get("models", "").split(",")
    models = (*(name for name in MODELS if name in named), *_runs(named))
    view = View(
        dataset=given["dataset"] if given.get("dataset") in datasets else None,
        user=_integer(given.get("user")),
        k=k if k is not None and K_MIN <= k <= K_MAX else K_DEFAULT,
        models=() if named == ["none"] else models or MODELS_DEFAULT,
        film=_integer(given.get("film")),
        seen=given.get("seen") == "1",
        ticks=given.get("ticks") != "0",
        more=given.get("more") == "1",
        job=given["job"] if runs.is_id(given.get("job", "")) else None,
        films=visitor.parse(given.get("films", "")),
        gender=given.get("gender", ""),
        age=given.get("age", ""),
        occupation=given.get("occupation", ""),
        beside=_integer(given.get("beside")),
        topic=given["topic"] if _TOPIC.fullmatch(given.get("topic", "")) else "",
        drop=_integer(given.get("drop")),
        flip=_integer(given.get("flip")),
        penalty=float(given["penalty"]) if _TENTHS.fullmatch(given.get("penalty", "")) else 0.0,
        genres=tuple(dict.fromkeys(given["genres"].split(","))) if "genres" in given else (),
        years=_years(given.get("years", "")),
        pair=_pair(given.get("pair", "")),
        draw=draw if draw is not None and draw <= MAX_DRAW else 0,
        **{name: given[name] if given.get(name) in words else words[0] for name, words in _CHOICES.items()},
    )
    is_foreign = "dataset" in given and view.dataset is None  # its ids are those of other films
    return replace(view, **OF_ANOTHER_DATASET) if is_foreign else view


def bounded(view: View, dataset: Dataset) -> View:
    """The view without a user or film that the data set does not have, and with a k that its catalogue allows."""
    catalog, viewers = dataset.catalog, dataset.viewers
    rated = visitor.of_dataset(view.films, dataset)
    asked_about = {film for film, _ in rated}
    drop = view.drop if view.drop in asked_about else None
    released = span(catalog)
    is_among = view.years and released and released[0] <= view.years[0] <= view.years[1] <= released[1]
    return replace(
        view,
        user=view.user if view.user is not None and view.user in viewers.ids else None,
        film=view.film if view.film is not None and view.film in catalog.ids else None,
        beside=view.beside if view.beside is not None and view.beside in catalog.ids else None,
        k=min(view.k, dataset.n_items),
        films=rated,
        gender=view.gender if view.gender in viewers.gender.names[1:] else "",
        age=view.age if view.age in viewers.age.names[1:] else "",
        occupation=view.occupation if view.occupation in viewers.occupation.names[1:] else "",
        drop=drop,
        flip=view.flip if drop is None and view.flip in asked_about else None,
        genres=tuple(name for name in view.genres if name in catalog.genre_names),
        years=view.years if is_among else None,
    )


def profile(view: View, dataset: Dataset) -> visitor.Profile:
    """What the visitor has rated and said, in the index space of the data set; `view` is bounded by it."""
    said = visitor.traits(dataset.viewers, view.gender, view.age, view.occupation)
    return visitor.Profile(tuple((dataset.catalog.ids.index(film), stars) for film, stars in view.films), said)


def question(view: View, dataset: Dataset) -> Question:
    """What is asked on Your films, in the index space of the data set; `view` is bounded by it."""
    drop, flip = (None if film is None else dataset.catalog.ids.index(film) for film in (view.drop, view.flip))
    return Question(drop, flip, view.penalty, view.genres, view.years)


def who(view: View, dataset: Dataset, example: int) -> int | visitor.Profile:
    """Whom the page is about: the index of a user, or the visitor.

    Args:
        view: bounded by the data set.
        example: who it is where the URL names nobody.
    """
    if view.who == "visitor":
        return profile(view, dataset)
    return example if view.user is None else dataset.viewers.ids.index(view.user)


def for_page(page: str, view: View) -> View:
    """The view without what only other pages show."""
    others = (name for other, names in _ONLY_ON.items() if other != page for name in names)
    return replace(view, **{name: _DEFAULT[name] for name in others})


def encode(view: View) -> dict[str, str]:
    """The shortest parameters that `parse` turns into the same view."""
    named = {name: getattr(view, name) for name in PARAMETERS}
    return {name: in_url(value) for name, value in named.items() if value != _DEFAULT[name]}


def in_url(value: object) -> str:
    """A field as it stands in the URL."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ",".join(visitor.text(each) if isinstance(each, tuple) else str(each) for each in value) or "none"
    return str(value)


def _runs(named: list[str]) -> list[str]:
    """The ids of runs among these, the first few of them, by their number."""
    found = list(dict.fromkeys(name for name in named if runs.is_id(name)))[:MAX_RUNS]
    return sorted(found, key=lambda each: (runs.number_and_model(each)[0], each))


def _pair(text: str) -> tuple[str, ...]:
    """The first two models or runs that are named, in this order."""
    return tuple(dict.fromkeys(name for name in text.split(",") if name in MODELS or runs.is_id(name)))[:2]


def _years(text: str) -> tuple[int, int] | None:
    found = _YEARS.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def _integer(text: str | None) -> int | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 12:
        return None
    return int(text)
