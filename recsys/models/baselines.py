"""The floors: what a model has to beat before it is worth a graph. And EASE once more, told what BPR is told."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, check_settings, setting
from recsys.serving.scorers import FactorScorer, Query, Unit


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
            **self.weights_of_votes(train),
        )
        residual = interactions - interactions @ weights
        options.report(EpochLog(1, 1, float(np.mean(residual**2)), seconds, len(train) / seconds), scorer)
        return scorer

    def weights_of_votes(self, train: Dataset) -> dict[str, Any]:
        """Settings of the scorer that make some films of a history speak louder; none: all speak alike."""
        return {}


@dataclass(frozen=True)
class WeightedEASEConfig(EASEConfig):
    regularization: float = setting(500.0, "L2 on the weights; larger trusts popular co-occurrences more", above=0)
    min_rating: float = setting(0.0, "only films with at least this many stars count")
    star_power: float = setting(2.0, "a film speaks with (its stars / most stars) to this power; 0: all alike", low=0)
    recency: float = setting(6.0, "a user's oldest film speaks with exp(-recency), the newest with 1", low=0)


class WeightedEASE(EASE):
    """EASE with the inputs that BPR has: all ratings, their stars and their order.

    The weights between films are EASE's, learnt from 0 and 1; what is asked is a history in which films count more that
    have more stars or are newer, of known users and visitors alike.
    """

    name = "ease-weighted"
    config_class = WeightedEASEConfig
    looks_at = "Which films this user rated, lately and highly above all, and which films are rated together with them."
    visitor = "The films they rated are the input, later ones and those with more stars above all."
    search_grid = [
        {"regularization": [300.0, 500.0], "star_power": [0.0, 1.0, 2.0], "recency": [0.0, 2.0, 4.0, 6.0]},
        {"regularization": [1000.0], "recency": [4.0, 6.0]},
        {"regularization": [300.0], "min_rating": [4.0], "star_power": [0.0], "recency": [0.0, 4.0]},  # the first: EASE
    ]

    def weights_of_votes(self, train: Dataset) -> dict[str, Any]:
        config: WeightedEASEConfig = self.config
        return {
            "scale": train.scale,
            "star_power": config.star_power,
            "recency": config.recency if train.is_timed else 0.0,
        }
