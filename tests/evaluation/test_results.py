"""Measuring under a protocol, and the record of it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, TrainingError, UsageError
from recsys.evaluation import results
from recsys.evaluation.evaluate import COUNT, evaluate
from recsys.evaluation.protocols import NAIVE_AE, PROTOCOLS, Protocol, protocol
from recsys.evaluation.results import Result
from recsys.models import registry
from recsys.models.als import ALS
from recsys.models.base import FitOptions
from recsys.models.baselines import Popularity, Random
from recsys.models.registry import Entry
from recsys.paths import ROOT
from recsys.training import remeasure, search

ALS_ENTRY, POPULARITY, RANDOM = (registry.entry(name) for name in ("als", "popularity", "random"))
NEXT, SAMPLED, RATE, TOP = (protocol(name) for name in ("next", "sampled", "rate", "top"))


def imposed(entry: Entry, protocol: Protocol) -> dict[str, Any]:
    return search.imposed(entry, protocol)


def run(entry: Entry, dataset: Dataset, *asked: Protocol, seeds: Sequence[int] = (0,)) -> list[Result]:
    return list(remeasure.run(entry, dataset, asked, imposed, seeds=seeds))


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """(fingerprint of the training part, seed) of every fit of Random and ALS."""
    made: list[tuple[str, int]] = []
    for model in (Random, ALS):

        def fit(self: Any, train: Dataset, options: FitOptions, original: Any = model.fit) -> Any:
            made.append((train.fingerprint, options.seed))
            return original(self, train, options)

        monkeypatch.setattr(model, "fit", fit)
    return made


# Measuring


def test_a_result_is_what_evaluate_says(demo_dataset: Dataset) -> None:
    (result,) = run(POPULARITY, demo_dataset, NEXT)
    task = NEXT.final(demo_dataset)
    expected = evaluate(Popularity().fit(task.known, FitOptions()), task, NEXT.ks)
    assert (result.model, result.protocol) == ("popularity", "next")
    assert result.dataset == {"name": "demo", "fingerprint": demo_dataset.fingerprint}
    assert {name: result.metric(name) for name in result.metrics} == pytest.approx(expected.summary, nan_ok=True)
    assert result.intervals == expected.intervals()
    assert set(result.per_user) == {COUNT, "ndcg@10"}
    np.testing.assert_array_equal(result.per_user["ndcg@10"], expected.per_user["ndcg@10"])


def test_two_seeds_give_a_mean_and_a_spread(demo_dataset: Dataset) -> None:
    (result,) = run(RANDOM, demo_dataset, NEXT, seeds=(0, 1))
    one, other = (result.by_seed[seed]["ndcg@10"] for seed in ("0", "1"))
    assert one is not None
    assert other is not None
    assert one != other
    assert result.metric("ndcg@10") == pytest.approx((one + other) / 2)
    assert result.seed_spread("ndcg@10") == pytest.approx(abs(one - other) / np.sqrt(2))
    (alone,) = run(RANDOM, demo_dataset, NEXT, seeds=(0,))
    assert alone.metric("ndcg@10") == one
    assert np.isnan(alone.seed_spread("ndcg@10"))
    assert result.intervals == alone.intervals  # of the first seed


def test_a_model_is_trained_once_for_two_protocols_that_share_a_split(
    demo_dataset: Dataset, fits: list[tuple[str, int]]
) -> None:
    found = run(RANDOM, demo_dataset, NEXT, SAMPLED, TOP, seeds=(0, 1))
    assert [result.protocol for result in found] == ["next", "sampled", "top"]
    train = {name: protocol(name).final(demo_dataset).known.fingerprint for name in ("next", "top")}
    assert fits == [(train["next"], 0), (train["top"], 0), (train["next"], 1), (train["top"], 1)]
    assert found[1].metric("ndcg@10") > found[0].metric("ndcg@10")  # 100 films are fewer than all


def test_every_fold_is_trained_on_its_own_part(demo_dataset: Dataset, fits: list[tuple[str, int]]) -> None:
    (result,) = run(ALS_ENTRY, demo_dataset, RATE)
    assert [train for train, _ in fits] == [task.known.fingerprint for task in RATE.finals(demo_dataset)]
    assert result.per_user[COUNT].sum() == len(demo_dataset)
    low, high = result.intervals["rmse"]
    assert low < result.metric("rmse") < high


def test_the_leak_of_naive_ae_is_the_autoencoders_alone(demo_dataset: Dataset, fits: list[tuple[str, int]]) -> None:
    run(ALS_ENTRY, demo_dataset, NAIVE_AE)
    assert fits == [(NAIVE_AE.final(demo_dataset).known.fingerprint, 0)]
    assert fits[0][0] != demo_dataset.fingerprint
    run(ALS_ENTRY, demo_dataset, replace(NAIVE_AE, leaks_to=frozenset({"als"})))
    assert fits[1][0] == demo_dataset.fingerprint


def test_what_is_undefined_has_no_mean() -> None:
    result = replace(EXAMPLE, by_seed={"0": {"auc": 0.5}, "1": {"auc": None}})
    assert np.isnan(result.metric("auc"))
    assert np.isnan(result.metric("never measured"))


@pytest.mark.parametrize("asked", ["rate", "top"])
def test_a_model_that_diverged_is_not_measured(
    demo_dataset: Dataset, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    original = ALS.fit
    monkeypatch.setattr(ALS, "fit", lambda *a: replace(original(*a), global_bias=float("nan")))
    with pytest.raises(TrainingError, match=r"^ALS diverged: its scores are not numbers\."):
        run(ALS_ENTRY, demo_dataset, protocol(asked))


def test_only_a_model_that_predicts_stars_is_asked_for_nothing_but_stars() -> None:
    unsuited = {name for name, asked in PROTOCOLS.items() if not remeasure.is_suited(POPULARITY, asked)}
    assert unsuited == {"rate", "rate-90", "naive-ae", "naive-mf"}
    assert all(remeasure.is_suited(ALS_ENTRY, asked) for asked in PROTOCOLS.values())


# The record

EXAMPLE = Result(
    model="als",
    label="ALS",
    dataset={"name": "demo", "fingerprint": "0" * 64},
    protocol="next",
    config={"n_epochs": 10},
    by_seed={"0": {"ndcg@10": 0.25, "auc": None}},
    train_seconds=0.5,
    intervals={"ndcg@10": [0.2, 0.3]},
    standard_errors={"ndcg@10": 0.025},
    versions={"numpy": "2"},
    calibration=[[0.5, 0.4, 10.0]],
    per_user={COUNT: np.array([1, 0], dtype=np.float32), "ndcg@10": np.array([0.25, np.nan], dtype=np.float32)},
)
REMEDY = "To fix it: python -m recsys evaluate --protocol next --dataset demo --models als --record"


def test_written_and_read_again(tmp_path: Path) -> None:
    assert results.read("demo", "next", "als", tmp_path) is None
    assert results.recorded("demo", tmp_path) == {}
    path = results.write(EXAMPLE, tmp_path)
    assert path == tmp_path / "demo" / "results" / "next" / "als.json"
    found = results.read("demo", "next", "als", tmp_path)
    assert found is not None
    assert replace(found, values_sha256="") == EXAMPLE
    for name, values in EXAMPLE.per_user.items():
        np.testing.assert_array_equal(found.per_user[name], values)
    assert results.recorded("demo", tmp_path) == {"next": ["als"]}
    assert sorted(file.name for file in path.parent.iterdir()) == [
        ".SHA256SUMS.lock",
        "SHA256SUMS",
        "als.json",
        "als.npz",
    ]


def change_a_digit(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20] + b"\0" + path.read_bytes()[-19:])


def say_something_else(path: Path) -> None:
    facts = json.loads(path.read_text())
    facts["by_sead"] = facts.pop("by_seed")
    path.write_text(json.dumps(facts))


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("als.npz", change_a_digit),
        ("als.npz", lambda path: path.write_bytes(path.read_bytes()[:-10])),
        ("als.npz", lambda path: path.write_bytes(b"")),
        ("als.npz", Path.unlink),
        ("als.json", lambda path: path.write_bytes(path.read_bytes()[:-10])),
        ("als.json", lambda path: path.write_bytes(b"\xff\xfe")),
        ("als.json", lambda path: path.write_text("[]")),
        ("als.json", lambda path: path.write_text("{}")),
        ("als.json", say_something_else),
    ],
    ids=["digit", "cut", "empty", "gone", "JSON cut", "JSON not text", "JSON list", "JSON empty", "JSON other"],
)
def test_a_damaged_result_says_how_to_mend_it(tmp_path: Path, file: str, damage: Any) -> None:
    damage(results.write(EXAMPLE, tmp_path).with_name(file))
    with pytest.raises(ArtifactError) as caught:
        results.read("demo", "next", "als", tmp_path)
    assert str(caught.value).startswith("The result in als.json cannot be read: ")
    assert str(caught.value).endswith(REMEDY)
    results.write(EXAMPLE, tmp_path)
    assert results.read("demo", "next", "als", tmp_path) is not None


@pytest.mark.parametrize("n_written", [0, 1, 2, 3])
def test_a_writer_that_is_stopped_leaves_the_old_result_or_a_damaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_written: int
) -> None:
    """Never a mixture that passes for a result: the JSON names the values that belong to it."""
    results.write(EXAMPLE, tmp_path)
    original, calls = os.replace, iter(range(9))

    def stops(source: Any, target: Any) -> None:
        if next(calls) == n_written:
            raise KeyboardInterrupt
        original(source, target)

    monkeypatch.setattr(os, "replace", stops)
    newer = replace(EXAMPLE, by_seed={"0": {"ndcg@10": 0.5}}, per_user={COUNT: np.ones(2, dtype=np.float32)})
    with pytest.raises(KeyboardInterrupt):
        results.write(newer, tmp_path)
    if n_written == 2:  # the arrays, and not yet what names them
        with pytest.raises(ArtifactError, match="its arrays are not those that were written"):
            results.read("demo", "next", "als", tmp_path)
    else:
        found = results.read("demo", "next", "als", tmp_path)
        assert found is not None
        assert found.metric("ndcg@10") == (0.5 if n_written == 3 else 0.25)
    assert results.recorded("demo", tmp_path) == {"next": ["als"]}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file")
    with pytest.raises(UsageError, match="demo"):
        results.write(EXAMPLE, tmp_path)


def test_the_second_opinion_on_record_is_of_the_same_97_users() -> None:
    root = ROOT / "artifacts"
    models = results.recorded("ml-100k", root)["holdout-time"]
    found = [results.read("ml-100k", "holdout-time", model, root) for model in models]
    asked = {tuple(np.flatnonzero(~np.isnan(each.per_user["ndcg@10"]))) for each in found if each is not None}
    assert [len(users) for users in asked] == [97]
