"""How large a data set is, and the sums that the models' estimates of memory share (`Model.memory`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

FLOAT = 4  # bytes
KEPT = 6  # of what is learned: itself, its gradient, two moments of Adam, the best so far, and the file being written
STEP = 4  # arrays of a layer's size in a step: forward and backward, each with its inputs

PROGRAM, SURPRISE_PROGRAM, TORCH_PROGRAM, KERAS_PROGRAM = 100e6, 200e6, 500e6, 1_000e6
"""Bytes of a process that has imported what a model needs, and of what its libraries set aside."""

SURPRISE_RATING = 400
"""Bytes per rating: Surprise keeps each one twice, as Python objects."""


@dataclass(frozen=True)
class Size:
    """How large a data set is."""

    n_users: int
    n_items: int
    n_ratings: int

    def vectors(self, dim: int) -> int:
        """Numbers in a vector and a bias for each user and film."""
        return (self.n_users + self.n_items) * (dim + 1)


def dense(widths: Sequence[int]) -> int:
    """Weights between layers of these widths."""
    return sum(before * after for before, after in pairwise(widths))


def network_of_pairs(config: Any, size: Size, n_vectors: int) -> float:
    """Bytes of a dense network over the vectors of a user, a film and perhaps an occupation."""
    width = 3 * config.embedding_dim
    learned = n_vectors * size.vectors(config.embedding_dim) + dense((width, *config.dense))
    # A user's films are scored in one step.
    step = max(config.batch_size, size.n_items) * STEP * (n_vectors * width + 2 * sum(config.dense))
    return FLOAT * (KEPT * learned + step)
