"""What was trained here stands in Compare beside the shipped models: real artifacts in the layout of a run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.errors import RecsysError, UsageError
from recsys.serving.artifacts import ARRAYS, MANIFEST
from recsys.training.jobs import runs
from recsys.training.jobs.runs import Request, Run, State
from recsys.ui import lists, loaders, systems
from recsys.ui.components.overlap import overlap
from recsys.ui.view import MAX_RUNS
from tests.app import given_to, opened, parameters
from tests.ui.test_pages import write_ml100k

NAMES = ["M*A*S*H", "<script>alert(1)</script>", "$x$ and $y$", "[a](b)", "x" * 60, "🎬 best", "שלום 12", ":red[no]"]
Make = Callable[..., Run]


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_root: Path) -> Path:
    """A computer without data or network, with quick models of the demo and an empty folder of runs."""
    shutil.copytree(quick_root, tmp_path / "artifacts")
    for name, folder in (("DATA", "data"), ("DOWNLOAD", "downloads"), ("ARTIFACTS", "artifacts"), ("RUNS", "runs")):
        monkeypatch.setenv(f"RECSYS_{name}_DIR", str(tmp_path / folder))
    monkeypatch.setenv("RECSYS_OFFLINE", "1")
    monkeypatch.setenv("RECSYS_DATA_URL", "http://127.0.0.1:9")
    return tmp_path


@pytest.fixture
def make(computer: Path) -> Make:
    """Makes runs whose model is a real artifact."""

    def run(name: str = "Mine", model: str = "ease", dataset: str = "demo", end: State | None = State.FINISHED) -> Run:
        root = computer / "runs"
        made = runs.create([Request(model, dataset)], [name], root, max_queued=100)[0]
        if end is State.FINISHED:
            shutil.copytree(computer / "artifacts" / "demo" / "models" / model, made.artifact)
        if end is not None:
            runs.end(made, end, "the loss is not a number" if end is State.FAILED else "", 1.0)
        return runs.read(made.id, root)

    return run


def cards(app: Any) -> dict[str, dict[str, Any]]:
    return {card["model"]: card for card in given_to(app, "board")["cards"]}


def shared_link(app: Any) -> str:
    app.session_state["share"] = True
    return given_to(app.run(), "share")["link"]


def test_a_run_is_a_column_with_its_own_name(make: Make) -> None:
    run = make("My first")
    app = opened(models=f"ease,{run.id}", user="7")
    shipped, own = given_to(app, "board")["cards"]
    assert (own["label"], own["family"], own["color"]) == ("My first", "EASE, trained here", shipped["color"])
    assert shipped["family"] == ""
    assert own["rows"] == shipped["rows"]  # the same artifact
    board, below = given_to(app, "board"), given_to(app, "overlap")
    assert [pill["label"] for pill in board["pills"] if pill["family"]] == ["My first"]
    assert all(set(film["ranks"]) == {"ease", run.id} for film in board["films"].values())
    assert below["jaccard"] == [[1.0, 1.0], [1.0, 1.0]]
    assert [model["label"] for model in below["models"]] == ["EASE", "My first"]
    assert below["title"] == "EASE and \u2068My first\u2069 are the most alike: 10 of 10 films shared"
    assert len(below["metrics"]["rows"]) == 2
    assert parameters(app)["models"] == f"ease,{run.id}"
    assert f"models=ease,{run.id}" in shared_link(app)


def test_a_renamed_run_has_its_new_name_at_once(make: Make) -> None:
    run = make("Before")
    app = opened(models=run.id)
    runs.change(run, name="After")
    assert cards(app.run())[run.id]["label"] == "After"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_data(make: Make, demo_dataset: Dataset, name: str) -> None:
    run = make(name)
    app = opened(models=f"als,{run.id}")
    assert cards(app)[run.id]["label"] == run.name == name
    texts = [element.value for element in [*app.main.markdown, *app.main.caption]]
    assert not any(name in text for text in texts)  # only where text is set as text
    given = lists.answers(demo_dataset, [run.id], 4, 5, exclude_seen=True)
    header, rows = lists.lists_table(demo_dataset, given, ticks=False)
    assert [row[:2] for row in rows] == [[name, run.id]] * 5
    assert header[:2] == ["model", "run"]


def test_files_say_which_run_it_is(make: Make, demo_dataset: Dataset) -> None:
    run = make("EASE")
    given = lists.answers(demo_dataset, ["ease", run.id], 4, 10, exclude_seen=True)
    rows = overlap.metrics_table(given, 3, 10)
    assert [lists.named(answer.column) for answer, _ in rows] == [["EASE", ""], ["EASE", run.id]]


def test_pills_list_the_newest_finished_runs_of_this_data_set_in_the_order_of_the_lists(make: Make) -> None:
    made = [make(f"Run number {n}") for n in range(systems.MAX_LISTED + 2)]
    make("Elsewhere", dataset="ml-100k")
    make("Waiting", end=None)
    make("Failed", end=State.FAILED)
    app = opened(models=f"als,{made[-1].id},{made[0].id}")
    own = [pill["model"] for pill in given_to(app, "board")["pills"] if pill["family"]]
    assert own[1:] == [run.id for run in made[-systems.MAX_LISTED :]]
    assert own[0] == made[0].id  # an old one that is chosen can be taken away
    assert [card for card in cards(app) if card in own] == [card for card in own if card in cards(app)]


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (None, "still waiting to be trained"),
        (State.FAILED, "failed. the loss is not a number"),
        (State.CANCELLED, "was cancelled"),
        (State.INTERRUPTED, "was interrupted"),
    ],
)
def test_a_run_without_a_model_says_why_and_where_to_look(make: Make, end: State | None, why: str) -> None:
    run = make(end=end)
    app = opened(models=f"als,{run.id}")
    shown = cards(app)
    assert shown["als"]["rows"]
    assert why in shown[run.id]["problem"]["text"]
    assert shown[run.id]["problem"]["link"] == f"train?dataset=demo&job={run.id}"
    assert run.id in [pill["model"] for pill in given_to(app, "board")["pills"] if pill["on"]]
    assert parameters(app)["models"] == f"als,{run.id}"


def test_a_run_in_training_and_one_being_stopped(make: Make) -> None:
    running, stopping = make(end=None), make(end=None)
    for run in (running, stopping):
        runs.write_json(run.folder / runs.PROCESS, {"pid": 1})
    (stopping.folder / runs.STOP).write_text("cancel")
    shown = cards(opened(models=f"{running.id},{stopping.id}"))
    assert shown[running.id]["problem"]["text"] == "This run is still training."
    assert shown[stopping.id]["problem"]["text"] == "This run is being stopped."


def test_a_search_over_settings_has_no_lists(computer: Path) -> None:
    request = Request("ease", "demo", kind=runs.SWEEP, grid={"regularization": [1.0]})
    run = runs.create([request], ["Search"], computer / "runs", max_queued=5)[0]
    runs.end(run, State.FINISHED, "", 1.0)
    app = opened(models=f"als,{run.id}")
    assert "a search over settings" in cards(app)[run.id]["problem"]["text"]
    assert systems.trained_here("demo") == []


def test_a_run_that_is_deleted_while_it_is_shown_stays_a_column_until_it_is_taken_away(make: Make) -> None:
    doomed, other = make("Doomed"), make("Other", model="als")
    app = opened(models=f"svd,{doomed.id},{other.id}")
    assert all(card["rows"] for card in cards(app).values())
    runs.delete(doomed)
    app.run()
    assert not app.exception
    assert not app.error
    shown = cards(app)
    assert shown[doomed.id]["problem"]["head"] == "This run is not here"
    assert shown[doomed.id]["problem"]["link"] is None
    assert shown[doomed.id]["label"] == f"Run {doomed.number}"
    assert shown["svd"]["rows"]
    assert shown[other.id]["rows"]
    assert parameters(app)["models"] == f"{other.id},svd,{doomed.id}"  # an ALS comes before SVD


def damage_job(run: Run) -> None:
    (run.folder / runs.JOB).write_text("{nonsense", encoding="utf-8")


def damage_end(run: Run) -> None:
    (run.folder / runs.END).write_text('{"state": "splendid"}', encoding="utf-8")


def damage_arrays(run: Run) -> None:
    (run.artifact / ARRAYS).write_bytes(b"PK")


def damage_manifest(run: Run) -> None:
    (run.artifact / MANIFEST).write_text("[]", encoding="utf-8")


def damage_model(run: Run) -> None:
    shutil.rmtree(run.artifact)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (damage_job, "Damaged: job.json"),
        (damage_end, "Damaged: end.json"),
        (damage_arrays, "damaged"),
        (damage_manifest, "another program"),
        (damage_model, "not there any more"),
    ],
)
def test_a_damaged_run_says_so_and_leaves_the_others_alone(make: Make, damage: Any, why: str) -> None:
    run, other = make("Broken"), make("Whole", model="svd")
    damage(run)
    app = opened(models=f"als,{run.id},{other.id}")
    assert not app.error
    shown = cards(app)
    assert why in shown[run.id]["problem"]["text"]
    assert shown[run.id]["problem"]["command"] is None  # that would train the shipped one
    assert shown["als"]["rows"]
    assert shown[other.id]["rows"]
    assert len(given_to(app, "overlap")["models"]) == 2


def test_a_run_of_another_data_set_stays_and_says_so(make: Make, computer: Path) -> None:
    run = make()
    write_ml100k(computer / "data" / "ml-100k")
    app = opened(models=f"als,{run.id}", dataset="demo")
    assert cards(app)[run.id]["rows"]
    app.selectbox(key="dataset").set_value("ml-100k").run()
    assert not app.exception
    assert "trained on another data set: Demo." in cards(app)[run.id]["problem"]["text"]
    assert cards(app)[run.id]["problem"]["link"] == f"train?dataset=demo&job={run.id}"
    assert parameters(app)["models"] == f"als,{run.id}"
    app.selectbox(key="dataset").set_value("demo").run()
    assert cards(app)[run.id]["rows"]


def test_a_model_of_other_ratings_under_the_same_name_is_refused(make: Make, computer: Path) -> None:
    run = make(dataset="ml-100k")
    write_ml100k(computer / "data" / "ml-100k")
    assert "lies where ease of ml-100k belongs" in cards(opened(models=run.id))[run.id]["problem"]["text"]


def test_where_nothing_is_shipped_the_runs_are_shown(computer: Path, make: Make) -> None:
    shutil.rmtree(computer / "artifacts" / "demo" / "models" / "svd")
    made = [make(f"Number {n}", model="als") for n in range(MAX_RUNS + 1)]
    shutil.rmtree(computer / "artifacts")
    app = opened()
    assert list(cards(app)) == [run.id for run in made[1:]]
    assert parameters(app) == {}  # the default of such a data set
    assert all(pill["family"] for pill in given_to(app, "board")["pills"])
    assert made[1].id in shared_link(app)  # which names them
    assert list(cards(opened(models=f"als,{made[0].id}"))) == [made[0].id]
    assert list(cards(opened(models="none"))) == []


def test_where_there_is_nothing_at_all_a_link_leads_to_training(computer: Path) -> None:
    shutil.rmtree(computer / "artifacts")
    app = opened()
    assert [link.proto.page for link in app.get("page_link")] == ["train"]
    assert not [element for element in app.get("bidi_component") if element.proto.component_name == "recsys_board"]


def test_the_loaders_know_runs_by_their_id(make: Make, demo_dataset: Dataset) -> None:
    run = make()
    assert loaders.folder_of("demo", run.id) == run.artifact
    assert loaders.manifest("demo", run.id).model == "ease"
    assert loaders.evaluation("demo", run.id)["ndcg@10"].shape == (demo_dataset.n_users,)
    assert loaders.artifact(demo_dataset, run.id).folder == run.artifact
    assert loaders.milliseconds_per_user(demo_dataset, run.id) > 0
    with pytest.raises(UsageError, match="another data set: Demo"):
        loaders.manifest("ml-100k", run.id)
    before = loaders.artifact(demo_dataset, "ease")
    runs.delete(run)
    for ask in (loaders.manifest, loaders.evaluation, loaders.folder_of):
        with pytest.raises(RecsysError, match="There is no run"):
            ask("demo", run.id)
    assert loaders.artifact(demo_dataset, "ease") is before


def test_an_id_never_leads_out_of_the_folder_of_runs(computer: Path) -> None:
    outside = computer / "0001-ease-abcdef"
    outside.mkdir()
    (outside / runs.JOB).write_text(json.dumps({"request": {"model": "ease", "dataset": "demo"}}), encoding="utf-8")
    for crafted in ("../0001-ease-abcdef", "..", str(outside), "0001-ease-abcdef/../../x"):
        assert not runs.is_id(crafted)
        with pytest.raises(UsageError):
            runs.read(crafted, computer / "runs")
        with pytest.raises(UsageError):
            systems.of(crafted)
    assert library.DEMO.name in parameters(opened(dataset="demo", models="../0001-ease-abcdef")).get("dataset", "demo")
