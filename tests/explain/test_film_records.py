"""Who gets each film, and the record of it: counted by hand, written, read, damaged, and committed."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys import paths
from recsys.cli import films as films_command
from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain import film_records, film_vectors
from recsys.explain.film_reach import Reach, reach, seconds_of_reach
from recsys.explain.film_records import FilmRecord, Layout, places_of
from recsys.serving import artifacts, records
from recsys.serving.ranking import recommend
from recsys.serving.scorers import FactorScorer, Query, Unit
from tests.toys import from_triples

ROOT = paths.ROOT / "artifacts"
COMMITTED = records.all_of(records.FILMS, ROOT)
MAX_BYTES, MAX_BYTES_EACH = 2_000_000, 150_000


def test_reach_counted_by_hand() -> None:
    """Everybody's order is 3, 2, 1, 0. User 0 has seen film 3, user 1 films 3 and 2, user 2 nothing."""
    known = from_triples([(0, 3, 5.0), (1, 3, 1.0), (1, 2, 4.0)], n_users=3, n_items=4)
    scorer = FactorScorer(Unit.VIEWERS, Query.CONSTANT, np.arange(4, dtype=np.float32))
    found = reach(scorer, known)
    # Ranks of films 0 to 3: user 0 has 3, 2, 1, -; user 1 has 2, 1, -, -; user 2 has 4, 3, 2, 1.
    assert found.middle.tolist() == [3, 2, 1, 1]
    assert found.best_ranks.tolist() == [[2, 3, 4], [1, 2, 3], [1, 2, 0], [1, 0, 0]]
    assert found.best_users[0].tolist() == [1, 0, 2]
    assert found.best_users[3][0] == 2
    assert found.top_10.tolist() == found.top_100.tolist() == [3, 3, 2, 1]


def test_a_film_that_everybody_has_seen_reaches_nobody() -> None:
    known = from_triples([(0, 0, 5.0), (1, 0, 1.0)], n_users=2, n_items=2)
    found = reach(FactorScorer(Unit.VIEWERS, Query.CONSTANT, np.ones(2, dtype=np.float32)), known)
    assert (found.top_10[0], found.middle[0], found.best_ranks[0].tolist()) == (0, 0, [0, 0])


