"""The command line: results on stdout, progress on stderr; a user's mistake is exit 2 and one line."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from recsys import artifacts, demo
from recsys.__main__ import main
from recsys.dataset import Dataset
from recsys.protocols import HOLDOUT
from tests.conftest import QUICK_MODELS

QUICK = ",".join(QUICK_MODELS)


@dataclass
class Result:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Result]


@pytest.fixture
def cli(
    quick_root: Path, demo_dataset: Dataset, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    """Runs a command in this process, on the demo (built once) and its quick models."""
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(quick_root))
    monkeypatch.setattr(demo, "build", lambda: demo_dataset)

    def run(*arguments: str) -> Result:
        try:
            status = main(list(arguments))
        except SystemExit as exit_:  # argparse
            status = int(exit_.code or 0)
        return Result(status, *capsys.readouterr())

    return run


def python_m_recsys(root: Path, *arguments: str) -> Result:
    """The real thing, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "recsys", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=Path(__file__).parents[1],
        env={**os.environ, "RECSYS_ARTIFACTS_DIR": str(root)},
    )
    return Result(done.returncode, done.stdout, done.stderr)


def check_refused(result: Result, says: str) -> None:
    assert result.status == 2
    assert result.err.startswith("recsys: ")
    assert result.err.count("\n") == 1
    assert says in result.err
    assert "Traceback" not in result.err


# recommend


def recommend(cli: Cli, *arguments: str) -> Result:
    return cli("recommend", "--dataset", "demo", *arguments)


def test_recommend_as_json(cli: Cli, demo_dataset: Dataset) -> None:
    result = recommend(cli, "--user", "42", "-k", "7", "--models", QUICK, "--json")
    assert (result.status, result.err) == (0, "")
    answer = result.json
    assert list(answer) == ["dataset", "user", "k", "models"]
    assert (answer["dataset"], answer["user"], answer["k"]) == ("demo", 42, 7)
    assert tuple(answer["models"]) == QUICK_MODELS  # in the registry's order
    task, user = HOLDOUT.final(demo_dataset), demo_dataset.viewers.ids.index(42)
    ids = demo_dataset.catalog.ids
    seen, liked = (set(ids.ids[items].tolist()) for items in (task.known.history(user).items, task.relevant_of(user)))
    for rows in answer["models"].values():
        assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
        assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
        for row in rows:
            assert {key: type(value) for key, value in row.items()} == {
                "rank": int,
                "item_id": int,
                "title": str,
                "score": float,
                "held_out": bool,
            }
            assert row["title"] == demo_dataset.catalog.label(ids.index(row["item_id"]))
            assert row["item_id"] not in seen
            assert row["held_out"] == (row["item_id"] in liked)


def test_recommend_finds_films_that_the_user_went_on_to_like(cli: Cli, demo_dataset: Dataset) -> None:
    """With k = all films, the ticks are exactly the relevant films."""
    task, k = HOLDOUT.final(demo_dataset), str(demo_dataset.n_items)
    rows = recommend(cli, "--user", "42", "-k", k, "--models", "ease", "--json").json["models"]["ease"]
    user = demo_dataset.viewers.ids.index(42)
    assert sum(row["held_out"] for row in rows) == len(task.relevant_of(user)) > 0
    assert len(rows) == demo_dataset.n_items - len(task.known.history(user))


def test_recommend_to_a_visitor(cli: Cli) -> None:
    result = recommend(cli, "--history", "50:5, 181:4,7:1.5", "--models", QUICK, "-k", "3", "--json")
    assert result.status == 0
    assert result.json["user"] is None
    assert tuple(result.json["models"]) == QUICK_MODELS
    for rows in result.json["models"].values():
        assert not {row["item_id"] for row in rows} & {50, 181, 7}
        assert not any(row["held_out"] for row in rows)


def test_recommend_for_people(cli: Cli) -> None:
    result = recommend(cli, "--user", "42", "-k", "2", "--models", "popularity,als")
    lines = result.out.splitlines()
    assert [lines[0], lines[3]] == ["ALS", "Popularity"]
    assert [line.split()[0] for line in (lines[1], lines[2])] == ["1", "2"]


