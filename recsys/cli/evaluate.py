"""`python -m recsys evaluate`: trained models again, models trained anew under a protocol, or a split of your own."""

from __future__ import annotations

import argparse
import math
from itertools import chain
from pathlib import Path
from typing import Any

from recsys.cli.output import note, print_json
from recsys.cli.several import each
from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, UsageError
from recsys.evaluation import protocols, results
from recsys.evaluation.protocols import Ask, Protocol, Task
from recsys.evaluation.results import Result
from recsys.models import registry
from recsys.models.registry import Entry
from recsys.serving import artifacts
from recsys.training import devices, remeasure, search, train

ABOUT = "Measure models under a protocol, or on a split of your own."
EXAMPLE = "python -m recsys evaluate --dataset ml-100k --protocol top --models bpr,ease --seeds 0,1,2 --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    names = ", ".join(protocols.PROTOCOLS)
    parser.add_argument("--dataset", help="name of the data set, such as ml-100k or demo")
    parser.add_argument(
        "--protocol", default="holdout", help=f"one, or several with commas (default: holdout): {names}"
    )
    parser.add_argument("--models", help="names with commas (default: all)")
    parser.add_argument("--seeds", help="train anew with each seed, such as 0,1,2")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    parser.add_argument("--record", action="store_true", help="keep the numbers under artifacts/, for the app")
    parser.add_argument("--json", action="store_true", help="print all metrics as JSON")
    own = parser.add_argument_group("a split of your own, instead of --dataset")
    own.add_argument("--train-file", type=Path, help="csv or tsv: user, item, rating, perhaps timestamp")
    own.add_argument("--test-file", type=Path, help="the same for what is held out")
    own.add_argument("--relevance", type=float, help="stars from which a held-out item counts (default: all count)")
    own.add_argument("-k", type=int, help="length of the lists (default: 10)")


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
        raise UsageError(f"No protocol was named; there is: {', '.join(protocols.PROTOCOLS)}.")
    wanted = [protocols.protocol(name) for name in names]
    dataset = library.open_dataset(options.dataset)
    if list(names) == ["holdout"] and options.seeds is None and not options.record:
        _artifacts(dataset, wanted[0], entries, options)
        return

    def measured(entry: Entry) -> list[Result]:
        found = _measured(entry, dataset, wanted, options)
        if options.record:
            for result in found:
                results.write(result)
        return found

    found = list(chain.from_iterable(each(entries, measured)))
    if not found:
        raise UsageError(f"None of these models has an answer to what {' and '.join(names)} asks.")
    found_under = [(protocol, [result for result in found if result.protocol == protocol.name]) for protocol in wanted]
    if options.json:
        answers = [_answer(dataset.name, protocol, of_protocol) for protocol, of_protocol in found_under]
        print_json(answers if len(answers) > 1 else answers[0])
        return
    for protocol, of_protocol in found_under:
        _show(dataset.name, protocol, of_protocol)


def _measured(entry: Entry, dataset: Dataset, wanted: list[Protocol], options: argparse.Namespace) -> list[Result]:
    """The results of the protocols that ask something that this model can answer."""
    suited = [protocol for protocol in wanted if remeasure.is_suited(entry, protocol)]
    for protocol in wanted:
        if protocol not in suited:
            note(f"{entry.label}: has no answer to what {protocol.name} asks.")
    return list(
        remeasure.run(
            entry,
            dataset,
            suited,
            lambda entry, protocol: search.settings_for(entry, dataset.name, protocol),
            seeds=_seeds(options.seeds),
            device=devices.resolve(options.device, uses_gpu=entry.load().uses_gpu).name,
            log=note,
        )
    )


def _seeds(text: str | None) -> list[int]:
    try:
        seeds = [int(part) for part in ("0" if text is None else text).split(",")]
    except ValueError:
        seeds = []
    if not seeds or min(seeds) < 0 or len(set(seeds)) != len(seeds):
        raise UsageError(f"--seeds takes different whole numbers with commas, such as 0,1,2. Received {text!r}.")
    return seeds


