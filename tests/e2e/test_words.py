"""A technical word says what it means on hover, focus and tap."""

from __future__ import annotations

import pytest

from tests.e2e.test_app import page, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

assert page is not None  # a fixture, used by name
IN_TEXT = '[data-testid=stMarkdownContainer] a[href*="how_it_works?topic=metrics-ndcg"]'


def test_hover_focus_and_escape(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/leaderboard", ".standings")
    page.get_by_label("What nDCG@10 means").focus()
    tip = page.get_by_role("tooltip")
    tip.wait_for()
    assert tip.inner_text().startswith("Liked films in the list")
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    page.locator(IN_TEXT).first.hover()
    tip.wait_for()
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]
    page.mouse.move(5, 700)
    assert tip.is_hidden()
    with page.context.expect_page() as opened:
        page.get_by_label("What RMSE means").or_(page.locator(IN_TEXT)).first.click()
    opened.value.get_by_role("heading", name="How it works").wait_for()
    assert "topic=metrics" in opened.value.url


def test_the_feet_of_lists_and_the_sentences_of_why_have_them_too(page, shipped_app: str) -> None:
    tip = page.locator(".tip[role=tooltip]")
    visit(page, f"{shipped_app}/?user=7", ".card .sum")
    tip.wait_for(state="attached")  # the last part of a page
    page.locator(".card .sum .term").first.hover()
    tip.wait_for()
    assert tip.inner_text().startswith("Liked films in the list")
    assert page.locator(".card .sum .tip").first.is_hidden()  # one tip at a time
    assert page.locator(".card .sum").first.inner_text().startswith("0 of 3, nDCG 0")
    visit(page, f"{shipped_app}/why?user=7", ".why .row")
    tip.wait_for(state="attached")
    page.locator('.card[data-model="autoint"] .more > summary').focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # from one part of a card to the next
    tip.wait_for()
    assert "hidden from a model" in tip.inner_text()


def test_a_first_tap_says_it(browser, demo_app: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone = context.new_page()
    visit(phone, f"{demo_app}/leaderboard", ".standings")
    phone.locator(IN_TEXT).first.tap()
    phone.get_by_role("tooltip").wait_for()
    assert len(context.pages) == 1
    with context.expect_page():
        phone.locator(IN_TEXT).first.tap()
    context.close()
