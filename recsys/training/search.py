"""Choosing hyperparameters on the validation part of a protocol, repeatably and on the record.

The grid of a model stands in its module, or in a file; what each setting reached is in
artifacts/<dataset>/searches/<protocol>/<model>.json, written after every trial, so that an interrupted search goes on
where it stopped. Trials are jobs (recsys/training/engines.py): the same table, but for the seconds, wherever they run.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from itertools import product
from pathlib import Path
from typing import Any, TypedDict

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, UsageError, reason, show
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.metrics import is_better
from recsys.evaluation.protocols import ANY_MODEL, Ask, Protocol, Task, check_learnable
from recsys.files import read_bounded
from recsys.models.base import EpochLog, FitOptions, Model, check_seed, config_from, config_to_json
from recsys.models.registry import Entry
from recsys.models.settings import completed
from recsys.serving import records
from recsys.serving.scorers import Scorer
from recsys.training import engines
from recsys.training.engines import Engine

Settings = dict[str, Any]
Grid = dict[str, list[Any]]


class Trial(TypedDict):
    """What `config` reached, after how many epochs (None: the model has none); the grid asked for `settings`."""

    settings: Settings
    value: float
    n_epochs: int | None
    seconds: float
    config: Settings


class Best(TypedDict):
    value: float
    config: Settings


class Header(TypedDict):
    """Which search it is."""

    model: str
    dataset: str
    fingerprint: str
    protocol: str
    metric: str
    seed: int


class Table(Header):
    """A search as it is on record: the trials in the order of the grid; those of other grids come before."""

    best: Best
    trials: list[Trial]


OnTrial = Callable[[int, int, Trial, str], None]
"""Called after each trial with the number done, the number in all, the trial and its metric; may raise to end it."""
MAX_TRIALS = 10_000
LOOKS = 6
"""How often a trial is measured on its way, so that the number of epochs is chosen too; of a model whose learning rate
is scheduled over its epochs, only the last one counts."""


def read_grid(path: Path) -> list[Grid]:
    """The grids in a JSON file. Raises UsageError: it is missing, `as_grids` refuses it, or it has too many trials."""
    try:
        grids = as_grids(json.loads(read_bounded(path)))
    except RecursionError:
        raise UsageError(f"The grid {path} cannot be read: it is nested too deeply.") from None
    except (OSError, ValueError, UsageError) as error:
        raise UsageError(f"The grid {path} cannot be read: {reason(error).rstrip('.')}.") from None
    n_trials = sum(math.prod(map(len, grid.values())) for grid in grids)
    if n_trials > MAX_TRIALS:
        raise UsageError(f"A grid may have up to {MAX_TRIALS:,} trials. {path} has {show(n_trials)}.")
    return grids


def as_grids(value: object) -> list[Grid]:
    """One grid or a list of them, as it came from JSON. Raises UsageError for anything else."""
    grids: list[Any] = value if isinstance(value, list) else [value]
    if not grids or not all(isinstance(grid, dict) and all(map(_is_full_list, grid.values())) for grid in grids):
        raise UsageError(f"A grid must map settings to lists of values. Received {show(value)}.")
    return grids


def combinations(grids: list[Grid]) -> Iterator[Settings]:
    """The settings of each trial, in the order of scikit-learn's ParameterGrid, which is not installed everywhere."""
    for grid in grids:
        names = sorted(grid)
        for values in product(*(grid[name] for name in names)):
            yield dict(zip(names, values, strict=True))


def _is_full_list(values: object) -> bool:
    return isinstance(values, list) and len(values) > 0


def folder_of(dataset: str, protocol: str, root: Path | None = None) -> Path:
    return records.folder_of(dataset, records.SEARCHES, root) / protocol


def settings_for(entry: Entry, dataset: str, protocol: Protocol) -> Settings:
    """The best settings on record for this data set and protocol, or for the protocol on MovieLens 100K; else the
    defaults, with what the protocol says about the training signal."""
    for name in (dataset, "ml-100k"):
        for tuned_on in dict.fromkeys((protocol.name, protocol.tuned_as)):
            for root in records.roots():
                if (table := read(name, tuned_on, entry.name, root)) is not None:
                    return table["best"]["config"] | imposed(entry, protocol)
    return imposed(entry, protocol)


