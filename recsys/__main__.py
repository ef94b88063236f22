"""The command line: `python -m recsys COMMAND`. Results on stdout, progress on stderr, exit 2 for a user's mistake."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from recsys.cli import curve as curve_command
from recsys.cli import evaluate as evaluate_command
from recsys.cli import explain as explain_command
from recsys.cli import films as films_command
from recsys.cli import fold_in as fold_in_command
from recsys.cli import score as score_command
from recsys.cli import sweep as sweep_command
from recsys.cli import train as train_command
from recsys.cli import verify
from recsys.cli.bench import training
from recsys.errors import RecsysError, UsageError
from recsys.training.jobs import exports


class _Parser(argparse.ArgumentParser):
    """argparse, with errors of one line like all others."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"recsys: {message} (see {self.prog} --help)\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except RecsysError as error:
        print(f"recsys: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, `head` say, has gone
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        print("recsys: stopped", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m recsys", description="Train, measure and ask recommender models.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    data = command("data", _data, "List, fetch or check data sets.")
    data.add_argument("action", choices=("list", "get", "check"))
    data.add_argument("what", nargs="?", help="get: a name; check: a folder or zip")

    train = command("train", _train, "Train models and write their artifacts.")
    train.add_argument("model", help="a name, several with commas, main (the six and the floors), or all")
    train.add_argument("--dataset", required=True)
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--device", default="auto", help="auto, cpu or cuda")
    train.add_argument("--out", type=Path, help="write to this folder instead of artifacts/")
    train.add_argument("--checkpoint-every", type=int, metavar="N", help="also keep the model after every N epochs")
    train.add_argument("--checkpoint-dir", type=Path, default=Path("checkpoints"), help="where (default: checkpoints/)")
    train.add_argument("--log-dir", type=Path, help="write curves for TensorBoard into this folder")
    train_command.add_job_arguments(train)

    evaluate = command("evaluate", evaluate_command.run, "Measure models under a protocol, or on a split of your own.")
    evaluate_command.add_arguments(evaluate)

    recommend = command("recommend", _recommend, "The lists of the trained models for one user.")
    recommend.add_argument("--dataset", required=True)
    who = recommend.add_mutually_exclusive_group(required=True)
    who.add_argument("--user", type=int, help="user id")
    who.add_argument("--history", help='a visitor: film ids and stars, oldest first, such as "50:5,181:4"')
    recommend.add_argument("-k", type=int, default=10)
    recommend.add_argument("--models")
    recommend.add_argument("--json", action="store_true")

    curve = command("curve", curve_command.run, "How shipped models learn, for the race on the Train page.")
    curve_command.add_arguments(curve)

    fold_in = command(
        "fold-in", fold_in_command.run, "What the models are worth to users whom they were not trained on."
    )
    fold_in_command.add_arguments(fold_in)

    films = command("films", films_command.run, "What the Film page shows: neighbours, maps, who gets a film.")
    films_command.add_arguments(films)

    explain = command("explain", explain_command.run, "Check the models' explanations by deleting films.")
    explain_command.add_arguments(explain)

    sweep = command("sweep", sweep_command.run, "Search hyperparameters on the validation part; the table is kept.")
    sweep_command.add_arguments(sweep)

    score = command("score", score_command.run, "The lists of many users, from the trained models, as a CSV file.")
    score_command.add_arguments(score)

    export = command("export", exports.run, "A finished training run for TensorBoard or MLflow.")
    exports.add_arguments(export)

    command("report", _report, "The published figures beside ours, from what is on record, as Markdown.")

    app = command("bench", _bench, "Measure speed and memory on this machine.")
    app.add_argument("what", nargs="?", choices=("app", "train"), default="app", help="default: app")
    app.add_argument("--dataset", default="ml-100k")
    app.add_argument("--json", action="store_true")
    app.add_argument("--no-browser", action="store_true", help="leave out what needs a browser")
    training.add_arguments(app)

    command("verify", verify.run, "Check every artifact: format, hashes, sizes, contents.")
    return parser


def _data(options: argparse.Namespace) -> None:
    from recsys.data import library

    if options.action == "list":
        print(library.listing())
        return
    if not options.what:
        raise UsageError(f"`data {options.action}` needs a {'name' if options.action == 'get' else 'path'}.")
    if options.action == "get":
        from recsys.data import download

        print(download.get(options.what))
    else:
        from recsys.data.movielens import reader

        print(library.describe(reader.load(Path(options.what))))


def _train(options: argparse.Namespace) -> None:
    train_command.run(options, _settings(options.settings))


def _settings(pairs: list[str]) -> dict[str, str]:
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key or not value:
            raise UsageError(f"--set takes KEY=VALUE, such as n_epochs=5. Received {pair!r}.")
        settings[key.strip()] = value.strip()
    return settings


def _recommend(options: argparse.Namespace) -> None:
    from recsys.data import library
    from recsys.data.dataset import History
    from recsys.errors import ArtifactError
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
        history, relevant = _visitor(options.history, dataset), History.of_visitor([], []).items

    lists: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        try:
            artifact = artifacts.load(artifacts.folder_of(dataset.name, entry.name), dataset)
            ranked = model_list(entry.name, artifact.scorer, history, relevant, options.k)
        except ArtifactError as error:
            if options.models:  # who asks for a model by name wants to hear that it is not there
                raise
            print(f"{entry.label}: {error}", file=sys.stderr)
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
        _print_json({"dataset": dataset.name, "user": options.user, "k": options.k, "models": lists})
        return
    for name, rows in lists.items():
        print(registry.entry(name).label)
        for row in rows:
            tick = "*" if row["held_out"] else " "
            print(f"  {row['rank']:>3} {tick} {row['title']}  [{row['item_id']}]  {row['score']:.4g}")


def _visitor(text: str, dataset: Any) -> Any:
    """A visitor's history from "50:5,181:4"."""
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
    return History.of_visitor(items, stars)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _bench(options: argparse.Namespace) -> None:
    if options.what == "train":
        training.run(options, _note)
        return
    from recsys.cli.bench import app

    figures = app.measure(options.dataset, browser=not options.no_browser, log=_note)
    if options.json:
        _print_json(figures)
    else:
        for name, value in figures.items():
            print(f"{name:<44} {value}")


def _report(_options: argparse.Namespace) -> None:
    from recsys.cli import report

    print("\n\n".join(table() for table in report.TABLES))


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False))


if __name__ == "__main__":
    sys.exit(main())
