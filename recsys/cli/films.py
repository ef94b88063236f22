"""`python -m recsys record films`: work out who gets each film and where it lies, once per shipped model."""

from __future__ import annotations

import argparse
import time
from contextlib import suppress
from pathlib import Path

from recsys.cli.output import note
from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain import film_records
from recsys.explain.film_reach import reach
from recsys.explain.film_records import FilmRecord
from recsys.models import registry
from recsys.serving import artifacts

ABOUT = "Work out what the Film page shows: neighbours, maps, who gets a film."
EXAMPLE = "python -m recsys record films --dataset ml-100k --models svd,bpr"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", required=True, help="name of the data set, such as ml-100k or demo")
    parser.add_argument("--models", help="names with commas (default: all that are trained)")
    parser.add_argument("--seed", type=int, default=0, help="of t-SNE, which draws the map (default: 0)")
    parser.add_argument("--again", action="store_true", help="also where what is on record is up to date")


def run(options: argparse.Namespace) -> None:
    dataset = library.open_dataset(options.dataset)
    there = artifacts.trained(dataset.name)
    names = [entry.name for entry in registry.entries(options.models)]
    if options.models in (None, "all", "main"):
        names = [name for name in names if name in there]
    if not names:
        raise UsageError(f"There is no trained model. Make them: python -m recsys train all --dataset {dataset.name}")
    known = HOLDOUT.final(dataset).known
    for name in names:
        if not options.again and is_current(name, dataset, options.seed):
            note(f"{name}: up to date")
            continue
        start = time.perf_counter()
        n_bytes = film_records.write(work_out(name, dataset, known, options.seed))
        seconds = time.perf_counter() - start
        note(f"{name}: {n_bytes / 1e3:.0f} kB in {seconds:.1f} s")


def is_current(model: str, dataset: Dataset, seed: int, root: Path | None = None) -> bool:
    """Whether what is on record is whole and of the model as it is now; one that is damaged is worked out again."""
    with suppress(ArtifactError):
        record = film_records.read(dataset.name, model, root)
        manifest = artifacts.read_manifest(artifacts.folder_of(dataset.name, model, root))
        return record is not None and record.is_of(manifest) and record.seed == seed
    return False


def work_out(model: str, dataset: Dataset, known: Dataset, seed: int, root: Path | None = None) -> FilmRecord:
    """Everything for the films of one model.

    Args:
        known: the ratings that the models know: they are the users' histories, and count for a film's place.

    Raises:
        ArtifactError: the model cannot be loaded.
    """
    artifact = artifacts.load(artifacts.folder_of(dataset.name, model, root), dataset)
    places = film_records.places_of(artifact.scorer, dataset, known.item_counts, seed)
    return FilmRecord(
        model=model,
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        manifest=artifact.manifest.sha256,
        n_users=dataset.n_users,
        n_items=dataset.n_items,
        seed=seed,
        min_ratings=places.min_ratings,
        about=places.about,
        is_weights=places.is_weights,
        pca_share=places.pca_share,
        reach=reach(artifact.scorer, known),
        layout=places.layout,
    )
