"""`python -m recsys record films`: work out who gets each film and where it lies, once per shipped model."""

from __future__ import annotations

import argparse
import time
from contextlib import suppress
from pathlib import Path

from recsys.cli.output import note
from recsys.cli.parsing import add_shared
from recsys.cli.several import trained
from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain import film_records
from recsys.explain.film_reach import reach
from recsys.explain.film_records import FilmRecord
from recsys.serving import artifacts

ABOUT = "Work out what the Film page shows: neighbours, maps, who gets a film."
EXAMPLE = "python -m recsys record films --dataset ml-100k --models svd,bpr"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_shared(parser, "--dataset", "--models", "--seed", "--again")


def run(options: argparse.Namespace) -> None:
    dataset = library.open_dataset(options.dataset)
    known = HOLDOUT.final(dataset).known
    for entry in trained(options.models, dataset.name):
        if not options.again and is_current(entry.name, dataset, options.seed):
            note(f"{entry.label}: up to date")
            continue
        start = time.perf_counter()
        n_bytes = film_records.write(work_out(entry.name, dataset, known, options.seed))
        note(f"{entry.label}: {n_bytes / 1e3:.0f} kB in {time.perf_counter() - start:.1f} s")


def is_current(model: str, dataset: Dataset, seed: int) -> bool:
    """Whether the record is intact and of the model as it is now."""
    with suppress(ArtifactError):
        record = film_records.read(dataset.name, model)
        manifest = artifacts.read_manifest(artifacts.folder_of(dataset.name, model))
        return record is not None and record.is_of(manifest) and record.seed == seed
    return False


def work_out(model: str, dataset: Dataset, known: Dataset, seed: int, root: Path | None = None) -> FilmRecord:
    """Everything for the films of one model; `known` are the ratings it knows. Raises ArtifactError as `load` does."""
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
        reach=reach(artifact.scorer, known),
        **vars(places),
    )
