"""The Why page, run by Streamlit on the demo; what a browser must draw is in tests/e2e/test_why.py."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain import deletion
from recsys.paths import ROOT
from recsys.serving import artifacts, records
from recsys.serving.scorers import Unit
from recsys.ui.components.reasons.reasons import Row, block, running
from recsys.ui.components.shared.amounts import amount, digits_for
from recsys.ui.lists import UNDECIDED
from recsys.ui.why import cards as why_cards
from tests.app import drawn, given_to, opened

NEW_USER = {"who": "new_user", "films": "50:5,181:4,1:2"}


@pytest.fixture
def shipped(lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same with the models of this repository, on the demo."""
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(ROOT / "artifacts"))
    return ROOT / "artifacts"


def cards(app: AppTest) -> dict[str, dict[str, Any]]:
    return {card["label"]: card for card in given_to(app, "reasons")["cards"]}


def titled(card: dict[str, Any], start: str) -> dict[str, Any]:
    return next(block for block in card["blocks"] if block["title"].startswith(start))


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("=", "").replace("★", "").replace("pts", "").replace(",", ""))


def test_every_model_says_why_in_its_own_way(shipped: Path) -> None:
    shown = cards(opened("why", user="7", models="als,svd,autoencoder,bpr,gru,autoint,random,popularity,ease"))
    assert list(shown) == ["ALS", "SVD", "AutoEncoder", "BPR", "GRU", "AutoInt+", "Random", "Popularity", "EASE"]
    assert not any(card["problem"] for card in shown.values())
    assert all(card["method"].endswith(".") for card in shown.values())
    for label in ("ALS", "SVD"):
        *terms, total = titled(shown[label], "What adds up")["rows"]
        assert sum(number(row["text"]) for row in terms) == pytest.approx(number(total["text"]), abs=0.02)
    for label in ("SVD", "AutoEncoder", "BPR", "GRU", "EASE"):
        assert titled(shown[label], "Which films")["rows"][0]["detail"].startswith("they gave")
        assert "without the film named first" in shown[label]["tested"]
    assert "by construction" in shown["GRU"]["tested"]
    assert "by construction" not in shown["SVD"]["tested"]
    assert titled(shown["AutoInt+"], "What it loses")["rows"]
    assert all(not shown[label]["tested"] for label in ("ALS", "AutoInt+", "Random", "Popularity"))


def test_a_sum_is_seen_whole_and_of_films_the_first_three(shipped: Path) -> None:
    by_model = cards(opened("why", user=7))
    first = {label: card["blocks"][0] for label, card in by_model.items()}
    assert first["SVD"]["n_first"] == len(first["SVD"]["rows"]) == 5  # four terms and their sum
    assert first["GRU"]["n_first"] == 3 < len(first["GRU"]["rows"])


def test_the_film_of_most_lists_is_explained_until_another_is_chosen(shipped: Path) -> None:
    app = opened("why", user="7")
    film = given_to(app, "reasons")["film"]
    assert film["places"].startswith("among the first 10 of")
    assert app.selectbox(key="why_film").options[0].startswith(film["title"])
    other = app.selectbox(key="why_film").options[3]
    app.selectbox(key="why_film").select_index(3).run()
    assert not app.exception
    assert other.startswith(given_to(app, "reasons")["film"]["title"])
    assert app.query_params["film"] == str(given_to(app, "reasons")["film"]["id"])


def test_a_film_that_is_already_seen_has_reasons_and_no_place(shipped: Path) -> None:
    app = opened("why", **NEW_USER, film="50", models="svd,ease")
    assert given_to(app, "reasons")["film"]["places"] == "already seen by you"
    assert {card["rank"] for card in cards(app).values()} == {"already seen, so it has no place"}


def test_a_new_user_gets_reasons_from_their_own_films(shipped: Path) -> None:
    app = opened("why", **NEW_USER, models="als,svd,bpr,gru,autoint,ease")
    shown = cards(app)
    rows = titled(shown["SVD"], "Which of your films")["rows"]
    assert {row["detail"] for row in rows if row["detail"]} == {"you gave 5 ★", "you gave 4 ★", "you gave 2 ★"}
    assert "You in general" in [row["name"] for row in titled(shown["ALS"], "What adds up")["rows"]]
    assert not any(element.value.startswith("User,") for element in app.main.text_input)
    read = given_to(app, "steps")
    assert len(read["rows"]) == 1 + 3
    assert read["rows"][0]["title"] == "Before: nothing read"


