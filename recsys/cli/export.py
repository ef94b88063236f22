"""`python -m recsys export`: a finished training run for TensorBoard or MLflow."""

from __future__ import annotations

import argparse
from pathlib import Path

from recsys.cli.parsing import path_named
from recsys.errors import UsageError
from recsys.training.jobs import exports

ABOUT = "Write a finished training run for TensorBoard, or send it to MLflow."
EXAMPLE = "python -m recsys export runs/0007-bpr-3fa2c1 --to tensorboard logs"
TARGETS = ("tensorboard", "mlflow")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=path_named, help="folder of a finished run, such as runs/0007-bpr-3fa2c1")
    parser.add_argument(
        "--to",
        nargs="+",
        required=True,
        metavar=("WHERE", "DIR"),
        help="tensorboard DIR, or mlflow (the server is taken from MLFLOW_TRACKING_URI)",
    )


def run(options: argparse.Namespace) -> None:
    where, *rest = options.to
    if where not in TARGETS or len(rest) != (where == "tensorboard"):
        raise UsageError(f"--to takes `tensorboard DIR` or `mlflow`. Received {' '.join(options.to)!r}.")
    print(exports.to_tensorboard(options.folder, Path(rest[0])) if rest else exports.to_mlflow(options.folder))
