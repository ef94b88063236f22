"""Pages as the browser prints them: A4, upright and across, from both themes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pypdfium2
import pytest

from recsys.data import library

pytestmark = pytest.mark.e2e
LANDSCAPE = (False, True)
SCORES = ("nDCG@10", "Recall@10", "Precision@10", "Hit rate@10", "MAP@10", "MRR@10")
"""The columns of the Leaderboard's first table: the last two were cut off."""
PAGES = {
    "": ("user 42 watch next?", ("ALS", "SVD", "How well each list", "nDCG", "Recall", "RR")),
    "leaderboard": ("Leaderboard", SCORES),
    "leaderboard?tab=cost": ("Leaderboard", ("What a better list costs", "training time, seconds")),
    "why": ("Why", ("What adds up to it", "ALS", "SVD")),
    "data": ("Data", ("Rated films", "Period", "stars")),
}
"""Address -> title, and what stands in its tables and charts. On Compare a PDF reader finds menus in the title."""
NOT_ON_PAPER = ("Share(?!d)", "Your films", "How it works", "More models", "Guess first", "(?<!AL)Save", "Choose a")
"""Of menus and buttons; "ALS averages" is none."""


@pytest.fixture(scope="module")
def printed(shipped_app: str, browser: Any) -> Callable[..., pypdfium2.PdfDocument]:
    """Prints a page; each is opened once for a theme."""
    opened: dict[tuple[str, str], Any] = {}

    def pdf(address: str, theme: str, landscape: bool) -> pypdfium2.PdfDocument:
        if (address, theme) not in opened:
            page = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme=theme)
            page.goto(f"{shipped_app}/{address}{'&' if '?' in address else '?'}user=42")
            page.locator("footer").wait_for(timeout=60_000)
            if address in ("leaderboard?tab=cost", "data"):
                page.locator(".main-svg text").first.wait_for(timeout=60_000)
            page.wait_for_timeout(1000)
            opened[address, theme] = page
        return pypdfium2.PdfDocument(opened[address, theme].pdf(format="A4", landscape=landscape))

    return pdf


def text_of(document: pypdfium2.PdfDocument) -> str:
    return squeezed("".join(sheet.get_textpage().get_text_range() for sheet in document))


def squeezed(text: str) -> str:
    """Without spaces: a PDF has letters at places, and where a space was is a guess."""
    return re.sub(r"\s+", "", text)


def pixels(document: pypdfium2.PdfDocument) -> list[np.ndarray]:
    return [np.asarray(sheet.render(scale=1).to_pil().convert("RGB"), dtype=float) for sheet in document]


@pytest.mark.parametrize("landscape", LANDSCAPE)
@pytest.mark.parametrize("address", PAGES)
def test_paper_has_all_that_is_on_the_page_and_says_what_it_is(printed: Any, address: str, landscape: bool) -> None:
    document = printed(address, "light", landscape)
    title, heads = PAGES[address]
    text = text_of(document)
    today = date.today()
    origin = ("Six recommenders", title, "Demo", "protocol holdout", library.DEMO.licence, f"{today.day} {today:%B %Y}")
    assert [says for says in (*origin, *heads) if squeezed(says) not in text] == []
    assert [says for says in NOT_ON_PAPER if re.search(squeezed(says), text)] == []


@pytest.mark.parametrize("landscape", LANDSCAPE)
@pytest.mark.parametrize("address", PAGES)
def test_nothing_reaches_over_the_edge_of_the_paper(printed: Any, address: str, landscape: bool) -> None:
    for sheet in printed(address, "light", landscape):
        letters = sheet.get_textpage()
        boxes = np.array([letters.get_charbox(place) for place in range(letters.count_chars())])
        assert boxes[:, [0, 1]].min() >= 20  # points; the margin is 34
        assert boxes[:, 2].max() <= sheet.get_width() - 20
        assert boxes[:, 3].max() <= sheet.get_height() - 20


@pytest.mark.parametrize("address", PAGES)
def test_a_dark_screen_is_printed_as_a_light_one(printed: Any, address: str) -> None:
    light, dark = (pixels(printed(address, theme, False)) for theme in ("light", "dark"))
    assert len(light) == len(dark)
    for one, other in zip(light, dark, strict=True):
        assert one.mean() > 225
        assert np.abs(one - other).mean() < 0.5