def test_a_model_with_nothing_to_go_on_has_no_place_and_no_vote(shipped: Path) -> None:
    """EASE and iALS look at films with 4 stars or more; with one that got 1 star all films are alike to them."""
    app = opened("why", who="new_user", films="50:1", models="ease,bpr,svd")
    shown = cards(app)
    assert shown["EASE"]["problem"]["head"] == UNDECIDED
    assert "4 stars or more" in shown["EASE"]["problem"]["text"]
    assert "rank" not in shown["EASE"]
    assert shown["SVD"]["rank"].startswith("place ")
    n_answers = sum(card["problem"] is None for card in shown.values())
    assert given_to(app, "reasons")["film"]["places"].endswith(f"of {n_answers} models")
    alone = opened("why", who="new_user", films="50:1", models="ease")
    assert given_to(alone, "reasons")["film"]["places"] == ""
    assert not any("in the first" in option for option in alone.selectbox(key="why_film").options)


def test_a_film_in_no_list_is_said_to_be_in_none(shipped: Path, demo_dataset: Dataset) -> None:
    history = HOLDOUT.final(demo_dataset).known.history(demo_dataset.viewers.ids.index(7))
    first = opened("why", user="7", models="svd,ease").selectbox(key="why_film").options
    listed = {option.split(" · in the first")[0] for option in first if " · in the first" in option}
    labels = [demo_dataset.catalog.label(item) for item in range(demo_dataset.n_items)]
    other = next(i for i, label in enumerate(labels) if label not in listed and i not in history.items)
    app = opened("why", user="7", models="svd,ease", film=str(int(demo_dataset.catalog.ids.ids[other])))
    assert given_to(app, "reasons")["film"]["places"] == "in no list’s first 10"


def test_shares_are_not_called_losses_and_votes_are_both(shipped: Path) -> None:
    shown = cards(opened("why", user="7", models="svd,bpr,ease"))
    for label in ("SVD", "BPR"):
        assert "not what would be lost" in titled(shown[label], "Which films")["note"]
    assert titled(shown["EASE"], "Which films")["note"] == ""


def test_films_without_a_bar_are_counted_and_so_are_those_not_asked_about(shipped: Path) -> None:
    assert why_cards._left_out(144, 68) == "144 more are not shown; the 68 oldest were not asked about."
    assert why_cards._left_out(1, 1) == "1 more is not shown; the oldest was not asked about."
    assert why_cards._left_out(3, 0) == "3 more are not shown."
    assert why_cards._left_out(0, 2) == "The 2 oldest were not asked about."
    assert why_cards._left_out(0, 0) == ""


def test_the_head_counts_what_the_models_know(shipped: Path, demo_dataset: Dataset) -> None:
    n_known = HOLDOUT.final(demo_dataset).known.user_counts[demo_dataset.viewers.ids.index(7)]
    said = [element.value for element in opened("why", user="7", models="ease").main.markdown]
    assert any(f"{n_known} films known to the models" in each for each in said)


def test_low_chances_are_owned_up_to_with_the_figures_of_the_artifact(shipped: Path) -> None:
    manifest = artifacts.read_manifest(shipped / "demo" / "models" / "autoint")
    # 3 ratings promised 0.2, of which a third came true, and 1 promised 0.6, which did: 0.3 against 0.5 on average.
    low = replace(manifest, calibration=[[0.2, 1 / 3, 3.0], [0.6, 1.0, 1.0]])
    assert why_cards.low_chances(low, 0.3).endswith("that it gave about 20 %, 33 % were liked.")
    assert why_cards.low_chances(low, 0.9).endswith("that it gave about 60 %, 100 % were liked.")
    assert why_cards.low_chances(replace(manifest, calibration=[[0.6, 0.5, 9.0]]), 0.6) == ""
    assert why_cards.low_chances(replace(low, config={**low.config, "n_negatives": 0}), 0.2) == ""
    assert "%" not in why_cards.low_chances(replace(manifest, calibration=None), 0.2)
    shown = cards(opened("why", user="7", models="autoint,svd"))
    assert "too low on average" in shown["AutoInt+"]["caution"]
    assert shown["SVD"]["caution"] == ""


def test_without_films_a_new_user_is_shown_the_way_to_rate_some(shipped: Path) -> None:
    app = opened("why", who="new_user")
    assert "reasons" not in drawn(app)
    assert any("not rated any film yet" in element.value for element in app.main.markdown)


def test_the_switch_leads_to_the_other(shipped: Path) -> None:
    app = opened("why", user="7", films=NEW_USER["films"])
    app.segmented_control(key="why_who").set_value("new_user").run()
    assert not app.exception
    assert app.query_params["who"] == "new_user"
    assert titled(cards(app)["SVD"], "Which of your films")