def test_reach_agrees_with_asking_user_by_user(demo_dataset: Dataset, quick_root: Path) -> None:
    known = HOLDOUT.final(demo_dataset).known
    scorer = artifacts.load(artifacts.folder_of("demo", "svd", quick_root), demo_dataset).scorer
    found = reach(scorer, known)
    ranks: dict[int, list[tuple[int, int]]] = {item: [] for item in range(known.n_items)}
    for user in range(known.n_users):
        items = recommend(scorer, [known.history(user)], known.n_items).items[0]
        for rank, item in enumerate(items[items >= 0].tolist(), start=1):
            ranks[item].append((rank, user))
    for item, own in ranks.items():
        own.sort()
        assert found.top_10[item] == sum(rank <= 10 for rank, _ in own)
        assert found.top_100[item] == sum(rank <= 100 for rank, _ in own)
        assert found.middle[item] == own[(len(own) - 1) // 2][0]
        assert found.best_ranks[item].tolist() == [rank for rank, _ in own[:5]]
        assert found.best_users[item].tolist() == [user for _, user in own[:5]]


def test_the_time_for_all_users_is_told_by_some_of_them(demo_dataset: Dataset) -> None:
    class Slow(FactorScorer):
        def score(self, histories):  # type: ignore[no-untyped-def]
            time.sleep(0.002 * len(histories))
            return super().score(histories)

    known = HOLDOUT.final(demo_dataset).known
    told = seconds_of_reach(Slow(Unit.VIEWERS, Query.CONSTANT, np.zeros(known.n_items, dtype=np.float32)), known)
    assert told >= 0.002 * known.n_users


def test_films_lie_somewhere_without_the_map_that_takes_seconds(demo_dataset: Dataset, quick_root: Path) -> None:
    counts = HOLDOUT.final(demo_dataset).known.item_counts
    scorer = artifacts.load(artifacts.folder_of("demo", "svd", quick_root), demo_dataset).scorer
    found = places_of(scorer, demo_dataset, counts)
    n_placed = int((counts >= 5).sum())
    assert (found.layout.placed.shape, found.layout.pca.shape) == ((n_placed,), (n_placed, 2))
    assert found.layout.tsne.shape == (0, 2)
    assert places_of(scorer, demo_dataset, np.zeros_like(counts)).layout.placed.size == 0
    rows = FactorScorer(Unit.VIEWERS, Query.CONSTANT, np.zeros(demo_dataset.n_items, dtype=np.float32))
    assert places_of(rows, demo_dataset, counts).about == ""


def small_record() -> FilmRecord:
    whole = np.array([1, 0, 2], dtype=np.uint8)
    near = np.array([[1, 2], [0, 2], [0, 1]])
    flat = np.array([[0.0, 1.0], [-1.0, 0.25], [0.5, -1.0]])
    return FilmRecord(
        model="svd",
        dataset="toy",
        fingerprint="f",
        manifest="m",
        n_users=4,
        n_items=3,
        seed=0,
        min_ratings=5,
        about="two numbers",
        is_weights=False,
        pca_share=0.5,
        reach=Reach(whole, whole, whole, np.zeros((3, 4), np.uint8), np.ones((3, 4), np.uint8)),
        layout=Layout.of(np.arange(3), near, np.array([[0.9, 0.12345], [1.0, -0.5], [0.0, -1.0]]), flat, flat),
    )


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    record = small_record()
    assert film_records.read("toy", "svd", tmp_path) is None
    n_bytes = film_records.write(record, tmp_path)
    assert n_bytes == sum(path.stat().st_size for path in film_records.folder_of("toy", tmp_path).glob("svd.*"))
    again = film_records.read("toy", "svd", tmp_path)
    assert again is not None
    assert again.layout.thousandths.tolist() == [[900, 123], [1000, -500], [0, -1000]]
    for part in ("reach", "layout"):
        for name, array in vars(getattr(record, part)).items():
            assert np.array_equal(getattr(getattr(again, part), name), array)
    assert (again.about, again.pca_share, again.manifest) == ("two numbers", 0.5, "m")
    assert [again.layout.row_of(item) for item in (0, 2, 3)] == [0, 2, None]
    film_records.write(replace(record, layout=Layout.none(), about=""), tmp_path)
    without = film_records.read("toy", "svd", tmp_path)
    assert without is not None
    assert without.layout.row_of(0) is None


@pytest.mark.parametrize("damage", ["bytes", "missing", "json", "version", "shape", "range", "nan", "zip", "list"])
def test_a_damaged_record_is_refused_with_a_sentence(damage: str, tmp_path: Path) -> None:
    film_records.write(small_record(), tmp_path)
    folder = film_records.folder_of("toy", tmp_path)
    arrays, facts = folder / "svd.npz", folder / "svd.json"
    if damage == "bytes":
        arrays.write_bytes(arrays.read_bytes()[:-7])
    elif damage == "missing":
        arrays.unlink()
    elif damage == "json":
        facts.write_text("{", encoding="utf-8")
    elif damage == "list":
        facts.write_text("[1]", encoding="utf-8")
    elif damage == "version":
        records.write(facts, {**json.loads(facts.read_text()), "format_version": 2})
    else:  # whole files with a hash that fits, which somebody has made up
        with np.load(arrays) as stored:
            content = {name: stored[name] for name in stored.files}
        if damage == "shape":
            content["top_10"] = content["top_10"][:-1]
        elif damage == "range":
            content["neighbours"] = content["neighbours"] + np.uint8(200)
        elif damage == "nan":
            content["tsne"] = np.full((3, 2), np.nan, dtype=np.float16)
        records.write(facts, json.loads(facts.read_text()), content)
        if damage == "zip":
            arrays.write_bytes(b"PK\x03\x04 nothing")
            fitting = {"values_sha256": hashlib.sha256(arrays.read_bytes()).hexdigest()}
            records.write(facts, json.loads(facts.read_text()) | fitting)
    with pytest.raises(ArtifactError, match=r"svd\.json cannot be read: .* --dataset toy --models svd"):
        film_records.read("toy", "svd", tmp_path)


def options(**given: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    films_command.add_arguments(parser)
    return argparse.Namespace(**{**vars(parser.parse_args(["--dataset", "demo"])), **given})


def test_the_command_works_out_what_is_new_and_leaves_the_rest(
    demo_dataset: Dataset, quick_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    root = tmp_path / "artifacts"
    shutil.copytree(quick_root, root)
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(root))
    films_command.run(options(models="als,popularity"))
    assert "up to date" not in capsys.readouterr().err
    assert artifacts.datasets(root) == ["demo"]  # the folder of the records is no data set
    record = film_records.read("demo", "als")
    assert record is not None
    assert record.about == ""
    assert record.is_of(artifacts.read_manifest(artifacts.folder_of("demo", "als")))
    films_command.run(options(models="als,popularity"))
    assert capsys.readouterr().err.count("up to date") == 2
    shutil.rmtree(root / "demo" / "models" / "als")
    shutil.copytree(
        root / "demo" / "models" / "popularity", root / "demo" / "models" / "als"
    )  # another model in its place
    assert not films_command.is_current("als", demo_dataset, 0)
    assert not films_command.is_current("popularity", demo_dataset, seed=1)
    shutil.rmtree(root / "demo")
    with pytest.raises(UsageError, match="no trained model"):
        films_command.run(options())


# What is committed


@pytest.mark.parametrize(("data", "model"), COMMITTED)
def test_a_committed_record_is_of_the_committed_model(data: str, model: str) -> None:
    record = film_records.read(data, model, ROOT)
    manifest = artifacts.read_manifest(artifacts.folder_of(data, model, ROOT))
    assert record is not None
    assert record.is_of(manifest), f"Run {film_records.command_for(data, model)}"
    assert (record.fingerprint, record.n_users) == (manifest.dataset["fingerprint"], manifest.dataset["n_users"])
    assert sum(path.stat().st_size for path in film_records.folder_of(data, ROOT).glob(f"{model}.*")) <= MAX_BYTES_EACH
    assert (record.layout.placed.size == 0) == (model in ("als", "popularity", "random"))


@pytest.mark.parametrize(("data", "model"), COMMITTED)
def test_a_committed_record_has_the_films_that_have_a_place(
    data: str, model: str, request: pytest.FixtureRequest
) -> None:
    dataset = request.getfixturevalue("demo_dataset" if data == "demo" else "ml100k")
    scorer = artifacts.load(artifacts.folder_of(dataset.name, model, ROOT), dataset).scorer
    space, record = film_vectors.space_of(scorer, dataset), film_records.read(dataset.name, model, ROOT)
    assert record is not None
    if space is not None:
        placed = film_vectors.placed_films(space, HOLDOUT.final(dataset).known.item_counts)
        assert record.layout.placed.tolist() == placed.tolist()


def test_every_committed_model_has_a_record_and_they_are_small() -> None:
    trained = {(dataset, model) for dataset in artifacts.datasets(ROOT) for model in artifacts.trained(dataset, ROOT)}
    assert set(COMMITTED) == trained
    assert sum(path.stat().st_size for path in ROOT.glob("*/films/*")) <= MAX_BYTES
