"""How the shipped models learned, so that a new run can be seen beside them: artifacts/<dataset>/curves/<model>.json.

A curve is what a job of the same settings says of itself (jobs/job.py): it learns from the training part of
`holdout`, and is measured on the validation part after every epoch. `python -m recsys record curve` writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from recsys.serving import records
from recsys.training.progress import REFIT, Record


@dataclass(frozen=True)
class Point:
    """The end of an epoch (from 1), seconds after the first began; `value` is the metric, if it was measured."""

    epoch: int
    seconds: float
    loss: float | None
    value: float | None


@dataclass(frozen=True)
class Curve:
    """One model learning. `metric` is "rmse" or "ndcg@10", on the validation part of `holdout`."""

    model: str
    dataset: str
    fingerprint: str
    metric: str
    seed: int
    device: str
    config: dict[str, Any]
    points: tuple[Point, ...]


def points(records: Sequence[Record]) -> tuple[Point, ...]:
    """The epochs of a job's first pass. Seconds leave out what comes before the first batch, mostly imports."""
    begun = next((record.elapsed for record in records if record.event in ("batch", "epoch")), 0.0)
    watched = [record for record in records if record.event == "epoch" and record.phase != REFIT]
    # After a retry with half the batch the epochs begin anew.
    last_start = max((place for place, record in enumerate(watched) if record.epoch == 1), default=0)
    return tuple(
        Point(record.epoch or 0, max(0.0, record.elapsed - begun), record.loss, record.value)
        for record in watched[last_start:]
    )


def path_of(dataset: str, model: str, root: Path | None = None) -> Path:
    return records.folder_of(dataset, records.CURVES, root) / f"{model}.json"


def read(dataset: str, model: str, root: Path | None = None) -> Curve | None:
    """The curve of a shipped model, or None where there is none. Raises ArtifactError: it is there and damaged."""
    how = "The learning curve", f"python -m recsys record curve {model} --dataset {dataset}"
    for each in records.roots(root):
        path = path_of(dataset, model, each)
        if (facts := records.read(path, *how)) is not None:
            return records.as_record(Curve, facts, path, *how, {"model": model, "dataset": dataset})
    return None


def write(curve: Curve, root: Path | None = None) -> Path:
    """Raises UsageError where nothing can be written."""
    path = path_of(curve.dataset, curve.model, root)
    rounded = [Point(p.epoch, round(p.seconds, 2), _short(p.loss), _short(p.value)) for p in curve.points]
    records.write(path, asdict(replace(curve, points=tuple(rounded))))
    return path


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 5)
