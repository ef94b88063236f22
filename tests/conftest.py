"""What several tests share: the real data where it is, and the demo with the models that train in a second."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from recsys import demo, download, library, registry, training
from recsys.dataset import Dataset
from recsys.protocols import HOLDOUT

QUICK_MODELS = ("als", "svd", "popularity", "ease")

settings.register_profile("recsys", deadline=None)  # a busy machine is not a failed test
settings.load_profile("recsys")


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
        training.train(registry.entry(name), demo_dataset, HOLDOUT, device="cpu", root=root)
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
    return tmp_path


@pytest.fixture
def trained(lonely: Path, quick_root: Path) -> Path:
    """The same with quick models of the demo; the folder of their artifacts."""
    shutil.copytree(quick_root, lonely / "artifacts")
    return lonely / "artifacts" / "demo"