def imposed(entry: Entry, protocol: Protocol) -> Settings:
    """The protocol's settings for this model."""
    known = {field.name for field in fields(entry.load().config_class)}
    for_all = {key: value for key, value in protocol.settings.get(ANY_MODEL, {}).items() if key in known}
    return for_all | protocol.settings.get(entry.name, {})


def read_table(model: str, folder: Path, **place: str) -> Table | None:
    """What a search found, or None where there was none. Raises ArtifactError: it is there and damaged.

    Args:
        place: the data set and protocol to which a search in this folder belongs.
    """
    path = folder / f"{model}.json"
    how = "The search", f"rm {path} and search again: python -m recsys sweep {model}"
    if (facts := records.read(path, *how)) is None:
        return None
    table = records.as_record(Table, facts, path, *how, {"model": model, **place})
    if not table["trials"]:
        raise records.damaged(path, *how, ValueError("it has no trials"))
    return table


def _measured_on(protocol: str) -> str:
    return f"{protocol}, validation part"


def read(dataset: str, protocol: str, model: str, root: Path | None = None) -> Table | None:
    """As `read_table`, of a search on record."""
    return read_table(model, folder_of(dataset, protocol, root), dataset=dataset, protocol=_measured_on(protocol))


def tables(dataset: str, on_damage: Callable[[ArtifactError], object]) -> dict[tuple[str, str], Table]:
    """(protocol, model) -> what a search on this data set found, for all that are on record.

    Args:
        on_damage: is given the error of each that is damaged.
    """
    found: dict[tuple[str, str], Table] = {}
    for root in records.roots():
        for each, protocol, model in records.all_of(records.SEARCHES, root):
            if each == dataset and (protocol, model) not in found:
                try:
                    if (table := read(dataset, protocol, model, root)) is not None:
                        found[protocol, model] = table
                except ArtifactError as error:
                    on_damage(error)
    return found


def varied(table: Table) -> list[str]:
    """The settings that differ between the trials of a table."""
    configs = [trial["config"] for trial in table["trials"]]
    return [key for key in configs[0] if len({json.dumps(config.get(key)) for config in configs}) > 1]


def sweep(
    entry: Entry,
    dataset: Dataset,
    protocol: Protocol,
    grid: list[Grid] | None = None,
    *,
    seed: int = 0,
    engine: Engine | None = None,
    folder: Path | None = None,
    log: Callable[[str], None] = lambda _: None,
    on_trial: OnTrial = lambda *_: None,
) -> Table:
    """Try every setting of a grid (the model's own by default); trials that are on record are not repeated.

    Raises:
        UsageError: the protocol asks for stars alone and the model has none, there is nothing to learn from, or another
            search is on record there.
    """
    check_seed(seed)
    if protocol.asks == {Ask.STARS} and not entry.predicts_stars:
        raise UsageError(f"{entry.label} predicts no stars, and {protocol.name} asks for nothing else.")
    model_class = entry.load()
    metric = model_class.selected_on if protocol.asks >= {Ask.LISTS, Ask.STARS} else protocol.headline
    folder = folder_of(dataset.name, protocol.name) if folder is None else folder
    header: Header = {
        "model": entry.name,
        "dataset": dataset.name,
        "fingerprint": dataset.fingerprint,
        "protocol": _measured_on(protocol.name),
        "metric": metric,
        "seed": seed,
    }
    table = read_table(entry.name, folder)
    if table is not None and any(table.get(key) != value for key, value in header.items()):
        raise UsageError(
            f"{folder / entry.name}.json records another search ({table['dataset']}, {table['metric']}, seed "
            f"{table['seed']}). Move it away to start a new one."
        )
    trials = [] if table is None else table["trials"]
    fixed, grid = imposed(entry, protocol), model_class.search_grid if grid is None else grid
    every = (fixed | settings for settings in combinations(grid))
    wanted = {_key(config_to_json(config_from(model_class.config_class, settings))): settings for settings in every}
    place = {key: number for number, key in enumerate(wanted)}

    def key_of(trial: Trial) -> str:
        return _key(completed(model_class.config_class, trial["config"]))

    def table_of(trials: list[Trial]) -> Table:
        return {**header, "best": _best(counted(trials, model_class), metric), "trials": trials}

    on_record = {key_of(trial) for trial in counted(trials, model_class)}
    pending = [settings for key, settings in wanted.items() if key not in on_record]
    if table is not None and not pending:
        return table
    task, n_done = protocol.validation(dataset), len(wanted) - len(pending)
    check_learnable(task, *(config_from(model_class.config_class, settings) for settings in pending))
    calls = ((entry, task, settings, metric, seed) for settings in pending)
    with engines.opened(engine or Engine()) as workers:
        for trial in workers.as_they_finish(_trial, calls):
            trials = sorted([*trials, trial], key=lambda each: place.get(key_of(each), -1))
            log(
                f"{entry.label}: {metric} {trial['value']:.4f} at epoch {trial['n_epochs']} "
                f"after {trial['seconds']:.0f} s with {trial['settings']}"
            )
            records.write(folder / f"{entry.name}.json", table_of(trials))
            n_done += 1
            on_trial(n_done, len(wanted), trial, metric)
    return table_of(trials)


