"""The Film page as somebody with a browser uses it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from recsys.cli import films as films_command
from recsys.data import library
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain import film_records
from recsys.serving import artifacts
from recsys.training.jobs.runs import Run
from tests.app import add_run
from tests.e2e.test_app import no_sideways_scroll, page, settled, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

assert page is not None  # a fixture, used by name
MAP = ".plot svg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("film-app")


@pytest.fixture(scope="module")
def film_app(serve, odd_titles, folder: Path) -> str:
    """The app with the titles that are a trial, and with all that is worked out about its films."""
    shutil.copytree(odd_titles / "artifacts", folder / "artifacts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA_DIR", str(odd_titles / "data"))
        dataset = library.open_dataset("ml-100k")
    known = HOLDOUT.final(dataset).known
    for model in artifacts.trained("ml-100k", folder / "artifacts"):
        film_records.write(films_command.work_out(model, dataset, known, 0, folder / "artifacts"), folder / "artifacts")
    return serve(
        RECSYS_ARTIFACTS_DIR=str(folder / "artifacts"),
        RECSYS_DATA_DIR=str(odd_titles / "data"),
        RECSYS_DOWNLOAD_DIR=str(folder / "downloads"),
        RECSYS_RUNS_DIR=str(folder / "runs"),
    )


@pytest.fixture
def run(folder: Path, film_app: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """What somebody has trained there, and called it something odd."""
    monkeypatch.setenv("RECSYS_RUNS_DIR", str(folder / "runs"))
    return add_run("<b>M*A*S*H</b>", "svd", "ml-100k", folder / "artifacts" / "ml-100k" / "models" / "svd")


def test_a_neighbour_opens_its_own_page_in_place(page, film_app: str) -> None:
    visit(page, f"{film_app}/film?models=als,svd,popularity,ease&film=1", MAP)
    assert page.locator("h1").inner_text() == "M*A*S*H (1971)"
    first = page.locator(".card .film").first
    title, raw = first.locator(".title").inner_text(), first.get_attribute("data-film")
    first.focus()
    page.keyboard.press("Enter")
    settled(page, f"film={raw}")
    page.wait_for_function("title => document.querySelector('h1').innerText.startsWith(title)", arg=title)
    page.reload()
    page.locator(MAP).wait_for()
    assert page.locator("h1").inner_text().startswith(title)


ALONE = """points => {
  const at = points.map((point) => [Number(point.getAttribute("cx")), Number(point.getAttribute("cy"))]);
  const away = ([x, y], one) => Math.min(...at.map(([u, v], other) => one === other ? 1e9 : Math.hypot(x - u, y - v)));
  const room = at.map(away);
  return room.indexOf(Math.max(...room));
}"""
"""The point that is farthest from any other one."""


def test_a_click_on_a_point_opens_the_film_and_hovering_names_it(page, film_app: str) -> None:
    visit(page, f"{film_app}/film?models=svd,ease&film=1", MAP)
    page.locator(".js-plotly-plot .main-svg").nth(1).wait_for()
    point = page.locator("circle.point").nth(page.locator("circle.point").evaluate_all(ALONE))
    point.scroll_into_view_if_needed()
    point.hover(force=True)
    page.locator(".tip strong").wait_for()
    named = page.locator(".tip strong").inner_text()
    assert named != page.locator("h1").inner_text()
    point.click(force=True)
    page.wait_for_function("name => document.querySelector('h1').innerText === name", arg=named)
    assert page.locator("circle.this").count() == 1


def test_the_map_is_changed_and_found_again_by_its_address(page, film_app: str) -> None:
    visit(page, f"{film_app}/film?models=svd,ease&film=30", MAP)
    before = page.locator("circle.point").first.get_attribute("cx")
    page.get_by_role("button", name="PCA", exact=True).click()
    page.get_by_role("button", name="Decade", exact=True).click()
    settled(page, "topic=svd-pca-decade")
    for _ in range(50):  # the map may be drawn anew while it is looked at, and what has been taken out has no colour
        shades = page.locator(".swatch").evaluate_all("all => all.map(each => getComputedStyle(each).backgroundColor)")
        if all(shades):
            break
        page.wait_for_timeout(100)
    assert len(set(shades)) == len(shades) > 2
    assert "rgba(0, 0, 0, 0)" not in shades
    assert page.locator("circle.point").first.get_attribute("cx") != before
    page.locator(".legend button", has_text="1980s").click()
    faded = page.locator("circle.faded").count()
    assert 0 < faded < page.locator("circle.point").count()
    page.locator(".controls .pill", has_text="EASE").click()
    settled(page, "topic=ease-pca-decade")
    page.reload()
    page.locator(MAP).wait_for()
    assert page.locator('.controls .pill[aria-pressed="true"]').inner_text().strip() == "EASE"


def test_a_run_is_shown_beside_the_models_and_has_a_map_of_its_own(page, film_app: str, run: Run) -> None:
    visit(page, f"{film_app}/film?models=svd,{run.id}&film=30", MAP)
    assert page.locator(f'tr[data-model="{run.id}"]').inner_text().count("%") == 2
    page.locator(".controls .pill", has_text=run.name).click()
    settled(page, f"topic={run.id}-pca-genre")
    page.locator(".segmented button", has_text="t-SNE").wait_for(state="detached")
    page.get_by_text("t-SNE takes too long for a page").wait_for()
    page.locator(".controls .pill", has_text="SVD").click()
    settled(page, "topic=svd-pca-genre")
    page.locator(".segmented button", has_text="t-SNE").wait_for()


def test_titles_are_text_and_a_phone_has_no_sideways_scroll(page, film_app: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, f"{film_app}/film?models=als,svd,popularity,ease&film=3&user=1", MAP)
    assert page.locator("h1").inner_text() == "<b>Bold</b> & <script>alert(1)</script> (1973)"
    assert page.locator("h1 b, h1 script").count() == 0
    assert no_sideways_scroll(page)
    user = page.locator(".reach .who").first
    raw = user.get_attribute("data-user")
    user.click()
    if raw != "1":
        settled(page, f"user={raw}")
    page.get_by_text(f"Rank for User {raw}").first.wait_for(state="attached")
