"""What a visitor may ask of a server: less than what a model class accepts, and no more memory than there is for it.

Whatever the page offers, a request comes from outside: all of it is checked here again, before a process starts.
"""

from __future__ import annotations

import math
import os
from dataclasses import replace
from itertools import islice
from typing import Any

from recsys.data.dataset import Dataset
from recsys.errors import UsageError, show
from recsys.models.registry import Entry
from recsys.models.settings import Setting, config_from, describe
from recsys.models.size import Size
from recsys.training.search import Settings, as_grids, combinations

MAX_TRIALS = 64
MAX_LAYERS = 5
MEMORY_LIMIT_BYTES = 4 * 10**9
MEMORY_VARIABLE = "RECSYS_TRAIN_MEMORY_GB"

RATING = 200
"""Bytes per rating: the data set, its parts, its order per user, and the histories of those who are asked about."""

EVALUATED_USERS = 256
"""Users whose scores are measured at a time."""


def offered(entry: Entry) -> tuple[Setting, ...]:
    """A model's settings with the ranges that a visitor has; every number has a lowest and a highest value."""
    return tuple(_tightened(known) for known in describe(entry.load().config_class))


def _tightened(known: Setting) -> Setting:
    if known.most is not None:
        known = replace(known, high=known.most, includes_high=True)
    if known.least is not None:
        known = replace(known, low=known.least, includes_low=True)
    return replace(known, max_entries=MAX_LAYERS) if known.kind == "tuple" else known


def check(entry: Entry, dataset: Dataset, settings: Settings) -> Any:
    """The configuration that these settings make, from JSON values or text.

    Raises:
        UsageError: a setting is unknown, of another type or out of range, or all together need too much memory.
    """
    if not isinstance(settings, dict):
        raise UsageError(f"Settings must be names with values. Received {show(settings)}.")
    config = config_from(entry.load().config_class, settings)
    for known in offered(entry):
        known.check(getattr(config, known.name))
    needed = estimate(entry, config, Size(dataset.n_users, dataset.n_items, len(dataset)))
    if needed > memory_limit():
        raise UsageError(
            f"With these settings {entry.label} needs about {needed / 1e9:,.1f} GB of memory on {dataset.name}, but a "
            f"job may take {memory_limit() / 1e9:,.1f} GB. Smaller vectors, layers or batches need less."
        )
    return config


def estimate(entry: Entry, config: Any, size: Size) -> int:
    """Bytes that a process training this model takes at its peak, on the CPU."""
    measuring = EVALUATED_USERS * size.n_items * 40  # scores, what is masked, and their order
    return int(RATING * size.n_ratings + measuring + entry.load().memory(config, size))


def check_grid(entry: Entry, dataset: Dataset, grid: object) -> list[Settings]:
    """The settings of each trial of a grid: setting -> list of values, or a list of such objects.

    Raises:
        UsageError: it is not such a grid, has more than MAX_TRIALS trials, or one of them is refused.
    """
    grids = as_grids(grid)
    trials = list(islice(combinations(grids), MAX_TRIALS + 1))  # a crafted grid has more than can be counted one by one
    if len(trials) > MAX_TRIALS:
        n_trials = sum(math.prod(map(len, each.values())) for each in grids)
        raise UsageError(f"A grid may have up to {MAX_TRIALS} trials. Received {show(n_trials)}.")
    for settings in trials:
        check(entry, dataset, settings)
    return trials


def memory_limit() -> int:
    """Bytes that one job may take: RECSYS_TRAIN_MEMORY_GB, or 4 GB. Raises UsageError where that is no such number."""
    return int(1e9 * positive_setting(MEMORY_VARIABLE, MEMORY_LIMIT_BYTES / 1e9))


def positive_setting(name: str, default: float) -> float:
    """A number above 0 from the environment. Raises UsageError for anything else."""
    text = os.environ.get(name)
    try:
        value = default if text is None else float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1e6:
        raise UsageError(f"{name} must be a number above 0, such as {default:g}. Received {show(text)}.")
    return value
