"""The Leaderboard's parts: what they say and what they are given, on the demo's quick models and the shipped ones."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recsys.data.dataset import Dataset
from recsys.evaluation import results
from recsys.evaluation.leaderboard import PAIRS, Lens, Pair, StarsAndLists, lens
from recsys.evaluation.results import Result
from recsys.evaluation.statistics import compare_all
from recsys.models import registry
from recsys.serving import artifacts, records
from recsys.training import search
from recsys.ui import charts, loaders, systems
from recsys.ui.components.checks import checks
from recsys.ui.components.grid import grid
from recsys.ui.components.slices import slices
from recsys.ui.export import Table
from recsys.ui.leaderboard import cost as board_cost
from recsys.ui.leaderboard import duel as board_duel
from recsys.ui.leaderboard import pairs as board_pairs
from recsys.ui.leaderboard import people as board_people
from recsys.ui.leaderboard import popularity as board_popularity
from recsys.ui.leaderboard import protocols as board_protocols
from recsys.ui.leaderboard import searches, second_opinion, standings
from recsys.ui.leaderboard.standings import Standing
from recsys.ui.text import md
from recsys.ui.view import TABS, View
from tests.app import ROOT, given_to, opened, parameters

NAN = float("nan")


def said(app: AppTest) -> str:
    text = "\n".join(element.value for kind in ("markdown", "caption") for element in app.main.get(kind))
    return re.sub(r"\[([^]]*)\]\(how_it_works[^)]*\)", r"\1", text).replace("\\", "")


def record(
    root: Path, protocol: str, per_user: dict[str, np.ndarray] | None = None, **values: dict[str, float]
) -> None:
    """Put figures on record for the demo; `per_user` has a model's nDCG@10 of each user."""
    for model, summary in values.items():
        result = Result(
            model=model,
            label=registry.entry(model).label,
            dataset={"name": "demo", "fingerprint": ""},
            protocol=protocol,
            config={},
            by_seed={"0": dict(summary), "1": {name: value * 1.1 for name, value in summary.items()}},
            train_seconds=1.0,
            intervals={},
            standard_errors={},
            versions={},
            per_user={"n_held_out": np.ones(3, dtype=np.float32)}
            | ({"ndcg@10": per_user[model]} if per_user is not None else {}),
        )
        results.write(result, root)


# The page, as Streamlit runs it


@pytest.mark.parametrize("tab", TABS)
def test_every_part_opens_by_its_address(trained: Path, tab: str) -> None:
    app = opened("leaderboard", tab=tab)
    assert not app.error
    assert parameters(app).get("tab", TABS[0]) == tab
    drawn = {element.proto.component_name for element in app.get("bidi_component")}
    assert ("recsys_scores" in drawn) == (tab == "standings")


