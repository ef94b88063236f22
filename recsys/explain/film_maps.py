"""Two flat maps of films: PCA, which costs little, and t-SNE, which is worked out offline.

Both are of vectors at length 1. Between such vectors the squared distance is twice one minus the cosine, so both maps
are about angles. scikit-learn is imported for t-SNE and nowhere in the app.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from recsys.errors import UsageError
from recsys.paths import install

PERPLEXITY = 30.0
_WIDTH, _ROUNDS = 12, 30
"""Of the subspace iteration: vectors that are followed beside the two that count, and how often they are multiplied."""


def pca(directions: np.ndarray) -> tuple[np.ndarray, float]:
    """The two principal components, by subspace iteration: of item-item weights there are as many as films.

    Halko, Martinsson & Tropp (2011), Finding Structure with Randomness.

    Args:
        directions: (P, D) float32, two rows or more.

    Returns:
        (P, 2) in [-1, 1], and the share of the variance that both axes show.
    """
    centred = directions - directions.mean(axis=0)
    width = min(_WIDTH, directions.shape[1])
    basis = np.random.default_rng(0).standard_normal((directions.shape[1], width)).astype(np.float32)
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(centred.T @ (centred @ basis))[0]  # (D, width)
    _, lengths, turned = np.linalg.svd(centred @ basis, full_matrices=False)
    axes = basis @ turned[:2].T  # (D, 2)
    axes *= np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1, 1)  # else either way is right
    points = np.zeros((len(directions), 2), dtype=np.float32)  # films of one number lie on a line
    points[:, : axes.shape[1]] = centred @ axes
    share = float((lengths[:2].astype(np.float64) ** 2).sum() / max(float((centred**2).sum()), 1e-12))
    return fitted(points), min(share, 1.0)


def tsne(directions: np.ndarray, seed: int) -> np.ndarray:
    """(P, 2) in [-1, 1]; van der Maaten & Hinton (2008). Takes seconds. Raises UsageError without scikit-learn."""
    if find_spec("sklearn") is None:
        raise UsageError(f"t-SNE needs scikit-learn, which is not installed: {install('train')}")
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    perplexity = min(PERPLEXITY, (len(directions) - 1) / 3)
    # One thread: with two, the sums come out in another order, and on a busy machine it takes five times as long.
    with threadpool_limits(1):
        near = TSNE(n_components=2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(directions)
    return fitted(near)


def fitted(points: np.ndarray) -> np.ndarray:
    """(P, 2) moved and scaled, alike along both axes, so that the wider one fills [-1, 1]."""
    low, high = points.min(axis=0), points.max(axis=0)
    return (points - (low + high) / 2) / max(float((high - low).max()) / 2, 1e-12)
