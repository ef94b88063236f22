"""One user, several models: their lists, where the hits and the missed films stand, and how much they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from recsys.data.dataset import Dataset, History, RatingScale
from recsys.serving.ranking import check_k, recommend
from recsys.serving.scorers import Scorer, Unit


class Place(NamedTuple):
    """A place of a list, for people and other programs: a raw film id, and the score as it is shown."""

    rank: int
    film: int
    title: str
    score: float
    liked: bool


@dataclass(frozen=True, eq=False)
class ModelList:
    """What one model puts first for one history.

    Args:
        model: its name in the registry.
        unit: what the scores mean.
        items: (k,) int32 film indices, best first; fewer when the films ran out.
        scores: (k,) float32.
        is_hit: (k,) bool: a film that was held out and that the user went on to like.
        missed_ranks: rank (from 1) of each such film that is not among the k, ascending; a film that the list may
            not contain (already seen) has none.
        typical_score: the median score of the films that could be listed; some units mean something only beside it.
    """

    model: str
    unit: Unit
    items: np.ndarray
    scores: np.ndarray
    is_hit: np.ndarray
    missed_ranks: np.ndarray
    typical_score: float

    @property
    def n_hits(self) -> int:
        return int(self.is_hit.sum())

    def first(self, k: int) -> ModelList:
        """The list of length k that this one begins with."""
        missed = np.flatnonzero(self.is_hit[k:]) + k
        return replace(
            self,
            items=self.items[:k],
            scores=self.scores[:k],
            is_hit=self.is_hit[:k],
            missed_ranks=np.concatenate([missed + 1, self.missed_ranks]),
        )

    def shown_scores(self, scale: RatingScale) -> np.ndarray:
        """(k,) scores as they are shown: stars never leave the scale, although the ranking uses them unclipped."""
        return scale.clip(self.scores) if self.unit is Unit.STARS else self.scores

    def places(self, dataset: Dataset) -> list[Place]:
        """From the first to the last."""
        catalog, shown = dataset.catalog, self.shown_scores(dataset.scale)
        return [
            Place(rank, int(catalog.ids.ids[item]), catalog.label(int(item)), float(score), bool(hit))
            for rank, (item, score, hit) in enumerate(zip(self.items, shown, self.is_hit, strict=True), 1)
        ]

    def strengths(self) -> np.ndarray:
        """(k,) scores on a scale where the first place is 100 and a typical film 0."""
        scores = self.scores.astype(np.float64)  # which holds the differences of the largest float32
        top = scores[0] - self.typical_score if len(scores) else 0.0
        return 100 * (scores - self.typical_score) / top if top > 0 else np.full(len(self.scores), 100.0)


def model_list(
    model: str, scorer: Scorer, history: History, relevant: np.ndarray, k: int, *, exclude_seen: bool = True
) -> ModelList:
    """The list of one model for one history. Raises UsageError where k is out of range.

    Args:
        relevant: film indices held out and liked; empty for a new user.
    """
    check_k(k, scorer.n_items)
    ranking = recommend(scorer, [history], scorer.n_items, exclude_seen=exclude_seen)
    present = ranking.items[0] >= 0
    order, scores = ranking.items[0][present], ranking.scores[0][present]
    whole = ModelList(
        model=model,
        unit=scorer.unit,
        items=order,
        scores=scores,
        is_hit=np.isin(order, relevant),
        missed_ranks=np.zeros(0, dtype=np.int64),
        typical_score=float(np.median(scores)) if len(scores) else 0.0,
    )
    return whole.first(k)


def jaccard(first: np.ndarray, second: np.ndarray) -> float:
    """Films in both lists over films in either; 1 for two empty lists."""
    both, either = len(np.intersect1d(first, second)), len(np.union1d(first, second))
    return both / either if either else 1.0


def rank_biased_overlap(first: np.ndarray, second: np.ndarray, p: float = 0.9) -> float:
    """Extrapolated rank-biased overlap of two lists of equal length (Webber, Moffat & Zobel 2010, equation 32).

    Agreement near the top counts more; p = 0.9 puts 86 % of the weight on the first ten places.
    """
    depth = min(len(first), len(second))
    if depth == 0:
        return float(len(first) == len(second))
    seen_first, seen_second, overlaps = set(), set(), []
    for a, b in zip(first[:depth].tolist(), second[:depth].tolist(), strict=True):
        seen_first.add(a)
        seen_second.add(b)
        overlaps.append(len(seen_first & seen_second))
    places = np.arange(1, depth + 1)
    agreement = np.array(overlaps) / places
    overlap = agreement[-1] * p**depth + (1 - p) / p * (agreement * p**places).sum()
    return min(float(overlap), 1.0)  # equal lists: rounding adds a last digit


@dataclass(frozen=True, eq=False)
class Agreement:
    """How alike the lists are.

    Args:
        jaccard, rank_biased_overlap: (M, M) float, symmetric, 1 on the diagonal.
        votes: film index -> names of the models that list it, most votes first, then best mean rank.
    """

    jaccard: np.ndarray
    rank_biased_overlap: np.ndarray
    votes: dict[int, tuple[str, ...]]

    def films_of_many(self, at_least: int) -> list[int]:
        return [item for item, models in self.votes.items() if len(models) >= at_least]

    def films_of_one(self, model: str) -> list[int]:
        return [item for item, models in self.votes.items() if models == (model,)]


def agreement(lists: Sequence[ModelList]) -> Agreement:
    """Compare every pair of lists, and list the models that suggest each film."""
    ranks: dict[int, dict[str, int]] = {}
    for ranked in lists:
        for rank, item in enumerate(ranked.items.tolist(), start=1):
            ranks.setdefault(item, {})[ranked.model] = rank
    order = sorted(ranks, key=lambda item: (-len(ranks[item]), sum(ranks[item].values()) / len(ranks[item]), item))
    items = [ranked.items for ranked in lists]
    return Agreement(
        jaccard=np.array([[jaccard(a, b) for b in items] for a in items]),
        rank_biased_overlap=np.array([[rank_biased_overlap(a, b) for b in items] for a in items]),
        votes={item: tuple(ranks[item]) for item in order},
    )
