"""The published figures to beat, and what our models reach under the same protocol, as on record.

`python -m recsys report` prints the tables that README shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recsys import artifacts, deletion, fold_in_check, results
from recsys.errors import ArtifactError
from recsys.metrics import LOWER_IS_BETTER
from recsys.protocols import PROTOCOLS
from recsys.registry import ENTRIES, entry


@dataclass(frozen=True)
class Anchor:
    """A figure that others have reached.

    Args:
        model, dataset, protocol, metric: what is compared.
        value: the figure.
        whose: which model of whom reached it.
    """

    model: str
    dataset: str
    protocol: str
    metric: str
    value: float
    whose: str

    def is_reached_by(self, value: float) -> bool:
        return value <= self.value if self.metric in LOWER_IS_BETTER else value >= self.value


ANCHORS = (
    Anchor("svd", "ml-100k", "rate", "rmse", 0.919, "SVD++ (Surprise)"),
    Anchor("svd", "ml-1m-untimed", "rate", "rmse", 0.862, "SVD++ (Surprise)"),
    Anchor("autoencoder", "ml-100k", "rate", "rmse", 0.934, "SVD, defaults (Surprise)"),
    Anchor("autoencoder", "ml-1m-untimed", "rate-90", "rmse", 0.856, "the project's mark"),
    Anchor("autoencoder-items", "ml-100k", "rate", "rmse", 0.925, "the project's mark"),
    Anchor("autoencoder-items", "ml-1m-untimed", "rate-90", "rmse", 0.835, "the project's mark; I-AutoRec .831"),
    Anchor("bpr", "ml-100k", "top", "ndcg@10", 0.445, "BPR (recommenders)"),
    Anchor("bpr", "ml-1m-untimed", "top", "ndcg@10", 0.2407, "BPR (RecBole)"),
    Anchor("gru", "ml-100k", "next", "ndcg@10", 0.093, "GRU, independent code"),
    Anchor("gru", "ml-100k", "next", "hit_rate@10", 0.173, "GRU, independent code"),
    Anchor("autoint", "ml-1m-untimed", "ctr", "auc", 0.8987, "AutoInt with MLP"),
    Anchor("autoint", "ml-1m-untimed", "ctr", "log_loss", 0.3174, "AutoInt with MLP"),
    Anchor("mf", "ml-100k", "naive-mf", "rmse", 1.0946, "Keras MF, source article"),
    Anchor("deep-mf", "ml-100k", "naive-mf", "rmse", 0.943, "deep MF, source article"),
    Anchor("deep-mf-occupation", "ml-100k", "naive-mf", "rmse", 0.944, "deep MF + occupation, source article"),
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
    """What we reach; NaN where nothing is on record, or where there is no standard error."""

    anchor: Anchor
    value: float
    standard_error: float
    n_seeds: int

    @property
    def is_reached(self) -> bool:
        return math.isfinite(self.value) and self.anchor.is_reached_by(self.value)

    @property
    def relative_error(self) -> float:
        return abs(self.value - self.anchor.value) / self.anchor.value


def standing(anchor: Anchor, root: Path | None = None) -> Standing:
    """Our figure beside a published one, from the record of its protocol or, for `holdout`, from the artifact."""
    if anchor.protocol == "holdout":
        try:
            manifest = artifacts.read_manifest(artifacts.folder_of(anchor.dataset, anchor.model, root))
        except ArtifactError:
            return Standing(anchor, math.nan, math.nan, 0)
        low, high = manifest.intervals.get(anchor.metric, [math.nan, math.nan])
        return Standing(anchor, manifest.metric(anchor.metric), (high - low) / (2 * 1.96), 1)
    result = results.read(anchor.dataset, anchor.protocol, anchor.model, root)
    if result is None:
        return Standing(anchor, math.nan, math.nan, 0)
    return Standing(anchor, result.metric(anchor.metric), result.standard_error(anchor.metric), len(result.by_seed))


def shipped(dataset: str = "ml-100k", root: Path | None = None) -> str:
    """A Markdown table of the models in artifacts/, under `holdout`."""
    lines = [
        "| model | nDCG@10 | recall@10 | hit rate@10 | coverage | RMSE | AUC | training | size |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    trained = artifacts.trained(dataset, root)
    for known in (known for known in ENTRIES if known.name in trained):
        manifest = artifacts.read_manifest(artifacts.folder_of(dataset, known.name, root))
        low, high = manifest.intervals["ndcg@10"]
        cells = (
            known.label,
            f"{_number(manifest.metric('ndcg@10'), 3)} ({_number(low, 3)}–{_number(high, 3)})",
            *(_number(manifest.metric(name), 3) for name in ("recall@10", "hit_rate@10")),
            _number(manifest.metric("coverage"), 2),
            _number(manifest.metric("rmse"), 4),
            _number(manifest.metric("auc"), 3),
            f"{manifest.train_seconds:.0f} s",
            f"{manifest.n_bytes / 1e6:.2f} MB",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def by_protocol(dataset: str = "ml-100k", root: Path | None = None) -> str:
    """A Markdown table: the headline of every protocol but `holdout`, of every model with a result on record."""
    recorded = results.recorded(dataset, root)
    wanted = [each for each in PROTOCOLS.values() if each.name in recorded and each.name != "holdout"]
    lines = [
        f"| model | {' | '.join(f'`{each.name}` {each.headline}' for each in wanted)} |",
        f"|---|{'---|' * len(wanted)}",
    ]
    for known in ENTRIES:
        found = [results.read(dataset, each.name, known.name, root) for each in wanted]
        values = [
            math.nan if result is None else result.metric(each.headline)
            for each, result in zip(wanted, found, strict=True)
        ]
        if not all(map(math.isnan, values)):
            lines.append(f"| {known.label} | {' | '.join(_number(value, 3) for value in values)} |")
    return "\n".join(lines)


def visitors(dataset: str = "ml-100k", root: Path | None = None) -> str:
    """A Markdown table: what each shipped model is worth to somebody it never saw, and how its explanations fare."""
    lines = [
        "| model | overlap with the trained list | nDCG@10, kept out | less Popularity's | trained "
        "| first film counts more |",
        "|---|---|---|---|---|---|",
    ]
    for known in ENTRIES:
        if known.name not in artifacts.trained(dataset, root):
            continue
        manifest = artifacts.read_manifest(artifacts.folder_of(dataset, known.name, root))
        found = fold_in_check.read(dataset, known.name, manifest.sha256, root)
        if found is None:
            continue
        low, high = found.over_popularity_interval
        cells = (
            known.label,
            _number(found.overlap, 2),
            _number(found.kept_out, 3),
            f"{found.over_popularity:+.3f} ({low:+.3f} to {high:+.3f})" if known.name != "popularity" else "–",
            _number(found.trained, 3),
            _first_film(deletion.read(dataset, known.name, root)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _first_film(tested: deletion.Deletion | None) -> str:
    """How often deleting the film named first costs more than deleting another."""
    if tested is None:
        return "names no films"
    if tested.is_identity:
        return "by construction"
    low, high = tested.wins_interval
    return f"{tested.wins:.0%} ({low:.0%} to {high:.0%})"


def figures(root: Path | None = None) -> str:
    """A Markdown table: published beside ours, and by how much a figure is missed."""
    return _table(ANCHORS, "", _verdict, root)


def calibrations(root: Path | None = None) -> str:
    """A Markdown table: how far the deterministic models are from their published figures."""
    return _table(CALIBRATIONS, "off by", lambda ours: f"{ours.relative_error:.1%}", root)


def _verdict(ours: Standing) -> str:
    return "reached" if ours.is_reached else f"missed by {_number(abs(ours.value - ours.anchor.value))}"


def _table(anchors: tuple[Anchor, ...], last: str, verdict: Callable[[Standing], str], root: Path | None) -> str:
    lines = [
        f"| model | data | protocol | metric | published | ours | std. error | seeds | {last} |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for ours in (standing(anchor, root) for anchor in anchors):
        anchor = ours.anchor
        cells = (
            entry(anchor.model).label,
            anchor.dataset,
            f"`{anchor.protocol}`",
            anchor.metric,
            f"{_number(anchor.value)} ({anchor.whose})",
            _number(ours.value),
            _number(ours.standard_error),
            str(ours.n_seeds) if ours.n_seeds else "–",
            "not measured" if math.isnan(ours.value) else verdict(ours),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _number(value: float, digits: int = 4) -> str:
    """Without the leading zero, as in the literature; a dash where undefined."""
    if math.isnan(value):
        return "–"
    text = f"{value:.{digits}f}"
    return text.removeprefix("0") if 0 <= value < 1 else text
