"""`python -m recsys record`, for maintainers: what the app shows about the shipped models, apart from their lists."""

from __future__ import annotations

import argparse

from recsys.cli import architecture, curve, explain, films, fold_in, report
from recsys.cli.parsing import Command, add_commands
from recsys.errors import UsageError

ABOUT = "Update what is on record for the shipped models, or print it for the documents."
EXAMPLE = "python -m recsys record films --dataset ml-100k"
COMMANDS: dict[str, Command] = {
    "curve": curve,
    "films": films,
    "fold-in": fold_in,
    "explain": explain,
    "tables": report,
    "architecture": architecture,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_commands(parser, COMMANDS, required=False)


def run(_options: argparse.Namespace) -> None:
    raise UsageError(f"`record` needs to know what: {', '.join(COMMANDS)}.")
