"""From a name to an artifact: train under a protocol, measure what was trained, write it down."""

from __future__ import annotations

import os
import platform
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from recsys import __version__, artifacts
from recsys.dataset import Dataset
from recsys.errors import TrainingError, UsageError
from recsys.evaluate import Evaluation, evaluate
from recsys.models.base import FitOptions, OnEpoch, config_from, config_to_json
from recsys.protocols import Protocol
from recsys.registry import Entry
from recsys.scorers import Scorer
from recsys.statistics import bootstrap_interval

PACKAGES = ("numpy", "torch", "tensorflow", "keras", "scikit-surprise", "onnx", "onnxruntime", "tf2onnx")


def train(
    entry: Entry,
    dataset: Dataset,
    protocol: Protocol,
    *,
    settings: dict[str, Any] | None = None,
    seed: int = 0,
    device: str = "auto",
    root: Path | None = None,
    on_epoch: OnEpoch | None = None,
) -> artifacts.Manifest:
    """Train one model on what the protocol lets it know, measure it on the rest, and write the artifact.

    Raises:
        UsageError: a setting or a device that does not exist, or a folder that cannot be written.
        TrainingError: training diverged.
    """
    if seed < 0:
        raise UsageError(f"seed must not be negative. Received {seed}.")
    model_class = entry.load()
    model = model_class(config_from(model_class.config_class, settings or {}))
    device = resolve_device(device) if model_class.uses_gpu else "cpu"
    folder = artifacts.folder_of(dataset.name, entry.name, root)
    artifacts.prepare(folder)  # a folder that cannot be written is better known before training than after
    task = protocol.final(dataset)
    start = time.perf_counter()
    scorer = model.fit(task.known, FitOptions(seed=seed, device=device, on_epoch=on_epoch))
    seconds = time.perf_counter() - start
    if not np.isfinite(scorer.score(task.known.histories(range(min(8, dataset.n_users))))).all():
        raise TrainingError(f"{entry.label} diverged: its scores are not numbers. A smaller learning rate may help.")
    evaluation = evaluate(scorer, task, protocol.ks)
    state = scorer.state()
    manifest = artifacts.Manifest(
        model=entry.name,
        label=entry.label,
        looks_at=model_class.looks_at,
        visitor=model_class.visitor,
        source=model_class.source,
        dataset={
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "n_users": dataset.n_users,
            "n_items": dataset.n_items,
            "n_ratings": len(dataset),
        },
        protocol=protocol.name,
        config=config_to_json(model.config),
        seed=seed,
        device=device,
        versions=_versions(),
        train_seconds=round(seconds, 2),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        scorer={"kind": state.kind, "settings": state.settings},
        summary=artifacts.finite_summary(evaluation.summary),
        intervals=_intervals(evaluation),
    )
    return artifacts.write(folder, manifest, state, evaluation)


def resolve_device(device: str) -> str:
    """ "auto" becomes "cuda" where torch sees a GPU, else "cpu".

    Raises:
        UsageError: "cuda" without a GPU, or another word.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise UsageError(f"device must be auto, cpu or cuda. Received {device!r}.")
    if device == "cpu":
        return device
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise UsageError("No GPU was found. Use --device cpu, or auto to take one where there is one.")
    return "cpu"


def evaluate_artifact(scorer: Scorer, dataset: Dataset, protocol: Protocol) -> Evaluation:
    """Measure a trained scorer again, as it is served."""
    return evaluate(scorer, protocol.final(dataset), protocol.ks)


def _intervals(evaluation: Evaluation) -> dict[str, list[float]]:
    """95 % intervals of the metrics that are means over users; pooled ones (rmse, auc, ...) have none."""
    pooled = {"rmse", "mae", "fcp", "auc", "log_loss"}
    named = {
        name: list(bootstrap_interval(values)) for name, values in evaluation.per_user.items() if name not in pooled
    }
    return {name: interval for name, interval in named.items() if interval[0] == interval[0]}


def _versions() -> dict[str, str]:
    found = {"recsys": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    if "KERAS_BACKEND" in os.environ:
        found["keras backend"] = os.environ["KERAS_BACKEND"]
    return found