def _artifacts(
    dataset: Dataset,
    protocol: Protocol,
    entries: list[Entry],
    options: argparse.Namespace,
) -> None:
    """The models that the app serves, measured again as they are."""
    rows: dict[str, dict[str, float | None]] = {}
    for entry in entries:
        try:
            artifact = artifacts.load(artifacts.folder_of(dataset.name, entry.name), dataset)
        except ArtifactError as error:
            if options.models:
                raise
            note(f"{entry.label}: {error}")
            continue
        note(f"{entry.label}: measuring")
        evaluation = train.evaluate_artifact(artifact.scorer, dataset, protocol)
        rows[entry.name] = artifacts.finite_summary(evaluation.summary)
    if not rows:
        raise UsageError(f"There is no trained model. Make them: python -m recsys train all --dataset {dataset.name}")
    if options.json:
        print_json({"dataset": dataset.name, "protocol": protocol.name, "models": rows})
    else:
        print(f"{dataset.name}, protocol {protocol.name}")
        _table(rows, protocol)


def _answer(dataset: str, protocol: Protocol, found: list[Result]) -> dict[str, Any]:
    return {"dataset": dataset, "protocol": protocol.name, "models": {result.model: _facts(result) for result in found}}


def _show(dataset: str, protocol: Protocol, found: list[Result]) -> None:
    print(f"{dataset}, protocol {protocol.name}")
    _table({result.model: {name: result.metric(name) for name in result.metrics} for result in found}, protocol)
    for result in found:
        if len(result.by_seed) > 1:
            deviation = result.seed_spread(protocol.headline)
            print(f"{result.label}: {protocol.headline} ± {deviation:.4f} over {len(result.by_seed)} seeds")


def _facts(result: Result) -> dict[str, Any]:
    """A result as JSON: the mean over seeds, and the two spreads apart."""
    facts: dict[str, Any] = artifacts.finite_summary({name: result.metric(name) for name in result.metrics})
    return facts | {
        "by_seed": result.by_seed,
        "seed_spread": artifacts.finite_summary({name: result.seed_spread(name) for name in result.metrics}),
        "intervals": result.intervals,
        "standard_errors": result.standard_errors,
        "config": result.config,
        "train_seconds": result.train_seconds,
    }


def _own_split(options: argparse.Namespace, entries: list[Entry]) -> None:
    from recsys.evaluation import own_split
    from recsys.serving.ranking import check_k

    if not (options.train_file and options.test_file):
        raise UsageError("--train-file and --test-file go together.")
    if options.dataset or options.protocol != "holdout" or options.record:
        raise UsageError("--dataset, --protocol and --record do not go with a split of your own.")
    parts = own_split.read(options.train_file, options.test_file)
    k = 10 if options.k is None else options.k
    check_k(k, parts.train.n_items)
    relevance = -math.inf if options.relevance is None else options.relevance
    if options.relevance is not None and not math.isfinite(relevance):
        raise UsageError(f"--relevance must be a number of stars. Received {relevance}.")
    if not (parts.test.ratings >= relevance).any():
        raise UsageError(f"No test rating is {relevance:g} or more: nothing would count as found.")
    for line in parts.report():
        note(line)
    task = Task(parts.train, parts.test, relevance)
    liked = float(parts.train.scale.low) if options.relevance is None else options.relevance
    protocol = protocols.of_own(task, k, liked)

    def measured(entry: Entry) -> list[Result]:
        of_model = remeasure.run(
            entry,
            parts.train,
            [protocol],
            lambda entry, protocol: search.imposed(entry, protocol),
            seeds=_seeds(options.seeds),
            device=devices.resolve(options.device, uses_gpu=entry.load().uses_gpu).name,
            log=note,
        )
        return list(of_model)

    found = list(chain.from_iterable(each(entries, measured)))
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
                "models": {result.model: _facts(result) for result in found},
            }
        )
        return
    print(f"{options.train_file} -> {options.test_file}")
    _table({result.model: {name: result.metric(name) for name in result.metrics} for result in found}, protocol)


def _table(rows: dict[str, dict[str, float | None]], protocol: Protocol) -> None:
    """Models by metrics; a dash where a metric is undefined."""
    shown = _columns(protocol)
    print("".join(["model".ljust(24), *(name.rjust(18) for name in shown)]))
    for name, row in rows.items():
        cells = (_cell(metric, row.get(metric)) for metric in shown)
        print("".join([registry.entry(name).label.ljust(24), *(cell.rjust(18) for cell in cells)]))


def _cell(metric: str, value: float | None) -> str:
    if value is None or value != value:
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
