"""A real server and a real browser. Without Chromium these tests skip, except where CI promises that it is there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from recsys.data import library
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.paths import ROOT
from recsys.training import train

MODELS = ("als", "svd", "popularity", "ease")
STREAMLIT = ("-m", "streamlit", "run", "app.py")
NO_NETWORK = {"RECSYS_OFFLINE": "1", "RECSYS_DATA_URL": "http://127.0.0.1:9"}
"""No test asks the real host: nobody listens on that port."""
TITLES = ("M*A*S*H", "$1,000,000 Duck", "<b>Bold</b> & <script>alert(1)</script>", "_under_ [x](y) `code` :red[x]")
"""Titles that Markdown, LaTeX or HTML would make something else of; the rarest films of the small data set."""


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """One headless Chromium for all tests."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        executable = None
    if executable is None:
        why = "no Chromium or no playwright here: the browser tests cannot run"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    switches = ["no-sandbox", "disable-gpu", "disable-background-networking", "disable-component-update"]
    switches += ["disable-sync", "no-first-run"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=[f"--{name}" for name in switches])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def odd_titles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set in the layout of MovieLens 100K whose titles are a trial, and quick models of it."""
    folder = tmp_path_factory.mktemp("odd")
    data = folder / "data" / "ml-100k"
    data.mkdir(parents=True)
    n_users, n_films = 40, 60
    names = [*TITLES, *(f"Plain film {number}" for number in range(len(TITLES) + 1, n_films + 1))]
    items = []
    for number, name in enumerate(names, start=1):
        flags = ["0"] * 19
        flags[1 + number % 18] = "1"
        items.append("|".join([str(number), f"{name} (19{70 + number % 30})", "01-Jan-1990", "", "", *flags]))
    (data / "u.item").write_text("\n".join(items) + "\n", encoding="latin-1")
    genres = "unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy Film-Noir Horror"
    genres += " Musical Mystery Romance Sci-Fi Thriller War Western"
    (data / "u.genre").write_text("".join(f"{name}|{i}\n" for i, name in enumerate(genres.split())), encoding="latin-1")
    users = "".join(f"{user}|{20 + user}|{'MF'[user % 2]}|artist|12345\n" for user in range(1, n_users + 1))
    (data / "u.user").write_text(users, encoding="latin-1")
    (data / "u.occupation").write_text("artist\n", encoding="latin-1")
    rows, clock = [], 880_000_000
    for user in range(1, n_users + 1):
        for film in range(1, n_films + 1):
            # User 1 has not seen the odd titles, and everybody else loves them: they lead user 1's lists.
            if (user == 1 and film <= len(TITLES)) or (film > len(TITLES) and (user * film) % 3 == 0):
                continue
            clock += 60
            rows.append(f"{user}\t{film}\t{5 if film <= len(TITLES) else 1 + (user + film) % 4}\t{clock}\n")
    (data / "u.data").write_text("".join(rows), encoding="latin-1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA_DIR", str(folder / "data"))
        dataset = library.open_dataset("ml-100k")
    for name in MODELS:
        train.train(train.Training(registry.entry(name), dataset, HOLDOUT, device="cpu", root=folder / "artifacts"))
    return folder


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Starts servers; each is stopped when the tests are over."""
    running: list[subprocess.Popen[bytes]] = []

    def start(
        *, address: str = "127.0.0.1", run: Sequence[str] = STREAMLIT, cwd: Path = ROOT, **environment: str
    ) -> str:
        port = free_port()
        log = (tmp_path_factory.mktemp("server") / "log.txt").open("wb")
        command = [sys.executable, *run, "--server.port", str(port)]
        command += ["--server.headless", "true", "--server.address", address, "--server.fileWatcherType", "none"]
        own = {**NO_NETWORK, "RECSYS_RUNS_DIR": str(tmp_path_factory.mktemp("runs"))}
        process = subprocess.Popen(command, cwd=cwd, env={**os.environ, **own, **environment}, stdout=log, stderr=log)
        running.append(process)
        here, path = f"http://127.0.0.1:{port}", environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen("/".join(filter(None, [here, path, "_stcore/health"])), timeout=1)
                return here
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"The server did not start: see {log.name}")

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def demo_app(serve: Callable[..., str], quick_root: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app on a computer without data or network, with the demo's quick models."""
    empty = tmp_path_factory.mktemp("empty")
    return serve(
        RECSYS_ARTIFACTS_DIR=str(quick_root),
        RECSYS_DATA_DIR=str(empty / "data"),
        RECSYS_DOWNLOAD_DIR=str(empty / "downloads"),
    )


@pytest.fixture(scope="session")
def shipped_app(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The models of this repository, on the demo."""
    empty = tmp_path_factory.mktemp("nothing")
    return serve(RECSYS_DATA_DIR=str(empty), RECSYS_DOWNLOAD_DIR=str(empty / "downloads"))


@pytest.fixture(scope="session")
def odd_app(serve: Callable[..., str], odd_titles: Path) -> str:
    """The app with the titles that are a trial."""
    return serve(
        RECSYS_ARTIFACTS_DIR=str(odd_titles / "artifacts"),
        RECSYS_DATA_DIR=str(odd_titles / "data"),
        RECSYS_DOWNLOAD_DIR=str(odd_titles / "downloads"),
    )


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: RECSYS_SCREENSHOTS, or a temporary folder."""
    chosen = os.environ.get("RECSYS_SCREENSHOTS")
    folder = Path(chosen) if chosen else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
