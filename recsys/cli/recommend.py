"""`python -m recsys recommend`: the lists of the trained models for one user, or for a new user with a few films."""

from __future__ import annotations

import argparse
from typing import TypedDict

from recsys.cli.output import print_json
from recsys.cli.parsing import add_shared, whole
from recsys.cli.several import asked
from recsys.data import library, reading
from recsys.data.dataset import Dataset, History
from recsys.errors import UsageError, show
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.models.registry import Entry
from recsys.serving.artifacts import Artifact
from recsys.serving.lists import model_list
from recsys.serving.ranking import check_k

ABOUT = "Print the lists of the trained models for one user."
EXAMPLE = "python -m recsys recommend --dataset ml-100k --user 42 -k 10 --models als,svd"


class Line(TypedDict):
    """A film of a list, as `--json` prints it."""

    rank: int
    item_id: int
    title: str
    score: float
    held_out: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_shared(parser, "--dataset", "--models", "-k", "--json")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--user", type=whole, help="id of a user of the data set")
    who.add_argument("--history", help='a new user instead: film ids and stars, oldest first, such as "50:5,181:4"')


def run(options: argparse.Namespace) -> None:
    dataset = library.open_dataset(options.dataset)
    check_k(options.k, dataset.n_items)
    if options.user is not None:
        user, task = dataset.viewers.ids.index(options.user), HOLDOUT.final(dataset)
        history, relevant = task.known.history(user), task.relevant_of(user)
    else:
        history, relevant = history_of(options.history, dataset), History.of_new_user([], []).items

    def listed(entry: Entry, artifact: Artifact) -> list[Line]:
        ranked = model_list(entry.name, artifact.scorer, history, relevant, options.k)
        return [
            {"rank": rank, "item_id": film, "title": title, "score": score, "held_out": liked}
            for rank, film, title, score, liked in ranked.places(dataset)
        ]

    lists = asked(options.models, dataset, listed)
    if options.json:
        print_json({"dataset": dataset.name, "user": options.user, "k": options.k, "models": lists})
        return
    for name, rows in lists.items():
        print(registry.entry(name).label)
        for row in rows:
            tick = "*" if row["held_out"] else " "
            print(f"  {row['rank']:>3} {tick} {row['title']}  [{row['item_id']}]  {row['score']:.4g}")


def history_of(text: str, dataset: Dataset) -> History:
    """A new user's history from "50:5,181:4"."""
    items, stars = [], []
    for part in text.split(","):
        film, _, rating = part.partition(":")
        try:
            item_id, value = reading.whole("film id", film), reading.number("number of stars", rating)
        except reading.Fault:
            raise UsageError(f"--history takes film:stars pairs, such as 50:5,181:4. Received {show(part)}.") from None
        if not dataset.scale.low <= value <= dataset.scale.high:
            raise UsageError(f"Stars go from {dataset.scale.low} to {dataset.scale.high}. Received {show(part)}.")
        items.append(dataset.catalog.ids.index(item_id))
        stars.append(value)
    if len(set(items)) != len(items):
        raise UsageError(f"A film may be named only once in --history. Received {show(text)}.")
    return History.of_new_user(items, stars)
