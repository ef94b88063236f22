"""Covers, drawn by a browser for real titles and for odd ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recsys.data import demo
from recsys.ui import lists
from recsys.ui.components import mount

pytestmark = pytest.mark.e2e

ODD = [
    {"title": "", "year": None, "genres": ""},
    {"title": "<b>Bold</b> & <script>alert(1)</script>", "year": 1971, "genres": "Action"},
    {"title": "Supercalifragilisticexpialidocious" * 9, "year": 1964, "genres": "Musical"},
    {"title": "W" * 30, "year": 9999, "genres": "no such genre"},
    {"title": "七人の侍と千と千尋の神隠し", "year": 1954, "genres": "Drama"},
    {"title": "\U0001f3ac" * 40, "year": 1895, "genres": "Documentary"},
]
DRAW = """films => films.map((film, id) => {
    const drawn = cover(id, film);
    document.body.replaceChildren(drawn);
    const inside = [...drawn.querySelectorAll("text")].map((text) => text.getBBox());
    return {
        bytes: new Blob([drawn.outerHTML]).size,
        again: cover(id, film).outerHTML === drawn.outerHTML,
        hidden: drawn.getAttribute("aria-hidden"),
        color: drawn.querySelector("rect").getAttribute("fill"),
        path: drawn.querySelector("path").getAttribute("d"),
        markup: drawn.querySelectorAll("b, script").length,
        right: Math.max(0, ...inside.map((box) => box.x + box.width)),
        bottom: Math.max(0, ...inside.map((box) => box.y + box.height)),
    };
})"""


@pytest.fixture(scope="module")
def drawn(browser) -> list[dict[str, Any]]:
    """What the browser made of the demo set's films and of the odd ones."""
    shared = Path(mount.__file__).parent / "shared"
    catalog = demo.read_films().catalog
    films = [lists.film(catalog, item) for item in range(len(catalog.titles))]
    page = browser.new_page()
    page.set_content(f"<style>{(shared / 'cover.css').read_text()} .cover {{ width: 60px }}</style>")
    page.add_script_tag(content=(shared / "dom.js").read_text() + (shared / "cover.js").read_text())
    found: list[dict[str, Any]] = page.evaluate(DRAW, [*films, *ODD])
    page.close()
    return found


def test_a_cover_is_small_the_same_again_and_not_read_aloud(drawn) -> None:
    assert max(each["bytes"] for each in drawn) < 2000
    assert all(each["again"] and each["hidden"] == "true" and not each["markup"] for each in drawn)


def test_titles_stay_on_their_covers(drawn) -> None:
    assert max(each["right"] for each in drawn[: -len(ODD)]) <= 60
    assert max(each["bottom"] for each in drawn) <= 90


def test_white_can_be_read_on_every_color(drawn) -> None:
    """WCAG 2.2: contrast = (1 + 0.05) / (luminance + 0.05); what is drawn over the color only darkens it."""
    colors = {each["color"] for each in drawn}
    assert len(colors) > 15
    for color in colors:
        channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
        assert 1.05 / (luminance + 0.05) >= 4.5, color


def test_films_of_one_kind_differ(drawn) -> None:
    assert len({(each["color"], each["path"]) for each in drawn}) > len(drawn) / 2


@pytest.mark.parametrize(
    ("width", "height", "covers", "n_covers"),
    [(1920, 1080, "room", 60), (1920, 1080, "never", 0), (1280, 720, "room", 0), (1280, 720, "always", 60)],
)
def test_lists_have_covers_where_there_is_room_or_as_chosen(
    browser, shipped_app: str, width: int, height: int, covers: str, n_covers: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{shipped_app}/?user=7&covers={covers}")
    page.locator(".card .film").first.wait_for()
    assert page.locator(".card .cover").count() == n_covers
    rows = page.locator('.card[data-model="als"] .film').evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().bottom)"
    )
    assert len(rows) == 10
    assert max(rows) <= height
    page.close()
