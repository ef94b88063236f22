from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.data.catalog import Categorical, Demographics
from recsys.data.dataset import Dataset, History
from recsys.errors import ArtifactError
from recsys.evaluation import new_users
from recsys.evaluation.new_users import AsNewUsers, FoldIn
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.models.base import FitOptions, Model
from recsys.paths import ROOT
from recsys.serving import artifacts, records
from recsys.serving.lists import rank_biased_overlap
from recsys.serving.ranking import recommend
from recsys.serving.scorers import FactorScorer, Query, Scorer, ScorerState, Unit
from recsys.training import remeasure
from tests.toys import from_triples, genre_tastes

COMMITTED = ROOT / "artifacts"
PERSONAL = ("bpr", "gru", "autoint", "neumf", "item-knn", "ials", "ease")
"""Models whose trained lists beat Popularity's. Those that predict stars do not, whoever asks: their lists are poor."""


class Listening:
    """Answers as a scorer does, and remembers who asked."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer, self.n_items, self.unit = scorer, scorer.n_items, scorer.unit
        self.asked: list[History] = []

    def score(self, histories: Sequence[History]) -> np.ndarray:
        self.asked += histories
        return self._scorer.score(histories)

    def state(self) -> ScorerState:
        return self._scorer.state()


def test_a_new_user_says_what_is_known_of_the_viewer_but_not_who_or_when() -> None:
    dataset = from_triples([(0, 0, 5.0), (1, 1, 4.0), (1, 2, 3.0)], n_users=2, n_items=3)
    viewers = replace(dataset.viewers, age=Categorical(np.array([1, 2]), ("unknown", "young", "old")))
    dataset = replace(dataset, viewers=viewers)
    listening = Listening(FactorScorer(Unit.STRENGTH, Query.CONSTANT, np.zeros(3, dtype=np.float32)))
    AsNewUsers(listening, dataset).score(dataset.histories())
    asked = listening.asked[1]
    assert (asked.user, asked.items.tolist(), asked.ratings.tolist()) == (None, [1, 2], [4.0, 3.0])
    assert asked.timestamps.tolist() == [0, 0]
    assert asked.demographics == Demographics(age=2)


def test_who_is_looked_up_differs_from_who_is_asked_by_their_films() -> None:
    train = genre_tastes().known
    same = FactorScorer(Unit.STRENGTH, Query.INTERACTIONS, np.zeros(train.n_items), np.eye(train.n_items))
    np.testing.assert_allclose(new_users.overlaps(same, train), 1.0)
    random = np.random.default_rng(0)
    looked_up = FactorScorer(
        Unit.STRENGTH,
        Query.LOOKUP,
        np.arange(train.n_items, dtype=np.float32),
        random.normal(size=(train.n_items, 3)).astype(np.float32),
        user_factors=random.normal(size=(train.n_users, 3)).astype(np.float32) * 50,
    )
    assert new_users.overlaps(looked_up, train).mean() < 0.9


def test_the_users_kept_out_leave_no_rating_behind() -> None:
    known = genre_tastes().known
    users = new_users.kept_out_users(known.n_users, seed=1)
    rest = new_users.without(known, users)
    assert len(users) == round(0.2 * known.n_users) == len(set(users.tolist()))
    assert not np.isin(rest.users, users).any()
    assert len(rest) == (~np.isin(known.users, users)).sum()
    assert (rest.n_users, rest.n_items) == (known.n_users, known.n_items)


@pytest.fixture(scope="module")
def measured(demo_dataset: Dataset, quick_root: Path) -> FoldIn:
    artifact = artifacts.load(artifacts.folder_of("demo", "ease", quick_root), demo_dataset)
    return remeasure.new_users(registry.entry("ease"), artifact, demo_dataset, registry.entry("popularity"))


def test_a_model_of_films_alone_answers_new_users_as_users(measured: FoldIn, demo_dataset: Dataset) -> None:
    assert measured.overlap == pytest.approx(1.0)
    task, users = HOLDOUT.final(demo_dataset), new_users.kept_out_users(demo_dataset.n_users)
    assert measured.n_kept_out == sum(len(task.relevant_of(user)) > 0 for user in users)
    low, high = measured.kept_out_interval
    assert low < measured.kept_out < high


def overheard(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Dataset], list[Listening]]:
    """What a model is trained on from now on, and the scorers that come of it."""
    model, trained_on, scorers = registry.entry(name).load(), list[Dataset](), list[Listening]()
    fit = model.fit

    def listening(self: Model, train: Dataset, options: FitOptions) -> Listening:
        trained_on.append(train)
        scorers.append(Listening(fit(self, train, options)))
        return scorers[-1]

    monkeypatch.setattr(model, "fit", listening)
    return trained_on, scorers


def test_training_sees_nobody_who_is_kept_out_and_no_answer_is_for_a_known_user(
    demo_dataset: Dataset, quick_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = artifacts.load(artifacts.folder_of("demo", "ease", quick_root), demo_dataset)
    (of_model, scorers), (of_baseline, _) = (overheard(name, monkeypatch) for name in ("ease", "popularity"))
    remeasure.new_users(registry.entry("ease"), artifact, demo_dataset, registry.entry("popularity"), seed=3)
    known = HOLDOUT.final(demo_dataset).known
    users = new_users.kept_out_users(demo_dataset.n_users, seed=3)
    for (train,) in (of_model, of_baseline):
        assert not np.isin(train.users, users).any()
        assert len(train) == len(known) - known.user_counts[users].sum()
    (scorer,) = scorers
    assert {history.user for history in scorer.asked} == {None}
    told = [history.items.tolist() for history in scorer.asked]
    assert all(known.history(user).items.tolist() in told for user in users.tolist())


def test_what_was_measured_is_found_again_for_this_artifact_only(measured: FoldIn, tmp_path: Path) -> None:
    path = new_users.write(measured, tmp_path)
    assert json.loads(path.read_text())["overlap"] == pytest.approx(1.0)
    assert new_users.read("demo", "ease", measured.artifact_sha256, tmp_path) == measured
    assert new_users.read("demo", "ease", "0" * 64, tmp_path) is None
    whole = path.read_text()
    for damaged in (whole[:100], whole.replace('"overlap": ', '"overlap": 7'), '{"model": "ease"}', "[]"):
        path.write_text(damaged)
        with pytest.raises(ArtifactError, match=r"ease\.json cannot be read: .* --models ease --again$"):
            new_users.read("demo", "ease", measured.artifact_sha256, tmp_path)
    records.write(path, json.loads(whole) | {"overlap": 7})
    with pytest.raises(ArtifactError, match="overlap lies outside its interval"):
        new_users.read("demo", "ease", measured.artifact_sha256, tmp_path)
    assert new_users.read("demo", "als", measured.artifact_sha256, tmp_path) is None


def committed(model: str, dataset: str = "ml-100k") -> FoldIn:
    sha256 = artifacts.read_manifest(artifacts.folder_of(dataset, model, COMMITTED)).sha256
    found = new_users.read(dataset, model, sha256, COMMITTED)
    assert found is not None, f"run: python -m recsys record fold-in --dataset {dataset} --models {model}"
    return found


@pytest.mark.parametrize("model", artifacts.trained("ml-100k", COMMITTED))
def test_it_is_on_record_for_every_shipped_model(model: str) -> None:
    assert committed(model).n_kept_out > 150


@pytest.mark.parametrize("model", ["als", "svd", "bpr", "mf", "ials"])
def test_a_known_user_who_comes_as_a_new_user_gets_a_like_list(model: str) -> None:
    """The mark for models of factors."""
    assert committed(model).overlap_interval[0] >= 0.7


def test_a_few_known_users_who_come_to_bpr_as_new_users_get_like_lists(ml100k: Dataset) -> None:
    """The fold-in as it is today: what is on record was measured when the artifact was made."""
    known = HOLDOUT.final(ml100k).known
    scorer = artifacts.load(artifacts.folder_of("ml-100k", "bpr", COMMITTED), ml100k).scorer
    histories = known.histories(range(0, known.n_users, 45))
    own, theirs = (recommend(each, histories, 100).items for each in (scorer, AsNewUsers(scorer, known)))
    found = [rank_biased_overlap(*lists) for lists in zip(own, theirs, strict=True)]
    assert len(found) == 21
    assert np.mean(found) >= 0.8


@pytest.mark.parametrize("model", PERSONAL)
def test_users_whom_training_never_saw_get_more_than_popularity(model: str) -> None:
    assert committed(model).over_popularity > 0
