"""Guess first: what is asked, what a guess was worth, and that nothing sent before says what is to be guessed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import Task
from recsys.ui import lists, loaders
from recsys.ui.compare import guess, notable
from tests.app import opened, parameters, unfolded

MODELS = "als,svd,popularity,ease"


@pytest.fixture
def lucky(trained: Path, demo_dataset: Dataset) -> int:
    """The id of a user of whom the lists have three films or more, and films that they did not like too."""
    for user in range(demo_dataset.n_users):
        relevant = loaders.relevant(demo_dataset, user)
        given = lists.answers(demo_dataset, MODELS.split(","), user, 10, exclude_seen=True)
        if len(np.intersect1d(np.concatenate([a.top.items for a in given if a.top]), relevant)) >= 3:
            return int(demo_dataset.viewers.ids.ids[user])
    raise AssertionError("Nobody's lists have three hits.")


def sent(app: AppTest) -> list[bytes]:
    """All elements of the page, as they go to the browser, but for the number that a file to download has at random."""

    def walk(block: Any) -> list[bytes]:
        proto = getattr(block, "proto", None)
        if hasattr(proto, "deferred_file_id"):
            proto.ClearField("deferred_file_id")
        found = [proto.SerializeToString()] if proto is not None else []
        return found + [part for child in getattr(block, "children", {}).values() for part in walk(child)]

    return [part for root in (app.main, app.sidebar) for part in walk(root)]


def another_answer(task: Task) -> Task:
    """The same users with the same films, of which they went on to like others."""
    ratings = np.where(task.held_out.ratings >= task.relevance, task.known.scale.low, task.known.scale.high)
    return replace(task, held_out=replace(task.held_out, ratings=ratings.astype(np.float32)))


@pytest.mark.parametrize("way", ["ticks", "pick", "model"])
@pytest.mark.parametrize("beside", ["", "42"])
def test_what_is_sent_is_the_same_whatever_the_answer_is(
    lucky: int, monkeypatch: pytest.MonkeyPatch, way: str, beside: str
) -> None:
    """All of it, with its menus open: lists, feet, history, metrics, files to download, users worth a look."""
    monkeypatch.setattr(guess, "drawn", lambda films, _hits, _random: sorted({int(item) for item in films})[:10])

    def page(**more: str) -> list[bytes]:
        for kept in (loaders._ranking, notable._found, guess._drawn_once):
            kept.clear()
        app = opened(user=str(lucky), models=MODELS, guess=way, beside_user=beside, **more)
        for key in ("options", "notable"):
            unfolded(app, key)
        assert not app.exception
        return sent(app)

    before, shown_before = page(ticks="0"), page()
    changed = another_answer(loaders.task(loaders.dataset("demo")))
    monkeypatch.setattr(loaders, "task", lambda _of: changed)
    after, shown_after = page(ticks="0"), page()
    for kept in (loaders._ranking, notable._found, guess._drawn_once):
        kept.clear()
    assert shown_after != shown_before  # with the ticks, this comparison does see another answer
    assert after == before


def test_three_of_ten_are_picked_and_counted_beside_the_models(lucky: int, demo_dataset: Dataset) -> None:
    app = opened(user=str(lucky), models=MODELS, ticks="0", guess="pick")
    user = demo_dataset.viewers.ids.index(lucky)
    ten = app.pills(key=f"picks_{lucky}").options
    assert len(ten) == len(set(ten)) == 10
    guessed = app.session_state[guess._GUESSES][demo_dataset.fingerprint, user]
    relevant = loaders.relevant(demo_dataset, user)
    assert np.isin(guessed.films, relevant).sum() >= 3
    hits = [item for item in guessed.films if item in relevant]
    misses = [item for item in guessed.films if item not in relevant]
    assert app.button(key=f"reveal_{lucky}").disabled
    app.pills(key=f"picks_{lucky}").set_value([*hits[:2], *misses[:2]]).run()
    assert app.button(key=f"reveal_{lucky}").label == "Take 1 away"
    app.pills(key=f"picks_{lucky}").set_value([*hits[:2], *misses[:1]]).run()
    assert app.pills(key=f"picks_{lucky}").options == ten
    app.button(key=f"reveal_{lucky}").click().run()
    assert "ticks" not in parameters(app)
    assert parameters(app)["guess"] == "pick"
    says = app.info[0].value
    assert says.startswith(f"Of the 3 that you picked, user {lucky} went on to like **2**")
    for answer in lists.answers(demo_dataset, MODELS.split(","), user, 10, exclude_seen=True):
        assert answer.full is not None
        own = [item for item in answer.full.items if item in guessed.films][:3]
        assert re.search(rf"\b{answer.column.label} {np.isin(own, relevant).sum()}\b", says)
    app.button(key="surprise").click().run()
    assert not app.info  # nothing was guessed of somebody else


def test_the_model_that_found_most(lucky: int, demo_dataset: Dataset) -> None:
    user = demo_dataset.viewers.ids.index(lucky)
    given = lists.answers(demo_dataset, MODELS.split(","), user, 10, exclude_seen=True)
    n_hits = {a.column.key: a.top.n_hits for a in given if a.top is not None}
    best, worst = max(n_hits, key=n_hits.__getitem__), min(n_hits, key=n_hits.__getitem__)
    for choice, says in ((best, "and rightly"), (worst, "found most")):
        app = opened(user=str(lucky), models=MODELS, ticks="0", guess="model")
        assert app.button(key=f"reveal_{lucky}").disabled
        app.pills(key=f"most_{lucky}").set_value(choice).run()
        app.button(key=f"reveal_{lucky}").click().run()
        assert says in app.info[0].value
        for answer in given:
            assert re.search(rf"\b{answer.column.label} {n_hits[answer.column.key]}\b", app.info[0].value)


def test_where_no_choice_is_possible_the_page_says_so(trained: Path, demo_dataset: Dataset) -> None:
    assert guess.drawn(np.arange(30), np.array([1, 2, 90]), np.random.default_rng(0)) is None
    nobody = next(user for user in range(demo_dataset.n_users) if len(loaders.relevant(demo_dataset, user)) < 3)
    raw = int(demo_dataset.viewers.ids.ids[nobody])
    app = opened(user=str(raw), models=MODELS, ticks="0", guess="pick")
    assert any("fewer than 3" in each.value for each in app.caption)
    assert not app.pills
    app = opened(user=str(raw), models="als", ticks="0", guess="model")
    assert any("two models or more" in each.value for each in app.caption)


def test_the_ten_are_as_if_drawn_until_three_were_hits() -> None:
    """Compared with exactly that, on a case so small that every choice comes often."""
    films, hits, n = np.arange(13), np.array([0, 4, 8, 12]), 4000
    random = np.random.default_rng(0)
    ours = Counter(tuple(guess.drawn(films, hits, random) or ()) for _ in range(n))
    theirs: Counter[tuple[int, ...]] = Counter()
    while theirs.total() < n:
        ten = random.permutation(films)[:10]
        if np.isin(ten, hits).sum() >= 3:
            theirs[tuple(sorted(int(item) for item in ten))] += 1
    assert set(ours) <= {*theirs, *ours}
    assert all(list(ten) == sorted(ten) and len(set(ten)) == 10 for ten in ours)
    for film in films.tolist():
        share = [sum(times for ten, times in drawn.items() if film in ten) / n for drawn in (ours, theirs)]
        assert abs(share[0] - share[1]) < 0.04


def test_the_ten_stay_after_a_reload_and_while_models_are_switched(lucky: int) -> None:
    """What two draws have in common would be the answer."""
    app = opened(user=str(lucky), models=MODELS, ticks="0", guess="pick")
    ten = app.pills(key=f"picks_{lucky}").options
    again = opened(user=str(lucky), models=MODELS, ticks="0", guess="pick")
    assert again.pills(key=f"picks_{lucky}").options == ten
    app.query_params["models"] = "ease,popularity"
    app.query_params["k"] = "20"
    app.run()
    assert app.pills(key=f"picks_{lucky}").options == ten


def test_a_way_that_is_none_disappears_from_the_address(trained: Path) -> None:
    assert "guess" not in parameters(opened(user="7", guess="<b>"))
