"""What is on screen, as data: read from parameters, bounded by a data set, turned into parameters again. Pure.

`recsys.ui.url` keeps it for a session and in the address.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from recsys.data.dataset import Dataset
from recsys.data.reading import MAX_ID
from recsys.evaluation.leaderboard import PAIRS
from recsys.evaluation.metrics import described
from recsys.evaluation.protocols import HOLDOUT, NEXT, PROTOCOLS, RATE
from recsys.explain.what_if import Question, span
from recsys.models.registry import ENTRIES
from recsys.serving import new_user
from recsys.training.jobs import runs

K_MIN, K_MAX, K_DEFAULT = 5, 50, 10
MODELS = tuple(entry.name for entry in ENTRIES)
MODELS_DEFAULT = tuple(entry.name for entry in ENTRIES if entry.is_main)
TABS = ("standings", "protocols", "people", "cost", "popularity", "searches", "checks")
PANELS = ("films", "what_if")
WHO = ("user", "new_user")
PEOPLE = ("alike", "random")
WHICH = ("them", "user", "most")
COUNTED = ("films", "ratings")
GUESSES = ("ticks", "pick", "model")
HIDES = (HOLDOUT.name, NEXT.name, RATE.name)
ORDERS = ("best", "worst", "registry")
MISTAKES = tuple(pair.naive for pair in PAIRS)
SLICINGS = ("activity", "age", "gender", "genre", "taste")
COSTS = ("train_seconds", "milliseconds", "n_bytes")
AXES = ("epoch", "seconds")
COVERS = ("room", "always", "never")
AGREEMENTS = ("jaccard", "rank_biased_overlap")
MARKS = ("seen", "listed")
FOLDS = ("pairs", "mistake", "new_users", "advanced", "grid")
MAX_RUNS = 6
"""So many runs can stand beside the models; more are not looked at."""
MAX_DRAW = 999
"""So many times can other users be drawn before the first come again."""

_LONGEST_ID = len(str(MAX_ID))
_TOPIC = re.compile(rf"[a-z0-9-]{{1,{40 + runs.MAX_ID}}}")  # it may name a run
_SEARCHES = {f"{protocol}-{model}" for protocol in PROTOCOLS for model in MODELS}
_METRIC = re.compile(r"[a-z_]+(@[0-9]{1,2})?")
_TENTHS = re.compile(r"0\.[1-9]|1")
_YEARS = re.compile(r"([0-9]{4}),([0-9]{4})")


@dataclass(frozen=True)
class Field:
    """How one field of a view stands in the URL, and what bounds it.

    Args:
        parse: a value from text, None where the text makes no sense. It is given no empty text.
        encode: the text that `parse` turns into this value.
        bound: (value, view, dataset) -> what is left of the value in that data set, None for nothing. The fields that
            stand before this one are bounded in `view`.
        max_length: a longer text is nonsense, whatever it says.
        page: the one page that shows it, "" where several do.
        about: "dataset" for what means nothing in another data set: a user, a film. Of these, "new_user" for who the
            new user is, and "question" for what is asked about their films.
    """

    default: Any
    parse: Callable[[str], Any]
    encode: Callable[[Any], str] = str
    bound: Callable[[Any, View, Dataset], Any] | None = None
    max_length: int = 200
    page: str = ""
    about: str = ""

    def read(self, text: str) -> Any:
        """The value of what a browser sent; the default where that makes no sense."""
        value = self.parse(text) if 0 < len(text) <= self.max_length else None
        return self.default if value is None else value


def _field(default: Any, parse: Callable[[str], Any], encode: Callable[[Any], str] = str, **rest: Any) -> Any:
    """A field of the dataclass together with its row of the table."""
    return field(default=default, metadata={"field": Field(default, parse, encode, **rest)})


def _flag(default: bool, **rest: Any) -> Any:
    return _field(default, {"0": False, "1": True}.get, lambda value: str(int(value)), **rest)


def _choice(words: tuple[str, ...], older: dict[str, str] | None = None, **rest: Any) -> Any:
    """One of a few words, the first of them where the URL says none; `older` addresses said the same in other words."""
    said = dict(zip(words, words, strict=True)) | (older or {})
    return _field(words[0], said.get, **rest)


def _whole(default: int | None = None, low: int = 0, high: float = math.inf, **rest: Any) -> Any:
    """A whole number from `low` to `high`, no longer than an id."""

    def parse(text: str) -> int | None:
        is_one = text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID and low <= int(text) <= high
        return int(text) if is_one else None

    return _field(default, parse, **rest)


def _several(
    parse: Callable[[str], Any],
    default: tuple[Any, ...] | None = (),
    encode_one: Callable[[Any], str] = str,
    **rest: Any,
) -> Any:
    """Several values with commas; "none" is what an empty list of models is called."""
    return _field(default, parse, lambda values: ",".join(map(encode_one, values)) or "none", **rest)


def _models(text: str) -> tuple[str, ...] | None:
    named = text.split(",")
    found = side_by_side([*(name for name in MODELS if name in named), *_runs(named)])
    return () if named == ["none"] else found or None


def _model(text: str) -> str | None:
    return text if text in MODELS else None


def side_by_side(keys: Sequence[str]) -> tuple[str, ...]:
    """Models in the order of the registry, and after each the runs of it, by their number: the new beside the old."""

    def place(key: str) -> tuple[int, int, str]:
        number, model = runs.number_and_model(key) if runs.is_id(key) else (0, key)
        return MODELS.index(model), number, key

    return tuple(sorted(keys, key=place))


def _runs(named: list[str]) -> list[str]:
    """The ids of runs among these, the first few of them."""
    return list(dict.fromkeys(name for name in named if runs.is_id(name)))[:MAX_RUNS]


def _pair(text: str) -> tuple[str, ...]:
    """The first two models or runs that are named, in this order."""
    return tuple(dict.fromkeys(name for name in text.split(",") if name in MODELS or runs.is_id(name)))[:2]


def _years(text: str) -> tuple[int, int] | None:
    found = _YEARS.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def _some_of(words: tuple[str, ...], default: tuple[str, ...] = (), **rest: Any) -> Any:
    """Some of a few words, in their order."""

    def parse(text: str) -> tuple[str, ...] | None:
        named = text.split(",")
        return () if named == ["none"] else tuple(word for word in words if word in named) or None

    return _several(parse, default, max_length=max(200, len(",".join(words))), **rest)


def _run_ids(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in text.split(",") if runs.is_id(name)))[:2]


def _another_user(other: int, view: View, dataset: Dataset) -> int | None:
    return other if other in dataset.viewers.ids and other != view.user else None


def _among_films(film: int, _view: View, dataset: Dataset) -> int | None:
    return film if film in dataset.catalog.ids else None


def _among_rated(film: int, view: View, _dataset: Dataset) -> int | None:
    return film if film in dict(view.films) else None


def _flipped(film: int, view: View, dataset: Dataset) -> int | None:
    return _among_rated(film, view, dataset) if view.drop is None else None  # the page asks about one film at a time


def _named_by(attribute: str) -> Callable[[str, View, Dataset], str | None]:
    """Keeps a name that the data set has for it, such as an occupation."""

    def bound(name: str, _view: View, dataset: Dataset) -> str | None:
        return name if name in getattr(dataset.viewers, attribute).names[1:] else None

    return bound


def _years_released(years: tuple[int, int], _view: View, dataset: Dataset) -> tuple[int, int] | None:
    released = span(dataset.catalog)
    return years if released and released[0] <= years[0] <= years[1] <= released[1] else None


@dataclass(frozen=True)
class View:
    """What is on screen; each field says how it stands in the URL, where they come in this order.

    Args:
        dataset: a name of the library, None for the default.
        user: a raw id, None for the data set's first example.
        k: length of the lists.
        models: names in the registry's order, then ids of runs by their number; may be empty.
        film: raw id of the chosen film.
        beside: raw id of a second film, to compare with `film`.
        seen: whether films that the user already knows may appear.
        ticks: whether to show what the user really went on to like.
        layout: "cards" or "table".
        tab: which part of the Leaderboard is open.
        more: whether the Leaderboard shows more than the six models and the baselines.
        job: id of the run that the Train page has open. Whether there is such a run, the URL does not know.
        films: what a new user has rated: raw film ids and stars, in the order in which they were watched.
        gender, age, occupation: what a new user says of themselves, by the names of the data set; "" is nothing.
        who: whom the pages Why and Film are about: "user", or the "new_user" with these films.
        topic: which part of How it works, Data or Film is open.
        panel: what Your films has beside the stars: the lists, or What if.
        drop, flip, penalty, genres, years: what is asked on Your films, as in a Question; films are raw ids.
        pair: the models or runs that the table on Data asks, at most two; those missing are its first choice.
        people: who stands in that table beside the user: those most "alike", or some at "random".
        draw: which draw at random, 0 to MAX_DRAW.
        which: its films: hidden from "them" all, hidden from the "user", or "most" rated.
        counted: what Data counts by genre and decade, "films" or "ratings".
        hides: the protocol of which Data shows what it hides.
        metric: the column of the Leaderboard's table that is drawn; "" is the first. It says which group is open.
        order: of that table: "best" first by that column, "worst" first, or as in the "registry".
        without: models that are left out of it.
        mistake: the naive protocol that the Leaderboard sets beside an honest one.
        groups: how it groups the users.
        across, up: the two models that it compares user by user; "" is its first choice.
        cost: what a model costs in its chart of costs.
        search: the search on record that it shows, as protocol and model; "" is the first.
        axis: what the learning curves are drawn over.
        lines: the model whose settings and results Train draws; "" is its first choice.
        picked: ids of the runs that Train sets side by side, at most two.
        beside_user: raw id of a second user, whose lists Compare shows under those of the first.
        guess: how Compare holds back what they went on to like while there are no ticks: nothing but the "ticks" is
            hidden, the visitor is to "pick" the films, or the "model" that found most.
        covers: when lists show covers beside the titles: where there is "room", "always" or "never".
        agree: how Compare measures that two lists are alike.
        head: of AutoInt+, the attention head that Why shows, from 0.
        by_field: whether Why shows which field looks at which.
        marks: which films the map on Film marks.
        only: the group of films that stands out on it, from 0; None is all of them.
        excerpt: of a model's code, the one that How it works shows, from 0.
        folds: what is unfolded, on any page.
        stage: whether the page is shown as on a stage: without its frame, in large type.
    """

    dataset: str | None = _field(None, str)
    user: int | None = _whole(
        bound=lambda user, _view, dataset: user if user in dataset.viewers.ids else None, about="dataset"
    )
    k: int = _whole(K_DEFAULT, K_MIN, K_MAX, bound=lambda k, _view, dataset: min(k, dataset.n_items))
    models: tuple[str, ...] = _several(
        _models, MODELS_DEFAULT, max_length=len(",".join(MODELS)) + MAX_RUNS * (1 + runs.MAX_ID)
    )
    film: int | None = _whole(bound=_among_films, about="dataset")
    beside: int | None = _whole(bound=_among_films, page="why", about="dataset")
    seen: bool = _flag(False)
    ticks: bool = _flag(True)
    layout: str = _choice(("cards", "table"))
    tab: str = _choice(TABS, page="leaderboard")
    more: bool = _flag(False, page="leaderboard")
    job: str | None = _field(None, lambda text: text if runs.is_id(text) else None, page="train", about="dataset")
    films: new_user.Stars = _several(  # noqa: RUF009  # made once, as all rows of the table are
        new_user.parse,
        encode_one=new_user.text,
        bound=lambda films, _view, dataset: new_user.of_dataset(films, dataset),
        max_length=new_user.MAX_TEXT,
        about="new_user",
    )
    gender: str = _field("", str, bound=_named_by("gender"), about="new_user")
    age: str = _field("", str, bound=_named_by("age"), about="new_user")
    occupation: str = _field("", str, bound=_named_by("occupation"), about="new_user")
    who: str = _choice(WHO, {"visitor": "new_user"}, about="new_user")
    topic: str = _field("", lambda text: text if _TOPIC.fullmatch(text) else None)
    panel: str = _choice(PANELS, page="your_films")
    drop: int | None = _whole(bound=_among_rated, page="your_films", about="question")
    flip: int | None = _whole(bound=_flipped, page="your_films", about="question")
    penalty: float = _field(
        0.0,
        lambda text: float(text) if _TENTHS.fullmatch(text) else None,
        lambda value: f"{value:g}",
        page="your_films",
        about="question",
    )
    genres: tuple[str, ...] = _several(
        lambda text: tuple(dict.fromkeys(text.split(","))),
        bound=lambda genres, _view, dataset: tuple(name for name in genres if name in dataset.catalog.genre_names),
        max_length=1000,
        page="your_films",
        about="question",
    )
    years: tuple[int, int] | None = _several(_years, None, bound=_years_released, page="your_films", about="question")
    pair: tuple[str, ...] = _several(_pair, page="data")
    people: str = _choice(PEOPLE, page="data")
    draw: int = _whole(0, high=MAX_DRAW, page="data")
    which: str = _choice(WHICH, page="data")
    counted: str = _choice(COUNTED, page="data")
    hides: str = _choice(HIDES, page="data")
    metric: str = _field(
        "",
        lambda text: text if text in COSTS or (_METRIC.fullmatch(text) and described(text)) else None,
        page="leaderboard",
    )
    order: str = _choice(ORDERS, page="leaderboard")
    without: tuple[str, ...] = _some_of(MODELS, page="leaderboard")
    mistake: str = _choice(MISTAKES, page="leaderboard")
    groups: str = _choice(SLICINGS, page="leaderboard")
    across: str = _field("", _model, page="leaderboard")
    up: str = _field("", _model, page="leaderboard")
    cost: str = _choice(COSTS, page="leaderboard")
    search: str = _field("", lambda text: text if text in _SEARCHES else None, page="leaderboard")
    axis: str = _choice(AXES, page="train")
    lines: str = _field("", _model, page="train")
    picked: tuple[str, ...] = _several(_run_ids, page="train", about="dataset")
    beside_user: int | None = _whole(bound=_another_user, about="dataset")
    guess: str = _choice(GUESSES)
    covers: str = _choice(COVERS)
    agree: str = _choice(AGREEMENTS)
    head: int = _whole(0, high=63, page="why")
    by_field: bool = _flag(False, page="why")
    marks: tuple[str, ...] = _some_of(MARKS, MARKS, page="film")
    only: int | None = _whole(high=63, page="film", about="dataset")
    excerpt: int = _whole(0, high=63, page="how_it_works")
    folds: tuple[str, ...] = _some_of(FOLDS)
    stage: bool = _flag(False)


FIELDS: dict[str, Field] = {each.name: each.metadata["field"] for each in fields(View)}
"""The table of fields: name of the field and of its parameter -> how it stands in the URL."""
PARAMETERS = tuple(FIELDS)
OF_NEW_USER: dict[str, Any] = {name: it.default for name, it in FIELDS.items() if it.about == "new_user"}
NO_QUESTION: dict[str, Any] = {name: it.default for name, it in FIELDS.items() if it.about == "question"}
OF_ANOTHER_DATASET: dict[str, Any] = {name: it.default for name, it in FIELDS.items() if it.about}
"""What is left of a view when the data set changes: other users, films and runs."""


def parse(parameters: Mapping[str, str], datasets: list[str]) -> View:
    """A view from anything a browser may send; what makes no sense counts as absent."""
    view = View(**{name: it.read(parameters.get(name, "")) for name, it in FIELDS.items()})
    if view.dataset is None or view.dataset in datasets:
        return view
    return replace(view, dataset=None, **OF_ANOTHER_DATASET)  # its ids are those of other films


def bounded(view: View, dataset: Dataset) -> View:
    """The view without a user or film that the data set does not have, and with a k that its catalogue allows."""
    for name, it in FIELDS.items():
        if it.bound is not None and (value := getattr(view, name)) is not None:
            left = it.bound(value, view, dataset)
            view = replace(view, **{name: it.default if left is None else left})
    return view


def profile_of(view: View, dataset: Dataset) -> new_user.Profile:
    """What the new user has rated and said, in the index space of the data set; `view` is bounded by it."""
    said = new_user.demographics(dataset.viewers, view.gender, view.age, view.occupation)
    return new_user.Profile(tuple((dataset.catalog.ids.index(film), stars) for film, stars in view.films), said)


def question_of(view: View, dataset: Dataset) -> Question:
    """What is asked on Your films, in the index space of the data set; `view` is bounded by it."""
    drop, flip = (None if film is None else dataset.catalog.ids.index(film) for film in (view.drop, view.flip))
    return Question(drop, flip, view.penalty, view.genres, view.years)


def who_of(view: View, dataset: Dataset, example: int) -> int | new_user.Profile:
    """Whom the page is about: the index of a user, or the new user.

    Args:
        view: bounded by the data set.
        example: who it is where the URL names nobody.
    """
    if view.who == "new_user":
        return profile_of(view, dataset)
    return user_of(view, dataset, example)


def user_of(view: View, dataset: Dataset, example: int) -> int:
    """The index of the chosen user; `example` where the URL names nobody."""
    return example if view.user is None else dataset.viewers.ids.index(view.user)


def beside_of(view: View, dataset: Dataset, user: int) -> int | None:
    """The index of the user beside `user`, None where there is none; `view` is bounded by the data set."""
    other = None if view.beside_user is None else dataset.viewers.ids.index(view.beside_user)
    return None if other == user else other


def for_page(page: str, view: View) -> View:
    """The view without what only other pages show."""
    return replace(view, **{name: it.default for name, it in FIELDS.items() if it.page not in ("", page)})


def encode(view: View) -> dict[str, str]:
    """The shortest parameters that `parse` turns into the same view."""
    return {name: in_url(view, name) for name, it in FIELDS.items() if getattr(view, name) != it.default}


def in_url(view: View, name: str) -> str:
    """A field of the view as it stands in the URL."""
    value = getattr(view, name)
    return "" if value is None else FIELDS[name].encode(value)
