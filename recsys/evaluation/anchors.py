"""The figures to beat, published or set by ourselves, and what our models have reached under the same protocol."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

from recsys.errors import ArtifactError
from recsys.evaluation import results
from recsys.evaluation.metrics import LOWER_IS_BETTER
from recsys.serving import artifacts


@dataclass(frozen=True)
class Anchor:
    """A figure to beat.

    Args:
        model, dataset, protocol, metric: what is compared.
        value: the figure.
        whose: which model of whom reached it, or who set it as a mark.
    """

    model: str
    dataset: str
    protocol: str
    metric: str
    value: float
    whose: str

    def is_reached_by(self, value: float) -> bool:
        return value <= self.value if self.metric in LOWER_IS_BETTER else value >= self.value


MARK = "own mark, not published"
OTHER_CODE = "GRU in independent code, not published"

ANCHORS = (
    Anchor("svd", "ml-100k", "rate", "rmse", 0.919, "published: SVD++ (Surprise)"),
    Anchor("svd", "ml-1m-untimed", "rate", "rmse", 0.862, "published: SVD++ (Surprise)"),
    Anchor("autoencoder", "ml-100k", "rate", "rmse", 0.934, "published: SVD, defaults (Surprise)"),
    Anchor("autoencoder", "ml-1m-untimed", "rate-90", "rmse", 0.856, MARK),
    Anchor("autoencoder-items", "ml-100k", "rate", "rmse", 0.925, MARK),
    Anchor("autoencoder-items", "ml-1m-untimed", "rate-90", "rmse", 0.835, f"{MARK}; I-AutoRec has .831"),
    Anchor("bpr", "ml-100k", "top", "ndcg@10", 0.445, "published: BPR (recommenders)"),
    Anchor("bpr", "ml-1m-untimed", "top", "ndcg@10", 0.2407, "published: BPR (RecBole)"),
    Anchor("gru", "ml-100k", "next", "ndcg@10", 0.093, OTHER_CODE),
    Anchor("gru", "ml-100k", "next", "hit_rate@10", 0.173, OTHER_CODE),
    Anchor("autoint", "ml-1m-untimed", "ctr", "auc", 0.8987, "published: AutoInt with MLP"),
    Anchor("autoint", "ml-1m-untimed", "ctr", "log_loss", 0.3174, "published: AutoInt with MLP"),
    Anchor("mf", "ml-100k", "naive-mf", "rmse", 1.0946, "published: Keras MF, source article"),
    Anchor("deep-mf", "ml-100k", "naive-mf", "rmse", 0.943, "published: deep MF, source article"),
    Anchor(
        "deep-mf-occupation", "ml-100k", "naive-mf", "rmse", 0.944, "published: deep MF, occupation, source article"
    ),
)

CALIBRATIONS = (
    Anchor("popularity", "ml-100k", "holdout", "ndcg@10", 0.098, "independent code"),
    Anchor("ease", "ml-100k", "holdout", "ndcg@10", 0.192, "independent code"),
    Anchor("als", "ml-100k", "holdout", "rmse", 0.998, "independent code"),
    Anchor("als", "ml-100k", "rate", "rmse", 0.944, "BaselineOnly (Surprise)"),
    Anchor("als", "ml-1m-untimed", "rate", "rmse", 0.909, "BaselineOnly (Surprise)"),
    Anchor("popularity", "ml-100k", "next", "ndcg@10", 0.045, "independent code"),
    Anchor("ease", "ml-100k", "next", "ndcg@10", 0.072, "independent code"),
    Anchor("ease", "ml-1m-untimed", "top", "ndcg@10", 0.2865, "EASE (RecBole)"),
)
"""Deterministic models: where one of these is more than 2 % off, the protocol is wrong, not the model."""


@dataclass(frozen=True)
class Standing:
    """What we reach; NaN where nothing sound is on record, or where there is no standard error.

    Args:
        is_damaged: something is on record and cannot be read.
    """

    anchor: Anchor
    value: float
    standard_error: float
    n_seeds: int
    is_damaged: bool = False

    @property
    def is_reached(self) -> bool:
        return math.isfinite(self.value) and self.anchor.is_reached_by(self.value)

    @property
    def is_level(self) -> bool:
        """Whether the figure lies within two standard errors of ours: with other users it could be the reverse."""
        return abs(self.value - self.anchor.value) <= 2 * self.standard_error  # False where there is no error

    @property
    def relative_error(self) -> float:
        return abs(self.value - self.anchor.value) / self.anchor.value


def standing(anchor: Anchor, root: Path | None = None) -> Standing:
    """Our figure beside a published one, from the record of its protocol or, for `holdout`, from the artifact."""
    if anchor.protocol == "holdout":
        folder = artifacts.folder_of(anchor.dataset, anchor.model, root)
        try:
            manifest = artifacts.read_manifest(folder)
        except ArtifactError:
            return Standing(anchor, math.nan, math.nan, 0, is_damaged=os.path.lexists(folder))
        low, high = manifest.intervals.get(anchor.metric, [math.nan, math.nan])
        return Standing(anchor, manifest.metric(anchor.metric), (high - low) / (2 * 1.96), 1)
    try:
        result = results.read(anchor.dataset, anchor.protocol, anchor.model, root)
    except ArtifactError:
        return Standing(anchor, math.nan, math.nan, 0, is_damaged=True)
    if result is None:
        return Standing(anchor, math.nan, math.nan, 0)
    return Standing(anchor, result.metric(anchor.metric), result.standard_error(anchor.metric), len(result.by_seed))
