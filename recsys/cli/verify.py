"""`python -m recsys verify`: check everything under artifacts/, and say what is not as it was written."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from recsys.cli.parsing import no_arguments
from recsys.errors import ArtifactError, RecsysError, UsageError
from recsys.evaluation import new_users, plausible, results
from recsys.explain import deletion, film_records
from recsys.files import read_bounded
from recsys.serving import artifacts, records
from recsys.serving.artifacts import Manifest
from recsys.training import curves, search

T = TypeVar("T")
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
            yield f"{dataset}/{model}", partial(_model, artifacts.folder_of(dataset, model, root))
    readers: dict[str, Callable[..., object]] = {
        records.RESULTS: _plausible(results.read, plausible.check_result),
        records.FILMS: _plausible(film_records.read, _check_films),
        records.EXPLANATIONS: _plausible(deletion.read, _check_deletion),
        records.NEW_USERS: _plausible(new_users.read, plausible.check_new_users),
        records.SEARCHES: search.read,
        records.CURVES: _plausible(curves.read, _check_curve),
    }
    for kind, read in readers.items():
        for names in records.all_of(kind, root):
            yield "/".join((names[0], kind, *names[1:])), partial(read, *names, root=root)
    for path in records.strays(root):
        yield str(path.relative_to(root)), partial(records.refuse, path)


def _model(folder: Path) -> Manifest:
    manifest = artifacts.verify(folder)
    _plausible(lambda: manifest, lambda it: plausible.check_manifest(it, artifacts.load_evaluation(folder)))()
    return manifest


def _check_curve(curve: curves.Curve) -> None:
    if not curve.points:
        raise ValueError("it has no points")
    for before, point in zip((curves.Point(0, 0.0, None, None), *curve.points), curve.points, strict=False):
        plausible.check_at_least(before.epoch + 1, epoch=point.epoch)
        plausible.check_within(before.seconds, math.inf, seconds=point.seconds)
        plausible.check_summary({curve.metric: point.value})


def _check_deletion(tested: deletion.Deletion) -> None:
    plausible.check_at_least(1, n_users=tested.n_users, n_draws=tested.n_draws)
    plausible.check_at_least(tested.n_users, n_asked=tested.n_asked)
    plausible.check_within(0, 1, wins=tested.wins, wins_interval=tested.wins_interval)


def _check_films(found: film_records.FilmRecord) -> None:
    plausible.check_at_least(0, min_ratings=found.min_ratings)
    plausible.check_within(0, 1, pca_share=found.pca_share)


def _plausible(read: Callable[..., T], check: Callable[[Any], None]) -> Callable[..., T]:
    """What is read, or ArtifactError where `check` finds a number in it that cannot be."""

    def checked(*place: object, **more: object) -> T:
        found = read(*place, **more)
        try:
            if found is not None:
                check(found)
        except ValueError as error:
            raise ArtifactError(f"It is not what was measured: {error}.", remedy="Make it again.") from None
        return found

    return checked
