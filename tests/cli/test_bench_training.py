"""`python -m recsys bench train`, in real processes on little data."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from recsys.cli.bench import peers, training
from recsys.data import synthetic
from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.models import registry
from recsys.paths import ROOT
from recsys.training import devices

pytestmark = pytest.mark.process

FIGURES = ("seconds_per_epoch", "examples_per_second", "peak_memory_mb")

NO_ROWS = {"data": "synthetic-100k", "n_users": 943, "n_items": 1682, "n_ratings": 100_000, "rows": []}

needs_gpu = pytest.mark.skipif(devices.gpu() is None, reason="no GPU that torch can use was found")


@pytest.fixture(scope="module")
def little() -> Dataset:
    return synthetic.make(synthetic.Size(n_users=60, n_items=90, n_ratings=2_000))


def quiet(_text: str) -> None:
    """No progress."""


@pytest.mark.training
def test_the_command_prints_a_row_per_model_and_per_peer() -> None:
    command = ["bench", "train", "--device", "cpu", "--data", "100k", "--models", "svd,item-knn", "--peers", "--json"]
    done = subprocess.run([sys.executable, "-m", "recsys", *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    table = json.loads(done.stdout)
    assert (table["data"], table["n_ratings"]) == ("synthetic-100k", 100_000)
    assert [row["label"] for row in table["rows"]] == ["SVD", "Surprise SVD", "Item-kNN"]
    assert table["without_peer"] == ["item-knn"]
    for row in table["rows"]:
        assert all(row[figure] > 0 for figure in FIGURES)
        assert row["device"] == devices.cpu().text
        assert row["peak_gpu_memory_mb"] is None
    text = training.as_text(table)
    assert "Surprise SVD" in text
    assert "item-knn" in text


@pytest.mark.training
@pytest.mark.parametrize("model", ["als", "autoencoder", "bpr", "random"])
def test_epochs_are_timed_after_the_first(little: Dataset, model: str) -> None:
    row = training.time_model(little, model, "cpu", n_epochs=2)
    assert all(row[figure] > 0 for figure in FIGURES)
    # Neural models report every epoch, of which the first is left out; Surprise reports all of its own together.
    assert row["n_epochs"] == {"als": 3, "random": 1}.get(model, 2)


@pytest.mark.parametrize("model", list(peers.PEERS))
def test_each_public_implementation_is_timed(little: Dataset, model: str) -> None:
    row = peers.time_peer(little, model, n_epochs=2)
    assert row["seconds_per_epoch"] >= 0
    assert row["examples_per_second"] > 0


def test_peak_memory_is_that_of_the_work_inside() -> None:
    with training.peak_memory("cpu") as before:
        pass
    with training.peak_memory("cpu") as during:
        block = np.ones(200 * 2**20, dtype=np.uint8)
        for _ in range(20):  # long enough to be seen
            block += 1
    assert during["peak_memory_mb"] - before["peak_memory_mb"] >= 190  # type: ignore[operator]


@pytest.mark.training
def test_two_places_that_learn_alike_are_found_alike() -> None:
    pair = training.compare("svd", "100k", ("cpu", "cpu"))
    assert pair["metric"] == registry.entry("svd").load().selected_on
    assert pair["is_within_noise"]
    first, second = pair["results"]
    assert first["value"] == second["value"]
    assert first["interval"][0] < first["value"] < first["interval"][1]
    assert "alike" in training.as_text({**NO_ROWS, "parity": [pair]})


@pytest.mark.training
def test_two_trainings_that_differ_are_found_different() -> None:
    """A tenth of the epochs on one side."""
    trained, hardly = (
        training.in_own_process("learn", {"model": "svd", "data": "100k", "device": "cpu", "n_epochs": n_epochs})
        for n_epochs in (20, 1)
    )
    assert not training.is_within_noise(trained["interval"], hardly["interval"])


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--data", "3m"], "There is no size '3m'; available: 100k, 1m, 20m."),
        (["--models", "wheel"], "There is no model 'wheel'"),
        (["--device", "tpu"], "device must be auto, cpu or cuda. Received 'tpu'."),
        (["--epochs", "1"], "--epochs must be at least 2, for a median. Received 1."),
        (["--device", "cpu", "--parity"], "--parity compares CPU and GPU"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_in_one_line(arguments: list[str], text: str, capsys) -> None:
    from recsys.__main__ import main

    assert main(["bench", "train", *arguments]) == 2
    error = capsys.readouterr().err
    assert text in error
    assert error.count("\n") == 1


@pytest.mark.skipif(devices.gpu() is not None, reason="there is a GPU here")
def test_a_gpu_that_is_not_there_is_named_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="No GPU was found"):
        training.measure("bpr", "100k", "cuda", peers=False, parity=False, log=quiet)


# On a GPU


@needs_gpu
@pytest.mark.gpu
@pytest.mark.training
@pytest.mark.parametrize("model", ["autoencoder", "bpr", "gru", "autoint", "mf", "neumf"])
def test_each_network_trains_on_the_gpu(model: str) -> None:
    arguments = {"model": model, "data": "100k", "device": "cuda", "n_epochs": 2}
    assert training.in_own_process("model", arguments)["peak_gpu_memory_mb"] > 0


@needs_gpu
@pytest.mark.gpu
@pytest.mark.training
@pytest.mark.parametrize("model", ["autoencoder", "bpr", "gru", "autoint"])
def test_cpu_and_gpu_learn_alike(model: str) -> None:
    assert training.compare(model, "100k", ("cpu", "cuda"))["is_within_noise"]
