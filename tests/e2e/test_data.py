"""The Data page as somebody with a browser uses it."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import TITLES
from tests.e2e.test_app import no_sideways_scroll, page, settled, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

assert page is not None  # a fixture, used by name
PLOT = ".js-plotly-plot .main-svg"


def choose(page, label: str, option: str) -> None:
    page.get_by_test_id("stMain").get_by_test_id("stSelectbox").filter(has_text=label).get_by_role("combobox").click()
    page.get_by_role("option", name=option).click()


def test_the_charts_are_drawn_and_parts_have_addresses(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/data", ".facts")
    page.locator(PLOT).first.wait_for()
    assert page.locator(".facts .value").first.inner_text() == "1,000"
    assert page.locator(".barlayer .point").count() == 5
    page.get_by_role("tab", name="Long tail").click()
    settled(page, "topic=long-tail")
    page.locator(".scatterlayer .trace").nth(3).wait_for(state="attached")  # a line and its middle, two times
    page.reload()
    page.get_by_text("most rated films have").wait_for()
    assert page.get_by_role("tab", name="Long tail").get_attribute("aria-selected") == "true"
    page.get_by_role("tab", name="Films and people").click()
    page.locator(".tally tbody tr").first.wait_for()
    assert page.locator(".tally tbody tr").count() == 18
    assert page.locator(".groups section").count() == 3


def test_the_table_switches_models_and_a_film_opens(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/data?topic=table&user=7", ".table")
    assert page.locator(".table tbody tr").count() == 8
    assert page.locator(".legend").first.inner_text().startswith("SVD")
    choose(page, "Model", "EASE")
    page.locator(".legend", has_text="EASE (place in its list)").wait_for()
    assert page.locator(".cell.unrated .said").first.inner_text().split("\n")[-1].startswith("#")
    choose(page, "Films", "Hidden from user 7")
    page.locator(".table tr.me .cell.hidden").nth(5).wait_for()
    assert page.locator(".table tr.me .cell:not(.hidden)").count() == 0
    settled(page, "pair=ease,als", "which=user")
    page.reload()
    page.locator(".legend", has_text="EASE (place in its list)").wait_for()
    page.locator(".table tr.me .cell.hidden").nth(5).wait_for()
    page.locator(".table thead a").first.click()
    page.wait_for_url("**/film?user=7&film=*")


def test_odd_titles_are_text(page, odd_app: str) -> None:
    visit(page, f"{odd_app}/data?topic=table", ".table")
    page.on("dialog", lambda dialog: pytest.fail("A title ran as a script."))
    choose(page, "Films", "Most rated")
    page.locator(".table thead a", has_text=TITLES[0]).wait_for()
    titles = page.locator(".table thead a").all_inner_texts()
    assert titles[:3] == list(TITLES[:3])  # the fourth is hidden from too many to be among the most rated
    assert page.locator(".table script, .table b").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_part_is_wider_than_a_phone(browser, demo_app: str, pictures, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    visit(page, f"{demo_app}/data", PLOT)
    parts = {"Long tail": PLOT, "Over time": PLOT, "Films and people": ".groups", "Real and predicted": ".table"}
    for name, ready in {"In numbers": PLOT, **parts, "What is hidden": ".strip"}.items():
        page.get_by_role("tab", name=name).click()
        page.get_by_role("tabpanel", name=name).locator(ready).first.wait_for()
        page.wait_for_timeout(300)
        page.screenshot(path=pictures / f"data-{name.lower().replace(' ', '-')}-390-{scheme}.png")
        assert no_sideways_scroll(page), f"{name} is wider than a phone"
    context.close()


@pytest.mark.parametrize(
    ("part", "name"), [("data?topic=hidden", "What is hidden"), ("leaderboard?tab=checks", "Checks")]
)
def test_a_link_shows_the_open_tab_on_a_phone(browser, demo_app: str, part: str, name: str) -> None:
    """Streamlit's strip of tabs is wider than the screen and begins at the first one."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    visit(page, f"{demo_app}/{part}", '[role="tab"]')
    tab = page.get_by_role("tab", name=name)
    playwright.expect(tab).to_be_in_viewport(ratio=1)
    assert tab.get_attribute("aria-selected") == "true"
    assert page.evaluate("document.querySelector('[role=tablist]').scrollLeft") > 0
    assert page.get_by_test_id("stMain").evaluate("it => [it.scrollTop, it.scrollLeft]") == [0, 0]
    page.get_by_role("tab").first.evaluate("it => it.click()")
    playwright.expect(page.get_by_role("tab").first).to_be_in_viewport(ratio=1)
    context.close()


def test_the_timeline_follows_the_user(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/data?topic=hidden&user=7", ".strip svg")
    before = page.locator(".strip svg").get_attribute("aria-label")
    assert "of user 7, oldest first" in before
    page.get_by_text("The very last film").click()
    page.locator(".strip .legend", has_text="hidden, a hit if found: 1").wait_for()
    page.get_by_label("User, 1 to 1000").fill("33")
    page.get_by_label("User, 1 to 1000").press("Enter")
    settled(page, "user=33")
    page.locator('.strip svg[aria-label*="of user 33"]').wait_for()
