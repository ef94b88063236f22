"""The lessons: true of the program as it is, complete, and the metrics' second way to the same numbers."""

from __future__ import annotations

import inspect
import json
import math
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data import demo
from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation import metrics
from recsys.evaluation.evaluate import list_metrics
from recsys.evaluation.protocols import HOLDOUT, Task
from recsys.lessons import examples, source, worked
from recsys.lessons.base import DIMENSIONS, Code, Lesson, Place, Symbol, filled
from recsys.lessons.examples import Case
from recsys.lessons.glossary import METRIC_OF, METRICS, WORDS, On
from recsys.lessons.models import LESSONS
from recsys.models import registry
from recsys.models.settings import describe
from recsys.paths import ARTIFACTS, ROOT
from recsys.serving import artifacts, lists
from recsys.serving.artifacts import Artifact
from recsys.serving.fields import FIELDS
from recsys.serving.scorers import FactorScorer, Query, Unit
from recsys.ui import systems
from recsys.ui.components.worked import worked as worked_component
from recsys.ui.how_it_works import terms as lesson_terms
from recsys.ui.how_it_works.terms import NOTHING_LIKED, Screen
from recsys.ui.how_it_works.topics import PARTS, Topic
from recsys.ui.view import parse
from tests.conftest import QUICK_MODELS
from tests.libraries import not_for_the_app

ALL = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


# What the lessons say of the program


def test_there_is_a_lesson_for_each_of_the_six_and_for_two_baselines() -> None:
    main = [entry.name for entry in registry.ENTRIES if entry.is_main]
    assert list(LESSONS) == [*main, "popularity", "ease"]


@ALL
def test_a_lesson_has_all_its_parts(lesson: Lesson) -> None:
    assert len(lesson.idea) == 3
    for sentence in (*lesson.idea, *lesson.blind, lesson.flow.says, *(code.says for code in lesson.code)):
        assert sentence.strip().endswith((".", "?"))
    assert lesson.blind
    assert lesson.code
    assert lesson.formulas
    assert lesson.learns_from
    assert lesson.paper.startswith("https://") or lesson.name == "popularity"


@ALL
def test_a_diagram_hangs_together(lesson: Lesson) -> None:
    boxes = [box for row in lesson.flow.rows for box in row]
    keys = [box.key for box in boxes]
    assert len(keys) == len(set(keys))
    assert {box.kind for box in boxes} <= {"given", "learnt", "worked"}
    assert {"given", "learnt"} & {box.kind for box in boxes}
    assert {end for arrow in lesson.flow.arrows for end in arrow} == set(keys)
    row_of = {box.key: row for row, boxes in enumerate(lesson.flow.rows) for box in boxes}
    assert all(0 <= row_of[end] - row_of[start] <= 2 for start, end in lesson.flow.arrows)


@ALL
def test_every_piece_of_code_is_there(lesson: Lesson) -> None:
    for code in lesson.code:
        found = source.excerpt(code)
        lines = (ROOT / code.place.path).read_text(encoding="utf-8").splitlines()[found.first - 1 : found.last]
        assert [line.strip() for line in found.text.splitlines()] == [line.strip() for line in lines]
        assert 1 < len(lines) <= 60


def test_an_excerpt_is_the_definition_itself() -> None:
    from recsys.models import als, bpr
    from recsys.serving import fold_in

    whole = source.excerpt(Code(Place("recsys/serving/fold_in.py", "bias_of_new_user"), ""))
    assert whole.text == inspect.getsource(fold_in.bias_of_new_user).rstrip("\n")
    method = source.excerpt(Code(Place("recsys/models/als.py", "ALS.fit"), ""))
    assert method.text == inspect.cleandoc("\n" + inspect.getsource(als.ALS.fit))
    start = inspect.getsourcelines(bpr.film_weights)[1]
    assert source.excerpt(Code(Place("recsys/models/bpr.py", "film_weights"), "")).first == start


