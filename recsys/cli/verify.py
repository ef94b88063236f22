"""`python -m recsys verify`: check everything under artifacts/, and say what is not as it was written."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from recsys.cli.parsing import no_arguments
from recsys.errors import RecsysError, UsageError
from recsys.evaluation import new_users, results
from recsys.explain import deletion, film_records
from recsys.files import read_bounded
from recsys.serving import artifacts, records
from recsys.serving.artifacts import Manifest
from recsys.training import curves, search

ABOUT = "Check everything under artifacts/: format, hashes, sizes and contents of models and records."
EXAMPLE = "python -m recsys verify"
add_arguments = no_arguments


def run(_options: argparse.Namespace) -> None:
    root = artifacts.artifacts_root()
    failures: list[str] = []
    n_bytes, n_models, n_records = 0, Counter[str](), Counter[str]()
    for name, check in checks(root):
        dataset = name.partition("/")[0]
        try:
            found = check()
        except RecsysError as error:
            failures.append(name)
            print(f"broken  {name}: {error}")
            continue
        if isinstance(found, Manifest):
            n_bytes += found.n_bytes
            n_models[dataset] += 1
            print(f"ok      {name}  {found.n_bytes / 1e6:.2f} MB")
        else:
            n_records[dataset] += 1
    for dataset in sorted(n_models | n_records):
        opened = f"{n_models[dataset]} models and {n_records[dataset]} records"
        print(f"all     {dataset}  {opened}, {digest(root / dataset)}")
    print(f"{n_bytes / 1e6:.2f} MB of models in all, and {n_records.total()} records")
    if failures:
        raise UsageError(f"{len(failures)} of these are broken: {', '.join(failures)}.")
    if n_bytes == 0:
        raise UsageError(f"There are no models in {root}. Make them: python -m recsys train all --dataset demo")


def digest(folder: Path) -> str:
    """One hash over those of all files below, sorted: who has the same one has the same files under the same names.

    As `find . -type f -not -path "*/.*" -exec sha256sum {} + | sort | sha256sum` has it in the C locale.
    """
    lines = []
    for path in folder.rglob("[!.]*"):
        if path.is_file():
            with suppress(OSError, ValueError):  # what cannot be read has been named above
                hashed = artifacts.sha256(read_bounded(path, artifacts.MAX_FILE_BYTES))
                lines.append(f"{hashed}  ./{path.relative_to(folder).as_posix()}\n".encode(errors="surrogateescape"))
    return artifacts.sha256(b"".join(sorted(lines)))


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
