"""The command line: results on stdout, progress on stderr; a user's mistake is exit 2 and one line."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from recsys.__main__ import main
from recsys.data import demo
from recsys.data.dataset import Dataset
from recsys.evaluation import results
from recsys.evaluation.protocols import HOLDOUT
from recsys.models.ease import EASE
from recsys.models.ials import IALS
from recsys.paths import ROOT
from recsys.serving import artifacts, graphs
from recsys.serving.scorers import ScorerState
from tests.conftest import QUICK_MODELS
from tests.libraries import skip_unless_it_loads

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
        cwd=ROOT,
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


def test_recommend_to_a_new_user(cli: Cli) -> None:
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
        (["--user", "42", "--models", "als,word2vec"], "There is no model 'word2vec'; available: als, svd,"),
        (["--user", "42", "--models", ","], "No model was named; available: als"),
        (["--user", "42", "--models", "gru"], "To fix it: python -m recsys train gru --dataset demo"),
        (["--history", "50"], "--history takes film:stars pairs, such as 50:5,181:4. Received '50'."),
        (["--history", ""], "Received ''."),
        (["--history", "50:5,"], "Received ''."),
        (["--history", "a:5"], "Received 'a:5'."),
        (["--history", "50:6"], "Stars go from 1.0 to 5.0. Received '50:6'."),
        (["--history", "50:nan"], "Received '50:nan'."),
        (["--history", "50:5,50:4"], "A film may be named only once in --history."),
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


@pytest.fixture
def endless(quick_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Artifacts whose ALS is a network without end, with hashes that fit."""
    monkeypatch.setattr(graphs, "SECONDS", 0.3)
    root = tmp_path / "edited"
    shutil.copytree(quick_root, root)
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(root))
    folder = root / "demo" / "models" / "als"
    manifest = artifacts.read_manifest(folder)
    settings = {"unit": "stars", "encoder": "rating_vector"}
    state = ScorerState("onnx", settings, graph=endless_graph().SerializeToString())
    facts = replace(manifest, scorer={"kind": state.kind, "settings": settings})
    artifacts.write(folder, facts, state, artifacts.load_evaluation(folder))
    return root


