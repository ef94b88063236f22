"""`python -m recsys sweep`: a grid of settings on the validation part, as a job or for the record."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recsys.cli.output import note
from recsys.training import engines

ABOUT = "Search hyperparameters on the validation part; the table is kept."
EXAMPLE = "python -m recsys sweep bpr --dataset ml-100k --jobs 2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", help="name of a model, such as bpr")
    parser.add_argument("--dataset", required=True, help="name of the data set, such as ml-100k or demo")
    parser.add_argument("--protocol", default="holdout", help="whose validation part is searched on (default: holdout)")
    parser.add_argument("--grid", type=Path, help="JSON: setting -> list of values (default: the model's own grid)")
    parser.add_argument("--seed", type=int, default=0, help="with which every trial is trained (default: 0)")
    parser.add_argument("--out", type=Path, help="keep the table in this folder instead of with the searches on record")
    engines.add_arguments(parser)
    for_job = parser.add_argument_group("as a job of the Train page, which alone uses these")
    for_job.add_argument("--progress", type=Path, help=argparse.SUPPRESS)  # a file: what happens, a JSON object a line
    for_job.add_argument("--stop-file", type=Path, help=argparse.SUPPRESS)  # once it is there, stop after this trial
    for_job.add_argument("--parent", type=int, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> None:
    if options.progress is None:
        _sweep(options, lambda *_: None)
        return
    from recsys.cli.train import end_with, said_how_it_ended, writer_for
    from recsys.training import devices
    from recsys.training.jobs.job import KeepBest, StopFile

    if options.parent is not None:
        end_with(options.parent)
    progress, stop = writer_for(options.progress), StopFile(options.stop_file)
    progress.write("started", device=devices.cpu().text)

    def on_trial(n_done: int, n_trials: int, trial: dict[str, Any], metric: str) -> None:
        seconds_left = progress.elapsed / n_done * (n_trials - n_done)
        value = trial["value"]
        progress.write("epoch", epoch=n_done, n_epochs=n_trials, metric=metric, value=value, eta=seconds_left)
        stop.check()

    with said_how_it_ended(progress):
        try:
            _sweep(options, on_trial)
            progress.write("finished")
        except KeepBest:
            progress.write("finished", message="Stopped; the trials so far are kept.")


def _sweep(options: argparse.Namespace, on_trial: Callable[[int, int, dict[str, Any], str], None]) -> None:
    from recsys.data import library
    from recsys.evaluation.protocols import protocol
    from recsys.models import registry
    from recsys.training import search

    entry, searched, engine = registry.entry(options.model), protocol(options.protocol), engines.from_options(options)
    table = search.sweep(
        entry,
        library.open_dataset(options.dataset),
        searched,
        search.read_grid(options.grid) if options.grid else None,
        seed=options.seed,
        engine=engine,
        folder=options.out,
        log=note,
        on_trial=on_trial,
    )
    best = table["best"]
    print(f"{entry.label}: best {table['metric']} {best['value']:.4f} with {json.dumps(best['config'])}")
