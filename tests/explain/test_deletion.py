"""The deletion test: a planted explanation passes, a shuffled one fails, and the record is of the committed models."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from recsys import paths
from recsys.cli import explain as explain_command
from recsys.data.dataset import Dataset, History
from recsys.errors import ArtifactError, UsageError
from recsys.explain import deletion
from recsys.explain.parts import Films, Reasons
from recsys.models.registry import BY_NAME
from recsys.serving import artifacts, records
from recsys.serving.scorers import FactorScorer, Query, Unit
from tests.toys import from_triples

N_USERS, N_FILMS = 60, 40
RANDOM = np.random.default_rng(3)
ROOT = paths.ROOT / "artifacts"


ROWS = [(u, int(i), 5.0) for u in range(N_USERS) for i in RANDOM.permutation(N_FILMS)[:12]]
KNOWN = from_triples(ROWS, n_users=N_USERS, n_items=N_FILMS, name="toy")
VOTES = FactorScorer(
    Unit.STRENGTH,
    Query.INTERACTIONS,
    np.zeros(N_FILMS, dtype=np.float32),
    RANDOM.random((N_FILMS, N_FILMS)).astype(np.float32),
)


def shuffled(scorer, dataset: Dataset, history: History, item: int) -> Reasons:
    """The right films with anybody's shares."""
    shares = np.random.default_rng(item).permutation(len(history)).astype(float)
    return Reasons("", films=Films(history.items, shares, is_split=True))


def upside_down(scorer, dataset: Dataset, history: History, item: int) -> Reasons:
    shares = -VOTES.item_factors[item, history.items].astype(float)
    return Reasons("", films=Films(history.items, shares, is_split=True))


def test_the_films_that_carry_the_score_pass() -> None:
    tested = deletion.run(VOTES, KNOWN, model="votes", n_users=40)
    assert tested.wins == 1.0
    assert tested.wins_interval[0] > 0.5
    assert tested.drop_first > tested.drop_random > 0
    assert (tested.n_users, tested.is_identity, tested.dataset) == (40, True, "toy")  # votes that add up


def test_an_explanation_drawn_by_lot_fails() -> None:
    tested = deletion.run(VOTES, KNOWN, explainer=shuffled)
    assert tested.n_users == N_USERS
    assert 0.35 < tested.wins < 0.65
    assert tested.wins_interval[0] < 0.5
    assert not tested.is_identity
    assert tested.wins_interval[0] <= tested.wins <= tested.wins_interval[1]


def test_an_explanation_upside_down_loses_always() -> None:
    assert deletion.run(VOTES, KNOWN, explainer=upside_down).wins == 0.0


def test_a_tie_is_half_a_win() -> None:
    alike = replace(VOTES, item_factors=np.ones((N_FILMS, N_FILMS), dtype=np.float32))
    assert deletion.run(alike, KNOWN).wins == 0.5