FILMS = "k must be between 1 and {n_items}, the number of films."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--user", "99999"], "There is no id 99999: {n_users} ids are known, from 1 to {n_users}."),
        (["--user", "0"], "There is no id 0"),
        (["--user", "42", "-k", "0"], FILMS + " Received 0."),
        (["--user", "42", "-k", "99999"], FILMS + " Received 99999."),
        (["--user", "42", "--models", "als,word2vec"], "There is no model 'word2vec'; there is: als, svd,"),
        (["--user", "42", "--models", ","], "No model was named; there is: als"),
        (["--user", "42", "--models", "gru"], "To mend it: python -m recsys train gru --dataset demo"),
        (["--history", "50"], "--history takes film:stars pairs, such as 50:5,181:4. Received '50'."),
        (["--history", ""], "Received ''."),
        (["--history", "50:5,"], "Received ''."),
        (["--history", "a:5"], "Received 'a:5'."),
        (["--history", "50:6"], "Stars go from 1.0 to 5.0. Received '50:6'."),
        (["--history", "50:nan"], "Received '50:nan'."),
        (["--history", "50:5,50:4"], "A film may be named once in --history."),
        (["--history", "99999:5"], "There is no id 99999: {n_items} ids are known"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_in_a_question(cli: Cli, demo_dataset: Dataset, arguments: list[str], says: str) -> None:
    result = recommend(cli, *arguments)
    check_refused(result, says.format(n_items=demo_dataset.n_items, n_users=demo_dataset.n_users))
    assert result.out == ""


@pytest.mark.parametrize(
    "arguments", [["--user", "forty"], ["--user", "42", "-k", "ten"], [], ["--user", "1", "--history", "1:5"]]
)
def test_a_mistake_that_argparse_finds(cli: Cli, arguments: list[str]) -> None:
    check_refused(recommend(cli, *arguments), "")


def test_a_missing_model_takes_out_that_one_only(cli: Cli) -> None:
    result = recommend(cli, "--user", "42", "--json")
    assert tuple(result.json["models"]) == QUICK_MODELS
    assert "python -m recsys train gru --dataset demo" in result.err


@pytest.mark.parametrize("command", [["recommend", "--user", "1"], ["evaluate"], ["train", "als"], ["sweep", "als"]])
def test_an_unknown_data_set(cli: Cli, command: list[str]) -> None:
    check_refused(cli(*command, "--dataset", "netflix"), "There is no data set 'netflix': ml-100k, ml-1m,")


# evaluate


def test_evaluate_gives_the_numbers_of_the_manifests(cli: Cli, quick_root: Path) -> None:
    result = cli("evaluate", "--dataset", "demo", "--models", QUICK, "--json")
    assert result.status == 0
    assert [line.split(":")[1] for line in result.err.splitlines()] == [" measuring"] * len(QUICK_MODELS)
    assert (result.json["dataset"], result.json["protocol"]) == ("demo", "holdout")
    for name in QUICK_MODELS:
        manifest = artifacts.read_manifest(artifacts.folder_of("demo", name, quick_root))
        assert result.json["models"][name] == pytest.approx(manifest.summary, rel=1e-6)


def test_evaluate_for_people(cli: Cli, quick_root: Path) -> None:
    lines = cli("evaluate", "--dataset", "demo", "--models", "als").out.splitlines()
    assert lines[0] == "demo, protocol holdout"
    manifest = artifacts.read_manifest(artifacts.folder_of("demo", "als", quick_root))
    header, row = lines[1].split(), lines[2].split()
    assert float(row[header.index("rmse")]) == pytest.approx(manifest.metric("rmse"), abs=1e-4)
    assert row[header.index("auc")] == "-"


def test_evaluate_under_a_protocol_that_does_not_exist(cli: Cli) -> None:
    check_refused(cli("evaluate", "--dataset", "demo", "--protocol", "naive"), "There is no protocol 'naive'")


# train


def train(cli: Cli, out: Path, *arguments: str) -> Result:
    return cli("train", *arguments, "--dataset", "demo", "--device", "cpu", "--out", str(out))


def test_train_writes_an_artifact_with_the_settings(cli: Cli, tmp_path: Path, demo_dataset: Dataset) -> None:
    result = train(cli, tmp_path, "als", "--set", "n_epochs=2", "--set", "reg_i=5", "--seed", "3")
    assert result.status == 0
    assert result.out.startswith("ALS: nDCG@10 0.")
    assert "ALS: epoch 2/2" in result.err
    artifact = artifacts.load(tmp_path / "demo" / "als", demo_dataset)
    assert artifact.manifest.config == {"n_epochs": 2, "reg_i": 5.0, "reg_u": 15.0}
    assert (artifact.manifest.seed, artifact.manifest.device) == (3, "cpu")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["als", "--set", "n_wheels=4"], "There is no setting 'n_wheels'; there is: n_epochs, reg_i, reg_u."),
        (["als", "--set", "n_epochs=many"], "n_epochs must be a whole number, such as 10. Received 'many'."),
        (["als", "--set", "n_epochs=2.5"], "n_epochs must be a whole number, such as 10. Received '2.5'."),
        (["als", "--set", "n_epochs=0"], "n_epochs must be at least 1. Received 0."),
        (["als", "--set", "reg_i=inf"], "reg_i must be a number, such as 10.0. Received 'inf'."),
        (["als", "--set", "n_epochs"], "--set takes KEY=VALUE, such as n_epochs=5. Received 'n_epochs'."),
        (["als", "--set", "n_epochs="], "Received 'n_epochs='."),
        (["als", "--set", "=5"], "Received '=5'."),
        (["popularity", "--set", "k=5"], "There is no setting 'k'; there is: none."),
        (["als,svd", "--set", "n_epochs=5"], "--set goes with one model at a time."),
        (["word2vec"], "There is no model 'word2vec'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_in_training(cli: Cli, tmp_path: Path, arguments: list[str], says: str) -> None:
    check_refused(cli("train", "--dataset", "demo", "--device", "cpu", "--out", str(tmp_path), *arguments), says)
    assert not list(tmp_path.iterdir())


def test_a_device_that_does_not_exist(cli: Cli, tmp_path: Path) -> None:
    result = cli("train", "als", "--dataset", "demo", "--device", "tpu", "--out", str(tmp_path))
    assert result.status == 2
    assert result.err.splitlines()[-1] == "recsys: device must be auto, cpu or cuda. Received 'tpu'."


@pytest.mark.parametrize(
    "arguments",
    [
        ["popularity", "--out", __file__],
        ["svd", "--seed", "-1"],
        ["svd", "--set", "learning_rate=10", "--set", "n_epochs=2"],
    ],
    ids=["--out is a file", "--seed -1", "diverged"],
)
def test_a_mistake_that_training_meets_on_its_way(cli: Cli, tmp_path: Path, arguments: list[str]) -> None:
    result = cli("train", "--dataset", "demo", "--device", "cpu", "--out", str(tmp_path), *arguments)
    assert result.status == 2
    assert result.err.splitlines()[-1].startswith("recsys: ")


# verify, and the real process


def test_verify_lists_every_artifact(cli: Cli) -> None:
    result = cli("verify")
    assert result.status == 0
    lines = result.out.splitlines()
    assert [line.split()[:2] for line in lines[:-1]] == [["ok", f"demo/{name}"] for name in sorted(QUICK_MODELS)]
    assert lines[-1].endswith(" MB in all")


def test_verify_where_there_is_nothing(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path))
    check_refused(cli("verify"), f"There are no artifacts in {tmp_path}. Make them: python -m recsys train all")


