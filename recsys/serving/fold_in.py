"""A new user's bias and vector against fixed film vectors: what training would give this one user."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from recsys.data.dataset import RatingScale


def bias_of_new_user(residuals: np.ndarray, regularization: float) -> float:
    """sum(r - mu - b_i) / (regularization + n), the user step of the ALS baseline (Koren 2010, section 2.1)."""
    return float(residuals.sum() / (regularization + len(residuals))) if len(residuals) else 0.0


def ridge_vector(factors: np.ndarray, residuals: np.ndarray, regularization: float) -> tuple[np.ndarray, float]:
    """The vector p and bias b that minimise sum (residual - b - p.q)^2 + n * regularization * (|p|^2 + b^2).

    SGD pays the L2 term once per rating, hence the factor n.

    Args:
        factors: (T, D) vectors q of the films in the history.
        residuals: (T,) rating - global bias - film bias.

    Returns:
        p (D,) and b; zeros for an empty history.
    """
    n, n_factors = factors.shape
    if n == 0:
        return np.zeros(n_factors, dtype=np.float32), 0.0
    design = np.hstack([np.ones((n, 1)), factors.astype(np.float64)])  # (T, 1 + D)
    gram = design.T @ design + n * regularization * np.eye(1 + n_factors)
    # lstsq: without regularization, fewer films than factors leave the system singular.
    solution = np.linalg.lstsq(gram, design.T @ residuals.astype(np.float64), rcond=None)[0]
    return solution[1:].astype(np.float32), float(solution[0])


def weighted_vector(liked: np.ndarray, gram: np.ndarray, alpha: float, regularization: float) -> np.ndarray:
    """The user's step of implicit ALS (Hu, Koren & Volinsky 2008, equation 4), film vectors fixed.

    Minimises alpha * sum over liked (1 - p.q)^2 + sum over all others (p.q)^2 + regularization * |p|^2.

    Args:
        liked: (n, D) vectors q of the liked films.
        gram: (D, D) sum of q q^T over all films.

    Returns:
        p (D,); zeros for an empty history.
    """
    if len(liked) == 0:
        return np.zeros(len(gram), dtype=np.float32)
    factors = liked.astype(np.float64)
    weighted = gram + (alpha - 1) * factors.T @ factors + regularization * np.eye(len(gram))
    return np.linalg.solve(weighted, alpha * factors.sum(axis=0)).astype(np.float32)


def taste_weights(ratings: np.ndarray, scale: RatingScale, star_power: float, recency: float) -> np.ndarray:
    """(T,) how much each film of a history counts as a sign of taste, oldest first: BPR's weights for one user.

    share^star_power * exp(-recency * age): the stars as a share of the scale's steps, 1 for the most and never 0
    (Hu et al. 2008 weigh by a count), and the age by rank, almost 1 (oldest) to 0: an evening of a hundred ratings
    has an order too (Ding & Li 2005 weigh by age).
    """
    n = len(ratings)
    age = np.arange(n)[::-1] / max(n, 1)
    share = (ratings - scale.low + scale.step) / (scale.high - scale.low + scale.step)
    return share**star_power * np.exp(-recency * age)


def pairwise_vector(
    liked: np.ndarray,
    weights: np.ndarray,
    seen: np.ndarray,
    factors: np.ndarray,
    item_bias: np.ndarray,
    regularization: float,
    n_candidates: int = 1,
    n_negatives: int = 256,
) -> np.ndarray:
    """BPR's objective (Rendle et al. 2009) over one user's vector, by Newton's method, film vectors fixed.

    Weighted mean over liked i, mean over unseen j of -log sigmoid(s_i - s_j), plus regularization * |p|^2. The unseen
    films stand for draws of the highest-scoring of `n_candidates` random ones (Zhang et al. 2013), as in training. With
    one candidate the problem is convex. With more, which films are hard depends on p: it is solved a few times over,
    each time going half of the way, as training moves in small steps; whole ways run from one hard set to the next.

    Args:
        liked: (n,) film indices.
        weights: (n,) of the liked films, positive.
        seen: (T,) film indices of the whole history, the liked ones included: no negatives.
        factors, item_bias: (I, D), (I,) of all films.
        n_negatives: how many unseen films stand for all of them, each as likely to be drawn as any other.

    Returns:
        p (D,); zeros without a liked or an unseen film.
    """
    n_items, n_factors = factors.shape
    unseen = np.setdiff1d(np.arange(n_items), seen)
    vector = np.zeros(n_factors)
    if len(liked) == 0 or len(unseen) == 0:
        return vector.astype(np.float32)
    places = _places_of_hardest(len(unseen), n_candidates, n_negatives)
    films, bias = factors.astype(np.float64), item_bias.astype(np.float64)
    share = np.asarray(weights, dtype=np.float64) / np.sum(weights) / len(places)  # of each comparison
    for done in range(1 if n_candidates == 1 else _N_ROUNDS):
        if n_candidates > 1:
            unseen = unseen[np.argsort(-(films[unseen] @ vector + bias[unseen]), kind="stable")]  # hardest first
        compared = unseen[places]
        offset = bias[liked][:, None] - bias[compared][None, :]  # (n, J)
        solution = _minimum(
            partial(
                _pairwise_loss,
                positive=films[liked],
                negative=films[compared],
                offset=offset,
                share=share,
                regularization=regularization,
            ),
            vector,
        )
        vector = solution if done == 0 else (vector + solution) / 2
    return vector.astype(np.float32)


_N_ROUNDS = 4


def _places_of_hardest(n: int, n_candidates: int, n_negatives: int) -> np.ndarray:
    """Places in the descending order of n scores, equally likely to be the best of `n_candidates` random ones."""
    n_negatives = min(n_negatives, n)
    chance = (np.arange(n_negatives) + 0.5) / n_negatives
    return np.minimum(n * (1 - (1 - chance) ** (1 / n_candidates)), n - 1).astype(int)


Convex = Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]]
"""A vector (D,) -> a value, its gradient (D,) and its Hessian (D, D)."""
_STEPS = 50
_SETTLED = 1e-10
"""What a step must still gain. Without regularization the minimum may be infinitely far: gains shrink all the same."""
_FIRM = 1e-9
"""Without regularization, fewer films than factors leave the Hessian singular."""


def _minimum(function: Convex, vector: np.ndarray) -> np.ndarray:
    """Where a convex function is least, by Newton's method with halved steps (Boyd & Vandenberghe 2004, section 9.5).

    scipy's minimisers would do, for 44 MB of every server's memory.
    """
    loss, gradient, hessian = function(vector)
    for _ in range(_STEPS):
        step = np.linalg.solve(hessian + _FIRM * np.eye(len(vector)), gradient)
        gain = gradient @ step
        if gain < _SETTLED:
            break
        size = 1.0
        while (following := function(vector - size * step))[0] > loss - size * gain / 4:
            size /= 2
        vector = vector - size * step
        loss, gradient, hessian = following
    return vector


def _pairwise_loss(
    vector: np.ndarray,
    positive: np.ndarray,
    negative: np.ndarray,
    offset: np.ndarray,
    share: np.ndarray,
    regularization: float,
) -> tuple[float, np.ndarray, np.ndarray]:
    """BPR's loss for a user's vector (D,), its gradient (D,) and its Hessian (D, D).

    Args:
        positive, negative: (n, D), (J, D) vectors of the films compared.
        offset: (n, J) differences of their biases.
        share: (n,) weight of a liked film in each of its comparisons.
    """
    margin = offset + (positive @ vector)[:, None] - (negative @ vector)[None, :]  # (n, J)
    wrong = 1.0 / (1.0 + np.exp(np.clip(margin, -50, 50)))  # -d loss / d margin
    pull = -share[:, None] * wrong
    value = (share[:, None] * np.logaddexp(0.0, -margin)).sum() + regularization * vector @ vector
    gradient = pull.sum(axis=1) @ positive - pull.sum(axis=0) @ negative + 2 * regularization * vector
    bend = -pull * (1.0 - wrong)  # (n, J) second derivatives by the margin
    across = positive.T @ bend @ negative
    hessian = (positive.T * bend.sum(axis=1)) @ positive + (negative.T * bend.sum(axis=0)) @ negative
    return float(value), gradient, hessian - across - across.T + 2 * regularization * np.eye(len(vector))
