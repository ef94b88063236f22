"""Are the explanations true? Whether a score falls more without the film that is named first than without another one.

For some users: the film at the top of their list is explained, the film named first is deleted from their history, and
so is a random other film that the model reads, several times over; each time the model is asked again. Both with and
without it they are asked as new users: a known user's stored vector does not change when a film is deleted.

The record: artifacts/<dataset>/explanations/<model>.json, with the SHA-256 of the artifact that was tested.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from recsys.data.dataset import Dataset, History
from recsys.evaluation.statistics import bootstrap_interval
from recsys.explain.parts import Films, Reasons, without
from recsys.explain.why import reasons
from recsys.serving import records
from recsys.serving.ranking import NO_ITEM, recommend
from recsys.serving.scorers import Scorer

N_USERS, N_DRAWS = 200, 4
"""Users asked, and random films deleted for each of them."""
MIN_FILMS = 5
"""Users with a shorter history are left out: there is nothing to choose from."""

_SAME = 1e-5
"""Drops and shares that differ by less, in any unit, are the same number in single precision."""

Explainer = Callable[[Scorer, Dataset, History, int], Reasons]


@dataclass(frozen=True)
class Deletion:
    """The test of one model's explanations. JSON-able.

    Args:
        n_asked: users asked for.
        n_users: those of them for whom the model read at least two films.
        n_draws: random films deleted for each, where there are so many.
        seed: of the choice of users and films.
        is_identity: what a film is said to carry is exactly what the score loses without it, so that the test is passed
            by construction: films that were found by leaving each out, or whose votes add up.
        wins: share of comparisons in which the film named first lowered the score more; a tie is half a win.
        wins_interval: 95 %, over users.
        drop_first, drop_random: mean loss of the score, in its own unit, without the first-named film and without a
            random one; with 95 % intervals over users.
        artifact_sha256: of the manifest of the artifact that was tested.
    """

    model: str
    dataset: str
    artifact_sha256: str
    n_asked: int
    n_users: int
    n_draws: int
    seed: int
    is_identity: bool
    wins: float
    wins_interval: list[float]
    drop_first: float
    drop_first_interval: list[float]
    drop_random: float
    drop_random_interval: list[float]

    def __post_init__(self) -> None:
        records.check_intervals(vars(self), "wins", "drop_first", "drop_random")


def run(
    scorer: Scorer,
    known: Dataset,
    *,
    model: str = "",
    artifact_sha256: str = "",
    n_users: int = N_USERS,
    seed: int = 0,
    explainer: Explainer = reasons,
) -> Deletion | None:
    """Test the explanations of one scorer on the histories that it has learnt from.

    Returns:
        None for a model that names no films, or where nobody has two films that it reads.
    """
    random = np.random.default_rng(seed)
    enough = np.flatnonzero(known.user_counts >= MIN_FILMS)
    users = np.random.default_rng(seed).permutation(enough)[:n_users]
    rows: list[tuple[float, float, float, float]] = []
    for user in users.tolist():
        history = replace(known.history(user), user=None)
        top = recommend(scorer, [history], 1)
        item = int(top.items[0, 0])
        if item == NO_ITEM:
            continue
        films = explainer(scorer, known, history, item).films
        if films is None:
            return None
        if len(films) > 1:
            rows.append(_drops(scorer, history, item, float(top.scores[0, 0]), films, random))
    if not rows:
        return None
    wins, first, other, gap = np.array(rows).T
    return Deletion(
        model=model,
        dataset=known.name,
        artifact_sha256=artifact_sha256,
        n_asked=n_users,
        n_users=len(rows),
        n_draws=N_DRAWS,
        seed=seed,
        is_identity=bool(gap.max() < _SAME),
        wins=float(wins.mean()),
        wins_interval=list(bootstrap_interval(wins, seed=seed)),
        drop_first=float(first.mean()),
        drop_first_interval=list(bootstrap_interval(first, seed=seed)),
        drop_random=float(other.mean()),
        drop_random_interval=list(bootstrap_interval(other, seed=seed)),
    )


def _drops(
    scorer: Scorer, history: History, item: int, score: float, films: Films, random: np.random.Generator
) -> tuple[float, float, float, float]:
    """For one user: the share of draws that the first-named film wins, its drop, the mean drop of the draws, and how
    far a drop is from what the film is said to carry."""
    others = random.permutation(films.order[1:])[:N_DRAWS]
    deleted = np.concatenate([films.order[:1], others])
    position = {int(film): place for place, film in enumerate(history.items)}
    shorter = [without(history, position[int(film)]) for film in films.items[deleted]]
    losses = score - scorer.score(shorter)[:, item].astype(np.float64)
    first, drops = losses[0], losses[1:]
    wins = np.mean((first > drops) + 0.5 * (first == drops))
    return float(wins), float(first), float(drops.mean()), float(np.abs(losses - films.values[deleted]).max())


# The record


def path_of(dataset: str, model: str, root: Path | None = None) -> Path:
    return records.folder_of(dataset, records.EXPLANATIONS, root) / f"{model}.json"


def write(tested: Deletion, root: Path | None = None) -> Path:
    """Put a test on record. Raises UsageError where nothing can be written."""
    path = path_of(tested.dataset, tested.model, root)
    # Six digits: more would differ from one processor to the next, and mean nothing.
    facts = json.loads(json.dumps(asdict(tested)), parse_float=lambda digits: float(f"{float(digits):.6g}"))
    records.write(path, facts)
    return path


def read(dataset: str, model: str, root: Path | None = None) -> Deletion | None:
    """A test on record, or None where there is none. Raises ArtifactError: it is there and damaged."""
    path = path_of(dataset, model, root)
    how = "The deletion test", f"python -m recsys record explain --dataset {dataset} --models {model}"
    if (facts := records.read(path, *how)) is None:
        return None
    return records.as_record(Deletion, facts, path, *how, {"model": model, "dataset": dataset})
