"""What is in artifacts/ is whole, complete, free of people's ratings, and made by this code with these settings."""

from __future__ import annotations

import re

import numpy as np
import pytest

from recsys import paths
from recsys.data.dataset import Dataset
from recsys.evaluation import results
from recsys.evaluation.evaluate import COUNT
from recsys.evaluation.metrics import LOWER_IS_BETTER
from recsys.evaluation.protocols import HOLDOUT, protocol
from recsys.models import registry
from recsys.models.base import config_from, config_to_json
from recsys.models.settings import completed
from recsys.serving import artifacts, records
from recsys.serving.artifacts import ARRAYS, EVALUATION, GRAPH, MANIFEST
from recsys.training import search

ROOT = paths.ROOT / "artifacts"
TOO_LARGE = {"deep-mf", "deep-mf-occupation"}
"""More than 2 MB each for models that are of interest under `naive-mf` only: their numbers are on record instead."""
SHIPPED = {
    "ml-100k": [entry for entry in registry.ENTRIES if entry.name not in TOO_LARGE],
    "demo": registry.entries("main"),
}
MAX_BYTES = 28_500_000
"""Models, and since they lie here too, the records of searches and learning curves."""
ARRAY_NAMES = {"item_bias", "item_factors", "user_bias", "user_factors"}
OTHER_METRICS = {COUNT, "novelty", "popularity", "diversity", "serendipity", "rmse", "mae", "fcp", "auc", "log_loss"}

TUNED = [entry for entry in registry.ENTRIES if entry.load().search_grid != [{}]]
every_artifact = pytest.mark.parametrize(
    ("dataset", "entry"),
    [(dataset, entry) for dataset, entries in SHIPPED.items() for entry in entries],
    ids=lambda value: getattr(value, "name", value),
)


@pytest.mark.parametrize("dataset", SHIPPED)
def test_every_model_is_here_and_nothing_else(dataset: str) -> None:
    assert set(artifacts.trained(dataset, ROOT)) == {entry.name for entry in SHIPPED[dataset]}
    assert artifacts.datasets(ROOT) == sorted(SHIPPED)


def test_together_they_are_small() -> None:
    assert sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file()) <= MAX_BYTES


@every_artifact
def test_it_is_whole_and_says_what_the_code_says(dataset: str, entry: registry.Entry) -> None:
    manifest, model_class = artifacts.verify(artifacts.folder_of(dataset, entry.name, ROOT)), entry.load()
    assert (manifest.model, manifest.label, manifest.dataset["name"]) == (entry.name, entry.label, dataset)
    assert (manifest.protocol, manifest.seed) == (HOLDOUT.name, 0)
    assert (manifest.looks_at, manifest.new_user, manifest.source) == (
        model_class.looks_at,
        model_class.new_user,
        model_class.source,
    )
    assert completed(model_class.config_class, manifest.config) == config_to_json(model_class.config_class())
    assert {f"ndcg@{k}" for k in HOLDOUT.ks} <= manifest.summary.keys()


@every_artifact
def test_it_is_data_and_not_ratings(dataset: str, entry: registry.Entry) -> None:
    folder = artifacts.folder_of(dataset, entry.name, ROOT)
    assert {path.name for path in folder.iterdir()} <= {MANIFEST, ARRAYS, GRAPH, EVALUATION}
    counts = artifacts.read_manifest(folder).dataset
    shapes: list[tuple[int, ...]] = []
    if (folder / ARRAYS).exists():
        with np.load(folder / ARRAYS, allow_pickle=False) as stored:
            assert set(stored.files) <= ARRAY_NAMES
            shapes += [stored[name].shape for name in stored.files]
    if (folder / GRAPH).exists():
        import onnx

        shapes += [tuple(tensor.dims) for tensor in onnx.load(folder / GRAPH).graph.initializer]
    assert shapes
    users_by_films = {(counts["n_users"], counts["n_items"]), (counts["n_items"], counts["n_users"])}
    for shape in shapes:
        assert shape not in users_by_films
        assert counts["n_ratings"] not in shape
    with np.load(folder / EVALUATION, allow_pickle=False) as values:
        unknown = [n for n in values.files if n not in OTHER_METRICS and not re.fullmatch(r"[a-z_]+@\d+", n)]
        assert not unknown
        assert {values[name].shape for name in values.files} == {(counts["n_users"],)}


@pytest.mark.parametrize("entry", SHIPPED["demo"], ids=lambda entry: entry.name)
def test_the_demo_artifact_belongs_to_the_demo(entry: registry.Entry, demo_dataset: Dataset) -> None:
    check_scores(artifacts.load(artifacts.folder_of("demo", entry.name, ROOT), demo_dataset), demo_dataset)


@pytest.mark.parametrize("entry", SHIPPED["ml-100k"], ids=lambda entry: entry.name)
def test_the_ml_100k_artifact_belongs_to_ml_100k(entry: registry.Entry, ml100k: Dataset) -> None:
    check_scores(artifacts.load(artifacts.folder_of("ml-100k", entry.name, ROOT), ml100k), ml100k)


def check_scores(artifact: artifacts.Artifact, dataset: Dataset) -> None:
    scores = artifact.scorer.score(dataset.histories(range(3)))
    assert scores.shape == (3, dataset.n_items)
    assert np.isfinite(scores).all()


# What was chosen, and what it reaches


@pytest.mark.parametrize("entry", TUNED, ids=lambda entry: entry.name)
def test_the_defaults_are_the_best_on_record(entry: registry.Entry) -> None:
    table = search.read_table(entry.name, search.folder_of("ml-100k", "holdout"))
    assert table is not None
    assert (table["dataset"], table["protocol"], table["seed"]) == ("ml-100k", "holdout, validation part", 0)
    assert table["metric"] == entry.load().selected_on
    values = [trial["value"] for trial in table["trials"]]
    best = min(values) if table["metric"] in LOWER_IS_BETTER else max(values)
    assert table["best"]["value"] == best
    model_class = entry.load()
    assert config_to_json(model_class.config_class()) == completed(model_class.config_class, table["best"]["config"])


@pytest.mark.parametrize(
    ("model", "metric", "low", "high"),
    [
        ("popularity", "ndcg@10", 0.0960, 0.0999),
        ("ease", "ndcg@10", 0.1878, 0.1954),
        ("als", "rmse", 0.995, 1.001),
        ("svd", "rmse", 0.9, 0.965),
        ("autoencoder", "rmse", 0.9, 0.955),
        ("bpr", "ndcg@10", 0.20, 0.25),  # above EASE, which is told less
        ("gru", "ndcg@10", 0.16, 0.25),
        ("autoint", "ndcg@10", 0.16, 0.25),
    ],
)
def test_marks_on_ml_100k(model: str, metric: str, low: float, high: float) -> None:
    """Two calibrations per kind of number, and what a good model of each kind reaches; above `high`, suspect a leak."""
    assert low <= artifacts.read_manifest(artifacts.folder_of("ml-100k", model, ROOT)).metric(metric) <= high


@pytest.mark.parametrize(("dataset", "protocol_name", "model"), records.all_of(records.RESULTS, ROOT))
def test_a_result_on_record_is_of_the_settings_that_evaluate_would_take(
    dataset: str, protocol_name: str, model: str
) -> None:
    recorded, entry = results.read(dataset, protocol_name, model, ROOT), registry.entry(model)
    assert recorded is not None
    settings, model_class = search.settings_for(entry, dataset, protocol(protocol_name)), entry.load()
    assert completed(model_class.config_class, recorded.config) == config_to_json(
        config_from(model_class.config_class, settings)
    )
