"""The wheel: what is in it, what it needs, and that all of its pages open where it is installed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from email.parser import Parser
from pathlib import Path

import pytest

from recsys.paths import ROOT

pytestmark = pytest.mark.process
EXTRAS = {"train", "dask", "ray", "mlflow", "serve", "dev"}
FILES = {"dev": "tools"}
"""Extra -> the end of its file's name, where that is another."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    if "No matching distribution found for hatchling" in done.stderr:
        pytest.skip("what builds the wheel is not here, and no network to fetch it")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as opened:
        yield opened


def test_everything_that_is_shown_is_inside(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    pages = {f"recsys/shipped/pages/{path.name}" for path in (ROOT / "pages").glob("*.py")}
    tracked = subprocess.run(["git", "ls-files", "artifacts", "recsys"], cwd=ROOT, capture_output=True, text=True)
    files = tracked.stdout.split("\n")[:-1] if tracked.returncode == 0 else ["recsys/data/demo_films.csv"]
    inside = {f"recsys/shipped/{name}" if name.startswith("artifacts/") else name for name in files}
    assert {"recsys/shipped/app.py", "recsys/shipped/.streamlit/config.toml", *pages, *inside} <= names
    assert not [name for name in names if name.startswith(("tests/", "runs/", "data/"))]


def requirements(name: str) -> set[str]:
    lines = (ROOT / f"requirements-{name}.txt").read_text(encoding="utf-8").splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith(("#", "-r"))}


def test_it_needs_what_the_requirement_files_say(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    facts = Parser().parsestr(wheel.read(name).decode())
    needs = [line.partition(";") for line in facts.get_all("Requires-Dist", [])]
    assert {what.strip() for what, _, extra in needs if not extra} == requirements("app")
    assert set(facts.get_all("Provides-Extra", [])) == EXTRAS
    for extra in EXTRAS:
        of_it = {what.strip() for what, _, condition in needs if condition.strip() == f"extra == '{extra}'"}
        assert of_it == requirements(FILES.get(extra, extra))


def test_the_whole_set_is_the_sum_of_its_parts() -> None:
    whole = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert [line for line in whole.splitlines() if not line.startswith("#")] == [
        "-r requirements-app.txt",
        "-r requirements-train.txt",
    ]


@pytest.mark.e2e
def test_all_pages_open_from_it_and_nothing_is_written_into_it(
    wheel: zipfile.ZipFile, tmp_path: Path, browser, serve: Callable[..., str]
) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    wheel.extractall(site)
    elsewhere.mkdir()
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
    run = ("-B", "-c", "import sys; from recsys.__main__ import main; sys.exit(main())", "app", "--no-browser", "--")
    here = {"PYTHONPATH": str(site), "HOME": str(elsewhere), "RECSYS_DATA_DIR": str(elsewhere)}
    address = serve(run=run, cwd=elsewhere, **here)
    page = browser.new_page()
    for name in sorted(path.stem for path in (site / "recsys" / "shipped" / "pages").glob("*.py")):
        page.goto(f"{address}/{'' if name == 'compare' else name}")
        page.locator("[data-testid=stMain] h1").wait_for()
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        assert not page.locator("[data-testid=stException], [data-testid=stAlertContentError]").count()
    page.goto(f"{address}/?user=7")
    page.locator(".card .film").first.wait_for()
    assert page.locator(".card").count() == 6
    page.close()
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*")} == before
