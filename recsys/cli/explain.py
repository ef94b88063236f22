"""`python -m recsys record explain`: the deletion test of the trained models' explanations, for the record."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from recsys.cli.output import note

if TYPE_CHECKING:
    from recsys.explain.deletion import Deletion
    from recsys.serving.artifacts import Manifest

ABOUT = "Test the explanations of the trained models by deleting films."
EXAMPLE = "python -m recsys record explain --dataset ml-100k --models bpr"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from recsys.explain.deletion import N_USERS

    parser.add_argument("--dataset", required=True, help="name of the data set, such as ml-100k or demo")
    parser.add_argument("--models", help="names with commas (default: all that are trained)")
    parser.add_argument("--users", type=int, default=N_USERS, help=f"how many users are asked (default: {N_USERS})")
    parser.add_argument("--seed", type=int, default=0, help="draws the users and the other films (default: 0)")
    parser.add_argument("--again", action="store_true", help="also the models whose record is up to date")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(options: argparse.Namespace) -> None:
    import scipy.optimize  # noqa: F401  # brings a BLAS of its own, which only when loaded can be held to one thread
    from threadpoolctl import threadpool_limits

    from recsys.data import library
    from recsys.errors import UsageError
    from recsys.evaluation.protocols import HOLDOUT
    from recsys.explain import deletion
    from recsys.models import registry
    from recsys.models.base import check_seed
    from recsys.serving import artifacts

    check_seed(options.seed)
    if options.users < 2:
        raise UsageError(f"An interval over users needs at least 2 of them. Received --users {options.users}.")
    dataset = library.open_dataset(options.dataset)
    there = artifacts.trained(dataset.name)
    models = [entry.name for entry in registry.entries(options.models) if options.models or entry.name in there]
    if not models:
        raise UsageError(f"There is no trained model. Make them: python -m recsys train all --dataset {dataset.name}")
    known, found = HOLDOUT.final(dataset).known, []
    for model in models:
        start = time.perf_counter()
        loaded = artifacts.load(artifacts.folder_of(dataset.name, model), dataset)
        tested = None if options.again else _up_to_date(dataset.name, loaded.manifest, options)
        if tested is None:
            with threadpool_limits(1, "blas"):  # many small systems: threads that wait for each other only cost
                tested = deletion.run(
                    loaded.scorer,
                    known,
                    model=model,
                    artifact_sha256=loaded.manifest.sha256,
                    n_users=options.users,
                    seed=options.seed,
                )
            if tested is not None:
                deletion.write(tested)
        label, seconds = registry.entry(model).label, time.perf_counter() - start
        note(f"{label}: {_said(tested)} ({seconds:.0f} s)")
        found += [] if tested is None else [tested]
    if options.json:
        print(json.dumps([asdict(tested) for tested in found], indent=1))


def _up_to_date(dataset_name: str, manifest: Manifest, options: argparse.Namespace) -> Deletion | None:
    """The record of this very artifact with these settings, None where there is none: so a stopped run goes on."""
    from recsys.errors import ArtifactError
    from recsys.explain import deletion

    try:
        tested = deletion.read(dataset_name, manifest.model)
    except ArtifactError:
        return None
    if tested is None:
        return None
    of_this = (manifest.sha256, options.seed, options.users)
    return tested if (tested.artifact_sha256, tested.seed, tested.n_asked) == of_this else None


def _said(tested: Deletion | None) -> str:
    if tested is None:
        return "names no films"
    low, high = tested.wins_interval
    return (
        f"the first-named film lowered the score more than a random one in {100 * tested.wins:.1f} % "
        f"[{100 * low:.1f}, {100 * high:.1f}] for {tested.n_users} users; mean drop {tested.drop_first:.4g} "
        f"against {tested.drop_random:.4g}"
    )
