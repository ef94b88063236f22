"""The Why page as somebody with a browser uses it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlparse

import pytest

from tests.e2e.conftest import TITLES
from tests.e2e.test_app import no_sideways_scroll, page, settled, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

assert page is not None  # a fixture, used by name


def test_reasons_are_read_chosen_and_found_again(page, shipped_app: str) -> None:
    visit(page, f"{shipped_app}/why?user=7", ".why .row")
    assert page.locator(".card").count() == 6
    assert page.locator('.card[data-model="als"] .row.total').inner_text().strip().startswith("Sum")
    page.get_by_role("button", name="EASE", exact=True).click()
    page.locator('.card[data-model="ease"] .row').first.wait_for()
    settled(page, "models=als,svd,autoencoder,bpr,gru,autoint,ease")
    page.locator('.card[data-model="svd"] .more > summary').press("Enter")
    fold = page.locator('.card[data-model="svd"] details.block', has_text="Which axes of taste")
    fold.locator("summary").press("Enter")
    fold.get_by_text("and away from").first.wait_for()
    box = page.get_by_role("combobox", name=re.compile("Film"))
    box.hover()  # the page scrolls up to it first: a menu closes when the page scrolls
    page.wait_for_timeout(300)
    box.click()
    page.get_by_role("option").nth(2).click()
    settled(page, "film=")
    chosen = parse_qs(urlparse(page.url).query)["film"][0]
    page.locator(f'.root[data-film="{chosen}"]').wait_for()
    page.reload()
    page.locator(f'.root[data-film="{chosen}"]').wait_for()


def test_the_attention_of_another_head_is_one_key_away(page, shipped_app: str) -> None:
    visit(page, f"{shipped_app}/why?user=7&models=autoint", ".attention .fields")
    assert page.get_by_text("not proof of cause").is_visible()
    assert page.locator(".attention .fields").count() == 2
    page.get_by_text("Which field looks at which, field by field").click()
    cells = page.locator(".matrix").first.locator("td.cell")
    cells.first.wait_for()
    before = cells.all_inner_texts()
    assert len(before) == 14 * 14
    page.get_by_role("button", name="Head 2").press("Enter")
    assert cells.all_inner_texts() != before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_scrolls_sideways(browser, shipped_app: str, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    phone = context.new_page()
    address = f"{shipped_app}/why?who=new_user&films=50:5,181:4&models=svd,bpr,gru,autoint"
    visit(phone, address, ".attention .fields")
    assert no_sideways_scroll(phone)
    assert phone.locator(".card").first.bounding_box()["width"] <= 390
    phone.get_by_text("Which field looks at which, field by field").click()
    phone.locator(".matrix").first.wait_for()
    assert no_sideways_scroll(phone)
    context.close()


def test_titles_are_text_whatever_they_contain(page, odd_app: str) -> None:
    page.on("dialog", lambda _: pytest.fail("a title was run as a script"))
    visit(page, f"{odd_app}/why?user=1&models=svd,ease", ".why .row")
    assert page.locator(".top h2").inner_text().startswith(TITLES)
    page.get_by_role("combobox", name=re.compile("Film")).click()
    offered = page.get_by_role("option").all_inner_texts()
    for title in TITLES:
        assert any(option.startswith(title) for option in offered), title
