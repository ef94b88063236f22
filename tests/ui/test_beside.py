"""Two users side by side on Compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from recsys.data.dataset import Dataset
from recsys.ui import lists, loaders
from recsys.ui.view import View, beside_of, bounded, parse
from tests.app import asked_about, opened, parameters, unfolded

MODELS = "als,svd,popularity,ease"


def all_given(app: AppTest, component: str) -> list[dict[str, Any]]:
    """What each component of a name was given, from top to bottom."""
    found = [each for each in app.get("bidi_component") if each.proto.component_name == f"recsys_{component}"]
    return [json.loads(each.proto.json)[0] for each in found]


def test_each_has_a_head_lists_and_metrics_of_their_own(trained: Path, demo_dataset: Dataset) -> None:
    app = opened(user="7", beside_user="42", models=MODELS)
    assert asked_about(app) == "users 7 and 42"
    boards, heads, overlaps = (all_given(app, name) for name in ("board", "profile", "overlap"))
    assert [board["user"] for board in boards] == [7, 42]
    assert [head["says"][0] for head in heads] == ["User 7", "User 42"]
    assert [bool(board["pills"]) for board in boards] == [True, False]
    for board, overlap, raw in zip(boards, overlaps, (7, 42), strict=True):
        user = demo_dataset.viewers.ids.index(raw)
        given = lists.answers(demo_dataset, MODELS.split(","), user, 10, exclude_seen=True)
        ids = demo_dataset.catalog.ids.ids
        for card, answer in zip(board["cards"], given, strict=True):
            assert answer.top is not None
            assert [row["film"] for row in card["rows"]] == [int(ids[item]) for item in answer.top.items]
            assert card["sum"]["found"].startswith(
                f"{answer.top.n_hits} of {len(loaders.relevant(demo_dataset, user))}"
            )
        assert len(overlap["metrics"]["rows"]) == 4
    assert "beside_user=42" in boards[0]["links"]["film"]
    assert "user=42&" in boards[1]["links"]["film"]
    assert "beside_user=7" in boards[1]["links"]["film"]


def test_films_in_both_lists_of_a_model_are_marked_in_both(trained: Path) -> None:
    app = opened(user="7", beside_user="42", models=MODELS)
    one, other = all_given(app, "board")
    n_both = []
    for first, second in zip(one["cards"], other["cards"], strict=True):
        films = [{row["film"] for row in card["rows"]} for card in (first, second)]
        assert set(first["both"]) == set(second["both"]) == films[0] & films[1]
        n_both.append(len(first["both"]))
    assert any(n_both)
    said = f"ALS {n_both[0]}, SVD {n_both[1]}, Popularity {n_both[2]} and EASE {n_both[3]}"
    assert any(said in each.value for each in app.markdown)
    assert (one["beside"], other["beside"]) == ("user 42", "user 7")
    assert not any(card["both"] for card in all_given(opened(user="7", models=MODELS), "board")[0]["cards"])


def test_the_second_is_chosen_in_the_menu_of_the_user_and_left_with_one_click(trained: Path) -> None:
    app = opened(user="7")
    app.text_input(key="beside_user").set_value(" 42 ").run()
    assert parameters(app)["beside_user"] == "42"
    assert asked_about(app) == "users 7 and 42"
    app.text_input(key="beside_user").set_value("9999999").run()
    assert "no user 9999999" in app.warning[0].value
    assert asked_about(app) == "users 7 and 42"
    app.button(key="only_one").click().run()
    assert asked_about(app) == "user 7"
    assert "beside_user" not in parameters(app)
    app.text_input(key="beside_user").set_value("42").run()
    app.text_input(key="beside_user").set_value("").run()
    assert asked_about(app) == "user 7"
    assert not app.warning
    assert not app.exception


def test_alike_ones_with_different_lists_are_shown_side_by_side(trained: Path) -> None:
    app = unfolded(opened(user="7"), "notable")
    says = next(each.value for each in app.caption if each.value.startswith("They and user"))
    app.button(key="notable_alike").click().run()
    assert asked_about(app).endswith(f"and {says.split()[3]}")
    unfolded(app, "notable").button(key="notable_all disagree").click().run()
    assert asked_about(app).startswith("user ")


@pytest.mark.parametrize("nonsense", ["7", "0", "-1", "1e3", "<script>", "9" * 40, "x" * 300])
def test_a_second_who_is_none_disappears_from_the_address(trained: Path, nonsense: str) -> None:
    app = opened(user="7", beside_user=nonsense)
    assert asked_about(app) == "user 7"
    assert "beside_user" not in parameters(app)


def test_nobody_stands_beside_themselves(demo_dataset: Dataset) -> None:
    raw = int(demo_dataset.viewers.ids.ids[3])
    assert bounded(parse({"user": str(raw), "beside_user": str(raw)}, []), demo_dataset).beside_user is None
    assert beside_of(View(beside_user=raw), demo_dataset, 3) is None
    assert beside_of(View(beside_user=raw), demo_dataset, 4) == 3


def test_the_files_are_of_both(trained: Path) -> None:
    app = unfolded(opened(user="7", beside_user="42"), "options")
    titles = [given["title"] for given in all_given(app, "save")]
    assert titles == [
        f"{what} of user {user}" if what != "agree" else f"How far the lists of user {user} agree"
        for user in (7, 42)
        for what in ("History", "Lists", "Metrics", "agree")
    ]
    assert not app.exception
