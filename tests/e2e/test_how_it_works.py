"""How it works as somebody with a browser reads it."""

from __future__ import annotations

import pytest

from recsys.lessons.models import LESSONS
from recsys.models.registry import entry
from tests.e2e.conftest import TITLES
from tests.e2e.test_app import no_sideways_scroll, page, settled, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

assert page is not None  # a fixture, used by name


def formulas(page) -> tuple[int, int]:
    """How many are drawn, and how many could not be."""
    return page.locator(".katex").count(), page.locator(".katex-error").count()


def chosen(page, topic: str) -> None:
    page.locator(f'.pill[data-topic="{topic}"][aria-pressed="true"]').wait_for()


@pytest.mark.parametrize("width", [1440, 390])
def test_every_part_is_drawn_at_any_width(browser, demo_app: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    visit(page, f"{demo_app}/how_it_works", ".lesson")
    assert page.locator(".lesson").count() == len(LESSONS)
    assert no_sideways_scroll(page)
    for name in LESSONS:
        page.locator(f'.pill[data-topic="{name}"]').click()
        settled(page, f"topic={name}")
        page.locator(".lesson").first.wait_for(state="detached")  # the overview, whose cards have the same names
        page.get_by_role("heading", name=entry(name).label, exact=True).wait_for()
        page.get_by_text("Its settings").wait_for()
        page.wait_for_function("document.querySelectorAll('.katex').length > 3")
        assert formulas(page)[1] == 0, name
        page.locator(".arrows .line").first.wait_for(state="attached")
        assert page.locator(".arrows .line").count() >= page.locator(".stage").count() - 1
        boxes = [box.bounding_box() for box in page.locator(".stage .box").all()]
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes), name
        assert no_sideways_scroll(page), name
    for name, ready in (("metrics", ".steps"), ("frameworks", "text=tape.gradient"), ("words", "text=Fold-in")):
        page.locator(f'.pill[data-topic="{name}"]').click()
        page.locator(ready).first.wait_for()
        assert formulas(page)[1] == 0, name
        assert no_sideways_scroll(page), name
    assert thrown == []
    context.close()


def test_a_metric_is_worked_out_and_found_again_by_its_address(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/how_it_works?topic=metrics-ndcg-svd&user=7", ".terms")
    page.get_by_test_id("stButtonGroup").get_by_text("Precision", exact=True).click()
    settled(page, "topic=metrics-precision-svd")
    page.locator("h3", has_text="Precision of user 7: the first 10 films of SVD").wait_for()
    hits = page.locator(".terms .hit").count()
    assert page.locator(".steps .result .value").inner_text() == (f"{hits / 10:.3f}" if hits else "0")
    page.reload()
    page.locator("h3", has_text="Precision of user 7").wait_for()
    page.locator('.pill[data-topic=""]').click()
    page.locator(".lesson").first.wait_for()
    page.get_by_role("button", name="EASE").last.focus()
    page.keyboard.press("Enter")
    settled(page, "topic=ease")
    chosen(page, "ease")
    page.go_back()
    page.locator(".lesson").first.wait_for()


def test_odd_titles_are_text(page, odd_app: str) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    visit(page, f"{odd_app}/how_it_works?topic=metrics-recall-als&user=1", ".terms")
    listed = page.locator(".terms th").all_inner_texts()
    assert all(any(title in row for row in listed) for title in TITLES)
    for name in ("als", "ease"):
        page.locator(f'.pill[data-topic="{name}"]').click()
        chosen(page, name)
        page.locator(".steps").first.wait_for()
        assert any(title in page.locator(".root .panel").first.inner_text() for title in TITLES)
    assert dialogs == []