def test_the_attention_of_two_films_stands_side_by_side(shipped: Path) -> None:
    app = opened("why", user="7", models="autoint")
    shown = given_to(app, "attention")
    assert len(shown["films"]) == 2
    assert shown["films"][0]["title"] != shown["films"][1]["title"]
    assert any("not proof of cause" in element.value for element in app.main.caption)
    for film in shown["films"]:
        assert np.sum(film["received"], axis=1) == pytest.approx(1, abs=2e-3)
        assert np.sum(film["weights"], axis=2) == pytest.approx(1, abs=2e-3)
        assert len(film["values"]) == len(film["changes"]) == len(shown["fields"]) == 14
    app.selectbox(key="why_beside").select_index(5).run()
    assert not app.exception
    assert given_to(app, "attention")["films"][1]["title"] == app.selectbox(key="why_beside").options[5]
    assert "attention" not in drawn(opened("why", user="7", models="svd"))


def test_a_broken_model_has_its_own_card_and_the_others_answer(
    shipped: Path, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("svd", "ease"):
        shutil.copytree(shipped / "demo" / "models" / name, lonely / "artifacts" / "demo" / "models" / name)
    arrays = lonely / "artifacts" / "demo" / "models" / "svd" / artifacts.ARRAYS
    arrays.write_bytes(arrays.read_bytes()[:100])
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(lonely / "artifacts"))
    shown = cards(opened("why", models="svd,ease,gru"))
    assert "damaged" in shown["SVD"]["problem"]["text"]
    assert "not been trained" in shown["GRU"]["problem"]["text"]
    assert shown["EASE"]["blocks"]


def test_figures_of_an_older_model_are_not_shown(shipped: Path, lonely: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(shipped / "demo" / "models" / "ease", lonely / "artifacts" / "demo" / "models" / "ease")
    record = deletion.path_of("demo", "ease", lonely / "artifacts")
    facts = json.loads(deletion.path_of("demo", "ease", shipped).read_text())
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(lonely / "artifacts"))
    for change, is_shown in (({}, True), ({"artifact_sha256": "older"}, False), ({"wins": "no"}, False)):
        records.write(record, {**facts, **change})
        assert bool(cards(opened("why", models="ease"))["EASE"]["tested"]) is is_shown


def test_nothing_trained_is_said_once(lonely: Path) -> None:
    app = opened("why")
    assert "reasons" not in drawn(app)
    assert any("No model has been trained" in element.value for element in app.main.markdown)


@pytest.mark.parametrize(
    "crafted",
    [
        {"film": "<script>", "beside": "99999999", "user": "-1"},
        {"who": "new_user", "films": "nan:5,50:nan,50:99," + "1:5," * 3000},
        {"who": "<b>", "models": "none"},
    ],
)
def test_a_crafted_address_gets_a_clean_page(shipped: Path, crafted: dict[str, str]) -> None:
    app = opened("why", **crafted)
    assert not app.error
    assert "reasons" in drawn(app)


def test_the_bars_of_a_sum_begin_where_the_one_before_ended() -> None:
    *rows, total = running([Row("a", 3.0), Row("b", 1.0), Row("c", -2.0)], Unit.STARS)
    assert [(row["bar"]["left"], row["bar"]["width"], row["bar"]["down"]) for row in rows] == [
        (0, 75, False),
        (75, 25, False),
        (50, 50, True),
    ]
    assert [row["text"] for row in rows] == ["3.00 ★", "+1.00 ★", "−2.00 ★"]
    assert total["text"] == "= 2.00 ★"


def test_signed_bars_share_a_zero_and_what_stands_for_many_has_none() -> None:
    shown = block("t", [Row("up", 0.3), Row("down", -0.1), Row("rest", 9.0, kind="quiet")], total=Row("all", 9.2))
    assert shown["zero"] == 25
    assert shown["rows"][0]["bar"] == {"left": 25, "width": 75, "down": False}
    assert shown["rows"][1]["bar"] == {"left": 0, "width": 25, "down": True}
    assert shown["rows"][2]["bar"] is None
    assert shown["rows"][3]["text"] == "= +9.20"


def test_amounts_have_a_sign_a_unit_and_no_raw_floats() -> None:
    assert amount(0.0123, Unit.STARS) == "+0.012 ★"
    assert amount(-0.0456, Unit.LIKE) == "−4.6 pts"
    assert amount(0.00001, Unit.NEXT) == "+0.0010 pts"
    assert amount(1234.0, Unit.VIEWERS, signed=False) == "1,234"
    assert amount(-1e-9, Unit.STRENGTH, 2) == "0.00"
    assert [digits_for([value], Unit.STARS) for value in (0.0, 12.0, 0.5, 1e-9)] == [2, 2, 2, 4]
    assert [digits_for([value], Unit.LIKE) for value in (0.0, 0.5, 0.002)] == [1, 1, 2]
