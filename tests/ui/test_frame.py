"""The frame of every page, and the first screen of Compare, as data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.ui import lists, loaders, navigation
from recsys.ui.compare import sums
from recsys.ui.components.foot import foot
from recsys.ui.text import bare, number
from recsys.ui.view import View
from tests.app import asked_about, given_to, opened, parameters

PAGES = [name for group in navigation.GROUPS.values() for name, *_ in group]


def test_the_menu_has_every_page_once() -> None:
    assert sorted(f"{name}.py" for name in PAGES) == sorted(path.name for path in Path("pages").glob("*.py"))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_its_title_the_data_set_and_a_foot(trained: Path, page: str) -> None:
    app = opened(page)
    assert len(app.title) == 1
    assert app.selectbox(key="dataset").value == "demo"
    assert not app.sidebar.children
    foot = given_to(app, "foot")
    assert foot["product"] == navigation.NAME
    assert foot["licence"] == library.DEMO.licence


def test_the_foot_cites_where_there_is_something_to_cite() -> None:
    movielens = foot.payload(navigation.NAME, library.source_of(library.PREFERRED), HOLDOUT)
    assert movielens["citation"].startswith("F. Maxwell Harper")
    assert movielens["link"].startswith("https://doi.org/")
    assert movielens["link"] not in movielens["citation"]
    assert foot.payload(navigation.NAME, library.DEMO, HOLDOUT)["link"] == ""


@pytest.mark.parametrize("entry", registry.ENTRIES, ids=lambda entry: entry.name)
def test_a_model_says_in_five_words_what_its_order_rests_on(entry: registry.Entry) -> None:
    assert 1 <= len(entry.rests_on.split()) <= 5
    assert entry.full_name


def test_the_head_of_a_list_leads_to_the_models_card(trained: Path) -> None:
    card = given_to(opened(user="7"), "board")["cards"][0]
    assert card["rests_on"] == registry.entry("als").rests_on
    assert card["card"].startswith("how_it_works?user=7")
    assert "topic=als" in card["card"]


def test_the_foot_of_a_list_says_what_is_on_record(trained: Path, demo_dataset: Dataset) -> None:
    app = opened(user="7", models="als,svd,popularity,ease")
    user = demo_dataset.viewers.ids.index(7)
    n_relevant = len(loaders.task(demo_dataset).relevant_of(user))
    metrics = {row["model"]: row["cells"][0] for row in given_to(app, "overlap")["metrics"]["rows"]}
    for place, card in enumerate(given_to(app, "board")["cards"]):
        n_hits = sum(row["hit"] for row in card["rows"])
        manifest = loaders.manifest("demo", card["model"])
        assert card["sum"]["overall"]["value"] == bare(manifest.metric(HOLDOUT.headline))
        low, high = manifest.intervals[HOLDOUT.headline]
        assert f"95 % CI {bare(low)} to {bare(high)}" in card["sum"]["overall"]["note"]
        assert card["sum"]["link"].startswith("leaderboard?user=7")
        found, ndcg = card["sum"]["found"].split(", nDCG ")
        assert found == f"{n_hits} of {n_relevant}"
        assert abs(float(ndcg) - float(metrics[place])) <= 0.0051


def test_a_list_with_films_seen_has_no_metric_of_the_protocol(trained: Path) -> None:
    found = [card["sum"]["found"] for card in given_to(opened(user="7", seen="1"), "board")["cards"] if card["sum"]]
    assert found
    assert not any("nDCG" in each for each in found)


def test_the_best_is_marked_only_where_paired_tests_say_so() -> None:
    random = np.random.default_rng(0)
    base = random.random(300)
    level = {"a": base, "b": base + random.normal(0, 0.3, 300) + 0.001}
    key = (("a", "1"), ("b", "1"))
    assert sums._clearly_best(key, level) is None
    assert sums._clearly_best((*key, ("c", "1")), {**level, "c": base + 0.2}) == "c"
    assert sums._clearly_best(key[:1], {"a": base}) is None


def test_a_model_without_a_record_marks_nobody_as_the_best(trained: Path, demo_dataset: Dataset) -> None:
    given = lists.answers(demo_dataset, ["als", "ease"], 6, 10, exclude_seen=True)
    whole = sums.of(demo_dataset, given, 3, View())
    assert [each["overall"]["is_best"] for each in whole.values()] == [False, True]  # type: ignore[index]
    (trained / "models" / "als" / "evaluation.npz").unlink()
    told = sums.of(demo_dataset, given, 3, View())
    assert [each["overall"]["is_best"] for each in told.values()] == [False, False]  # type: ignore[index]


def test_numbers_of_another_protocol_are_not_shown(
    trained: Path, demo_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = lists.answers(demo_dataset, ["als"], 6, 10, exclude_seen=True)
    other = replace(loaders.manifest("demo", "als"), protocol="top")
    monkeypatch.setattr(loaders, "manifest", lambda *_: other)
    assert sums.of(demo_dataset, given, 3, View())["als"]["overall"] is None


def test_being_the_user_begins_with_their_films(trained: Path) -> None:
    app = opened(user="7")
    app.button(key="be_the_user").click().run()
    assert not app.exception
    assert app.title[0].value == "Your films"
    assert len(parameters(app)["films"].split(",")) == len(given_to(app, "films_editor")["films"]) > 1


def test_the_tour_starts_with_its_button_alone(trained: Path) -> None:
    app = opened(user="7")
    assert not given_to(app, "board")["tour"]
    app.button(key="tour").click().run()
    assert given_to(app, "board")["tour"]
    app.button(key="surprise").click().run()
    assert not given_to(app, "board")["tour"]
    assert asked_about(app) != "user 7"


def test_what_a_score_means_is_said_of_the_lists_on_screen(trained: Path) -> None:
    says = " ".join(element.value for element in opened(models="als,svd,ease").markdown)
    assert "**ALS, SVD**: predicted stars" in says
    assert "**EASE**: relative strength, 0 to 100" in says
    assert "people who rated it" not in says


@pytest.mark.parametrize(
    ("value", "digits", "shown"), [(0.2063, 3, ".206"), (0, 2, "0"), (1, 3, "1.000"), (0.004, 2, ".00")]
)
def test_numbers_side_by_side_have_no_first_zero(value: float, digits: int, shown: str) -> None:
    assert bare(value, digits) == shown
    assert bare(float("nan")) == number(float("nan"))
