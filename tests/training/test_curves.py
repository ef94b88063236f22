from __future__ import annotations

from pathlib import Path

import pytest

from recsys.data import library
from recsys.errors import ArtifactError
from recsys.serving import artifacts, records
from recsys.training import curves
from recsys.training.curves import Curve, Point

CURVE = Curve(
    "bpr",
    "demo",
    "abc",
    "ndcg@10",
    0,
    "CPU, 2 cores",
    {"n_epochs": 2},
    (Point(1, 0.5, 0.7, 0.1), Point(2, 1.0, None, None)),
)


def test_a_curve_is_read_as_it_was_written(tmp_path: Path) -> None:
    curves.write(CURVE, tmp_path)
    assert curves.read("demo", "bpr", tmp_path) == CURVE


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"points": [{"epoch": 1}]}', '{"points": 3}'])
def test_a_curve_that_is_damaged_says_how_to_make_it_again(content: str, tmp_path: Path) -> None:
    assert curves.read("demo", "bpr", tmp_path) is None
    curves.write(CURVE, tmp_path).write_text(content)
    with pytest.raises(ArtifactError, match=r"bpr\.json cannot be read: .* curve bpr --dataset demo$"):
        curves.read("demo", "bpr", tmp_path)


@pytest.mark.parametrize("dataset", ["demo", "ml-100k"])
@pytest.mark.parametrize("model", ["als", "svd", "autoencoder", "bpr", "gru", "autoint"])
def test_every_shipped_model_of_the_six_has_its_curve(dataset: str, model: str) -> None:
    """Of the settings, the seed and the data that it was shipped with; else the curves are not of the same thing."""
    manifest = artifacts.read_manifest(artifacts.folder_of(dataset, model))
    curve = curves.read(dataset, model)
    assert curve is not None
    assert curve.config == manifest.config
    assert (curve.seed, curve.fingerprint) == (manifest.seed, manifest.dataset["fingerprint"])
    assert [point.epoch for point in curve.points] == list(
        range(curve.points[0].epoch, len(curve.points) + curve.points[0].epoch)
    )
    assert all(point.value is not None for point in curve.points)
    assert curve.points[-1].epoch == manifest.config.get("n_epochs", 1)


def test_the_committed_curves_are_of_data_that_is_known() -> None:
    for dataset, model in records.all_of(records.CURVES):
        curve = curves.read(dataset, model)
        assert curve is not None
        assert (library.source_of(dataset).name, curve.model) == (dataset, model)
