from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.metrics import LOWER_IS_BETTER
from recsys.evaluation.protocols import HOLDOUT, PROTOCOLS, protocol
from recsys.models import registry
from recsys.models.base import EpochLog, FitOptions, Model, ModelConfig, config_from, config_to_json, setting
from recsys.models.gru.gru4rec import GRU4Rec
from recsys.models.settings import completed
from recsys.models.svd import SVD, Config
from recsys.serving import records
from recsys.serving.scorers import FactorScorer, Query, Unit
from recsys.training import search
from recsys.training.engines import Engine
from tests.toys import genre_tastes

GRID = [{"n_factors": [2, 8], "n_epochs": [5, 40]}]
DATA = genre_tastes().known
FIVE_STARS = replace(DATA, ratings=np.full(len(DATA), 5.0, dtype=np.float32))


@dataclass(frozen=True)
class Epochs(ModelConfig):
    n_epochs: int = setting(12, "passes", low=1)


class Overfits(Model):
    """All its predictions are right after the fourth epoch, and one star worse for each one before or after it."""

    name, config_class, selected_on = "overfits", Epochs, "rmse"

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        n_epochs = self.config.n_epochs
        for epoch in range(1, n_epochs + 1):
            no_bias = np.zeros(train.n_items, dtype=np.float32)
            scorer = FactorScorer(Unit.STARS, Query.CONSTANT, no_bias, global_bias=5.0 - abs(epoch - 4))
            options.report(EpochLog(epoch, n_epochs, 0.0, 1.0, 1.0), scorer)
        return scorer

    @staticmethod
    def memory(_config: object, _size: object) -> float:
        return 0.0


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


def test_the_best_settings_have_the_epochs_at_which_they_were_best(tmp_path: Path) -> None:
    overfits = replace(registry.entry("svd"), name="overfits", path=f"{__name__}.Overfits")
    table = search.sweep(overfits, FIVE_STARS, HOLDOUT, [{"n_epochs": [12, 3]}], folder=tmp_path)
    asked_and_best = {(t["config"]["n_epochs"], t["n_epochs"], t["value"]) for t in table["trials"]}
    assert asked_and_best == {(12, 4, 0.0), (3, 3, 1.0)}
    assert table["best"] == {"value": 0.0, "config": {"n_epochs": 4}}


def test_an_interrupted_search_goes_on_where_it_stopped(tmp_path: Path) -> None:
    run(tmp_path, [{"n_factors": [2], "n_epochs": [5, 40]}])
    logged: list[str] = []
    table = run(tmp_path, log=logged.append)
    assert len(logged) == 2  # the other two were on record
    assert len(table["trials"]) == 4


def test_two_at_a_time_find_the_same(tmp_path: Path) -> None:
    one, two = run(tmp_path / "one"), run(tmp_path / "two", engine=Engine(n_jobs=2))
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


def test_a_grid_of_more_trials_than_anybody_waits_for(tmp_path: Path) -> None:
    path = tmp_path / "grid.json"
    path.write_text(json.dumps({name: list(range(1, 1000)) for name in ("n_factors", "n_epochs", "batch_size")}))
    with pytest.raises(UsageError, match=r"up to 10,000 trials\. .*grid\.json has 997002999"):
        search.read_grid(path)


def test_searches_have_a_folder_per_data_set_and_protocol(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path))
    assert search.folder_of("demo", "next") == tmp_path / "demo" / "searches" / "next"
    search.sweep(registry.entry("svd"), DATA, protocol("rate-90"), [{"n_epochs": [2]}])
    table = search.read("genre-tastes", "rate-90", "svd")
    assert table is not None
    assert (table["protocol"], table["metric"]) == ("rate-90, validation part", "rmse")


def test_the_metric_of_a_search_is_the_protocols_headline(tmp_path: Path) -> None:
    """Except under `holdout`, which asks for everything: each model is chosen by what it is made for."""
    metrics = {
        name: search.sweep(registry.entry("svd"), DATA, protocol(name), [{"n_epochs": [2]}], folder=tmp_path / name)
        for name in ("holdout", "rate", "ctr")
    }
    assert {name: table["metric"] for name, table in metrics.items()} == {
        "holdout": SVD.selected_on,
        "rate": "rmse",
        "ctr": "auc",
    }


@pytest.mark.parametrize("name", ["rate", "naive-mf"])
def test_a_model_without_stars_is_not_searched_for_them(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"^BPR predicts no stars, and {name} asks for nothing else"):
        search.sweep(registry.entry("bpr"), DATA, protocol(name), folder=tmp_path)


# Which settings a model is measured with


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str, int], None]:
    """Pretends that a search for EASE found a regularization."""
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path))
    monkeypatch.setattr(records, "ARTIFACTS", tmp_path)

    def pretend(dataset: str, protocol: str, regularization: int) -> None:
        best = {"value": 0.1, "config": {"regularization": regularization, "min_rating": 4.0}}
        trial = {"settings": {}, "n_epochs": None, "seconds": 1.0, **best}
        of = {"model": "ease", "dataset": dataset, "fingerprint": "", "metric": "ndcg@10", "seed": 0}
        facts = {**of, "protocol": f"{protocol}, validation part", "best": best, "trials": [trial]}
        records.write(search.folder_of(dataset, protocol) / "ease.json", facts)

    return pretend