def _key(config: Settings) -> str:
    """A configuration as text: the same one has the same key."""
    return json.dumps(config, sort_keys=True)


def _trial(entry: Entry, task: Task, settings: Settings, metric: str, seed: int) -> Trial:
    """Train one setting and remember the moment at which it was best."""
    model_class = entry.load()
    config = config_from(model_class.config_class, settings)
    looks = _Looks(task, metric, only_last=model_class.is_scheduled)
    start = time.perf_counter()
    scorer = model_class(config).fit(task.known, FitOptions(seed=seed, on_epoch=looks))
    value, n_epochs = looks.best or looks.look(scorer, None)  # a model without epochs has not been looked at
    seconds = round(time.perf_counter() - start, 1)
    full = config_to_json(config)
    return {"settings": settings, "value": value, "n_epochs": n_epochs, "seconds": seconds, "config": full}


class _Looks:
    """Measures a model a few times on its way, or at its end only, and remembers the best moment."""

    def __init__(self, task: Task, metric: str, *, only_last: bool) -> None:
        self._task, self._metric, self._only_last = task, metric, only_last
        self.best: tuple[float, int | None] | None = None

    def __call__(self, log: EpochLog, scorer: Scorer | None) -> None:
        is_on_the_way = log.epoch % max(1, log.n_epochs // LOOKS) == 0 and not self._only_last
        if scorer is not None and (is_on_the_way or log.epoch == log.n_epochs):
            self.look(scorer, log.epoch)

    def look(self, scorer: Scorer, epoch: int | None) -> tuple[float, int | None]:
        value = round(evaluate(scorer, self._task, (10, 20)).summary[self._metric], 5)
        if self.best is None or is_better(value, self.best[0], self._metric):
            self.best = (value, epoch)
        return self.best


def counted(trials: list[Trial], model_class: type[Model]) -> list[Trial]:
    """The trials whose value is that of a model which can be trained again.

    Where the learning rate is scheduled over all epochs, one that was best on its way is left out: as many epochs as
    that have another schedule and make another model. Only records from before this rule have such trials.
    """
    if not model_class.is_scheduled:
        return trials
    return [trial for trial in trials if trial["n_epochs"] in (None, trial["config"]["n_epochs"])]


def _best(trials: list[Trial], metric: str) -> Best:
    """The best trial; its configuration has the number of epochs at which it was best."""
    best = trials[0]
    for trial in trials[1:]:
        best = trial if is_better(trial["value"], best["value"], metric) else best
    config = dict(best["config"])
    if best["n_epochs"] is not None and "n_epochs" in config:
        config["n_epochs"] = best["n_epochs"]
    return {"value": best["value"], "config": config}
