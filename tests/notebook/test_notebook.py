"""`import recsys` in a notebook: the answers and the sentences of the command line."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import recsys
from recsys.__main__ import main
from recsys.errors import RecsysError
from recsys.notebook.tables import Lists
from recsys.paths import ROOT
from tests.libraries import FRAMEWORKS


@pytest.fixture(scope="module")
def data() -> recsys.Data:
    return recsys.open("demo")


def test_it_names_what_is_public_and_loads_no_framework() -> None:
    use = "import sys, recsys; recsys.open('demo').recommend(films={1: 5}, models=['als', 'bpr'], k=2)"
    code = f"{use}; print([name for name in {FRAMEWORKS!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert all(hasattr(recsys, name) for name in recsys.__all__)
    with pytest.raises(AttributeError):
        _ = recsys.nothing  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "module", ["recsys", *(f"recsys.notebook.{it}" for it in ("data", "model", "plots", "training"))]
)
def test_the_examples_are_true(module: str) -> None:
    found = doctest.testmod(import_module(module))
    assert found.failed == 0
    assert found.attempted > 0 or module == "recsys.notebook.model"


def test_lists_are_those_of_the_command_line(data: recsys.Data, capsys: pytest.CaptureFixture[str]) -> None:
    given = data.recommend(user=7, models=["als", "bpr"], k=5)
    assert main(["recommend", "--dataset", "demo", "--user", "7", "--models", "als,bpr", "-k", "5", "--json"]) == 0
    for model, lines in json.loads(capsys.readouterr().out)["models"].items():
        mine = given[given["model"] == model]
        assert mine["film"].tolist() == [line["item_id"] for line in lines]
        assert mine["title"].tolist() == [line["title"] for line in lines]
        np.testing.assert_allclose(mine["score"], [line["score"] for line in lines])
        assert mine["liked"].tolist() == [line["held_out"] for line in lines]
    assert type(given[given["liked"]]) is not Lists  # what is selected is shown as it stands


def test_a_list_of_somebody_new_has_no_ticks(data: recsys.Data) -> None:
    given = data.recommend(films={1: 5, 2: 4}, models=["ease", "als"], k=3)
    assert not given["liked"].any()
    assert not {1, 2} & set(given["film"])


def test_side_by_side_a_title_is_data() -> None:
    rows = [("bpr", 1, 5, "<b>A</b> & co", 1.0, True), ("als", 1, 6, "B", 2.0, False), ("als", 2, 7, "C", 1.0, False)]
    shown = Lists(rows, columns=["model", "rank", "film", "title", "score", "liked"])._repr_html_()
    assert "<b>&lt;b&gt;A&lt;/b&gt; &amp; co &#10003;</b>" in shown
    assert shown.index("<th>bpr</th>") < shown.index("<th>als</th>")
    assert shown.count("<tr>") == 3


def test_numbers_are_those_on_record(data: recsys.Data) -> None:
    table = data.evaluate(["als", "ease"])
    for name in ("als", "ease"):
        manifest = data.models[name].manifest
        assert table.loc[name, "ndcg@10"] == pytest.approx(manifest.summary["ndcg@10"], abs=1e-6)
        assert table.loc[name, ["ndcg@10 low", "ndcg@10 high"]].tolist() == pytest.approx(manifest.intervals["ndcg@10"])


def test_another_protocol_trains_anew(data: recsys.Data) -> None:
    table = data.evaluate(["popularity"], "top")
    assert 0 < table.loc["popularity", "ndcg@10"] < 1


def test_a_sum_adds_up_to_the_score(data: recsys.Data) -> None:
    table = data.explain(7, 1, "svd")
    assert table[table["part"] == "sum"]["value"].sum() == pytest.approx(table.attrs["score"], abs=1e-3)


def test_a_model_is_trained_saved_and_read(data: recsys.Data, tmp_path: Path) -> None:
    model = recsys.train("ease", data, progress=False, regularization=100)
    assert model.manifest.config["regularization"] == 100
    folder = model.save(tmp_path / "deep" / "mine")
    again = recsys.load(folder, data)
    lists = [data.recommend(user=7, models=[it], k=5)["film"].tolist() for it in (model, again)]
    assert lists[0] == lists[1]
    both = data.recommend(user=7, models=["ease", model], k=5)
    assert both["model"].unique().tolist() == ["ease", "ease'"]
    with pytest.raises(RecsysError, match="is there already"):
        model.save(folder)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["mine"]
    (folder / "arrays.npz").write_bytes(b"no")
    with pytest.raises(RecsysError, match="damaged"):
        recsys.load(folder, data)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda data: recsys.open("ml-7"), "There is no data set 'ml-7'"),
        (lambda data: data.recommend(), "A user or films with stars are needed"),
        (lambda data: data.recommend(user=7, films={1: 5}), "one of the two"),
        (lambda data: data.recommend(user=10**6), "1000000"),
        (lambda data: data.recommend(user=7, models=["bpx"]), "bpx"),
        (lambda data: data.recommend(user=7, models=[]), "No model was named"),
        (lambda data: data.recommend(user=7, k=0), "0"),
        (lambda data: data.recommend(films={1: 9}), "Stars go from 1 to 5"),
        (lambda data: data.recommend(films={10**6: 5}), "1000000"),
        (lambda data: data.evaluate(["als"], "nope"), "nope"),
        (lambda data: data.evaluate(["bpr"], "rate"), "cannot answer"),
        (lambda data: data.explain(7, 10**6, "als"), "1000000"),
        (lambda data: data.similar(1, ["als"]), "None of these models has a place"),
        (lambda data: data.similar(1, ["svd"], k=99), "99"),
        (lambda data: data.plot.map("als"), "it has no map"),
        (lambda data: data.plot.leaderboard("nope"), "nope"),
        (lambda data: recsys.train("bpr", data, n_factorz=3), "n_factorz"),
        (lambda data: recsys.load("/no/such/folder"), "There is no saved model in /no/such/folder"),
    ],
)
def test_what_cannot_be_done_is_said(data: recsys.Data, ask, says: str) -> None:
    with pytest.raises(RecsysError, match=says):
        ask(data)
