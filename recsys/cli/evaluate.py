"""`python -m recsys evaluate`: measure trained models again, or train anew under a protocol or on your own split."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from itertools import chain
from typing import Any

from recsys.cli.output import note, print_json
from recsys.cli.parsing import add_shared, path_named, stars, whole
from recsys.cli.several import asked, each
from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation import own_split, protocols, results
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import Ask, Protocol, Task
from recsys.evaluation.results import Result
from recsys.models import registry
from recsys.models.registry import Entry
from recsys.serving.artifacts import Artifact, finite_summary
from recsys.serving.ranking import check_k
from recsys.training import devices, remeasure, search

ABOUT = "Measure models under a protocol, or on a split of your own."
EXAMPLE = "python -m recsys evaluate --dataset ml-100k --protocol top --models bpr,ease --seeds 0,1,2 --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", help="name of the data set, such as ml-100k or demo")
    names = f"names separated by commas (default: holdout): {', '.join(protocols.PROTOCOLS)}"
    parser.add_argument("--protocol", default="holdout", help=names)
    parser.add_argument("--models", help="names separated by commas (default: all)")
    parser.add_argument("--seeds", help="train anew with each seed, such as 0,1,2")
    parser.add_argument("--record", action="store_true", help="keep the numbers under artifacts/, for the app")
    add_shared(parser, "--device", "--json")
    own = parser.add_argument_group("a split of your own, instead of --dataset")
    own.add_argument("--train-file", type=path_named, help="csv or tsv: user, item, rating, perhaps a timestamp")
    own.add_argument("--test-file", type=path_named, help="the same for the held-out ratings")
    own.add_argument(
        "--relevance", type=stars, help="fewest stars with which a held-out item counts (default: all count)"
    )
    own.add_argument("-k", type=whole, help="length of the lists (default: 10, or all films where there are fewer)")


def run(options: argparse.Namespace) -> None:
    entries = registry.entries(options.models)
    if options.train_file or options.test_file:
        _own_split(options, entries)
        return
    for name in ("relevance", "k"):
        if getattr(options, name) is not None:
            raise UsageError(f"{'-k' if name == 'k' else '--relevance'} goes with --train-file and --test-file.")
    if not options.dataset:
        raise UsageError("--dataset NAME is needed, or --train-file and --test-file.")
    names = dict.fromkeys(name.strip() for name in options.protocol.split(",") if name.strip())
    if not names:
        raise UsageError(f"No protocol was named; available: {', '.join(protocols.PROTOCOLS)}.")
    wanted = [protocols.protocol(name) for name in names]
    dataset = library.open_dataset(options.dataset)
    if list(names) == ["holdout"] and options.seeds is None and not options.record:
        _artifacts(dataset, wanted[0], options)
        return

    def settings(entry: Entry, protocol: Protocol) -> dict[str, Any]:
        return search.settings_for(entry, dataset.name, protocol)

    found = _measured(entries, dataset, wanted, settings, options)
    if not found:
        raise UsageError(f"None of these models can answer what {' and '.join(names)} asks.")
    found_under = [(protocol, [result for result in found if result.protocol == protocol.name]) for protocol in wanted]
    if options.json:
        answers = [
            {"dataset": dataset.name, "protocol": protocol.name, "models": _facts(of_protocol)}
            for protocol, of_protocol in found_under
        ]
        print_json(answers if len(answers) > 1 else answers[0])
        return
    for protocol, of_protocol in found_under:
        _show(f"{dataset.name}, protocol {protocol.name}", protocol, of_protocol)


def _measured(
    entries: list[Entry],
    dataset: Dataset,
    wanted: list[Protocol],
    settings: Callable[[Entry, Protocol], dict[str, Any]],
    options: argparse.Namespace,
) -> list[Result]:
    """Train each model anew under every protocol that suits it; with `--record`, keep the results."""

    def measured(entry: Entry) -> list[Result]:
        suited = [protocol for protocol in wanted if remeasure.is_suited(entry, protocol)]
        for protocol in wanted:
            if protocol not in suited:
                note(f"{entry.label}: cannot answer what {protocol.name} asks.")
        device = devices.resolve(options.device, uses_gpu=entry.load().uses_gpu).name
        seeds = _seeds(options.seeds)
        found = list(remeasure.run(entry, dataset, suited, settings, seeds=seeds, device=device, log=note))
        if options.record:
            for result in found:
                results.write(result)
        return found

    for entry in entries:  # what cannot be is better known before the others have trained
        for protocol in wanted:
            if remeasure.is_suited(entry, protocol):
                remeasure.check(entry, dataset, protocol, settings)
    return list(chain.from_iterable(each(entries, measured)))


def _seeds(text: str | None) -> list[int]:
    try:
        seeds = [whole(part) for part in ("0" if text is None else text).split(",")]
    except argparse.ArgumentTypeError:
        seeds = []
    if not seeds or min(seeds) < 0 or len(set(seeds)) != len(seeds):
        raise UsageError(
            f"--seeds takes different whole numbers separated by commas, such as 0,1,2. Received {text!r}."
        )
    return seeds


def _artifacts(dataset: Dataset, protocol: Protocol, options: argparse.Namespace) -> None:
    """The models that the app serves, measured again as they are."""
    task = protocol.final(dataset)

    def measured(entry: Entry, artifact: Artifact) -> dict[str, float | None]:
        note(f"{entry.label}: measuring")
        return finite_summary(evaluate(artifact.scorer, task, protocol.ks).summary)

    rows = asked(options.models, dataset, measured)
    if options.json:
        print_json({"dataset": dataset.name, "protocol": protocol.name, "models": rows})
    else:
        print(f"{dataset.name}, protocol {protocol.name}")
        _table(rows, protocol)


def _show(title: str, protocol: Protocol, found: list[Result]) -> None:
    print(title)
    _table({result.model: _metrics(result) for result in found}, protocol)
    for result in found:
        if len(result.by_seed) > 1:
            deviation = result.seed_spread(protocol.headline)
            print(f"{result.label}: {protocol.headline} ± {deviation:.4f} over {len(result.by_seed)} seeds")


def _metrics(result: Result) -> dict[str, float | None]:
    return finite_summary({name: result.metric(name) for name in result.metrics})


def _facts(found: list[Result]) -> dict[str, dict[str, Any]]:
    """Results as JSON: for each model the mean over seeds, its spread over seeds, and its intervals over users."""
    return {
        result.model: {
            **_metrics(result),
            "by_seed": result.by_seed,
            "seed_spread": finite_summary({name: result.seed_spread(name) for name in result.metrics}),
            "intervals": result.intervals,
            "standard_errors": result.standard_errors,
            "config": result.config,
            "train_seconds": result.train_seconds,
        }
        for result in found
    }


def _own_split(options: argparse.Namespace, entries: list[Entry]) -> None:
    if not (options.train_file and options.test_file):
        raise UsageError("--train-file and --test-file go together.")
    if options.dataset or options.protocol != "holdout" or options.record:
        raise UsageError("--dataset, --protocol and --record do not go with a split of your own.")
    parts = own_split.read(options.train_file, options.test_file)
    k = min(10, parts.train.n_items) if options.k is None else options.k
    check_k(k, parts.train.n_items)
    relevance = -math.inf if options.relevance is None else options.relevance
    if not (parts.test.ratings >= relevance).any():
        raise UsageError(f"No test rating is {relevance:g} or more: nothing would count as a hit.")
    for line in parts.report():
        note(line)
    task = Task(parts.train, parts.test, relevance)
    liked = float(parts.train.scale.low) if options.relevance is None else options.relevance
    protocol = protocols.of_own(task, k, liked)
    found = _measured(entries, parts.train, [protocol], search.imposed, options)
    if options.json:
        print_json(
            {
                "train_file": str(options.train_file),
                "test_file": str(options.test_file),
                "relevance": options.relevance,
                "k": k,
                "n_users": parts.train.n_users,
                "n_items": parts.train.n_items,
                "n_train": len(parts.train),
                "n_test": parts.n_test,
                "n_test_left_out": parts.n_left_out,
                "n_test_in_train": parts.n_repeated,
                "n_test_only_users": parts.n_unknown_users,
                "n_test_only_items": parts.n_unknown_items,
                "models": _facts(found),
            }
        )
        return
    _show(f"{options.train_file} -> {options.test_file}", protocol, found)


def _table(rows: dict[str, dict[str, float | None]], protocol: Protocol) -> None:
    """Models by metrics; a dash where a metric is undefined."""
    shown = _columns(protocol)
    print("".join(["model".ljust(24), *(name.rjust(18) for name in shown)]))
    for name, row in rows.items():
        cells = (_cell(metric, row.get(metric)) for metric in shown)
        print("".join([registry.entry(name).label.ljust(24), *(cell.rjust(18) for cell in cells)]))


def _cell(metric: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if metric == "users_counted" else f"{value:.4f}"


def _columns(protocol: Protocol) -> list[str]:
    """The metrics of a table for people, the protocol's headline first; --json has all of them."""
    k = 10 if 10 in protocol.ks else protocol.ks[0]
    columns = [protocol.headline]
    if Ask.LISTS in protocol.asks:
        columns += [f"ndcg@{k}", f"recall@{k}", f"hit_rate@{k}", f"mrr@{k}", "coverage", "users_counted"]
    if Ask.STARS in protocol.asks:
        columns += ["rmse", "mae", "fcp"]
    if Ask.PROBABILITIES in protocol.asks:
        columns += ["auc", "log_loss"]
    return list(dict.fromkeys(columns))
