from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys.data.dataset import Dataset
from recsys.errors import TrainingError
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.models.base import FitOptions, config_from
from recsys.models.registry import Entry
from recsys.serving import artifacts
from recsys.serving.scorers import Scorer
from recsys.training import curves, devices, progress
from recsys.training import train as training
from recsys.training.jobs import job as training_job
from recsys.training.jobs.job import CANCEL, KEEP, Cancelled, Job, StopFile
from recsys.training.progress import Record, Writer

SMALL = {
    "svd": {"n_factors": 8, "n_epochs": 6},
    "autoencoder": {"hidden": (16,), "n_epochs": 4},
    "bpr": {"n_factors": 8, "n_epochs": 4},
    "gru": {"embedding_dim": 8, "hidden_dim": 8, "n_epochs": 3},
    "autoint": {"embedding_dim": 2, "n_layers": 1, "head_dim": 2, "dense": (4,), "n_epochs": 3, "n_negatives": 1},
    "neumf": {"embedding_dim": 4, "dense": (8,), "n_epochs": 3},
}


def job(
    name: str,
    dataset: Dataset,
    folder: Path,
    *,
    refit: bool = False,
    stop: Path | None = None,
    on_write: Callable[[str, dict[str, Any]], None] | None = None,
    entry: Entry | None = None,
    device: devices.Device | None = None,
    settings: dict[str, Any] | None = None,
) -> list[Record]:
    """Run a job in this process; what it said."""

    class Spied(Writer):
        def write(self, event: str, **values: Any) -> None:
            super().write(event, **values)
            if on_write is not None:
                on_write(event, values)

    folder.mkdir(exist_ok=True)
    training_job.run(
        Job(
            entry or registry.entry(name),
            dataset,
            settings=SMALL[name] if settings is None else settings,
            seed=0,
            device=device or devices.cpu(),
            root=folder,
            progress=Spied(folder / "progress.jsonl"),
            stop=StopFile(stop),
            refit=refit,
        )
    )
    return progress.read(folder / "progress.jsonl")


@pytest.mark.training
@pytest.mark.parametrize("name", SMALL)
def test_the_model_of_the_best_epoch_is_kept(name: str, demo_dataset: Dataset, tmp_path: Path) -> None:
    """An independent run of the same settings, for as many epochs as were best, gives the same scores."""
    records = job(name, demo_dataset, tmp_path)
    epochs = [record for record in records if record.event == "epoch"]
    sign = -1 if epochs[0].metric == "rmse" else 1
    best = max(epochs, key=lambda record: sign * (record.value or 0))
    assert records[-1].event == "finished"
    assert records[-1].best_epoch == best.epoch
    kept = artifacts.load(artifacts.folder_of("demo", name, tmp_path), demo_dataset).scorer

    model_class, at_best = registry.entry(name).load(), []
    train = HOLDOUT.validation(demo_dataset).known
    histories = train.histories(range(6))

    def watch(log: Any, scorer: Scorer | None) -> None:
        if log.epoch == best.epoch and scorer is not None:
            at_best.append(scorer.score(histories))

    model_class(config_from(model_class.config_class, SMALL[name])).fit(train, FitOptions(seed=0, on_epoch=watch))
    np.testing.assert_allclose(kept.score(histories), at_best[0], atol=2e-5)


@pytest.mark.training
@pytest.mark.parametrize("name", ["svd", "bpr"])
def test_with_refit_a_job_makes_the_model_that_train_makes(name: str, demo_dataset: Dataset, tmp_path: Path) -> None:
    """To the bit: as shipped is as shipped."""
    job(name, demo_dataset, tmp_path / "job", refit=True)
    training.train(
        training.Training(
            registry.entry(name), demo_dataset, HOLDOUT, settings=SMALL[name], device="cpu", root=tmp_path / "plain"
        )
    )
    ours, plain = (
        artifacts.load(artifacts.folder_of("demo", name, tmp_path / which), demo_dataset) for which in ("job", "plain")
    )
    histories = demo_dataset.histories(range(20))
    np.testing.assert_array_equal(ours.scorer.score(histories), plain.scorer.score(histories))
    assert ours.manifest.summary == plain.manifest.summary


def test_the_value_of_an_epoch_is_what_evaluate_says_of_the_validation_part(
    demo_dataset: Dataset, tmp_path: Path
) -> None:
    records = job("svd", demo_dataset, tmp_path)
    (epoch,) = [record for record in records if record.event == "epoch"]
    task = HOLDOUT.validation(demo_dataset)
    scorer = artifacts.load(artifacts.folder_of("demo", "svd", tmp_path), demo_dataset).scorer
    assert epoch.value == pytest.approx(evaluate(scorer, task, (10,)).summary["rmse"], abs=1e-6)
    assert [record.epoch for record in records if record.event == "batch"]  # Surprise is heard epoch by epoch


@pytest.mark.training
def test_lists_are_watched_as_evaluate_measures_them(demo_dataset: Dataset, tmp_path: Path) -> None:
    records = job("bpr", demo_dataset, tmp_path)
    finished = records[-1]
    value = next(r.value for r in records if r.event == "epoch" and r.epoch == finished.best_epoch)
    scorer = artifacts.load(artifacts.folder_of("demo", "bpr", tmp_path), demo_dataset).scorer
    assert value == pytest.approx(
        evaluate(scorer, HOLDOUT.validation(demo_dataset), (10,)).summary["ndcg@10"], abs=1e-6
    )


