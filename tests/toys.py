"""Tiny data sets with a known right answer. No downloads, no randomness that is not seeded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from recsys.data.catalog import AGE_BANDS, Catalog, Categorical, IdMap, Viewers
from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import Task


def from_triples(
    rows: Iterable[tuple[int, int, float]],
    *,
    n_users: int,
    n_items: int,
    name: str = "toy",
    timestamps: Iterable[int] | None = None,
) -> Dataset:
    """A small data set of (user, item, rating) rows; without `timestamps` the row number is the time."""
    rows = list(rows)
    users, items, ratings = zip(*rows, strict=True) if rows else ((), (), ())
    return Dataset(
        name=name,
        users=np.array(users, dtype=np.int32),
        items=np.array(items, dtype=np.int32),
        ratings=np.array(ratings, dtype=np.float32),
        timestamps=np.arange(len(rows)) if timestamps is None else np.asarray(list(timestamps)),
        catalog=Catalog.anonymous(n_items),
        viewers=Viewers.anonymous(IdMap(np.arange(1, n_users + 1))),
    )


def checkerboard(n: int = 24) -> Task:
    """Even users like even films, odd users odd films; each user's own number is withheld and is the right answer.

    Films of the other colour are rated 1 by half of the users, so that stars carry the pattern too.
    """
    rows = []
    for user in range(n):
        for item in range(n):
            if (user + item) % 2 == 0 and user != item:
                rows.append((user, item, 5.0))
            elif (user + item) % 4 == 1:
                rows.append((user, item, 1.0))
    known = from_triples(rows, n_users=n, n_items=n, name="checkerboard")
    held_out = from_triples([(u, u, 5.0) for u in range(n)], n_users=n, n_items=n, name="checkerboard")
    return Task(known, held_out, relevance=4.0)


def markov_chain(n_items: int = 12, n_users: int = 80, length: int = 24, seed: int = 0) -> Task:
    """After film i everybody watches film i + 5 (modulo n_items), starting anywhere: only the order tells the answer.

    Histories are longer than the catalogue, so a film comes back: lists are asked for without masking.
    """
    starts = np.random.default_rng(seed).integers(0, n_items, n_users)
    known, held_out = [], []
    for user, start in enumerate(starts):
        path = [(int(start) + 5 * step) % n_items for step in range(length + 1)]
        known += [(user, item, 5.0) for item in path[:-1]]
        held_out.append((user, path[-1], 5.0))
    make = {"n_users": n_users, "n_items": n_items, "name": "markov-chain"}
    return Task(from_triples(known, **make), from_triples(held_out, **make), relevance=4.0)


def genre_tastes(n_users: int = 60, n_items: int = 40, seed: int = 0) -> Task:
    """Women like the first half of the films, men the second; years, genres and ages are filled in as well.

    What a field-based model has to find: the taste is in gender x genre, and a few liked films are withheld.
    """
    random = np.random.default_rng(seed)
    is_first = np.arange(n_items) < n_items // 2
    catalog = Catalog(
        ids=IdMap(np.arange(101, 101 + n_items)),
        titles=tuple(f"Film {i}" for i in range(n_items)),
        years=1950 + np.arange(n_items),
        genres=np.stack([is_first, ~is_first], axis=1),
        genre_names=("Drama", "Action"),
    )
    women = np.arange(n_users) % 2 == 0
    viewers = Viewers(
        ids=IdMap(np.arange(1, n_users + 1)),
        gender=Categorical.from_values(["female" if w else "male" for w in women], ("female", "male")),
        age=Categorical.from_values([AGE_BANDS[u % len(AGE_BANDS)] for u in range(n_users)], AGE_BANDS),
        occupation=Categorical.from_values(["teacher" if u % 3 else "engineer" for u in range(n_users)]),
        zip_area=Categorical.from_values([str(u % 10) for u in range(n_users)]),
    )
    known, held_out = [], []
    for user in range(n_users):
        liked = random.permutation(np.flatnonzero(is_first == women[user]))
        disliked = random.permutation(np.flatnonzero(is_first != women[user]))[:8]
        known += [(user, int(i), 5.0) for i in liked[:-4]] + [(user, int(i), 1.0 + (i % 2)) for i in disliked]
        held_out += [(user, int(i), 5.0) for i in liked[-4:]]
    return Task(*(_dated(rows, catalog, viewers) for rows in (known, held_out)), relevance=4.0)


def _dated(rows: list[tuple[int, int, float]], catalog: Catalog, viewers: Viewers) -> Dataset:
    """The rows at one a day from 1998 on, with films and viewers that have attributes."""
    times = 883_612_800 + 86_400 * np.arange(len(rows))
    plain = from_triples(
        rows, n_users=len(viewers), n_items=len(catalog), name="genre-tastes", timestamps=times.tolist()
    )
    return replace(plain, catalog=catalog, viewers=viewers)
