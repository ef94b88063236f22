"""`python -m recsys record explain`: the deletion test of the trained models' explanations, for the record."""

from __future__ import annotations

import argparse
import time
from contextlib import suppress
from dataclasses import asdict

from threadpoolctl import threadpool_limits

from recsys.cli.output import note, print_json
from recsys.cli.parsing import add_shared, whole
from recsys.cli.several import trained
from recsys.data import library
from recsys.errors import ArtifactError, UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain import deletion
from recsys.explain.deletion import N_USERS, Deletion
from recsys.models.base import check_seed
from recsys.serving import artifacts
from recsys.serving.artifacts import Manifest

ABOUT = "Test the explanations of the trained models by deleting films."
EXAMPLE = "python -m recsys record explain --dataset ml-100k --models bpr"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_shared(parser, "--dataset", "--models", "--seed", "--again", "--json")
    parser.add_argument("--users", type=whole, default=N_USERS, help=f"how many users are asked (default: {N_USERS})")


def run(options: argparse.Namespace) -> None:
    check_seed(options.seed)
    if options.users < 2:
        raise UsageError(f"An interval over users needs at least 2 of them. Received --users {options.users}.")
    dataset = library.open_dataset(options.dataset)
    known, found = HOLDOUT.final(dataset).known, []
    for entry in trained(options.models, dataset.name):
        start = time.perf_counter()
        loaded = artifacts.load(artifacts.folder_of(dataset.name, entry.name), dataset)
        tested = None if options.again else _up_to_date(dataset.name, loaded.manifest, options)
        if tested is None:
            with threadpool_limits(1, "blas"):  # many small systems: threads that wait for each other only cost
                tested = deletion.run(
                    loaded.scorer,
                    known,
                    model=entry.name,
                    artifact_sha256=loaded.manifest.sha256,
                    n_users=options.users,
                    seed=options.seed,
                )
            if tested is not None:
                deletion.write(tested)
        if tested is not None:
            found.append(tested)
        note(f"{entry.label}: {_said(tested)} ({time.perf_counter() - start:.0f} s)")
    if options.json:
        print_json([asdict(tested) for tested in found])


def _up_to_date(dataset_name: str, manifest: Manifest, options: argparse.Namespace) -> Deletion | None:
    """The record of this very artifact with these settings, if there is one: an interrupted run continues with it."""
    with suppress(ArtifactError):
        tested, of_this = deletion.read(dataset_name, manifest.model), (manifest.sha256, options.seed, options.users)
        if tested is not None and (tested.artifact_sha256, tested.seed, tested.n_asked) == of_this:
            return tested
    return None


def _said(tested: Deletion | None) -> str:
    if tested is None:
        return "names no films"
    low, high = tested.wins_interval
    return (
        f"the first-named film lowered the score more than a random one in {100 * tested.wins:.1f} % "
        f"[{100 * low:.1f}, {100 * high:.1f}] for {tested.n_users} users; mean drop {tested.drop_first:.4g} "
        f"against {tested.drop_random:.4g}"
    )
