"""Numbers on record that cannot be, after their hashes were made to fit."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys.cli import verify
from recsys.evaluation import plausible
from recsys.evaluation.new_users import FoldIn
from recsys.evaluation.results import Result
from recsys.paths import ARTIFACTS
from recsys.serving import artifacts
from recsys.training import curves
from recsys.training.curves import Curve, Point


@pytest.fixture
def measured(quick_root: Path) -> tuple[artifacts.Manifest, dict[str, np.ndarray]]:
    folder = artifacts.folder_of("demo", "svd", quick_root)
    return artifacts.read_manifest(folder), artifacts.load_evaluation(folder)


def test_numbers_as_they_were_measured(measured: tuple[artifacts.Manifest, dict[str, np.ndarray]]) -> None:
    manifest, per_user = measured
    assert {"ndcg@10", "rmse"} <= set(manifest.summary) & set(per_user)
    plausible.check_manifest(manifest, per_user)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"summary": {"ndcg@10": 1e308}}, "ndcg@10 is 1e.308, out of its range"),
        ({"summary": {"ndcg@10": -1.0}}, "ndcg@10 is -1, out of its range"),
        ({"summary": {"ndcg@10": 0.5}}, "ndcg@10 is 0.5 in the summary, and 0"),
        ({"summary": {"ndcg@10": None}}, "ndcg@10 is None in the summary"),
        ({"summary": {"rmse": 0.5}}, "rmse is 0.5 in the summary"),
        ({"intervals": {"ndcg@10": [0.0, 1e308]}}, "the interval of ndcg@10"),
        ({"intervals": {"ndcg@10": [0.9, 0.95]}}, "the interval of ndcg@10"),
        ({"dataset": {"n_ratings": -1}}, "n_ratings is -1, less than 0"),
        ({"train_seconds": -1.0}, "train_seconds is -1"),
        ({"protocol": "x"}, "no such protocol"),
        ({"scorer": {"kind": "x"}}, "kind of scorer"),
    ],
    ids=str,
)
def test_a_manifest_with_a_number_that_cannot_be(
    measured: tuple[artifacts.Manifest, dict[str, np.ndarray]], change: dict[str, Any], says: str
) -> None:
    manifest, per_user = measured
    changed = {
        name: {**getattr(manifest, name), **value} if isinstance(value, dict) else value
        for name, value in change.items()
    }
    with pytest.raises(ValueError, match=says):
        plausible.check_manifest(replace(manifest, **changed), per_user)


RESULT = Result(
    "als", "ALS", {"name": "demo", "fingerprint": "f"}, "top", {}, {"0": {"ndcg@10": 0.2}, "1": {"ndcg@10": 0.3}},
    1.0, {"ndcg@10": [0.1, 0.3]}, {}, {},
)  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"by_seed": {"0": {"ndcg@10": 1.478}}},
        {"by_seed": {"0": {"ndcg@10": 0.2}, "1": {}}},
        {"by_seed": {"0": {}}},
        {"protocol": "x"},
        {"train_seconds": -1.0},
        {"intervals": {"ndcg@10": [0.1, 1e308]}},
    ],
    ids=str,
)
def test_a_result_with_a_number_that_cannot_be(change: dict[str, Any]) -> None:
    plausible.check_result(RESULT)
    with pytest.raises(ValueError):
        plausible.check_result(replace(RESULT, **change))


@pytest.mark.parametrize(
    ("name", "said", "values", "counts"),
    [
        ("ndcg@10", 0.21, [0.1, 0.3, np.nan], [1, 1, 1]),
        ("rmse", 1.0, [1.0, 1.2], [1, 3]),
        ("ndcg@10", None, [0.2], [1]),
    ],
)
def test_a_result_that_its_values_per_user_contradict(
    name: str, said: float | None, values: list[float], counts: list[int]
) -> None:
    """The mean of .1 and .3 is .2; the root of (1 + 3 x 1.44) / 4 is 1.153."""
    per_user = {name: np.array(values, np.float32), "n_held_out": np.array(counts, np.float32)}
    facts = {"intervals": {}, "standard_errors": {}, "per_user": per_user}
    right = 0.2 if name == "ndcg@10" else 1.153256
    plausible.check_result(replace(RESULT, by_seed={"0": {name: right}, "1": {name: 0.9}}, **facts))
    with pytest.raises(ValueError, match=f"{name} is {said} in the summary, and {right}"):
        plausible.check_result(replace(RESULT, by_seed={"0": {name: said}, "1": {name: right}}, **facts))


@pytest.mark.parametrize(
    "change",
    [
        {"n_users": -1},
        {"n_kept_out": 10},
        {"trained": 1e308},
        {"overlap_interval": (1.0, 1e308)},
        {"kept_out_interval": (-1.0, 0.2)},
        {"over_popularity_interval": (-1e308, 0.2)},
    ],
    ids=str,
)
def test_new_users_with_a_number_that_cannot_be(change: dict[str, Any]) -> None:
    found = FoldIn("als", "demo", "", {}, 0, 9, 9, 1.0, (1.0, 1.0), 0.2, (0.2, 0.2), 0.1, (0.0, 0.2), 0.2)
    plausible.check_new_users(found)
    with pytest.raises(ValueError):
        plausible.check_new_users(replace(found, **change))


@pytest.mark.parametrize("values", [[], [0.2, 1.5]], ids=str)
def test_verify_names_a_curve_that_cannot_be(tmp_path: Path, values: list[float]) -> None:
    points = tuple(Point(epoch, 1.0, 0.5, value) for epoch, value in enumerate(values, start=1))
    curves.write(Curve("als", "demo", "f", "ndcg@10", 0, "cpu", {}, points), tmp_path)
    ((_, check),) = verify.checks(tmp_path)
    with pytest.raises(artifacts.ArtifactError, match="It is not what was measured"):
        check()


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("curves", "points", [{"epoch": 2, "seconds": 1.0, "loss": 0.5, "value": 0.1}] * 2),
        ("curves", "points", [{"epoch": 0, "seconds": 1.0, "loss": 0.5, "value": 0.1}]),
        ("curves", "points", [{"epoch": 1, "seconds": -1.0, "loss": 0.5, "value": 0.1}]),
        ("explanations", "wins_interval", [0.0, 1e308]),
        ("explanations", "n_users", -1),
        ("explanations", "n_users", 201),
        ("explanations", "n_draws", 0),
        ("films", "pca_share", 1e308),
        ("films", "min_ratings", -1),
    ],
)
def test_verify_names_a_shipped_record_with_a_number_that_cannot_be(
    tmp_path: Path, kind: str, name: str, value: object
) -> None:
    shutil.copytree(ARTIFACTS / "demo" / kind, tmp_path / "demo" / kind)
    path = tmp_path / "demo" / kind / "bpr.json"
    check = dict(verify.checks(tmp_path))[f"demo/{kind}/bpr"]
    check()
    content = json.dumps(json.loads(path.read_bytes()) | {name: value}).encode()
    path.write_bytes(content)
    sums = (path.parent / "SHA256SUMS").read_text().splitlines()
    kept = [line for line in sums if not line.endswith(f"  {path.name}")]
    (path.parent / "SHA256SUMS").write_text("\n".join([*kept, f"{artifacts.sha256(content)}  {path.name}", ""]))
    with pytest.raises(artifacts.ArtifactError, match="It is not what was measured"):
        check()
