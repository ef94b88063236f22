"""The Leaderboard as somebody with a browser uses it."""

from __future__ import annotations

import re

import pytest

from recsys.data import download
from tests.e2e.test_app import no_sideways_scroll, page, settled, user_drawn, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

assert page is not None  # a fixture, used by name
FOCUSED = (
    "() => { let e = document.activeElement; while (e.shadowRoot) e = e.shadowRoot.activeElement; return e.innerText; }"
)
PLOT = ".js-plotly-plot .main-svg"


def order(page) -> list[str]:
    return page.locator(".standings tbody th").evaluate_all("all => all.map(e => e.childNodes[2].textContent)")


def test_the_table_is_sorted_filtered_and_drawn(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/leaderboard", ".standings")
    assert order(page)[0] == page.locator(".dots .who").first.inner_text().strip()
    head = page.get_by_role("button", name=re.compile("^Recall@10"))
    head.click()
    assert page.locator("figure h2").inner_text().startswith("Recall@10")
    descending = order(page)
    page.get_by_role("button", name=re.compile("^Recall@10")).click()
    assert order(page) == descending[::-1]
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    page.get_by_role("button", name="Model", exact=True).click()
    assert order(page) == ["ALS", "SVD", "Popularity", "EASE"]
    page.locator(".pill", has_text="SVD").click()
    assert order(page) == ["ALS", "Popularity", "EASE"]
    assert page.locator(".dots li").count() == 3
    assert page.locator(".pill", has_text="EASE").is_disabled()


def test_what_was_chosen_in_the_table_is_found_again(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/leaderboard", ".standings")
    page.get_by_role("button", name="Breadth").click()
    page.get_by_role("button", name=re.compile("^Novelty")).click()
    page.get_by_role("button", name=re.compile("^Novelty")).click()
    page.locator(".pill", has_text="SVD").click()
    settled(page, "without=svd")
    settled(page, "metric=novelty")
    settled(page, "order=worst")
    head, before = page.locator("figure h2").inner_text(), order(page)
    assert page.evaluate(FOCUSED).startswith("SVD")  # what was chosen still has the keyboard
    page.reload()
    page.locator(".standings").wait_for()
    assert page.locator("figure h2").inner_text() == head
    assert order(page) == before
    assert page.locator(".pill", has_text="SVD").get_attribute("aria-pressed") == "false"
    page.go_back()
    page.locator(".standings tbody th", has_text="SVD").wait_for()


def test_a_part_is_opened_by_its_tab_and_found_again_by_its_address(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/leaderboard", ".standings")
    page.get_by_role("tab", name="Cost").click()
    page.locator(PLOT).first.wait_for()
    settled(page, "tab=cost")
    page.get_by_text("Space", exact=True).click()
    page.get_by_text("size on disk, megabytes").wait_for()
    page.reload()
    page.locator(PLOT).first.wait_for()
    assert page.get_by_role("tab", name="Cost").get_attribute("aria-selected") == "true"


def test_the_lens_is_switched_to_another_mistake(page, serve, tmp_path) -> None:
    if download.find("ml-100k") is None:
        pytest.skip("MovieLens 100K is not here: set RECSYS_DATA_DIR to the folder that holds ml-100k")
    address = serve(RECSYS_DOWNLOAD_DIR=str(tmp_path))
    visit(page, f"{address}/leaderboard?dataset=ml-100k&tab=protocols", PLOT)
    before = page.locator(PLOT).first.text_content()
    page.get_by_text("Ranks against 99 random films").click()
    page.get_by_text("naive: sampled").wait_for()
    assert page.locator(PLOT).first.text_content() != before
    page.get_by_text("The same as a table").click()
    page.locator("table.grid").wait_for()
    assert page.locator("table.grid tbody tr").count() >= 2


def test_a_dot_opens_its_user_in_compare(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/leaderboard?tab=people", PLOT)
    page.get_by_text("No user is chosen yet").wait_for()
    page.locator(".js-plotly-plot").scroll_into_view_if_needed()
    dots = page.locator(".scatterlayer .trace").nth(1).locator(".point")
    dots.first.wait_for()
    place = dots.first.bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2, steps=4)
    page.locator(".hoverlayer .hovertext").wait_for()  # Plotly takes a click only where it knows what is under it
    page.mouse.down()
    page.mouse.up()
    page.get_by_text("Open in Compare:").wait_for()
    link = page.get_by_test_id("stMain").get_by_test_id("stPageLink").first
    number = int(re.search(r"User (\d+)", link.inner_text())[1])
    link.get_by_role("link").click()
    user_drawn(page, number)
    settled(page, f"user={number}")
    assert page.locator("h1").inner_text() == f"What should user {number} watch next?"


def test_what_is_too_close_to_call_is_marked_and_read_out(page, shipped_app: str) -> None:
    visit(page, f"{shipped_app}/leaderboard?tab=people", ".slices tbody tr")
    close = page.locator(".slices tbody tr").last.locator("td.level .number")
    assert "level: EASE and AutoInt+" in page.locator(".slices tbody tr").first.inner_text()
    assert close.count() >= 2
    assert close.first.locator(".close").inner_text() == "≈"
    assert close.first.locator(".sr").text_content() == ", too close to call"
    assert page.locator("td.leads").count() == 0


def test_the_checks_turn_green(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/leaderboard?tab=checks", ".checks")
    assert page.locator("h2[data-state=passed]").inner_text().startswith("All 5 checks passed")
    assert page.locator(".mark", has_text="passed").count() == 5
    assert page.locator(".mark", has_text="not checked").count() == 1
    page.get_by_role("button", name="Check again").click()
    page.locator(".checks").wait_for()


def test_every_pair_unfolds(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/leaderboard", ".standings")
    page.get_by_text("Every pair of models").click()
    page.locator("table.grid").nth(1).wait_for()
    assert page.locator("table.grid").first.locator("tbody tr").count() == 4
    assert page.get_by_text("one seed").count() == 4


def test_more_models_are_behind_a_choice_in_compare(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/?models=als,svd")
    assert page.locator(".pill", has_text="NeuMF").is_hidden()
    page.get_by_role("button", name="More models").click()
    page.locator(".pill", has_text="NeuMF").click()
    settled(page, "models=als,svd,neumf")
    page.locator(".card", has_text="NeuMF").wait_for()
    page.reload()
    page.locator(".card", has_text="NeuMF").wait_for()
    assert page.locator(".pill", has_text="NeuMF").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_part_overflows(browser, shipped_app: str, pictures, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for tab, ready in (("people", PLOT), ("cost", PLOT), ("popularity", PLOT), ("checks", ".checks")):
        visit(page, f"{shipped_app}/leaderboard?tab={tab}", ready)
        page.wait_for_timeout(500)
        page.screenshot(path=pictures / f"leaderboard-{tab}-{width}-{scheme}.png")
        assert no_sideways_scroll(page), f"{tab} is wider than {width} pixels"
    context.close()