def endless_graph() -> onnx.ModelProto:
    """Takes a row of stars, and adds 1 to it for ever."""
    row, one = ["users", 974], numpy_helper.from_array(np.ones(1, np.float32), "one")
    values = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, row) for name in ("ratings", "y", "v", "w")}
    i, go, on = (
        helper.make_tensor_value_info(name, kind, [])
        for name, kind in (("i", TensorProto.INT64), ("go", TensorProto.BOOL), ("on", TensorProto.BOOL))
    )
    nodes = [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Add", ["v", "one"], ["w"])]
    body = helper.make_graph(nodes, "body", [i, go, values["v"]], [on, values["w"]], [one])
    loop = helper.make_node("Loop", ["", "true", "ratings"], ["y"], body=body)
    true = numpy_helper.from_array(np.asarray(True), "true")
    graph = helper.make_graph([loop], "endless", [values["ratings"]], [values["y"]], [true])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def test_a_model_that_fails_while_it_answers_takes_out_that_one_only(cli: Cli, endless: Path, tmp_path: Path) -> None:
    others = tuple(name for name in QUICK_MODELS if name != "als")
    for arguments in (["--user", "42"], ["--history", "50:5"]):
        result = recommend(cli, *arguments, "--json")
        assert (result.status, tuple(result.json["models"])) == (0, others)
        assert "ALS: The network had no answer after" in result.err
    out = tmp_path / "lists.csv"
    result = cli("score", "--dataset", "demo", "--users", "1,2", "--out", str(out))
    assert result.status == 0
    assert "ALS: The network had no answer after" in result.err
    assert {line.split(",")[1] for line in out.read_text().splitlines()[1:]} == set(others)
    result = cli("evaluate", "--dataset", "demo", "--json")
    assert (result.status, tuple(result.json["models"])) == (0, others)


def test_a_model_that_was_asked_for_by_name_and_fails_is_named(cli: Cli, endless: Path, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    check_refused(recommend(cli, "--user", "42", "--models", "als,svd"), "ALS: The network had no answer after")
    named = cli("score", "--dataset", "demo", "--models", "als", "--out", str(out))
    check_refused(named, "ALS: The network had no answer after")
    assert not out.exists()


def test_verify_asks_each_network_once(cli: Cli, endless: Path) -> None:
    result = cli("verify")
    assert result.status == 2
    assert "broken  demo/als: The network had no answer after" in result.out
    assert "demo/als." in result.err


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


# evaluate under other protocols


def evaluate(cli: Cli, *arguments: str) -> Result:
    return cli("evaluate", "--dataset", "demo", *arguments)


def test_evaluate_trains_anew_with_each_seed(cli: Cli, quick_root: Path) -> None:
    result = evaluate(cli, "--protocol", "next", "--models", "random,popularity", "--seeds", "0,1", "--json")
    assert result.status == 0
    answer = result.json
    assert (answer["dataset"], answer["protocol"], list(answer["models"])) == ("demo", "next", ["random", "popularity"])
    random, popularity = answer["models"]["random"], answer["models"]["popularity"]
    values = [random["by_seed"][seed]["hit_rate@20"] for seed in ("0", "1")]
    assert random["hit_rate@20"] == pytest.approx(sum(values) / 2)
    assert random["seed_spread"]["ndcg@20"] > 0
    assert popularity["seed_spread"]["ndcg@10"] == 0
    low, high = popularity["intervals"]["ndcg@10"]
    assert low < popularity["ndcg@10"] < high
    assert {"config", "train_seconds", "standard_errors"} <= set(popularity)
    assert "Random, next, seed 1: ndcg@10" in result.err
    assert not (quick_root / "demo" / "results").exists()


def test_evaluate_under_a_protocol_for_people(cli: Cli) -> None:
    lines = evaluate(cli, "--protocol", "ctr", "--models", "random,als", "--seeds", "0,1").out.splitlines()
    assert lines[0] == "demo, protocol ctr"
    assert lines[1].split() == ["model", "auc", "log_loss"]
    als, random = lines[2].split(), lines[3].split()
    assert (als[0], random[0]) == ("ALS", "Random")
    assert float(als[1]) > 0.6 > float(random[1]) > 0.4
    assert als[2] == random[2] == "-"  # neither gives probabilities
    assert lines[4] == "ALS: auc ± 0.0000 over 2 seeds"
    assert lines[5].startswith("Random: auc ± 0.0")


def test_several_protocols_are_one_answer_each(cli: Cli) -> None:
    result = evaluate(cli, "--protocol", "next, sampled,next", "--models", "popularity", "--json")
    assert [answer["protocol"] for answer in result.json] == ["next", "sampled"]
    lines = evaluate(cli, "--protocol", "next,sampled", "--models", "popularity").out.splitlines()
    assert [line for line in lines if "protocol" in line] == ["demo, protocol next", "demo, protocol sampled"]


def test_record_keeps_what_was_measured(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path))
    result = evaluate(cli, "--protocol", "next,holdout", "--models", "popularity", "--record", "--json")
    assert results.recorded("demo", tmp_path) == {"holdout": ["popularity"], "next": ["popularity"]}
    for answer in result.json:
        kept = results.read("demo", answer["protocol"], "popularity")
        assert kept is not None
        assert kept.metric("ndcg@10") == answer["models"]["popularity"]["ndcg@10"]
        assert len(kept.per_user["ndcg@10"]) == demo.build().n_users


def test_record_of_the_headline_protocol_alone(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path))
    assert evaluate(cli, "--models", "popularity", "--record").status == 0
    assert results.recorded("demo", tmp_path) == {"holdout": ["popularity"]}


