"""What each page is about stands on its first screen: 1280 x 720 pixels, which is what a projector shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from recsys.training.jobs import runs
from tests.e2e.test_app import no_sideways_scroll, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

WIDTH, HEIGHT = 1280, 720
Box = dict[str, float]


@pytest.fixture(params=["light", "dark"])
def projector(browser, request) -> Iterator:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=request.param)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def boxes(page, selector: str) -> list[Box]:
    """Of all that the selector finds, once nothing moves any more."""
    page.locator(selector).first.wait_for()
    found = [each.bounding_box() for each in page.locator(selector).all()]
    while True:
        page.wait_for_timeout(400)
        before, found = found, [each.bounding_box() for each in page.locator(selector).all()]
        if found == before:
            return found


def assert_on_screen(found: list[Box]) -> None:
    for box in found:
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= WIDTH
        assert box["y"] + box["height"] <= HEIGHT


def test_why_shows_the_first_reasons_of_all_six_models(projector, shipped_app: str) -> None:
    visit(projector, f"{shipped_app}/why?user=7", ".why .row")
    cards = boxes(projector, ".card")
    assert len(cards) == 6
    assert len({round(card["y"]) for card in cards}) == 1
    assert all(left["x"] + left["width"] <= right["x"] for left, right in pairwise(cards))
    for place in range(6):
        rows = boxes(projector, f".card:nth-child({place + 1}) .why > .block .row")
        assert len(rows) >= 3
        assert_on_screen(rows)
    assert_on_screen(boxes(projector, ".more > summary"))
    names = projector.locator(".card .whole").evaluate_all("all => all.map(e => e.scrollWidth <= e.clientWidth + 1)")
    assert all(names)  # "AutoEncoder" is whole
    more = projector.locator('.card[data-model="bpr"] .more')
    more.locator("> summary").press("Enter")
    more.get_by_text("How this was found").wait_for()
    assert no_sideways_scroll(projector)


def test_ten_rows_stand_under_the_films_to_pick_from(projector, shipped_app: str) -> None:
    visit(projector, f"{shipped_app}/?user=13&ticks=0&guess=pick", ".card .film")
    projector.get_by_text("Which 3 of these 10 did user 13 go on to like?").wait_for()
    rows = boxes(projector, ".card .film")
    assert len(rows) == 60
    assert_on_screen(rows)
    [button] = boxes(projector, ".st-key-reveal_13 button")
    assert button["x"] > max(pill["x"] + pill["width"] for pill in boxes(projector, ".st-key-picks_13 button"))


def test_all_six_lists_stand_beside_the_films_that_one_rates(projector, shipped_app: str) -> None:
    visit(projector, f"{shipped_app}/your_films?films=1:5,2:4,204:1", ".card .film")
    rows = boxes(projector, ".card .film")
    assert len(rows) == 60
    assert_on_screen(rows)
    assert len({round(row["y"]) for row in rows}) == 10  # places of the same number on one line
    row = projector.locator('.card[data-model="svd"] li').nth(4)
    row.hover()
    stars, title = row.locator(".give").bounding_box(), row.locator(".title").bounding_box()
    assert stars["y"] + stars["height"] <= title["y"]
    assert_on_screen([stars])
    row.locator(".give .star").last.click()
    projector.get_by_text("Your films (4 of 50)").wait_for()


def test_on_stage_the_leaderboard_shows_nine_models(projector, shipped_app: str) -> None:
    visit(projector, f"{shipped_app}/leaderboard?stage=1", ".standings tbody tr")
    rows = boxes(projector, ".standings tbody tr")
    assert len(rows) == 9
    assert_on_screen(rows)


def test_film_shows_who_gets_it_beside_its_ratings(projector, shipped_app: str) -> None:
    visit(projector, f"{shipped_app}/film", ".reach tbody tr")
    rows = boxes(projector, ".reach tbody tr")
    assert len(rows) == 6
    assert_on_screen(rows)
    charts = boxes(projector, ".js-plotly-plot")[:2]
    assert_on_screen(charts)
    assert all(chart["x"] > rows[0]["x"] + rows[0]["width"] for chart in charts)


def test_leaderboard_shows_table_and_chart_each_model_on_one_line(projector, shipped_app: str) -> None:
    visit(projector, f"{shipped_app}/leaderboard", ".standings tbody tr")
    rows, dots = boxes(projector, ".standings tbody tr"), boxes(projector, ".dots li")
    assert len(rows) == len(dots) == 9
    assert_on_screen([*rows, *dots, *boxes(projector, "figure .axis")])
    for row, dot in zip(rows, dots, strict=True):
        assert dot["x"] > row["x"] + row["width"]
        assert abs((row["y"] + row["height"] / 2) - (dot["y"] + dot["height"] / 2)) <= 3
    [table] = boxes(projector, ".scroll")
    last = boxes(projector, ".standings thead th")[-1]
    assert last["x"] + last["width"] <= table["x"] + table["width"]  # MAP and MRR are not cut off
    assert projector.get_by_text("are clearly ahead of plain popularity").count() == 0  # behind "More"
    projector.get_by_role("button", name="More", exact=True).click()
    projector.get_by_text("clearly ahead of plain popularity").wait_for()


@pytest.mark.training
def test_train_shows_its_curves_while_it_trains_and_the_new_list_beside_the_old(
    browser, serve: Callable[..., str], tmp_path: Path
) -> None:
    root = tmp_path / "runs"
    app = serve(RECSYS_DATA_DIR=str(tmp_path), RECSYS_DOWNLOAD_DIR=str(tmp_path), RECSYS_RUNS_DIR=str(root))
    page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}).new_page()
    visit(page, f"{app}/train", ".js-plotly-plot")
    before = boxes(page, ".js-plotly-plot")
    assert len(before) == 2
    assert_on_screen(before)
    page.get_by_role("button", name="Train", exact=True).click()
    page.locator("[role=progressbar]").wait_for()
    page.locator(".js-plotly-plot").nth(1).wait_for()
    assert_on_screen([each.bounding_box() for each in page.locator(".js-plotly-plot, [role=progressbar]").all()])
    page.get_by_role("button", name="Show in Compare").wait_for(timeout=240_000)
    assert_on_screen(boxes(page, ".js-plotly-plot"))
    assert runs.all_runs(root)[0].name == "BPR 1"
    page.get_by_role("button", name="Show in Compare").click()
    old, new = boxes(page, '.card[data-model="bpr"], .card.run')
    assert_on_screen(boxes(page, '.card[data-model="bpr"] .film, .card.run .film'))
    assert round(old["y"]) == round(new["y"])
    assert 0 <= new["x"] - old["x"] - old["width"] < 20
    page.context.close()
