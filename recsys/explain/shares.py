"""A product of vectors taken apart: over the films that placed the person, and over the axes of taste.

The person's vector is a solution (`fold_in`), and each solution is a sum over the films that it was solved from.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from recsys.data.dataset import History
from recsys.explain.parts import Factor
from recsys.serving.scorers import FactorScorer

N_FACTORS, N_AT_END = 3, 2
"""How many axes are named, and how many films stand for each of their ends."""
MOST_COMPARED = 2**20
"""Comparisons of a liked film with an unseen one held in memory at a time: a few arrays of 8 MB."""
_WELL_KNOWN = 0.2
"""Only this share of the films, the most rated, may stand for an axis: nobody knows the others."""


def ridge_shares(factors: np.ndarray, residuals: np.ndarray, regularization: float, vector: np.ndarray) -> np.ndarray:
    """(T,) what each film of the history adds to b + p.q, with p and b as `fold_in.ridge_vector` solves them.

    They solve (X'X + n * regularization * I) w = X'r with X = [1, Q], so [1, q].w is the sum over the films j of
    ([1, q]' inverse x_j) r_j.

    Args:
        factors: (T, D) vectors of the films in the history.
        residuals: (T,) their stars - global bias - film bias.
        vector: (D,) q of the film that is explained.
    """
    n = len(factors)
    if n == 0:
        return np.zeros(0)
    design = np.hstack([np.ones((n, 1)), factors])  # (T, 1 + D)
    gram = design.T @ design + n * regularization * np.eye(design.shape[1])
    # lstsq, as in the fold-in: without regularization, fewer films than factors leave the system singular.
    direction = np.linalg.lstsq(gram, np.concatenate([[1.0], vector]), rcond=None)[0]
    return (design @ direction) * residuals


def pairwise_shares(
    scorer: FactorScorer, history: History, person: np.ndarray, item: int
) -> tuple[np.ndarray, np.ndarray]:
    """The liked films, and what each adds to p.q of `item` where p minimises BPR's objective as the fold-in has it.

    At the minimum 2 * regularization * p = sum over liked i, unseen j of w_ij * sigmoid(s_j - s_i) * (q_i - q_j). An
    unseen film counts as often as it is the highest of `n_candidates` random ones.

    Returns:
        items (n,), shares (n,).
    """
    (liked, weights), unseen = scorer.votes(history), np.setdiff1d(np.arange(scorer.n_items), history.items)
    if len(liked) == 0 or len(unseen) == 0:
        return liked, np.zeros(len(liked))
    vectors = vectors_of(scorer)
    scores = vectors @ person + scorer.item_bias
    unseen = unseen[np.argsort(-scores[unseen], kind="stable")]  # hardest first
    places = np.arange(len(unseen) + 1) / len(unseen)
    chance = (1 - places[:-1]) ** scorer.n_candidates - (1 - places[1:]) ** scorer.n_candidates  # (J,)
    weights = weights / weights.sum()
    towards = vectors @ vectors[item]
    shares = np.empty(len(liked))
    n_rows = max(MOST_COMPARED // len(unseen), 1)
    for start in range(0, len(liked), n_rows):  # (n, J) at once would not fit for thousands of liked films
        rows = slice(start, start + n_rows)
        margin = scores[liked[rows]][:, None] - scores[unseen][None, :]
        pull = np.outer(weights[rows], chance) / (1 + np.exp(np.clip(margin, -50, 50)))
        shares[rows] = pull.sum(axis=1) * towards[liked[rows]] - pull @ towards[unseen]
    return liked, shares / (2 * scorer.regularization) if scorer.regularization > 0 else shares


def factors_of(
    vectors: np.ndarray, axes: np.ndarray, person: np.ndarray, item: int, counts: np.ndarray
) -> tuple[Factor, ...]:
    """The axes of taste with the largest products, of all that add up to p.q.

    The axes in which a model happens to be trained mean nothing: turned together, users and films keep all their
    products. So they are turned to the axes along which the films differ most (principal components).

    Args:
        vectors: (I, D) of all films.
        axes: (D, D) of `axes_of`.
        person: (D,).
        counts: (I,) ratings per film; only well-known ones stand for the ends.
    """
    turned, of_person = vectors @ axes, person.astype(np.float64) @ axes
    products = of_person * turned[item]
    known = np.argsort(-counts, kind="stable")[: max(2 * N_AT_END, int(_WELL_KNOWN * len(counts)))]
    found = []
    for axis in np.argsort(-np.abs(products), kind="stable")[:N_FACTORS].tolist():
        if products[axis] == 0:
            break
        along = known[np.argsort(-turned[known, axis] * (1 if turned[item, axis] >= 0 else -1), kind="stable")]
        ends = along[:N_AT_END].tolist(), along[: -N_AT_END - 1 : -1].tolist()
        found.append(Factor(axis + 1, float(products[axis]), tuple(ends[0]), tuple(ends[1])))
    return tuple(found)


@lru_cache(maxsize=8)  # a page and the deletion test ask the same few scorers again and again
def axes_of(scorer: FactorScorer) -> np.ndarray:
    """(D, D) orthogonal, a column per axis: those along which the films differ most come first."""
    vectors = vectors_of(scorer)
    spread = vectors - vectors.mean(axis=0)
    return np.linalg.eigh(spread.T @ spread)[1][:, ::-1]


def vectors_of(scorer: FactorScorer) -> np.ndarray:
    """(I, D) float64 vectors of the films, none without factors."""
    stored = scorer.item_factors
    return np.zeros((scorer.n_items, 0)) if stored is None else stored.astype(np.float64)
