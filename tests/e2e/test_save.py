"""Charts and tables as they arrive on the disk of somebody with a browser, opened again."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.e2e.conftest import TITLES

pytestmark = pytest.mark.e2e
SVG = "{http://www.w3.org/2000/svg}"
CHARTS = {"leaderboard?tab=cost": "cost_train_seconds", "leaderboard?tab=people": "slices", "why?user=42": "reasons"}
"""Drawn by Plotly; by a component of HTML; and one with stripes and a picture in it."""


@pytest.fixture
def opened(browser: Any) -> Any:
    """Opens an address in a theme; what it opened is closed in the end."""
    pages = []

    def open_(address: str, theme: str = "light") -> Any:
        pages.append(browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme=theme))
        pages[-1].goto(address)
        pages[-1].locator('[class*="st-key-save_"] button').first.wait_for(state="attached", timeout=60_000)
        return pages[-1]

    yield open_
    for page in pages:
        page.close()


def save(page: Any, key: str, kind: str) -> Path:
    """What a click on "Save" and on a kind of file puts on the disk, by keyboard."""
    place = page.locator(f".st-key-save_{key}")
    opener = place.get_by_role("button", name="Save", exact=False).first
    opener.wait_for(timeout=30_000)
    if opener.get_attribute("aria-expanded") == "false":
        opener.press("Enter")
    with page.expect_download(timeout=30_000) as download:
        place.get_by_role("button", name=f"{kind}: save").press("Enter")
    assert download.value.suggested_filename.endswith(
        {"Markdown": ".md", "LaTeX": ".tex"}.get(kind, f".{kind.lower()}")
    )
    return Path(download.value.path())


def drawing(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()


def colours(root: ElementTree.Element) -> set[str]:
    return {it.get(name, "none") for it in root.iter() for name in ("fill", "stroke")}


@pytest.mark.parametrize("address", CHARTS)
def test_a_chart_is_saved_with_its_title_in_light_colours_from_both_themes(
    opened: Any, shipped_app: str, address: str
) -> None:
    found = {}
    for theme in ("light", "dark"):
        page, key = opened(f"{shipped_app}/{address}", theme), CHARTS[address]
        page.locator(f".st-key-{key} :is(.main-svg text, .root > *)").first.wait_for(timeout=60_000)
        page.wait_for_timeout(500)
        root = found[theme] = drawing(save(page, key, "SVG"))
        texts = [it.text or "" for it in root.iter(f"{SVG}text")]
        title = root.find(f"{SVG}title").text
        assert title == page.locator(f".st-key-save_{key} .opener").get_attribute("aria-label").removeprefix("Save ")
        assert title.startswith(" ".join(texts)[:20])
        assert any(it.startswith("Data set demo · protocol holdout · seed 0 · ") for it in texts)
        assert root.find(f"{SVG}rect").get("fill") == "#ffffff"
        assert not [it for it in root.iter() if it.get("class") or it.get("style")]  # nothing beside it is needed
        picture = Image.open(save(page, key, "PNG"))
        assert picture.format == "PNG"
        assert picture.size == (2 * int(root.get("width")), 2 * int(root.get("height")))
        pixels = np.asarray(picture.convert("RGB"))
        assert (pixels[0, 0] == 255).all()
        assert 0.5 < (pixels.min(axis=2) > 235).mean() < 0.99  # mostly white, and not blank
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50
    assert colours(found["light"]) == colours(found["dark"])
    assert len(list(found["light"].iter())) == len(list(found["dark"].iter()))


def test_a_title_that_is_markup_is_text_in_a_saved_chart(opened: Any, odd_app: str) -> None:
    page = opened(f"{odd_app}/film?film=3")
    page.locator(".st-key-film_reach .reach").wait_for(timeout=60_000)
    root = drawing(save(page, "film_reach", "SVG"))
    assert root.find(f"{SVG}title").text.startswith(f"Who gets {TITLES[2]}")
    assert TITLES[2].split()[0] in " ".join(it.text or "" for it in root.iter(f"{SVG}text"))
    assert not [it for it in root.iter() if it.tag.endswith("script") or it.tag in (f"{SVG}b", "b")]


def test_a_table_of_a_tab_is_saved_in_three_formats(opened: Any, shipped_app: str) -> None:
    page = opened(f"{shipped_app}/leaderboard?tab=popularity")
    text = save(page, "ladder", "CSV").read_text(encoding="utf-8-sig")
    assert text.startswith("# title: ")
    assert "# data set: demo" in text
    table = pd.read_csv(io.StringIO(text), comment="#")
    assert list(table["model"][:2]) == ["Popularity", "EASE"]
    assert (table["place_of_a_tenth"] <= table["place_of_half"]).all()
    assert save(page, "ladder", "Markdown").read_text(encoding="utf-8").count("\n|") == 2 + len(table)
    assert save(page, "ladder", "LaTeX").read_text(encoding="utf-8").count(r" \\") == 1 + len(table)


def test_the_buttons_move_nothing_and_are_not_on_stage(opened: Any, shipped_app: str) -> None:
    address = "leaderboard?tab=cost"
    page = opened(f"{shipped_app}/{address}")
    place = page.locator(".st-key-save_cost_train_seconds")
    opener = place.locator(".opener")
    opener.wait_for(timeout=30_000)
    page.locator("footer").wait_for(timeout=60_000)

    def tops() -> list[float]:
        """Where the chart and the foot of the page begin, from the buttons on."""
        found = [page.locator(it).bounding_box()["y"] for it in (f".st-key-{CHARTS[address]}", ".st-key-foot")]
        return [round(it - place.bounding_box()["y"]) for it in found]

    before, chart, box = tops(), page.locator(f".st-key-{CHARTS[address]}").bounding_box(), place.bounding_box()
    assert box["y"] >= chart["y"] + chart["height"] - 1
    assert box["height"] == 28
    opener.click()
    kinds = place.locator(".kinds button")
    assert kinds.all_inner_texts() == ["SVG", "PNG", "CSV", "Markdown", "LaTeX"]
    for button in kinds.all():
        assert button.bounding_box()["height"] >= 24
        assert button.bounding_box()["width"] >= 24
    assert tops() == before
    page.goto(f"{shipped_app}/{address}&stage=1")
    page.locator(".main-svg text").first.wait_for(timeout=60_000)
    assert not page.locator(".st-key-save_cost_train_seconds").is_visible()
