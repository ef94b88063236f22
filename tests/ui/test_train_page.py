"""The Train page, run by Streamlit itself on real runs; what a browser must draw is in tests/e2e."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recsys.evaluation import statistics
from recsys.models import registry
from recsys.training import curves, devices
from recsys.training.jobs import limits, runs
from recsys.training.jobs import queue as jobs
from recsys.training.jobs.runs import Request, Run, State
from recsys.training.progress import Writer
from recsys.ui.text import md
from recsys.ui.train import actions as train_actions
from recsys.ui.train import draft as train_draft
from recsys.ui.train import jobs as train_jobs
from recsys.ui.train import learning_curves
from recsys.ui.train import parallel as train_parallel
from recsys.ui.train import result as train_result
from recsys.ui.train import sweep as train_sweep
from recsys.ui.view import MAX_RUNS, MODELS_DEFAULT
from tests.app import given_to, opened, parameters, saved
from tests.faults import write_folder

HOSTILE = "<script>alert(1)</script> *b* $x$ [l](http://x)"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_root: Path) -> Iterator[Path]:
    """A computer with the demo, its quick models and no run; visitors may train."""
    for name, value in {
        "RECSYS_DATA_DIR": tmp_path / "data",
        "RECSYS_DOWNLOAD_DIR": tmp_path / "downloads",
        "RECSYS_ARTIFACTS_DIR": quick_root,
        "RECSYS_RUNS_DIR": tmp_path / "runs",
        "RECSYS_DATA_URL": "http://127.0.0.1:9",
        "RECSYS_OFFLINE": "1",
        "RECSYS_ALLOW_TRAINING": "1",
    }.items():
        monkeypatch.setenv(name, str(value))
    folder = tmp_path / "runs"
    # Somebody else looks after this folder: a page may queue a run, and no process starts that outlives the test.
    with runs.lock(folder, "supervisor"):
        yield folder
        train_jobs._supervisor(folder).close()


def made(root: Path, model: str = "als", name: str = "", **settings: Any) -> Run:
    return runs.create([Request(model, "demo", settings)], [name], root, jobs.MAX_QUEUED)[0]


def write_progress(run: Run, n: int, n_epochs: int = 10) -> None:
    writer = Writer(run.folder / runs.PROGRESS)
    writer.write("started", n_epochs=n_epochs, device="CPU, 2 cores")
    for epoch in range(1, n + 1):
        writer.write(
            "epoch", epoch=epoch, n_epochs=n_epochs, loss=1 / epoch, metric="ndcg@10", value=0.01 * epoch, eta=30.0,
            best_epoch=epoch, examples_per_second=1234.0,
        )  # fmt: skip
    writer.close()


def finished(root: Path, quick_root: Path, model: str = "als", name: str = "", n: int = 1, **settings: Any) -> Run:
    run = made(root, model, name, **settings)
    shutil.copytree(quick_root / "demo" / "models" / model, run.artifact)
    write_progress(run, n)
    runs.end(run, State.FINISHED, "", 3.0)
    return runs.read(run.id, root)


def running(root: Path, model: str = "bpr", n: int = 3) -> Run:
    run = made(root, model)
    runs.write_json(run.folder / "process.json", {"pid": 999_999_999})
    write_progress(run, n)
    return runs.read(run.id, root)


def shown_text(app: AppTest) -> str:
    """As it is read: a word that leads to its meaning is a word."""
    text = "\n".join(
        element.value for kind in ("markdown", "caption", "info", "error", "warning") for element in app.get(kind)
    )
    return re.sub(r"\[([^\]]*)\]\(how_it_works[^)]*\)", r"\1", text)


def buttons(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def rows(app: AppTest) -> list[dict[str, Any]]:
    return given_to(app, "runs")["runs"]


def test_a_first_visit_offers_the_six_and_says_what_will_be_here(root: Path) -> None:
    app = opened("train")
    assert app.title[0].value == "Train"
    models = given_to(app, "choice")["models"]
    assert [model["label"] for model in models if model["is_main"]] == [
        "ALS", "SVD", "AutoEncoder", "BPR", "GRU", "AutoInt+",
    ]  # fmt: skip
    assert "None yet" in shown_text(app)
    assert "leave the page whenever you like" in shown_text(app)
    assert {"train"} <= buttons(app)
    assert "epoch" in shown_text(app)


def test_a_click_puts_a_run_into_the_queue_and_its_id_into_the_address(root: Path) -> None:
    app = opened("train")
    app.button(key="train").click().run()
    [run] = runs.all_runs(root)
    assert run.state is State.QUEUED
    assert run.request.preset == "quick"
    assert run.request.settings == train_draft.full(train_draft.Draft("demo").entry, run.request.settings)
    assert parameters(app)["job"] == run.id
    assert given_to(app, "job")["says"] == "about to begin"
    assert buttons(app) >= {"cancel"}


def test_the_second_run_knows_its_place(root: Path) -> None:
    made(root)
    app = opened("train", job=made(root).id)
    assert given_to(app, "job")["says"] == "waiting: 1 run before this one"


def test_cancel_is_written_down_at_once(root: Path) -> None:
    run = running(root)
    app = opened("train")
    assert given_to(app, "job")["progress"] == "epoch 3 of 10"
    assert given_to(app, "job")["share"] == pytest.approx(0.3)
    app.button(key="cancel").click().run()
    assert runs.read(run.id, root).stop_request == "cancel"
    assert given_to(app, "job")["says"] == "stopping …"
    assert app.button(key="cancel").disabled


def test_the_best_so_far_can_be_kept_once_there_is_one(root: Path) -> None:
    early = running(root, n=0)
    app = opened("train", job=early.id)
    assert app.button(key="keep_best").disabled
    late = running(root, n=2)
    app = opened("train", job=late.id)
    app.button(key="keep_best").click().run()
    assert runs.read(late.id, root).stop_request == "keep"


def test_what_is_being_measured_is_kept_already(root: Path) -> None:
    run = running(root)
    writer = Writer(run.folder / runs.PROGRESS)
    writer.write("phase", phase="measure")
    writer.close()
    app = opened("train", job=run.id)
    assert app.button(key="keep_best").disabled
    assert not app.button(key="cancel").disabled


def test_a_running_run_says_what_it_does(root: Path) -> None:
    app = opened("train", job=running(root).id)
    facts = dict(given_to(app, "job")["facts"])
    assert facts["Time left"] == "about 30 s"
    assert facts["Speed"] == "1,234 examples/s"
    assert facts["Best so far"] == "nDCG@10 0.030 at epoch 3"
    assert facts["Device"] == "CPU, 2 cores"
    assert len(app.get("plotly_chart")) == 2


def test_a_finished_run_stands_beside_the_shipped_model(root: Path, quick_root: Path) -> None:
    run = finished(root, quick_root)
    app = opened("train", job=run.id)
    table = given_to(app, "grid")
    assert [row["label"] for row in table["rows"]] == ["This run", "Shipped"]
    assert {"nDCG@10", "Recall@10", "RMSE"} <= {head["text"] for head in table["head"]}
    assert table["rows"][0]["cells"][0]["notes"]
    assert "too close to call" in shown_text(app)  # it is a copy
    assert "training part alone" in shown_text(app)
    assert {"to_compare", "pin", "delete"} <= buttons(app)
    assert "zip" in {button.key for button in app.get("download_button")}


def test_a_run_is_named_noted_pinned_and_deleted(root: Path, quick_root: Path) -> None:
    run = finished(root, quick_root)
    app = opened("train", job=run.id)
    app.text_input(key=f"name_{run.id}").set_value("  My   run ").run()
    app.text_input(key=f"note_{run.id}").set_value(HOSTILE).run()
    app.button(key="pin").click().run()
    now = runs.read(run.id, root)
    assert (now.name, now.note, now.is_pinned) == ("My run", HOSTILE, True)
    assert rows(app)[0]["name"] == "My run"
    app.button(key="delete").click().run()
    assert not app.exception
    assert runs.all_runs(root) == []
    assert "job" not in parameters(app)


def test_one_more_than_may_be_pinned_is_refused(root: Path, quick_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished(root, quick_root)
    monkeypatch.setattr(runs, "MAX_PINNED", 0)
    app = opened("train", job=run.id)
    app.button(key="pin").click().run()
    assert md("0 runs are pinned already, which is the most. Unpin one first.") in shown_text(app)
    assert not runs.read(run.id, root).is_pinned


@pytest.mark.parametrize(
    ("file", "content"), [(runs.JOB, "{"), (runs.PROCESS, '{"pid": -1}'), (runs.END, "[]")], ids=lambda it: it[:4]
)
def test_a_damaged_run_is_shown_and_can_be_deleted(root: Path, file: str, content: str) -> None:
    run, other = made(root), made(root, name="Sound")
    (run.folder / file).write_text(content)
    app = opened("train", job=run.id)
    assert md(f"Damaged: {file} in its folder cannot be read") in app.error[0].value
    assert {row["id"] for row in given_to(app, "runs")["runs"]} == {run.id, other.id}
    app.button(key="delete").click().run()
    assert not app.exception
    assert [run.id for run in runs.all_runs(root)] == [other.id]


def test_a_finished_run_without_its_model_can_be_deleted(root: Path) -> None:
    run = made(root)
    runs.end(run, State.FINISHED, "", 1.0)
    app = opened("train", job=run.id)
    assert app.error
    app.button(key="delete").click().run()
    assert runs.all_runs(root) == []


def test_hostile_names_stay_text(root: Path, quick_root: Path) -> None:
    run = finished(root, quick_root, name=HOSTILE)
    app = opened("train", job=run.id)
    assert rows(app)[0]["name"] == run.name == HOSTILE
    told = shown_text(app)
    assert md(HOSTILE) in told
    assert HOSTILE not in told


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (State.FAILED, "It needed more than 4.0 GB of memory."),
        (State.CANCELLED, "Stopped; nothing was kept."),
        (State.INTERRUPTED, "The server went away while it was running."),
    ],
)
def test_a_run_without_a_model_says_why_and_can_be_repeated(root: Path, state: State, message: str) -> None:
    run = made(root, "als", reg_i=3.0)
    runs.end(run, state, message, 2.0)
    app = opened("train", job=run.id)
    assert md(message) in shown_text(app)
    assert "to_compare" not in buttons(app)
    app.button(key="again").click().run()
    newest = runs.all_runs(root)[0]
    assert newest.id != run.id
    assert newest.request.settings == {"reg_i": 3.0}
    assert newest.request.model == "als"


def test_the_settings_of_a_run_go_back_into_the_form(root: Path) -> None:
    run = made(root, "als", reg_i=3.5)
    runs.end(run, State.FAILED, "no", 2.0)
    app = opened("train")
    assert given_to(app, "choice")["chosen"] == "bpr"
    app.query_params["job"] = run.id
    app.run().button(key="reuse").click().run()
    assert given_to(app, "choice")["chosen"] == "als"
    app.button(key="train").click().run()
    assert runs.all_runs(root)[0].request.settings["reg_i"] == 3.5
    assert runs.all_runs(root)[0].request.preset == ""


def test_after_a_reload_the_form_has_the_model_of_the_run_that_is_open(root: Path, quick_root: Path) -> None:
    assert given_to(opened("train"), "choice")["chosen"] == train_draft.FIRST
    running(root, model="gru")
    app = opened("train")
    assert given_to(app, "choice")["chosen"] == "gru"
    older = finished(root, quick_root, reg_i=0.5)
    assert given_to(opened("train", job=older.id), "choice")["chosen"] == "als"
    app.query_params["job"] = older.id  # within a session, what was chosen stays
    assert given_to(app.run(), "choice")["chosen"] == "gru"


@pytest.mark.parametrize("address", [None, "0.0.0.0"])
def test_a_public_server_is_read_only(root: Path, quick_root: Path, monkeypatch, address) -> None:
    finished(root, quick_root)
    open_run = running(root)
    monkeypatch.delenv("RECSYS_ALLOW_TRAINING")
    monkeypatch.setattr(train_jobs.st, "get_option", _with_address(address))
    app = opened("train")
    assert "Training is switched off on this server\\." in shown_text(app)
    assert "other people" not in shown_text(app)
    assert not buttons(app) & {"train", "cancel", "keep_best", "delete", "pin", "again", "train_sweep"}
    assert len(rows(app)) == 2
    assert given_to(app, "job")["progress"] == "epoch 3 of 10"
    assert not open_run.stop_request


def _with_address(address: str | None):
    import streamlit

    real = streamlit.get_option
    return lambda name: address if name == "server.address" else real(name)


def test_a_click_that_was_sent_after_training_was_switched_off_does_nothing(root: Path, monkeypatch) -> None:
    run = running(root)
    app = opened("train")
    monkeypatch.setenv("RECSYS_ALLOW_TRAINING", "0")
    app.button(key="train").click().run()
    assert [each.id for each in runs.all_runs(root)] == [run.id]
    assert "switched off" in shown_text(app)


def test_settings_are_checked_again_by_the_server(root: Path) -> None:
    app = opened("train")
    app.query_params["folds"] = "advanced"
    app.run()
    before = app.number_input(key="train_set_bpr_learning_rate").value
    app.number_input(key="train_set_bpr_learning_rate").set_value(0.0).run()
    assert "learning\\_rate must be above 0" in shown_text(app)
    assert app.number_input(key="train_set_bpr_learning_rate").value == before
    app.number_input(key="train_set_bpr_n_factors").set_value(33).run()
    assert app.segmented_control(key="train_preset").value == train_draft.OWN
    app.button(key="train").click().run()
    assert runs.all_runs(root)[0].request.settings["n_factors"] == 33


def test_a_draft_that_was_tampered_with_never_becomes_a_run(root: Path) -> None:
    app = opened("train")
    draft = app.session_state["recsys_train_draft"]
    app.session_state["recsys_train_draft"] = train_draft.replace(draft, settings={"n_epochs": 10**9})
    app.button(key="train").click().run()
    assert runs.all_runs(root) == []
    assert "n\\_epochs must be between 1 and 200" in shown_text(app)


@pytest.mark.parametrize("job", ["../../etc", "0001-nosuch-abcdef", "x" * 900, "0009-als-abcdef"])
def test_an_address_with_an_unknown_run_is_a_page_like_any_other(root: Path, job: str) -> None:
    app = opened("train", job=job)
    assert not app.exception
    assert app.title[0].value == "Train"
    if job == "0009-als-abcdef":
        assert "may have been deleted" in shown_text(app)


def test_a_run_deleted_while_it_is_shown(root: Path, quick_root: Path) -> None:
    run = finished(root, quick_root)
    app = opened("train", job=run.id)
    shutil.rmtree(run.folder)
    app.button(key="pin").click().run()
    assert not app.exception
    assert "may have been deleted" in shown_text(app)
    assert "None yet" in shown_text(app)


def test_a_run_whose_model_is_damaged_says_so_and_the_rest_stays(root: Path, quick_root: Path) -> None:
    good, bad = finished(root, quick_root), finished(root, quick_root, "svd")
    (bad.artifact / "manifest.json").write_text("{", encoding="utf-8")
    app = opened("train", job=bad.id)
    assert not app.exception
    assert app.error
    assert {row["id"]: row["can_be_picked"] for row in rows(app)} == {good.id: True, bad.id: False}


def duel_of(app: AppTest) -> dict[str, Any]:
    grids = [json.loads(e.proto.json)[0] for e in app.get("bidi_component") if e.proto.component_name == "recsys_grid"]
    [duel] = [grid for grid in grids if grid["caption"].startswith("Two runs")]
    return duel


def test_two_runs_of_a_model_are_compared_by_settings_results_and_curves(root: Path, quick_root: Path) -> None:
    first, second = finished(root, quick_root, n=4), finished(root, quick_root, n=4)
    _rewrite(first.artifact / "manifest.json", 3.0)
    app = opened("train")
    app.query_params["picked"] = f"{first.id},{second.id}"
    app.run()
    duel = duel_of(app)
    assert [head["text"] for head in duel["head"][1:]] == [second.name, first.name]
    rows_of = {row["label"]: [cell["text"] for cell in row["cells"]] for row in duel["rows"]}
    assert rows_of["reg_i"] == ["10", "3"]
    assert {"nDCG@10", "RMSE", "Training"} <= set(rows_of)
    assert "n_epochs" not in rows_of  # it does not differ
    assert not any(
        cell.get("strong") for row in duel["rows"] for cell in row["cells"]
    )  # nobody wins on the hidden part
    assert sum("duel_curves" in each.proto.id for each in app.get("plotly_chart")) == 2


def test_two_models_are_compared_by_their_results_alone(root: Path, quick_root: Path) -> None:
    first, second = finished(root, quick_root, n=4), finished(root, quick_root, "svd", n=4)
    app = opened("train")
    app.query_params["picked"] = f"{first.id},{second.id}"
    app.run()
    labels = [row["label"] for row in duel_of(app)["rows"]]
    assert labels[0] == "model"
    assert "n_factors" not in labels
    assert not any("duel" in each.proto.id for each in app.get("plotly_chart"))


def test_three_runs_of_a_model_draw_parallel_coordinates(root: Path, quick_root: Path) -> None:
    """None is the best: one training each tells no two apart. On the hidden part these are the same model."""
    for reg, n_epochs in ((5.0, 2), (10.0, 6), (20.0, 4)):
        run = finished(root, quick_root, n=n_epochs)
        if reg != 20.0:
            assert "With 3 runs or more of one model" in shown_text(opened("train"))
        path = run.artifact / "manifest.json"
        _rewrite(path, reg)
    app = opened("train")
    assert sum("curves" not in each.proto.id for each in app.get("plotly_chart")) == 1
    text = shown_text(app).replace("\\", "")
    assert "3 runs reach nDCG@10 0.0600 to 0.0200 on the validation part" in text
    assert "the highest (reg_i 10) is thick. One training each: those close to it may be as good." in text
    assert "makes its numbers optimistic" in shown_text(app)
    assert [row["cells"][0] for row in rows(app)] == ["0.040 nDCG@10", "0.060 nDCG@10", "0.020 nDCG@10"]
    for key, columns in (("run_table", "id,name,note,model,state,Best (validation part)"), ("lines_als", "reg_i")):
        text = saved(app, key, "csv")["text"]
        assert f"\r\n{columns}," in text
        assert "# seed: 0\r\n" in text
        assert len(text.splitlines()) == 7 + 3  # the facts and the head, and a row per run
    heads = given_to(app, "runs")["head"]
    assert [(head["text"], head["note"]) for head in heads[:3]] == [
        ("Best", "validation part"),
        ("nDCG@10", "hidden part"),
        ("RMSE", "hidden part"),
    ]


def _rewrite(path: Path, reg: float) -> None:
    """Another configuration in a manifest, with its hash made again as its writer makes it."""
    from recsys.serving import artifacts

    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["config"]["reg_i"] = reg
    raw["sha256"] = ""
    raw["sha256"] = artifacts._own_hash(raw)
    path.write_text(json.dumps(raw), encoding="utf-8")


def test_a_data_set_without_models_offers_all_six_as_one_queue(root: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path / "none"))
    app = opened("train")
    assert "nothing trained yet" in shown_text(app)
    app.button(key="train_six").click().run()
    queue = runs.all_runs(root)[::-1]
    assert [run.request.model for run in queue] == ["als", "svd", "autoencoder", "bpr", "gru", "autoint"]
    assert all(run.request.preset == "quick" for run in queue)
    assert "job" not in parameters(app)
    assert given_to(app, "job")["label"] == "ALS"
    assert "nothing trained yet" not in shown_text(app)


def test_data_with_nothing_to_learn_from_has_a_card_and_no_form(root: Path, tmp_path: Path) -> None:
    ratings = "".join(f"{user},{1 + user % 6},4,{880_000_000 + user}\n" for user in range(1, 21))
    films = "".join(f"{film},Film {film} (1999),Drama\n" for film in range(1, 7))
    files = {
        "ratings.csv": "userId,movieId,rating,timestamp\n" + ratings,
        "movies.csv": "movieId,title,genres\n" + films,
    }
    write_folder(tmp_path / "data" / "movielens", {name: text.encode() for name, text in files.items()})
    app = opened("train", dataset="movielens")
    assert any("nothing to learn from in movielens" in info.value for info in app.info)
    assert not app.error
    assert not {"train", "train_six"} & {button.key for button in app.button}


def test_a_grid_says_how_many_trials_it_has_and_starts(root: Path) -> None:
    app = opened("train")
    app.query_params["folds"] = "grid"
    app.run()
    app.session_state["grid_names_bpr"] = ["n_factors", "n_epochs"]
    app.run()
    app.text_input(key="grid_bpr_n_factors").set_value("8, 16,16").run()
    app.text_input(key="grid_bpr_n_epochs").set_value("1, 2, 3").run()
    assert "2 × 3 = 6 trials" in shown_text(app)
    app.text_input(key="grid_bpr_n_epochs").set_value("1, two").run()
    assert app.button(key="train_sweep").disabled
    assert "n\\_epochs must be a whole number" in shown_text(app)
    app.text_input(key="grid_bpr_n_epochs").set_value("1").run()
    app.button(key="train_sweep").click().run()
    [run] = runs.all_runs(root)
    assert run.request.kind == runs.SWEEP
    default = train_draft.full(train_draft.Draft("demo").entry, {})
    quick = app.session_state["recsys_train_draft"].settings
    in_the_form = {name: [value] for name, value in quick.items() if value != default[name]}
    assert in_the_form["learning_rate"] == [8e-3]
    assert run.request.grid == {**in_the_form, "n_factors": [8, 16], "n_epochs": [1]}
    assert given_to(app, "job")["progress"] == "2 trials, waiting for its turn"


def test_a_pipe_in_the_place_of_a_table_is_not_waited_for(root: Path) -> None:
    [run] = runs.create([Request("bpr", "demo", kind=runs.SWEEP, grid={})], [""], root, jobs.MAX_QUEUED)
    (run.folder / runs.SWEPT).mkdir()
    os.mkfifo(run.folder / runs.SWEPT / "bpr.json")
    assert train_sweep.read(run) == ("ndcg@10", [])


def test_a_sweep_fills_in_and_survives_nonsense(root: Path) -> None:
    grid = {"learning_rate": [0.01], "n_factors": [8, 16, 32]}
    request = Request("bpr", "demo", kind=runs.SWEEP, grid=grid)
    [run] = runs.create([request], [""], root, jobs.MAX_QUEUED)
    runs.write_json(run.folder / "process.json", {"pid": 999_999_999})
    assert "No trial has finished yet" in shown_text(opened("train"))
    folder = run.folder / runs.SWEPT
    folder.mkdir()
    trials = [{"settings": {"n_factors": n}, "value": n / 1000, "n_epochs": 4, "seconds": 1.0} for n in (8, 32, 16)]
    table = {"metric": "ndcg@10", "trials": trials[:2]}
    (folder / "bpr.json").write_text(json.dumps(table), encoding="utf-8")
    app = opened("train")
    assert given_to(app, "job")["progress"] == "2 of 3 trials"
    assert [row["cells"][0]["text"] for row in given_to(app, "grid")["rows"]] == ["32", "8"]
    assert "learning_rate" not in [head["text"] for head in given_to(app, "grid")["head"]]  # it is not varied
    app.button(key="keep_best").click().run()
    assert runs.read(run.id, root).stop_request == "keep"
    (folder / "bpr.json").write_text(json.dumps({**table, "trials": trials}), encoding="utf-8")
    runs.end(run, State.FINISHED, "", 9.0)
    app = opened("train", job=run.id)
    assert len(given_to(app, "grid")["rows"]) == 3
    assert rows(app)[0]["cells"][0] == "0.032 nDCG@10"
    assert len(app.get("plotly_chart")) == 1
    (folder / "bpr.json").write_text('{"metric": 3, "trials": [4]}', encoding="utf-8")
    assert "No trial has finished yet" in shown_text(opened("train", job=run.id))


def test_a_run_of_another_data_set_says_where_it_is(root: Path) -> None:
    [run] = runs.create([Request("als", "ml-100k")], ["x"], root, jobs.MAX_QUEUED)
    app = opened("train", job=run.id)
    assert "MovieLens 100K" in shown_text(app)


def test_show_in_compare_keeps_the_columns_that_are_there() -> None:
    ids = [f"{number:04d}-als-abcdef" for number in range(1, MAX_RUNS + 2)]
    for chosen, wanted in (
        (("svd",), (ids[0], "svd")),  # of an ALS, which comes before SVD
        (("svd", ids[0]), (ids[0], "svd")),
        (("svd", ids[1]), (ids[0], ids[1], "svd")),
        ((), ("als", ids[0], *MODELS_DEFAULT[1:])),  # the new list beside the old
    ):
        assert train_actions.columns(chosen, ids[0]) == wanted
    assert train_actions.columns(("als", *ids[:-1]), ids[-1]) == ("als", *ids[1:])


@pytest.mark.process
def test_curves_for_tensorboard_come_in_two_steps_and_what_fails_is_said(root: Path, quick_root: Path) -> None:
    run = finished(root, quick_root)
    app = opened("train", job=run.id)
    (run.folder / runs.PROGRESS).rename(root / "elsewhere")
    app.button(key="tensorboard").click().run()
    assert not app.exception
    assert "tensorboard_zip" not in {button.key for button in app.get("download_button")}
    assert any("has no curves any more" in error.value for error in app.error)
    (root / "elsewhere").rename(run.folder / runs.PROGRESS)
    app.button(key="tensorboard").click().run(timeout=120)
    assert not app.error
    assert "tensorboard_zip" in {button.key for button in app.get("download_button")}


# The parts that need no page


def test_time_is_promised_where_it_was_measured() -> None:
    quick = train_draft.with_preset(train_draft.Draft("ml-100k", "bpr"), "quick")
    assert "about 8 s from the click to the result" in train_draft.cost_in_words(quick, 100_000)
    larger = train_draft.replace(quick, dataset="ml-1m")
    assert "longer on larger data" in train_draft.cost_in_words(larger, 1_000_000)
    own = train_draft.with_preset(quick, train_draft.OWN)
    assert train_draft.cost_in_words(own, 100_000) == "4 epochs."
    shipped = train_draft.with_preset(quick, "shipped")
    assert "of training on the CPU" in train_draft.cost_in_words(shipped, 100_000)
    assert "in all" not in train_draft.cost_in_words(shipped, 100_000)


def test_a_busy_computer_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "n_cores", lambda: 2)
    monkeypatch.setattr("os.getloadavg", lambda: (10.0, 0.0, 0.0))
    text = shown_text(opened("train")).replace("\\", "")
    assert "This computer is busy: expect it to take about 6 times as long." in text
    monkeypatch.setattr("os.getloadavg", lambda: (1.5, 9.0, 9.0))
    assert "busy" not in shown_text(opened("train"))


def test_before_the_first_run_the_shipped_curve_of_the_chosen_model_is_drawn(root: Path) -> None:
    app = opened("train")
    assert "How BPR learnt as shipped." in shown_text(app)
    assert len(app.get("plotly_chart")) == 2
    app.button(key="train").click().run()
    assert "as shipped." not in shown_text(app)


def test_that_the_shipped_curve_is_damaged_is_said_and_the_form_works(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path / "damaged"))
    path = curves.path_of("demo", "bpr")
    path.parent.mkdir(parents=True)
    path.write_text("{")
    app = opened("train")
    assert "The learning curve in bpr.json cannot be read:" in app.error[0].value.replace("\\", "")
    app.button(key="train").click().run()
    assert len(app.error) == 1  # once more, beside the run


def test_the_curves_say_whose_seconds_the_dashed_line_has() -> None:
    shipped = learning_curves.LearningCurve("shipped", "grey", "ndcg@10", (), is_shipped=True, device="CPU, 2 cores")
    assert "the computer that it was trained on (CPU, 2 cores)" in learning_curves.note([shipped])


def test_values_around_those_of_the_form() -> None:
    assert train_sweep._example(setting("n_layers"), 4) == "2, 4, 8"
    assert train_sweep._example(setting("dense"), [64, 32]) == "64,32; 64"
    assert train_sweep._example(setting("dense"), [32]) == "32"


def setting(name: str):
    return next(each for each in limits.offered(train_draft.Draft("demo", "autoint").entry) if each.name == name)


def test_values_of_a_grid_are_read_once_each() -> None:
    assert train_sweep.values(setting("n_layers"), "1, 2,2 , 1") == [1, 2]
    assert train_sweep.values(setting("dense"), "64,32; 16") == [[64, 32], [16]]
    assert train_sweep.values(setting("products"), "true, false") == [True, False]
    assert train_sweep.values(setting("optimizer"), "adam") == ["adam"]
    for name, text in (("n_layers", "0"), ("n_layers", ""), ("dropout", "1"), ("optimizer", "sgd,"), ("dense", "0")):
        with pytest.raises(train_sweep.UsageError):
            train_sweep.values(setting(name), text)


def test_an_axis_moves_in_steps() -> None:
    assert learning_curves._steady([0.05, 0.15]) == learning_curves._steady([0.05, 0.149])
    assert learning_curves._steady([]) == [0.0, 1.0]
    low, high = learning_curves._steady([0.9, 0.95])
    assert low < 0.9 < 0.95 < high
    assert [learning_curves._round_up(value) for value in (0.0, 0.9, 1.1, 61.0)] == [0.0, 1.0, 2.0, 70.0]


def test_a_run_ranks_better_only_where_the_paired_test_says_so() -> None:
    """Of 60 users: one run is level with the shipped model and higher by chance, another is ahead for everybody."""
    random = np.random.default_rng(0)
    shipped, noise = random.uniform(0.2, 0.8, 60), random.normal(0, 0.1, 60)
    near = shipped + 0.005 + noise - noise.mean()
    assert near.mean() > shipped.mean()
    says = train_result.difference_in_words("Mine", statistics.compare("run", "shipped", near, shipped))
    assert "are too close to call on nDCG@10" in says
    says = train_result.difference_in_words("Mine", statistics.compare("run", "shipped", shipped + 0.1, shipped))
    assert "ranks better than the shipped model" in says
    # The test decides, not the interval, which of few users is too narrow: 2 of 16 signs are as far out.
    few = statistics.compare("run", "shipped", np.full(4, 0.5), np.array([0.1, 0.2, 0.3, 0.4]))
    assert few is not None
    assert few.low > 0
    assert "too close to call" in train_result.difference_in_words("Mine", few)


def test_only_settings_that_vary_are_drawn() -> None:
    settings = {"a": 1, "b": True, "c": "x", "d": 3}, {"a": 2, "b": False, "c": "y", "d": 3}
    trials = [train_parallel.Trial(each, 0.1) for each in settings]
    assert train_parallel.varied(trials) == ["a", "b"]


@pytest.mark.parametrize("entry", registry.ENTRIES, ids=lambda entry: entry.name)
def test_every_model_has_a_form(root: Path, entry: registry.Entry) -> None:
    app = opened("train")
    app.query_params["folds"] = "advanced"
    app.session_state["recsys_train_draft"] = train_draft.with_model(train_draft.Draft("demo"), entry.name)
    app.run()
    assert not app.exception
    assert not app.error
    keys = {element.key for kind in ("number_input", "text_input", "selectbox", "toggle") for element in app.get(kind)}
    assert {f"train_set_{entry.name}_{each.name}" for each in limits.offered(entry)} <= keys
