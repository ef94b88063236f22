"""Metrics of predicted ratings worked out term by term on one user's held-out films, as in `worked`."""

from __future__ import annotations

import math

import numpy as np

from recsys.lessons.worked import Step, Term, Worked, mean, quotient, show, total

_LEAST = 1e-7
"""Probabilities are kept this far away from 0 and 1, where a logarithm would be infinite."""


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
