"""Evaluation protocols: which ratings are known, which are held out, what counts as relevant.

A number without its protocol is noise, so every number that is stored or shown carries one of these names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recsys.dataset import Dataset
from recsys.errors import UsageError
from recsys.split import Split, per_user_by_time


@dataclass(frozen=True, eq=False)
class Task:
    """One question to a model: having seen `known`, what of `held_out` does it find?

    Args:
        known: what the model is trained on; its films are masked in the lists.
        held_out: what it is asked for.
        relevance: a held-out film is relevant if it has at least this many stars.
    """

    known: Dataset
    held_out: Dataset
    relevance: float

    def relevant_of(self, user: int) -> np.ndarray:
        """Film indices that the user really went on to like, in time order."""
        rows = self.held_out.rows_of(user)
        return self.held_out.items[rows[self.held_out.ratings[rows] >= self.relevance]]


@dataclass(frozen=True)
class Protocol:
    """A named way of asking.

    Args:
        name: as in every manifest and table.
        summary: one sentence for the reader of a number.
        split: cuts a data set.
        relevance: stars from which a held-out film is relevant.
        ks: list lengths that are measured.
    """

    name: str
    summary: str
    split: Callable[[Dataset], Split]
    relevance: float
    ks: tuple[int, ...]

    def validation(self, dataset: Dataset) -> Task:
        """For choosing hyperparameters: the test part does not take part."""
        split = self.split(dataset)
        return Task(split.train, split.valid, self.relevance)

    def final(self, dataset: Dataset) -> Task:
        """For the numbers that are shown: learn from train and validation, be asked for test."""
        split = self.split(dataset)
        return Task(split.known, split.test, self.relevance)


HOLDOUT = Protocol(
    name="holdout",
    summary=(
        "Each user's last 20 % of ratings are hidden and the model learns from the rest; all films not yet seen are "
        "ranked, and a hit is a hidden film with 4 stars or more. Time order is per user: what others rated later is "
        "visible to the models."
    ),
    split=per_user_by_time,
    relevance=4.0,
    ks=(5, 10, 20),
)

PROTOCOLS = {protocol.name: protocol for protocol in (HOLDOUT,)}


def protocol(name: str) -> Protocol:
    """The protocol of that name. Raises UsageError for any other."""
    try:
        return PROTOCOLS[name]
    except KeyError:
        raise UsageError(f"There is no protocol {name!r}; there is: {', '.join(PROTOCOLS)}.") from None
