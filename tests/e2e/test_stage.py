"""The stage, as the room sees it and as whoever stands in front of it drives it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from recsys.ui import navigation
from tests.e2e.test_app import no_sideways_scroll, page, settled, user_drawn, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

assert page is not None  # a fixture, used by name

PAGES = [name for group in navigation.GROUPS.values() for name, *_ in group]
SMALL = """(least) => {
  const roots = [document], small = [];
  for (const root of roots) {
    for (const element of root.querySelectorAll('body *, .root, .root *')) {
      if (element.shadowRoot) roots.push(element.shadowRoot);
      const says = [...element.childNodes].filter((it) => it.nodeType === Node.TEXT_NODE && it.data.trim());
      const box = element.getBoundingClientRect();
      const isSeen = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
      // What is written on covers stands beside them, and formulas have small indices.
      const isDrawn = element.closest('svg[aria-hidden="true"], .katex');
      if (!says.length || !isSeen || isDrawn || box.width < 2 || box.height < 2) continue;
      const size = parseFloat(getComputedStyle(element).fontSize);
      if (size < least) small.push(`${size}: ${says[0].data.trim()}`);
    }
  }
  return small;
}"""


def on_stage(page, app: str, name: str = "compare", **asked: str) -> None:
    path = "" if name == "compare" else name
    visit(page, f"{app}/{path}?stage=1" + "".join(f"&{key}={value}" for key, value in asked.items()), ".stage-keys")
    page.get_by_test_id("stApp").locator("h1").wait_for()


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 720, "light"), (1920, 1080, "dark")])
def test_no_text_is_smaller_than_18_pixels(page, shipped_app: str, width: int, height: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    for name in PAGES:
        on_stage(page, shipped_app, name, films="1:5,2:4,10:3")
        page.wait_for_timeout(1500)
        assert page.evaluate(SMALL, 18) == [], name
        assert no_sideways_scroll(page), name
        assert page.locator(".st-key-head .stMarkdownBadge").is_visible()
        for hidden in ("Share", "Present", "Try"):
            assert page.get_by_role("button", name=hidden, exact=True).count() == 0


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_ten_rows_of_six_lists_are_on_the_first_screen(page, shipped_app: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    on_stage(page, shipped_app, user="7")
    page.locator(".card .film").first.wait_for()
    page.get_by_text("are the most alike").wait_for()
    boxes = page.locator(".card").evaluate_all(
        """cards => cards.map((card) => [...card.querySelectorAll('.film')].map((film) => {
          const [row, title] = [film.getBoundingClientRect(), film.querySelector('.title').getBoundingClientRect()];
          return [row.top, row.bottom, title.top, title.bottom];
        }))"""
    )
    assert [len(rows) for rows in boxes] == [10] * 6
    for top, bottom, title_top, title_bottom in (box for rows in boxes for box in rows):
        assert 0 <= top <= title_top + 1
        assert title_bottom - 1 <= bottom <= height
    for rows in boxes:
        assert all(above[1] <= below[0] + 0.1 for above, below in pairwise(rows))


def test_keys_lead_through_it_and_esc_leads_off(page, shipped_app: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    visit(page, f"{shipped_app}/?user=7", ".card .film")
    page.get_by_role("button", name="Present").click()
    settled(page, "stage=1")
    line = page.locator(".stage-keys")
    line.wait_for()
    assert "full screen" in line.inner_text()
    page.keyboard.press("ArrowRight")
    user_drawn(page, 8)
    page.keyboard.press("ArrowLeft")
    user_drawn(page, 7)
    assert page.locator(".hit").count() > 0
    page.keyboard.press("r")
    settled(page, "ticks=0")
    page.wait_for_function("() => !document.body.innerText.includes('a tick')")
    page.keyboard.press("t")
    page.locator('.root[data-layout="table"]').wait_for()
    line.wait_for(state="hidden")  # after four seconds
    page.keyboard.press("?")
    line.wait_for()
    page.reload()
    line.wait_for()
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.fullscreenElement")
    settled(page, "stage=1")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !location.href.includes('stage')")
    page.get_by_role("button", name="Present").wait_for()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(700)
    settled(page, "user=7", "ticks=0", "layout=table")


def test_keys_are_let_alone_where_one_types(page, shipped_app: str) -> None:
    on_stage(page, shipped_app, "film")
    title = page.locator("h1").inner_text()
    menu = page.get_by_role("combobox").first
    menu.click()
    menu.press_sequentially("Star rt")
    page.keyboard.press("Escape")
    page.wait_for_timeout(700)
    assert page.locator("h1").inner_text() == title
    settled(page, "stage=1")
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("title => (document.querySelector('h1')?.innerText ?? title) !== title", arg=title)