def test_the_same_seed_gives_the_same_figures_and_another_one_others() -> None:
    first, again, other = (deletion.run(VOTES, KNOWN, n_users=20, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.drop_random != other.drop_random


def test_a_model_that_names_no_films_has_no_test() -> None:
    assert deletion.run(FactorScorer(Unit.VIEWERS, Query.CONSTANT, np.ones(N_FILMS, dtype=np.float32)), KNOWN) is None


def test_known_users_are_asked_as_new_users() -> None:
    """A model that looks users up would not notice that a film is gone."""
    factors = RANDOM.normal(size=(N_FILMS, 3)).astype(np.float32)
    looked_up = FactorScorer(
        Unit.STARS,
        Query.RIDGE,
        np.zeros(N_FILMS, dtype=np.float32),
        factors,
        np.zeros(N_USERS, dtype=np.float32),
        RANDOM.normal(size=(N_USERS, 3)).astype(np.float32),
        global_bias=3.0,
        regularization=0.1,
    )
    tested = deletion.run(looked_up, KNOWN)
    assert tested.drop_first != 0
    assert not tested.is_identity  # without one film the others are weighed anew
    assert tested.wins_interval[0] > 0.5


def test_the_record_comes_back_and_damage_is_noticed(tmp_path: Path) -> None:
    tested = deletion.run(VOTES, KNOWN, model="votes", artifact_sha256="abc")
    path = deletion.write(tested, tmp_path)
    back = deletion.read("toy", "votes", tmp_path)
    assert back.wins == tested.wins
    assert back.drop_first == pytest.approx(tested.drop_first, rel=1e-5)
    assert records.all_of(records.EXPLANATIONS, tmp_path) == [("toy", "votes")]
    assert deletion.read("toy", "other", tmp_path) is None
    for damaged in ("", "[]", json.dumps({**json.loads(path.read_text()), "wins": 7}), "{" * 5000):
        path.write_text(damaged)
        with pytest.raises(ArtifactError, match=r"votes\.json cannot be read"):
            deletion.read("toy", "votes", tmp_path)
    records.write(path, {**asdict(back), "wins": 7})
    with pytest.raises(ArtifactError, match="wins lies outside its interval"):
        deletion.read("toy", "votes", tmp_path)


def asked(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    explain_command.add_arguments(parser)
    return parser.parse_args(list(arguments))


def test_the_command_records_every_model_and_goes_on_where_it_stopped(
    quick_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    for name in ("svd", "ease", "popularity"):
        (tmp_path / "demo" / "models").mkdir(parents=True, exist_ok=True)
        (tmp_path / "demo" / "models" / name).symlink_to(quick_root / "demo" / "models" / name)
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path))
    explain_command.run(asked("--dataset", "demo", "--users", "12", "--json"))
    said = json.loads(capsys.readouterr().out)
    assert [tested["model"] for tested in said] == ["svd", "ease"]
    assert artifacts.datasets(tmp_path) == ["demo"]  # the record is not taken for a data set
    record = deletion.path_of("demo", "svd", tmp_path)
    manifest = artifacts.read_manifest(tmp_path / "demo" / "models" / "svd")
    assert json.loads(record.read_text())["artifact_sha256"] == manifest.sha256
    written = record.stat().st_mtime_ns
    explain_command.run(asked("--dataset", "demo", "--users", "12"))
    assert record.stat().st_mtime_ns == written  # nothing to do
    records.write(record, {**json.loads(record.read_text()), "artifact_sha256": "older"})
    explain_command.run(asked("--dataset", "demo", "--users", "12"))
    assert json.loads(record.read_text())["artifact_sha256"] == manifest.sha256


def test_a_request_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 2"):
        explain_command.run(asked("--dataset", "demo", "--users", "1"))
    with pytest.raises(UsageError):
        explain_command.run(asked("--dataset", "demo", "--models", "nobody"))


COMMITTED = records.all_of(records.EXPLANATIONS, ROOT)


@pytest.mark.parametrize(("dataset", "model"), COMMITTED, ids=[f"{dataset}-{model}" for dataset, model in COMMITTED])
def test_what_is_committed_belongs_to_the_committed_model_and_passes(dataset: str, model: str) -> None:
    tested = deletion.read(dataset, model, ROOT)
    assert tested.artifact_sha256 == artifacts.read_manifest(artifacts.folder_of(dataset, model, ROOT)).sha256, (
        f"The model has been trained again: python -m recsys record explain --dataset {dataset} --models {model}"
    )
    assert tested.wins_interval[0] > 0.5
    assert tested.n_users >= 150


def test_every_committed_model_that_names_films_is_on_record() -> None:
    silent = {"als", "autoint", "neumf", "deep-mf", "deep-mf-occupation", "popularity", "random"}
    for dataset in artifacts.datasets(ROOT):
        named = {model for model in artifacts.trained(dataset, ROOT) if model in BY_NAME} - silent
        assert named == {model for of, model in COMMITTED if of == dataset}
