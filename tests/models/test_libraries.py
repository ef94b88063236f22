"""A library that cannot be loaded takes its own models out, and says what to install."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.cli.several import each
from recsys.data import demo
from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation import results
from recsys.explain import film_maps
from recsys.models import registry
from recsys.models.base import FitOptions, LibraryError
from recsys.models.ials import IALS
from recsys.paths import ROOT
from recsys.training.jobs import runs
from recsys.training.jobs.runs import Request
from tests.toys import checkerboard

NO_GOMP = "libgomp.so.1: cannot open shared object file: No such file or directory"
SAYS = (
    f"The model `ials` needs the library `implicit`, which cannot be loaded ({NO_GOMP}). "
    "Install libgomp1, e.g. `apt-get install libgomp1`."
)


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, raises: str) -> None:
    """An `implicit` that is installed and cannot be loaded, in this process and in those that it starts."""
    package = folder / "slim" / "implicit"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"import errno\nraise {raises}\n")
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    for name in [name for name in sys.modules if name.partition(".")[0] == "implicit"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def no_gomp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slim system: the library of the system that `implicit` expects is not there."""
    stand_in(tmp_path, monkeypatch, f"ImportError({NO_GOMP!r}, name='_als')")  # the name is that of the very file


# What is said


def test_a_library_of_the_system_that_is_missing(no_gomp: None) -> None:
    with pytest.raises(LibraryError) as caught:
        IALS().fit(checkerboard().known, FitOptions())
    assert str(caught.value) == SAYS


@pytest.mark.parametrize(
    ("model", "library"),
    [("ials", "implicit"), ("als", "surprise"), ("svd", "surprise"), ("autoencoder", "torch"), ("bpr", "keras"),
     ("autoint", "keras"), ("item-knn", "scipy")],
)  # fmt: skip
def test_a_library_that_is_not_installed(model: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(f"{library}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)  # type: ignore[arg-type]
    entry = registry.entry(model)
    with pytest.raises(LibraryError, match=f"^The model `{model}` needs the library `{library}`, which") as e:
        entry.load()().fit(checkerboard().known, FitOptions())
    assert str(e.value).endswith("To install it: python -m pip install -r requirements-train.txt")


@pytest.mark.parametrize(
    ("raises", "says"),
    [
        (f"OSError({NO_GOMP!r})", f"({NO_GOMP}). Install libgomp1, e.g. `apt-get install libgomp1`."),
        (f"ImportError({NO_GOMP.replace('gomp', 'odd')!r})", "No such file or directory). Install libodd.so.1."),
        ("ImportError('/srv/x/als.so: undefined symbol: f')", "(als.so: undefined symbol: f). To install it: "),
        ("ImportError('no a from b (/srv/x/b.py)\\nmore')", "(no a from b (b.py)). To install it: python -m pip "),
    ],
    ids=["by ctypes", "of no known package", "a path", "another path"],
)
def test_other_reasons(raises: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, raises)
    with pytest.raises(LibraryError) as caught:
        IALS().fit(checkerboard().known, FitOptions())
    assert str(caught.value).startswith("The model `ials` needs the library `implicit`, which cannot be loaded (")
    assert says in str(caught.value)
    assert "/srv" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, "OSError(errno.ENOSPC, 'full')")
    with pytest.raises(OSError, match="full"):
        IALS().fit(checkerboard().known, FitOptions())


@pytest.mark.training
def test_triton_is_loaded_before_tensorflow(tmp_path: Path) -> None:
    """In a process of its own; where torch is not a build for GPUs, a stand-in says when it is loaded."""
    (tmp_path / "triton.py").write_text("import sys\nprint('tensorflow' in sys.modules)\n")
    code = "from recsys.models import keras_tools; keras_tools.start(0, 'cpu'); import sys; print(*sys.modules)"
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "KERAS_BACKEND": "tensorflow"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=ROOT, check=True)
    is_late, loaded = done.stdout.splitlines()
    assert is_late == "False"
    assert {"tensorflow", "triton"} <= set(loaded.split())


