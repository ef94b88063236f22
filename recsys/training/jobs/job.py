"""One training job in its child process: learn, be watched, stop when asked, keep the best, and report all along.

A job learns from the training part of `holdout` and is measured on the validation part after every epoch; that gives
the curve, and the epoch that is best. What is kept is the model of that epoch. With `refit` it then learns once more
from both parts, for as many epochs as were asked for, which is how the shipped models were made. Only then is anything
measured on the test part.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recsys.data.dataset import Dataset
from recsys.errors import TrainingError, reason
from recsys.evaluation.protocols import HOLDOUT, Task, check_learnable
from recsys.models.base import (
    BatchLog,
    EpochLog,
    FitOptions,
    Model,
    OnEpoch,
    check_seed,
    config_from,
    config_to_json,
)
from recsys.models.registry import Entry
from recsys.serving import artifacts
from recsys.serving.scorers import Scorer, ScorerState, scorer_from_state
from recsys.training import train as training
from recsys.training.devices import Device
from recsys.training.jobs.runs import CANCEL, KEEP, asked_in
from recsys.training.progress import MEASURE, REFIT, WATCH, Writer
from recsys.training.watch import Watch

_SMALLER = "Smaller vectors or layers may help"


class Cancelled(Exception):
    """The job was asked to end and to leave nothing."""


class KeepBest(Exception):
    """The job was asked to end and to keep the best so far."""


class StopFile:
    """Checked after each batch. A file works on every system and outlives the process that asks."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def check(self) -> None:
        """Raises Cancelled or KeepBest where the file is there."""
        wanted = "" if self._path is None else asked_in(self._path)
        if wanted == KEEP:
            raise KeepBest
        if wanted == CANCEL:
            raise Cancelled


@dataclass(frozen=True)
class Job:
    """What to train, on what, and who is told.

    Args:
        settings: of the model, as JSON values or text; the rest have their defaults.
        root: the artifact goes below it.
        refit: learn once more at the end, from the validation part as well.
    """

    entry: Entry
    dataset: Dataset
    settings: dict[str, Any]
    seed: int
    device: Device
    root: Path
    progress: Writer
    stop: StopFile
    refit: bool = False


def run(job: Job) -> artifacts.Manifest:
    """Train one model and write its artifact. Raises Cancelled, or TrainingError: it diverged, or memory ran out."""
    check_seed(job.seed)
    model_class = job.entry.load()
    model = model_class(config_from(model_class.config_class, job.settings))
    final = HOLDOUT.final(job.dataset)
    check_learnable(final, model.config)
    folder = artifacts.folder_of(job.dataset.name, job.entry.name, job.root)
    artifacts.prepare(folder)
    passes = _Passes(job, model)
    job.progress.write("started", device=job.device.text, n_epochs=passes.n_epochs)
    start = time.perf_counter()
    state, best_epoch, was_stopped = passes.watch(HOLDOUT.validation(job.dataset))
    if job.refit and not was_stopped:
        state, best_epoch = passes.refit(final, (state, best_epoch))
    seconds = time.perf_counter() - start
    job.progress.write("phase", phase=MEASURE, message="measuring on the films held out")
    # Measured as it will be served: from its state.
    evaluation = training.measure(scorer_from_state(state, job.dataset), job.entry, final, HOLDOUT)
    unmeasured = training.unmeasured_manifest(job.entry, passes.model, job.dataset, HOLDOUT, job.seed, job.device.name)
    manifest = training.write(folder, unmeasured, state, evaluation, seconds)
    job.progress.write("finished", phase=MEASURE, best_epoch=best_epoch, device=job.device.text)
    return manifest


