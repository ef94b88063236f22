"""`python -m recsys bench`: speed and memory on this machine, of the app or of training."""

from __future__ import annotations

import argparse
from pathlib import Path

from recsys.cli.bench import app, training
from recsys.cli.output import note, print_json
from recsys.cli.parsing import add_shared, whole
from recsys.data import synthetic

ABOUT = "Measure speed and memory on this machine."
EXAMPLE = "python -m recsys bench train --data 1m --peers --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", nargs="?", choices=("app", "train"), default="app", help="what to measure (default: app)"
    )
    add_shared(parser, "--json")
    of_app = parser.add_argument_group("bench app")
    of_app.add_argument("--dataset", default="ml-100k", help="whose models and users are asked (default: ml-100k)")
    of_app.add_argument("--no-browser", action="store_true", help="skip what needs a browser")
    of_app.add_argument(
        "--before", type=Path, metavar="FOLDER", help="another checkout, whose app is started and visited in turn"
    )
    train = parser.add_argument_group("bench train")
    add_shared(train, "--device")
    train.add_argument("--data", default="1m", help=f"the size of MovieLens {', '.join(synthetic.SIZES)} (default: 1m)")
    train.add_argument("--models", help="names separated by commas (default: the six)")
    train.add_argument("--epochs", type=whole, default=2, help="epochs measured after the first (default: 2)")
    train.add_argument("--peers", action="store_true", help="measure public implementations too")
    train.add_argument("--parity", action="store_true", help="also compare what CPU and GPU learn")


def run(options: argparse.Namespace) -> None:
    if options.what == "app":
        figures = app.measure(options.dataset, browser=not options.no_browser, before=options.before, log=note)
        text = "\n".join(f"{name:<44} {value}" for name, value in figures.items())
    else:
        figures = training.measure(
            options.models,
            options.data,
            options.device,
            n_epochs=options.epochs,
            peers=options.peers,
            parity=options.parity,
            log=note,
        )
        text = training.as_text(figures)
    if options.json:
        print_json(figures)
    else:
        print(text)
