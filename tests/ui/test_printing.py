"""The style sheet of a page on paper; tests/e2e/test_print.py looks at what comes out."""

from __future__ import annotations

import re
import tomllib

import pytest

from recsys.paths import ROOT
from recsys.ui import navigation, printing
from tests.app import opened

THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]


def channels(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sheet_is_filled_in(theme: str) -> None:
    sheet = printing.sheet(theme, navigation.NAME)
    assert f'content: "{navigation.NAME}"' in sheet
    assert f"color: {THEMES['light']['textColor']} !important" in sheet
    assert not re.search("INK|LINE|PRODUCT|<", sheet)
    assert sheet.count("{") == sheet.count("}")


def test_each_colour_of_the_dark_theme_has_its_light_one_on_paper() -> None:
    sheet = printing.sheet("dark", navigation.NAME)
    colours = zip(THEMES["dark"]["chartCategoricalColors"], THEMES["light"]["chartCategoricalColors"], strict=True)
    for place, (dark, light) in enumerate(colours):
        red, green, blue = channels(dark)
        assert f'[style*="fill: rgb({red}, {green}, {blue})"] {{ fill: {light} !important }}' in sheet
        assert f"--printed-{place}: {light} !important" in sheet
    for option in ("background", "text", "border", "link", "primary", "green"):
        assert f"--st-{option}-color: {THEMES['light'][f'{option}Color']} !important" in sheet


@pytest.mark.parametrize("page", ["compare", "leaderboard"])
def test_a_page_has_the_sheet_before_its_content(trained: object, page: str) -> None:
    html = opened(page).get("html")
    assert any("@page" in element.proto.body for element in html)


def test_what_a_component_has_for_the_dark_theme_is_for_the_screen_alone() -> None:
    for path in (ROOT / "recsys" / "ui" / "components").rglob("*.css"):
        *before, _ = path.read_text(encoding="utf-8").split(".root.dark")
        assert all(text.rstrip().endswith("@media screen {") for text in before), path
