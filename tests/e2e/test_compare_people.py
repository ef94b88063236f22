"""Whom Compare is about: users worth a look, two side by side, and what is held back while one guesses."""

from __future__ import annotations

import pytest

from tests.e2e.test_app import ALL, page, settled, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

assert page is not None  # a fixture, used by name


def test_a_user_worth_a_look_is_two_clicks_away(page, demo_app: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    visit(page, f"{demo_app}/?models={ALL}&user=7", ".card .film")
    shown = [button for button in page.locator(".st-key-actions button").all() if button.is_visible()]
    assert len(shown) == 6
    assert len({round(button.bounding_box()["y"]) for button in shown}) == 1  # one row
    page.locator(".st-key-notable button").first.press("Enter")
    one = page.get_by_role("button", name="The models disagree: user")
    number = one.inner_text().split("user ")[1]
    one.press("Enter")
    page.get_by_role("heading", name=f"What should user {number} watch next?").wait_for()
    settled(page, f"user={number}")
    page.locator(f'.root[data-user="{number}"]').wait_for()
    assert not page.get_by_text("none of them is typical").is_visible()
