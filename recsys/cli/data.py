"""`python -m recsys data`: which data sets there are, fetch one, check one."""

from __future__ import annotations

import argparse
from pathlib import Path

from recsys.data import download, library
from recsys.data.movielens import reader
from recsys.errors import UsageError

ABOUT = "List, fetch or check data sets."
EXAMPLE = "python -m recsys data get ml-100k"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("list", "get", "check"),
        help="list: what is known and what is here; get: download one; check: read one and say what is in it",
    )
    parser.add_argument("what", nargs="?", help="for get a name, such as ml-100k; for check a folder or a zip")


def run(options: argparse.Namespace) -> None:
    if options.action == "list":
        print(library.listing())
    elif not options.what:
        raise UsageError(f"`data {options.action}` needs a {'name' if options.action == 'get' else 'path'}.")
    elif options.action == "get":
        print(download.get(options.what))
    else:
        print(library.describe(reader.load(Path(options.what))))
