"""Item-kNN: each film that the user liked votes for the films that were liked by the same people.

score of film i = sum over liked films j that count i among their nearest neighbours of similarity(j, i).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, ModelConfig, setting
from recsys.models.size import PROGRAM, Size
from recsys.serving.scorers import FactorScorer, Query, Unit

SIMILARITIES = ("cosine", "normalized-cosine", "jaccard")


@dataclass(frozen=True)
class Config(ModelConfig):
    similarity: str = setting("normalized-cosine", "how alike two films are", choices=SIMILARITIES)
    n_neighbors: int = setting(400, "films that a liked film votes for; 0: all", low=0, most=10_000)
    shrinkage: float = setting(
        0.0, "added to the denominator: a similarity seen in few people counts less", low=0, most=1e5
    )
    min_rating: float = setting(4.0, "films with at least this many stars are liked", least=0, most=10)


class ItemKNN(Model):
    name = "item-knn"
    config_class = Config
    looks_at = "Which films this user liked, and the films that the same people like most often with each of them."
    new_user = "The films they liked are the input; nothing else is needed."
    source = "Deshpande & Karypis (2004), Item-Based Top-N Recommendation Algorithms"
    search_grid = [
        {"similarity": ["cosine", "normalized-cosine", "jaccard"], "n_neighbors": [400]},
        {"similarity": ["normalized-cosine"], "n_neighbors": [50, 200]},
    ]

    @staticmethod
    def memory(config: Config, size: Size) -> float:
        # Products as a sparse and as a full matrix, sizes, similarities, and their order in 64 bits.
        return PROGRAM + 60 * size.n_ratings + 32 * size.n_items**2

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
    """(I, I) float32, 0 on the diagonal.

    cosine: people who liked both, over the root of the product of the films' numbers of people. normalized-cosine: the
    same of columns in which a person with n liked films counts 1 / root of n, as in section 4.1 of the paper.
    jaccard: people who liked both, over people who liked either.
    """
    from scipy.sparse import csr_array

    liked = train.ratings >= config.min_rating
    users, items = train.users[liked], train.items[liked]
    weights = np.ones(len(users), dtype=np.float32)
    if config.similarity == "normalized-cosine":
        weights /= np.sqrt(np.bincount(users, minlength=train.n_users))[users]
    interactions = csr_array((weights, (users, items)), shape=(train.n_users, train.n_items))
    both = (interactions.T @ interactions).toarray()  # (I, I)
    alone = both.diagonal().copy()  # (I,)
    if config.similarity == "jaccard":
        size = alone[:, None] + alone[None, :] - both
    else:
        size = np.sqrt(alone[:, None] * alone[None, :])
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
