"""Users worth showing to a class: the extremes of what is on record for each of them, and of the lists of a few.

They are chosen for being extreme and say nothing about what is usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import Dataset
from recsys.serving.lists import jaccard


@dataclass(frozen=True)
class Notable:
    """A user to look at, and why.

    Args:
        kind: "one model", "crowd wrong", "all fail", "popularity enough", "all disagree" or "alike".
        user: their index.
        model: the model that the reason is about, where it is about one.
        n: films that this model, or popularity, found; of "all fail" those that there were; of "all disagree" the
            different films in all lists together; of "alike" the films that both have seen.
        beside: the other user of "alike".
        shared: of "alike", the share of films that their lists have in common, on average over the models.
    """

    kind: str
    user: int
    model: str = ""
    n: int = 0
    beside: int | None = None
    shared: float = 0.0


def by_hits(hits: Mapping[str, np.ndarray], popularity: np.ndarray, n_liked: np.ndarray) -> list[Notable]:
    """The user of each kind in whom it is most so, of several the first; a kind without any is left out.

    Args:
        hits: model -> (U,) relevant films among the first ten of its list; NaN where the user was not measured.
        popularity: (U,) the same of the most popular films.
        n_liked: (U,) hidden films that they liked.
    """
    names = list(hits)
    found = np.stack([hits[name] for name in names])  # (M, U)
    measured = np.isfinite(found).all(axis=0) & np.isfinite(popularity)
    found, popular = np.where(measured, found, 0), np.where(measured, popularity, 0)
    best, is_alone = found.max(axis=0), (found > 0).sum(axis=0) == 1
    notable = []
    if (user := _most(best, measured & is_alone)) is not None:
        notable.append(Notable("one model", user, names[int(found[:, user].argmax())], int(best[user])))
    if (user := _most(np.median(found, axis=0), measured & (popular == 0))) is not None:
        notable.append(Notable("crowd wrong", user, names[int(found[:, user].argmax())], int(best[user])))
    if (user := _most(n_liked, measured & (best == 0))) is not None:
        notable.append(Notable("all fail", user, n=int(n_liked[user])))
    if (user := _most(popular, measured & (popular >= best))) is not None:
        notable.append(Notable("popularity enough", user, n=int(popular[user])))
    return notable


def _most(value: np.ndarray, allowed: np.ndarray) -> int | None:
    """Where `value` is highest among those allowed; None where it is 0 for all of them."""
    within = np.where(allowed, value, 0)
    return int(within.argmax()) if within.any() else None


def by_lists(lists: Mapping[str, np.ndarray], users: np.ndarray, pairs: np.ndarray, known: Dataset) -> list[Notable]:
    """The user on whom the models agree least, and of the pairs of alike users the one whose lists differ most.

    Args:
        lists: model -> (S, k) film indices, a row for each of `users`; two models or more.
        users: (S,) indices, ascending.
        pairs: (P, 2) of them, as `alike` gives them.
        known: what they have seen.
    """
    shown = np.stack(list(lists.values()))  # (M, S, k)
    n_films = np.array([len(np.unique(of_user)) for of_user in shown.swapaxes(0, 1)])
    notable = [Notable("all disagree", int(users[n_films.argmax()]), n=int(n_films.max()))]
    if len(pairs):
        rows = np.searchsorted(users, pairs)
        shared = [np.mean([jaccard(of_model[a], of_model[b]) for of_model in shown]) for a, b in rows.tolist()]
        one, other = pairs[int(np.argmin(shared))].tolist()
        n_both = len(np.intersect1d(known.history(one).items, known.history(other).items))
        notable.append(Notable("alike", one, n=n_both, beside=other, shared=float(min(shared))))
    return notable


def alike(known: Dataset, users: np.ndarray, n_pairs: int) -> np.ndarray:
    """(P, 2) the pairs of these users that have most films in common, among all that either has seen."""
    seen = np.zeros((len(users), known.n_items), dtype=np.float32)
    for row, user in enumerate(users.tolist()):
        seen[row, known.history(user).items] = 1
    both = seen @ seen.T
    n_seen = both.diagonal()
    likeness = both / np.maximum(n_seen[:, None] + n_seen - both, 1)
    first, second = np.triu_indices(len(users), k=1)
    most = np.argsort(-likeness[first, second], kind="stable")[:n_pairs]
    return np.column_stack([users[first[most]], users[second[most]]])