def test_verify_of_a_broken_artifact_in_a_process(quick_root: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(quick_root, tmp_path / "root"))
    arrays = root / "demo" / "svd" / artifacts.ARRAYS
    arrays.write_bytes(arrays.read_bytes()[:-10])
    result = python_m_recsys(root, "verify")
    check_refused(result, "1 artifact(s) are broken: demo/svd.")
    assert "ok      demo/als" in result.out
    assert "broken  demo/svd: arrays.npz has" in result.out
    assert "To mend it: python -m recsys train svd --dataset demo" in result.out


def test_a_mistake_in_a_process(quick_root: Path) -> None:
    result = python_m_recsys(quick_root, "recommend", "--dataset", "demo", "--user", "5000", "--json")
    check_refused(result, "There is no id 5000")
    assert result.out == ""


def test_an_answer_in_a_process_is_pure_json(quick_root: Path) -> None:
    result = python_m_recsys(
        quick_root, "recommend", "--dataset", "demo", "--user", "1", "--models", "als,ease", "--json"
    )
    assert result.status == 0
    assert [len(rows) for rows in result.json["models"].values()] == [10, 10]


def test_help_names_every_command(cli: Cli) -> None:
    result = cli("--help")
    assert result.status == 0
    for command in ("data", "train", "evaluate", "recommend", "sweep", "bench", "verify"):
        assert re.search(rf"^    {command}\s", result.out, re.MULTILINE)