@pytest.mark.training
def test_cancelled_at_the_next_batch(demo_dataset: Dataset, tmp_path: Path) -> None:
    stop = tmp_path / "stop"

    def ask(event: str, values: dict[str, Any]) -> None:
        if event == "epoch" and values["epoch"] == 2:
            stop.write_text(CANCEL)

    with pytest.raises(Cancelled):
        job("bpr", demo_dataset, tmp_path / "job", stop=stop, on_write=ask, settings={"n_factors": 8, "n_epochs": 50})
    epochs = [r for r in progress.read(tmp_path / "job" / "progress.jsonl") if r.event == "epoch"]
    assert len(epochs) == 2
    assert not artifacts.folder_of("demo", "bpr", tmp_path / "job").exists()


@pytest.mark.training
@pytest.mark.parametrize("refit", [False, True])
def test_stopped_with_the_best_so_far(refit: bool, demo_dataset: Dataset, tmp_path: Path) -> None:
    """In the first pass or in the second: what is kept is the best epoch of the first."""
    stop = tmp_path / "stop"

    def ask(event: str, values: dict[str, Any]) -> None:
        if event == "epoch" and values["epoch"] == 2 and values["phase"] == ("refit" if refit else "watch"):
            stop.write_text(KEEP)

    records = job("bpr", demo_dataset, tmp_path / "job", stop=stop, on_write=ask, refit=refit)
    watched = [record for record in records if record.event == "epoch" and record.phase == "watch"]
    assert len(watched) == (4 if refit else 2)
    assert records[-1].best_epoch == max(watched, key=lambda record: record.value or 0).epoch
    assert artifacts.verify(artifacts.folder_of("demo", "bpr", tmp_path / "job"))


def test_stopped_before_there_is_anything_to_keep(demo_dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "stop").write_text(KEEP)
    with pytest.raises(Cancelled):
        job("svd", demo_dataset, tmp_path / "job", stop=tmp_path / "stop")


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


POPULARITY = registry.entry("popularity").load()


class Hungry(registry.entry("svd").load()):  # type: ignore[misc]
    """A model with a batch size, on a GPU that holds 100 examples at a time."""

    name = "bpr"
    config_class = registry.entry("bpr").load().config_class

    def fit(self, train: Dataset, options: FitOptions) -> Scorer:
        if self.config.batch_size > 100:
            raise OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
        return POPULARITY().fit(train, replace(options, device="cpu"))


def hungry(
    device: str, batch_size: int, dataset: Dataset, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Record]:
    monkeypatch.setattr(Entry, "load", lambda _: Hungry)
    monkeypatch.setattr(training_job, "_empty_gpu", lambda: None)
    gpu = devices.Device(device, "Some GPU, 1 GiB")
    return job("bpr", dataset, folder, device=gpu, settings={"batch_size": batch_size, "n_epochs": 1})


def test_out_of_gpu_memory_once(demo_dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = hungry("cuda", 200, demo_dataset, tmp_path, monkeypatch)
    (retry,) = [record for record in records if record.event == "retry"]
    assert retry.message == "The GPU ran out of memory: trying again with half the batch, 100."
    assert artifacts.read_manifest(artifacts.folder_of("demo", "bpr", tmp_path)).config["batch_size"] == 100


def test_out_of_gpu_memory_twice(demo_dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TrainingError, match="Some GPU, 1 GiB ran out of memory, even with half the batch"):
        hungry("cuda", 400, demo_dataset, tmp_path, monkeypatch)


def test_out_of_memory_on_the_cpu(demo_dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a batch saves little there."""
    with pytest.raises(TrainingError, match="Smaller vectors or layers may help"):
        hungry("cpu", 200, demo_dataset, tmp_path, monkeypatch)


@pytest.mark.training
def test_time_is_told_by_a_clock_that_never_goes_back(
    demo_dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    now = [2e9]

    def backwards() -> float:
        now[0] -= 1e6
        return now[0]

    monkeypatch.setattr(time, "time", backwards)
    records = job("bpr", demo_dataset, tmp_path)
    elapsed = [record.elapsed for record in records]
    assert elapsed == sorted(elapsed)
    assert elapsed[0] >= 0
    assert all(record.eta is None or record.eta >= 0 for record in records)


def test_a_curve_is_the_first_pass_without_what_came_before_it() -> None:
    def epoch(number: int, elapsed: float, phase: str = "watch") -> Record:
        return Record("epoch", elapsed, phase, epoch=number, n_epochs=2, loss=1.0 / number, value=0.1 * number)

    records = [Record("started"), Record("batch", 7.0, epoch=1), epoch(1, 8.0), epoch(2, 9.0), epoch(1, 12.0, "refit")]
    assert [(point.epoch, point.seconds, point.value) for point in curves.points(records)] == [
        (1, 1.0, 0.1),
        (2, 2.0, 0.2),
    ]
    again = [epoch(1, 1.0), Record("retry", 2.0), epoch(1, 3.0), epoch(2, 4.0)]
    assert [point.epoch for point in curves.points(again)] == [1, 2]
    assert curves.points([]) == ()