def test_the_constant_of_an_example_is_the_model_s() -> None:
    from recsys.models.autoencoder.network import FULL

    assert examples.FULL == FULL
    assert f"{FULL:.0f}" in LESSONS["autoencoder"].formulas[1].latex


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    """A program in which ALS.fit is called otherwise and a line of EASE has another text."""
    shutil.copytree(ROOT / "recsys" / "models", tmp_path / "recsys" / "models")
    for name, before, after in (
        ("als", "def fit(", "def train("),
        ("ease", "liked = train.ratings", "likes = train.ratings"),
    ):
        path = tmp_path / "recsys" / "models" / f"{name}.py"
        path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    return tmp_path


def test_what_was_renamed_is_missed(renamed: Path) -> None:
    with pytest.raises(UsageError, match=r"recsys/models/als\.py has no ALS\.fit any more"):
        source.excerpt(LESSONS["als"].code[0], renamed)
    with pytest.raises(UsageError, match=r"has no line with 'liked = train\.ratings' in EASE\.fit"):
        source.excerpt(LESSONS["ease"].code[0], renamed)
    with pytest.raises(UsageError, match=r"recsys/serving/fold_in\.py is not there any more"):
        source.excerpt(LESSONS["als"].code[2], renamed)


@ALL
def test_settings_and_words_are_those_of_the_model(lesson: Lesson) -> None:
    model_class = registry.entry(lesson.name).load()
    assert [(s.name, s.default, s.help) for s in source.settings_of(lesson.config)] == [
        (s.name, s.default, s.help) for s in describe(model_class.config_class)
    ]
    for name in ("looks_at", "new_user", "source"):
        assert source.words_of(lesson.model, name) == getattr(model_class, name)


# Formulas

_NAMES = re.compile(
    r"\\(begin|end)\{(aligned|cases)\}|\\(text|mathrm|operatorname)\{[^}]*\}|"
    r"\\(left|right|Big|big|frac|tfrac|sum|sqrt|log|ln|exp|tanh|min|top|lvert|rvert|lVert|rVert|cdot|quad|leftarrow|in|"
    r"geq|ldots|bigcup|cap|cup|if)(?![a-zA-Z])|\\[,;! \\]"
)


def balanced(latex: str) -> bool:
    depth = 0
    for letter in re.sub(r"\\[{}]", "", latex):
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            return False
    pairs = (r"\left", r"\right"), (r"\begin{", r"\end{"), (r"\lvert", r"\rvert"), (r"\lVert", r"\rVert")
    return depth == 0 and all(
        len(re.findall(re.escape(one) + r"(?![a-z])", latex)) == len(re.findall(re.escape(other) + r"(?![a-z])", latex))
        for one, other in pairs
    )


def unexplained(latex: str, symbols: tuple[Symbol, ...]) -> str:
    """The letters of a formula that are left when everything explained is taken away, the longest signs first."""
    left = _NAMES.sub(" ", latex)
    for symbol in sorted(symbols, key=lambda each: -len(each.latex)):
        left = re.sub(re.escape(symbol.latex) + (r"(?![a-zA-Z])" if symbol.latex[0] == "\\" else ""), " ", left)
    return re.sub(r"[^A-Za-z\\]", "", left)


def formulas() -> list[tuple[str, tuple[Symbol, ...]]]:
    of_lessons = [(f.latex, lesson.symbols) for lesson in LESSONS.values() for f in lesson.formulas]
    return of_lessons + [(metric.latex, metric.symbols) for metric in METRICS]


@pytest.mark.parametrize(("latex", "symbols"), formulas())
def test_a_formula_is_balanced_and_every_sign_in_it_is_explained(latex: str, symbols: tuple[Symbol, ...]) -> None:
    assert balanced(latex)
    assert unexplained(latex, symbols) == ""
    assert all(balanced(symbol.latex) and "|" not in symbol.latex for symbol in symbols)  # it stands in a table


def test_the_checks_of_formulas_find_mistakes() -> None:
    assert not balanced(r"\frac{1}{n")
    assert not balanced(r"\left( x")
    assert unexplained(r"\hat r_{ui} = \mu + b_u", (Symbol(r"\hat r_{ui}", ""), Symbol("b_u", ""))) == "\\mu"
    assert unexplained("b_u + q_i", (Symbol("b_u", ""),)) == "qi"


