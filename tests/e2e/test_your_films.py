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
    lists = page.locator(".card .title").all_inner_texts()
    page.reload()
    page.locator(".mine .rows .rate").first.wait_for()
    assert page.locator(".mine .rows .title").all_inner_texts() == ["Amélie", "The Matrix"]
    playwright.expect(page.locator(".card .film")).to_have_count(10 * len(MODELS))
    assert page.locator(".card .title").all_inner_texts() == lists
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
    page.get_by_role("tab", name="What if …?").click()
    settled(page, "panel=what_if")
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


def places(page, model: str) -> dict[str, int]:
    """Raw id -> place in a model's list, as it is drawn."""
    films = page.locator(f'.card[data-model="{model}"] .film').evaluate_all("all => all.map(it => it.dataset.film)")
    return {film: place for place, film in enumerate(films, start=1)}


def marks(page, model: str) -> dict[str, str]:
    """Raw id -> what is said of how the film moved."""
    rows = page.locator(f'.card[data-model="{model}"] .film')
    return dict(rows.evaluate_all("all => all.map(it => [it.dataset.film, it.querySelector('.move').textContent])"))


def expected_marks(before: dict[str, int], after: dict[str, int]) -> dict[str, str]:
    def words(film: str, place: int) -> str:
        up = before[film] - place if film in before else None
        return "new" if up is None else f"up {up}" if up > 0 else f"down {-up}" if up < 0 else ""

    return {film: words(film, place) for film, place in after.items()}


def answered(page, *films: tuple[int, float]) -> None:
    """Wait for the lists of these very films."""
    page.locator(f'.root[data-user="{films_lists.number_of(View(films=films))}"]').wait_for()


def test_a_film_is_rated_where_a_list_shows_it(page, demo_app: str, demo_dataset: Dataset) -> None:
    matrix = raw_id(demo_dataset, "The Matrix")
    page.set_viewport_size({"width": 1280, "height": 720})
    visit(page, demo_app, f"&films={matrix}:5")
    playwright.expect(page.locator(".mine .rows li")).to_have_count(1)
    for what in (".mine .rows li", '.card[data-model="svd"] .film'):  # beside each other, on the first screen
        assert page.locator(what).first.bounding_box()["y"] < 720 - 28
    assert page.locator(".editor").bounding_box()["x"] < page.locator(".cards").bounding_box()["x"]
    before = {model: places(page, model) for model in MODELS}
    row = page.locator('.card[data-model="svd"] .list li').nth(2)
    film = int(row.locator(".film").get_attribute("data-film"))
    title = row.locator(".title").inner_text()
    row.hover()
    row.get_by_role("radio", name="4 stars").dblclick()  # the second click may not rate the film that comes after it
    answered(page, (matrix, 5.0), (film, 4.0))
    settled(page, f"films={matrix}:5,{film}:4")
    playwright.expect(page.locator(".mine .rows .title")).to_have_text(["The Matrix", title])
    for model in MODELS:
        now = places(page, model)
        assert str(film) not in now
        assert marks(page, model) == expected_marks(before[model], now)
    playwright.expect(page.locator('.card[data-model="svd"] .gone')).to_contain_text(f"{title} (rated)")
    other = page.locator('.card[data-model="svd"] .list li').first
    disliked = int(other.locator(".film").get_attribute("data-film"))
    other.hover()
    other.get_by_role("button", name="Not for me: counts as 1 star").click()
    answered(page, (matrix, 5.0), (film, 4.0), (disliked, 1.0))
    settled(page, f"films={matrix}:5,{film}:4,{disliked}:1")


def test_a_list_is_rated_by_the_keyboard(page, demo_app: str, demo_dataset: Dataset) -> None:
    matrix = raw_id(demo_dataset, "The Matrix")
    visit(page, demo_app, f"&films={matrix}:5")
    playwright.expect(page.locator(".give")).to_have_count(0)  # no row has stars before it is met
    page.get_by_role("searchbox").focus()
    page.keyboard.press("Shift")  # whoever walks by keyboard is shown where it is
    place = page.locator('.card[data-model="svd"] .film').nth(1)
    place.focus()
    first = int(place.get_attribute("data-film"))
    page.keyboard.press("Tab")
    name = "document.activeElement.shadowRoot?.activeElement?.getAttribute('aria-label')"
    assert page.evaluate(name) == "1 star"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    answered(page, (matrix, 5.0), (first, 2.0))
    focused = "document.activeElement.shadowRoot?.activeElement?.dataset.film"
    second = page.evaluate(focused)  # what stands now where the rated film stood
    assert second == list(places(page, "svd"))[1] != str(first)
    page.keyboard.press("5")
    answered(page, (matrix, 5.0), (first, 2.0), (int(second), 5.0))


def test_lists_are_rated_on_a_phone(browser, demo_app: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    visit(page, demo_app)
    page.get_by_role("button", name="To the lists ↓").tap()
    row = page.locator('.card[data-model="als"] .list li').first
    playwright.expect(row.locator(".film")).to_be_in_viewport()
    film = int(row.locator(".film").get_attribute("data-film"))
    row.locator(".film").tap()
    row.get_by_role("radio", name="5 stars").tap()
    answered(page, (film, 5.0))
    assert no_sideways_scroll(page)
    context.close()
