"""`python -m recsys score`: the lists of many users, from the trained models, as a CSV file."""

from __future__ import annotations

import argparse
import re
import time
from functools import partial
from pathlib import Path

from recsys.cli import batch_scoring
from recsys.cli.batch_scoring import FailedModelError
from recsys.cli.output import note, print_json
from recsys.cli.parsing import add_shared, path_named
from recsys.cli.several import asked
from recsys.data import library, reading
from recsys.data.dataset import Dataset, History
from recsys.data.reading import Fault
from recsys.errors import DataError, UsageError, os_errors_as, reason, show
from recsys.files import check_replaceable, read_bounded
from recsys.models.registry import Entry
from recsys.serving.artifacts import Artifact
from recsys.serving.ranking import check_k
from recsys.training.engines import Engine

ABOUT = "Write the lists of many users, from the trained models, to a CSV file."
EXAMPLE = "python -m recsys score --dataset ml-100k --models als,bpr --users all -k 10 --out lists.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_shared(parser, "--dataset", "--models", "-k", "--json")
    parser.add_argument(
        "--users", default="all", help="ids separated by commas, or a file with one per line (default: all)"
    )
    parser.add_argument("--out", type=path_named, required=True, help="the CSV file; an older one is replaced")
    add_shared(parser, "--engine", "--address", "--jobs")


def run(options: argparse.Namespace) -> None:
    engine = Engine(options.engine, options.address, options.jobs)
    dataset = library.open_dataset(options.dataset)
    users = _users(options.users, dataset)
    check_k(options.k, dataset.n_items)
    with os_errors_as(f"{options.out} cannot be written"):  # said before any model is asked
        check_replaceable(options.out)
        options.out.parent.stat()
    models = list(asked(options.models, dataset, partial(_answer, dataset.history(users[0]))))
    start = time.perf_counter()
    while True:
        try:
            n_rows = batch_scoring.write_lists(dataset, models, users, options.k, options.out, engine=engine, log=note)
            break
        except FailedModelError as error:  # as in `several.asked`: one that was not named is left out
            if options.models or len(models) == 1:
                raise
            note(f"Left out, and begun again without it: {error}")
            models.remove(error.model)
    seconds = time.perf_counter() - start
    if options.json:
        summary = {"dataset": dataset.name, "models": models, "users": len(users), "rows": n_rows, "k": options.k}
        speed = {"seconds": round(seconds, 3), "users_per_second": round(len(users) / seconds, 1)}
        print_json({**summary, "out": str(options.out), **speed})
    else:
        print(f"{n_rows:,} rows in {options.out}: {len(users):,} users, {len(users) / seconds:,.0f} a second")


def _answer(history: History, _: Entry, artifact: Artifact) -> None:
    """One answer, before any is written: most models that fail do so for everybody."""
    artifact.scorer.score([history])


def _users(text: str, dataset: Dataset) -> list[int]:
    """User indices, each once, in the order given."""
    ids = dataset.viewers.ids
    if text == "all":
        return list(range(dataset.n_users))
    if re.fullmatch(r"[\d\s,]*\d[\d\s,]*", text, re.ASCII):
        return [ids.index(int(part)) for part in dict.fromkeys(re.findall(r"\d+", text))]
    path = Path(text)
    try:
        lines = read_bounded(path).decode("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        why = "it is not a text file" if isinstance(error, UnicodeDecodeError) else reason(error)
        raise UsageError(f"--users takes all, user ids separated by commas, or a file. {show(text)}: {why}.") from None
    users: dict[int, None] = {}
    for number, line in enumerate(lines, start=1):
        if not (user_id := line.strip()):
            continue
        try:
            users[ids.index(reading.whole("user id", user_id))] = None
        except (Fault, UsageError) as error:
            problem = str(error) if isinstance(error, UsageError) else f"{user_id[:40]!r} is not a user id."
            raise DataError(problem, file=path, line=number, remedy="One user id per line is needed.") from None
    if not users:
        raise UsageError(f"{path} names no user.")
    return list(users)
