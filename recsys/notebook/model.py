"""A trained model in a notebook."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from recsys.errors import UsageError, os_errors_as
from recsys.serving.artifacts import Artifact, Manifest
from recsys.serving.scorers import Scorer


class Model:
    """A trained model. It is given to `Data.recommend`, `evaluate`, `explain` and `similar` in place of a name."""

    def __init__(self, artifact: Artifact, own: tempfile.TemporaryDirectory[str] | None = None) -> None:
        self._artifact = artifact
        self._own = own  # its files go when the model does

    def __repr__(self) -> str:
        manifest = self._artifact.manifest
        return f"{manifest.label} of {manifest.dataset['name']}, {manifest.protocol}, seed {manifest.seed}"

    @property
    def name(self) -> str:
        """As in the registry."""
        return self._artifact.manifest.model

    @property
    def scorer(self) -> Scorer:
        """`scorer.score(histories)` gives (B, n_items) float32 scores, the higher the better."""
        return self._artifact.scorer

    @property
    def manifest(self) -> Manifest:
        """What it was trained on, with which settings, and what it reaches."""
        return self._artifact.manifest

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return self._artifact.folder

    @property
    def summary(self) -> dict[str, float | None]:
        """Metric -> its value under the protocol `holdout`; None where it is undefined."""
        return dict(self._artifact.manifest.summary)

    @property
    def fingerprint(self) -> str:
        """Of the data that it was trained on."""
        return self._artifact.manifest.dataset["fingerprint"]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model into a new folder, whole or not at all; `recsys.load` reads it.

        Raises:
            RecsysError: there is something at that path, or nothing can be written there.
        """
        folder = Path(path)
        if folder.exists():
            raise UsageError(f"{folder} is there already: choose another path, or delete it.")
        with os_errors_as(f"Nothing can be written to {folder}"):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent) as beside:
                shutil.copytree(self._artifact.folder, Path(beside) / "model")
                os.rename(Path(beside) / "model", folder)
        return folder
