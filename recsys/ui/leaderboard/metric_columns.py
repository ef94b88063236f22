"""The columns of the Leaderboard: which metrics, in which groups, and what the models cost beside them."""

from __future__ import annotations

from recsys.evaluation.metrics import METRICS, Metric, described
from recsys.evaluation.protocols import HOLDOUT

HEADLINE = HOLDOUT.headline
"""What the models are ranked by unless a visitor chooses something else."""
SECONDS, BYTES, MILLISECONDS = "train_seconds", "n_bytes", "milliseconds"
"""Costs, beside the metrics of the manifest's summary; they are described as a metric is."""
PER_MB = 1e6


def _columns(*names: str) -> tuple[Metric, ...]:
    found = tuple(metric for metric in map(described, names) if metric is not None)
    assert len(found) == len(names), names
    return found


def _lists(k: int) -> tuple[Metric, ...]:
    return _columns(*(f"{name}@{k}" for name, metric in METRICS.items() if metric.of_lists))


GROUPS: tuple[tuple[str, str, tuple[Metric, ...]], ...] = (
    ("lists10", "Lists of 10", _lists(10)),
    ("lists5", "Lists of 5", _lists(5)),
    ("lists20", "Lists of 20", _lists(20)),
    ("ratings", "Ratings", _columns("rmse", "mae", "fcp", "auc", "log_loss", "calibration_error")),
    ("breadth", "Breadth", _columns("coverage", "gini", "novelty", "serendipity", "diversity", "popularity")),
    (
        "cost",
        "Cost",
        (
            Metric(SECONDS, "Training", "time to train it, once", "lower", 1, "seconds"),
            Metric(BYTES, "On disk", "size of its files", "lower", 2, "MB"),
            Metric(MILLISECONDS, "Per user", "time to rank all films for a user, measured here", "lower", 2, "ms"),
        ),
    ),
)

COLUMN_OF = {column.name: column for _, _, columns in GROUPS for column in columns}