@ALL
def test_every_sign_is_used_and_every_shape_has_letters(lesson: Lesson) -> None:
    written = " ".join(formula.latex for formula in lesson.formulas)
    settings = {each.name for each in source.settings_of(lesson.config)}
    for symbol in lesson.symbols:
        assert symbol.latex in written
        assert set(symbol.shape) <= set(DIMENSIONS)
        assert not symbol.setting or symbol.setting in settings
    assert len({symbol.latex for symbol in lesson.symbols}) == len(lesson.symbols)


# Numbers


@pytest.fixture(scope="module")
def task() -> Task:
    return HOLDOUT.final(demo.build())


def shipped(lesson: Lesson, known: Dataset) -> tuple[dict, dict]:
    """Sizes and configuration of the demo's model in this repository."""
    manifest = artifacts.read_manifest(ARTIFACTS / "demo" / "models" / lesson.name)
    config = {each.name: each.default for each in source.settings_of(lesson.config)} | manifest.config
    return lesson.sizes_of(known, config, manifest.scorer["settings"]), config


@ALL
def test_a_diagram_has_no_blank_left(lesson: Lesson, task: Task) -> None:
    sizes, config = shipped(lesson, task.known)
    texts = [filled(text, sizes, config) for row in lesson.flow.rows for box in row for text in (box.title, box.note)]
    assert not [text for text in texts if "{" in text]


@pytest.mark.parametrize("name", ["als", "svd", "bpr", "popularity", "ease"])
def test_as_many_numbers_are_learnt_as_are_stored_of_factors(name: str, task: Task) -> None:
    lesson = LESSONS[name]
    sizes, config = shipped(lesson, task.known)
    with np.load(ARTIFACTS / "demo" / "models" / name / artifacts.ARRAYS, allow_pickle=False) as stored:
        n_stored = sum(stored[key].size for key in stored.files)
        if name in ("svd", "bpr"):
            assert stored["item_factors"].shape == (sizes["I"], sizes["D"])
    learnt = lesson.parameters(sizes, config)
    not_stored = learnt.get("mean", 0)  # it stands in the manifest
    unused = sizes["I"] if name == "ease" else 0  # biases of zero
    assert sum(learnt.values()) == n_stored + not_stored - unused


@pytest.mark.parametrize("name", ["autoencoder", "gru", "autoint"])
def test_as_many_numbers_are_learnt_as_are_in_the_graph(name: str, task: Task) -> None:
    onnx = pytest.importorskip("onnx")
    lesson = LESSONS[name]
    sizes, config = shipped(lesson, task.known)
    graph = onnx.load(str(ARTIFACTS / "demo" / "models" / name / artifacts.GRAPH)).graph
    weights = {
        w.name: tuple(w.dims)
        for w in graph.initializer
        if w.data_type == onnx.TensorProto.FLOAT and w.dims and "column_mean" not in w.name and "truediv" not in w.name
    }
    n_stored = sum(int(np.prod(shape)) for shape in weights.values())
    if name == "gru":  # the films' vectors stand there twice, once turned over
        n_stored -= sizes["I"] * sizes["D"]
    assert sum(lesson.parameters(sizes, config).values()) == n_stored


# The metrics, term by term


def test_ndcg_by_hand() -> None:
    found = worked.ndcg(np.array([True, False, True, False]), 2)
    assert [term.working for term in found.terms] == ["1 ÷ log₂(2)", "0", "1 ÷ log₂(4)", "0"]
    assert [term.value for term in found.terms] == [1.0, 0.0, 0.5, 0.0]
    assert [step.label for step in found.steps] == ["DCG", "IDCG, of the best list", "nDCG"]
    assert found.steps[0].value == 1.5
    assert found.steps[1].value == pytest.approx(1.6309297536)
    assert found.value == pytest.approx(0.9197207891)
    assert found.steps[2].working == "1.500 ÷ 1.631"


def test_average_precision_by_hand() -> None:
    found = worked.average_precision(np.array([False, True, True, False]), 3)
    assert [term.working for term in found.terms] == ["0", "1 ÷ 2", "2 ÷ 3", "0"]
    assert found.value == pytest.approx((1 / 2 + 2 / 3) / 3)
    assert worked.reciprocal_rank(np.array([False, True, True]), 3).value == 0.5
    assert worked.reciprocal_rank(np.zeros(3, dtype=bool), 3).value == 0.0


