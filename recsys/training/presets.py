"""Settings to begin with: quick ones to watch a model learn, and those of the models that are shipped."""

from __future__ import annotations

from typing import Any

from recsys.errors import UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.models.registry import Entry
from recsys.training import search

QUICK, SHIPPED = "quick", "shipped"
NAMES = (QUICK, SHIPPED)

_QUICK: dict[str, dict[str, Any]] = {
    "svd": {"n_factors": 50, "n_epochs": 40, "learning_rate": 0.01},
    "autoencoder": {"n_epochs": 12, "learning_rate": 2e-3, "learning_rate_decay": 0.9},
    "bpr": {"n_factors": 64, "n_negatives": 1, "n_epochs": 4, "learning_rate": 8e-3, "batch_size": 2048},
    "gru": {
        **{"embedding_dim": 64, "hidden_dim": 64, "max_length": 20, "dropout": 0.2},
        **{"n_epochs": 3, "learning_rate": 1e-2},
    },
    "autoint": {
        **{"embedding_dim": 8, "n_heads": 1, "head_dim": 8, "dense": [32], "n_negatives": 2},
        **{"n_epochs": 3, "learning_rate": 2e-2},
    },
    "autoencoder-items": {"n_epochs": 12, "learning_rate": 2e-3, "learning_rate_decay": 0.9},
    "mf": {"n_factors": 32, "n_epochs": 6, "learning_rate": 5e-3},
    "deep-mf": {"dense": [64, 32], "n_epochs": 3, "learning_rate": 5e-3},
    "deep-mf-occupation": {"dense": [64, 32], "n_epochs": 3, "learning_rate": 5e-3},
    "neumf": {"n_negatives": 2, "n_epochs": 4, "learning_rate": 5e-3},
}
"""Less wide, fewer epochs, larger steps: on MovieLens 100K a job with these is done in seconds on two cores. Chosen by
hand on the validation part of `holdout`, as the job itself reports it; the test part had no say."""

QUICK_SECONDS = {"als": 2, "svd": 2, "autoencoder": 7, "bpr": 8, "autoint": 15, "gru": 17}
"""Of a whole job with the quick settings, from the click to its result: measured on MovieLens 100K, on the CPU, with
two idle cores."""
QUICK_SECONDS_ON = "ml-100k"


def settings(entry: Entry, dataset: str, preset: str) -> dict[str, Any]:
    """What a preset sets; all else is as the model class has it.

    `shipped`: the best on record for `holdout` on this data set, or on MovieLens 100K. `quick`: the same for every
    data set; of a model that is quick as it is shipped, the shipped ones.

    Raises:
        UsageError: there is no such preset.
    """
    if preset not in NAMES:
        raise UsageError(f"There is no preset {preset!r}; there is: {', '.join(NAMES)}.")
    if preset == QUICK and entry.name in _QUICK:
        return dict(_QUICK[entry.name])
    return search.settings_for(entry, dataset, HOLDOUT)