def test_a_model_that_cannot_answer_is_passed_over_with_a_word(cli: Cli) -> None:
    result = evaluate(cli, "--protocol", "rate-90", "--models", "als,popularity", "--json")
    assert list(result.json["models"]) == ["als"]
    assert "Popularity: cannot answer what rate-90 asks." in result.err
    alone = evaluate(cli, "--protocol", "rate-90", "--models", "popularity", "--json")
    assert (alone.status, alone.out) == (2, "")
    assert alone.err.endswith("recsys: None of these models can answer what rate-90 asks.\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--protocol", "naive"], "There is no protocol 'naive'; available: holdout, holdout-time,"),
        (["--protocol", ","], "No protocol was named; available: holdout, holdout-time,"),
        (
            ["--protocol", "next", "--seeds", "0,x"],
            "--seeds takes different whole numbers separated by commas, such as 0,1,2.",
        ),
        (["--protocol", "next", "--seeds", "1,1"], "Received '1,1'."),
        (["--protocol", "next", "--seeds=-1"], "Received '-1'."),
        (["--protocol", "next", "--seeds", ""], "Received ''."),
        (["--protocol", "next", "--device", "tpu", "--models", "bpr"], "device must be auto, cpu or cuda."),
        (["-k", "10"], "-k goes with --train-file and --test-file."),
        (["--relevance", "4"], "--relevance goes with --train-file and --test-file."),
        (["--train-file", "a.csv"], "--train-file and --test-file go together."),
        (
            ["--train-file", "a.csv", "--test-file", "b.csv"],
            "--dataset, --protocol and --record do not go with a split",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_in_measuring(cli: Cli, arguments: list[str], says: str) -> None:
    check_refused(evaluate(cli, *arguments), says)


def test_measuring_nothing(cli: Cli) -> None:
    check_refused(cli("evaluate"), "--dataset NAME is needed, or --train-file and --test-file.")


# evaluate a split of one's own

OWN_TRAIN = """item,user,rating
Brazil,anna,5
Brazil,ben,4
Brazil,carl,5
Alien,anna,4
Alien,ben,2
Heat,dora,3
"Me, Myself",dora,4
Alien,dora,1
"""
"""Rated by 3, 3, 1 and 1: Popularity lists Alien, Brazil, Heat, Me, Myself, ties by name."""

OWN_TEST = """anna,"Me, Myself",4
carl,Alien,5
ben,Heat,2
dora,Brazil,5
eve,Brazil,5
anna,Gattaca,5
"""


def own(
    cli: Cli, folder: Path, *arguments: str, train: str | bytes = OWN_TRAIN, test: str | bytes = OWN_TEST
) -> Result:
    for name, content in (("train.csv", train), ("test.csv", test)):
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    files = ["--train-file", str(folder / "train.csv"), "--test-file", str(folder / "test.csv")]
    return cli("evaluate", *files, *arguments)


def test_a_split_of_ones_own_by_hand(cli: Cli, tmp_path: Path) -> None:
    """Relevant: Me, Myself for anna, Alien for carl, Brazil for dora. Lists of two without the seen: anna Heat, Me,
    Myself; carl Alien, Heat; dora Brazil alone, the rest she has rated. ben has nothing relevant."""
    result = own(cli, tmp_path, "--relevance", "4", "-k", "2", "--models", "popularity,ease", "--json")
    assert result.status == 0
    answer = result.json
    assert {name: answer[name] for name in answer if name.startswith("n_")} == {
        "n_users": 4, "n_items": 4, "n_train": 8, "n_test": 6,
        "n_test_left_out": 2, "n_test_in_train": 0, "n_test_only_users": 1, "n_test_only_items": 1,
    }  # fmt: skip
    assert (answer["k"], answer["relevance"], list(answer["models"])) == (2, 4.0, ["popularity", "ease"])
    assert result.err.splitlines()[0] == (
        "2 of 6 test rows are left out: 1 users and 1 films are in the test file only, and no model can know them."
    )
    found = answer["models"]["popularity"]
    second = 1 / math.log2(3)
    assert found["ndcg@2"] == pytest.approx((second + 1 + 1) / 3)
    assert found["mrr@2"] == pytest.approx((1 / 2 + 1 + 1) / 3)
    assert (found["hit_rate@2"], found["recall@2"], found["users_counted"]) == (1, 1, 3)
    assert found["precision@2"] == pytest.approx(1 / 2)
    assert found["diversity"] is None  # no genres are known
    assert answer["models"]["ease"]["config"]["min_rating"] == 4


def test_a_split_of_ones_own_where_everything_counts(cli: Cli, tmp_path: Path) -> None:
    skip_unless_it_loads(IALS)
    result = own(cli, tmp_path, "-k", "2", "--models", "popularity,als,ials", "--json")
    assert result.json["relevance"] is None
    assert result.json["models"]["popularity"]["users_counted"] == 4
    assert result.json["models"]["ials"]["config"]["min_rating"] == 1.0
    assert result.json["models"]["als"]["rmse"] > 0
    assert "rmse" not in result.json["models"]["popularity"]


def test_a_split_of_ones_own_for_people(cli: Cli, tmp_path: Path) -> None:
    result = own(cli, tmp_path, "--relevance", "4", "-k", "2", "--models", "popularity,als")
    lines = result.out.splitlines()
    assert lines[0] == f"{tmp_path / 'train.csv'} -> {tmp_path / 'test.csv'}"
    header, als, popularity = (line.split() for line in lines[1:4])
    assert header[:2] == ["model", "ndcg@2"]
    assert als[header.index("users_counted")] == popularity[header.index("users_counted")] == "3"
    assert (als[0], popularity[0]) == ("ALS", "Popularity")
    assert popularity[header.index("rmse")] == "-" != als[header.index("rmse")]


def test_duplicates_in_a_split_of_ones_own_are_told_of(cli: Cli, tmp_path: Path) -> None:
    """As those of a data set are."""
    last = OWN_TEST.splitlines()[-1] + "\n"
    train, test = OWN_TRAIN + OWN_TRAIN.split("\n", 1)[1], OWN_TEST + last
    result = own(cli, tmp_path, "-k", "2", "--models", "popularity", "--json", train=train, test=test)
    told = "left out: only a user's latest rating of a film counts."
    assert result.err.splitlines()[:2] == [
        f"{tmp_path / 'train.csv'}: 8 duplicate ratings {told}",
        f"{tmp_path / 'test.csv'}: 1 duplicate rating {told}",
    ]
    assert (result.json["n_train"], result.json["n_test"]) == (8, 6)


def test_nothing_to_learn_for_one_model_is_said_before_another_trains(cli: Cli, tmp_path: Path) -> None:
    negative = "user,item,rating\n" + "".join(f"{user},{item},-1\n" for user, item in ("aA", "aB", "bA", "bC", "cB"))
    test = "user,item,rating\na,C,-1\nb,B,-1\n"
    result = own(cli, tmp_path, "-k", "2", "--models", "item-knn,popularity", train=negative, test=test)
    check_refused(result, "There is nothing to learn from in train: nobody gave 0 stars or more.")


def test_where_nothing_is_said_a_list_is_as_long_as_there_are_films(cli: Cli, tmp_path: Path) -> None:
    small = {"train": "1,1,5\n1,2,3\n2,3,3\n", "test": "1,3,5\n"}
    found = own(cli, tmp_path, "--models", "popularity", "--json", **small)  # type: ignore[arg-type]
    assert found.json["models"]["popularity"]["ndcg@3"] == 1


SMALL = ["--models", "als,svd,item-knn,ials,random,popularity,ease", "--json"]


@pytest.mark.parametrize(
    ("train", "test", "arguments"),
    [
        ("1,1,5\n1,2,3\n", "1,1,5\n2,2,5\n", None),
        ("1,1,5\n1,2,3\n2,3,3\n", "1,3,5\n", ["-k", "1"]),
        ("1,1,5\n2,1,3\n3,2,1\n", "3,1,5\n", ["-k", "1"]),
        ("1,1,0.5\n1,2,4.5\n2,3,3.5\n", "1,3,2.5\n", ["-k", "3"]),
        ("1,1,1\n1,2,1\n2,3,1\n", "1,3,1\n", ["-k", "2"]),
        ("1,1,-5\n1,2,0\n2,3,5\n", "1,3,-2\n", ["-k", "2", "--relevance", "-3"]),
        ("1,1,3\n1,2,3\n2,3,4\n" * 3, "1,3,4\n" * 2, ["-k", "2", "--seeds", "3,4"]),
        ("9" * 40 + ",1,3\n" + "9" * 40 + ",2,4\nx,3,3\n", "9" * 40 + ",3,4\n", ["-k", "2"]),
    ],
    ids=["nothing held out", "one user asked", "one film left", "half stars", "all stars alike",
         "negative", "duplicates", "huge ids"],
)  # fmt: skip
def test_the_smallest_splits(cli: Cli, tmp_path: Path, train: str, test: str, arguments: list[str] | None) -> None:
    result = own(cli, tmp_path, *SMALL, *(arguments or []), train=train, test=test)
    if arguments is None:
        check_refused(result, "is in")
        return
    assert result.status == 0
    k = arguments[1]
    for found in result.json["models"].values():
        assert 0 <= found[f"ndcg@{k}"] <= 1


@pytest.mark.parametrize(
    ("changes", "arguments", "says"),
    [
        ({}, ["-k", "0"], "k must be between 1 and 4, the number of films. Received 0."),
        ({}, ["-k", "5"], "k must be between 1 and 4, the number of films. Received 5."),
        ({}, ["--relevance", "6"], "No test rating is 6 or more: nothing would count as a hit."),
        ({}, ["--relevance", "nan"], "--relevance: the number of stars must be a number. Received 'nan'."),
        ({}, ["--relevance=-inf"], "--relevance: the number of stars must be a number. Received '-inf'."),
        ({}, ["--seeds", "x"], "--seeds takes different whole numbers"),
        ({}, ["--record"], "--dataset, --protocol and --record do not go with a split of your own."),
        ({"train": ""}, [], "train.csv has no ratings."),
        ({"test": "user,item,rating\n"}, [], "test.csv has no ratings."),
        ({"train": "user,rating\nanna,5\n"}, [], "There is no column item"),
        ({"train": "anna,Brazil,good\n"}, [], "line 1: The rating must be a number. Received 'good'."),
        ({"test": "anna,Heat,nan\n"}, [], "test.csv, line 1: The rating must be a number. Received 'nan'."),
        ({"test": "anna,Heat,1e300\n"}, [], "test.csv, line 1: The rating is too large. Received '1e300'."),
        ({"test": "eve,Brazil,5\n"}, [], "there is nothing to measure."),
        ({"train": b"\x89PNG\r\n\x1a\n\0\0"}, [], "train.csv cannot be read: it is not UTF-8."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_a_mistake_in_a_split_of_ones_own(
    cli: Cli, tmp_path: Path, changes: dict[str, Any], arguments: list[str], says: str
) -> None:
    arguments = arguments if "-k" in arguments else [*arguments, "-k", "2"]
    result = own(cli, tmp_path, "--models", "popularity", "--json", *arguments, **changes)
    assert result.out == ""
    if not changes and result.err.count("\n") > 1:  # what is left out was said before
        result.err = result.err.splitlines()[-1] + "\n"
    check_refused(result, says)


def test_files_that_are_not_there(cli: Cli, tmp_path: Path) -> None:
    missing, folder = str(tmp_path / "absent.csv"), str(tmp_path)
    check_refused(cli("evaluate", "--train-file", missing, "--test-file", missing), "No such file or directory")
    check_refused(cli("evaluate", "--train-file", folder, "--test-file", folder), "Is a directory")
    check_refused(cli("evaluate", "--test-file", missing), "--train-file and --test-file go together.")


# sweep


def test_sweep_under_a_protocol(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path))
    grid = tmp_path / "grid.json"
    grid.write_text('{"regularization": [10, 1000]}')
    result = cli("sweep", "ease", "--dataset", "demo", "--protocol", "next", "--grid", str(grid))
    assert result.status == 0
    table = json.loads((tmp_path / "demo" / "searches" / "next" / "ease.json").read_text())
    assert (table["protocol"], table["metric"], len(table["trials"])) == ("next, validation part", "ndcg@10", 2)
    assert all(trial["config"]["min_rating"] == 0 for trial in table["trials"])  # `next` says that all count
    kept = f"EASE: kept {json.dumps(table['best']['config'])}, ndcg@10 {table['best']['value']:.4f} "
    assert result.out == f"{kept}(the highest of 2 trials, one training each)\n"
    # and what was found is what `evaluate` trains with
    for protocol in ("next", "sampled"):
        answer = evaluate(cli, "--protocol", protocol, "--models", "ease", "--json").json
        assert answer["models"]["ease"]["config"] == table["best"]["config"]


def test_sweep_of_a_model_that_cannot_answer(cli: Cli) -> None:
    result = cli("sweep", "popularity", "--dataset", "demo", "--protocol", "rate")
    check_refused(result, "Popularity predicts no stars, and rate asks for nothing else.")


# train


def train(cli: Cli, out: Path, *arguments: str) -> Result:
    return cli("train", *arguments, "--dataset", "demo", "--device", "cpu", "--out", str(out))


def test_train_writes_an_artifact_with_the_settings(cli: Cli, tmp_path: Path, demo_dataset: Dataset) -> None:
    result = train(cli, tmp_path, "als", "--set", "n_epochs=2", "--set", "reg_i=5", "--seed", "3")
    assert result.status == 0
    assert result.out.startswith("ALS: nDCG@10 0.")
    assert "ALS: epoch 2/2" in result.err
    artifact = artifacts.load(tmp_path / "demo" / "models" / "als", demo_dataset)
    assert artifact.manifest.config == {"n_epochs": 2, "reg_i": 5.0, "reg_u": 15.0}
    assert (artifact.manifest.seed, artifact.manifest.device) == (3, "cpu")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["als", "--set", "n_wheels=4"], "There is no setting 'n_wheels'; available: n_epochs, reg_i, reg_u."),
        (["als", "--set", "n_epochs=many"], "n_epochs must be a whole number, such as 10. Received 'many'."),
        (["als", "--set", "n_epochs=2.5"], "n_epochs must be a whole number, such as 10. Received '2.5'."),
        (["als", "--set", "n_epochs=0"], "n_epochs must be at least 1. Received 0."),
        (["als", "--set", "reg_i=inf"], "reg_i must be a number, such as 10.0. Received 'inf'."),
        (["als", "--set", "n_epochs"], "--set takes KEY=VALUE, such as n_epochs=5. Received 'n_epochs'."),
        (["als", "--set", "n_epochs="], "Received 'n_epochs='."),
        (["als", "--set", "=5"], "Received '=5'."),
        (["popularity", "--set", "k=5"], "There is no setting 'k'; available: none."),
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
    assert [line.split()[:2] for line in lines[:-2]] == [["ok", f"demo/{name}"] for name in sorted(QUICK_MODELS)]
    assert lines[-2].startswith(f"all     demo  {len(QUICK_MODELS)} models and 0 records, ")
    assert lines[-1].endswith(" MB of models in all, and 0 records")


def test_verify_where_there_is_nothing(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path))
    check_refused(cli("verify"), f"There are no models in {tmp_path}. Make them: python -m recsys train all")


def test_a_link_to_nowhere_is_no_model_for_verify_and_for_recommend(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path))
    link = artifacts.folder_of("demo", "als", tmp_path)
    link.parent.mkdir(parents=True)
    link.symlink_to("nowhere")
    says = f"Its folder is a link that leads to no model. Delete it: rm {link}"
    assert says in cli("recommend", "--dataset", "demo", "--models", "als", "--user", "1").err
    assert f"broken  demo/als: {says}" in cli("verify").out


