"""A trained model is a scorer: data, not code.

`score(histories)` gives a (B, n_items) float32 matrix, higher is better, finite, nothing masked, pure and safe in
threads. Two kinds are enough: arrays (`FactorScorer`) and a graph run by onnxruntime (`OnnxScorer`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from recsys.data.dataset import Dataset, History, RatingScale
from recsys.errors import ArtifactError, RecsysError
from recsys.serving.encoders import encode_pairs, encoder_for
from recsys.serving.fold_in import bias_of_new_user, pairwise_vector, ridge_vector, taste_weights, weighted_vector
from recsys.serving.graphs import Graph

logger = logging.getLogger(__name__)


class Unit(StrEnum):
    """What a score means to a reader."""

    STARS = "stars"  # a predicted rating
    LIKE = "like"  # probability of 4 stars or more
    NEXT = "next"  # probability of being the next film watched
    VIEWERS = "viewers"  # number of people
    STRENGTH = "strength"  # comparable within one list only


class Scorer(Protocol):
    """The contract between training, evaluation, command line and app."""

    @property
    def n_items(self) -> int: ...

    @property
    def unit(self) -> Unit: ...

    def score(self, histories: Sequence[History]) -> np.ndarray:
        """(B, n_items) float32 scores, one row per history; a history without a user is a new user's."""
        ...

    def state(self) -> ScorerState: ...


@dataclass(frozen=True, eq=False)
class ScorerState:
    """What has to be stored to have the same scorer again.

    Args:
        kind: "factors" or "onnx".
        settings: JSON-able.
        arrays: named arrays of plain numbers.
        graph: the ONNX file's bytes, for kind "onnx".
    """

    kind: str
    settings: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    graph: bytes | None = None


def scorer_from_state(state: ScorerState, dataset: Dataset, *, is_served: bool = False) -> Scorer:
    """The inverse of `Scorer.state()`; `dataset` gives the fields of films and viewers, which are not stored.

    Args:
        is_served: its answers are checked, as `answering` says; those of a model that still learns need not be numbers.
    """
    if state.kind == "factors":
        return (ServedFactors if is_served else FactorScorer).from_state(state)
    if state.kind == "onnx":
        return (ServedNetwork if is_served else OnnxScorer).from_state(state, dataset)
    raise ValueError(f"a scorer is of kind 'factors' or 'onnx'. Received {state.kind!r}.")


@contextmanager
def answering() -> Iterator[None]:
    """Around whatever is asked of a model whose files may come from anywhere, also as a decorator.

    What goes wrong inside is an ArtifactError, so that only this model's card is lost; the log has the details.
    """
    try:
        yield
    except RecsysError:
        raise
    except Exception as error:
        logger.exception("A model failed while it was answering")
        problem = "This model failed while it was answering; the log has the details."
        raise ArtifactError(problem, remedy="Train it again, or leave it out.") from error


class _Served:
    """Of a scorer that is loaded from files: an answer is made of numbers, or an ArtifactError."""

    def score(self, histories: Sequence[History]) -> np.ndarray:
        with answering(), np.errstate(all="ignore"):  # what overflows is found below
            return _numbers(super().score(histories))  # type: ignore[misc]


def _numbers(scores: np.ndarray) -> np.ndarray:
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite. Received NaN or an infinite one.")
    return scores


class Query(StrEnum):
    """How a history becomes the user's side of the product."""

    CONSTANT = "constant"  # it does not: the same for all
    LOOKUP = "lookup"  # a stored vector per known user; new users have none and get the film biases alone
    BIAS = "bias"  # the user's mean deviation
    RIDGE = "ridge"  # regularised least squares on the stars, film vectors fixed
    PAIRWISE = "pairwise"  # BPR's own objective over the user's vector alone
    WEIGHTED = "weighted"  # confidence-weighted least squares against all films, for known users too
    INTERACTIONS = "interactions"  # the history itself is the vector: 0/1, or weights


