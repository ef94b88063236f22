"""How well a model answers for somebody it was not trained on, measured on real users treated as new users.

Two questions. Does a known user who comes as a new user, with the same films, get the list that the model trained for
them? And what are the lists worth to users of whom the model saw nothing at all in training?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recsys.data.catalog import Demographics
from recsys.data.dataset import Dataset, History
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import Task
from recsys.evaluation.statistics import LIKELY, holm, p_of_interval
from recsys.serving import records
from recsys.serving.lists import rank_biased_overlap
from recsys.serving.ranking import NO_ITEM, recommend
from recsys.serving.scorers import Scorer, ScorerState, Unit

SHARE_KEPT_OUT = 0.2
DEPTH = 100
"""Films of a list that are compared; with p = 0.9 the first 100 places carry all the weight but 0.003 %."""
BLOCK = 64


@dataclass(frozen=True)
class FoldIn:
    """What was measured of one model. Numbers are means over users, with 95 % bootstrap intervals. JSON-able.

    Args:
        artifact_sha256: of the shipped model that `overlap` is about.
        overlap: rank-biased overlap of the list of a known user and of the same history asked for as a new user's.
        kept_out: nDCG@10 of users none of whose ratings were in training.
        over_popularity: nDCG@10 minus Popularity's, the same users, paired.
        trained: nDCG@10 of the same users from the shipped model, which was trained on them.
        seed: of the choice of users, and of training.
    """

    model: str
    dataset: str
    artifact_sha256: str
    config: dict[str, Any]
    seed: int
    n_users: int
    n_kept_out: int
    overlap: float
    overlap_interval: tuple[float, float]
    kept_out: float
    kept_out_interval: tuple[float, float]
    over_popularity: float
    over_popularity_interval: tuple[float, float]
    trained: float

    def __post_init__(self) -> None:
        records.check_intervals(vars(self), "overlap", "kept_out", "over_popularity")


def beside_popularity(found: Mapping[str, FoldIn]) -> tuple[list[str], list[str], list[str]]:
    """The models that are clearly ahead of Popularity for new users, level with it and clearly behind it.

    Tested by the intervals, as values of single users are not on record, and corrected for these models (Holm 1979).
    """
    rivals = {name: each for name, each in found.items() if name != "popularity"}
    p_values = holm([p_of_interval(each.over_popularity, *each.over_popularity_interval) for each in rivals.values()])
    ahead: list[str] = []
    level: list[str] = []
    behind: list[str] = []
    for (name, each), p in zip(rivals.items(), p_values, strict=True):
        (level if p >= LIKELY else ahead if each.over_popularity > 0 else behind).append(name)
    return ahead, level, behind


class AsNewUsers:
    """A scorer that is told the films, and what the viewers say of themselves, but never who is asking or when."""

    def __init__(self, scorer: Scorer, dataset: Dataset) -> None:
        self._scorer, self._viewers = scorer, dataset.viewers

    @property
    def n_items(self) -> int:
        return self._scorer.n_items

    @property
    def unit(self) -> Unit:
        return self._scorer.unit

    def score(self, histories: Sequence[History]) -> np.ndarray:
        return self._scorer.score([self._new_user(history) for history in histories])

    def state(self) -> ScorerState:
        return self._scorer.state()

    def _new_user(self, history: History) -> History:
        viewers, user = self._viewers, history.user
        if user is None:
            return history
        attributes = (viewers.gender, viewers.age, viewers.occupation)
        demographics = Demographics(*(int(attribute.codes[user]) for attribute in attributes))
        return History.of_new_user(history.items, history.ratings, demographics)


def overlaps(scorer: Scorer, known: Dataset, depth: int = DEPTH) -> np.ndarray:
    """(U,) rank-biased overlap (Webber et al. 2010) of each user's list with the list of a new user of that history."""
    as_new, found = AsNewUsers(scorer, known), []
    depth = min(depth, known.n_items)
    for first in range(0, known.n_users, BLOCK):
        histories = known.histories(range(first, min(first + BLOCK, known.n_users)))
        lists = zip(*(recommend(each, histories, depth).items for each in (scorer, as_new)), strict=True)
        found += [rank_biased_overlap(own[own != NO_ITEM], theirs[theirs != NO_ITEM]) for own, theirs in lists]
    return np.array(found)


def kept_out_users(n_users: int, seed: int = 0) -> np.ndarray:
    """Indices of the users whom training does not see, ascending."""
    n = max(1, round(SHARE_KEPT_OUT * n_users))
    return np.sort(np.random.default_rng(seed).choice(n_users, n, replace=False))


def without(known: Dataset, users: np.ndarray) -> Dataset:
    """The ratings of everybody else; users and films keep their numbers."""
    return known.select(~np.isin(known.users, users))


def values_of(scorer: Scorer, task: Task, users: np.ndarray) -> np.ndarray:
    """(n,) nDCG@10 of some users; NaN without a relevant film."""
    return evaluate(scorer, task, [10]).per_user["ndcg@10"][users]


def path_of(dataset: str, model: str, root: Path | None = None) -> Path:
    return records.folder_of(dataset, records.NEW_USERS, root) / f"{model}.json"


def write(found: FoldIn, root: Path | None = None) -> Path:
    """Put it on record. Raises UsageError where nothing can be written."""
    path = path_of(found.dataset, found.model, root)
    records.write(path, asdict(found))
    return path


def read(dataset: str, model: str, artifact_sha256: str | None = None, root: Path | None = None) -> FoldIn | None:
    """What was measured of exactly this artifact, or of any; None where nothing was, or of another one.

    Raises:
        ArtifactError: it is there and damaged.
    """
    path = path_of(dataset, model, root)
    how = (
        "What was measured of new users",
        f"python -m recsys record fold-in --dataset {dataset} --models {model} --again",
    )
    if (facts := records.read(path, *how)) is None:
        return None
    found = records.as_record(FoldIn, facts, path, *how, {"model": model, "dataset": dataset})
    return found if artifact_sha256 in (None, found.artifact_sha256) else None
