"""The page "How it works", run by Streamlit itself on the demo's quick models; the browser's part is in tests/e2e."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recsys.data import demo
from recsys.errors import UsageError
from recsys.evaluation.evaluate import list_metrics
from recsys.evaluation.protocols import HOLDOUT
from recsys.lessons import source
from recsys.lessons.glossary import METRICS
from recsys.lessons.models import LESSONS
from recsys.models.registry import entry
from recsys.paths import ROOT
from recsys.serving import artifacts, lists
from recsys.training.jobs import runs
from recsys.ui.components.code import code
from recsys.ui.how_it_works.metrics import SEEN_LEFT_OUT
from recsys.ui.how_it_works.terms import NOTHING_LIKED
from recsys.ui.how_it_works.topics import PARTS
from recsys.ui.text import md
from tests.app import add_run, drawn, given_to, opened
from tests.libraries import not_for_the_app


def at(app: AppTest, topic: str) -> AppTest:
    """The same visitor, at another part of the page."""
    app.query_params["topic"] = topic
    app.run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.main.markdown, *app.main.caption))


def shown_code(app: AppTest) -> list[str]:
    """The excerpts on the page, their coloured pieces put together again."""
    elements = [each.proto for each in app.get("bidi_component") if each.proto.component_name == "recsys_code"]
    return ["".join(text for _, text in json.loads(each.json)[0]["pieces"]) for each in elements]


def topic_of(app: AppTest) -> str:
    value = app.query_params.get("topic", "")
    return value if isinstance(value, str) else value[-1]


@pytest.mark.parametrize("topic", ["", "nonsense", "metrics-nonsense"])
def test_without_a_part_there_is_the_overview(trained: Path, topic: str) -> None:
    app = opened("how_it_works", topic=topic)
    assert not app.error
    data = given_to(app, "topics")
    assert data["chosen"] == ""
    assert [card["label"] for card in data["cards"]] == [entry(name).label for name in LESSONS]
    assert [pill["topic"] for group in data["groups"] for pill in group["items"]] == ["", *LESSONS, *PARTS]
    assert topic_of(app) == ""


def test_every_lesson_opens_with_all_its_parts(trained: Path) -> None:
    app = opened("how_it_works")
    for name, lesson in LESSONS.items():
        at(app, name)
        assert not app.error, name
        assert topic_of(app) == name
        assert given_to(app, "topics")["chosen"] == name
        assert given_to(app, "topics")["cards"] == []
        flow = given_to(app, "flow")
        assert len(flow["rows"]) == len(lesson.flow.rows)
        assert not [box for row in flow["rows"] for box in row if "{" in box["title"] + box["note"]]
        assert [latex.value.strip("$\n ") for latex in app.main.latex] == [f.latex for f in lesson.formulas]
        assert shown_code(app) == [source.excerpt(code).text for code in lesson.code]
        said = text_of(app)
        for sentence in (*lesson.idea, *lesson.blind):
            assert md(sentence) in said
        for setting in source.settings_of(lesson.config):
            assert f"`{setting.name}` {md(setting.help)}" in said
        is_trained = (trained / "models" / name).is_dir()
        assert ("worked" in drawn(app)) == is_trained
        assert ("Measured as on the Leaderboard" in said) == is_trained
        assert ("has not been trained on this data set yet" in said) == (not is_trained)


def test_settings_and_shapes_are_those_of_the_shipped_model(trained: Path) -> None:
    manifest = artifacts.read_manifest(trained / "models" / "svd")
    changed = {**manifest.config, "n_factors": 7}
    raw = json.loads((trained / "models" / "svd" / "manifest.json").read_text(encoding="utf-8")) | {"config": changed}
    raw["sha256"] = artifacts._own_hash(raw)
    (trained / "models" / "svd" / "manifest.json").write_text(json.dumps(raw), encoding="utf-8")
    app = opened("how_it_works", topic="svd")
    said = text_of(app)
    known = HOLDOUT.final(demo.build()).known
    assert "| 7 (default: 100) |" in said
    assert f"$U \\times D$ = {known.n_users:,}\u00a0×\u00a07" in said
    n = 1 + (known.n_users + known.n_items) * 8
    assert f"Learnt from {len(known):,} ratings: **{n:,} numbers**" in said


def test_nothing_trained_still_teaches(lonely: Path) -> None:
    app = opened("how_it_works")
    for name, lesson in LESSONS.items():
        at(app, name)
        assert not app.error
        assert "These are the defaults that it would be trained with" in text_of(app)
        assert len(app.main.latex) == len(lesson.formulas)
        assert drawn(app) == {"topics", "flow", "code"}
    at(app, "metrics")
    assert "python -m recsys train all --dataset demo" in [code.value for code in app.main.code]
    assert "nDCG" in app.main.latex[0].value
    assert len(shown_code(at(app, "frameworks"))) == 6


def test_a_broken_model_is_a_sentence(trained: Path) -> None:
    (trained / "models" / "svd" / "arrays.npz").write_bytes(b"PK")
    app = opened("how_it_works", topic="svd")
    assert not app.error
    assert "damaged" in text_of(app)
    assert "worked" not in drawn(app)
    at(app, "metrics-ndcg-svd")
    assert not app.error
    assert "damaged" in text_of(app)


def test_code_that_is_not_there_any_more_is_a_sentence(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_arguments: object) -> None:
        raise UsageError("recsys/models/bpr.py has no BPR.fit any more, so its code cannot be shown.")

    monkeypatch.setattr(source, "excerpt", gone)
    app = opened("how_it_works", topic="ease")
    assert not app.error
    assert md("has no BPR.fit any more") in text_of(app)
    assert not shown_code(app)


def test_code_is_coloured_by_its_tokens_and_stays_whole() -> None:
    text = 'def f(x):  # "no" text\n    return f"{x} if" + \'\'\n'
    pieces = code.pieces(text)
    assert "".join(piece for _, piece in pieces) == text
    assert [(kind, piece) for kind, piece in pieces if kind in ("keyword", "comment")] == [
        ("keyword", "def"),
        ("comment", '# "no" text'),
        ("keyword", "return"),
    ]
    cut = "total = sum(\n    value\n"  # its bracket is closed below the excerpt
    assert "".join(piece for _, piece in code.pieces(cut)) == cut


def test_the_metric_on_screen_is_the_one_of_the_compare_page(trained: Path) -> None:
    dataset = demo.build()
    task = HOLDOUT.final(dataset)
    user = next(u for u in range(100, dataset.n_users) if len(task.relevant_of(u)) > 3)
    raw = int(dataset.viewers.ids.ids[user])
    scorer = artifacts.load(trained / "models" / "ease", dataset).scorer
    listed = lists.model_list("ease", scorer, task.known.history(user), task.relevant_of(user), 12)
    official = list_metrics(listed, len(task.relevant_of(user)), 12)
    app = opened("how_it_works", topic="metrics-ndcg-ease", user=str(raw), k="12")
    for metric in METRICS[:6]:
        at(app, f"metrics-{metric.slug}-ease")
        data = given_to(app, "worked")
        assert data["title"] == f"{metric.label} of user {raw}: the first 12 films of EASE"
        assert len(data["rows"]) == 12
        assert [row["hit"] for row in data["rows"]] == listed.is_hit.tolist()
        assert dataset.catalog.titles[int(listed.items[0])] in data["rows"][0]["label"]
        assert data["rows"][0]["film"] == dataset.catalog.ids.ids[int(listed.items[0])]
        assert data["link"].startswith("film?")
        assert data["link"].endswith("film=FILM")
        assert "topic=" not in data["link"]
        assert float(data["steps"][-1]["value"]) == pytest.approx(official[metric.name], abs=5.1e-4)


def worked_without_links(app: AppTest) -> dict[str, Any]:
    """What is worked out; where its films lead to depends on the view."""
    return {**given_to(app, "worked"), "link": ""}


def test_metrics_leave_seen_films_out_whatever_the_view_lists(trained: Path) -> None:
    app, listed = (opened("how_it_works", topic="metrics-ndcg-svd", user="7", **more) for more in ({}, {"seen": "1"}))
    assert worked_without_links(listed) == worked_without_links(app)
    assert SEEN_LEFT_OUT in text_of(listed)
    assert SEEN_LEFT_OUT not in text_of(app)
    at(listed, "metrics-serendipity-svd")
    assert worked_without_links(listed) == worked_without_links(at(app, "metrics-serendipity-svd"))
    assert SEEN_LEFT_OUT not in text_of(at(listed, "metrics-rmse-svd"))  # of held-out films, not of a list


def test_a_mean_says_over_whom_it_is(trained: Path) -> None:
    task = HOLDOUT.final(demo.build())
    n = sum(len(task.relevant_of(user)) > 0 for user in range(task.known.n_users))
    foot = given_to(opened("how_it_works", topic="metrics-ndcg-svd", user="7"), "worked")["foot"]
    assert foot.startswith(f"Over the {n:,} users who liked at least one held-out film, SVD has 0.")
    per_user = artifacts.load_evaluation(trained / "models" / "svd")["ndcg@10"]
    assert int(np.isfinite(per_user).sum()) == n
    novelty = given_to(opened("how_it_works", topic="metrics-novelty-svd", user="7"), "worked")["foot"]
    assert novelty.startswith("Over all users, lists of 10, SVD has ")


def test_every_metric_opens_for_every_kind_of_model(trained: Path) -> None:
    app = opened("how_it_works")
    for metric in METRICS:
        for model in ("svd", "ease"):
            at(app, f"metrics-{metric.slug}-{model}")
            assert not app.error
            assert metric.latex in app.main.latex[0].value
            assert md(metric.hides) in text_of(app)
    at(app, "metrics-rmse-ease")
    assert "predicts no stars" in text_of(app)
    at(app, "metrics-coverage-svd")
    assert "are in at least one of them" in text_of(app)


def test_the_controls_write_the_address(trained: Path) -> None:
    app = opened("how_it_works", topic="metrics", models="svd,ease")
    assert app.selectbox(key="metric_model").value == "svd"  # of those on screen, the first
    app.selectbox(key="metric_model").set_value("popularity").run()
    assert topic_of(app) == "metrics-ndcg-popularity"
    app.slider(key="metric_k").set_value(7).run()
    assert app.query_params["k"] in ("7", ["7"])
    assert len(given_to(app, "worked")["rows"]) == 7
    app.get("button_group")[0].set_value("hit-rate").run()
    assert not app.exception
    assert topic_of(app) == "metrics-hit-rate-popularity"
    assert given_to(app, "worked")["title"].startswith("Hit rate")


# Runs


def test_a_run_is_worked_out_like_a_shipped_model(trained: Path) -> None:
    run = add_run("EASE", "ease")
    app = opened("how_it_works", topic="metrics-ndcg-ease", user="7", models=f"als,{run.id}")
    assert app.selectbox(key="metric_model").options[-1] == "EASE · EASE, trained here"
    shipped = given_to(app, "worked")
    app.selectbox(key="metric_model").set_value(run.id).run()
    assert not app.exception
    assert topic_of(app) == f"metrics-ndcg-{run.id}"
    own = given_to(app, "worked")
    assert own["title"] == "nDCG of user 7: the first 10 films of \u2068EASE\u2069"
    assert (own["rows"], own["steps"], own["color"]) == (shipped["rows"], shipped["steps"], shipped["color"])
    assert (own["family"], shipped["family"]) == ("EASE, trained here", "")
    assert own["foot"] == shipped["foot"].replace("EASE", "\u2068EASE\u2069")
    for metric in METRICS:
        at(app, f"metrics-{metric.slug}-{run.id}")
        assert not app.error
        assert topic_of(app) == f"metrics-{metric.slug}-{run.id}"
        assert app.selectbox(key="metric_model").value == run.id


def test_runs_of_one_name_can_both_be_chosen(trained: Path) -> None:
    first, second = add_run("Twin", "svd"), add_run("Twin", "svd")
    chosen = opened("how_it_works", topic="metrics").selectbox(key="metric_model")
    assert chosen.options[-2:] == ["Twin · SVD, trained here", "Twin · SVD, trained here, run 2"]
    assert topic_of(chosen.set_value(first.id).run()) == f"metrics-ndcg-{first.id}"
    assert topic_of(chosen.set_value(second.id).run()) == f"metrics-ndcg-{second.id}"


def test_a_run_on_screen_is_the_first_choice(trained: Path) -> None:
    run = add_run("Mine", "svd")
    app = opened("how_it_works", topic="metrics", models=run.id)
    assert app.selectbox(key="metric_model").value == run.id
    assert "Mine" in given_to(app, "worked")["title"]


@pytest.mark.parametrize("name", ["M*A*S*H", "<script>alert(1)</script>", "$x$ :red[no]"])
def test_the_name_of_a_run_is_data(trained: Path, name: str) -> None:
    run = add_run(name, "svd")
    app = opened("how_it_works", topic=f"metrics-coverage-{run.id}")
    assert md(f"\u2068{name}\u2069") in text_of(app)


def test_a_run_that_cannot_be_shown_is_a_sentence(trained: Path) -> None:
    gone, waiting = add_run("Gone", "svd"), add_run("Waiting", "svd", is_over=False)
    app = opened("how_it_works", topic=f"metrics-ndcg-{gone.id}")
    assert "Gone" in given_to(app, "worked")["title"]
    runs.delete(gone)
    app.run()
    assert not app.exception
    assert not app.error
    assert md("may have been deleted") in text_of(app)
    assert app.selectbox(key="metric_model").value == gone.id
    assert "worked" not in drawn(app)
    at(app, f"metrics-rmse-{waiting.id}")
    assert md("still waiting to be trained") in text_of(app)
    app.selectbox(key="metric_model").set_value("als").run()
    assert "worked" in drawn(app)
    elsewhere = add_run("Elsewhere", "svd")
    facts = json.loads((elsewhere.folder / "job.json").read_text(encoding="utf-8"))
    facts["request"]["dataset"] = "ml-100k"
    (elsewhere.folder / "job.json").write_text(json.dumps(facts), encoding="utf-8")
    assert "Elsewhere" not in "".join(at(app, "metrics").selectbox(key="metric_model").options)
    assert md("trained on another data set") in text_of(at(app, f"metrics-ndcg-{elsewhere.id}"))


def test_a_damaged_run_says_so_without_a_command_that_would_not_mend_it(trained: Path) -> None:
    run = add_run("Mine", "svd")
    (run.artifact / artifacts.ARRAYS).write_bytes(b"PK")
    said = text_of(opened("how_it_works", topic=f"metrics-ndcg-{run.id}"))
    assert "damaged" in said
    assert "python" not in said


def test_with_runs_alone_there_is_something_to_work_out(trained: Path) -> None:
    run = add_run("Mine", "ease")
    shutil.rmtree(trained)
    app = opened("how_it_works", topic="metrics")
    assert app.selectbox(key="metric_model").value == run.id
    assert "worked" in drawn(app)


def test_a_user_who_liked_nothing_of_it_is_told_so(trained: Path) -> None:
    dataset = demo.build()
    task = HOLDOUT.final(dataset)
    users = [u for u in range(dataset.n_users) if len(task.relevant_of(u)) == 0]
    if not users:
        pytest.skip("everybody in the demo liked something")
    app = opened("how_it_works", topic="metrics", user=str(int(dataset.viewers.ids.ids[users[0]])))
    assert md(NOTHING_LIKED) in text_of(app)
    assert "worked" not in drawn(app)


def test_another_user_has_another_example(trained: Path) -> None:
    before = given_to(opened("how_it_works", topic="als", user="7"), "worked")["steps"]
    after = given_to(opened("how_it_works", topic="als", user="8"), "worked")["steps"]
    assert before[0] == after[0]  # the mean
    assert (before[1]["label"], after[1]["label"]) == ("bias of user 7", "bias of user 8")
    assert before[1]["value"] != after[1]["value"]


def test_the_words_are_there(trained: Path) -> None:
    said = text_of(opened("how_it_works", topic="words"))
    assert "**Fold\\-in**" in said
    assert "**Leakage**" in said


@pytest.mark.parametrize("value", ["<script>alert(1)</script>", "x" * 1000, "METRICS", "als%00", "../als"])
def test_nonsense_in_the_address_is_the_overview(trained: Path, value: str) -> None:
    app = opened("how_it_works", topic=value)
    assert not app.error
    assert given_to(app, "topics")["chosen"] == ""
    assert topic_of(app) == ""


@pytest.mark.process
def test_the_page_loads_no_framework(trained: Path) -> None:
    program = f"""
import json, sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(ROOT / "app.py")!r}, default_timeout=60).run()
app.switch_page("pages/how_it_works.py").run()
for topic in {[*LESSONS, *PARTS]!r}:
    app.query_params["topic"] = topic
    app.run()
    assert not app.exception and not app.error
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    modules = json.loads(done.stdout.strip().splitlines()[-1])
    assert "recsys.ui.how_it_works.page" in modules
    assert "recsys.lessons.frameworks.bias_mf_torch" not in modules
    assert not_for_the_app(modules) == []
