"""A visitor's bias and vector against fixed film vectors: what training would give this one user."""

from __future__ import annotations

import numpy as np


def bias_of_visitor(residuals: np.ndarray, regularization: float) -> float:
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


def pairwise_vector(
    liked: np.ndarray,
    seen: np.ndarray,
    factors: np.ndarray,
    item_bias: np.ndarray,
    regularization: float,
    n_negatives: int = 256,
) -> np.ndarray:
    """BPR's objective (Rendle et al. 2009) over one user's vector, by L-BFGS; convex, so the start does not matter.

    mean over liked i and unseen j of -log sigmoid(s_i - s_j), plus regularization * |p|^2.

    Args:
        liked: (n,) film indices.
        seen: (T,) film indices of the whole history, the liked ones included: no negatives.
        factors, item_bias: (I, D), (I,) of all films.
        n_negatives: how many evenly spaced unseen films stand for all of them.

    Returns:
        p (D,); zeros for an empty history.
    """
    n_items, n_factors = factors.shape
    if len(liked) == 0:
        return np.zeros(n_factors, dtype=np.float32)
    from scipy.optimize import minimize  # only here, so that the app starts without it

    others = np.setdiff1d(np.arange(n_items), seen)
    others = others[np.linspace(0, len(others) - 1, min(n_negatives, len(others))).astype(int)]
    if len(others) == 0:
        return np.zeros(n_factors, dtype=np.float32)
    positive, negative = factors[liked].astype(np.float64), factors[others].astype(np.float64)
    offset = item_bias[liked][:, None].astype(np.float64) - item_bias[others][None, :]  # (n, J)
    n_pairs = offset.size

    def loss(vector: np.ndarray) -> tuple[float, np.ndarray]:
        margin = offset + (positive @ vector)[:, None] - (negative @ vector)[None, :]  # (n, J)
        pull = -1.0 / (1.0 + np.exp(np.clip(margin, -50, 50)))  # d loss / d margin
        gradient = pull.sum(axis=1) @ positive - pull.sum(axis=0) @ negative
        value = np.logaddexp(0.0, -margin).sum() / n_pairs + regularization * vector @ vector
        return float(value), gradient / n_pairs + 2 * regularization * vector

    return minimize(loss, np.zeros(n_factors), jac=True, method="L-BFGS-B").x.astype(np.float32)