@given(st.lists(st.booleans(), min_size=1, max_size=50), st.integers(0, 60))
def test_terms_lead_to_the_metric(hits: list[bool], more: int) -> None:
    found, n_relevant = np.array(hits), max(sum(hits) + more, 1)
    assert set(worked.OF_HITS) == set(metrics.LIST_METRICS)
    for name, metric in metrics.LIST_METRICS.items():
        official = float(metric(found[None], np.array([n_relevant]))[0])
        assert worked.OF_HITS[name](found, n_relevant).value == pytest.approx(official, abs=1e-12)


def test_a_number_is_short_and_a_long_sum_is_cut() -> None:
    assert worked.show(-0.5) == "−0.500"
    assert worked.show(1234.0) == "1,234"
    assert worked.show(float("nan")) == "–"
    assert worked.added([0.0, 0.0]) == "0"
    assert worked.added([1.0] * 9) == "1 + 1 + 1 + 1 + 1 + …"


def test_metrics_of_films_against_the_official_ones(task: Task) -> None:
    random, known = np.random.default_rng(0), task.known
    for _ in range(50):
        items = random.permutation(known.n_items)[: random.integers(2, 21)]
        counts, genres = known.item_counts[items], known.catalog.genres[items]
        for found, official in (
            (worked.novelty(counts, known.n_users), metrics.novelty(items[None], known.item_counts, known.n_users)),
            (worked.popularity(counts), metrics.popularity(items[None], known.item_counts)),
            (worked.diversity(genres), metrics.diversity(items[None], known.catalog.genres)),
        ):
            assert found.value == pytest.approx(float(official[0]), abs=1e-6)


def test_metrics_of_ratings_by_hand() -> None:
    stars, predicted = np.array([5.0, 3.0, 3.0]), np.array([4.0, 3.5, 4.5])
    assert worked.rmse(stars, predicted).value == pytest.approx(np.sqrt((1 + 0.25 + 2.25) / 3))
    assert worked.mae(stars, predicted).value == pytest.approx(1.0)
    pairs = worked.fcp(stars, predicted)
    assert pairs is not None
    assert pairs.value == 0.5  # above the one, below the other
    assert worked.fcp(np.array([4.0, 4.0]), np.array([1.0, 2.0])) is None
    area = worked.auc(np.array([True, False, False]), np.array([1.0, 1.0, 0.0]))
    assert area is not None
    assert area.value == 0.75
    assert worked.auc(np.array([True, True]), np.array([1.0, 0.0])) is None
    loss = worked.log_loss(np.array([True, False]), np.array([0.5, 0.75]))
    assert loss.value == pytest.approx((np.log(2) + np.log(4)) / 2)
    assert np.isfinite(worked.log_loss(np.array([True]), np.array([0.0])).value)
    curve = np.array([[0.1, 0.2, 30.0], [0.8, 0.5, 10.0]])
    assert worked.calibration(curve).value == pytest.approx(metrics.calibration_error(curve))


def screen(dataset: Dataset, task: Task, loaded: Artifact, user: int, k: int) -> Screen:
    name, history = loaded.manifest.model, task.known.history(user)
    full = lists.model_list(name, loaded.scorer, history, task.relevant_of(user), dataset.n_items)
    return Screen(task, user, k, loaded.scorer, full)


@pytest.mark.parametrize("model", QUICK_MODELS)
def test_the_terms_on_screen_add_up_to_what_is_measured(model: str, task: Task, quick_root: Path) -> None:
    """For many users: the number of the Compare page, and the one per user that the model's evaluation has."""
    dataset = demo.build()
    loaded = artifacts.load(quick_root / "demo" / "models" / model, dataset)
    measured = artifacts.load_evaluation(quick_root / "demo" / "models" / model)
    n_without = 0
    for user in range(0, dataset.n_users, 13):
        for k in (5, 10):
            shown = screen(dataset, task, loaded, user, k)
            n_relevant = len(task.relevant_of(user))
            official = list_metrics(shown.top, n_relevant, k)
            for metric in METRICS:
                if metric.on is On.EVERYBODY or metric.name == "calibration_error":
                    continue
                found = lesson_terms.of(metric, shown)
                if isinstance(found, str):
                    n_without += found == NOTHING_LIKED
                    key = f"{metric.name}@{k}" if metric.name in official else metric.name
                    assert np.isnan(measured.get(key, np.full(dataset.n_users, np.nan))[user])
                    continue
                value, rows = found[0].value, found[1]
                assert len(rows) == len(found[0].terms)
                if metric.name in official:
                    assert value == pytest.approx(official[metric.name], abs=1e-6)
                    assert value == pytest.approx(float(measured[f"{metric.name}@{k}"][user]), abs=1e-6)
                elif metric.name in measured and (k == 10 or metric.on not in (On.HITS, On.FILMS)):
                    assert value == pytest.approx(float(measured[metric.name][user]), rel=1e-5, abs=1e-6)


