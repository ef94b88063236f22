"""The stage: in the address, and what its keys do. How it looks is tested in a browser."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from recsys.data.dataset import Dataset
from recsys.ui import charts, loaders, navigation, stage, url
from recsys.ui.components.mount import Component
from recsys.ui.view import View, encode
from tests.app import drawn, given_to, opened, parameters

PAGES = [name for group in navigation.GROUPS.values() for name, *_ in group]


def keys(app: AppTest) -> list[str]:
    return [key["shown"] for key in given_to(app, "stage")["keys"]]


@pytest.mark.parametrize("page", PAGES)
def test_present_leads_onto_the_stage_and_it_stands_in_the_address(trained: Path, page: str) -> None:
    app = opened(page)
    assert "stage" not in drawn(app)
    app.button(key="present").click().run()
    assert not app.exception
    assert parameters(app)["stage"] == "1"
    assert "stage" in drawn(app)


def test_it_stays_while_pages_change(trained: Path) -> None:
    app = opened(stage="1", user="7")
    assert all("stage=1" in link for link in given_to(app, "board")["links"].values())
    app.switch_page("pages/why.py").run()
    assert parameters(app)["stage"] == "1"


@pytest.mark.parametrize(
    ("page", "asked", "expected"),
    [
        ("compare", {}, ["← →", "R", "T", "Esc"]),
        ("your_films", {}, ["T", "Esc"]),
        ("why", {}, ["← →", "Esc"]),
        ("why", {"who": "new_user", "films": "1:5"}, ["Esc"]),
        ("film", {}, ["← →", "Esc"]),
        ("data", {}, ["Esc"]),
    ],
)
def test_a_page_offers_the_keys_that_do_something_there(
    trained: Path, page: str, asked: dict[str, str], expected: list[str]
) -> None:
    assert keys(opened(page, stage="1", **asked)) == expected


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch, demo_dataset: Dataset) -> Any:
    """Press keys on a page that shows a view; what the address says then."""

    def pressed(page: str, view: View, *words: object) -> dict[str, str]:
        state: dict[str, Any] = {"recsys_view": view, "recsys_page": page}
        query: dict[str, str] = {}
        parameters = SimpleNamespace(to_dict=lambda: dict(query), from_dict=lambda new: query.update(new))
        fake = SimpleNamespace(session_state=state, query_params=parameters)
        monkeypatch.setattr(url, "st", fake)
        monkeypatch.setattr(stage, "st", fake)
        for word in words:
            state["stage"] = SimpleNamespace(press=word)
            stage._pressed(demo_dataset)
        return encode(state["recsys_view"])

    return pressed


ON = View(dataset="demo", user=7, stage=True)


def test_keys_do_what_they_say(press: Any, demo_dataset: Dataset) -> None:
    here = {"dataset": "demo", "stage": "1"}
    assert press("", ON, "next") == press("why", ON, "next") == {**here, "user": "8"}
    assert press("", ON, "previous", "previous") == {**here, "user": "5"}
    last = int(demo_dataset.viewers.ids.ids[-1])
    assert press("", View(dataset="demo", user=last, stage=True), "next")["user"] == str(
        demo_dataset.viewers.ids.ids[0]
    )
    assert press("", ON, "reveal") == {**here, "user": "7", "ticks": "0"}
    assert press("", ON, "reveal", "reveal", "table") == {**here, "user": "7", "layout": "table"}
    assert press("your_films", ON, "table", "table") == {**here, "user": "7"}
    assert press("data", ON, "leave") == {"dataset": "demo", "user": "7"}


def test_the_next_film_is_the_one_with_the_next_fewer_ratings(press: Any, demo_dataset: Dataset) -> None:
    counts = loaders.task(demo_dataset).known.item_counts
    ids = demo_dataset.catalog.ids
    seen = [int(counts.max())]
    view = View(dataset="demo", stage=True)
    for step in range(1, 6):
        film = int(press("film", view, *["next"] * step)["film"])
        seen.append(int(counts[ids.index(film)]))
    assert seen == sorted(counts.tolist(), reverse=True)[:6]
    assert press("film", view, "next", "previous")["film"] == str(ids.ids[int(counts.argmax())])


@pytest.mark.parametrize("word", [None, "", "<script>", 3, ["next"], "reveal"])
def test_what_is_no_key_of_the_page_does_nothing(press: Any, word: object) -> None:
    assert press("data", ON, word) == encode(ON)


def test_charts_are_in_large_type_on_stage(press: Any) -> None:
    off = charts.figure(200, "stars")
    assert (off.layout.height, off.layout.font.size) == (200, 13)
    press("film", ON)
    on = charts.figure(200, "stars")
    assert on.layout.height > 200
    assert {on.layout.font.size, on.layout.annotations[0].font.size, charts.font()["size"]} == {18}


def test_no_size_of_type_in_a_component_escapes_the_least_one() -> None:
    css = Component("board", "pills", "cards", "matrix", "tour")._styles()
    assert "font-size: max(0.76rem, var(--least-type, 13px))" in css
    assert not [line for line in css.splitlines() if "font-size: 0" in line]