def test_verify_of_a_broken_artifact_in_a_process(quick_root: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(quick_root, tmp_path / "root"))
    arrays = root / "demo" / "models" / "svd" / artifacts.ARRAYS
    arrays.write_bytes(arrays.read_bytes()[:-10])
    result = python_m_recsys(root, "verify")
    check_refused(result, "1 of these are broken: demo/svd.")
    assert "ok      demo/als" in result.out
    assert "broken  demo/svd: arrays.npz has" in result.out
    assert "To fix it: python -m recsys train svd --dataset demo" in result.out


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


@pytest.mark.parametrize(
    "arguments", [["--help"], ["recommend", "--dataset", "demo", "--user", "1"], ["verify"], ["data", "list"]]
)
def test_a_reader_that_has_gone_is_no_error_of_ours(quick_root: Path, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "RECSYS_ARTIFACTS_DIR": str(quick_root)}
    done = subprocess.run(
        [sys.executable, "-m", "recsys", *arguments],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    os.close(writing)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_ctrl_c_before_the_program_is_imported_is_one_line(tmp_path: Path) -> None:
    # The first thing that the program imports of its own waits for the signal.
    (tmp_path / "argparse.py").write_text("import time\nprint('here', flush=True)\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "recsys", "data", "list"]
    paths = {**os.environ, "PYTHONPATH": str(tmp_path)}
    running = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=paths,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's jobs in the background ignore it
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "here\n"
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert (running.returncode, said) == (130, "recsys: stopped\n")


@pytest.mark.parametrize("option", ["--out=--", "--seed=--", "--set=--", "--checkpoint-dir=--", "--dataset=--"])
def test_two_hyphens_are_no_value(cli: Cli, quick_root: Path, option: str) -> None:
    """argparse would hand on an empty list for them, and `--out=--` wrote over the shipped models."""
    before = {path: path.stat().st_mtime_ns for path in quick_root.rglob("*")}
    name = option.removesuffix("=--")
    check_refused(cli("train", "popularity", "--dataset", "demo", option), f"{name} needs a value, and -- is none.")
    assert {path: path.stat().st_mtime_ns for path in quick_root.rglob("*")} == before


@pytest.mark.parametrize("option", ["--user", "-k"])
@pytest.mark.parametrize("number", ["1_0", "\u0663", "\uff11", "+5", "1.0", "9" * 30, ""])
def test_a_number_is_written_as_in_data_files(cli: Cli, option: str, number: str) -> None:
    options = {"--user": "1", "-k": "5"} | {option: number}
    result = recommend(cli, *(part for pair in options.items() for part in pair))
    check_refused(result, f"argument {option}: a whole number is needed. Received")


@pytest.mark.parametrize(
    "command", [["sweep", "als"], ["score", "--out", "absent/lists.csv"]], ids=lambda each: each[0]
)
@pytest.mark.parametrize("number", ["1_0", "\u0663", "+1"])
def test_the_number_of_jobs_is_one_like_any_other(cli: Cli, command: list[str], number: str) -> None:
    result = cli(*command, "--dataset", "demo", "--jobs", number)
    check_refused(result, "argument --jobs: a whole number is needed. Received")


@pytest.mark.parametrize("history", ["1_0:5", "1:\u0665", "\uff11:5"])
def test_a_history_is_written_as_in_data_files(cli: Cli, history: str) -> None:
    check_refused(recommend(cli, "--history", history), "--history takes film:stars pairs")


def test_what_came_in_is_quoted_shortly(cli: Cli) -> None:
    for arguments in (["train", "x" * 100_000], ["train", "als", "--dataset", "x" * 100_000], ["x" * 100_000]):
        result = cli(*arguments)
        assert (result.status, len(result.err) < 2_100, result.err.count("\n")) == (2, True, 1)


@pytest.mark.parametrize("number", [2**31, 10**12])
def test_a_number_that_no_library_counts_to(cli: Cli, number: int) -> None:
    result = cli("train", "als", "--dataset", "demo", "--set", f"n_epochs={number}")
    check_refused(result, f"n_epochs must be at most 2147483647. Received {number}.")


@pytest.mark.parametrize("command", [["train", "popularity"], ["score"]])
def test_an_empty_path_is_not_this_folder(cli: Cli, command: list[str]) -> None:
    check_refused(cli(*command, "--dataset", "demo", "--out", ""), "--out: a path is needed, and this one is empty")


def test_too_little_memory_is_said_before_anything_is_trained(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EASE, "memory", staticmethod(lambda *_: 1e18))
    for command in (["evaluate", "--protocol", "top", "--models", "popularity,ease"], ["train", "popularity,ease"]):
        result = cli(*command, "--dataset", "demo")
        check_refused(result, "ease needs about 1,000,000,000.0 GB of memory")
        assert result.out == ""


def test_help_names_every_command(cli: Cli) -> None:
    result = cli("--help")
    assert result.status == 0
    for command in ("data", "train", "evaluate", "recommend", "sweep", "bench", "verify", "record"):
        assert re.search(rf"^    {command}\s", result.out, re.MULTILINE)
