"""Data from which nothing can be learnt: one sentence, the same for every model, before any of them, and no file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation.protocols import HOLDOUT, Ask, Task, check_learnable
from recsys.models.base import FitOptions, Model
from recsys.models.registry import ENTRIES
from recsys.training.jobs import queue, runs
from recsys.training.jobs.runs import Request
from tests.faults import write_folder
from tests.toys import from_triples

MODELS = [entry.name for entry in ENTRIES]
N = 20
Run = Callable[..., str]


@pytest.fixture(autouse=True)
def nobody_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(self: Model, _train: Dataset, _options: FitOptions) -> None:
        raise AssertionError(f"{self.name} was trained")

    for entry in ENTRIES:
        monkeypatch.setattr(entry.load(), "fit", fit)


@pytest.fixture
def refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command, which has to refuse and to write nothing; what it says."""
    monkeypatch.setenv("RECSYS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path / "artifacts"))

    def run(*arguments: object) -> str:
        assert main([str(argument) for argument in arguments]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert [path for path in tmp_path.iterdir() if path.name not in ("data", "split", "grid.json")] == []
        assert said.err.startswith("recsys: ")
        assert said.err.count("\n") == 1
        return said.err

    return run


def rated(folder: Path, pairs: list[tuple[int, int]], stars: int = 4) -> Path:
    """A MovieLens folder with these ratings of a user and a film."""
    lines = [f"{user},{item},{stars},{880_000_000 + 60 * n}" for n, (user, item) in enumerate(pairs)]
    films = [f"{item},Film {item} (1999),Drama" for item in sorted({item for _, item in pairs})]
    files = {"ratings.csv": ["userId,movieId,rating,timestamp", *lines], "movies.csv": ["movieId,title,genres", *films]}
    return write_folder(folder, {name: "\n".join(content).encode() for name, content in files.items()})


@pytest.fixture
def one_rating_each(tmp_path: Path) -> Path:
    return rated(tmp_path / "data" / "movielens", [(user, 1 + user % 6) for user in range(1, N + 1)])


@pytest.mark.parametrize("model", MODELS)
def test_everyone_has_one_rating(model: str, refusal: Run, one_rating_each: Path) -> None:
    said = {
        refusal("train", model, "--dataset", "movielens"),
        refusal("evaluate", "--dataset", "movielens", "--models", model, "--protocol", "holdout", "--seeds", "0"),
        refusal("sweep", model, "--dataset", "movielens"),
    }
    assert len(said) == 1
    assert "nothing to learn from in movielens: what is not held out are 0 ratings" in said.pop()


def test_no_run_gets_into_the_queue(refusal: Run, one_rating_each: Path, tmp_path: Path) -> None:
    dataset = library.open_dataset("movielens")
    for request in (Request("als", "movielens", {}), Request("als", "movielens", {}, kind=runs.SWEEP)):
        with pytest.raises(UsageError, match="nothing to learn from"):
            queue.submit([request], dataset, root=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("pairs", [[(1, item) for item in range(9)], [(user, 1) for user in range(9)]])
def test_one_user_or_one_film(pairs: list[tuple[int, int]], refusal: Run, tmp_path: Path) -> None:
    rated(tmp_path / "data" / "movielens", pairs)
    assert "two users and two films are needed" in refusal("train", "all", "--dataset", "movielens")


@pytest.mark.parametrize("model", MODELS)
def test_nobody_gave_so_many_stars(model: str, refusal: Run, tmp_path: Path) -> None:
    train, test = tmp_path / "split" / "train.tsv", tmp_path / "split" / "test.tsv"
    train.parent.mkdir()
    pairs = [(user, item) for user in range(6) for item in range(9)]
    train.write_text("".join(f"u{u}\tfilm {i}\t{1 + (u + i) % 4}\t{1 + u + i}\n" for u, i in pairs if (u + i) % 5))
    test.write_text("".join(f"u{u}\tfilm {i}\t5\t{9 + i}\n" for u, i in pairs if not (u + i) % 5))
    files = ("--train-file", train, "--test-file", test)
    assert "nobody gave 5 stars or more" in refusal("evaluate", *files, "--relevance", 5, "-k", 5, "--models", model)


@pytest.mark.parametrize("model", ["bpr", "ease", "ials", "gru"])
def test_nor_as_many_as_a_setting_asks_for(model: str, refusal: Run, tmp_path: Path) -> None:
    rated(tmp_path / "data" / "movielens", [(user, item) for user in range(15) for item in range(15)])
    said = refusal("train", model, "--dataset", "movielens", "--set", "min_rating=4.5")
    assert "nobody gave 4.5 stars or more" in said
    grid = tmp_path / "grid.json"
    grid.write_text('{"min_rating": [1, 4.5]}')
    assert refusal("sweep", model, "--dataset", "movielens", "--grid", grid) == said


def test_what_can_be_learned_from_passes(demo_dataset: Dataset) -> None:
    check_learnable(HOLDOUT.final(demo_dataset))
    check_learnable(HOLDOUT.validation(demo_dataset))


def test_predicting_stars_needs_no_liked_film() -> None:
    rows = [(user, item, 2.0) for user in range(3) for item in range(3)]
    dataset = from_triples(rows, n_users=3, n_items=3)
    task = Task(dataset, dataset, 4.0, frozenset({Ask.STARS}))
    check_learnable(task)
    with pytest.raises(UsageError, match="nobody gave 4 stars or more"):
        check_learnable(Task(dataset, dataset, 4.0))
    with pytest.raises(UsageError, match="Nothing is held out"):
        check_learnable(Task(dataset, dataset.select(np.zeros(len(dataset), dtype=bool)), 4.0))
