"""Models trained anew only to be measured: under a protocol that holds other ratings out, or without some users."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.errors import TrainingError
from recsys.evaluation.evaluate import COUNT, Evaluation, evaluate, pooled
from recsys.evaluation.new_users import AsNewUsers, FoldIn, kept_out_users, overlaps, values_of, without
from recsys.evaluation.protocols import HOLDOUT, Ask, Protocol, Task
from recsys.evaluation.results import Result
from recsys.evaluation.statistics import bootstrap_interval
from recsys.models.base import FitOptions, check_seed
from recsys.models.registry import Entry
from recsys.models.settings import config_from, config_to_json
from recsys.serving.artifacts import Artifact, finite_summary
from recsys.serving.scorers import Scorer
from recsys.training.train import versions


def run(
    entry: Entry,
    dataset: Dataset,
    protocols: Sequence[Protocol],
    settings: Callable[[Entry, Protocol], dict[str, Any]],
    *,
    seeds: Sequence[int] = (0,),
    device: str = "cpu",
    log: Callable[[str], None] = lambda _: None,
) -> Iterator[Result]:
    """Train and measure one model under each protocol. A model that two protocols would train alike is trained once.

    Args:
        settings: the hyperparameters for a model under a protocol.
    """
    for seed in seeds:
        check_seed(seed)
    model_class = entry.load()
    fitted: dict[tuple[str, str, int], tuple[Scorer, float]] = {}

    def fit(train: Dataset, config: dict[str, Any], seed: int) -> tuple[Scorer, float]:
        key = (train.fingerprint, json.dumps(config, sort_keys=True), seed)
        if key not in fitted:
            fitted.clear()  # one at a time: protocols that share a split come one after the other
            start = time.perf_counter()
            model = model_class(config_from(model_class.config_class, config))
            scorer = model.fit(train, FitOptions(seed=seed, device=device if model_class.uses_gpu else "cpu"))
            fitted[key] = scorer, time.perf_counter() - start
            if not np.isfinite(scorer.score(train.histories(range(min(8, train.n_users))))).all():
                raise TrainingError(f"{entry.label} diverged: its scores are not numbers.")
        return fitted[key]

    def measure(task: Task, protocol: Protocol, config: dict[str, Any], seed: int) -> tuple[Evaluation, float]:
        scorer, seconds = fit(task.known, config, seed)
        return evaluate(scorer, task, protocol.ks), seconds

    tasks = [(protocol, protocol.finals(dataset, entry.name)) for protocol in protocols]
    found: dict[str, dict[int, tuple[Evaluation, float]]] = {protocol.name: {} for protocol in protocols}
    for seed in seeds:
        for protocol, folds in tasks:
            config = _config(entry, settings(entry, protocol))
            measured = [measure(task, protocol, config, seed) for task in folds]
            found[protocol.name][seed] = pooled([e for e, _ in measured]), sum(s for _, s in measured)
            value = found[protocol.name][seed][0].summary.get(protocol.headline, float("nan"))
            log(f"{entry.label}, {protocol.name}, seed {seed}: {protocol.headline} {value:.4f}")
    for protocol in protocols:
        yield _result(entry, dataset, protocol, _config(entry, settings(entry, protocol)), found[protocol.name])


def is_suited(entry: Entry, protocol: Protocol) -> bool:
    """Whether the model gives what the protocol measures: not every one predicts stars."""
    return protocol.asks != frozenset({Ask.STARS}) or entry.predicts_stars


def _config(entry: Entry, settings: dict[str, Any]) -> dict[str, Any]:
    return config_to_json(config_from(entry.load().config_class, settings))


def _result(
    entry: Entry,
    dataset: Dataset,
    protocol: Protocol,
    config: dict[str, Any],
    by_seed: dict[int, tuple[Evaluation, float]],
) -> Result:
    first, seconds = next(iter(by_seed.values()))
    return Result(
        model=entry.name,
        label=entry.label,
        dataset={"name": dataset.name, "fingerprint": dataset.fingerprint},
        protocol=protocol.name,
        config=config,
        by_seed={str(seed): finite_summary(evaluation.summary) for seed, (evaluation, _) in by_seed.items()},
        train_seconds=round(seconds, 2),
        intervals=first.intervals(),
        standard_errors=first.standard_errors(),
        versions=versions(),
        calibration=None if first.calibration is None else first.calibration.tolist(),
        per_user={name: first.per_user[name] for name in (COUNT, protocol.headline) if name in first.per_user},
    )


def new_users(entry: Entry, artifact: Artifact, dataset: Dataset, popularity: Entry, seed: int = 0) -> FoldIn:
    """Measure a shipped model as it is, and train it again without some users.

    Args:
        popularity: the baseline to beat, which learns from the same ratings.
    """
    task = HOLDOUT.final(dataset)
    users = kept_out_users(dataset.n_users, seed)
    rest = without(task.known, users)
    baseline = values_of(_fitted(popularity, {}, rest, seed), task, users)
    scorer = AsNewUsers(_fitted(entry, artifact.manifest.config, rest, seed), dataset)
    kept_out = values_of(scorer, task, users)
    overlap = overlaps(artifact.scorer, task.known)
    return FoldIn(
        model=entry.name,
        dataset=dataset.name,
        artifact_sha256=artifact.manifest.sha256,
        config=artifact.manifest.config,
        seed=seed,
        n_users=dataset.n_users,
        n_kept_out=int(np.isfinite(kept_out).sum()),
        overlap=float(overlap.mean()),
        overlap_interval=bootstrap_interval(overlap),
        kept_out=float(np.nanmean(kept_out)),
        kept_out_interval=bootstrap_interval(kept_out),
        over_popularity=float(np.nanmean(kept_out - baseline)),
        over_popularity_interval=bootstrap_interval(kept_out - baseline),
        trained=float(np.nanmean(values_of(artifact.scorer, task, users))),
    )


def _fitted(entry: Entry, settings: dict[str, Any], train: Dataset, seed: int) -> Scorer:
    model_class = entry.load()
    return model_class(config_from(model_class.config_class, settings)).fit(train, FitOptions(seed=seed))
