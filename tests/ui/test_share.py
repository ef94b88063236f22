"""Share: the address that the audience can open, and its QR code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import zxingcpp

from recsys.paths import ROOT
from recsys.ui import share
from recsys.ui.components.share import share as component
from recsys.ui.navigation import GROUPS
from tests.app import given_to, opened

PAGES = [name for pages in GROUPS.values() for name, *_ in pages]


def drawn(code: component.Code, pixels: int = 4) -> np.ndarray:
    """The code as the browser draws it: black squares of one module on white."""
    image = np.full((code["size"], code["size"]), 255, dtype=np.uint8)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", code["path"]):
        image[int(y), int(x)] = 0
    return image.repeat(pixels, axis=0).repeat(pixels, axis=1)


@pytest.mark.parametrize("length", [0, 40, 400, 1500])
def test_a_reader_finds_the_address_in_the_code(length: int) -> None:
    link = "https://films.example/app/?dataset=ml-100k&films=" + "50:5,"[: length % 5] + "172:4.5," * (length // 8)
    code = component.code(link)
    assert code is not None
    image = drawn(code)
    assert (image[:16] == 255).all()  # the quiet zone
    assert (image[:, -16:] == 255).all()
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [link]


def test_an_address_that_no_code_holds_has_none() -> None:
    assert component.code("http://localhost/?films=" + "1" * 3000) is None


@pytest.mark.parametrize(
    ("here", "bound", "expected"),
    [
        ("http://localhost:8501/", "localhost", "http://localhost:8501/"),
        ("http://localhost:8501/film", "0.0.0.0", "http://10.1.2.3:8501/film"),
        ("http://127.0.0.1:8501/base/film?k=5", "", "http://10.1.2.3:8501/base/film?k=5"),
        ("http://localhost:9000/", None, "http://10.1.2.3:8501/"),  # a tunnel: others do not have it
        ("http://[::1]:8501/", "::", "http://10.1.2.3:8501/"),
        ("http://localhost:8501/", "10.9.9.9", "http://10.9.9.9:8501/"),
        ("http://localhost:8501/", "fd00::7", "http://[fd00::7]:8501/"),
        ("http://10.1.2.3:8501/", "0.0.0.0", "http://10.1.2.3:8501/"),
        ("https://films.example/app/film", "127.0.0.1", "https://films.example/app/film"),  # behind a proxy
        ("", "0.0.0.0", ""),
    ],
)
def test_others_get_an_address_that_they_can_open(
    monkeypatch: pytest.MonkeyPatch, here: str, bound: str | None, expected: str
) -> None:
    monkeypatch.setattr(share, "in_network", lambda: "10.1.2.3")
    assert share.audience(urlsplit(here), bound, 8501).geturl() == expected


def test_without_a_network_the_address_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "in_network", lambda: None)
    assert share.audience(urlsplit("http://localhost:8501/"), "0.0.0.0", 8501).hostname == "localhost"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_shared_as_it_is(trained: Path, page: str) -> None:
    topic = {"how_it_works": "als", "data": "long-tail"}.get(page, "")
    app = opened(page, **({"topic": topic} if topic else {}), k="7")
    assert "share" not in {
        element.proto.component_name.removeprefix("recsys_") for element in app.get("bidi_component")
    }
    app.session_state["share"] = True
    given = given_to(app.run(), "share")
    assert ("/?" if page == "compare" else "?") in given["link"]
    assert "dataset=demo" in given["link"]
    assert "k=7" in given["link"]
    assert (f"topic={topic}" in given["link"]) == bool(topic)
    assert given["code"] is not None


def test_the_library_is_read_when_somebody_shares(trained: Path) -> None:
    script = (
        "import sys\n"
        "from tests.app import opened\n"
        "app = opened('leaderboard')\n"
        "assert 'segno' not in sys.modules\n"
        "app.session_state['share'] = True\n"
        "app.run()\n"
        "assert 'segno' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
