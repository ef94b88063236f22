"""`python -m recsys train`: models into artifacts/, or one model as a job that says what it does."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys.errors import RecsysError, UsageError

if TYPE_CHECKING:
    from recsys.models.registry import Entry
    from recsys.training.progress import Writer


ABOUT = "Train models and write their artifacts."
EXAMPLE = "python -m recsys train bpr --dataset ml-100k --set n_factors=32 --seed 1 --out my-artifacts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", help="a name, several with commas, main (the six and the floors), or all")
    parser.add_argument("--dataset", required=True, help="name of the data set, such as ml-100k or demo")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="a hyperparameter of the model, such as n_epochs=5; may be repeated",
    )
    parser.add_argument("--seed", type=int, default=0, help="of everything drawn by chance (default: 0)")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    parser.add_argument("--out", type=Path, help="write to this folder instead of artifacts/")
    parser.add_argument("--checkpoint-every", type=int, metavar="N", help="also keep the model after every N epochs")
    parser.add_argument(
        "--checkpoint-dir", type=Path, default=Path("checkpoints"), help="where to (default: checkpoints/)"
    )
    parser.add_argument("--log-dir", type=Path, help="write curves for TensorBoard into this folder")
    for_job = parser.add_argument_group("as a job of the Train page, which alone uses these")
    for_job.add_argument("--progress", type=Path, help=argparse.SUPPRESS)  # a file: what happens, a JSON object a line
    for_job.add_argument("--stop-file", type=Path, help=argparse.SUPPRESS)  # "cancel", or "keep" the best so far
    for_job.add_argument("--refit", action="store_true", help=argparse.SUPPRESS)  # also from the validation part
    for_job.add_argument("--parent", type=int, help=argparse.SUPPRESS)  # the process without which nobody waits


def run(options: argparse.Namespace) -> None:
    from recsys.models import registry
    from recsys.models.base import config_from

    settings = _settings(options.settings)
    entries = registry.entries(options.model)
    if settings and len(entries) > 1:
        raise UsageError("--set goes with one model at a time.")
    for entry in entries:  # refuse a bad setting before the first model has trained for minutes
        config_from(entry.load().config_class, settings)
    if options.progress is not None:
        _job(options, settings)
        return
    for name in ("stop_file", "refit", "parent"):
        if getattr(options, name):
            raise UsageError(f"--{name.replace('_', '-')} goes with --progress.")
    _artifacts(options, settings)


def _settings(pairs: list[str]) -> dict[str, str]:
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key or not value:
            raise UsageError(f"--set takes KEY=VALUE, such as n_epochs=5. Received {pair!r}.")
        settings[key.strip()] = value.strip()
    return settings


def _artifacts(options: argparse.Namespace, settings: dict[str, Any]) -> None:
    from recsys.cli.several import each
    from recsys.data import library
    from recsys.evaluation.protocols import HOLDOUT
    from recsys.models import registry
    from recsys.training import devices
    from recsys.training import train as training

    device = devices.resolve(options.device).name
    dataset = library.open_dataset(options.dataset)

    def train(entry: Entry) -> None:
        asked = training.Training(
            entry,
            dataset,
            HOLDOUT,
            settings=settings,
            seed=options.seed,
            device=device,
            root=options.out,
            checkpoint_every=options.checkpoint_every,
            checkpoint_root=options.checkpoint_dir,
            log_dir=options.log_dir,
        )
        _report(entry, training.train(asked, partial(_say, entry.label)))

    each(registry.entries(options.model), train)


def _job(options: argparse.Namespace, settings: dict[str, Any]) -> None:
    from recsys.data import library
    from recsys.models import registry
    from recsys.training import devices
    from recsys.training.jobs import job as training_job

    entries = registry.entries(options.model)
    if len(entries) != 1:
        raise UsageError(f"--progress goes with one model at a time. Received {options.model!r}.")
    if options.out is None or options.checkpoint_every is not None or options.log_dir is not None:
        raise UsageError("--progress needs --out, and goes without --checkpoint-every and --log-dir.")
    if options.parent is not None:
        end_with(options.parent)
    progress = writer_for(options.progress)
    with said_how_it_ended(progress):
        manifest = training_job.run(
            entries[0],
            library.open_dataset(options.dataset),
            settings=settings,
            seed=options.seed,
            device=devices.resolve(options.device, uses_gpu=entries[0].load().uses_gpu),
            root=options.out,
            progress=progress,
            stop=training_job.StopFile(options.stop_file),
            refit=options.refit,
        )
    _report(entries[0], manifest)


def writer_for(path: Path) -> Writer:
    """Raises UsageError where nothing can be written."""
    from recsys.training.progress import Writer

    try:
        return Writer(path, _gpu_memory)
    except OSError as error:
        raise UsageError(f"Nothing can be written to {path}: {error.strerror or error}.") from None


@contextmanager
def said_how_it_ended(progress: Writer) -> Iterator[None]:
    """Whatever happens inside, the last line of the progress file says how it ended; people read that line.

    Raises:
        SystemExit: 130 where it was cancelled, 1 for what nobody foresaw, whose traceback is printed for the log.
        RecsysError: for all that a person can mend.
    """
    from recsys.training.jobs.job import Cancelled

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
        message = f"A file could not be written: {error.strerror or type(error).__name__}."
        progress.write("failed", message=message)  # where this fails too, the exit status says that it failed
        raise UsageError(message) from None
    except Exception as error:
        traceback.print_exc()
        message = f"Training broke off ({type(error).__name__}); the server's log says where."
        progress.write("failed", message=message)
        raise SystemExit(1) from None


def _gpu_memory() -> int | None:
    """Bytes that torch holds on the GPU; None as long as nothing does."""
    torch = sys.modules.get("torch")
    return torch.cuda.memory_reserved() if torch is not None and torch.cuda.is_initialized() else None


def end_with(parent: int) -> None:
    """End this process soon after the one that waits for it has gone: nobody else would stop it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _report(entry: Any, manifest: Any) -> None:
    rmse = f", RMSE {manifest.metric('rmse'):.4f}" if entry.predicts_stars else ""
    print(
        f"{entry.label}: nDCG@10 {manifest.metric('ndcg@10'):.4f}{rmse}, "
        f"{manifest.train_seconds:.0f} s, {manifest.n_bytes / 1e6:.2f} MB"
    )


def _say(label: str, log: Any, _scorer: object) -> None:
    end = "\n" if log.epoch == log.n_epochs or not sys.stderr.isatty() else "\r"
    print(
        f"{label}: epoch {log.epoch}/{log.n_epochs}  loss {log.loss:.4f}  {log.seconds:.1f} s  "
        f"{log.examples_per_second:,.0f} examples/s",
        end=end,
        file=sys.stderr,
    )
