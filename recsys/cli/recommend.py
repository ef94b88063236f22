"""`python -m recsys recommend`: the lists of the trained models for one user, or for a new user with a few films."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from recsys.cli.output import note, print_json
from recsys.errors import ArtifactError, UsageError

if TYPE_CHECKING:
    from recsys.data.dataset import Dataset, History

ABOUT = "Print the lists of the trained models for one user."
EXAMPLE = "python -m recsys recommend --dataset ml-100k --user 42 -k 10 --models als,svd"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", required=True, help="name of the data set, such as ml-100k or demo")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--user", type=int, help="id of a user of the data set")
    who.add_argument("--history", help='a new user instead: film ids and stars, oldest first, such as "50:5,181:4"')
    parser.add_argument("-k", type=int, default=10, help="length of the lists (default: 10)")
    parser.add_argument("--models", help="names with commas (default: all that are trained)")
    parser.add_argument("--json", action="store_true", help="print the lists as JSON")


def run(options: argparse.Namespace) -> None:
    from recsys.data import library
    from recsys.data.dataset import History
    from recsys.evaluation.protocols import HOLDOUT
    from recsys.models import registry
    from recsys.serving import artifacts
    from recsys.serving.lists import model_list
    from recsys.serving.ranking import check_k

    entries = registry.entries(options.models)
    dataset = library.open_dataset(options.dataset)
    check_k(options.k, dataset.n_items)
    if options.user is not None:
        user, task = dataset.viewers.ids.index(options.user), HOLDOUT.final(dataset)
        history, relevant = task.known.history(user), task.relevant_of(user)
    else:
        history, relevant = history_of(options.history, dataset), History.of_new_user([], []).items

    lists: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        try:
            artifact = artifacts.load(artifacts.folder_of(dataset.name, entry.name), dataset)
            ranked = model_list(entry.name, artifact.scorer, history, relevant, options.k)
        except ArtifactError as error:
            if options.models:  # who asks for a model by name wants to hear that it is not there
                raise
            note(f"{entry.label}: {error}")
            continue
        shown = ranked.shown_scores(dataset.scale)
        lists[entry.name] = [
            {
                "rank": rank,
                "item_id": int(dataset.catalog.ids.ids[item]),
                "title": dataset.catalog.label(item),
                "score": float(score),
                "held_out": bool(hit),
            }
            for rank, (item, score, hit) in enumerate(zip(ranked.items, shown, ranked.is_hit, strict=True), 1)
        ]
    if not lists:
        raise UsageError(f"No model answered. To train them: python -m recsys train all --dataset {dataset.name}")
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
    from recsys.data.dataset import History

    items, stars = [], []
    for part in text.split(","):
        film, _, rating = part.partition(":")
        try:
            item_id, value = int(film), float(rating)
        except ValueError:
            raise UsageError(f"--history takes film:stars pairs, such as 50:5,181:4. Received {part!r}.") from None
        if not dataset.scale.low <= value <= dataset.scale.high:
            raise UsageError(f"Stars go from {dataset.scale.low} to {dataset.scale.high}. Received {part!r}.")
        items.append(dataset.catalog.ids.index(item_id))
        stars.append(value)
    if len(set(items)) != len(items):
        raise UsageError(f"A film may be named once in --history. Received {text!r}.")
    return History.of_new_user(items, stars)
