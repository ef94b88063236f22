"""From histories to the inputs of an ONNX graph. One class per way of reading a history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from recsys.data.dataset import Dataset, History
from recsys.serving.fields import FieldTable


class Encoder(Protocol):
    """`encode` gives the graph's inputs by name; `block_size` bounds the histories per run, and so the memory.

    `is_pairwise`: the inputs have a row per film of each history, and the graph answers each row by itself.
    """

    block_size: int
    is_pairwise: bool

    def encode(self, histories: Sequence[History]) -> dict[str, np.ndarray]: ...


class RatingVector:
    """ratings (B, I) float32: the stars, 0 where a film is not rated (AutoEncoder)."""

    block_size = 256
    is_pairwise = False

    def __init__(self, dataset: Dataset) -> None:
        self._n_items = dataset.n_items

    def encode(self, histories: Sequence[History]) -> dict[str, np.ndarray]:
        ratings = np.zeros((len(histories), self._n_items), dtype=np.float32)
        for row, history in enumerate(histories):
            ratings[row, history.items] = history.ratings
        return {"ratings": ratings}


class ItemSequence:
    """items (B, T) int32: the last films in time order, index + 1, padded with 0 on the right (GRU).

    The network is causal and reads the state at the last film, so padding on the right changes nothing.
    """

    block_size = 128
    is_pairwise = False

    def __init__(self, max_length: int) -> None:
        self._max_length = max_length

    def encode(self, histories: Sequence[History]) -> dict[str, np.ndarray]:
        tails = [history.items[-self._max_length :] for history in histories]
        items = np.zeros((len(tails), max([len(tail) for tail in tails] + [1])), dtype=np.int32)
        for row, tail in enumerate(tails):
            items[row, : len(tail)] = tail + 1
        return {"items": items}


class UserItemFields:
    """fields (B * I, F) int32: every film paired with every user (AutoInt+)."""

    block_size = 1  # every film of one user: larger batches fall out of the cache and are slower
    is_pairwise = True

    def __init__(self, table: FieldTable) -> None:
        self._table = table

    def encode(self, histories: Sequence[History]) -> dict[str, np.ndarray]:
        return {"fields": np.concatenate([self._table.all_films_for(history) for history in histories])}


class UserItem:
    """pairs (B * I, 2) int32: user + 1, film; with the user's occupation (B * I, 3). 0 is unknown (NeuMF, deep MF)."""

    block_size = 1  # every film of one user: larger batches fall out of the cache and are slower
    is_pairwise = True

    def __init__(self, dataset: Dataset, with_occupation: bool) -> None:
        self._items = np.arange(dataset.n_items, dtype=np.int32)
        occupation = dataset.viewers.occupation
        self._occupations = occupation.codes if with_occupation else None
        self.sizes = (dataset.n_users + 1, dataset.n_items, *([len(occupation.names)] if with_occupation else []))

    def pairs(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        """(n, 2 or 3) int32 of known users and films."""
        columns = [users + 1, items] if self._occupations is None else [users + 1, items, self._occupations[users]]
        return np.column_stack(columns).astype(np.int32)

    @staticmethod
    def hide_users(pairs: np.ndarray, rows: np.ndarray | slice = slice(None)) -> None:
        """Make the user of some rows unknown, and the occupation with them: what is known of a new user."""
        pairs[rows, 0] = 0
        pairs[rows, 2:] = 0

    def encode(self, histories: Sequence[History]) -> dict[str, np.ndarray]:
        return {"pairs": np.concatenate([self._all_films_for(history) for history in histories])}

    def _all_films_for(self, history: History) -> np.ndarray:
        pairs = self.pairs(np.full(len(self._items), history.user or 0), self._items)
        if history.user is None:
            self.hide_users(pairs)
        return pairs


def encode_pairs(
    encoder: Encoder, histories: Sequence[History], rows: np.ndarray, items: np.ndarray
) -> dict[str, np.ndarray]:
    """The inputs of a pairwise graph for film items[n] and histories[rows[n]], in that order, and for no other film."""
    order = np.argsort(rows, kind="stable")
    of_history = np.split(items[order], np.searchsorted(rows[order], np.arange(1, len(histories))))
    parts = [
        {name: table[own] for name, table in encoder.encode([history]).items()}
        for history, own in zip(histories, of_history, strict=True)
        if len(own)
    ]
    back = np.argsort(order)
    return {name: np.concatenate([part[name] for part in parts])[back] for name in parts[0]} if parts else {}


def encoder_for(settings: dict[str, Any], dataset: Dataset) -> Encoder:
    """The encoder that a scorer's settings name."""
    match settings.get("encoder"):
        case "rating_vector":
            return RatingVector(dataset)
        case "item_sequence":
            return ItemSequence(int(settings["max_length"]))
        case "user_item_fields":
            return UserItemFields(FieldTable.of(dataset, tuple(settings["rating_years"])))
        case "user_item":
            return UserItem(dataset, bool(settings["with_occupation"]))
        case other:
            raise ValueError(f"unknown encoder {other!r}.")


def is_pairwise(settings: dict[str, Any]) -> bool:
    """Whether that encoder gives a row per film of each history, without the data set."""
    return settings.get("encoder") in ("user_item_fields", "user_item")
