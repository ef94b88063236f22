"""What a run reports while it is in progress, as numbers and words for the page. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from recsys.evaluation.metrics import LOWER_IS_BETTER, label_of
from recsys.training import devices
from recsys.training.curves import points
from recsys.training.jobs.runs import Run, State
from recsys.training.progress import LAST, MEASURE, REFIT, Record
from recsys.ui.text import DASH, number, seconds


@dataclass(frozen=True)
class Progress:
    """Where a run stands.

    Args:
        share: of the whole that is done, None as long as that cannot be told.
        says: the same in words.
        n_epochs: of one pass; 0 as long as it is unknown.
        eta: seconds until the epochs are over; None as long as that cannot be told.
        elapsed: seconds since it began.
        message: why it had to begin anew, "" where it had not.
    """

    share: float | None
    says: str
    n_epochs: int = 0
    eta: float | None = None
    elapsed: float = 0.0
    message: str = ""


def progress_of(run: Run, records: Sequence[Record]) -> Progress:
    if run.state is State.QUEUED:
        return Progress(0.0, "waiting for its turn")
    if not records:
        return Progress(None, "starting a process for it")
    n_epochs = int(latest(records, "n_epochs") or 0)
    share, says = _share(run, records, n_epochs)
    message = next((record.message or "" for record in reversed(records) if record.event == "retry"), "")
    return Progress(share, says, n_epochs, _eta(records), records[-1].elapsed, message)


def _share(run: Run, records: Sequence[Record], n_epochs: int) -> tuple[float | None, str]:
    last = records[-1]
    if last.event in LAST or last.phase == MEASURE:
        return 1.0, "measuring it on the hidden part"
    stepped = next((record for record in reversed(records) if record.event in ("batch", "epoch")), None)
    if stepped is None or stepped.epoch is None or not n_epochs:
        return None, "loading the ratings and the framework"
    done = float(stepped.epoch)
    if stepped.event == "batch":
        done += (stepped.batch or 0) / max(stepped.n_batches or 1, 1) - 1
    is_second = last.phase == REFIT
    if is_second and stepped.phase != REFIT:  # the second pass has been announced and has not begun
        done = 0.0
    n_passes = 2 if run.request.refit else 1
    says = f"epoch {min(max(int(done + 0.999), 1), n_epochs)} of {n_epochs}"
    if run.request.refit:
        says += ", second pass: the validation part too" if is_second else ", first pass"
    return min((done + n_epochs * is_second) / (n_epochs * n_passes), 1.0), says


def _eta(records: Sequence[Record]) -> float | None:
    """The last estimate, less the time since; None once the epochs are over."""
    said = next((record for record in reversed(records) if record.eta is not None), None)
    if said is None or said.eta is None or records[-1].phase == MEASURE:
        return None
    return max(said.eta - (records[-1].elapsed - said.elapsed), 0.0)


def latest(records: Sequence[Record], field: str) -> Any:
    """The last value that a run reported of a field; None where it reported none."""
    values = (getattr(record, field) for record in reversed(records))
    return next((value for value in values if value is not None), None)


@dataclass(frozen=True)
class Best:
    """The best epoch on the validation part, or the best trial of a grid."""

    metric: str
    value: float
    epoch: int = 0

    @property
    def measured(self) -> str:
        """ "nDCG@10 0.036" """
        return f"{label_of(self.metric)} {number(self.value)}"


def best_so_far(records: Sequence[Record]) -> Best | None:
    """None before the first measurement."""
    metric = next((record.metric for record in records if record.metric), None)
    measured = [(point.value, point.epoch) for point in points(records) if point.value is not None]
    known = [(value, epoch) for value, epoch in measured if math.isfinite(value)]
    if metric is None or not known:
        return None
    value, epoch = min(known) if metric in LOWER_IS_BETTER else max(known, key=lambda it: (it[0], -it[1]))
    return Best(metric, value, epoch)


def facts_of(run: Run, it: Progress, records: Sequence[Record]) -> dict[str, str]:
    """What the run reports, in words; a dash stands for what is not known yet, so that nothing moves once it is."""
    memory_mb, gpu_memory_mb = latest(records, "memory_mb"), latest(records, "gpu_memory_mb")
    memory = [_memory(memory_mb)] if memory_mb is not None else []
    memory += [f"GPU {_memory(gpu_memory_mb)}"] if gpu_memory_mb else []
    speed, best = latest(records, "examples_per_second"), best_so_far(records)
    return {
        "Time left": f"about {estimate(it.eta)}" if it.eta is not None else DASH,
        "Best so far": f"{best.measured} at epoch {best.epoch}" if best else DASH,
        "Speed": f"{speed:,.0f} examples/s" if speed else DASH,
        "Memory": ", ".join(memory) or DASH,
        "Device": latest(records, "device") or device_of(run),
    }


def estimate(value: float) -> str:
    """A duration that is guessed: without decimals."""
    return f"{max(round(value), 1)} s" if value < 120 else seconds(value)


def device_of(run: Run) -> str:
    """The device that was asked for, as long as the run has not reported its own."""
    return devices.cpu().text if run.request.device == "cpu" else "GPU"


def _memory(mb: float) -> str:
    return f"{mb / 1024:.1f} GiB" if mb >= 1024 else f"{mb:.0f} MiB"
