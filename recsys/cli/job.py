"""`python -m recsys job`: the child process that the Train page starts; for people there is `train`."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recsys.cli.output import note
from recsys.cli.parsing import path_named, whole
from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.errors import RecsysError, UsageError, os_errors_as, reason
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.models.registry import Entry
from recsys.serving.artifacts import Manifest
from recsys.training import devices, search
from recsys.training.jobs import job, limits, runs
from recsys.training.jobs.job import Cancelled, Job, KeepBest, StopFile
from recsys.training.jobs.runs import Request
from recsys.training.parent import end_with
from recsys.training.progress import Writer

ABOUT = "Train what the job.json of a run's folder asks for; started by the Train page, not by hand."
EXAMPLE = "python -m recsys job runs/0007-bpr-3fa2c1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=path_named, help="folder of the run, such as runs/0007-bpr-3fa2c1")
    parser.add_argument("--parent", type=whole, help=argparse.SUPPRESS)  # the process that waits for this one


def run(options: argparse.Namespace) -> None:
    """Train, or try a grid, as the run's folder says; what happens goes into its progress file.

    Raises:
        UsageError: there is no such run, or what it asks for is refused, as when it was put into the queue.
    """
    if options.parent is not None:
        end_with(options.parent)
    folder = options.folder.absolute()  # a link in a circle cannot be resolved
    if (run := runs.read(folder.name, folder.parent)).is_damaged:
        raise UsageError(run.message)
    request = run.request
    with os_errors_as(f"Nothing can be written to {folder / runs.PROGRESS}"):
        progress = Writer(folder / runs.PROGRESS, _gpu_memory)
    stop = StopFile(folder / runs.STOP)
    with _said_how_it_ended(progress):
        entry, dataset = registry.entry(request.model), library.open_dataset(request.dataset)
        # Between the queue and here, its file may have been changed by anybody.
        if request.kind == runs.SWEEP:
            limits.check_grid(entry, dataset, request.grid)
            _sweep(entry, dataset, request, folder / runs.SWEPT, progress, stop)
        else:
            limits.check(entry, dataset, request.settings)
            device = devices.resolve(request.device, uses_gpu=entry.load().uses_gpu)
            asked = Job(entry, dataset, request.settings, request.seed, device, folder, progress, stop, request.refit)
            report(entry, job.run(asked))


def _sweep(entry: Entry, dataset: Dataset, request: Request, folder: Path, progress: Writer, stop: StopFile) -> None:
    progress.write("started", device=devices.cpu().text)

    def on_trial(n_done: int, n_trials: int, trial: search.Trial, metric: str) -> None:
        eta = progress.elapsed / n_done * (n_trials - n_done)
        progress.write("epoch", epoch=n_done, n_epochs=n_trials, metric=metric, value=trial["value"], eta=eta)
        stop.check()

    try:
        grid = [request.grid]
        search.sweep(entry, dataset, HOLDOUT, grid, seed=request.seed, folder=folder, log=note, on_trial=on_trial)
        progress.write("finished")
    except KeepBest:
        progress.write("finished", message="Stopped; the trials so far are kept.")


@contextmanager
def _said_how_it_ended(progress: Writer) -> Iterator[None]:
    """Whatever happens inside, the last line of the progress file says how it ended; people read that line.

    Raises:
        SystemExit: 130 where it was cancelled, 1 for what nobody foresaw, whose traceback is printed for the log.
        RecsysError: for all that a person can mend.
    """
    try:
        yield
    except Cancelled:
        progress.write("cancelled", message="Stopped; nothing was kept.")
        print("recsys: stopped", file=sys.stderr)
        raise SystemExit(130) from None
    except RecsysError as error:
        progress.write("failed", message=str(error))
        raise
    except OSError as error:
        message = f"A file could not be written: {reason(error)}."
        progress.write("failed", message=message)  # where this fails too, the exit status says that it failed
        raise UsageError(message) from None
    except Exception as error:
        traceback.print_exc()
        message = f"Training broke off ({type(error).__name__}); the server's log has the details."
        progress.write("failed", message=message)
        raise SystemExit(1) from None


def _gpu_memory() -> int | None:
    """Bytes that torch holds on the GPU; None if it does not use one."""
    torch = sys.modules.get("torch")
    return torch.cuda.memory_reserved() if torch is not None and torch.cuda.is_initialized() else None


def report(entry: Entry, manifest: Manifest) -> None:
    """A line about a model that has been trained."""
    rmse = f", RMSE {manifest.metric('rmse'):.4f}" if entry.predicts_stars else ""
    print(
        f"{entry.label}: nDCG@10 {manifest.metric('ndcg@10'):.4f}{rmse}, "
        f"{manifest.train_seconds:.0f} s, {manifest.n_bytes / 1e6:.2f} MB"
    )
