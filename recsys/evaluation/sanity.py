"""Checks that a leaderboard has to pass before anybody believes it. Each says in words what it found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from recsys.data.dataset import RatingScale
from recsys.errors import ArtifactError
from recsys.evaluation.anchors import CALIBRATIONS
from recsys.evaluation.metrics import described, label_of
from recsys.evaluation.protocols import HOLDOUT, Task
from recsys.serving import artifacts
from recsys.serving.ranking import recommend
from recsys.serving.scorers import Scorer

TOLERANCE = 0.02
"""A deterministic baseline that misses its figure by more says that the protocol is wrong (docs/results.md)."""


class State(StrEnum):
    """How a check went, as the word that stands beside its colour."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Check:
    """One check.

    Args:
        claim: what should be true.
        found: what is.
    """

    claim: str
    state: State
    found: str


def nothing_seen_is_recommended(scorers: Mapping[str, Scorer], task: Task, n_users: int = 25, k: int = 10) -> Check:
    """Ask every served model for real lists and compare them with what the users know."""
    claim = "No list contains a film that the user has already seen"
    users = np.linspace(0, task.known.n_users - 1, min(n_users, task.known.n_users)).astype(int).tolist()
    histories = task.known.histories(users)
    if not scorers:
        return Check(claim, State.NOT_CHECKED, "There is no model to ask.")
    seen = {
        label: sum(
            int(np.isin(row[row >= 0], history.items).sum())
            for row, history in zip(recommend(scorer, histories, min(k, scorer.n_items)).items, histories, strict=True)
        )
        for label, scorer in scorers.items()
    }
    asked = f"{len(scorers)} models were asked for {min(k, task.known.n_items)} films for each of {len(users)} users"
    guilty = ", ".join(f"{label} ({n})" for label, n in seen.items() if n)
    if guilty:
        return Check(claim, State.FAILED, f"{asked}; seen films in the lists of {guilty}.")
    return Check(claim, State.PASSED, f"{asked}; none of the films had been seen.")


def nothing_held_out_is_known(task: Task) -> Check:
    """No (user, film) pair may be in both parts."""
    n_items = task.known.n_items
    known, hidden = (part.users.astype(np.int64) * n_items + part.items for part in (task.known, task.held_out))
    shared = len(np.intersect1d(known, hidden))
    return Check(
        "No hidden rating is among those that the models have learned from",
        State.FAILED if shared else State.PASSED,
        f"{shared:,} of {len(hidden):,} hidden ratings are also among the {len(known):,} known ones.",
    )


def metrics_are_in_range(summaries: Mapping[str, Mapping[str, float | None]], scale: RatingScale) -> Check:
    """Shares lie between 0 and 1, errors between 0 and the width of the scale."""
    n, outside = 0, []
    for label, summary in summaries.items():
        for name, value in summary.items():
            bounds = _bounds(name, scale)
            if value is None or bounds is None:
                continue
            n += 1
            if not bounds[0] <= value <= bounds[1]:
                outside.append(f"{label} {name} = {value:g}")
    claim = "Every metric lies within its range"
    if not n:
        return Check(claim, State.NOT_CHECKED, "No model has been measured.")
    if outside:
        return Check(claim, State.FAILED, f"{len(outside)} of {n} do not: {', '.join(outside[:5])}.")
    return Check(claim, State.PASSED, f"{n} values of {len(summaries)} models were compared with their bounds.")


def _bounds(metric: str, scale: RatingScale) -> tuple[float, float] | None:
    known = described(metric)
    if known is None:
        return (0.0, np.inf) if metric == "users_counted" else None
    return 0.0, scale.high - scale.low if known.highest is None else known.highest


def files_are_as_written(folders: Iterable[Path]) -> Check:
    """Sizes and SHA-256 of every file of every artifact."""
    claim = "Every file of every model has the contents that were written"
    n_files, n_models, broken = 0, 0, []
    for folder in folders:
        n_models += 1
        try:
            n_files += len(artifacts.verify(folder).files) + 1
        except ArtifactError as error:
            broken.append(f"{folder.name}: {error.problem}")
    if not n_models:
        return Check(claim, State.NOT_CHECKED, "There is no model.")
    if broken:
        return Check(claim, State.FAILED, " ".join(broken))
    return Check(claim, State.PASSED, f"{n_files} files of {n_models} models have the SHA-256 in their manifests.")


def baselines_meet_their_figures(
    dataset: str, values: Mapping[str, Mapping[str, float | None]], labels: Mapping[str, str]
) -> list[Check]:
    """Deterministic baselines against figures that were measured with other code.

    Args:
        values: model -> metric -> value under the holdout protocol.
        labels: model -> as people call it.
    """
    claim = "The baselines reach the figures that other code reaches"
    references = [each for each in CALIBRATIONS if (each.dataset, each.protocol) == (dataset, HOLDOUT.name)]
    if not references:
        return [Check(claim, State.NOT_CHECKED, "There is no published figure for this data set.")]
    checks = []
    for each in references:
        model, metric, expected = each.model, each.metric, each.value
        value = values.get(model, {}).get(metric)
        claim = f"{labels[model]}: {label_of(metric)} within {100 * TOLERANCE:g} % of {expected:g}"
        if value is None:
            checks.append(Check(claim, State.NOT_CHECKED, "This model has not been measured here."))
            continue
        off = value / expected - 1
        state = State.PASSED if abs(off) <= TOLERANCE else State.FAILED
        checks.append(
            Check(claim, state, f"Measured {value:.4f}: {abs(100 * off):.1f} % {'above' if off > 0 else 'below'} it.")
        )
    return checks
