"""The columns of the Leaderboard: which metrics, in which groups, and what the models cost beside them."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.evaluation.metrics import METRICS, described
from recsys.evaluation.protocols import HOLDOUT

HEADLINE = HOLDOUT.headline
"""What the models are ranked by unless a visitor chooses something else."""
SECONDS, BYTES, MILLISECONDS = "train_seconds", "n_bytes", "milliseconds"
"""Costs, beside the metrics of the manifest's summary."""


@dataclass(frozen=True)
class Column:
    """A number per model; the fields of a metric are as in `Metric`.

    Args:
        name: in the manifest's summary, or a cost.
        unit: of the axis; "" for a share or an index.
        per_unit: how much of the stored value is one such unit.
    """

    name: str
    label: str
    says: str
    better: str = "higher"
    digits: int = 3
    unit: str = ""
    per_unit: float = 1.0


def _column(name: str) -> Column:
    metric = described(name)
    assert metric is not None, name
    return Column(name, metric.label, metric.says, metric.better, metric.digits, metric.unit)


def _lists(k: int) -> tuple[Column, ...]:
    return tuple(_column(f"{name}@{k}") for name, metric in METRICS.items() if metric.of_lists)


GROUPS: tuple[tuple[str, str, tuple[Column, ...]], ...] = (
    ("lists10", "Lists of 10", _lists(10)),
    ("lists5", "Lists of 5", _lists(5)),
    ("lists20", "Lists of 20", _lists(20)),
    ("ratings", "Ratings", tuple(map(_column, ("rmse", "mae", "fcp", "auc", "log_loss", "calibration_error")))),
    (
        "breadth",
        "Breadth",
        tuple(map(_column, ("coverage", "gini", "novelty", "serendipity", "diversity", "popularity"))),
    ),
    (
        "cost",
        "Cost",
        (
            Column(SECONDS, "Training", "time to train it, once", "lower", 1, "seconds"),
            Column(BYTES, "On disk", "size of its files", "lower", 2, "MB", 1e6),
            Column(MILLISECONDS, "Per user", "time to rank all films for a user, measured here", "lower", 2, "ms"),
        ),
    ),
)

COLUMN_OF = {column.name: column for _, _, columns in GROUPS for column in columns}
