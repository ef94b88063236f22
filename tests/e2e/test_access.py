"""All pages for everybody: axe-core's rules in both themes, the keyboard, and pages that keep still."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product

import pytest

from recsys.paths import ROOT
from recsys.ui.view import TABS
from tests.e2e.test_app import go_to, settled
from tests.e2e.test_stage import SMALL

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = {
    "compare": "?user=7",
    "compare-table": "?user=7&layout=table",
    "your-films": "your_films?films=1:5,2:4,5:3",
    "why": "why?user=7",
    "film": "film?film=1",
    "leaderboard": "leaderboard",
    **{f"leaderboard-{tab}": f"leaderboard?tab={tab}" for tab in TABS[1:]},
    "data": "data",
    "how-it-works": "how_it_works",
    **{f"how-it-works-{it}": f"how_it_works?topic={it}" for it in ("bpr", "metrics-ndcg", "frameworks", "words")},
    "train": "train",
}
PAGES = ("compare", "your-films", "why", "film", "leaderboard", "data", "how-it-works", "train")
ON_STAGE = {f"{page}-stage": f"{VIEWS[page]}{'&' if '?' in VIEWS[page] else '?'}stage=1" for page in PAGES}
LOOKS = (("light", 1280), ("dark", 1280), ("light", 390))
"""Themes, and widths in pixels: of a projector and of a phone."""
STREAMLITS = [
    ["[data-testid=stSkipToContent]"],  # "Skip to main content" stands before all landmarks, as such links do
    ["[data-testid=stSidebarNavItems]"],  # the menu of a phone: the names of groups stand between the items of a list
]
"""Selectors of what Streamlit alone draws, with the reason why it may stay; axe leaves them out."""
FINDINGS = """async (excluded) => {
  const { violations } = await axe.run({ exclude: excluded }, { resultTypes: ["violations"] });
  return violations.filter(({ impact }) => impact !== "minor").flatMap(({ id, nodes }) =>
    nodes.map(({ html, any, all }) => {
      const data = [...any, ...all].map((check) => check.data).find((data) => data?.contrastRatio);
      const seen = data ? `${data.fgColor} on ${data.bgColor}: ${data.contrastRatio} ` : "";
      return `${id} ${seen}${html.slice(0, 160)}`;
    }));
}"""
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.shifts.push({
  value: entry.value,
  moved: entry.sources.map(({ node, previousRect: a, currentRect: b }) =>
    `${node?.className || node?.nodeName} ${JSON.stringify([a, b])}`),
}))).observe({ type: "layout-shift", buffered: true });"""


def drawn(page) -> None:
    """Wait until the script has run, everything on its way has come, and nothing moves any more."""
    page.wait_for_function(
        """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
          && document.querySelector('[data-testid=stMain] h1') && !document.querySelector('[data-testid=stSkeleton]')"""
    )
    page.wait_for_timeout(500)


@pytest.fixture
def visitor(browser, request) -> Iterator:
    """A visitor with the test's `looks`: a theme and a width; a projector's in light where it has none."""
    scheme, width = (
        request.node.callspec.params.get("looks", LOOKS[0]) if hasattr(request.node, "callspec") else LOOKS[0]
    )
    context = browser.new_context(viewport={"width": width, "height": 720}, color_scheme=scheme)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.add_init_script(SHIFTS)
    yield page
    context.close()


@pytest.mark.parametrize(
    ("view", "looks"),
    [*product(VIEWS, LOOKS), *product(ON_STAGE, LOOKS[:2])],
    ids=lambda it: it if isinstance(it, str) else f"{it[0]}-{it[1]}",
)
def test_nothing_jumps_and_axe_finds_nothing_that_keeps_people_out(visitor, shipped_app: str, view: str, looks) -> None:
    visitor.goto(f"{shipped_app}/{(VIEWS | ON_STAGE)[view]}")
    drawn(visitor)
    shifts = visitor.evaluate("window.shifts")
    assert sum(shift["value"] for shift in shifts) < 0.1, [shift for shift in shifts if shift["value"] > 0.01]
    if not AXE.is_file():
        why = "axe-core is not installed here: run npm ci"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    visitor.evaluate(AXE.read_text(encoding="utf-8"))
    assert visitor.evaluate(FINDINGS, STREAMLITS) == []


def test_a_card_of_how_it_works_opens_without_a_jump(visitor, shipped_app: str) -> None:
    visitor.goto(f"{shipped_app}/how_it_works")
    drawn(visitor)
    visitor.evaluate("window.shifts.length = 0")
    visitor.locator(".lesson .opens", has_text="BPR").click()
    visitor.locator("pre .keyword").first.wait_for()
    drawn(visitor)
    # Those of the half second after a click count here as well.
    assert sum(shift["value"] for shift in visitor.evaluate("window.shifts")) < 0.1
    fetched = visitor.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert not [name for name in fetched if "SyntaxHighlighter" in name]  # 1.5 MB, and a second of a busy browser


