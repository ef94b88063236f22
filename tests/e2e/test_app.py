"""The app as somebody with a browser meets it."""

from __future__ import annotations

import re
import shutil
import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from recsys.data import download
from recsys.data.movielens import reader
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.training import train
from recsys.ui import navigation
from recsys.ui.headers import HEADERS
from tests.e2e.conftest import MODELS, TITLES

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

ALL = ",".join(MODELS)
SIX = ["ALS", "SVD", "AutoEncoder", "BPR", "GRU", "AutoInt+"]


@pytest.fixture
def page(browser) -> Iterator:
    """A fresh visitor at a desk; any error that a script of the page throws fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(20_000)
    visitor = context.new_page()
    thrown: list[str] = []
    visitor.on("pageerror", lambda error: thrown.append(str(error)))
    yield visitor
    context.close()
    assert thrown == []


def visit(page, address: str, ready: str = ".card") -> None:
    page.goto(address)
    page.locator(ready).first.wait_for()


def settled(page, *parts: str) -> None:
    """Wait until the address has all of these."""
    page.wait_for_function(
        "parts => parts.every(part => decodeURIComponent(location.href).includes(part))", arg=list(parts)
    )


def user_drawn(page, number: int) -> None:
    page.locator(f'.root[data-user="{number}"]').wait_for()


def open_head(page, key: str) -> None:
    """What a button of the head holds: the data set, who is looked at."""
    page.locator(f".st-key-{key} button").first.click()


def go_to(page, group: str, title: str) -> None:
    """To a page by the menu."""
    page.get_by_role("button", name=group, exact=True).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text=title).click()


def no_sideways_scroll(page) -> bool:
    return page.evaluate(
        """() => [document.documentElement, document.querySelector('[data-testid=stMain]')].every(
          (part) => part.scrollWidth <= part.clientWidth)"""
    )


def test_the_first_visit_shows_six_lists(page, demo_app: str) -> None:
    visit(page, demo_app)
    assert page.locator(".card h3").evaluate_all("all => all.map(e => e.querySelector('.whole').textContent)") == SIX
    assert page.locator(".card .film").count() == 20  # ALS and SVD are trained here
    assert page.locator(".card .problem code").count() == 4
    open_head(page, "data_set")
    page.get_by_text("MovieLens 100K is not on this computer.").wait_for()
    assert page.get_by_role("button", name="Try the download again").count() == 0  # downloads are off
    who, upload = (
        page.locator(".st-key-who button").bounding_box(),
        page.get_by_test_id("stFileUploader").bounding_box(),
    )
    assert who["y"] + who["height"] <= upload["y"]


@pytest.mark.parametrize("path", ["", "train", "_stcore/health"])
def test_every_answer_says_what_a_browser_may_do_with_it(shipped_app: str, path: str) -> None:
    with urllib.request.urlopen(f"{shipped_app}/{path}", timeout=10) as answer:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value


@pytest.mark.parametrize(("width", "height"), [(1000, 900), (1280, 720), (1440, 900), (1920, 1080)])
def test_all_rows_of_all_six_lists_are_on_the_first_screen(browser, shipped_app: str, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    visit(page, shipped_app, ".card .film")
    says = page.get_by_test_id("stMain").get_by_text("Six programs answer; a tick")
    assert "marks what they really went on to like (4 stars or more, hidden from the programs)." in says.inner_text()
    page.get_by_text("are the most alike").wait_for()  # what stands below is there, so nothing moves any more
    boxes = page.locator(".card").evaluate_all(
        """cards => cards.map((card) => [...card.querySelectorAll('.film')].map((film) => {
          const box = film.getBoundingClientRect();
          return [box.left, box.top, box.right, box.bottom];
        }))"""
    )
    assert [len(rows) for rows in boxes] == [10] * 6
    for rows in zip(*boxes, strict=True):  # places of the same number, from the left to the right
        assert len({round(top) for _, top, _, _ in rows}) == 1
        assert all(right <= next_left for (_, _, right, _), (next_left, *_) in pairwise(rows))
    every = [box for rows in boxes for box in rows]
    assert all(left >= 0 and right <= width and top >= 0 and bottom <= height for left, top, right, bottom in every)
    assert {round(bottom - top) for _, top, _, bottom in every} == {28 if height < 860 else 43}
    assert (page.locator(".card .film .meta").first.bounding_box()["height"] > 1) == (height >= 860)
    who = page.locator(".line").bounding_box()
    assert says.bounding_box()["y"] < who["y"] < every[0][1]
    assert who["height"] < 32
    feet = page.locator(".card .sum").evaluate_all("all => all.map((e) => e.getBoundingClientRect().bottom)")
    assert len(feet) == 6
    assert all(bottom <= height for bottom in feet)
    assert no_sideways_scroll(page)
    context.close()


def test_a_title_that_is_cut_is_whole_on_focus_and_its_genres_come_with_the_choice(page, shipped_app: str) -> None:
    visit(page, shipped_app, ".card .film")
    is_cut = "title => title.scrollWidth > title.clientWidth + 1"
    titles = page.locator(".card .film .title")
    cut = next(title for title in titles.all() if title.evaluate(is_cut))
    below = page.locator(".card .foot").first.bounding_box()
    cut.locator("xpath=ancestor::button").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # as somebody at the keyboard gets there
    assert not cut.evaluate(is_cut)
    assert page.locator(".card .foot").first.bounding_box() == below  # nothing moves
    page.keyboard.press("Tab")
    assert cut.evaluate(is_cut)
    cut.hover()
    assert not cut.evaluate(is_cut)
    film = cut.locator("xpath=ancestor::button").get_attribute("data-film")
    cut.click()
    settled(page, f"film={film}")
    assert page.locator(f'.card .film[data-film="{film}"] .meta').first.text_content().split(" · ", 1)[1] in (
        page.locator(".choice").inner_text()
    )


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(("path", "ready"), [("", ".card .film"), ("leaderboard", ".standings")])
def test_simulated_viewers_are_called_so_beside_the_title(browser, demo_app: str, width, path, ready) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    visit(page, f"{demo_app}/{path}", ready)
    badge = page.get_by_test_id("stMain").get_by_text("Simulated viewers").first
    assert badge.is_visible()
    assert badge.bounding_box()["y"] < 300
    assert badge.bounding_box()["x"] + badge.bounding_box()["width"] <= width
    context.close()


@pytest.mark.parametrize(
    ("path", "heading"), [("", "What should user"), ("leaderboard", "Leaderboard"), ("why", "Why")]
)
def test_every_page_opens_by_its_address_on_a_new_server(page, serve, quick_root, tmp_path, path, heading) -> None:
    address = serve(
        RECSYS_ARTIFACTS_DIR=str(quick_root), RECSYS_DATA_DIR=str(tmp_path), RECSYS_DOWNLOAD_DIR=str(tmp_path)
    )
    visit(page, f"{address}/{path}?k=5", "h1")
    assert page.locator("h1").first.inner_text().startswith(heading)
    page.get_by_test_id("stMain").get_by_text("Simulated viewers").first.wait_for()
    for group, pages in navigation.GROUPS.items():
        page.get_by_role("button", name=group, exact=True).click()
        links = page.get_by_test_id("stTopNavDropdownLink")
        links.nth(len(pages) - 1).wait_for()
        names = [name.splitlines()[-1] for name in links.all_inner_texts()]  # icon, blank line, title
        assert names == [name.replace("_", " ").capitalize() for name, *_ in pages]
        page.keyboard.press("Escape")
        links.first.wait_for(state="detached")
    assert not page.get_by_test_id("stException").count()


def test_choosing_a_user_draws_new_lists_and_survives_reload_and_back(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/?models={ALL}&user=7")
    user_drawn(page, 7)
    before = page.locator(".card").nth(1).inner_text()
    open_head(page, "who")
    number = page.get_by_role("textbox", name="User, 1 to")
    number.fill("33")
    number.press("Enter")
    user_drawn(page, 33)
    settled(page, "user=33", "models=")
    assert page.locator("h1").inner_text() == "What should user 33 watch next?"
    assert page.locator(".card").nth(1).inner_text() != before
    page.reload()
    user_drawn(page, 33)
    page.go_back()
    user_drawn(page, 7)
    assert page.locator("h1").inner_text() == "What should user 7 watch next?"
    page.go_forward()
    user_drawn(page, 33)


def test_another_user_is_somebody_else(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/?models={ALL}&user=7")
    page.get_by_role("button", name="Another user").click()
    page.wait_for_function("!location.href.includes('user=7&') && /user=\\d+/.test(location.href)")
    number = int(re.search(r"user=(\d+)", page.url)[1])
    user_drawn(page, number)


def test_a_film_chosen_in_one_list_is_marked_in_all(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/?models={ALL}&user=7&k=30")
    user_drawn(page, 7)
    shared = page.evaluate(
        """() => {
          const host = [...document.querySelectorAll('*')].find((e) => e.shadowRoot?.querySelector('.card'));
          const cards = [...host.shadowRoot.querySelectorAll('.card')];
          const films = cards.map((c) => [...c.querySelectorAll('.film')].map((f) => f.dataset.film));
          return films[0].find((f) => films.filter((list) => list.includes(f)).length >= 2);
        }"""
    )
    assert shared
    chosen = page.locator(f'.card .film[data-film="{shared}"]')
    n_lists = chosen.count()
    chosen.first.click()
    assert page.locator(".card .film.chosen").count() == n_lists
    assert page.locator('.card .film[aria-pressed="true"]').count() == n_lists
    assert page.locator(".card .elsewhere", has_text="stands at").count() == len(MODELS) - n_lists
    settled(page, f"film={shared}")
    assert page.evaluate("document.activeElement.shadowRoot?.activeElement?.dataset.film") == shared
    page.reload()
    page.locator(".card .film.chosen").first.wait_for()
    assert page.locator(".card .film.chosen").count() == n_lists
    page.get_by_role("button", name="Clear").click()
    page.wait_for_function("!location.href.includes('film=')")
    assert page.locator(".card .film.chosen").count() == 0


def test_films_can_be_chosen_with_the_keyboard(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/?models={ALL}&user=7")
    user_drawn(page, 7)
    first = page.locator(".card .film").first
    first.focus()
    page.keyboard.press("Enter")
    settled(page, "film=")
    assert first.get_attribute("aria-pressed") == "true"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.shadowRoot?.activeElement?.className").startswith("film")


def test_models_ticks_and_table_are_in_the_address(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/?models={ALL}&user=7")
    page.locator(".pill", has_text="SVD").click()
    settled(page, "models=als,popularity,ease")
    page.wait_for_function(
        "[...document.querySelectorAll('*')].some((e) => e.shadowRoot?.querySelectorAll('.card').length === 3)"
    )
    page.get_by_role("button", name="Guess first").click()
    settled(page, "ticks=0")
    page.locator(".sum", has_text="hidden while you guess").first.wait_for()
    playwright.expect(page.locator(".tick", has_text="✓")).to_have_count(0)
    page.get_by_role("button", name="Table").click()
    settled(page, "layout=table")
    page.reload()
    page.locator(".matrix").wait_for()
    assert page.locator(".card").first.is_hidden()
    assert page.locator(".matrix thead th").count() == 2 + 3


def test_a_nonsense_link_opens_the_defaults(page, demo_app: str) -> None:
    visit(
        page, f"{demo_app}/?user=%3Cscript%3E&k=1e9&models=foo&film=999999999&seen=x&layout=y&dataset=..%2F..&ticks=7"
    )
    page.wait_for_function("location.search === ''")
    assert page.locator(".card").count() == 6
    visit(page, f"{demo_app}/?user=999999&models={'x' * 5000}")
    page.wait_for_function("location.search === ''")


def test_the_view_goes_along_to_the_leaderboard_and_back(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/?models={ALL}&user=7")
    go_to(page, "Judge", "Leaderboard")
    page.locator(".standings").wait_for()
    assert page.locator(".dots li").count() == len(MODELS)
    page.get_by_role("button", name="Ratings").click()
    assert page.locator("figure h2").inner_text().startswith("RMSE")
    page.get_by_role("button", name=re.compile("^MAE")).click()
    assert page.locator("figure h2").inner_text().startswith("MAE")
    go_to(page, "Try", "Compare")
    user_drawn(page, 7)
    assert page.locator(".card").count() == len(MODELS)
    settled(page, "user=7")


def test_titles_are_shown_as_they_are(page, odd_app: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail("A title ran as a script."))
    visit(page, f"{odd_app}/?models={ALL}&user=1")
    user_drawn(page, 1)
    for title in TITLES:
        assert page.locator(".card .title").get_by_text(title, exact=True).count() >= 1, title
    page.locator(".card .title").get_by_text(TITLES[2], exact=True).first.click()
    assert page.locator(".choice strong").inner_text().startswith(TITLES[2])
    visit(page, f"{odd_app}/?models={ALL}&user=2")
    user_drawn(page, 2)
    page.locator(".line").click()
    page.locator(".history .more").click()
    for title in TITLES:
        assert page.locator(".history .film", has_text=title).count() == 1, title


def test_a_zip_is_judged_by_what_is_in_it(page, serve, odd_titles: Path, tmp_path: Path) -> None:
    # Laid out like MovieLens 100K but not all of it, so it is kept as a data set of its own.
    movielens = replace(reader.load(odd_titles / "data" / "ml-100k"), name="movielens")
    for name in MODELS:
        train.train(train.Training(registry.entry(name), movielens, HOLDOUT, device="cpu", root=tmp_path / "artifacts"))
    address = serve(
        RECSYS_ARTIFACTS_DIR=str(tmp_path / "artifacts"),
        RECSYS_DATA_DIR=str(tmp_path / "data"),
        RECSYS_DOWNLOAD_DIR=str(tmp_path / "downloads"),
    )
    visit(page, address, "code")
    assert page.get_by_test_id("stMain").locator("code").all_inner_texts() == [
        "python -m recsys train all --dataset demo"
    ]
    open_head(page, "data_set")
    upload = page.locator("input[type=file]")
    bogus = tmp_path / "ml-100k.zip"
    bogus.write_bytes(b"PK this is not a zip")
    upload.set_input_files(bogus)
    page.get_by_test_id("stPopoverBody").get_by_test_id("stAlert").wait_for()
    assert page.get_by_test_id("stMain").get_by_text("Simulated viewers").first.is_visible()
    good = shutil.make_archive(str(tmp_path / "holiday-photos"), "zip", odd_titles / "data")
    upload.set_input_files(good)
    page.get_by_text("Simulated viewers").first.wait_for(state="detached")
    page.locator(".card .film").first.wait_for()
    assert page.locator(".card .film").count() == 20
    assert page.locator(".history .film").first.text_content().startswith(("Plain film", *TITLES))


def test_movielens_is_looked_for_and_the_way_out_appears_by_itself(page, serve, quick_root, tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call and never answers
        address = serve(
            RECSYS_ARTIFACTS_DIR=str(quick_root),
            RECSYS_DATA_DIR=str(tmp_path / "data"),
            RECSYS_DOWNLOAD_DIR=str(tmp_path / "downloads"),
            RECSYS_DATA_URL=f"http://127.0.0.1:{silent.getsockname()[1]}",
            RECSYS_OFFLINE="",
        )
        visit(page, f"{address}/?models={ALL}", ".card .film")
        open_head(page, "data_set")
        page.get_by_text("Looking for MovieLens 100K…").wait_for()
        page.get_by_role("button", name="Try the download again").wait_for()
    assert page.get_by_text("MovieLens 100K could not be downloaded.").is_visible()
    assert page.get_by_text("Looking for MovieLens 100K…").count() == 0


def test_a_broken_zip_leaves_a_way_out(page, serve, quick_root, odd_titles: Path, tmp_path: Path) -> None:
    (tmp_path / "ml-100k.zip").write_text("garbage\n")
    address = serve(
        RECSYS_ARTIFACTS_DIR=str(quick_root), RECSYS_DATA_DIR=str(tmp_path), RECSYS_DOWNLOAD_DIR=str(tmp_path)
    )
    visit(page, f"{address}/?models={ALL}", ".card .film")
    assert page.get_by_test_id("stMain").get_by_text("MovieLens 100K cannot be read").is_visible()
    good = shutil.make_archive(str(tmp_path / "elsewhere"), "zip", odd_titles / "data")
    open_head(page, "data_set")
    page.locator("input[type=file]").set_input_files(good)
    page.locator(".stMarkdownBadge").first.wait_for(state="detached")
    assert page.get_by_test_id("stMain").get_by_text("cannot be read").count() == 0


def test_no_model_is_one_message(page, demo_app: str) -> None:
    for layout in ("cards", "table"):
        visit(page, f"{demo_app}/?models=none&layout={layout}", ".pill")
        assert page.locator(".empty").is_visible()
        assert page.locator(".choice").inner_text() == ""
        assert page.get_by_text("None of the chosen models").count() == 0


def test_six_real_lists_for_a_real_user(page, serve, tmp_path: Path) -> None:
    if download.find("ml-100k") is None:
        pytest.skip("MovieLens 100K is not here: set RECSYS_DATA_DIR to the folder that holds ml-100k")
    visit(page, f"{serve(RECSYS_DOWNLOAD_DIR=str(tmp_path))}/?dataset=ml-100k&user=405")
    user_drawn(page, 405)
    assert page.locator(".card h3").evaluate_all("all => all.map(e => e.querySelector('.whole').textContent)") == SIX
    assert page.get_by_text("cannot answer").count() == 0
    assert [page.locator(".card").nth(place).locator(".film").count() for place in range(6)] == [10] * 6
    assert page.get_by_text("Simulated viewers").count() == 0


def test_lists_can_be_downloaded(page, demo_app: str) -> None:
    visit(page, f"{demo_app}/?models={ALL}&user=7")
    open_head(page, "options")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV: save Lists of user 7").click()
    content = Path(waiting.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf# title: Lists of user 7\r\n# data set: demo\r\n")
    assert b"\r\nmodel,run,rank,film_id,title" in content
    assert waiting.value.suggested_filename == "demo-lists.csv"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_overflows_on_a_desk_or_a_phone(
    browser, demo_app: str, pictures: Path, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for name, path, ready in (
        ("compare", f"?models={ALL}&user=7", ".card .film"),
        ("compare-table", f"?models={ALL}&user=7&layout=table", ".matrix"),
        ("leaderboard", "leaderboard", ".standings"),
    ):
        visit(page, f"{demo_app}/{path}", ready)
        page.locator("footer").wait_for()
        page.wait_for_timeout(300)
        page.screenshot(path=pictures / f"{name}-{width}-{scheme}.png")
        assert no_sideways_scroll(page), f"{name} is wider than {width} pixels"
        clipped = page.locator(".title").evaluate_all(
            "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).length"
        )
        assert clipped == 0 or (name == "compare" and width == 1440)  # there, titles stand on one line
    context.close()


def test_on_a_phone_one_list_is_in_view_and_the_others_are_a_tap_away(browser, demo_app: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    visit(page, f"{demo_app}/?models={ALL}&user=7", ".card .film")
    page.locator(".tabs button", has_text="EASE").click()
    page.wait_for_function(
        """() => {
          const host = [...document.querySelectorAll('*')].find((e) => e.shadowRoot?.querySelector('.cards'));
          const card = host.shadowRoot.querySelector('.card[data-model=ease]').getBoundingClientRect();
          return card.left >= 0 && card.right <= 391;
        }"""
    )
    assert page.locator(".tabs button[aria-pressed=true]").inner_text().strip() == "EASE"
    fifth = page.locator(".card[data-model=ease] .film").nth(4).bounding_box()
    assert fifth["y"] + fifth["height"] <= 844  # five rows on the first screen
    page.locator(".choosing").click()
    assert page.locator(".pill").first.is_visible()
    context.close()