def test_the_best_on_record_wins_and_the_nearest_record_first(found: Callable[[str, str, int], None]) -> None:
    """This data set before MovieLens 100K, and the protocol's own before the one that it borrows from."""
    ease, sampled = registry.entry("ease"), protocol("sampled")
    assert search.settings_for(ease, "ml-1m", sampled) == {"min_rating": 0.0}
    for regularization, where in enumerate(
        [("ml-100k", "next"), ("ml-100k", "sampled"), ("ml-1m", "next"), ("ml-1m", "sampled")], start=1
    ):
        found(*where, regularization)
        # What the protocol imposes is imposed on what was found as well.
        assert search.settings_for(ease, "ml-1m", sampled) == {"regularization": regularization, "min_rating": 0.0}
    assert search.settings_for(ease, "ml-100k", sampled)["regularization"] == 2
    assert search.settings_for(ease, "demo", protocol("top")) == {"min_rating": 0.0}
    assert search.settings_for(registry.entry("als"), "ml-1m", sampled) == {}


@pytest.mark.parametrize("entry", registry.ENTRIES, ids=lambda entry: entry.name)
def test_what_is_on_record_the_models_still_understand(entry: registry.Entry) -> None:
    for name in PROTOCOLS:
        for dataset in ("ml-100k", "ml-1m-untimed", "demo"):
            config_from(entry.load().config_class, search.settings_for(entry, dataset, protocol(name)))


def test_no_search_ever_sees_the_test_part() -> None:
    """What a trial is given, known and held out, has no row in common with what the shown numbers are measured on."""
    validation, final = HOLDOUT.validation(DATA), HOLDOUT.final(DATA)
    tested = set(zip(final.held_out.users.tolist(), final.held_out.items.tolist(), strict=True))
    for part in (validation.known, validation.held_out):
        assert not tested & set(zip(part.users.tolist(), part.items.tolist(), strict=True))


# A learning rate that is scheduled over all epochs


@pytest.mark.parametrize(("only_last", "expected"), [(False, (0.3, 8)), (True, (0.2, 12))])
def test_of_a_schedule_only_the_last_epoch_counts(
    monkeypatch: pytest.MonkeyPatch, only_last: bool, expected: tuple[float, int]
) -> None:
    """Twelve epochs, and the eighth is the best."""
    measured: list[int] = []

    def value_of(epoch: int, *_: object) -> SimpleNamespace:
        measured.append(epoch)
        return SimpleNamespace(summary={"ndcg@10": 0.3 if epoch == 8 else 0.2})

    monkeypatch.setattr(search, "evaluate", value_of)
    looks = search._Looks(HOLDOUT.validation(DATA), "ndcg@10", only_last=only_last)
    for epoch in range(1, 13):
        looks(EpochLog(epoch, 12, 1.0, 1.0, 1.0), epoch)  # type: ignore[arg-type]  # what is measured is its number
    assert looks.best == expected
    assert measured == ([12] if only_last else [2, 4, 6, 8, 10, 12])


def test_a_moment_of_a_longer_schedule_stays_on_record_and_does_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As searches did before: of twenty epochs the fifteenth was the best, and fifteen were taken."""

    def trial(_entry: object, _task: object, settings: dict[str, Any], *_: object) -> dict[str, Any]:
        config = config_to_json(config_from(GRU4Rec.config_class, settings))
        n_epochs = config["n_epochs"]
        return {"settings": settings, "value": n_epochs / 100, "n_epochs": n_epochs, "seconds": 1.0, "config": config}

    def sweep(n_epochs: int) -> dict[str, Any]:
        return search.sweep(registry.entry("gru"), DATA, HOLDOUT, [{"n_epochs": [n_epochs]}], folder=tmp_path)

    monkeypatch.setattr(search, "_trial", trial)
    old = sweep(20)
    old["trials"][0] |= {"value": 0.9, "n_epochs": 15}
    old["best"] = {"value": 0.9, "config": old["trials"][0]["config"] | {"n_epochs": 15}}
    records.write(tmp_path / "gru.json", old)
    assert (sweep(15)["best"]["value"], sweep(15)["best"]["config"]["n_epochs"]) == (0.15, 15)
    again = sweep(20)  # what it reaches at its end was not on record
    assert (again["best"]["value"], again["best"]["config"]["n_epochs"]) == (0.2, 20)
    assert sorted(each["value"] for each in again["trials"]) == [0.15, 0.2, 0.9]
    assert sweep(20) == again
    assert search.counted(old["trials"], SVD) == old["trials"]


@pytest.mark.parametrize("entry", registry.ENTRIES, ids=lambda entry: entry.name)
def test_the_best_on_record_is_a_trial_that_counts(entry: registry.Entry) -> None:
    """Of a scheduled model, validation has seen the very setting that is in use."""
    model_class = entry.load()
    for table in (table for (_, model), table in search.tables("ml-100k", pytest.fail).items() if model == entry.name):
        values = [trial["value"] for trial in search.counted(table["trials"], model_class)]
        assert table["best"]["value"] == (min(values) if table["metric"] in LOWER_IS_BETTER else max(values))
        if model_class.is_scheduled:
            best = completed(model_class.config_class, table["best"]["config"])
            assert best in [completed(model_class.config_class, trial["config"]) for trial in table["trials"]]
