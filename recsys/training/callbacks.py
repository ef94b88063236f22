"""What training writes while it goes on: checkpoints that are artifacts themselves, and curves for TensorBoard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.errors import UsageError, os_errors_as
from recsys.models.base import EpochLog, OnEpoch
from recsys.paths import install
from recsys.serving import artifacts
from recsys.serving.scorers import Scorer

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


def together(callbacks: Sequence[OnEpoch | None]) -> OnEpoch | None:
    """One callback that calls them all in turn; None if there is none."""
    given = [callback for callback in callbacks if callback is not None]

    def call_all(log: EpochLog, scorer: Scorer | None) -> None:
        for callback in given:
            callback(log, scorer)

    return call_all if given else None


class Checkpoints:
    """The model as it is after every n-th epoch, written as an artifact of its own: folder/epoch-010/.

    A checkpoint is loaded, checked and served like any artifact; its manifest has no numbers: nothing was measured.
    """

    def __init__(self, folder: Path, every: int, manifest: artifacts.Manifest) -> None:
        if every < 1:
            raise UsageError(f"--checkpoint-every takes a number of epochs from 1. Received {every}.")
        artifacts.prepare(folder / "epoch")
        self._folder, self._every, self._manifest = folder, every, manifest

    def __call__(self, log: EpochLog, scorer: Scorer | None) -> None:
        if scorer is None or log.epoch % self._every:
            return
        state = scorer.state()
        manifest = replace(self._manifest, scorer={"kind": state.kind, "settings": state.settings})
        with os_errors_as(f"Nothing can be written to {self._folder}"):
            artifacts.write(self._folder / f"epoch-{log.epoch:03d}", manifest, state, {})


def tensorboard_writer() -> type[SummaryWriter]:
    """What writes curves for TensorBoard. Raises UsageError: it is not installed."""
    for library in ("torch", "tensorboard"):
        if find_spec(library) is None:
            raise UsageError(f"Curves for TensorBoard need {library}, which is not installed: {install('train')}")
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter


class TensorBoard:
    """Loss, speed and, at the end, the metrics of one run as TensorBoard scalars."""

    def __init__(self, folder: Path) -> None:
        writer = tensorboard_writer()
        self._epoch, self._refusal = 0, f"Nothing can be written to {folder}"
        with os_errors_as(self._refusal):
            folder.mkdir(parents=True, exist_ok=True)  # tensorboard has an error of its own where this fails
            self._writer = writer(str(folder))

    def __call__(self, log: EpochLog, _scorer: Scorer | None) -> None:
        self._epoch = log.epoch
        self._write("train", {name: getattr(log, name) for name in ("loss", "examples_per_second", "seconds")})

    def finish(self, protocol: str, summary: dict[str, float]) -> None:
        self._write(protocol, summary)
        with os_errors_as(self._refusal):
            self._writer.close()

    def _write(self, group: str, values: dict[str, float]) -> None:
        with os_errors_as(self._refusal):
            for name, value in values.items():
                self._writer.add_scalar(f"{group}/{name}", value, self._epoch)
