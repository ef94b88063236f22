from __future__ import annotations

import json
from pathlib import Path

import pytest

from recsys import registry, search
from recsys.errors import UsageError
from recsys.evaluate import evaluate
from recsys.models.base import FitOptions
from recsys.models.svd import SVD, Config
from recsys.protocols import HOLDOUT
from tests.toys import genre_tastes

GRID = [{"n_factors": [2, 8], "n_epochs": [5, 40]}]
DATA = genre_tastes().known


def run(folder: Path, grid: list[dict] = GRID, **options: object) -> dict:
    return search.sweep(registry.entry("svd"), DATA, HOLDOUT, grid, folder=folder, **options)  # type: ignore[arg-type]


def test_the_best_trial_is_the_one_with_the_lowest_error_on_the_validation_part(tmp_path: Path) -> None:
    table = run(tmp_path)
    assert len(table["trials"]) == 4
    assert table["best"]["value"] == min(trial["value"] for trial in table["trials"])
    task = HOLDOUT.validation(DATA)
    scorer = SVD(Config(**table["best"]["config"])).fit(task.known, FitOptions())
    assert table["best"]["value"] == pytest.approx(evaluate(scorer, task, (10,)).summary["rmse"], abs=1e-5)
    assert search.read_table("svd", tmp_path) == table


def test_an_interrupted_search_goes_on_where_it_stopped(tmp_path: Path) -> None:
    run(tmp_path, [{"n_factors": [2], "n_epochs": [5, 40]}])
    logged: list[str] = []
    table = run(tmp_path, log=logged.append)
    assert len(logged) == 2  # the other two were on record
    assert len(table["trials"]) == 4


def test_two_at_a_time_find_the_same(tmp_path: Path) -> None:
    one, two = run(tmp_path / "one"), run(tmp_path / "two", n_jobs=2)
    values = [{json.dumps(t["config"]): t["value"] for t in table["trials"]} for table in (one, two)]
    assert values[0] == values[1]


def test_a_record_of_another_search_is_not_overwritten(tmp_path: Path) -> None:
    run(tmp_path, [{"n_epochs": [5]}])
    before = (tmp_path / "svd.json").read_bytes()
    with pytest.raises(UsageError, match=r"records another search \(genre-tastes, rmse, seed 0\)"):
        run(tmp_path, [{"n_epochs": [5]}], seed=1)
    assert (tmp_path / "svd.json").read_bytes() == before


def test_a_grid_file(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('{"n_factors": [2, 4]}')
    assert search.read_grid(good) == [{"n_factors": [2, 4]}]
    for text in ("{", '{"n_factors": 2}', '["n_factors"]', '{"n_factors": []}'):
        bad.write_text(text)
        with pytest.raises(UsageError, match=r"The grid .*bad\.json"):
            search.read_grid(bad)
    with pytest.raises(UsageError, match="cannot be read"):
        search.read_grid(tmp_path / "absent.json")


def test_no_search_ever_sees_the_test_part() -> None:
    """What a trial is given, known and held out, has no row in common with what the shown numbers are measured on."""
    validation, final = HOLDOUT.validation(DATA), HOLDOUT.final(DATA)
    tested = set(zip(final.held_out.users.tolist(), final.held_out.items.tolist(), strict=True))
    for part in (validation.known, validation.held_out):
        assert not tested & set(zip(part.users.tolist(), part.items.tolist(), strict=True))
