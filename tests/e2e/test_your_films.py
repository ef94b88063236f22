"""Rating films in a real browser: by mouse, by keyboard, at a phone's width, and by a link."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from recsys.data.dataset import Dataset
from recsys.ui.view import View
from recsys.ui.your_films import lists as films_lists
from tests.e2e.conftest import MODELS
from tests.e2e.test_app import no_sideways_scroll, settled

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

ALL = ",".join(MODELS)
FOCUS = "document.activeElement.shadowRoot?.activeElement?.dataset.key"


@pytest.fixture
def page(browser) -> Iterator:
    """A fresh visitor at a desk; any error that a script of the page throws fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(20_000)
    visitor = context.new_page()
    thrown: list[str] = []
    visitor.on("pageerror", lambda error: thrown.append(str(error)))
    visitor.on("dialog", lambda dialog: pytest.fail("Something ran as a script."))
    yield visitor
    context.close()
    assert thrown == []


def visit(page, app: str, parameters: str = "") -> None:
    page.goto(f"{app}/your_films?models={ALL}{parameters}")
    page.locator(".card").first.wait_for()
    page.locator(".results li").first.wait_for()


def raw_id(dataset: Dataset, title: str) -> int:
    return int(dataset.catalog.ids.ids[dataset.catalog.titles.index(title)])


def stars_for(page, panel: str, title: str, n: int):
    row = page.locator(f".{panel} li", has=page.get_by_text(title, exact=True))
    return row.get_by_role("radio", name=f"{n} star", exact=False).nth(0)


def test_films_are_found_rated_moved_and_kept(page, demo_app: str, demo_dataset: Dataset) -> None:
    matrix, amelie = raw_id(demo_dataset, "The Matrix"), raw_id(demo_dataset, "Amélie")
    visit(page, demo_app)
    playwright.expect(page.locator(".card .why")).to_have_text("Nothing to go on yet")  # EASE, without a film
    box = page.get_by_role("searchbox")
    box.press_sequentially("matrix", delay=20)
    playwright.expect(page.locator(".results .title").first).to_have_text("The Matrix")
    assert box.input_value() == "matrix"
    stars_for(page, "results", "The Matrix", 5).click()
    settled(page, f"films={matrix}:5")
    playwright.expect(page.locator(".card .film")).to_have_count(10 * len(MODELS))
    assert page.evaluate(FOCUS) == f"found:{matrix}:5"
    box.fill("amelie")
    playwright.expect(page.locator(".results .title").first).to_have_text("Amélie")
    stars_for(page, "results", "Amélie", 1).click()
    settled(page, f"films={matrix}:5,{amelie}:1")
    page.get_by_role("button", name="Watched earlier: Amélie").click()
    settled(page, f"films={amelie}:1,{matrix}:5")
    stars_for(page, "rows", "Amélie", 4).click()
    settled(page, f"films={amelie}:4,{matrix}:5")
    number = films_lists.number_of(View(films=((amelie, 4.0), (matrix, 5.0))))
    page.locator(f'.root[data-user="{number}"]').wait_for()  # the lists of these very films
    lists = page.locator(".cards").first.inner_text()
    page.reload()
    page.locator(".mine .rows .rate").first.wait_for()
    assert page.locator(".mine .rows .title").all_inner_texts() == ["Amélie", "The Matrix"]
    playwright.expect(page.locator(".card .film")).to_have_count(10 * len(MODELS))
    assert page.locator(".cards").first.inner_text() == lists
    page.get_by_role("button", name="Remove: The Matrix").click()
    settled(page, f"films={amelie}:4")
    page.wait_for_function(f"!decodeURIComponent(location.href).includes('{matrix}:5')")
    page.locator(".card .film").first.click()
    page.locator(".choice").get_by_role("link", name="Why?").wait_for()
    why = page.locator(".choice").get_by_role("link", name="Why?").get_attribute("href")
    assert why.startswith("why?")
    assert "who=new_user" in why
    assert "FILM" not in why


