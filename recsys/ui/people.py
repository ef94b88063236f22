"""Who the users are: in words, as a filter, and the one shown first. Pure; ages are known as bands only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recsys.data.catalog import UNKNOWN_YEAR, Catalog, read_only
from recsys.data.dataset import Dataset, History
from recsys.evaluation.protocols import HOLDOUT, Task
from recsys.ui.text import count

ACTIVITY = ("light", "medium", "heavy")
"""Thirds of the users by number of films."""
Filter = Mapping[str, Sequence[str]]
"""Which users to offer: "age", "gender", "occupation", "genre" and "activity"; what is empty allows everything."""


@dataclass(frozen=True, eq=False)
class People:
    """What can be said of each user.

    Args:
        n_films: (U,) all ratings, known and held out.
        favourite: (U,) index of the genre that stands out most among the liked films; -1 without any.
        activity: (U,) position in ACTIVITY.
        bounds: the number of films from which a user is "medium", and from which "heavy".
        example: the user shown first.
    """

    n_films: np.ndarray
    favourite: np.ndarray
    activity: np.ndarray
    bounds: tuple[int, int]
    example: int

    @classmethod
    def of(cls, task: Task) -> People:
        n_films = task.known.user_counts + task.held_out.user_counts
        low, high = (int(bound) for bound in np.quantile(n_films, [1 / 3, 2 / 3]))
        return cls(
            n_films=read_only(n_films),
            favourite=read_only(_favourite_genres(task.known)),
            activity=read_only(np.searchsorted([low, high], n_films, side="left").astype(np.int8)),
            bounds=(low + 1, high + 1),
            example=_example(task),
        )


def matching(wanted: Filter, dataset: Dataset, people: People) -> np.ndarray:
    """Indices of the users whom a filter allows."""
    allowed = np.ones(dataset.n_users, dtype=bool)
    viewers = dataset.viewers
    known = {
        "age": (viewers.age.names, viewers.age.codes),
        "gender": (viewers.gender.names, viewers.gender.codes),
        "occupation": (viewers.occupation.names, viewers.occupation.codes),
        "genre": (dataset.catalog.genre_names, people.favourite),
        "activity": (ACTIVITY, people.activity),
    }
    for kind, chosen in wanted.items():
        names, codes = known[kind]
        if chosen:
            allowed &= np.isin(codes, [names.index(name) for name in chosen])
    return np.flatnonzero(allowed)


def facts(user: int, dataset: Dataset, people: People) -> list[str]:
    """A user in a few words: age band, gender, occupation, number of films."""
    return [*demographics(user, dataset), count(int(people.n_films[user]), "film")]


def demographics(user: int, dataset: Dataset) -> list[str]:
    """Age band, gender and occupation, those that the data set knows."""
    viewers = dataset.viewers
    known = [a.name(user) for a in (viewers.age, viewers.gender, viewers.occupation) if a.codes[user] != 0]
    return [word for word in known if word != "none"]


def mostly(user: int, known: Dataset, people: People) -> str:
    """The genres that a user sees most, and the one that they like more than others do."""
    history, names = known.history(user), known.catalog.genre_names
    counts = known.catalog.genres[history.items].sum(axis=0)
    top = [names[g] for g in np.argsort(-counts, kind="stable")[:2] if counts[g]]
    if not top:
        return ""
    words = f"mostly {' and '.join(top)}"
    favourite = int(people.favourite[user])
    return words if favourite < 0 or names[favourite] in top else f"{words}, with a liking for {names[favourite]}"


def summary(user: int, dataset: Dataset, people: People) -> str:
    """A user on one line of a list: "405 · 18-24 · female · healthcare · 737 films"."""
    return " · ".join([str(int(dataset.viewers.ids.ids[user])), *facts(user, dataset, people)])


def genre_shares(history: History, catalog: Catalog, base: np.ndarray) -> list[tuple[str, int, float]]:
    """Genres of a history, most films first: name, films, and the share of films in all data (`base`)."""
    counts = catalog.genres[history.items].sum(axis=0)
    order = np.argsort(-counts, kind="stable")
    return [(catalog.genre_names[g], int(counts[g]), float(base[g])) for g in order if counts[g]]


def genre_base(known: Dataset) -> np.ndarray:
    """(n_genres,) share of all ratings that go to films of each genre."""
    weights = known.item_counts @ known.catalog.genres.astype(float)
    return weights / max(len(known), 1)


def decades(history: History, catalog: Catalog) -> list[tuple[str, int]]:
    """Films per decade of release, oldest first, without gaps."""
    years = catalog.years[history.items]
    years = years[years != UNKNOWN_YEAR]
    if not len(years):
        return []
    first, last = int(years.min()) // 10, int(years.max()) // 10
    counts = np.bincount(years // 10 - first, minlength=last - first + 1)
    return [(f"{decade}0s", int(counts[decade - first])) for decade in range(first, last + 1)]


def _favourite_genres(known: Dataset) -> np.ndarray:
    """The genre whose share among a user's liked films exceeds its share among everybody's the most."""
    liked = known.ratings >= HOLDOUT.relevance
    users, genres = known.users[liked], known.catalog.genres[known.items[liked]]
    totals = np.bincount(users, minlength=known.n_users)
    if not known.catalog.genre_names:
        return np.full(known.n_users, -1, dtype=np.int16)
    overall = genres.mean(axis=0) if len(genres) else np.zeros(genres.shape[1])
    excess = np.full((known.n_users, genres.shape[1]), -np.inf)
    for g in range(genres.shape[1]):
        of_genre = np.bincount(users, weights=genres[:, g], minlength=known.n_users)
        # Five imaginary films of average taste keep one lucky film from deciding.
        excess[:, g] = (of_genre + 5 * overall[g]) / (totals + 5) - overall[g]
    return np.where(totals > 0, excess.argmax(axis=1), -1).astype(np.int16)


def _example(task: Task) -> int:
    """The first user with enough of a past and of a future to compare models on; otherwise the busiest one."""
    rich = (task.known.user_counts >= 60) & (task.held_out.user_counts >= 15)
    return int(np.argmax(rich)) if rich.any() else int(np.argmax(task.known.user_counts))
