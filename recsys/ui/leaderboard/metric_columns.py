"""The columns of the Leaderboard: which numbers, what they mean, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.evaluation.protocols import HOLDOUT

HEADLINE = HOLDOUT.headline
"""What the models are ranked by unless a visitor chooses something else."""
SECONDS, BYTES, MILLISECONDS = "train_seconds", "n_bytes", "milliseconds"
"""Costs, beside the metrics of the manifest's summary."""


@dataclass(frozen=True)
class Column:
    """A number per model.

    Args:
        name: in the manifest's summary, or a cost.
        label: head of the column.
        says: what it means, in a few words.
        better: "higher", "lower", or "" where neither is.
        digits: after the point.
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


def _lists(k: int) -> tuple[Column, ...]:
    return (
        Column(f"ndcg@{k}", f"nDCG@{k}", "how many liked films are found, and how far up"),
        Column(f"recall@{k}", f"Recall@{k}", "share of the liked films that is in the list"),
        Column(f"precision@{k}", f"Precision@{k}", "share of the list that is liked"),
        Column(f"hit_rate@{k}", f"Hit rate@{k}", "share of users with at least one liked film in the list"),
        Column(f"map@{k}", f"MAP@{k}", "precision at each liked film, averaged"),
        Column(f"mrr@{k}", f"MRR@{k}", "one over the rank of the first liked film"),
    )


GROUPS: tuple[tuple[str, str, tuple[Column, ...]], ...] = (
    ("lists10", "Lists of 10", _lists(10)),
    ("lists5", "Lists of 5", _lists(5)),
    ("lists20", "Lists of 20", _lists(20)),
    (
        "ratings",
        "Ratings",
        (
            Column("rmse", "RMSE", "typical error of a predicted rating", "lower", 3, "stars"),
            Column("mae", "MAE", "mean error of a predicted rating", "lower", 3, "stars"),
            Column("fcp", "FCP", "share of a user's pairs of films that are ordered rightly"),
            Column("auc", "AUC", "chance that a liked film scores above another one"),
            Column("log_loss", "Log loss", "surprise at what was liked and what was not", "lower"),
            Column("calibration_error", "Calibration", "how far promised chances are from what happened", "lower"),
        ),
    ),
    (
        "breadth",
        "Breadth",
        (
            Column("coverage", "Coverage", "share of all films that anybody is recommended"),
            Column("gini", "Gini", "0: all films alike; 1: the same few for everybody", "lower"),
            Column("novelty", "Novelty", "how little known the recommended films are", "", 2, "bits"),
            Column("serendipity", "Serendipity", "share of the list that is liked and not what everybody gets"),
            Column("diversity", "Diversity", "how different the genres within a list are", ""),
            Column("popularity", "Popularity", "people who have rated a recommended film, on average", "", 0, "people"),
        ),
    ),
    (
        "cost",
        "Cost",
        (
            Column(SECONDS, "Training", "time to train it, once", "lower", 1, "seconds"),
            Column(BYTES, "On disk", "size of its files", "lower", 2, "MB", 1e6),
            Column(
                MILLISECONDS,
                "Per user",
                "time to rank all films for a user, measured here",
                "lower",
                2,
                "ms",
            ),
        ),
    ),
)

COLUMN_OF = {column.name: column for _, _, columns in GROUPS for column in columns}
