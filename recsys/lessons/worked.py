"""Metrics of one list, or of one user's predicted ratings, worked out term by term.

An independent second way to the numbers of recsys/evaluation/metrics.py, which is not called here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

_MOST_TERMS = 5
"""A sum of more terms is cut short where it is written out."""
_LEAST = 1e-7
"""Probabilities are kept this far away from 0 and 1, where a logarithm would be infinite."""


@dataclass(frozen=True)
class Term:
    """What one row adds: how it is worked out, and its value."""

    working: str
    value: float


@dataclass(frozen=True)
class Step:
    """A line below the rows."""

    label: str
    working: str
    value: float


@dataclass(frozen=True)
class Worked:
    """A metric for one list.

    Args:
        terms: one per row, in the order of the list.
        steps: from the terms to the metric; the last is the metric.
    """

    terms: tuple[Term, ...]
    steps: tuple[Step, ...]

    @property
    def value(self) -> float:
        return self.steps[-1].value


def show(value: float) -> str:
    """A number for people: a whole one as it is, any other with three digits."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:,.0f}" if value == int(value) else f"{value:,.3f}"
    return text.replace("-", "−")


def added(values: Sequence[float]) -> str:
    """A sum written out: 1 + 0.431 + …"""
    some = [show(value) for value in values if value]
    more = " + …" if len(some) > _MOST_TERMS else ""
    return " + ".join(some[:_MOST_TERMS]) + more if some else "0"


def total(label: str, terms: Sequence[Term]) -> Step:
    """The sum of the terms."""
    values = [term.value for term in terms]
    return Step(label, added(values), sum(values))


def quotient(label: str, top: float, bottom: float, of: str = "") -> Step:
    """One number divided by another; `of` says what the other counts."""
    return Step(label, f"{show(top)} ÷ {show(bottom)} {of}".rstrip(), top / bottom)


def mean(label: str, terms: Sequence[Term], of: str) -> tuple[Step, Step]:
    """The sum of the terms, and that divided by their number."""
    found = total("sum", terms)
    return found, quotient(label, found.value, len(terms), of)


# Of a list: hits (k,) bool and the number of relevant films


def ndcg(hits: np.ndarray, n_relevant: int) -> Worked:
    places = range(2, len(hits) + 2)
    terms = tuple(
        Term(f"1 ÷ log₂({place})", 1 / math.log2(place)) if hit else Term("0", 0.0)
        for place, hit in zip(places, hits, strict=True)
    )
    best = [1 / math.log2(place) for place in range(2, min(len(hits), n_relevant) + 2)]
    dcg, ideal = total("DCG", terms), sum(best)
    on_top = f"all {len(best)} that fit on top: " if len(best) > 1 else "one on top: "
    of_best = Step("IDCG, of the best list", on_top + added(best), ideal)
    return Worked(terms, (dcg, of_best, quotient("nDCG", dcg.value, ideal)))


def _counted(hits: np.ndarray) -> tuple[tuple[Term, ...], Step]:
    """A term for each place, and the number of hits."""
    terms = tuple(Term("1" if hit else "0", float(hit)) for hit in hits)
    return terms, total("hits", terms)


def recall(hits: np.ndarray, n_relevant: int) -> Worked:
    terms, found = _counted(hits)
    return Worked(terms, (found, quotient("recall", found.value, n_relevant, "liked films")))


def precision(hits: np.ndarray, n_relevant: int) -> Worked:
    terms, found = _counted(hits)
    return Worked(terms, (found, quotient("precision", found.value, len(hits), "places")))


def hit_rate(hits: np.ndarray, n_relevant: int) -> Worked:
    terms, found = _counted(hits)
    hit = Step("hit", "at least one", 1.0) if found.value else Step("hit", "not one", 0.0)
    return Worked(terms, (found, hit))


def average_precision(hits: np.ndarray, n_relevant: int) -> Worked:
    terms, found = [], 0
    for place, hit in enumerate(hits.tolist(), start=1):
        found += hit
        terms.append(Term(f"{found} ÷ {place}", found / place) if hit else Term("0", 0.0))
    summed, best = total("sum", terms), min(len(hits), n_relevant)
    return Worked(tuple(terms), (summed, quotient("average precision", summed.value, best, "that could be hits")))


def reciprocal_rank(hits: np.ndarray, n_relevant: int) -> Worked:
    first = next((place for place, hit in enumerate(hits.tolist(), start=1) if hit), None)
    terms = tuple(
        Term(f"1 ÷ {place}", 1 / place) if place == first else Term("0", 0.0) for place in range(1, len(hits) + 1)
    )
    said = "no hit in the list" if first is None else f"1 ÷ {first}, the rank of the first hit"
    return Worked(terms, (Step("reciprocal rank", said, 0.0 if first is None else 1 / first),))


OF_HITS: dict[str, Callable[[np.ndarray, int], Worked]] = {
    "ndcg": ndcg,
    "recall": recall,
    "precision": precision,
    "hit_rate": hit_rate,
    "map": average_precision,
    "mrr": reciprocal_rank,
}
"""By the names of recsys.evaluation.metrics.LIST_METRICS; each takes a list with at least one relevant film to find."""


# Of the films of a list, whatever was liked


