"""The lists of many users in one file, whole or not at all; on clusters: tests/training/test_engines.py."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.cli import batch_scoring
from recsys.data import demo
from recsys.data.catalog import Catalog
from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.serving import artifacts
from recsys.serving.ranking import recommend
from recsys.serving.scorers import Unit
from recsys.training.engines import Engine
from tests.conftest import QUICK_MODELS

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    quick_root: Path, demo_dataset: Dataset, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs `score` on the demo in this process: status, standard output, standard error."""
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(quick_root))
    monkeypatch.setattr(demo, "build", lambda: demo_dataset)

    def score(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(["score", "--dataset", "demo", *arguments])
        except SystemExit as exit_:  # argparse
            status = int(exit_.code or 0)
        return (status, *capsys.readouterr())

    return score


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_list_is_that_of_recommend(run: Run, quick_root: Path, demo_dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    status, stdout, _ = run("--models", "svd,ease", "--out", str(out), "-k", "7", "--json")
    assert status == 0
    rows, known = rows_of(out), HOLDOUT.final(demo_dataset).known
    n_users = demo_dataset.n_users
    assert len(rows) == n_users * 2 * 7
    summary = json.loads(stdout)
    assert (summary["rows"], summary["users"], summary["models"]) == (len(rows), n_users, ["svd", "ease"])
    assert summary["users_per_second"] == pytest.approx(n_users / summary["seconds"], rel=0.05)
    ids, films = demo_dataset.viewers.ids.ids, demo_dataset.catalog
    for number, model in enumerate(("svd", "ease")):
        scorer = artifacts.load(artifacts.folder_of("demo", model, quick_root), demo_dataset).scorer
        for user in (0, 63, 64, n_users - 1):  # on both sides of a border between blocks
            own = rows[(2 * user + number) * 7 : (2 * user + number + 1) * 7]
            top = recommend(scorer, [known.history(user)], 7)
            scores = demo_dataset.scale.clip(top.scores[0]) if scorer.unit is Unit.STARS else top.scores[0]
            assert [(int(r["user_id"]), r["model"], int(r["rank"])) for r in own] == [
                (ids[user], model, rank) for rank in range(1, 8)
            ]
            assert [int(r["item_id"]) for r in own] == [films.ids.ids[item] for item in top.items[0]]
            assert [r["title"].removeprefix("'") for r in own] == [films.label(int(item)) for item in top.items[0]]
            np.testing.assert_allclose([np.float32(r["score"]) for r in own], scores, rtol=1e-5)


@pytest.fixture
def late(quick_root: Path, demo_dataset: Dataset, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SVD has no number for the last user, whose vector overflows; it answers all others."""
    root = Path(shutil.copytree(quick_root, tmp_path / "artifacts"))
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(root))
    folder = artifacts.folder_of("demo", "svd", root)
    loaded, per_user = artifacts.load(folder, demo_dataset), artifacts.load_evaluation(folder)
    state = loaded.scorer.state()
    users = state.arrays["user_factors"].astype(np.float32)
    users[-1] = np.finfo(np.float32).max
    items = np.full_like(state.arrays["item_factors"], 2)
    state = replace(state, arrays={**state.arrays, "user_factors": users, "item_factors": items})
    artifacts.write(folder, loaded.manifest, state, per_user)


@pytest.mark.process
@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_model_that_fails_for_a_later_user_is_left_out(run: Run, tmp_path: Path, jobs: str) -> None:
    out = tmp_path / "lists.csv"
    status, stdout, stderr = run("--out", str(out), "--json", "--jobs", jobs)
    others = [model for model in QUICK_MODELS if model != "svd"]
    assert (status, json.loads(stdout)["models"]) == (0, others)
    assert "Left out, and begun again without it: SVD: This model failed while it was answering" in stderr
    assert {row["model"] for row in rows_of(out)} == set(others)


@pytest.mark.usefixtures("late")
def test_a_named_model_that_fails_for_a_later_user_ends_it(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    out.write_text("what was there\n")
    status, stdout, stderr = run("--models", "als,svd", "--out", str(out))
    assert (status, stdout) == (2, "")
    assert stderr.splitlines()[-1].startswith("recsys: SVD: This model failed while it was answering")
    assert out.read_text() == "what was there\n"


@pytest.mark.process
def test_two_processes_write_the_same_bytes(run: Run, tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    assert run("--out", str(one))[0] == 0
    assert run("--out", str(two), "--jobs", "2")[0] == 0
    assert one.read_bytes() == two.read_bytes()
    assert {row["model"] for row in rows_of(one)} == set(QUICK_MODELS)  # those that are trained


def test_users_come_in_the_order_given_and_once(run: Run, tmp_path: Path) -> None:
    out, names = tmp_path / "lists.csv", tmp_path / "users.txt"
    names.write_text("7\n\n3\n7\n", encoding="utf-8-sig")
    for users in ("7, 3,7", str(names)):
        assert run("--models", "ease", "--users", users, "-k", "2", "--out", str(out))[0] == 0
        assert [row["user_id"] for row in rows_of(out)] == ["7", "7", "3", "3"]


def test_a_list_ends_where_the_films_end(run: Run, demo_dataset: Dataset, tmp_path: Path) -> None:
    out, everything = tmp_path / "lists.csv", str(demo_dataset.n_items)
    assert run("--models", "ease", "--users", "7", "-k", everything, "--out", str(out))[0] == 0
    seen = HOLDOUT.final(demo_dataset).known.history(demo_dataset.viewers.ids.index(7))
    assert len(rows_of(out)) == demo_dataset.n_items - len(seen)


def test_a_title_is_no_formula(
    quick_root: Path, demo_dataset: Dataset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    films = demo_dataset.catalog
    named: Catalog = replace(films, titles=tuple(f"=1+{i}" for i in range(len(films))))
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(quick_root))
    batch_scoring.write_lists(replace(demo_dataset, catalog=named), ["ease"], [0], 5, tmp_path / "lists.csv")
    assert all(row["title"].startswith("'=1+") for row in rows_of(tmp_path / "lists.csv"))


def test_what_cannot_be_is_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    out, bad, empty = str(tmp_path / "lists.csv"), tmp_path / "bad.txt", tmp_path / "empty.txt"
    bad.write_text("3\nseven\n")
    empty.write_text("\n")
    for arguments, says in (
        (("--users", "99999999"), "There is no id 99999999"),
        (("--users", str(tmp_path / "absent")), "No such file"),
        (("--users", str(bad)), f"{bad}, line 2: 'seven' is not a user id."),
        (("--users", str(empty)), "names no user"),
        (("-k", "0"), "k must be between 1 and"),
        (("--models", "gru"), "This model has not been trained on this data set yet."),
        (("--models", "nothing"), "There is no model 'nothing'"),
        (("--jobs", "0"), "--jobs must be between 1 and"),
        (("--engine", "spark"), "--engine must be one of loky, ray, dask"),
        (("--address", "tcp://localhost:1"), "--address goes with --engine ray or dask"),
        (("--out", str(tmp_path)), "not a regular file"),
        (("--out", str(tmp_path / "absent" / "lists.csv")), "cannot be written: No such file or directory"),
    ):
        status, stdout, stderr = run("--out", out, *arguments)
        assert (status, stdout, stderr.count("\n")) == (2, "", 1), stderr
        assert says in stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.txt", "empty.txt"]


def test_a_damaged_model_leaves_the_old_file_alone(
    demo_dataset: Dataset, quick_root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root, out = tmp_path / "artifacts", tmp_path / "lists.csv"
    shutil.copytree(quick_root, root)
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(root))
    out.write_text("what was there\n")
    arrays = artifacts.folder_of("demo", "ease", root) / artifacts.ARRAYS
    arrays.write_bytes(b"PK" + arrays.read_bytes()[2:-1] + b"?")
    with pytest.raises(UsageError, match="it is damaged"):
        batch_scoring.write_lists(demo_dataset, ["als", "ease"], range(100), 5, out, engine=Engine(n_jobs=2))
    with pytest.raises(ArtifactError, match="has not been trained"):
        batch_scoring.write_lists(demo_dataset, ["gru"], range(100), 5, out)
    assert out.read_text() == "what was there\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["artifacts", "lists.csv"]


def test_a_worker_refuses_what_the_caller_does_not_have(
    demo_dataset: Dataset, quick_root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(quick_root))
    monkeypatch.setattr(demo, "build", lambda: demo_dataset)
    sha256 = artifacts.read_manifest(artifacts.folder_of("demo", "ease")).sha256
    order = batch_scoring.Order("demo", demo_dataset.fingerprint, (("ease", sha256),), 3, None)
    assert batch_scoring.score_block(order, 0, [0, 1])[:2] == (0, 6)
    with pytest.raises(UsageError, match="This worker has a different ease for demo"):
        batch_scoring.score_block(replace(order, models=(("ease", "0" * 64),)), 0, [0])
    with pytest.raises(UsageError, match="This worker has different data under the name demo"):
        batch_scoring.score_block(replace(order, fingerprint="0" * 64), 0, [0])


def test_each_artifact_is_read_once(
    demo_dataset: Dataset, quick_root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(quick_root))
    batch_scoring._scorer.cache_clear()
    batch_scoring.write_lists(demo_dataset, ["als", "ease"], range(3 * batch_scoring.BLOCK), 5, tmp_path / "lists.csv")
    assert batch_scoring._scorer.cache_info().misses == 2
    assert batch_scoring._scorer.cache_info().hits == 4