def test_only_the_open_part_runs(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise AssertionError("a part that is not open ran")

    monkeypatch.setattr("recsys.evaluation.sanity.nothing_seen_is_recommended", fail)
    monkeypatch.setattr("recsys.ui.leaderboard.pairs.compare_all", fail)
    app = opened("leaderboard")
    assert not app.error
    assert not app.get("plotly_chart")


def test_the_standings_say_who_wins_by_how_much_and_over_whom(trained: Path) -> None:
    app = opened("leaderboard")
    text = said(app)
    assert "on nDCG@10" in text
    assert "95 % CI" in text
    assert "users)" in text
    assert "plain popularity" in text
    assert "Protocol holdout" in text
    assert "RMSE, MAE, FCP, AUC and log loss are taken over all hidden ratings" in text
    assert [model["label"] for model in given_to(app, "scores")["models"]] == ["ALS", "SVD", "Popularity", "EASE"]


def test_the_table_is_saved_with_where_its_numbers_come_from(given: list[Standing], demo_dataset: Dataset) -> None:
    saved = Table("Leaderboard", *standings.table(given), standings.facts(demo_dataset.name, given))
    content = saved.csv().decode("utf-8-sig")
    head, body = content.splitlines()[:6], content.splitlines()[6:]
    assert [line.split(":")[0] for line in head] == [
        *("# title", "# data set", "# protocol", "# seed", "# version", "# date")
    ]
    assert head[1:4] == ["# data set: demo", "# protocol: holdout", "# seed: 0"]
    assert [row.split(",")[0] for row in body] == ["model", "ALS", "SVD", "Popularity", "EASE"]
    assert len({len(row.split(",")) for row in body}) == 1
    markdown = saved.markdown().decode()
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(given)
    assert {line.count("|") for line in rows} == {len(saved.header) + 1}
    assert "data set\\: demo" in markdown
    latex = saved.latex().decode()
    assert latex.count(r" \\") == 1 + len(given)
    assert r"users\_counted" in latex
    assert "seed: 0" in latex


def test_models_that_are_not_trained_are_one_line(trained: Path) -> None:
    line = said(opened("leaderboard")).splitlines()[-1]
    assert line.startswith("Not trained here: AutoEncoder, BPR, GRU, AutoInt+, Random.")
    assert "python -m recsys train autoencoder,bpr,gru,autoint,random --dataset demo" in line


def test_more_models_come_when_they_are_asked_for(trained: Path) -> None:
    folder = trained / "models" / "ials"
    shutil.copytree(trained / "models" / "ease", folder)
    manifest = json.loads((folder / artifacts.MANIFEST).read_text(encoding="utf-8")) | {
        "model": "ials",
        "label": "iALS",
    }
    manifest["sha256"] = artifacts._own_hash(manifest)
    (folder / artifacts.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    app = opened("leaderboard")
    assert "iALS" not in [model["label"] for model in given_to(app, "scores")["models"]]
    app.toggle(key="more").set_value(True).run()
    assert not app.exception
    assert parameters(app) == {"more": "1"}
    assert "iALS" in [model["label"] for model in given_to(app, "scores")["models"]]
    assert "NeuMF" in said(app).splitlines()[-1]


def test_nothing_on_record_is_said_with_the_command(trained: Path) -> None:
    app = opened("leaderboard", tab="protocols")
    assert "Nothing has been measured" in app.main.info[0].value
    assert app.main.code[0].value.startswith("python -m recsys evaluate --protocol naive-ctr,rate,naive-ae,")


def test_the_lens_shows_the_order_on_both_sides(trained: Path) -> None:
    """Of 60 users: all three cross, but which of SVD and EASE is higher is chance on both sides."""
    random = np.random.default_rng(0)
    base, noise = random.uniform(0.1, 0.2, 60), random.normal(0, 0.05, 60)
    near = base + noise - noise.mean()
    honest, naive = {"als": base - 0.1, "svd": base, "ease": near}, {"als": base + 0.1, "svd": base, "ease": near}
    record(trained.parent, "next", honest, als={"ndcg@10": 0.1}, svd={"ndcg@10": 0.2}, ease={"ndcg@10": 0.3})
    record(trained.parent, "sampled", naive, als={"ndcg@10": 0.9}, svd={"ndcg@10": 0.8}, ease={"ndcg@10": 0.7})
    app = opened("leaderboard", tab="protocols")
    assert len(app.get("plotly_chart")) == 1
    text = said(app)
    assert "2 pairs of models clearly swap: EASE is ahead of ALS honestly and behind it naively" in text
    assert "What is wrong with" in text
    assert "Krichene" in text
    assert "--protocol naive-ctr,rate,naive-ae," in text
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert [trace["y"] for trace in spec["data"]] == [[1, 3], [2, 2], [3, 1]]


def test_a_second_opinion_stands_beside_the_headline(trained: Path, demo_dataset: Dataset) -> None:
    assert "Not measured here yet. To measure: `python -m recsys evaluate --protocol holdout-time" in said(
        opened("leaderboard", tab="protocols")
    )
    later = {name: np.full(demo_dataset.n_users, NAN) for name in ("als", "ease", "svd")}
    for name, values in {"als": [0.1] * 24, "ease": [0.5, 0.6] * 12}.items():
        later[name][:24] = values
    record(trained.parent, "holdout-time", later, als={"ndcg@10": 0.1}, ease={"ndcg@10": 0.55})
    (results.folder_of("demo", "holdout-time", trained.parent) / "svd.json").write_text("{")
    app = opened("leaderboard", tab="protocols")
    assert ["svd.json" in card.value.replace("\\", "") for card in app.error] == [True]
    assert "EASE leads on nDCG@10, 0.450 ahead of ALS (95 % CI 0.429 to 0.471, 24 users)" in said(app)
    table = given_to(app, "slices")
    assert [model["label"] for model in table["models"]] == ["ALS", "EASE"]
    assert [row["label"] for row in table["rows"]] == ["holdout", "holdout-time", "holdout"]
    assert [(row["n"], row["few"]) for row in table["rows"][1:]] == [
        (24, False),
        (23, False),  # one of them liked none of their last films
    ]
    assert [cell["text"] for cell in table["rows"][1]["cells"]] == ["0.100", "0.550"]


def test_a_moment_of_a_longer_schedule_is_drawn_and_does_not_count(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = search.folder_of("demo", "next")
    trials = [
        {"settings": {}, "value": value, "n_epochs": 15, "seconds": 1.0, "config": {"n_epochs": n_epochs}}
        for value, n_epochs in ((0.9, 20), (0.3, 15))
    ]
    best = {name: trials[1][name] for name in ("value", "config")}
    of = {"model": "gru", "dataset": "demo", "fingerprint": "", "protocol": "next, validation part", "seed": 0}
    records.write(folder / "gru.json", {**of, "metric": "ndcg@10", "best": best, "trials": trials})
    records.write(folder / "als.json", {**of, "metric": "ndcg@10", "best": best, "trials": trials})  # is GRU's
    app = opened("leaderboard", tab="searches")
    assert [md("it is of the model gru, and lies where als belongs") in each.value for each in app.error] == [True]
    # Where the server keeps it is nobody's business.
    shown = app.error[0].value.replace("\\", "")
    assert str(artifacts.artifacts_root()) not in shown
    assert f"rm {artifacts.artifacts_root().name}/demo/searches/next/als.json" in shown
    text = said(app)
    assert "GRU: one setting is on record, with nDCG@10 0.3000" in text
    assert "epoch 15 of 20 is not what a schedule of that length would give" in text
    assert app.get("plotly_chart")[0].proto.alt == "Dots of trials. epoch 15: 0.3000; epoch 15 of 20: 0.9000."
    assert searches.trials_table([trials[1], trials[0]], "ndcg@10", n_counted=1) == (
        ["place", "ndcg@10", "n_epochs", "best_epoch", "seconds", "counts"],
        [[1, 0.3, "15", 15, 1.0, True], [2, 0.9, "20", 15, 1.0, False]],
    )


def test_a_damaged_result_is_a_card_and_the_others_go_on(trained: Path) -> None:
    for protocol in ("next", "sampled"):
        record(trained.parent, protocol, als={"ndcg@10": 0.1}, svd={"ndcg@10": 0.2}, ease={"ndcg@10": 0.3})
    (results.folder_of("demo", "next", trained.parent) / "svd.json").write_text("{")
    app = opened("leaderboard", tab="protocols")
    (card,) = app.error
    assert "svd.json cannot be read" in card.value.replace("\\", "")
    assert "evaluate --protocol next --dataset demo --models svd --record" in card.value.replace("\\", "")
    assert app.get("plotly_chart")[0].proto.alt.endswith("EASE 1 to 1; ALS 2 to 2.")


def test_a_damaged_result_stands_above_the_spread_over_seeds(trained: Path) -> None:
    record(trained.parent, "holdout", als={"ndcg@10": 0.1})
    (results.folder_of("demo", "holdout", trained.parent) / "als.json").write_text("{")
    assert not opened("leaderboard").error
    (error,) = standings.damaged("demo", ["holdout", "holdout"], ["als", "svd"])
    assert "als.json cannot be read" in str(error)


def test_the_checks_are_made_and_named(trained: Path) -> None:
    board = given_to(opened("leaderboard", tab="checks"), "checks")
    assert board["title"] == "All 5 checks passed; 1 could not be run"
    assert [check["state"] for check in board["checks"]] == ["passed"] * 5 + ["not checked"]


def test_a_damaged_model_turns_the_checks_red(trained: Path) -> None:
    (trained / "models" / "svd" / artifacts.ARRAYS).write_bytes(b"PK")
    board = given_to(opened("leaderboard", tab="checks"), "checks")
    assert board["state"] == "failed"
    failed = [check["claim"] for check in board["checks"] if check["state"] == "failed"]
    assert failed == [
        "Every trained model answers",
        "Every file of every model has the contents that were written",
    ]


@pytest.mark.parametrize("tab", TABS)
def test_without_a_single_number_every_part_still_opens(trained: Path, tab: str) -> None:
    for name in ("als", "svd", "popularity", "ease"):
        (trained / "models" / name / artifacts.EVALUATION).write_bytes(b"PK")
    app = opened("leaderboard", tab=tab)
    assert not app.error


@pytest.fixture
def shipped(lonely: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The artifacts of this repository; the demo is their data."""
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(ROOT / "artifacts"))


@pytest.mark.parametrize("tab", TABS)
def test_the_shipped_models_fill_every_part(shipped: None, tab: str) -> None:
    app = opened("leaderboard", tab=tab)
    assert not app.error
    n_charts = {"people": 1, "cost": 1, "popularity": 2}
    assert len(app.get("plotly_chart")) >= n_charts.get(tab, 0)
    for chart in app.get("plotly_chart"):
        assert chart.proto.alt


# What the parts are given


@pytest.fixture
def given(demo_dataset: Dataset, quick_root: Path, monkeypatch: pytest.MonkeyPatch) -> list[Standing]:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(quick_root))
    return standings.standings(demo_dataset)


def test_the_matrix_is_the_same_both_ways_round(given: list[Standing]) -> None:
    pairs = compare_all(standings.per_user_of(given, "ndcg@10"))
    grid = board_pairs.matrix(given, pairs)
    json.dumps(grid, allow_nan=False)
    cells = [row["cells"] for row in grid["rows"]]
    for row in range(len(given)):
        assert cells[row][row]["tone"] == "self"
        for column in range(row):
            there, back = cells[row][column], cells[column][row]
            assert there["text"].lstrip("+−") == back["text"].lstrip("+−")
            assert there["text"][0] != back["text"][0]
            assert there["notes"][1].split(" / ") == back["notes"][1].split(" / ")[::-1]
            assert there["notes"][2] == back["notes"][2]
            low, high = there["notes"][0].split(" to ")
            assert [flipped(high), flipped(low)] == back["notes"][0].split(" to ")
    assert board_pairs.summary(pairs, 4).endswith("of the 6 pairs of 4 models differ by more than chance explains")


def flipped(text: str) -> str:
    return text[1:] if text.startswith("−") else text if set(text) <= set("0.") else f"−{text}"


def test_the_spread_over_seeds_is_said_apart() -> None:
    assert board_pairs.over_seeds(None) == "one seed"
    facts: dict[str, Any] = dict.fromkeys(("model", "label", "protocol"), "")
    facts |= {name: {} for name in ("dataset", "config", "intervals", "standard_errors", "versions")}
    one = Result(**facts, by_seed={"0": {"ndcg@10": 0.2}}, train_seconds=1.0)
    several = Result(**facts, by_seed={str(i): {"ndcg@10": 0.2 + 0.1 * i} for i in range(3)}, train_seconds=1.0)
    assert board_pairs.over_seeds(one) == "one seed"
    assert board_pairs.over_seeds(several) == "0.300 ± 0.100, 3 seeds"


def test_a_column_has_its_margin_and_a_cost_has_none(given: list[Standing]) -> None:
    columns = columns_of(given)
    assert columns["ndcg@10"]["margin"] == columns["train_seconds"]["margin"] == columns["novelty"]["margin"] == ""
    assert "Recall@10" in columns["recall@10"]["margin"]
    assert "stars" in columns["rmse"]["margin"]
    assert "CI" not in columns["rmse"]["margin"]  # the mean of the users' errors is another number
    assert columns["coverage"]["margin"] == "Coverage is not made of users' values, so no test can say who leads."
    assert not any(columns["coverage"]["best"] + columns["train_seconds"]["best"] + columns["novelty"]["best"])
    assert sum(columns["n_bytes"]["best"]) == 1


def columns_of(given: list[Standing]) -> dict[str, Any]:
    tops = standings.at_the_top_of_each("demo", given)
    groups = standings.payload(given, tops, View())["groups"]
    return {column["name"]: column for group in groups for column in group["columns"]}


def test_slices_cover_everybody_once(demo_dataset: Dataset) -> None:
    for kind in ("activity", "gender", "age", "taste"):
        users = np.concatenate([part.users for part in board_people.slices(demo_dataset, kind)])
        assert len(np.unique(users)) == len(users) <= demo_dataset.n_users
    assert sum(len(part.users) for part in board_people.slices(demo_dataset, "activity")) == demo_dataset.n_users


def test_a_small_group_is_marked_and_leads_nothing() -> None:
    values = {"als": np.array([0.1] * 30 + [0.9] * 5), "svd": np.array([0.2] * 30 + [0.1] * 5)}
    parts = [
        slices.Slice("Everybody", np.arange(35)),
        slices.Slice("many", np.arange(30)),
        slices.Slice("few", np.arange(30, 35)),
        slices.Slice("nobody", np.zeros(0, dtype=int)),
    ]
    table = slices.payload([(part, values) for part in parts])
    json.dumps(table, allow_nan=False)
    assert [(row["label"], row["n"], row["few"]) for row in table["rows"]] == [
        ("Everybody", 35, False),
        ("many", 30, False),
        ("few", 5, True),
    ]
    assert table["title"] == "SVD leads in every group that is large enough to tell"
    assert [[cell["mark"] for cell in row["cells"]] for row in table["rows"]] == [
        ["level"] * 2,
        ["", "leads"],
        ["", ""],
    ]
    assert [row["says"] for row in table["rows"]] == ["level: ALS and SVD", "SVD leads", ""]


def test_a_group_in_which_a_model_is_undefined_has_a_dash() -> None:
    values = {"als": np.full(25, NAN), "svd": np.full(25, 0.5)}
    [row] = slices.payload([(slices.Slice("Everybody", np.arange(25)), values)])["rows"]
    assert [cell["text"] for cell in row["cells"]] == ["–", "0.500"]
    assert [cell["mark"] for cell in row["cells"]] == ["", ""]  # without a rival there is nothing to lead


def groups(**values: list[float]) -> list[tuple[slices.Slice, dict[str, np.ndarray]]]:
    """Two groups of 30 users: how far SVD and EASE are from ALS in each, every user alike."""
    base = np.random.default_rng(0).random(60)
    per_user = {"als": base} | {name: base + np.repeat(by, 30) for name, by in values.items()}
    parts = [("Everybody", 0, 60), ("young", 0, 30), ("old", 30, 60)]
    return [(slices.Slice(label, np.arange(start, end)), per_user) for label, start, end in parts]


def test_a_group_that_is_too_close_to_call_names_no_leader() -> None:
    table = slices.payload(groups(svd=[0.2, 0.1], ease=[0.1, 0.1]))
    assert table["title"] == "Who leads: SVD for young; too close to call for old"
    assert table["says"] == "SVD is never clearly behind."
    assert [row["says"] for row in table["rows"]] == ["SVD leads", "SVD leads", "level: SVD and EASE"]
    assert [cell["mark"] for cell in table["rows"][2]["cells"]] == ["", "level", "level"]
    both = slices.payload(groups(svd=[0.2, 0.1], ease=[0.1, 0.2]))
    assert (both["title"], both["says"]) == ("Who leads: SVD for young; EASE for old", "")
    none = slices.payload(groups(svd=[0.1, 0.1], ease=[0.1, 0.1]))
    assert none["title"] == "No model leads in any group: at the top it is too close to call"
    assert none["says"] == "SVD and EASE are never clearly behind."
    alone = slices.payload([(part, {"als": values["als"]}) for part, values in groups()])
    assert alone["title"] == "Only ALS has been measured"


def test_many_models_and_groups_are_counted_not_named() -> None:
    assert systems.named(["als", "svd", "ease"]) == "ALS, SVD and EASE"
    assert systems.named(["als", "svd", "ease", "bpr", "gru"]) == "5 models"


def test_nobody_is_named_where_the_mean_alone_says_so(ml100k: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The higher number of two that no paired test tells apart, as GRU's 0.197 beside BPR's 0.195, leads nothing."""
    per_user = standings.per_user_of(shipped_standings(ml100k, monkeypatch), "ndcg@10")
    parts = [slices.Slice("Everybody", np.arange(ml100k.n_users)), *board_people.slices(ml100k, "activity")]
    table = slices.payload([(part, per_user) for part in parts])
    assert [row["says"] for row in table["rows"]] == [
        "BPR leads",
        "level: GRU, BPR and EASE",
        "level: BPR, EASE, AutoInt+ and GRU",
        "level: BPR, EASE and AutoInt+",
    ]
    assert table["title"] == "No model leads in any group: at the top it is too close to call"
    assert table["says"] == "BPR and EASE are never clearly behind."


def test_users_with_the_same_values_are_one_pile() -> None:
    found = board_duel.piles(np.array([0.0, 0.0, 0.5, NAN]), np.array([0.0, 0.0, 0.25, 1.0]))
    assert found == {(0.0, 0.0): [0, 1], (0.5, 0.25): [2]}
    assert board_duel.duel_in_words("als", "svd", np.array([0.1, 0.5]), np.array([0.2, 0.5])) == (
        "SVD is better for 1 user, ALS for 0; for 1 they tie"
    )


@pytest.mark.parametrize("nonsense", [[], [None], [["x"]], [[10**9]], ["7"], [{"a": 1}], [[True]], [1.5]])
def test_a_browser_can_choose_only_users_who_exist(demo_dataset: Dataset, nonsense: list[Any]) -> None:
    found = board_duel.chosen_users(nonsense, demo_dataset)
    assert all(0 <= user < demo_dataset.n_users for user in found)
    ids = demo_dataset.viewers.ids.ids
    assert board_duel.chosen_users([[int(ids[4]), int(ids[2])], [int(ids[4])]], demo_dataset) == [4, 2]


@pytest.mark.parametrize("cost", board_cost.COSTS)
def test_the_front_is_drawn_and_named(given: list[Standing], cost: str) -> None:
    points = {s.name: (max(s.values[cost], 0.001), s.values["ndcg@10"]) for s in given}
    best = board_cost.front(points, standings.clearly_better("demo", given))
    title, others = board_cost.front_in_words(best, len(points))
    assert all(registry.entry(name).label in title for name in best)
    assert others
    assert board_cost.front_in_words(["als", "svd"], 2)[1] == "Each is clearly better than the one before it."
    assert "Pareto front: " in board_cost.alternative(points, best, cost)


def test_popularity_stands_highest_on_the_ladder(given: list[Standing], demo_dataset: Dataset) -> None:
    counts = loaders.task(demo_dataset).known.item_counts
    ladder = board_popularity.rungs(given, counts)
    assert next(iter(ladder)) == "popularity"
    assert all(1 <= low <= half <= high <= len(counts) for low, half, high in ladder.values())
    ends = board_popularity.ends_of(given, ladder, counts)
    assert "Popularity stays among the best known films" in board_popularity.ladder_in_words(ladder, ends, len(counts))


def lesson(given: list[Standing]) -> tuple[str, str]:
    errors, quality = standings.values_of(given, "rmse"), standings.values_of(given, "ndcg@10")
    both = {name: (errors[name], quality[name]) for name in errors}
    return board_popularity.stars_in_words(board_popularity.tested(given, list(both)), both, quality["popularity"])


def shipped_standings(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> list[Standing]:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(ROOT / "artifacts"))
    monkeypatch.setattr(loaders, "milliseconds_per_user", lambda *_: 1.0)
    return standings.standings(dataset)


def test_the_lesson_on_ml_100k(ml100k: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lesson(shipped_standings(ml100k, monkeypatch)) == (
        "Better stars, worse lists: SVD against ALS",
        "SVD is better in stars (RMSE, how far its stars are off on average: 0.962 against 0.999) but worse in lists "
        "(nDCG@10, how many liked films its ten hold and how far up: 0.031 against 0.051). Popularity predicts no "
        "stars at all; its lists (0.098) are better than those of all 3 models that do.",
    )


def test_where_popularity_is_not_better_that_is_said(demo_dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    title, says = lesson(shipped_standings(demo_dataset, monkeypatch))
    assert title == "Better stars, worse lists: SVD against ALS"
    assert says.endswith(
        "Popularity predicts no stars at all; its lists (0.052) are better than those of ALS and SVD, and too close to "
        "call with those of AutoEncoder."
    )


def test_the_lesson_is_only_taught_where_the_numbers_teach_it() -> None:
    both = {"als": (0.9, 0.3), "svd": (1.0, 0.2)}
    along = StarsAndLists([], [("als", "svd")], [], [], ["als", "svd"])
    title, says = board_popularity.stars_in_words(along, both, 0.1)
    assert title == "ALS beats SVD in stars and lists"
    assert "0.900 against 1.000) and better in lists, too (" in says
    assert says.endswith("its lists (0.100) are worse than those of both models that do.")
    neither = StarsAndLists([], [], [], [], [])
    title, says = board_popularity.stars_in_words(neither, both, None)
    assert title == "Here no two models clearly differ in both stars and lists"
    assert "may be chance (RMSE, how far its stars are off on average; nDCG@10, how many" in says
    assert "Popularity" not in says
    assert "in 0 and the better list in 0; 1 cannot be told apart in both." in board_popularity.stars_caption(
        neither, 2, has_baseline=False
    )


def test_popularity_is_a_line_among_the_models_with_stars(trained: Path) -> None:
    chart = opened("leaderboard", tab="popularity").get("plotly_chart")[1]
    spec, value = (
        json.loads(chart.proto.spec),
        artifacts.read_manifest(trained / "models" / "popularity").metric("ndcg@10"),
    )
    [line] = spec["layout"]["shapes"]
    assert (line["y0"], line["y1"]) == (pytest.approx(value), pytest.approx(value))
    assert f"Popularity (predicts no stars): {value:.3f}" in [it["text"] for it in spec["layout"]["annotations"]]
    assert [trace["name"] for trace in spec["data"]] == ["ALS", "SVD"]
    assert f"A dashed line at nDCG@10 {value:.3f} is Popularity, without RMSE." in chart.proto.alt


def lens_of(**values: tuple[float, float]) -> Lens:
    honest, naive = ({name: {"ndcg@10": both[side]} for name, both in values.items()} for side in (0, 1))
    return lens(Pair("next", "sampled", "title"), honest, naive)


def test_a_lens_is_saved_with_values_and_places_of_both_sides() -> None:
    header, rows = board_protocols.lens_table(lens_of(als=(0.1, 0.4), svd=(0.2, 0.3)))
    assert header == ["model", "nDCG@10, next", "place, next", "nDCG@10, sampled", "place, sampled"]
    assert rows == [["SVD", 0.2, 1, 0.3, 2], ["ALS", 0.1, 2, 0.4, 1]]


def test_pairs_are_saved_once_each_with_their_numbers(given: list[Standing]) -> None:
    measured = [s for s in given if s.name in ("als", "ease")]
    [(it, p)] = compare_all(standings.per_user_of(measured, standings.HEADLINE))
    header, rows = board_pairs.pairs_table([(it, p)])
    assert len(header) == len(rows[0])
    assert rows == [["ALS", "EASE", it.difference, it.low, it.high, it.wins, it.ties, it.losses, p]]
    data = board_pairs.matrix(measured, [(it, p)])
    header, rows = grid.table(data)
    assert header == ["Row minus column", "ALS", "EASE"]
    assert rows[0][:2] == ["ALS", "·"]
    assert str(rows[0][2]).endswith(")")


def test_a_lens_without_crossings_says_so() -> None:
    assert board_protocols.change_in_words(lens_of(als=(0.1, 0.5), svd=(0.2, 0.6))) == (
        "The order of the 2 models stays as it is; the numbers do not"
    )
    it = lens_of(als=(0.1, 0.7), svd=(0.2, 0.6))
    assert board_protocols.change_in_words(it) == (
        "2 of 2 models change places, but no two of them clearly swap: it may be chance"
    )
    assert board_protocols.change_in_words(replace(it, clear_swaps=(("svd", "als"),))) == (
        "1 pair of models clearly swaps: SVD is ahead of ALS honestly and behind it naively"
    )
    assert board_protocols.alternative(it).endswith("SVD 1 to 2; ALS 2 to 1.")
    assert [row["label"] for row in board_protocols.numbers(it)["rows"]] == ["SVD", "ALS"]


def test_a_value_of_several_seeds_says_that_it_is_none_of_the_standings(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"als": SimpleNamespace(by_seed={"0": {}, "1": {}, "2": {}}), "svd": None}
    monkeypatch.setattr(loaders, "result", lambda dataset_name, protocol, model: given[model])
    it = lens_of(als=(0.1, 0.5), svd=(0.2, 0.6))
    said = board_protocols.seeds_in_words("demo", replace(it, pair=PAIRS[0]))
    assert said.startswith(
        "Under `holdout`, a value here is the mean of the 3 seeds on record, where there are any; Standings"
    )
    assert board_protocols.seeds_in_words("demo", replace(it, pair=PAIRS[1])) == ""
    given["als"] = None
    assert board_protocols.seeds_in_words("demo", replace(it, pair=PAIRS[0])) == ""


def asked_later(later: dict[str, np.ndarray]) -> tuple[str, str]:
    return second_opinion.in_words(later, second_opinion.payload(later, later)["rows"][1])


def test_the_second_opinion_says_whom_it_does_not_tell_apart() -> None:
    random = np.random.default_rng(0)
    ease = np.append(random.uniform(0.2, 0.4, 50), NAN)
    later = {"ease": ease, "bpr": np.append(random.permutation(ease[:50]) - 0.001, NAN), "als": ease - 0.1}
    assert asked_later(later) == (
        "EASE and BPR are too close to call on nDCG@10 (50 users)",
        "The other model is clearly behind the highest of them.",
    )
    sentence, rest = asked_later({name: later[name] for name in ("ease", "als")})
    assert (sentence.split(" (")[0], rest) == ("EASE leads on nDCG@10, 0.100 ahead of ALS", "")
    few = {name: values[:4] for name, values in later.items()}
    assert asked_later(few) == ("4 users can be asked: too few to say which model is ahead", "")


def test_the_second_opinion_shows_the_same_users_under_both() -> None:
    usual = {"als": np.array([0.1, 0.3, 0.5, NAN])}
    table = second_opinion.payload(usual, {"als": np.array([NAN, 0.2, 0.6, NAN])})
    json.dumps(table, allow_nan=False)
    assert [(row["n"], row["cells"][0]["text"]) for row in table["rows"]] == [(3, "0.300"), (2, "0.400"), (2, "0.400")]
    assert table["top"] == max(cell["interval"][1] for row in table["rows"] for cell in row["cells"])


def test_labels_stay_apart_or_go_into_the_legend() -> None:
    spread = [(0.1, 0.1, "ALS"), (0.9, 0.9, "SVD")]
    assert None not in charts.sides(spread, [0, 1], [0, 1])
    crowd = [(0.5, 0.5, f"Model {number}") for number in range(20)]
    found = charts.sides(crowd, [0, 1], [0, 1])
    assert None in found
    assert found[0] is not None
    edge = charts.sides([(0.99, 0.5, "a long label")], [0, 1], [0, 1])
    assert edge[0] is not None
    assert "right" not in edge[0]
    assert charts.sides([], [0, 1], [0, 1]) == []


def test_a_long_label_is_broken_near_its_middle() -> None:
    assert charts.label("als") == "ALS"
    assert charts.label("deep-mf-occupation") == "Deep MF +<br>occupation"


def test_checks_say_in_one_line_how_they_went() -> None:
    from recsys.evaluation.sanity import Check, State

    fine, bad, left = (Check("a", state, "b") for state in (State.PASSED, State.FAILED, State.NOT_CHECKED))
    assert checks.payload([fine, fine])["title"] == "All 2 checks passed"
    assert checks.payload([fine, left])["title"] == "1 check passed; 1 could not be run"
    assert checks.payload([fine, bad])["title"] == "1 of 2 checks failed"
    assert checks.payload([fine, bad])["state"] == "failed"


def test_a_margin_between_models_that_are_told_different_things_says_so() -> None:
    assert standings.told_apart(["bpr", "ease"]) == [
        "They do not see the same data: BPR learns from all ratings, with their stars and order, EASE from films of 4 "
        "stars or more."
    ]
    assert standings.told_apart(["bpr", "ease-weighted"]) == []
    assert all(entry.learns_from for entry in registry.ENTRIES)


# Two models that no test tells apart and one clearly ahead or behind: the higher number alone names nobody


def toys(**shifts: float) -> list[Standing]:
    """Standings of 60 users: ALS is a little above SVD by chance; the others are off by as much for everybody."""
    random = np.random.default_rng(0)
    base, noise = random.uniform(0.3, 0.7, 60), random.normal(0, 0.1, 60)
    values = {"als": base, "svd": base - 0.005 - (noise - noise.mean())}
    values |= {name: base + shift for name, shift in shifts.items()}
    metrics = ("ndcg@10", "recall@10", "popularity")
    return [
        Standing(
            registry.entry(name),
            {**dict.fromkeys(metrics, float(of_users.mean())), "coverage": float(of_users[0])},
            {},
            dict.fromkeys(metrics, of_users),
        )
        for name, of_users in values.items()
    ]


@pytest.fixture(autouse=True)
def of_toys(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Toys have no files, and no two of them are the same."""
    if "toy" in request.node.name:
        monkeypatch.setattr(standings, "_key", lambda *_: ((request.node.name, str(np.random.default_rng().random())),))


def told(given: list[Standing]) -> list[str]:
    return standings.findings(given, standings.clearly_better("toy", given))


def test_toy_standings_name_no_leader_by_the_mean_alone() -> None:
    says = told(toys(popularity=-0.1))
    assert says[0] == "ALS (0.502) and SVD (0.497) are level at the top on nDCG@10."
    assert says[-1] == "Of the 2 models, 2 are clearly ahead of plain popularity."
    ahead = told(toys(ease=0.1))
    assert ahead[0].startswith("EASE leads on nDCG@10, 0.100 ahead of ALS (95 % CI 0.100 to 0.100, 60 users).")
    assert "Among the six, ALS (0.502) and SVD (0.497) are level at the top on nDCG@10." in " ".join(ahead)
    many = told(toys(popularity=0.0, ease=0.0, bpr=0.0))
    assert many[0] == "5 models are level at the top on nDCG@10, from 0.502 to 0.497."
    among = " ".join(told(toys(ease=0.2, bpr=0.1)))
    assert "Among the six, BPR leads on nDCG@10, 0.100 ahead of ALS" in among


def test_toy_models_that_are_level_with_popularity_do_not_beat_it() -> None:
    [popularity] = [replace(s, entry=registry.entry("popularity")) for s in toys() if s.name == "svd"]
    given = [toys()[0], popularity, *toys(bpr=0.1, gru=-0.1)[2:]]
    assert told(given)[-1] == (
        "Of the 3 models, 1 is clearly ahead of plain popularity, 1 is clearly behind it and 1 is level with it."
    )
    assert told(given[:2])[-1] == "ALS is level with plain popularity."


def test_toy_columns_have_a_bold_best_only_where_it_leads() -> None:
    def bold(given: list[Standing], metric: str) -> list[bool]:
        return columns_of(given)[metric]["best"]

    for metric in ("ndcg@10", "recall@10"):
        assert bold(toys(ease=-0.1), metric) == [False] * 3
        assert bold(toys(ease=0.1), metric) == [False, False, True]
    assert bold(toys(ease=0.1), "coverage") == [False] * 3
    assert columns_of(toys(ease=-0.1))["recall@10"]["margin"].startswith(
        "ALS (0.502) and SVD (0.497) are level at the top on Recall@10."
    )


def test_toy_rivals_on_the_front_must_be_told_apart() -> None:
    given = toys(ease=0.1)
    clear = standings.clearly_better("toy", given)
    costs = {"svd": 1.0, "als": 2.0, "ease": 3.0}
    points = {s.name: (costs[s.name], s.values["ndcg@10"]) for s in given}
    assert board_cost.front(points, clear) == ["svd", "ease"]  # ALS costs more and is higher by chance


def test_toy_groups_and_everybody_say_the_same_as_the_standings() -> None:
    """Everybody is tested over all pairs: three rivals alone would make a leader where the table of pairs sees none."""
    random = np.random.default_rng(6)
    differences = random.normal(0, 1, 50)
    values = {"als": 0.31 + differences - differences.mean(), "svd": np.zeros(50), "ease": np.full(50, -0.001)}
    [row] = slices.payload([(slices.Slice("Everybody", np.arange(50)), values)])["rows"]
    assert row["says"] == "level: ALS, SVD and EASE"


def test_toy_duels_say_who_is_ahead_on_average() -> None:
    given = toys(ease=0.1)
    clear = standings.clearly_better("toy", given)
    assert board_duel.average_in_words("svd", "als", clear).startswith("On average the two are level by a paired test")
    for across, up in (("ease", "svd"), ("svd", "ease")):
        assert board_duel.average_in_words(across, up, clear).startswith("On average EASE is clearly ahead of SVD by a")


def test_toy_ladders_name_all_who_share_an_end() -> None:
    counts = np.arange(1, 101)

    def said_of(**shifts: float) -> str:
        given = [
            replace(s, per_user={"popularity": 100 * values["popularity"]})
            for s in toys(**shifts)
            for values in [s.per_user]
        ]
        ladder = board_popularity.rungs(given, counts)
        return board_popularity.ladder_in_words(ladder, board_popularity.ends_of(given, ladder, counts), len(counts))

    assert said_of(ease=-0.2) == (
        "SVD and ALS stay among the best known films (around place 49 to 52 of 100), EASE goes furthest from them "
        "(around place 69)"
    )
    assert said_of() == "All models recommend films around place 49 to 52 of 100"


def test_settings_are_words_beside_their_dots() -> None:
    trial = {"config": {"n_factors": 64, "learning_rate": 0.002, "products": False, "n_epochs": 20}, "n_epochs": 15}
    text = searches._settings(trial, ["n_factors", "learning_rate", "products", "n_epochs"])
    assert text == "factors 64, learning rate 0.002, without products, epoch 15 of 20"
    trials = [{"config": {}, "value": value, "seconds": 1.0} for value in (0.1, 0.9)]
    with_text = searches._chart(trials, ["left", "right"], "bpr", "ndcg@10").layout.annotations
    assert [(each.x, each.y, each.xanchor) for each in with_text] == [(0.1, 0, "left"), (0.9, 1, "right")]


def test_the_headline_is_one_sentence_and_the_rest_is_folded(trained: Path) -> None:
    app = opened("leaderboard")
    [popover] = [each for each in app.get("popover") if each.proto.popover.label == "More"]
    assert popover.markdown
    [headline] = [line for line in said(app).splitlines() if "nDCG@10" in line and line.startswith("**")]
    assert headline.endswith(".**")


def test_toy_searches_name_no_best_trial(monkeypatch: pytest.MonkeyPatch, trained: Path) -> None:
    trials = [
        {"config": {"regularization": r}, "value": v, "n_epochs": None, "seconds": 1.0} for r, v in ((1, 0.2), (9, 0.3))
    ]
    table = {"metric": "ndcg@10", "seed": 0, "trials": trials}
    monkeypatch.setattr(search, "tables", lambda *_: {("holdout", "ease"): table})
    monkeypatch.setattr(search, "varied", lambda _table: ["regularization"])
    app = opened("leaderboard", tab="searches")
    assert not app.error
    text = said(app)
    assert "EASE: 2 trials reach nDCG@10 0.3000 to 0.2000" in text
    assert "those close to it may be as good" in text
    assert "best" not in text
