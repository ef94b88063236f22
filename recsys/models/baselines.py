"""The floors: what a model has to beat before it is worth a graph."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from recsys.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, check_settings, setting
from recsys.scorers import FactorScorer, Query, Unit


@dataclass(frozen=True)
class RandomConfig:
    n_factors: int = setting(
        8, "D, length of the random directions; more make the users' lists less alike", low=2, high=1024
    )

    def __post_init__(self) -> None:
        check_settings(self)


class Random(Model):
    """Every user and every film is a random direction: the lists are shuffled, and the same each time."""

    name = "random"
    config_class = RandomConfig
    looks_at = "Nothing at all: a shuffled list for each user, the same each time."
    visitor = "A shuffled list too, the same one for every visitor."
    source = "Chance"

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        config: RandomConfig = self.config
        random = np.random.default_rng(options.seed)
        start = time.perf_counter()

        def directions(n: int) -> np.ndarray:
            """(n, D): of one length, or the long ones would head everybody's list."""
            vectors = random.normal(size=(n, config.n_factors))
            return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

        scorer = FactorScorer(
            unit=Unit.STRENGTH,
            query=Query.LOOKUP,
            # Next to nothing beside the directions: this is what visitors see.
            item_bias=random.normal(scale=1e-3, size=train.n_items).astype(np.float32),
            item_factors=directions(train.n_items),
            user_factors=directions(train.n_users),
        )
        seconds = max(time.perf_counter() - start, 1e-9)
        options.report(EpochLog(1, 1, 0.0, seconds, len(train) / seconds), scorer)
        return scorer


@dataclass(frozen=True)
class PopularityConfig:
    pass


class Popularity(Model):
    name = "popularity"
    config_class = PopularityConfig
    looks_at = "Nothing about this user: the films that most people rated, for everybody."
    visitor = "The same list as for everybody."
    source = "Counting"

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        return FactorScorer(unit=Unit.VIEWERS, query=Query.CONSTANT, item_bias=train.item_counts.astype(np.float32))


@dataclass(frozen=True)
class EASEConfig:
    regularization: float = setting(300.0, "L2 on the weights; larger trusts popular co-occurrences more", above=0)
    min_rating: float = setting(4.0, "only films with at least this many stars count as liked")

    def __post_init__(self) -> None:
        check_settings(self)


class EASE(Model):
    name = "ease"
    config_class = EASEConfig
    looks_at = "Which films this user liked, and which films are liked together with them."
    visitor = "The films they liked are the input; nothing else is needed."
    source = "Steck (2019), Embarrassingly Shallow Autoencoders for Sparse Data"

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        config: EASEConfig = self.config
        start = time.perf_counter()
        liked = train.ratings >= config.min_rating
        interactions = np.zeros((train.n_users, train.n_items), dtype=np.float32)  # (U, I)
        interactions[train.users[liked], train.items[liked]] = 1.0
        gram = interactions.T @ interactions  # (I, I)
        gram[np.diag_indices_from(gram)] += config.regularization
        inverse = np.linalg.inv(gram)
        weights = inverse / -np.diag(inverse)  # column j: what each film says about film j
        np.fill_diagonal(weights, 0.0)
        seconds = time.perf_counter() - start
        scorer = FactorScorer(
            unit=Unit.STRENGTH,
            query=Query.INTERACTIONS,
            item_bias=np.zeros(train.n_items, dtype=np.float32),
            # Row = film recommended. To 1/8192: the lists stay as they are, and the file has half the size.
            item_factors=(np.round(np.ascontiguousarray(weights.T) * 8192) / 8192).astype(np.float16),
            min_rating=config.min_rating,
        )
        residual = interactions - interactions @ weights
        options.report(EpochLog(1, 1, float(np.mean(residual**2)), seconds, len(train) / seconds), scorer)
        return scorer
