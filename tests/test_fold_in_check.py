from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import recsys
from recsys import artifacts, fold_in_check, registry
from recsys.catalog import Categorical, Traits
from recsys.dataset import Dataset, History
from recsys.fold_in_check import AsVisitors, FoldIn
from recsys.protocols import HOLDOUT
from recsys.scorers import FactorScorer, Query, ScorerState, Unit
from tests.toys import genre_tastes

COMMITTED = Path(recsys.__file__).parent.parent / "artifacts"
PERSONAL = ("bpr", "gru", "autoint", "neumf", "item-knn", "ials", "ease")
"""Models whose trained lists beat Popularity's. Those that predict stars do not, whoever asks: their lists are poor."""


class Listening:
    """Remembers who asked."""

    n_items, unit = 3, Unit.STRENGTH

    def __init__(self) -> None:
        self.asked: list[History] = []

    def score(self, histories: Sequence[History]) -> np.ndarray:
        self.asked += histories
        return np.zeros((len(histories), 3), dtype=np.float32)

    def state(self) -> ScorerState:
        raise NotImplementedError


def test_a_visitor_says_what_is_known_of_the_viewer_but_not_who_or_when() -> None:
    dataset = Dataset.from_triples([(0, 0, 5.0), (1, 1, 4.0), (1, 2, 3.0)], n_users=2, n_items=3)
    viewers = replace(dataset.viewers, age=Categorical(np.array([1, 2]), ("unknown", "young", "old")))
    dataset = replace(dataset, viewers=viewers)
    listening = Listening()
    AsVisitors(listening, dataset).score(dataset.histories())
    asked = listening.asked[1]
    assert (asked.user, asked.items.tolist(), asked.ratings.tolist()) == (None, [1, 2], [4.0, 3.0])
    assert asked.timestamps.tolist() == [0, 0]
    assert asked.traits == Traits(age=2)


def test_who_is_looked_up_differs_from_who_is_asked_by_their_films() -> None:
    train = genre_tastes().known
    same = FactorScorer(Unit.STRENGTH, Query.INTERACTIONS, np.zeros(train.n_items), np.eye(train.n_items))
    np.testing.assert_allclose(fold_in_check.overlaps(same, train), 1.0)
    random = np.random.default_rng(0)
    looked_up = FactorScorer(
        Unit.STRENGTH,
        Query.LOOKUP,
        np.arange(train.n_items, dtype=np.float32),
        random.normal(size=(train.n_items, 3)).astype(np.float32),
        user_factors=random.normal(size=(train.n_users, 3)).astype(np.float32) * 50,
    )
    assert fold_in_check.overlaps(looked_up, train).mean() < 0.9


def test_the_users_kept_out_leave_no_rating_behind() -> None:
    known = genre_tastes().known
    users = fold_in_check.kept_out_users(known.n_users, seed=1)
    rest = fold_in_check.without(known, users)
    assert len(users) == round(0.2 * known.n_users) == len(set(users.tolist()))
    assert not np.isin(rest.users, users).any()
    assert len(rest) == (~np.isin(known.users, users)).sum()
    assert (rest.n_users, rest.n_items) == (known.n_users, known.n_items)


@pytest.fixture(scope="module")
def measured(demo_dataset: Dataset, quick_root: Path) -> FoldIn:
    artifact = artifacts.load(artifacts.folder_of("demo", "ease", quick_root), demo_dataset)
    return fold_in_check.check(registry.entry("ease"), artifact, demo_dataset, registry.entry("popularity"))


def test_a_model_of_films_alone_answers_visitors_as_users(measured: FoldIn, demo_dataset: Dataset) -> None:
    assert measured.overlap == pytest.approx(1.0)
    task, users = HOLDOUT.final(demo_dataset), fold_in_check.kept_out_users(demo_dataset.n_users)
    assert measured.n_kept_out == sum(len(task.relevant_of(user)) > 0 for user in users)
    low, high = measured.kept_out_interval
    assert low < measured.kept_out < high


def test_what_was_measured_is_found_again_for_this_artifact_only(measured: FoldIn, tmp_path: Path) -> None:
    path = fold_in_check.write(measured, tmp_path)
    assert json.loads(path.read_text())["overlap"] == pytest.approx(1.0)
    assert fold_in_check.read("demo", "ease", measured.artifact_sha256, tmp_path) == measured
    assert fold_in_check.read("demo", "ease", "0" * 64, tmp_path) is None
    whole = path.read_text()
    for damaged in (whole[:100], whole.replace('"overlap": ', '"overlap": 7'), '{"model": "ease"}', "[]"):
        path.write_text(damaged)
        assert fold_in_check.read("demo", "ease", measured.artifact_sha256, tmp_path) is None
    assert fold_in_check.read("demo", "ease", measured.artifact_sha256, tmp_path) is None
    assert fold_in_check.read("demo", "als", measured.artifact_sha256, tmp_path) is None


def committed(model: str, dataset: str = "ml-100k") -> FoldIn:
    sha256 = artifacts.read_manifest(artifacts.folder_of(dataset, model, COMMITTED)).sha256
    found = fold_in_check.read(dataset, model, sha256, COMMITTED)
    assert found is not None, f"run: python -m recsys fold-in --dataset {dataset} --models {model}"
    return found


@pytest.mark.parametrize("model", artifacts.trained("ml-100k", COMMITTED))
def test_it_is_on_record_for_every_shipped_model(model: str) -> None:
    assert committed(model).n_kept_out > 150


@pytest.mark.parametrize("model", ["als", "svd", "bpr", "mf", "ials"])
def test_a_known_user_who_comes_as_a_visitor_gets_a_like_list(model: str) -> None:
    """The mark for models of factors."""
    assert committed(model).overlap_interval[0] >= 0.7


@pytest.mark.parametrize("model", PERSONAL)
def test_users_whom_training_never_saw_get_more_than_popularity(model: str) -> None:
    assert committed(model).over_popularity > 0
