"""Whom to look at, on Compare: each with a reason that is on record, and none that would say what is to be guessed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys.data.dataset import Dataset
from recsys.evaluation.notable_users import Notable
from recsys.ui.compare import notable
from tests.app import asked_about, given_to, opened, parameters, unfolded
from tests.ui.test_pages import damage_size


def offered(app: AppTest) -> dict[str, str]:
    """The kinds in the menu, and what their buttons say."""
    buttons = [each for each in app.button if str(each.key).startswith("notable_")]
    return {str(each.key).removeprefix("notable_"): each.label for each in buttons}


def test_closed_it_does_nothing_and_each_of_them_is_a_click_away(
    trained: Path, monkeypatch: pytest.MonkeyPatch, demo_dataset: Dataset
) -> None:
    asked: list[object] = []
    found = notable._found
    monkeypatch.setattr(notable, "_found", lambda *given: asked.append(given) or found(*given))
    app = opened(user="7")
    assert not asked
    unfolded(app, "notable")
    kinds = offered(app)
    assert len(asked) == 1
    assert {"one model", "popularity enough", "all disagree", "alike"} <= set(kinds)
    user = kinds["one model"].split("user ")[1]
    app.button(key="notable_one model").click().run()
    assert not app.exception
    assert asked_about(app) == f"user {user}"
    assert parameters(app)["user"] == user
    assert not offered(app)  # the menu has closed
    assert len(asked) == 1
    # What was said of this user is what the lists show.
    cards = {card["label"]: card["rows"] for card in given_to(app, "board")["cards"] if not card["problem"]}
    hits = {label: sum(row["hit"] for row in rows) for label, rows in cards.items()}
    assert sorted(hits.values())[:-1] == [0] * (len(hits) - 1)
    assert max(hits.values()) > 0


def test_the_reasons_are_sentences_with_what_is_on_record(trained: Path, demo_dataset: Dataset) -> None:
    app = unfolded(opened(user="7"), "notable")
    captions = [caption.value for caption in app.caption]
    assert any(
        re.fullmatch(r"Only (ALS|SVD) has films that user \d+ went on to like .*: \d of them\\\.", each)
        for each in captions
    )
    assert "Chosen because they are extreme: none of them is typical." in captions
    ids = demo_dataset.viewers.ids.ids
    one, other = int(ids[3]), int(ids[8])
    alike = notable.sentence(Notable("alike", 3, n=1, beside=8, shared=0.25), demo_dataset)
    assert alike == f"They and user {other} have 1 film in common, but their lists share only 25 % of theirs."
    fail = notable.sentence(Notable("all fail", 3, n=2), demo_dataset)
    assert fail == f"No model has any of the 2 films that user {one} went on to like among its first 10."
    crowd = notable.sentence(Notable("crowd wrong", 3, "bpr", 4), demo_dataset)
    assert crowd == f"None of the 10 most popular films is one that user {one} went on to like; BPR finds 4."


def test_whoever_guesses_is_told_of_nobodys_answer(trained: Path) -> None:
    app = unfolded(opened(user="7", ticks="0"), "notable")
    assert set(offered(app)) == {"all disagree", "alike"}
    assert not [each for each in app.caption if "went on to like" in each.value and "nothing is said" not in each.value]


def test_a_damaged_model_is_left_out(trained: Path, demo_dataset: Dataset) -> None:
    damage_size(trained / "models" / "svd")
    app = unfolded(opened(user="7"), "notable")
    assert not app.error
    assert {"popularity enough"} <= set(offered(app))
    assert "all disagree" not in offered(app)  # a single model is left
    assert not [each for each in app.caption if "SVD" in each.value]
    damage_size(trained / "models" / "als")
    assert not offered(unfolded(opened(user="7"), "notable"))