@dataclass(frozen=True, eq=False)
class FactorScorer:
    """score = global_bias + user_bias + item_bias + user_vector @ item_factors.T

    A known user's vector and bias are looked up; a new user's are computed from the history as `query` says.

    Args:
        unit: what the scores mean.
        query: how a new user is answered.
        item_bias: (I,) float32.
        item_factors: (I, D) float32, or None; for Query.INTERACTIONS (I, I), row = film recommended.
        user_bias, user_factors: (U,), (U, D) float32 of the known users, or None.
        global_bias: the mean rating, or 0.
        regularization: weight of the L2 term per rating in a new user's objective (RIDGE, PAIRWISE),
            of the whole objective (WEIGHTED), or the shrinkage of the user bias (BIAS).
        min_rating: only films rated at least this count as liked (PAIRWISE, WEIGHTED, INTERACTIONS).
        alpha: confidence that a film is liked, against 1 that any other is not (WEIGHTED).
        scale: the stars that there were in training (PAIRWISE, INTERACTIONS).
        star_power, recency: how much more a film weighs that has more stars or is newer (PAIRWISE, INTERACTIONS).
        n_candidates: of so many unseen films the highest-scoring is compared (PAIRWISE).
    """

    unit: Unit
    query: Query
    item_bias: np.ndarray
    item_factors: np.ndarray | None = None
    user_bias: np.ndarray | None = None
    user_factors: np.ndarray | None = None
    global_bias: float = 0.0
    regularization: float = 0.0
    min_rating: float = 0.0
    alpha: float = 1.0
    scale: RatingScale = field(default_factory=RatingScale)
    star_power: float = 0.0
    recency: float = 0.0
    n_candidates: int = 1

    def __post_init__(self) -> None:
        width = self._width
        expected = {"item_bias": (self.n_items,), "item_factors": (self.n_items, width)}
        if self.user_bias is not None or self.user_factors is not None:
            n_users = len(self.user_bias if self.user_bias is not None else self.user_factors)  # type: ignore[arg-type]
            expected |= {"user_bias": (n_users,), "user_factors": (n_users, width)}
        for name, shape in expected.items():
            array = getattr(self, name)
            if array is not None and array.shape != shape:
                raise ValueError(f"{name} must have shape {shape}. Received {array.shape}")
        if self.query is Query.INTERACTIONS and width != self.n_items:
            raise ValueError(f"item_factors must have a column per film. Received {width} for {self.n_items} films")

    @property
    def n_items(self) -> int:
        return len(self.item_bias)

    @property
    def _width(self) -> int:
        """D; 0 without factors."""
        return self.item_factors.shape[-1] if self.item_factors is not None else 0

    @cached_property
    def _factors(self) -> np.ndarray:
        """(I, D) float32: stored in half precision where that is enough, computed in single."""
        factors = self.item_factors if self.item_factors is not None else np.zeros((self.n_items, 0))
        return np.ascontiguousarray(factors, dtype=np.float32)

    @cached_property
    def _gram(self) -> np.ndarray:
        """(D, D) float64: what all films together add to a weighted least squares."""
        factors = self._factors.astype(np.float64)
        return factors.T @ factors

    def score(self, histories: Sequence[History]) -> np.ndarray:
        queries = [self._query(history) for history in histories]
        vectors = np.stack([vector for vector, _ in queries]) if queries else np.zeros((0, self._factors.shape[1]))
        biases = np.array([bias for _, bias in queries], dtype=np.float32)
        products = vectors.astype(np.float32) @ self._factors.T  # (B, D) @ (D, I)
        return (products + self.item_bias + (self.global_bias + biases)[:, None]).astype(np.float32)

    def _query(self, history: History) -> tuple[np.ndarray, float]:
        """The (D,) vector and the bias of whoever is asking."""
        nobody = np.zeros(self._width, dtype=np.float32)
        if self.query is Query.CONSTANT:
            return nobody, 0.0
        if self.query is Query.INTERACTIONS:
            films, weights = self.votes(history)
            vector = np.zeros(self.n_items, dtype=np.float32)
            vector[films] = weights
            return vector, 0.0
        if self.query is Query.WEIGHTED:
            liked = history.items[history.ratings >= self.min_rating]
            return weighted_vector(self._factors[liked], self._gram, self.alpha, self.regularization), 0.0
        if history.user is not None:
            vector = self.user_factors[history.user] if self.user_factors is not None else nobody
            return vector, float(self.user_bias[history.user]) if self.user_bias is not None else 0.0
        if self.query is Query.LOOKUP:
            return nobody, 0.0
        residuals = history.ratings - self.global_bias - self.item_bias[history.items]
        if self.query is Query.BIAS:
            return nobody, bias_of_new_user(residuals, self.regularization)
        if self.query is Query.RIDGE:
            return ridge_vector(self._factors[history.items], residuals, self.regularization)
        return self.folded_in(history), 0.0

    def folded_in(self, history: History) -> np.ndarray:
        """(D,) the vector that the films of a history give (PAIRWISE), whoever has rated them."""
        given = (*self.votes(history), history.items, self._factors, self.item_bias)
        return pairwise_vector(*given, self.regularization, self.n_candidates)

    def votes(self, history: History) -> tuple[np.ndarray, np.ndarray]:
        """(n,) the liked films, and (n,) how much each counts: 1, or less for an older film or one with fewer stars."""
        is_liked = history.ratings >= self.min_rating
        weights = taste_weights(history.ratings, self.scale, self.star_power, self.recency)
        return history.items[is_liked], weights[is_liked]

    def try_out(self) -> None:
        """Ask it once, without the data that it is for: for a new user, and for those whose numbers are the largest.

        Raises:
            ValueError: it answers with something other than finite numbers; or what its arithmetic raises.
        """
        films = np.arange(min(self.n_items, TRIED_FILMS))
        new_user = History.of_new_user(films, np.full(len(films), self.scale.high))
        stored = [each for each in (self.user_bias, self.user_factors) if each is not None]
        sizes = [np.abs(each).reshape(len(each), -1).max(axis=1, initial=0) for each in stored]
        largest = np.argsort(-np.max(sizes, axis=0))[:TRIED_USERS] if sizes else ()
        with np.errstate(all="ignore"):  # what overflows is found
            _numbers(self.score([new_user, *(replace(new_user, user=int(user)) for user in largest)]))

    def state(self) -> ScorerState:
        arrays = {name: getattr(self, name) for name in _FACTOR_ARRAYS if getattr(self, name) is not None}
        numbers = ("global_bias", "regularization", "min_rating", "alpha")
        settings: dict[str, Any] = {"unit": self.unit.value, "query": self.query.value}
        settings |= {name: float(getattr(self, name)) for name in numbers}
        is_asked_with_weights = self.query is Query.INTERACTIONS and (self.star_power > 0 or self.recency > 0)
        if self.query is Query.PAIRWISE or is_asked_with_weights:
            settings |= {
                "scale": [float(self.scale.low), float(self.scale.high), float(self.scale.step)],
                "star_power": float(self.star_power),
                "recency": float(self.recency),
            }
        if self.query is Query.PAIRWISE:
            settings["n_candidates"] = int(self.n_candidates)
        return ScorerState("factors", settings, arrays)

    @classmethod
    def from_state(cls, state: ScorerState) -> FactorScorer:
        settings = dict(state.settings)
        unit, query = Unit(settings.pop("unit")), Query(settings.pop("query"))
        if "scale" in settings:  # models from before it was stored have scales up to 5 stars, and shares of r / 5
            settings["scale"] = RatingScale(*settings["scale"])
        return cls(unit=unit, query=query, **settings, **state.arrays)  # type: ignore[arg-type]


