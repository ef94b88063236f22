"""From a name to an artifact: train under a protocol, measure what was trained, write it down."""

from __future__ import annotations

import os
import platform
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.errors import TrainingError, os_errors_as
from recsys.evaluation.evaluate import Evaluation, evaluate
from recsys.evaluation.protocols import Protocol, Task, check_learnable
from recsys.models.base import FitOptions, Model, OnEpoch, check_seed, config_from, config_to_json
from recsys.models.registry import Entry
from recsys.serving import artifacts
from recsys.serving.scorers import Scorer, ScorerState
from recsys.training import devices
from recsys.training.callbacks import Checkpoints, TensorBoard, together
from recsys.version import __version__

PACKAGES = ("numpy", "torch", "tensorflow", "keras", "scikit-surprise", "implicit", "onnx", "onnxruntime", "tf2onnx")


@dataclass(frozen=True)
class Training:
    """What is trained on what, and what is written.

    Args:
        settings: hyperparameters, from JSON values or text; all others are the model's defaults.
        device: "auto", or as torch names it.
        root: the artifact goes below it; None: where the app looks.
        checkpoint_every: also write the model after every that many epochs, below checkpoint_root.
        log_dir: write curves for TensorBoard below it.
    """

    entry: Entry
    dataset: Dataset
    protocol: Protocol
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "auto"
    root: Path | None = None
    checkpoint_every: int | None = None
    checkpoint_root: Path = Path("checkpoints")
    log_dir: Path | None = None


def train(asked: Training, on_epoch: OnEpoch | None = None) -> artifacts.Manifest:
    """Train one model on what the protocol lets it know, measure it on the rest, and write the artifact.

    Raises:
        UsageError: a setting or a device that does not exist, nothing to learn from, or a folder that cannot be
            written.
        TrainingError: training diverged.
        LibraryError: what the model is trained with cannot be loaded.
    """
    entry, dataset, protocol, seed = asked.entry, asked.dataset, asked.protocol, asked.seed
    check_seed(seed)
    model_class = entry.load()
    model = model_class(config_from(model_class.config_class, asked.settings))
    device = devices.resolve(asked.device, uses_gpu=model_class.uses_gpu).name
    task = protocol.final(dataset)
    check_learnable(task, model.config)
    folder = artifacts.folder_of(dataset.name, entry.name, asked.root)
    artifacts.prepare(folder)  # a folder that cannot be written is better known before training than after

    unmeasured = unmeasured_manifest(entry, model, dataset, protocol, seed, device)
    checkpoints = board = None
    if asked.checkpoint_every is not None:
        checkpoints = Checkpoints(asked.checkpoint_root / dataset.name / entry.name, asked.checkpoint_every, unmeasured)
    if asked.log_dir is not None:
        board = TensorBoard(asked.log_dir / dataset.name / f"{entry.name}-seed{seed}")
    start = time.perf_counter()
    scorer = model.fit(task.known, FitOptions(seed, device, on_epoch=together([on_epoch, checkpoints, board])))
    seconds = time.perf_counter() - start
    evaluation = measure(scorer, entry, task, protocol)
    if board is not None:
        board.finish(protocol.name, evaluation.summary)
    with os_errors_as(f"Nothing can be written to {folder.parent}"):
        return write(folder, unmeasured, scorer.state(), evaluation, seconds)


def unmeasured_manifest(
    entry: Entry, model: Model, dataset: Dataset, protocol: Protocol, seed: int, device: str
) -> artifacts.Manifest:
    """What is known of a run before it has begun."""
    return artifacts.Manifest(
        model=entry.name,
        label=entry.label,
        looks_at=model.looks_at,
        new_user=model.new_user,
        source=model.source,
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
        versions=versions(),
        train_seconds=0.0,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        scorer={"kind": "", "settings": {}},
        summary={},
    )


def measure(scorer: Scorer, entry: Entry, task: Task, protocol: Protocol) -> Evaluation:
    """The numbers of a trained model. Raises TrainingError for one whose scores are not numbers."""
    check_scores(scorer, entry, task.known)
    return evaluate(scorer, task, protocol.ks)


def check_scores(scorer: Scorer, entry: Entry, known: Dataset) -> None:
    """Raises TrainingError where the scores of the first users are not numbers."""
    if not np.isfinite(scorer.score(known.histories(range(min(8, known.n_users))))).all():
        raise TrainingError(f"{entry.label} diverged: its scores are not numbers. A smaller learning rate may help.")


def write(
    folder: Path, unmeasured: artifacts.Manifest, state: ScorerState, evaluation: Evaluation, seconds: float
) -> artifacts.Manifest:
    """The artifact of a model that has been trained and measured."""
    finished = replace(
        unmeasured,
        versions=versions(),  # training has chosen the backend
        scorer={"kind": state.kind, "settings": state.settings},
        train_seconds=round(seconds, 2),
        summary=artifacts.finite_summary(evaluation.summary),
        intervals=evaluation.intervals(),
        calibration=None if evaluation.calibration is None else evaluation.calibration.tolist(),
    )
    return artifacts.write(folder, finished, state, evaluation.per_user)


def versions() -> dict[str, str]:
    found = {"recsys": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    if "KERAS_BACKEND" in os.environ:
        found["keras backend"] = os.environ["KERAS_BACKEND"]
    return found