class _Passes:
    """What the two passes of a job share. `model` may end up with half the batch that was asked for."""

    def __init__(self, job: Job, model: Model) -> None:
        self._job, self._progress, self._stop, self._device = job, job.progress, job.stop, job.device
        self.model = model

    @property
    def n_epochs(self) -> int:
        return getattr(self.model.config, "n_epochs", 1)

    def watch(self, task: Task) -> tuple[ScorerState, int, bool]:
        """Learn from the training part. The best state, its epoch, and whether somebody asked to stop there."""
        watch = Watch(task, self.model.selected_on)

        def on_epoch(log: EpochLog, scorer: Scorer | None) -> None:
            if scorer is not None:
                watch.look(scorer, log.epoch)
            self._end_epoch(log, WATCH, metric=watch.metric, value=watch.last, best_epoch=watch.best_epoch)

        try:
            scorer = self._fit(task.known, WATCH, on_epoch, watch.forget)
        except KeepBest:
            if watch.best is None:
                raise Cancelled from None  # stopped before there was anything to keep
            return watch.best(), watch.best_epoch, True
        if watch.best is None or watch.best_epoch == self.n_epochs:
            return scorer.state(), self.n_epochs, False
        return watch.best(), watch.best_epoch, False

    def refit(self, task: Task, so_far: tuple[ScorerState, int]) -> tuple[ScorerState, int]:
        """Learn from training and validation part. The state and 0, or what there was before if asked to stop."""
        self._progress.write("phase", phase=REFIT, message="once more, from all known films")

        def on_epoch(log: EpochLog, _scorer: Scorer | None) -> None:
            self._end_epoch(log, REFIT)

        try:
            return self._fit(task.known, REFIT, on_epoch, lambda: None).state(), 0
        except KeepBest:
            return so_far

    def _fit(self, train: Dataset, phase: str, on_epoch: OnEpoch, forget: Callable[[], None]) -> Scorer:
        """Fit, and if the GPU runs out of memory, fit once more with half the batch."""

        def on_batch(log: BatchLog) -> None:
            self._stop.check()
            eta = pace.seconds_left(log, log.n_epochs if self._job.refit and phase == WATCH else 0)
            self._progress.write_batch(phase=phase, eta=eta, **asdict(log))

        options, pace = FitOptions(self._job.seed, self._device.name, on_epoch, on_batch), _Pace()
        for is_first in (True, False):
            try:
                return self.model.fit(train, options)
            except Exception as error:
                if not _is_out_of_memory(error):
                    raise
                message = reason(error)[:200]
            if is_first:  # outside of the handler: the traceback would keep what fills the memory
                self._halve_batch(message)
                forget()
        raise TrainingError(f"{self._device.text} ran out of memory, even with half the batch. {_SMALLER}, or the CPU.")

    def _halve_batch(self, message: str) -> None:
        config = config_to_json(self.model.config)
        batch_size = config.get("batch_size", 1)
        if self._device.name == "cpu" or batch_size < 2:
            raise TrainingError(f"{self._device.text} ran out of memory. {_SMALLER}. ({message})")
        _empty_gpu()
        config["batch_size"] = batch_size // 2
        self.model = type(self.model)(config_from(self.model.config_class, config))
        again = f"The GPU ran out of memory: trying again with half the batch, {batch_size // 2:,}."
        self._progress.write("retry", message=again)

    def _end_epoch(self, log: EpochLog, phase: str, **values: Any) -> None:
        """Report the epoch, and stop if that was asked for."""
        self._progress.write(
            "epoch",
            phase=phase,
            epoch=log.epoch,
            n_epochs=log.n_epochs,
            loss=log.loss,
            examples_per_second=log.examples_per_second,
            **values,
        )
        self._stop.check()


class _Pace:
    """How long the rest will take, estimated from the time since the first batch; before it comes preparation."""

    def __init__(self) -> None:
        self._first: tuple[float, float] | None = None  # when, and epochs that were done

    def seconds_left(self, log: BatchLog, epochs_after: int) -> float | None:
        """Until `epochs_after` more epochs than those of this pass are over; None until it can be estimated."""
        now = time.perf_counter()
        done = log.epoch - 1 + log.batch / max(log.n_batches, log.batch)
        if self._first is None:
            self._first = (now, done)
        start, done_then = self._first
        return (now - start) / (done - done_then) * (log.n_epochs - done + epochs_after) if done > done_then else None


def _is_out_of_memory(error: Exception) -> bool:
    """Torch, tensorflow and numpy each have a type of their own, and torch may not be imported at all."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return bool(kinds & {"OutOfMemoryError", "ResourceExhaustedError", "MemoryError"}) or (
        isinstance(error, RuntimeError) and "out of memory" in str(error).lower()
    )


def _empty_gpu() -> None:
    import torch

    gc.collect()
    torch.cuda.empty_cache()