def test_the_keyboard_alone_is_enough(page, demo_app: str, demo_dataset: Dataset) -> None:
    matrix, alien = raw_id(demo_dataset, "The Matrix"), raw_id(demo_dataset, "Alien")
    visit(page, demo_app)
    page.get_by_role("searchbox").focus()
    page.keyboard.type("matrix", delay=20)
    playwright.expect(page.locator(".results .title").first).to_have_text("The Matrix")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUS) == f"found:{matrix}:1"
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    settled(page, f"films={matrix}:4")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+A")
    page.keyboard.type("alien", delay=20)
    playwright.expect(page.locator(".results .title").first).to_have_text("Alien")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("2")
    settled(page, f"films={matrix}:4,{alien}:2")
    playwright.expect(page.locator(".mine .rows li")).to_have_count(2)
    assert page.evaluate(FOCUS) == f"found:{alien}:1"
    page.get_by_role("button", name="Remove: Alien").focus()
    page.keyboard.press("Alt+ArrowUp")
    settled(page, f"films={alien}:2,{matrix}:4")
    assert page.evaluate(FOCUS) == f"away:{alien}"
    page.keyboard.press("Delete")
    settled(page, f"films={matrix}:4")
    playwright.expect(page.locator(".mine .rows li")).to_have_count(1)
    assert page.evaluate(FOCUS) == f"away:{matrix}"


def test_what_if_on_a_phone(browser, demo_app: str, demo_dataset: Dataset) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    visit(page, demo_app)
    page.get_by_role("button", name="Science fiction").click()
    settled(page, "films=")
    page.get_by_text("What if …?").wait_for()
    page.get_by_role("slider", name="Count popular films less").focus()
    for _ in range(5):  # no wait between them: answers may come faster than the component is loaded
        page.keyboard.press("ArrowRight")
    as_asked = page.locator('.root[data-asked*="penalty=0.5"]')  # the sentence above the lists is there before they are
    as_asked.wait_for()
    page.locator(".moved").first.wait_for()
    page.get_by_text("popular films counted less (by 0.5)").wait_for()
    popularity = page.locator('.card[data-model="popularity"]:has(.moved)')
    assert popularity.locator(".move.new").count() + popularity.locator(".move.up").count() > 0 or (
        "Nothing moves." in popularity.inner_text()
    )
    svd = page.locator('.card[data-model="svd"]:has(.moved)')
    assert svd.locator(".gone li").count() == svd.locator(".move.new").count() > 0
    assert no_sideways_scroll(page)
    settled(page, "penalty=0.5")
    before = svd.inner_text()
    page.reload()
    as_asked.wait_for()
    page.get_by_text("popular films counted less (by 0.5)").wait_for()
    playwright.expect(svd).to_have_text(before, use_inner_text=True)
    link = svd.locator(".gone a").first
    title = link.inner_text()
    link.click()
    page.get_by_role("heading", name=title).first.wait_for()
    settled(page, "who=new_user", "films=")
    assert "penalty" not in page.url
    context.close()


def test_a_long_and_wild_address_opens_a_clean_page(page, odd_app: str) -> None:
    wild = ",".join([*(f"{n}:{n % 7}" for n in range(1, 4000)), "1:nan", "<script>alert(1)</script>:5"])
    visit(page, odd_app, f"&films={wild}&gender=<b>")
    page.get_by_text("Some films of the address").wait_for()
    assert page.locator(".mine .rows li").count() <= 50
    page.wait_for_function("location.href.length < 1500")
    assert not page.get_by_test_id("stException").count()
    visit(page, odd_app, "&films=1:5,2:4,3:5")
    titles = page.locator(".mine .rows .title").all_inner_texts()
    assert titles == ["M*A*S*H", "$1,000,000 Duck", "<b>Bold</b> & <script>alert(1)</script>"]
