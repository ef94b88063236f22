"""`python -m recsys verify`: check everything under artifacts/, and say what is not as it was written."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from recsys.cli.parsing import no_arguments
from recsys.errors import RecsysError, UsageError
from recsys.evaluation import new_users, results
from recsys.explain import deletion, film_records
from recsys.serving import artifacts, records
from recsys.serving.artifacts import Manifest
from recsys.training import curves, search

ABOUT = "Check everything under artifacts/: format, hashes, sizes and contents of models and records."
EXAMPLE = "python -m recsys verify"
add_arguments = no_arguments


def run(_options: argparse.Namespace) -> None:
    root = artifacts.artifacts_root()
    failures, n_bytes, n_records = [], 0, 0
    for name, check in checks(root):
        try:
            found = check()
        except RecsysError as error:
            failures.append(name)
            print(f"broken  {name}: {error}")
            continue
        if isinstance(found, Manifest):
            n_bytes += found.n_bytes
            print(f"ok      {name}  {found.n_bytes / 1e6:.2f} MB")
        else:
            n_records += 1
    print(f"{n_bytes / 1e6:.2f} MB of models in all, and {n_records} records")
    if failures:
        raise UsageError(f"{len(failures)} of these are broken: {', '.join(failures)}.")
    if n_bytes == 0:
        raise UsageError(f"There are no models in {root}. Make them: python -m recsys train all --dataset demo")


def checks(root: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Name -> what raises RecsysError where that is damaged; of a model it returns the manifest."""
    for dataset in artifacts.datasets(root):
        for model in artifacts.trained(dataset, root):
            yield f"{dataset}/{model}", partial(artifacts.verify, artifacts.folder_of(dataset, model, root))
    readers: dict[str, Callable[..., object]] = {
        records.RESULTS: results.read,
        records.FILMS: film_records.read,
        records.EXPLANATIONS: deletion.read,
        records.NEW_USERS: new_users.read,
        records.SEARCHES: search.read,
        records.CURVES: curves.read,
    }
    for kind, read in readers.items():
        for names in records.all_of(kind, root):
            yield "/".join((names[0], kind, *names[1:])), partial(read, *names, root=root)
    for path in records.strays(root):
        yield str(path.relative_to(root)), partial(records.refuse, path)
