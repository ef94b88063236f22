"""The lists of many users in one file: blocks of users are jobs (training/engines.py), and each gives its lines of CSV.

A job names the data set and the models; its worker reads both from its own disk, once, and refuses what is not exactly
what the caller has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from recsys.csv_text import csv_text
from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, UsageError, os_errors_as
from recsys.evaluation.protocols import HOLDOUT
from recsys.files import replacing
from recsys.models import registry
from recsys.serving import artifacts
from recsys.serving.ranking import NO_ITEM, check_k, recommend
from recsys.serving.scorers import Scorer, Unit
from recsys.training import engines
from recsys.training.engines import Engine

HEADER = ("user_id", "model", "rank", "item_id", "title", "score")
BLOCK = 64
"""Users of a job, whatever the engine: the size of a matrix product decides its last digits."""
BLOCKS_AHEAD = 8
"""Blocks per worker that may be finished or begun before their lines are written."""


@dataclass(frozen=True)
class Order:
    """What a worker needs to know; small, and the same for every block.

    Args:
        models: (name, SHA-256 of the manifest) in the order of the file.
        root: the folder of the artifacts, or None for that of the worker's own environment.
    """

    dataset: str
    fingerprint: str
    models: tuple[tuple[str, str], ...]
    k: int
    root: str | None


class FailedModelError(ArtifactError):
    """A model that was loaded and fails for some user."""

    def __init__(self, model: str, problem: str, *, remedy: str) -> None:
        self.model = model
        super().__init__(f"{registry.entry(model).label}: {problem}", remedy=remedy)


class Block(NamedTuple):
    """What a job gives: where the block begins, its number of rows, the rows as CSV.

    Or who failed, the problem and the remedy: an error would come back from its worker as text.
    """

    first: int
    n_rows: int
    lines: str
    failed: tuple[str, str, str] | None = None


def write_lists(
    dataset: Dataset,
    models: Sequence[str],
    users: Sequence[int],
    k: int,
    out: Path,
    *,
    engine: Engine | None = None,
    log: Callable[[str], None] = lambda _: None,
) -> int:
    """Write the k films that each model puts first for each user, without those that the user has seen.

    Users (indices) in the order given, then models, then ranks. The file appears whole or not at all, and no more of
    it than a few blocks per worker is in memory.

    Returns:
        The number of rows.

    Raises:
        UsageError: k is out of range, the file cannot be written, a worker is lost or has other data or artifacts.
        ArtifactError: a model has not been trained, or is damaged.
        FailedModelError: one fails for some user.
    """
    check_k(k, dataset.n_items)
    manifests = [artifacts.read_manifest(artifacts.folder_of(dataset.name, model)) for model in models]
    hashes = tuple((manifest.model, manifest.sha256) for manifest in manifests)
    n_rows = 0
    with (
        os_errors_as(f"{out} cannot be written"),
        replacing(out) as file,
        engines.opened(engine or Engine()) as workers,
    ):
        file.write(csv_text([HEADER]).encode())
        root = str(artifacts.artifacts_root()) if workers.is_here else None
        order = Order(dataset.name, dataset.fingerprint, hashes, k, root)
        if workers.is_here and workers.n_jobs == 1:
            _keep(dataset)  # the worker is this process
        blocks = ((order, first, tuple(users[first : first + BLOCK])) for first in range(0, len(users), BLOCK))
        while wave := list(islice(blocks, BLOCKS_AHEAD * workers.n_jobs)):
            for block in sorted(workers.as_they_finish(score_block, wave)):
                if block.failed is not None:
                    model, problem, remedy = block.failed
                    raise FailedModelError(model, problem, remedy=remedy)
                file.write(block.lines.encode())
                n_rows += block.n_rows
            log(f"{wave[-1][1] + len(wave[-1][2]):,} of {len(users):,} users")
    return n_rows


def score_block(order: Order, first: int, users: Sequence[int]) -> Block:
    """The job."""
    dataset, known = _opened(order.dataset, order.fingerprint)
    histories = known.histories(users)
    user_ids, item_ids = dataset.viewers.ids.ids, dataset.catalog.ids.ids
    lists = []
    for model, sha256 in order.models:
        scorer = _scorer(order.dataset, order.fingerprint, model, sha256, order.root)
        try:
            top = recommend(scorer, histories, order.k)
        except ArtifactError as error:
            return Block(first, 0, "", (model, error.problem, error.remedy))
        # As shown: stars never leave the scale, although the ranking uses them unclipped.
        lists.append((model, top.items, dataset.scale.clip(top.scores) if scorer.unit is Unit.STARS else top.scores))
    rows = [
        (int(user_ids[user]), model, rank, int(item_ids[item]), dataset.catalog.label(int(item)), score)
        for number, user in enumerate(users)
        for model, items, scores in lists
        for rank, (item, score) in enumerate(zip(items[number], scores[number], strict=True), start=1)
        if item != NO_ITEM
    ]
    return Block(first, len(rows), csv_text(rows))


_OPENED: dict[str, tuple[Dataset, Dataset]] = {}
"""Fingerprint -> the data set that this process read last, and the part of it that models know."""


def _keep(dataset: Dataset) -> tuple[Dataset, Dataset]:
    _OPENED.clear()
    return _OPENED.setdefault(dataset.fingerprint, (dataset, HOLDOUT.final(dataset).known))


def _opened(name: str, fingerprint: str) -> tuple[Dataset, Dataset]:
    if fingerprint in _OPENED:
        return _OPENED[fingerprint]
    dataset = library.open_dataset(name)
    if dataset.fingerprint != fingerprint:
        raise UsageError(
            f"This worker has different data under the name {name}. Give every worker the same RECSYS_DATA_DIR."
        )
    return _keep(dataset)


@lru_cache(maxsize=32)
def _scorer(dataset: str, fingerprint: str, model: str, sha256: str, root: str | None) -> Scorer:
    folder = artifacts.folder_of(dataset, model, Path(root) if root else None)
    artifact = artifacts.load(folder, _opened(dataset, fingerprint)[0])
    if artifact.manifest.sha256 != sha256:
        raise UsageError(
            f"This worker has a different {model} for {dataset}. Give every worker the same RECSYS_ARTIFACTS_DIR."
        )
    return artifact.scorer
