"""Models made or read in a notebook."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from recsys.data import library
from recsys.errors import UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.models.base import EpochLog
from recsys.notebook.data import Data
from recsys.notebook.model import Model
from recsys.serving import artifacts
from recsys.serving.scorers import Scorer
from recsys.training.train import Training
from recsys.training.train import train as train_and_measure


def train(
    name: str, data: Data, *, seed: int = 0, device: str = "auto", progress: bool = True, **settings: Any
) -> Model:
    """Train a model from scratch on what `holdout` lets it know, and measure it on the rest.

    Args:
        name: as in the registry ("bpr").
        seed: for everything that is random: on the CPU, the same seed gives the same model.
        device: "auto", "cpu" or "cuda".
        progress: show a bar, a step per epoch.
        settings: hyperparameters, such as n_factors=32; all others are the model's defaults.

    Raises:
        RecsysError: no such model, setting or device, a library that is missing, or training that diverged.

    >>> import recsys
    >>> train("ease", recsys.open("demo"), progress=False)
    EASE of demo, holdout, seed 0
    """
    from tqdm import tqdm  # of `tqdm.auto` a notebook without ipywidgets shows a warning instead of a bar

    folder = tempfile.TemporaryDirectory(prefix="recsys-")
    with tqdm(desc=registry.entry(name).label, unit="epoch", disable=not progress) as bar:

        def show(log: EpochLog, _scorer: Scorer | None) -> None:
            bar.total = log.n_epochs
            bar.set_postfix(loss=f"{log.loss:.4f}", refresh=False)
            bar.update()

        asked = Training(
            registry.entry(name), data.dataset, HOLDOUT, settings, seed=seed, device=device, root=Path(folder.name)
        )
        train_and_measure(asked, show)
    written = artifacts.folder_of(data.dataset.name, name, Path(folder.name))
    return Model(artifacts.load(written, data.dataset), folder)


def load(path: str | os.PathLike[str], data: Data | None = None) -> Model:
    """A model that was saved.

    Args:
        data: what it was trained on; without it, the data set of that name is opened.

    Raises:
        RecsysError: there is no model, it is damaged, or it was trained on other data.
    """
    folder = Path(path)
    if not (folder / artifacts.MANIFEST).is_file():
        raise UsageError(f"There is no saved model in {folder}: `model.save(path)` makes one.")
    dataset = library.open_dataset(artifacts.read_manifest(folder).dataset["name"]) if data is None else data.dataset
    return Model(artifacts.load(folder, dataset))