class ServedFactors(_Served, FactorScorer):
    """A loaded factor model."""


TRIED_FILMS, TRIED_USERS = 5, 64
"""Of a model that is tried out: how many films a new user has seen, and how many known users are asked for."""
_FACTOR_ARRAYS = ("item_bias", "item_factors", "user_bias", "user_factors")


MAX_PAIRS = 20_000
"""Of a user and a film, in one run of a network."""


class NetworkScorer:
    """A network, and an encoder that turns histories into what the network takes.

    Args:
        run: the network's inputs by name -> (B, I) or (B * I,) float32 scores.
        unit: what the scores mean.
        settings: of the encoder (`recsys.serving.encoders`); its key "encoder" names it.
        dataset: gives the encoder films and viewers.
    """

    def __init__(
        self, run: Callable[[dict[str, np.ndarray]], np.ndarray], unit: Unit, settings: dict[str, Any], dataset: Dataset
    ) -> None:
        self.encoder = encoder_for(settings, dataset)
        self.unit, self.n_items = unit, dataset.n_items
        self._run, self._settings = run, settings

    def score(self, histories: Sequence[History]) -> np.ndarray:
        size = self.encoder.block_size
        blocks = [histories[start : start + size] for start in range(0, len(histories), size)]
        rows = [self._in_rows(self._answer(self.encoder.encode(block)), len(block)) for block in blocks]
        return np.concatenate(rows).astype(np.float32) if rows else np.zeros((0, self.n_items), dtype=np.float32)

    def _in_rows(self, scores: np.ndarray, n_rows: int) -> np.ndarray:
        """(B, I), which (B * I,) may stand for, and nothing else: (I, B) would give people each other's scores."""
        if len(scores) not in (n_rows, n_rows * self.n_items):
            raise ValueError(f"{n_rows} histories and {self.n_items} films have scores of the shape {scores.shape}")
        return scores.reshape(n_rows, self.n_items)

    def score_pairs(self, histories: Sequence[History], rows: np.ndarray, items: np.ndarray) -> np.ndarray:
        """(N,) as `score(histories)[rows, items]`, without the other films where the network takes pairs."""
        if not self.encoder.is_pairwise or len(rows) == 0:
            return self.score(histories)[rows, items]
        return self._answer(encode_pairs(self.encoder, histories, rows, items)).reshape(len(rows)).astype(np.float32)

    def _answer(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Pairs are asked for in parts: all films of the largest data set at once would need gigabytes."""
        n_rows = len(next(iter(inputs.values())))
        if not self.encoder.is_pairwise or n_rows <= MAX_PAIRS:
            return self._run(inputs)
        starts = range(0, n_rows, MAX_PAIRS)
        return np.concatenate(
            [self._run({name: each[start : start + MAX_PAIRS] for name, each in inputs.items()}) for start in starts]
        )

    def state_of(self, graph: bytes) -> ScorerState:
        """What has to be stored of a network that is this graph."""
        return ScorerState("onnx", {"unit": self.unit.value, **self._settings}, graph=graph)


class OnnxScorer(NetworkScorer):
    """A network as an ONNX graph with one output. The arguments are those of `NetworkScorer`.

    Raises:
        ValueError: as `graphs.Graph` does; asking it raises ArtifactError.
    """

    def __init__(self, graph: bytes, unit: Unit, settings: dict[str, Any], dataset: Dataset) -> None:
        runnable = Graph(graph)
        super().__init__(lambda inputs: runnable.run(inputs)[0], unit, settings, dataset)
        self._graph = graph

    def state(self) -> ScorerState:
        return self.state_of(self._graph)

    @classmethod
    def from_state(cls, state: ScorerState, dataset: Dataset) -> OnnxScorer:
        settings = dict(state.settings)
        unit = Unit(settings.pop("unit"))
        if state.graph is None:
            raise ValueError("a scorer of kind 'onnx' needs a graph. Received none.")
        return cls(state.graph, unit, settings, dataset)


class ServedNetwork(_Served, OnnxScorer):
    """A loaded network."""

    def score_pairs(self, histories: Sequence[History], rows: np.ndarray, items: np.ndarray) -> np.ndarray:
        with answering():
            return _numbers(super().score_pairs(histories, rows, items))


def score_pairs(scorer: Scorer, histories: Sequence[History], rows: np.ndarray, items: np.ndarray) -> np.ndarray:
    """(N,) the score of film items[n] for histories[rows[n]]; a scorer that can leave the other films out does."""
    of_pairs = getattr(scorer, "score_pairs", None)
    return scorer.score(histories)[rows, items] if of_pairs is None else of_pairs(histories, rows, items)