# What comes of it


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A split of one's own, as arguments."""
    (tmp_path / "train.csv").write_text("1,1,5\n1,2,4\n2,2,5\n2,3,5\n3,1,4\n3,3,2\n")
    (tmp_path / "test.csv").write_text("1,3,5\n2,1,4\n")
    return ["--train-file", str(tmp_path / "train.csv"), "--test-file", str(tmp_path / "test.csv"), "-k", "1"]


@pytest.fixture(autouse=True)
def small_demo(demo_dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "build", lambda: demo_dataset)


def test_who_asks_for_that_model_alone_is_told_in_one_line(
    no_gomp: None, files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "out")]
    for arguments in (
        ["train", "ials", "--dataset", "demo", *out],
        ["evaluate", *files, "--models", "ials", "--json"],
        ["evaluate", "--dataset", "demo", "--protocol", "top", "--models", "ials"],
        ["sweep", "ials", "--dataset", "demo", *out],
    ):
        assert main(arguments) == 2
        assert capsys.readouterr() == ("", f"recsys: {SAYS}\n")
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


def test_the_page_that_waits_for_a_job_is_told(no_gomp: None, tmp_path: Path) -> None:
    (run,) = runs.create([Request("ials", "demo")], [""], tmp_path, 1)
    assert main(["job", str(run.folder)]) == 2
    last = run.records()[-1]
    assert (last.event, last.message) == ("failed", SAYS)


def test_among_several_models_it_is_left_out(
    no_gomp: None, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path / "artifacts"))
    assert main(["evaluate", *files, "--models", "ials,popularity,ease"]) == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines()[0] == f"Left out: {SAYS}"
    assert [line.split()[0] for line in captured.out.splitlines()[2:]] == ["Popularity", "EASE"]

    assert main(["evaluate", "--dataset", "demo", "--protocol", "top", "--models", "ials,popularity", "--record"]) == 0
    assert f"Left out: {SAYS}" in capsys.readouterr().err
    assert results.recorded("demo") == {"top": ["popularity"]}

    assert main(["train", "ials,popularity", "--dataset", "demo", "--out", str(tmp_path / "out")]) == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines()[0] == f"Left out: {SAYS}"
    assert captured.out.startswith("Popularity: nDCG@10 ")
    assert [path.name for path in (tmp_path / "out" / "demo" / "models").iterdir()] == ["popularity"]


def test_of_several_models_none_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    def work(entry: registry.Entry) -> None:
        raise LibraryError(f"{entry.label} lacks something.")

    with pytest.raises(UsageError, match=r"^None of these models can be trained here\.$"):
        each(registry.entries("svd,ials"), work)
    assert capsys.readouterr().err == "Left out: SVD lacks something.\nLeft out: iALS lacks something.\n"


# requirements-app.txt alone


@pytest.fixture
def app_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No library that trains can be loaded."""
    trains = ("torch", "tensorflow", "keras", "tensorboard", "surprise", "implicit", "sklearn", "scipy")
    for name in [name for name in sys.modules if name.partition(".")[0] in trains]:
        monkeypatch.delitem(sys.modules, name)
    for name in trains:
        monkeypatch.setitem(sys.modules, name, None)  # type: ignore[arg-type]


def test_a_search_needs_what_its_model_needs(
    app_alone: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "grid.json").write_text('{"regularization": [100, 200], "min_rating": [3, 4]}')
    search = ["--dataset", "demo", "--grid", str(tmp_path / "grid.json"), "--out", str(tmp_path)]
    assert main(["sweep", "ease", *search]) == 0
    assert "of 4 trials" in capsys.readouterr().out


def test_curves_for_tensorboard_say_what_they_need(
    app_alone: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    says = "need torch, which is not installed: python -m pip install -r requirements-train.txt\n"
    out, logs = tmp_path / "out", tmp_path / "logs"
    assert main(["train", "popularity", "--dataset", "demo", "--out", str(out), "--log-dir", str(logs)]) == 2
    assert capsys.readouterr() == ("", f"recsys: Curves for TensorBoard {says}")
    assert not logs.exists()


def test_a_map_of_films_says_what_it_needs(app_alone: None) -> None:
    with pytest.raises(UsageError, match=r"^t-SNE needs scikit-learn, which is not installed: .*-r requirements-train"):
        film_maps.tsne(np.eye(4, dtype=np.float32), seed=0)
