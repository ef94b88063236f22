"""The checks pass where all is well and fail where something is wrong: each is tried both ways."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.data.dataset import Dataset, RatingScale
from recsys.evaluation import sanity
from recsys.evaluation.protocols import HOLDOUT
from recsys.evaluation.sanity import State
from recsys.serving import artifacts
from recsys.serving.scorers import FactorScorer, Query, Unit
from tests.toys import checkerboard


def scorer(n_items: int) -> FactorScorer:
    return FactorScorer(Unit.STRENGTH, Query.CONSTANT, np.arange(n_items, dtype=np.float32))


def test_models_that_leave_out_what_was_seen_pass() -> None:
    task = checkerboard()
    check = sanity.nothing_seen_is_recommended({"A": scorer(24), "B": scorer(24)}, task)
    assert check.state is State.PASSED
    assert "2 models were asked for 10 films for each of 24 users" in check.found
    assert sanity.nothing_seen_is_recommended({}, task).state is State.NOT_CHECKED


def test_a_seen_film_in_a_list_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    task = checkerboard()
    wrong = sanity.recommend
    monkeypatch.setattr(sanity, "recommend", lambda s, h, k: wrong(s, h, k, exclude_seen=False))
    check = sanity.nothing_seen_is_recommended({"A": scorer(24)}, task)
    assert check.state is State.FAILED
    assert "A (" in check.found


def test_a_test_rating_in_training_is_found() -> None:
    task = checkerboard()
    assert sanity.nothing_held_out_is_known(task).state is State.PASSED
    leaking = replace(task, held_out=task.known)
    check = sanity.nothing_held_out_is_known(leaking)
    assert check.state is State.FAILED
    assert check.found.startswith(f"{len(task.known):,} of")


def test_the_holdout_protocol_leaks_nothing(demo_dataset: Dataset) -> None:
    assert sanity.nothing_held_out_is_known(HOLDOUT.final(demo_dataset)).state is State.PASSED


@pytest.mark.parametrize(
    ("metric", "value", "is_fine"),
    [
        *(("ndcg@10", 0.5, True), ("ndcg@10", 1.2, False), ("rmse", 3.9, True), ("rmse", 4.1, False)),
        *(("recall@5", -0.1, False), ("novelty", 7.0, True), ("gini", 1.5, False), ("train_seconds", 900.0, True)),
    ],
)
def test_a_metric_outside_its_range_is_found(metric: str, value: float, is_fine: bool) -> None:
    summary = {"A": {metric: value, "mrr@10": 0.2, "auc": None}}
    check = sanity.metrics_are_in_range(summary, RatingScale())
    assert (check.state is State.PASSED) == is_fine
    assert is_fine or metric in check.found
    assert sanity.metrics_are_in_range({}, RatingScale()).state is State.NOT_CHECKED


def test_a_changed_file_is_found(quick_root: Path, tmp_path: Path) -> None:
    shutil.copytree(quick_root / "demo", tmp_path / "demo")
    folders = [artifacts.folder_of("demo", name, tmp_path) for name in ("als", "svd")]
    assert sanity.files_are_as_written(folders).state is State.PASSED
    (folders[1] / artifacts.ARRAYS).write_bytes(b"PK")
    check = sanity.files_are_as_written(folders)
    assert check.state is State.FAILED
    assert check.found.startswith("svd: ")
    assert sanity.files_are_as_written([]).state is State.NOT_CHECKED


LABELS = {"popularity": "Popularity", "ease": "EASE", "als": "ALS"}


def test_a_baseline_off_by_more_than_two_percent_fails() -> None:
    right = {"popularity": {"ndcg@10": 0.0979}, "ease": {"ndcg@10": 0.1916 * 1.019}, "als": {"rmse": 0.998}}
    checks = sanity.baselines_meet_their_figures("ml-100k", right, LABELS)
    assert [check.state for check in checks] == [State.PASSED] * 3
    assert "EASE: nDCG@10 within 2 % of 0.192" in [check.claim for check in checks]
    wrong = {**right, "ease": {"ndcg@10": 0.21}}
    states = [check.state for check in sanity.baselines_meet_their_figures("ml-100k", wrong, LABELS)]
    assert states == [State.PASSED, State.FAILED, State.PASSED]
    assert sanity.baselines_meet_their_figures("ml-100k", {}, LABELS)[0].state is State.NOT_CHECKED


def test_another_data_set_has_no_published_figure() -> None:
    [check] = sanity.baselines_meet_their_figures("demo", {}, LABELS)
    assert check.state is State.NOT_CHECKED
    assert "no published figure" in check.found
