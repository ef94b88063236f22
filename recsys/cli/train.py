"""`python -m recsys train`: train models and write them to artifacts/."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from recsys.cli.job import report
from recsys.cli.parsing import add_shared, path_named, whole
from recsys.cli.several import each
from recsys.data import library
from recsys.errors import UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.models.base import EpochLog, config_from
from recsys.models.registry import Entry
from recsys.training import devices
from recsys.training.train import Training, train

ABOUT = "Train models and write their artifacts."
EXAMPLE = "python -m recsys train bpr --dataset ml-100k --set n_factors=32 --seed 1 --out my-artifacts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_shared(parser, "model", "--dataset", "--device", "--seed")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="a hyperparameter, such as n_epochs=5; may be repeated",
    )
    parser.add_argument("--out", type=path_named, help="write to this folder instead of artifacts/")
    parser.add_argument("--checkpoint-every", type=whole, metavar="N", help="also keep the model after every N epochs")
    parser.add_argument("--checkpoint-dir", type=path_named, default="checkpoints", help="where (default: checkpoints)")
    parser.add_argument("--log-dir", type=path_named, help="write curves for TensorBoard into this folder")


def run(options: argparse.Namespace) -> None:
    settings = _settings(options.settings)
    entries = registry.entries(options.model)
    if settings and len(entries) > 1:
        raise UsageError("--set goes with one model at a time.")
    models = [entry.load() for entry in entries]
    configs = [config_from(model.config_class, settings) for model in models]
    device = devices.resolve(options.device).name
    dataset = library.open_dataset(options.dataset)
    # A bad setting and too little memory are refused before the first model has trained for minutes.
    known = HOLDOUT.final(dataset).known
    for model, config in zip(models, configs, strict=True):
        model(config).check_memory(known)

    def trained(entry: Entry) -> None:
        asked = Training(
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
        report(entry, train(asked, partial(_say, entry.label)))

    each(entries, trained)


def _settings(pairs: list[str]) -> dict[str, str]:
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key or not value:
            raise UsageError(f"--set takes KEY=VALUE, such as n_epochs=5. Received {pair!r}.")
        settings[key.strip()] = value.strip()
    return settings


def _say(label: str, log: EpochLog, _scorer: object) -> None:
    end = "\n" if log.epoch == log.n_epochs or not sys.stderr.isatty() else "\r"
    print(
        f"{label}: epoch {log.epoch}/{log.n_epochs}  loss {log.loss:.4f}  {log.seconds:.1f} s  "
        f"{log.examples_per_second:,.0f} examples/s",
        end=end,
        file=sys.stderr,
    )