def test_every_metric_of_the_app_is_in_the_glossary() -> None:
    from recsys.ui.leaderboard.metric_columns import COLUMN_OF, GROUPS

    costs = {column.name for column in GROUPS[-1][2]}
    shown = {name.partition("@")[0] for name in COLUMN_OF} - costs
    assert shown == {metric.name for metric in METRICS}
    for metric in METRICS:
        assert metric.label == metrics.METRICS[metric.name].label  # lessons do not import what measures
        assert metric.rewards.endswith(".")
        assert metric.hides.endswith(".")


def test_a_list_that_ran_out_of_films_has_no_hits_below_its_end(task: Task) -> None:
    scorer = FactorScorer(unit=Unit.VIEWERS, query=Query.CONSTANT, item_bias=np.zeros(3, dtype=np.float32))
    full = lists.ModelList(
        model="popularity",
        unit=Unit.VIEWERS,
        items=np.array([2, 0], dtype=np.int32),
        scores=np.zeros(2, dtype=np.float32),
        is_hit=np.array([True, False]),
        missed_ranks=np.zeros(0, dtype=np.int64),
        typical_score=0.0,
    )
    user = next(u for u in range(task.known.n_users) if len(task.relevant_of(u)))
    shown = Screen(task, user, 4, scorer, full)
    found = lesson_terms.of(METRIC_OF["precision"], shown)
    assert not isinstance(found, str)
    assert found[0].value == 0.25
    assert [row.label for row in found[1]][2:] == ["no film left", "no film left"]


def test_a_long_table_of_terms_says_what_the_rest_adds() -> None:
    found = worked.mae(np.zeros(40), np.ones(40))
    rows = [worked_component.Row(f"<b>{number}</b>") for number in range(40)]
    data = worked_component.payload(found, rows, title="t", model=systems.of("svd"), foot="", hit_word="")
    assert len(data["rows"]) == worked_component.MOST_ROWS
    assert data["more"] == "and 10 more, which add 10"
    assert data["rows"][0]["label"] == "<b>0</b>"  # data: the component writes it as text
    assert data["steps"][-1]["value"] == "1"
    json.dumps(data)


# Examples


@pytest.mark.parametrize("name", LESSONS)
def test_an_example_ends_in_the_score_of_the_list(name: str, task: Task) -> None:
    dataset = demo.build()
    loaded = artifacts.load(ARTIFACTS / "demo" / "models" / name, dataset)
    for user in (0, 17, dataset.n_users - 1):
        shown = screen(dataset, task, loaded, user, 10)
        later = task.held_out.rows_of(user)
        case = Case(
            known=task.known,
            history=task.known.history(user),
            next_film=int(task.held_out.items[later[0]]),
            scorer=loaded.scorer,
            full=shown.full,
            settings=loaded.manifest.scorer["settings"],
        )
        example = examples.of(name, case)
        assert example is not None
        score = float(shown.full.scores[0])
        expected = float(dataset.scale.clip(np.array(score))) if name == "autoencoder" else score
        assert example.result == pytest.approx(expected, rel=1e-4, abs=1e-5)
        assert all(line.label for line in example.lines)
        empty = replace(case, full=shown.full.first(0))
        assert examples.of(name, empty) is None
    if name == "autoint":
        assert [line.label for line in example.lines[:-1]] == list(FIELDS)
        by_field = {line.label: line.value for line in example.lines}
        assert by_field["zip area"] == "not shown"
        film = int(shown.full.items[0])
        assert by_field["film"] == dataset.catalog.titles[film]
        assert by_field["release year"] == str(dataset.catalog.years[film])
        assert by_field["film decade"] == f"{dataset.catalog.years[film] // 10}0s"
        genres = [by_field[f"genre {n}"] for n in (1, 2, 3)]
        assert [g for g in genres if g != "unknown"] == list(dataset.catalog.genres_of(film))[:3]


