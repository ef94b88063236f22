"""How much memory training a model will take, estimated from its settings and the size of the data.

A plain sum of what is large, meant to be too high rather than too low by up to a factor of about two: what a process
takes before it has seen any data, the ratings and what is made of them, what is learned with all that the optimizer
keeps beside it, and the largest arrays of one step. Letters as elsewhere: B batch, T time, D dimension, F fields.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from recsys.models.registry import Entry
from recsys.serving.fields import FIELDS

FLOAT = 4  # bytes
KEPT = 6  # of what is learned: itself, its gradient, two moments of Adam, the best so far, and the file being written
STEP = 4  # arrays of a layer's size in a step: forward and backward, each with what it is made of

PROGRAM, SURPRISE_PROGRAM, TORCH_PROGRAM, KERAS_PROGRAM = 100e6, 200e6, 500e6, 1_000e6
"""Bytes of a process that has imported what a model needs, and of what its libraries set aside."""

RATING = 200
"""Bytes per rating: the data set, its parts, its order per user, and the histories of those who are asked about."""
SURPRISE_RATING = 400
"""Further bytes per rating: Surprise keeps each one twice, as Python objects."""

EVALUATED_USERS = 256
"""Users whose scores are measured at a time."""


@dataclass(frozen=True)
class Size:
    """How large a data set is."""

    n_users: int
    n_items: int
    n_ratings: int


def estimate(entry: Entry, config: Any, size: Size) -> int:
    """Bytes that a process training this model takes at its peak, on the CPU."""
    measuring = EVALUATED_USERS * size.n_items * 40  # scores, what is masked, and their order
    return int(RATING * size.n_ratings + measuring + _OF_MODEL[entry.name](config, size))


def _vectors(size: Size, dim: int) -> int:
    """Numbers in a vector and a bias for each user and film."""
    return (size.n_users + size.n_items) * (dim + 1)


def _dense(widths: Sequence[int]) -> int:
    """Weights between layers of these widths."""
    return sum(before * after for before, after in pairwise(widths))


def _popularity(_config: Any, _size: Size) -> float:
    return PROGRAM


def _random(config: Any, size: Size) -> float:
    return PROGRAM + 8 * 3 * _vectors(size, config.n_factors)


def _als(_config: Any, size: Size) -> float:
    return SURPRISE_PROGRAM + SURPRISE_RATING * size.n_ratings


def _svd(config: Any, size: Size) -> float:
    return _als(config, size) + 8 * 3 * _vectors(size, config.n_factors)  # double precision, and reordered


def _ials(config: Any, size: Size) -> float:
    return PROGRAM + 60 * size.n_ratings + FLOAT * KEPT * _vectors(size, config.n_factors)


def _item_knn(_config: Any, size: Size) -> float:
    # Products as a sparse and as a full matrix, sizes, similarities, and their order in 64 bits.
    return PROGRAM + 60 * size.n_ratings + 32 * size.n_items**2


def _ease(_config: Any, size: Size) -> float:
    likes, weights = size.n_users * size.n_items, size.n_items**2  # full matrices, both
    return PROGRAM + FLOAT * (3 * likes + 6 * weights)


def _autoencoder(config: Any, n_rows: int, n_columns: int, size: Size) -> float:
    widths = (n_columns, *config.hidden)
    learned = n_columns * config.hidden[0] + _dense(widths) + n_columns
    n_at_a_time = max(min(2 * config.batch_size, n_rows), min(512, n_rows))
    step = n_at_a_time * (4 * STEP * n_columns + 2 * STEP * sum(config.hidden))
    return TORCH_PROGRAM + SURPRISE_RATING * size.n_ratings + FLOAT * (KEPT * learned + step)


def _of_users(config: Any, size: Size) -> float:
    return _autoencoder(config, size.n_users, size.n_items, size)


def _of_films(config: Any, size: Size) -> float:
    return _autoencoder(config, size.n_items, size.n_users, size)


def _bpr(config: Any, size: Size) -> float:
    drawn = size.n_ratings * config.n_negatives * config.n_candidates * 32  # film numbers, several times
    n_rows = config.batch_size // (32 * config.n_negatives) + 1
    step = n_rows * STEP * (size.n_items + config.n_factors)
    return KERAS_PROGRAM + drawn + FLOAT * (KEPT * _vectors(size, config.n_factors) + step)


def _gru(config: Any, size: Size) -> float:
    width, state, length = config.embedding_dim, config.hidden_dim, config.max_length
    learned = size.n_items * (width + 1) + 3 * state * (width + state + 2) + state * width
    lessons = 32 * (size.n_ratings + length * size.n_users)  # rows are filled up to T places
    compared = config.batch_size + config.n_sampled if config.n_sampled else size.n_items  # films, at each place
    n_places = length * min(config.batch_size, size.n_users + size.n_ratings // length)
    step = n_places * STEP * (compared + width + 4 * state)
    return KERAS_PROGRAM + lessons + FLOAT * (KEPT * learned + step)


def _autoint(config: Any, size: Size) -> float:
    n_fields, attention = len(FIELDS), config.n_heads * config.head_dim
    embeddings = (size.n_users + size.n_items + 2000) * config.embedding_dim
    layers = config.n_layers * 4 * max(config.embedding_dim, attention) * attention
    learned = embeddings + layers + _dense((n_fields * config.embedding_dim, *config.dense)) + n_fields * attention
    examples = size.n_ratings * (1 + config.n_negatives) * 300  # fields, their parts, labels and weights
    of_pair = n_fields * (2 * config.embedding_dim + config.n_layers * (5 * attention + 2 * config.n_heads * n_fields))
    step = max(config.batch_size, size.n_items) * STEP * (of_pair + 2 * sum(config.dense))
    return KERAS_PROGRAM + examples + FLOAT * (KEPT * learned + step)


def _mf(config: Any, size: Size) -> float:
    step = config.batch_size * STEP * 3 * config.n_factors
    return KERAS_PROGRAM + 60 * size.n_ratings + FLOAT * (KEPT * _vectors(size, config.n_factors) + step)


def _deep_mf(config: Any, size: Size) -> float:
    return KERAS_PROGRAM + 60 * size.n_ratings + _network_of_pairs(config, size, n_vectors=1)


def _neumf(config: Any, size: Size) -> float:
    examples = size.n_ratings * (1 + config.n_negatives) * 80
    return KERAS_PROGRAM + examples + _network_of_pairs(config, size, n_vectors=2)


def _network_of_pairs(config: Any, size: Size, n_vectors: int) -> float:
    """A dense network over the vectors of a user, a film and perhaps an occupation."""
    width = 3 * config.embedding_dim
    learned = n_vectors * _vectors(size, config.embedding_dim) + _dense((width, *config.dense))
    # A user's films are scored in one step.
    step = max(config.batch_size, size.n_items) * STEP * (n_vectors * width + 2 * sum(config.dense))
    return FLOAT * (KEPT * learned + step)


_OF_MODEL: dict[str, Callable[[Any, Size], float]] = {
    "als": _als,
    "svd": _svd,
    "autoencoder": _of_users,
    "bpr": _bpr,
    "gru": _gru,
    "autoint": _autoint,
    "autoencoder-items": _of_films,
    "mf": _mf,
    "deep-mf": _deep_mf,
    "deep-mf-occupation": _deep_mf,
    "neumf": _neumf,
    "item-knn": _item_knn,
    "ials": _ials,
    "random": _random,
    "popularity": _popularity,
    "ease": _ease,
    "ease-weighted": _ease,
}
