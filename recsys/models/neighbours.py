"""Item-kNN: each film that the user liked votes for the films that were liked by the same people.

score of film i = sum over liked films j that count i among their nearest neighbours of similarity(j, i).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from recsys.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, require
from recsys.scorers import FactorScorer, Query, Unit

SIMILARITIES = ("cosine", "jaccard")


@dataclass(frozen=True)
class Config:
    similarity: str = "cosine"  # cosine, or jaccard: people who liked both, over people who liked either
    n_neighbors: int = 100  # films that a liked film votes for; 0 means all
    shrinkage: float = 10.0  # added to the denominator: a similarity seen in few people counts less
    min_rating: float = 4.0  # films with at least this many stars are liked

    def __post_init__(self) -> None:
        options = " or ".join(SIMILARITIES)
        require(self.similarity in SIMILARITIES, "similarity", self.similarity, f"must be {options}")
        require(self.n_neighbors >= 0, "n_neighbors", self.n_neighbors, "must not be negative")
        require(self.shrinkage >= 0, "shrinkage", self.shrinkage, "must not be negative")


class ItemKNN(Model):
    name = "item-knn"
    config_class = Config
    looks_at = "Which films this user liked, and the films that the same people like most often with each of them."
    visitor = "The films they liked are the input; nothing else is needed."
    source = "Deshpande & Karypis (2004), Item-Based Top-N Recommendation Algorithms"
    search_grid = [
        {"similarity": ["cosine"], "n_neighbors": [50, 100, 200]},
        {"similarity": ["jaccard"], "n_neighbors": [100], "shrinkage": [0.0]},
    ]

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        config: Config = self.config
        start = time.perf_counter()
        similarity = _nearest(_similarity(train, config), config.n_neighbors)  # row = film that votes
        scorer = FactorScorer(
            unit=Unit.STRENGTH,
            query=Query.INTERACTIONS,
            item_bias=np.zeros(train.n_items, dtype=np.float32),
            item_factors=np.ascontiguousarray(similarity.T).astype(np.float16),  # row = film recommended
            min_rating=config.min_rating,
        )
        seconds = time.perf_counter() - start
        options.report(EpochLog(1, 1, 0.0, seconds, len(train) / seconds), scorer)
        return scorer


def _similarity(train: Dataset, config: Config) -> np.ndarray:
    """(I, I) float32, 0 on the diagonal."""
    from scipy.sparse import csr_array

    liked = train.ratings >= config.min_rating
    ones = np.ones(int(liked.sum()), dtype=np.float32)
    interactions = csr_array((ones, (train.users[liked], train.items[liked])), shape=(train.n_users, train.n_items))
    both = (interactions.T @ interactions).toarray()  # (I, I) people who liked both
    counts = both.diagonal().copy()  # (I,) people who liked the film
    if config.similarity == "cosine":
        size = np.sqrt(counts[:, None] * counts[None, :])
    else:
        size = counts[:, None] + counts[None, :] - both
    size += config.shrinkage
    similarity = np.divide(both, size, out=np.zeros_like(both), where=size > 0)
    np.fill_diagonal(similarity, 0.0)
    return similarity


def _nearest(similarity: np.ndarray, n_neighbors: int) -> np.ndarray:
    """The same with only the highest `n_neighbors` of each row; ties go to the lower film index."""
    if not 0 < n_neighbors < len(similarity):
        return similarity
    order = np.argsort(-similarity, axis=1, kind="stable")[:, :n_neighbors]
    nearest = np.zeros_like(similarity)
    np.put_along_axis(nearest, order, np.take_along_axis(similarity, order, axis=1), axis=1)
    return nearest
