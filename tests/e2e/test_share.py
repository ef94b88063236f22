"""Share, as the person at the back of the room uses it: the code is read from the picture of the screen."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image

from recsys.ui.share import in_network
from tests.e2e.test_app import page, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

assert page is not None  # a fixture, used by name


def shared(page) -> tuple[str, str]:
    """The address, and what a camera reads."""
    page.get_by_role("button", name="Share", exact=True).click()
    page.locator("svg.code").wait_for()
    page.wait_for_timeout(600)  # the popover fades in
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))
    return page.get_by_label("Address of this view").input_value(), found.text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_code_on_the_screen_is_the_address(page, demo_app: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    visit(page, f"{demo_app}/leaderboard?order=worst&metric=rmse", ".standings")
    link, read = shared(page)
    assert link == read == f"{demo_app}/leaderboard?dataset=demo&metric=rmse&order=worst"
    page.goto(read)
    page.locator(".standings").wait_for()
    assert page.locator("figure h2").inner_text().startswith("RMSE")


def test_a_server_in_the_network_gives_its_address_there(page, serve, quick_root, tmp_path) -> None:
    machine = in_network()
    if machine is None:
        pytest.skip("this machine is in no network")
    local = serve(
        RECSYS_ARTIFACTS_DIR=str(quick_root),
        RECSYS_DATA_DIR=str(tmp_path / "data"),
        RECSYS_DOWNLOAD_DIR=str(tmp_path / "downloads"),
        STREAMLIT_SERVER_BASE_URL_PATH="lists",
        address="0.0.0.0",
    )
    visit(page, f"{local}/lists/leaderboard", ".standings")
    link, read = shared(page)
    port = local.rpartition(":")[2]
    assert link == read == f"http://{machine}:{port}/lists/leaderboard?dataset=demo"
    page.goto(read)
    page.locator(".standings").wait_for()