def test_the_keyboard_goes_through_the_lists(visitor, shipped_app: str) -> None:
    visitor.goto(f"{shipped_app}/?user=7")
    drawn(visitor)
    at = """() => {
      const film = document.activeElement.shadowRoot?.activeElement?.closest('.film');
      return film && [film.closest('.card').dataset.model, film.querySelector('.rank').lastChild.textContent];
    }"""
    visitor.locator(".card .film").first.focus()
    assert visitor.evaluate(at) == ["als", "1"]
    for key, place in (
        ("ArrowUp", ["als", "1"]),
        ("ArrowDown", ["als", "2"]),
        ("ArrowRight", ["svd", "2"]),
        ("Tab", ["svd", "3"]),
        ("ArrowLeft", ["als", "3"]),
        ("ArrowLeft", ["als", "3"]),
    ):
        visitor.keyboard.press(key)
        assert visitor.evaluate(at) == place


def test_no_text_is_smaller_than_13_pixels(visitor, shipped_app: str) -> None:
    for view in VIEWS.values():
        visitor.goto(f"{shipped_app}/{view}")
        drawn(visitor)
        assert visitor.evaluate(SMALL, 13) == [], view


FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return `${at.className} ${at.closest("table")?.className}`;
}"""


@pytest.mark.parametrize(
    ("address", "says", "leads_to"),
    [
        ("?user=7", "Skip to the lists", "film"),
        ("?user=7&layout=table", "Skip to the lists", "matrix"),
        ("your_films?films=1:5,2:4,5:3", "Skip to the lists", "film"),
        ("film?film=1", "Skip to who gets it", "who"),
    ],
)
def test_the_first_tab_leads_past_all_that_stands_above(
    visitor, shipped_app: str, address: str, says: str, leads_to: str
) -> None:
    visitor.goto(f"{shipped_app}/{address}")
    drawn(visitor)
    visitor.keyboard.press("Tab")
    skip = visitor.get_by_role("button", name=says)
    assert skip.evaluate("button => button === document.activeElement")
    box = skip.bounding_box()
    assert box["x"] >= 0
    assert box["y"] >= 0
    visitor.keyboard.press("Enter")
    assert leads_to in visitor.evaluate(FOCUSED).split()


def test_what_was_skipped_to_is_gone_with_its_page(visitor, shipped_app: str) -> None:
    visitor.goto(f"{shipped_app}/?user=7")
    drawn(visitor)
    assert visitor.locator(".skip").count() == 1
    go_to(visitor, "Judge", "Leaderboard")
    visitor.locator(".standings").wait_for()
    visitor.wait_for_function("!document.querySelector('.skip')")


def test_a_row_of_pills_is_one_stop_and_arrows_lead_through_it(visitor, shipped_app: str) -> None:
    visitor.goto(f"{shipped_app}/?user=7&models=bpr")
    drawn(visitor)
    at = "() => document.activeElement.shadowRoot?.activeElement?.textContent.trim()"
    visitor.locator(".line").focus()
    for key, name in (
        ("Tab", "BPR"),
        ("ArrowRight", "GRU"),
        ("Home", "ALS"),
        ("ArrowLeft", "ALS"),
        ("End", "More models"),
        ("Tab", "Cards"),
        ("ArrowRight", "Table"),
        ("Shift+Tab", "More models"),
    ):
        visitor.keyboard.press(key)
        assert visitor.evaluate(at) == name
    visitor.keyboard.press("Home")
    visitor.keyboard.press("Enter")
    visitor.locator('.card[data-model="als"]').wait_for()
    assert visitor.evaluate(at) == "ALS"


def test_each_back_leads_a_page_back(visitor, shipped_app: str) -> None:
    visitor.goto(f"{shipped_app}/?user=7")
    drawn(visitor)
    go_to(visitor, "Judge", "Leaderboard")
    settled(visitor, "leaderboard?user=7")
    visitor.get_by_role("tab", name="Cost").click()
    settled(visitor, "tab=cost")
    go_to(visitor, "Try", "Why")
    settled(visitor, "why?", "user=7")
    for title, address in (
        ("Leaderboard", "leaderboard?user=7&tab=cost"),
        ("Leaderboard", "leaderboard?user=7"),
        ("What should user 7 watch next?", "?user=7"),
    ):
        visitor.go_back()
        visitor.locator("h1", has_text=title).wait_for()
        assert visitor.url == f"{shipped_app}/{address}"


def test_what_is_chosen_on_a_page_without_parameters_is_a_step_of_its_own(visitor, shipped_app: str) -> None:
    visitor.goto(f"{shipped_app}/")
    drawn(visitor)
    go_to(visitor, "Judge", "Leaderboard")
    visitor.get_by_role("tab", name="Cost").click()
    settled(visitor, "tab=cost")
    visitor.go_back()
    visitor.locator(".standings").wait_for()
    assert visitor.url == f"{shipped_app}/leaderboard"


def test_a_double_click_chooses_a_film(visitor, shipped_app: str) -> None:
    visitor.goto(f"{shipped_app}/?user=7")
    drawn(visitor)
    film = visitor.locator(".card .film").first
    film.dblclick()
    drawn(visitor)
    assert film.get_attribute("aria-pressed") == "true"
    assert "film=" in visitor.url