def test_bpr_compares_a_rated_film_with_the_hardest_of_several_as_in_training(task: Task) -> None:
    dataset = demo.build()
    loaded = artifacts.load(ARTIFACTS / "demo" / "models" / "bpr", dataset)
    user, catalog = 17, dataset.catalog
    shown, history = screen(dataset, task, loaded, user, 10), task.known.history(user)
    case = Case(task.known, history, None, loaded.scorer, shown.full, {})
    lines = examples.of("bpr", case).lines
    scores = loaded.scorer.score([history])[0].astype(float)
    unseen = np.setdiff1d(np.arange(dataset.n_items), history.items)
    # Simulated: the median score of the best of so many draws is that of the film in the example.
    drawn = np.random.default_rng(0).choice(unseen, (40_001, loaded.scorer.n_candidates))
    middle = float(np.median(scores[drawn].max(axis=1)))
    ranked = -np.sort(-scores[unseen])
    place = int(re.search(r"place ([\d,]+)", lines[4].working)[1].replace(",", "")) - 1
    assert abs(place - int(np.searchsorted(-ranked, -middle))) <= 1 + 0.01 * len(unseen)
    assert str(loaded.scorer.n_candidates) in lines[4].label
    rated = history.items[history.ratings >= loaded.scorer.min_rating]
    assert lines[3].working == catalog.titles[rated[-1]]
    margin = scores[rated[-1]] - ranked[place]
    assert [line.value for line in lines[3:6]] == [worked.show(x) for x in (scores[rated[-1]], ranked[place], margin)]
    assert lines[-1].value == worked.show(math.log1p(math.exp(-margin)))
    nothing = replace(history, items=history.items[:0], ratings=history.ratings[:0], timestamps=history.timestamps[:0])
    assert len(examples.of("bpr", replace(case, history=nothing)).lines) == 3


# Topics and words


def test_a_topic_is_found_by_its_name() -> None:
    for part in (*LESSONS, *PARTS):
        assert Topic.of(part).part == part
        assert Topic.of(part).text == part
    one = Topic.of("metrics-hit-rate-autoencoder-items")
    assert (one.part, one.metric.name, one.model) == ("metrics", "hit_rate", "autoencoder-items")
    assert Topic.of("metrics-map").metric.name == "map"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "metrics-",
        "metrics-nonsense",
        "metrics-ndcg-nobody",
        "random",
        "x" * 99,
        "metrics-ndcg-0007-nobody-3fa2c1",
    ],
)
def test_any_other_topic_is_the_overview(text: str) -> None:
    assert Topic.of(text) == Topic()
    assert Topic.of(text).text == ""


def test_every_topic_fits_into_an_address() -> None:
    longest_run = f"123456789-{max(registry.BY_NAME, key=len)}-3fa2c1"
    for metric in METRICS:
        for model in ("", *registry.BY_NAME, longest_run):
            topic = Topic("metrics", metric, model)
            assert parse({"topic": topic.text}, []).topic == topic.text
            assert Topic.of(topic.text) == topic


def test_the_words_are_in_order_and_explained() -> None:
    assert list(WORDS) == sorted(WORDS, key=str.lower)
    assert {
        "Fold-in",
        "Holdout",
        "Leakage",
        "Implicit feedback",
        "Explicit feedback",
        "Cold start",
        "Embedding",
    } <= set(WORDS)
    assert all(meaning.endswith(".") for meaning in WORDS.values())


@pytest.mark.process
def test_the_lessons_load_no_framework_and_no_model() -> None:
    code = "import sys, recsys.lessons, recsys.lessons.examples, recsys.lessons.source; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    modules = done.stdout.split()
    assert not_for_the_app(modules) == []
    assert "streamlit" not in modules
