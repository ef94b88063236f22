"""`python -m recsys sweep`: try a grid of settings on the validation part."""

from __future__ import annotations

import argparse
import json

from recsys.cli.output import note
from recsys.cli.parsing import add_shared, path_named
from recsys.data import library
from recsys.evaluation.metrics import LOWER_IS_BETTER
from recsys.evaluation.protocols import protocol
from recsys.models import registry
from recsys.training import search
from recsys.training.engines import Engine

ABOUT = "Search hyperparameters on the validation part; the table is kept."
EXAMPLE = "python -m recsys sweep bpr --dataset ml-100k --jobs 2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", help="name of a model, such as bpr")
    add_shared(parser, "--dataset", "--seed")
    parser.add_argument("--protocol", default="holdout", help="whose validation part is searched on (default: holdout)")
    parser.add_argument("--grid", type=path_named, help="JSON: setting -> list of values (default: the model's own)")
    parser.add_argument("--out", type=path_named, help="folder of the table (default: that of the searches on record)")
    add_shared(parser, "--engine", "--address", "--jobs")


def run(options: argparse.Namespace) -> None:
    entry, searched = registry.entry(options.model), protocol(options.protocol)
    engine = Engine(options.engine, options.address, options.jobs)
    table = search.sweep(
        entry,
        library.open_dataset(options.dataset),
        searched,
        search.read_grid(options.grid) if options.grid else None,
        seed=options.seed,
        engine=engine,
        folder=options.out,
        log=note,
    )
    # One training each: no test tells these trials apart, so the first of them is kept and not called better.
    kept, metric = table["best"], table["metric"]
    n, end = len(search.counted(table["trials"], entry.load())), "lowest" if metric in LOWER_IS_BETTER else "highest"
    of = f"the {end} of {n} trials, one training each" if n > 1 else "the only trial"
    print(f"{entry.label}: kept {json.dumps(kept['config'])}, {metric} {kept['value']:.4f} ({of})")
