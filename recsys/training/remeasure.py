"""Models trained anew only to be measured: under a protocol that holds other ratings out, or without some users."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.evaluation.evaluate import COUNT, Evaluation, evaluate, pooled
from recsys.evaluation.new_users import AsNewUsers, FoldIn, kept_out_users, overlaps, values_of, without
from recsys.evaluation.protocols import HOLDOUT, Ask, Protocol, Task, check_learnable
from recsys.evaluation.results import Result
from recsys.evaluation.statistics import bootstrap_interval
from recsys.models.base import FitOptions, check_seed
from recsys.models.registry import Entry
from recsys.models.settings import config_from, config_to_json
from recsys.serving.artifacts import Artifact, finite_summary
from recsys.serving.scorers import Scorer
from recsys.training.train import check_scores, versions


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

    Raises:
        UsageError: no such seed, or a protocol leaves nothing to learn from.
    """
    for seed in seeds:
        check_seed(seed)
    config_class = entry.load().config_class
    typed = {each.name: config_from(config_class, settings(entry, each)) for each in protocols}
    configs = {name: config_to_json(config) for name, config in typed.items()}
    folds = {protocol.name: protocol.finals(dataset, entry.name) for protocol in protocols}
    for name, tasks in folds.items():
        for task in tasks:
            check_learnable(task, typed[name])
    by_seed: dict[str, dict[int, tuple[Evaluation, float]]] = {protocol.name: {} for protocol in protocols}
    fitted: dict[tuple[str, str, int], tuple[Scorer, float]] = {}

    def measured(task: Task, protocol: Protocol, seed: int) -> tuple[Evaluation, float]:
        config = configs[protocol.name]
        key = (task.known.fingerprint, json.dumps(config, sort_keys=True), seed)
        if key not in fitted:
            fitted.clear()  # one at a time: protocols that share a split come one after the other
            start = time.perf_counter()
            fitted[key] = _fitted(entry, config, task.known, seed, device), time.perf_counter() - start
            check_scores(fitted[key][0], entry, task.known)
        scorer, seconds = fitted[key]
        return evaluate(scorer, task, protocol.ks), seconds

    for seed in seeds:
        for protocol in protocols:
            evaluations, seconds = zip(*(measured(task, protocol, seed) for task in folds[protocol.name]), strict=True)
            evaluation = pooled(list(evaluations))
            by_seed[protocol.name][seed] = evaluation, sum(seconds)
            value = evaluation.summary.get(protocol.headline, float("nan"))
            log(f"{entry.label}, {protocol.name}, seed {seed}: {protocol.headline} {value:.4f}")
    for protocol in protocols:
        first, train_seconds = by_seed[protocol.name][seeds[0]]
        summaries = {str(seed): finite_summary(each.summary) for seed, (each, _) in by_seed[protocol.name].items()}
        yield Result(
            model=entry.name,
            label=entry.label,
            dataset={"name": dataset.name, "fingerprint": dataset.fingerprint},
            protocol=protocol.name,
            config=configs[protocol.name],
            by_seed=summaries,
            train_seconds=round(train_seconds, 2),
            intervals=first.intervals(),
            standard_errors=first.standard_errors(),
            versions=versions(),
            calibration=None if first.calibration is None else first.calibration.tolist(),
            per_user={name: first.per_user[name] for name in (COUNT, protocol.headline) if name in first.per_user},
        )


def check(
    entry: Entry, dataset: Dataset, protocol: Protocol, settings: Callable[[Entry, Protocol], dict[str, Any]]
) -> None:
    """Raises UsageError where `run` would before it trains: too little memory, or nothing to learn from."""
    model_class = entry.load()
    model = model_class(config_from(model_class.config_class, settings(entry, protocol)))
    for task in protocol.finals(dataset, entry.name):
        check_learnable(task, model.config)
        model.check_memory(task.known)


def is_suited(entry: Entry, protocol: Protocol) -> bool:
    """Whether the model gives what the protocol measures: not every one predicts stars."""
    return protocol.asks != frozenset({Ask.STARS}) or entry.predicts_stars


def new_users(entry: Entry, artifact: Artifact, dataset: Dataset, popularity: Entry, seed: int = 0) -> FoldIn:
    """Measure a shipped model as it is, and train it and Popularity, the baseline to beat, without some users."""
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


def _fitted(entry: Entry, settings: dict[str, Any], train: Dataset, seed: int, device: str = "cpu") -> Scorer:
    model_class = entry.load()
    options = FitOptions(seed=seed, device=device if model_class.uses_gpu else "cpu")
    return model_class(config_from(model_class.config_class, settings)).fit(train, options)
