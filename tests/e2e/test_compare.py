"""The films of the Compare page as ways to the Film page: in the history, and below the lists."""

from __future__ import annotations

import pytest

from tests.e2e.test_app import ALL, no_sideways_scroll, page, settled, user_drawn, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

assert page is not None  # a fixture, used by name
FOCUSED = "document.activeElement.shadowRoot?.activeElement?."


def test_a_film_of_the_history_opens_and_the_whole_history_stays_open(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/?models={ALL}&user=7")
    user_drawn(page, 7)
    page.locator(".history .more").click()
    n_all = page.locator(".history .film a").count()
    assert n_all > 5
    page.get_by_text("Hide already seen").click()
    settled(page, "seen=1")
    page.wait_for_function(
        "[...document.querySelectorAll('*')].some((e) => e.shadowRoot?.querySelector('.history a[href*=\"seen=1\"]'))"
    )
    assert page.locator(".history .film a").count() == n_all  # only where the links lead has changed
    page.locator(".history .more").focus()
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUSED}className") == "about"
    assert page.evaluate(f"getComputedStyle({FOCUSED.removesuffix('?.')}).outlineStyle") == "solid"
    title = page.evaluate(f"{FOCUSED}textContent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/film?user=7&*film=*")
    page.get_by_role("heading", name=title).first.wait_for()


def test_below_the_lists_a_film_can_be_chosen_and_opened(browser, demo_app: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    visit(page, f"{demo_app}/?models={ALL}&user=7", ".ones .chip")
    chip = page.locator(".ones .chip").first
    film = chip.get_attribute("data-film")
    chip.get_by_role("button").click()
    settled(page, f"film={film}")
    assert chip.get_by_role("button").get_attribute("aria-pressed") == "true"
    assert no_sideways_scroll(page)
    title = chip.get_by_role("link").get_attribute("aria-label").removeprefix("About ")
    chip.get_by_role("link").click()
    page.get_by_role("heading", name=title).first.wait_for()
    settled(page, "user=7", f"film={film}")
    context.close()