def novelty(counts: np.ndarray, n_users: int) -> Worked:
    """`counts` (k,): how many people rated each film of the list; 0 counts as one."""
    people = np.maximum(counts, 1).tolist()
    terms = tuple(Term(f"−log₂({n:,.0f} ÷ {n_users:,})", -math.log2(n / n_users)) for n in people)
    return Worked(terms, mean("novelty, in bits", terms, "films"))


def popularity(counts: np.ndarray) -> Worked:
    terms = tuple(Term("people who rated it", float(n)) for n in counts.tolist())
    return Worked(terms, mean("popularity", terms, "films"))


def diversity(genres: np.ndarray) -> Worked:
    """`genres` (k, G) 0 or 1, of two films or more: 1 - Jaccard of each pair, as a mean of each film to the others."""
    sets = [set(np.flatnonzero(row).tolist()) for row in genres]
    terms = []
    for place, one in enumerate(sets):
        others = [other for at, other in enumerate(sets) if at != place]
        apart = [1 - len(one & other) / len(one | other) if one | other else 0.0 for other in others]
        terms.append(Term(f"{show(sum(apart))} ÷ {len(others)} others", sum(apart) / len(others)))
    return Worked(tuple(terms), mean("diversity", terms, "films"))


def serendipity(hits: np.ndarray, is_expected: np.ndarray) -> Worked:
    """`is_expected` (k,): whether the film is in the list of Popularity as well."""
    terms = []
    for hit, expected in zip(hits.tolist(), is_expected.tolist(), strict=True):
        why = "everybody gets it" if hit and expected else ""
        terms.append(Term(why or ("1" if hit else "0"), float(hit and not expected)))
    found = total("surprising hits", terms)
    return Worked(tuple(terms), (found, quotient("serendipity", found.value, len(hits), "places")))


# Of predicted ratings, on one user's held-out films


def rmse(stars: np.ndarray, predicted: np.ndarray) -> Worked:
    """`predicted` (n,) clipped to the scale, beside the stars (n,) that were given."""
    pairs = zip(predicted.tolist(), stars.tolist(), strict=True)
    terms = tuple(Term(f"({show(guess)} − {show(real)})²", (guess - real) ** 2) for guess, real in pairs)
    summed, squared = mean("mean", terms, "ratings")
    return Worked(
        terms, (summed, squared, Step("RMSE, in stars", f"√ {show(squared.value)}", math.sqrt(squared.value)))
    )


def mae(stars: np.ndarray, predicted: np.ndarray) -> Worked:
    pairs = zip(predicted.tolist(), stars.tolist(), strict=True)
    terms = tuple(Term(f"|{show(guess)} − {show(real)}|", abs(guess - real)) for guess, real in pairs)
    return Worked(terms, mean("MAE, in stars", terms, "ratings"))


def fcp(stars: np.ndarray, predicted: np.ndarray) -> Worked | None:
    """Each film against those with fewer stars; None without a pair. Tied predictions do not count."""
    terms, wrong = [], 0
    for film in range(len(stars)):
        lower = predicted[stars < stars[film]]
        over, under = int((lower < predicted[film]).sum()), int((lower > predicted[film]).sum())
        terms.append(Term(f"right {over}, wrong {under}", float(over)))
        wrong += under
    right = total("pairs in the right order", terms)
    if right.value + wrong == 0:
        return None
    working = f"{show(right.value)} ÷ ({show(right.value)} + {show(wrong)})"
    return Worked(tuple(terms), (right, Step("FCP", working, right.value / (right.value + wrong))))


def auc(liked: np.ndarray, scores: np.ndarray) -> Worked | None:
    """Each liked film against the others, ties half; None where one of both kinds is missing."""
    others = scores[~liked]
    if not 0 < len(others) < len(scores):
        return None
    terms = []
    for is_liked, score in zip(liked.tolist(), scores.tolist(), strict=True):
        beaten = float((others < score).sum() + (others == score).sum() / 2)
        terms.append(Term(f"above {show(beaten)} of {len(others)}", beaten) if is_liked else Term("", 0.0))
    right, n_liked = total("pairs in the right order", terms), int(liked.sum())
    pairs = Step("all pairs", f"{n_liked} liked × {len(others)} others", n_liked * len(others))
    return Worked(tuple(terms), (right, pairs, quotient("AUC", right.value, pairs.value)))


def log_loss(liked: np.ndarray, chances: np.ndarray) -> Worked:
    terms = []
    for is_liked, chance in zip(liked.tolist(), chances.astype(np.float64).tolist(), strict=True):
        bounded = min(max(chance, _LEAST), 1 - _LEAST)
        of_truth = bounded if is_liked else 1 - bounded
        working = f"−ln {show(bounded)}" if is_liked else f"−ln (1 − {show(bounded)})"
        terms.append(Term(working, -math.log(of_truth)))
    return Worked(tuple(terms), mean("log loss", terms, "ratings"))


def calibration(curve: np.ndarray) -> Worked:
    """`curve` (bins, 3): mean promised chance, share of liked films, ratings; of all users."""
    terms = tuple(
        Term(f"{show(count)} × |{show(promised)} − {show(happened)}|", count * abs(promised - happened))
        for promised, happened, count in curve.tolist()
    )
    summed = total("sum", terms)
    return Worked(terms, (summed, quotient("calibration error", summed.value, float(curve[:, 2].sum()), "ratings")))
