"""`python -m recsys record tables`: the tables of docs/results.md, from what is on record."""

from __future__ import annotations

import argparse

ABOUT = "Print the tables of docs/results.md from what is on record, as Markdown."
EXAMPLE = "python -m recsys record tables"


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(_options: argparse.Namespace) -> None:
    from recsys.cli import report

    print("\n\n".join(table() for table in report.TABLES))
