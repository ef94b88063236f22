"""The Train page as somebody with a browser uses it: real training, watched, stopped, finished and put to use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from recsys.training.jobs import runs
from recsys.training.jobs.runs import Run, State
from tests.e2e.test_app import no_sideways_scroll, page, settled, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.e2e, pytest.mark.training]

assert page is not None  # a fixture, used by name
MINUTES = 240_000
"""Milliseconds for what a busy computer takes its time over: importing tensorflow, learning, measuring."""
BAR = "[role=progressbar]"


@pytest.fixture(scope="module")
def runs_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def train_app(serve: Callable[..., str], quick_root: Path, runs_root: Path, tmp_path_factory) -> str:
    """The demo with its quick models, on a server that this computer alone reaches, with runs of its own."""
    empty = tmp_path_factory.mktemp("empty")
    return serve(
        RECSYS_ARTIFACTS_DIR=str(quick_root),
        RECSYS_DATA_DIR=str(empty / "data"),
        RECSYS_DOWNLOAD_DIR=str(empty / "downloads"),
        RECSYS_RUNS_DIR=str(runs_root),
    )


def newest(root: Path) -> Run:
    return runs.all_runs(root)[0]


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_cancelled_run_ends_at_once_and_leaves_no_process(page, train_app: str, runs_root: Path) -> None:
    visit(page, f"{train_app}/train", ".pill")
    press(page, "Train")
    page.locator(BAR).wait_for()
    settled(page, "job=")
    page.wait_for_function(f"() => ({_IN_SHADOW})('.state')?.textContent === 'training'", timeout=MINUTES)
    process = psutil.Process(newest(runs_root).pid)
    press(page, "Cancel")
    page.get_by_text("This run was cancelled").wait_for()
    assert newest(runs_root).state is State.CANCELLED
    assert psutil.wait_procs([process], timeout=5)[1] == []
    page.get_by_role("button", name="Train again with these settings").wait_for()
    assert not newest(runs_root).artifact.exists()


def test_a_run_is_watched_to_its_end_and_shown_in_compare(page, train_app: str, runs_root: Path) -> None:
    visit(page, f"{train_app}/train", ".pill")
    assert page.locator('.pill[aria-pressed="true"]').inner_text().strip() == "BPR"
    press(page, "Train")
    first = _value_above(page, 0)
    second = _value_above(page, first)
    assert 0 < first < second <= 100
    page.get_by_role("button", name="Show in Compare").wait_for(timeout=MINUTES)
    run = newest(runs_root)
    assert run.state is State.FINISHED
    page.locator("table.runs tbody tr").first.wait_for()  # what is on its way above keeps it back
    assert page.locator("table.runs tbody tr").first.inner_text().startswith(run.name)
    page.reload()  # the address finds it again
    page.get_by_role("button", name="Show in Compare").wait_for()
    assert no_sideways_scroll(page)
    page.get_by_role("button", name="Show in Compare").click()
    page.locator(".card h3", has_text=run.name).wait_for()
    settled(page, run.id)
    card = page.locator(".card", has=page.locator("h3", has_text=run.name))
    assert card.locator(".film").count() == 10


def test_on_a_phone_nothing_is_cut_off(browser, train_app: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    phone = context.new_page()
    visit(phone, f"{train_app}/train", ".pill")
    phone.get_by_text("Advanced: every setting").click()
    phone.get_by_label("learning_rate").first.wait_for()
    assert no_sideways_scroll(phone)
    context.close()


_IN_SHADOW = """selector => [...document.querySelectorAll('*')]
    .map(e => e.shadowRoot?.querySelector(`.job ${selector}`)).find(found => found)"""


def _value_above(page, least: int) -> int:
    """Wait until the bar stands further than this, and say where."""
    found = page.wait_for_function(
        f"""least => {{
          const value = Number(({_IN_SHADOW})('.bar')?.getAttribute('aria-valuenow') ?? 0);
          return value > least && value;
        }}""",
        arg=least,
        timeout=MINUTES,
    )
    return int(found.json_value())
