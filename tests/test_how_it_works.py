"""The page "How it works", run by Streamlit itself on the demo's quick models; the browser's part is in tests/e2e."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from recsys import artifacts, compare, demo
from recsys.errors import UsageError
from recsys.lessons import LESSONS, source
from recsys.lessons.glossary import METRICS
from recsys.lessons.topics import PARTS
from recsys.protocols import HOLDOUT
from recsys.registry import entry
from recsys.ui.how_it_works.terms import NOTHING_LIKED
from recsys.ui.text import md

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORKS = ("torch", "tensorflow", "keras", "surprise", "sklearn", "scipy", "recsys.models", "plotly.express")


def opened(**parameters: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/how_it_works.py")
    app.query_params.update(parameters)
    app.run()
    assert not app.exception
    return app


def at(app: AppTest, topic: str) -> AppTest:
    """The same visitor, at another part of the page."""
    app.query_params["topic"] = topic
    app.run()
    assert not app.exception
    return app


def given_to(app: AppTest, component: str) -> dict[str, Any]:
    for element in app.get("bidi_component"):
        if element.proto.component_name == f"recsys_{component}":
            return json.loads(element.proto.json)[0]
    raise AssertionError(f"There is no {component} on the page.")


def drawn(app: AppTest) -> set[str]:
    return {element.proto.component_name.removeprefix("recsys_") for element in app.get("bidi_component")}


def text_of(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.main.markdown, *app.main.caption))


def topic_of(app: AppTest) -> str:
    value = app.query_params.get("topic", "")
    return value if isinstance(value, str) else value[-1]


@pytest.mark.parametrize("topic", ["", "nonsense", "metrics-nonsense"])
def test_without_a_part_there_is_the_overview(trained: Path, topic: str) -> None:
    app = opened(topic=topic)
    assert not app.error
    data = given_to(app, "topics")
    assert data["chosen"] == ""
    assert [card["label"] for card in data["cards"]] == [entry(name).label for name in LESSONS]
    assert [pill["topic"] for group in data["groups"] for pill in group["items"]] == ["", *LESSONS, *PARTS]
    assert topic_of(app) == ""


def test_every_lesson_opens_with_all_its_parts(trained: Path) -> None:
    app = opened()
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
        assert [code.value for code in app.main.code] == [source.excerpt(code).text for code in lesson.code]
        said = text_of(app)
        for sentence in (*lesson.idea, *lesson.blind):
            assert md(sentence) in said
        for setting in source.settings_of(lesson.config):
            assert f"`{setting.name}` {md(setting.help)}" in said
        is_trained = (trained / name).is_dir()
        assert ("worked" in drawn(app)) == is_trained
        assert ("Measured as on the Leaderboard" in said) == is_trained
        assert ("has not been trained on this data set yet" in said) == (not is_trained)


def test_settings_and_shapes_are_those_of_the_shipped_model(trained: Path) -> None:
    manifest = artifacts.read_manifest(trained / "svd")
    changed = {**manifest.config, "n_factors": 7}
    raw = json.loads((trained / "svd" / "manifest.json").read_text(encoding="utf-8")) | {"config": changed}
    raw["sha256"] = artifacts._own_hash(raw)
    (trained / "svd" / "manifest.json").write_text(json.dumps(raw), encoding="utf-8")
    app = opened(topic="svd")
    said = text_of(app)
    known = HOLDOUT.final(demo.build()).known
    assert "| 7 (default: 100) |" in said
    assert f"$U \\times D$ = {known.n_users:,}\u00a0×\u00a07" in said
    n = 1 + (known.n_users + known.n_items) * 8
    assert f"Learnt from {len(known):,} ratings: **{n:,} numbers**" in said


def test_nothing_trained_still_teaches(lonely: Path) -> None:
    app = opened()
    for name, lesson in LESSONS.items():
        at(app, name)
        assert not app.error
        assert "These are the defaults that it would be trained with" in text_of(app)
        assert len(app.main.latex) == len(lesson.formulas)
        assert drawn(app) == {"topics", "flow"}
    at(app, "metrics")
    assert "python -m recsys train all --dataset demo" in [code.value for code in app.main.code]
    assert "nDCG" in app.main.latex[0].value
    assert len(at(app, "frameworks").main.code) == 7


def test_a_broken_model_is_a_sentence(trained: Path) -> None:
    (trained / "svd" / "arrays.npz").write_bytes(b"PK")
    app = opened(topic="svd")
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
    app = opened(topic="ease")
    assert not app.error
    assert md("has no BPR.fit any more") in text_of(app)
    assert not app.main.code


def test_the_metric_on_screen_is_the_one_of_the_compare_page(trained: Path) -> None:
    dataset = demo.build()
    task = HOLDOUT.final(dataset)
    user = next(u for u in range(100, dataset.n_users) if len(task.relevant_of(u)) > 3)
    raw = int(dataset.viewers.ids.ids[user])
    scorer = artifacts.load(trained / "ease", dataset).scorer
    listed = compare.model_list("ease", scorer, task.known.history(user), task.relevant_of(user), 12)
    official = compare.list_metrics(listed, len(task.relevant_of(user)), 12)
    app = opened(topic="metrics-ndcg-ease", user=str(raw), k="12")
    for metric in METRICS[:6]:
        at(app, f"metrics-{metric.slug}-ease")
        data = given_to(app, "worked")
        assert data["title"] == f"{metric.label} of user {raw}: the first 12 films of EASE"
        assert len(data["rows"]) == 12
        assert [row["hit"] for row in data["rows"]] == listed.is_hit.tolist()
        assert dataset.catalog.titles[int(listed.items[0])] in data["rows"][0]["label"]
        assert float(data["steps"][-1]["value"]) == pytest.approx(official[metric.name], abs=5.1e-4)


def test_every_metric_opens_for_every_kind_of_model(trained: Path) -> None:
    app = opened()
    for metric in METRICS:
        for model in ("svd", "ease"):
            at(app, f"metrics-{metric.slug}-{model}")
            assert not app.error
            assert metric.latex in app.main.latex[0].value
            assert md(metric.hides) in text_of(app)
    at(app, "metrics-rmse-ease")
    assert "predicts no stars" in text_of(app)
    at(app, "metrics-coverage-svd")
    assert "stand in at least one of them" in text_of(app)


def test_the_controls_write_the_address(trained: Path) -> None:
    app = opened(topic="metrics", models="svd,ease")
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


def test_a_user_who_liked_nothing_of_it_is_told_so(trained: Path) -> None:
    dataset = demo.build()
    task = HOLDOUT.final(dataset)
    users = [u for u in range(dataset.n_users) if len(task.relevant_of(u)) == 0]
    if not users:
        pytest.skip("everybody in the demo liked something")
    app = opened(topic="metrics", user=str(int(dataset.viewers.ids.ids[users[0]])))
    assert md(NOTHING_LIKED) in text_of(app)
    assert "worked" not in drawn(app)


def test_another_user_has_another_example(trained: Path) -> None:
    before = given_to(opened(topic="als", user="7"), "worked")["steps"]
    after = given_to(opened(topic="als", user="8"), "worked")["steps"]
    assert before[0] == after[0]  # the mean
    assert (before[1]["label"], after[1]["label"]) == ("bias of user 7", "bias of user 8")
    assert before[1]["value"] != after[1]["value"]


def test_the_words_are_there(trained: Path) -> None:
    said = text_of(opened(topic="words"))
    assert "**Fold\\-in**" in said
    assert "**Leakage**" in said


@pytest.mark.parametrize("value", ["<script>alert(1)</script>", "x" * 1000, "METRICS", "als%00", "../als"])
def test_nonsense_in_the_address_is_the_overview(trained: Path, value: str) -> None:
    app = opened(topic=value)
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
    assert "recsys.teaching.bias_mf_torch" not in modules
    loaded = [name for name in modules if any(name == f or name.startswith(f"{f}.") for f in FRAMEWORKS)]
    assert [name for name in loaded if name not in ("recsys.models", "recsys.models.base")] == []
