"""Settings to begin with: quick ones to watch a model learn, and those of the models that are shipped."""

from __future__ import annotations

from typing import Any

from recsys.errors import UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.models.registry import Entry
from recsys.training import search

QUICK, SHIPPED = "quick", "shipped"
NAMES = (QUICK, SHIPPED)

QUICK_SECONDS_ON = "ml-100k"
"""The data set that `Model.quick_seconds` was measured on."""


def settings(entry: Entry, dataset: str, preset: str) -> dict[str, Any]:
    """What a preset sets; all else is as the model class has it. Raises UsageError: there is no such preset.

    `shipped`: the best on record for `holdout` on this data set, or on MovieLens 100K. `quick`: the same for every
    data set; of a model that is quick as it is shipped, the shipped ones.
    """
    if preset not in NAMES:
        raise UsageError(f"There is no preset {preset!r}; there is: {', '.join(NAMES)}.")
    if preset == QUICK and (quick := entry.load().quick):
        return dict(quick)
    return search.settings_for(entry, dataset, HOLDOUT)
