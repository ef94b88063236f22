"""What several tests share: the real data where it is, and the demo with the models that train in a second."""

from __future__ import annotations

import functools
import gc
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from recsys.data import demo, download, library, transfer
from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.training import train

QUICK_MODELS = ("als", "svd", "popularity", "ease")

settings.register_profile("recsys", deadline=None)  # a busy machine is not a failed test
settings.load_profile("recsys")

LIBRARY = 500
"""So many new modules are a library of the size of torch or tensorflow."""
_n_modules = 0


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Thousands of tests come into being and none of them is garbage: there is nothing to look for."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that train come first: so two workers, who share the files, have only short ones left at the end."""
    train = {item.path for item in items if item.get_closest_marker("training")}
    items.sort(key=lambda item: item.path not in train)


def pytest_runtest_logfinish() -> None:
    """A library that a test has loaded stays, so the search for garbage may leave it out from then on.

    Keras searches before each training, and with these libraries that takes longer than many a training here.
    """
    global _n_modules
    if len(sys.modules) > _n_modules + LIBRARY:
        _n_modules = len(sys.modules)
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def pages_open_without_delay() -> Iterator[None]:
    """Leaves out what Streamlit does anew for each page of a test, though the app needs it once or never.

    It searches all installed packages for components, of which there are none. And after each run of a script it
    empties Keras, which a test that trains has left in this process; the app never imports it (ui/test_pages.py).
    """
    if "streamlit" not in sys.modules:  # no test of a page was collected
        yield
        return
    from streamlit.components.v2 import manifest_scanner
    from streamlit.runtime.scriptrunner import script_runner

    with pytest.MonkeyPatch.context() as patch:
        search = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", search)
        patch.setattr(script_runner, "_clean_problem_modules", lambda: None)
        yield


@pytest.fixture(autouse=True)
def no_runs_of_others(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees what somebody has trained on this computer."""
    monkeypatch.setenv("RECSYS_RUNS_DIR", str(tmp_path_factory.getbasetemp() / "no-runs"))


@pytest.fixture(scope="session")
def ml100k() -> Dataset:
    """The real MovieLens 100K."""
    if download.find("ml-100k") is None:
        pytest.skip("MovieLens 100K is not here: set RECSYS_DATA_DIR to the folder that holds ml-100k")
    return library.open_dataset("ml-100k")


@pytest.fixture(scope="session")
def ml1m_untimed() -> Dataset:
    """MovieLens 1M without its timestamps."""
    if download.find("ml-1m-untimed") is None:
        pytest.skip("MovieLens 1M is not here: set RECSYS_DATA_DIR to the folder that holds ml-1m-untimed")
    return library.open_dataset("ml-1m-untimed")


@pytest.fixture(scope="session")
def demo_dataset() -> Dataset:
    return demo.build()


@pytest.fixture(scope="session")
def quick_root(demo_dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifacts root with the demo's quick models. Read it; a test that changes something copies it first."""
    root = tmp_path_factory.mktemp("artifacts")
    for name in QUICK_MODELS:
        train.train(train.Training(registry.entry(name), demo_dataset, HOLDOUT, device="cpu", root=root))
    return root


@pytest.fixture
def lonely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without data, without models and without a network."""
    for name, value in {
        "RECSYS_DATA_DIR": tmp_path / "data",
        "RECSYS_DOWNLOAD_DIR": tmp_path / "downloads",
        "RECSYS_ARTIFACTS_DIR": tmp_path / "artifacts",
        "RECSYS_RUNS_DIR": tmp_path / "runs",
        "RECSYS_DATA_URL": "http://127.0.0.1:9",
        "RECSYS_OFFLINE": "1",
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(transfer, "PAUSE_SECONDS", 0.01)  # before another attempt, which fails as well
    return tmp_path


@pytest.fixture
def trained(lonely: Path, quick_root: Path) -> Path:
    """The same with quick models of the demo; the folder of their artifacts."""
    shutil.copytree(quick_root, lonely / "artifacts")
    return lonely / "artifacts" / "demo"
