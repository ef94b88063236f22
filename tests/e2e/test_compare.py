"""The Compare page: its first screen, and its films as ways to the Film page."""

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
    page.locator(".line").click()
    page.locator(".history .more").click()
    n_all = page.locator(".history .film a").count()
    assert n_all > 5
    page.locator(".st-key-options button").first.click()
    page.get_by_text("Hide already seen").click()
    settled(page, "seen=1")
    page.keyboard.press("Escape")
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


def overlapping(page, selector: str) -> int:
    """How many pairs of visible elements lie over each other."""
    return page.locator(selector).evaluate_all(
        """all => {
          const boxes = all.map((e) => e.getBoundingClientRect()).filter((b) => b.width && b.height);
          const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
          return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => over(a, b))).length;
        }"""
    )


def first_screen(browser, address: str, width: int, height: int, **options):
    page = browser.new_context(viewport={"width": width, "height": height}, **options).new_page()
    visit(page, address, ".card .film")
    page.locator("footer").wait_for()
    return page


def test_eight_lists_stand_in_one_row_and_nine_in_two_of_nearly_equal_length(browser, shipped_app: str) -> None:
    eight = "als,svd,autoencoder,bpr,gru,autoint,popularity,ease"
    for models, rows in ((eight, [8]), (f"{eight},random", [5, 4])):
        page = first_screen(browser, f"{shipped_app}/?models={models}", 1280, 720)
        tops = page.locator(".card").evaluate_all("all => all.map((e) => Math.round(e.getBoundingClientRect().top))")
        assert [tops.count(top) for top in sorted(set(tops))] == rows
        heads = page.locator(".card .list").evaluate_all(
            "all => all.map((e) => Math.round(e.getBoundingClientRect().top))"
        )
        assert len(set(heads)) == len(rows)  # place n is on one line
        assert no_sideways_scroll(page)
        page.context.close()


@pytest.mark.parametrize(("width", "height"), [(640, 360), (1280, 720)])
def test_fifty_films_and_a_page_at_200_percent_lie_over_nothing(
    browser, shipped_app: str, width: int, height: int
) -> None:
    page = first_screen(browser, f"{shipped_app}/?k=50", width, height)
    for selector in (".card .film", ".card .rank, .card .title, .card .score, .card .tick", ".pill", ".card, .bar-top"):
        assert overlapping(page, selector) == 0, selector
    assert no_sideways_scroll(page)
    page.context.close()


def test_the_frame_is_there_and_hardly_anything_moves(browser, shipped_app: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    # But for Streamlit's own step from a narrow page to a wide one.
    context.add_init_script("""
      window.moved = 0;
      const isStep = ({ node }) => node?.dataset?.testid === "stMainBlockContainer";
      const count = (entry) => {
        if (!entry.hadRecentInput && !entry.sources.some(isStep)) window.moved += entry.value;
      };
      const observer = new PerformanceObserver((list) => list.getEntries().forEach(count));
      observer.observe({ type: "layout-shift", buffered: true });
    """)
    page = context.new_page()
    visit(page, shipped_app, ".card .film")
    assert page.locator("footer").inner_text().startswith("Six recommenders")
    logo = page.get_by_test_id("stHeaderLogo")
    assert logo.bounding_box()["y"] < 56
    page.wait_for_timeout(500)
    assert page.evaluate("window.moved") < 0.1
    context.close()


def test_what_stands_small_is_said_in_full_to_the_keyboard(page, shipped_app: str) -> None:
    visit(page, shipped_app, ".card .film")
    name = page.locator(".card .model").first
    tip = page.locator(".card h3 .tip").first
    assert tip.is_hidden()
    page.locator(".card .model").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # as somebody at the keyboard gets there
    assert tip.is_visible()
    assert "Alternating least squares" in tip.inner_text()
    assert "Alternating least squares" in name.text_content()
    best = page.locator(".card .mark")
    assert best.count() <= 1
    page.locator(".card .reached").first.hover()
    assert "95 % CI" in page.locator(".card .sum .tip").first.inner_text()
    page.locator(".card .reached").first.click()
    page.locator(".standings").wait_for()


def test_the_tour_is_walked_and_left_by_keyboard(page, shipped_app: str) -> None:
    visit(page, f"{shipped_app}/?user=5", ".card .film")
    button = page.get_by_role("button", name="Show me around")
    button.focus()
    page.keyboard.press("Enter")
    tour = page.get_by_role("dialog", name="Show me around")
    tour.wait_for()
    said = []
    while tour.count():
        said.append(tour.locator("p").inner_text())
        box = tour.bounding_box()
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 1000
        page.keyboard.press("ArrowRight")
    assert 4 <= len(said) <= 5
    assert len(set(said)) == len(said)
    assert page.evaluate("document.activeElement.textContent").endswith("Show me around")
    page.keyboard.press("Enter")
    tour.wait_for()
    page.keyboard.press("Escape")
    assert tour.count() == 0


def test_a_slider_in_a_fold_has_what_the_address_says(page, shipped_app: str) -> None:
    visit(page, f"{shipped_app}/?user=5&k=12", ".card .film")
    page.get_by_role("button", name="Another user").click()
    page.wait_for_function("!location.href.includes('user=5&')")
    page.locator(".st-key-options button").first.click()
    page.get_by_test_id("stSliderThumbValue").get_by_text("12", exact=True).wait_for()
    page.wait_for_timeout(500)
    assert "k=12" in page.url


def test_who_it_is_opens_into_history_and_taste(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/?models={ALL}&user=7", ".card .film")
    assert page.locator(".history").is_hidden()
    line = page.locator(".line")
    line.focus()
    page.keyboard.press("Enter")
    assert line.get_attribute("aria-expanded") == "true"
    assert page.locator(".history").is_visible()
    assert page.locator(".taste").is_visible()
    page.get_by_role("button", name="What came next").click()
    page.get_by_text("hidden from the models").wait_for()
