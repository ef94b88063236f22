"""Training in the background, as those who ask for it see it: who may, what is let into the queue, and how to stop it.

The queue is a folder of runs on disk (`runs.py`), which one process works through (`supervisor.py`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from recsys.data.dataset import Dataset
from recsys.errors import UsageError, os_errors_as
from recsys.evaluation.protocols import HOLDOUT, check_learnable
from recsys.models import registry
from recsys.models.base import check_seed, config_from
from recsys.training import devices
from recsys.training.jobs import limits, runs
from recsys.training.jobs.runs import CANCEL, KEEP, Request, Run, State

MAX_QUEUED = 12


@dataclass(frozen=True)
class Limits:
    """What one job may take: memory, children included, and seconds, after which the best so far is kept."""

    memory_bytes: int
    seconds: float

    @classmethod
    def configured(cls) -> Limits:
        """From RECSYS_TRAIN_MEMORY_GB and RECSYS_TRAIN_MINUTES."""
        return cls(limits.memory_limit(), 60 * limits.positive_setting("RECSYS_TRAIN_MINUTES", 30.0))


def is_allowed(*, is_local: bool) -> bool:
    """Whether visitors may train: as RECSYS_ALLOW_TRAINING says, else where only this computer reaches the server."""
    configured = os.environ.get("RECSYS_ALLOW_TRAINING", "").strip().lower()
    return configured in ("1", "true", "yes", "on") if configured else is_local


def submit(
    requests: Sequence[Request], dataset: Dataset, names: Sequence[str] = (), root: Path | None = None
) -> list[Run]:
    """Check runs as if nobody had checked them before, and put them into the queue, all or none.

    Raises:
        UsageError: an unknown model, a setting out of range, too large for this server, nothing to learn from, no such
            device, a full queue.
    """
    checked = []
    for request in requests:
        runs.check_request(request)
        entry = registry.entry(request.model)
        if request.dataset != dataset.name:
            raise UsageError(f"The run is for {request.dataset}, but the data set here is {dataset.name}.")
        if not dataset.is_timed:
            raise UsageError(f"{dataset.name} {dataset.untimed}, so nothing can be held out as `holdout` does.")
        check_seed(request.seed)
        if request.kind == runs.SWEEP:
            limits.check_grid(entry, dataset, request.grid)
            check_learnable(HOLDOUT.validation(dataset))
            device = "cpu"  # where trials give the same bits on every machine
        else:
            limits.check(entry, dataset, request.settings)
            check_learnable(HOLDOUT.final(dataset), config_from(entry.load().config_class, request.settings))
            device = devices.resolve(request.device, uses_gpu=entry.load().uses_gpu).name
        checked.append(replace(request, device=device))
    texts = [*names, *[""] * (len(checked) - len(names))]
    return runs.create(checked, texts, root or runs.runs_root(), MAX_QUEUED)


def cancel(run: Run, *, keep_best: bool = False) -> None:
    """Ask a run to end: it leaves nothing, or the best so far. Raises UsageError where that cannot be written."""
    if run.stop_request == CANCEL or (keep_best and run.is_measuring()):  # what is being measured is kept in any case
        return
    # A run whose folder is gone was deleted in the meantime.
    with os_errors_as(f"{run.name} could not be told to stop"), suppress(FileNotFoundError):
        runs.request_stop(run, KEEP if keep_best else CANCEL)


def place_in_queue(run: Run, root: Path | None = None) -> int:
    """How many runs are ahead of this one; 0 for one that has begun."""
    if run.state is not State.QUEUED:
        return 0
    same = [other for other in runs.all_runs(root or runs.runs_root()) if other.request.device == run.request.device]
    return sum(other.state.is_open and other.number < run.number for other in same)
