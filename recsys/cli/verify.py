"""`python -m recsys verify`: is everything under artifacts/ whole and of this format?"""

from __future__ import annotations

import argparse

from recsys.errors import RecsysError, UsageError

ABOUT = "Check every artifact: format, hashes, sizes, contents."
EXAMPLE = "python -m recsys verify"


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(_options: argparse.Namespace) -> None:
    from recsys.evaluation import results
    from recsys.serving import artifacts

    root = artifacts.artifacts_root()
    failures, total = [], 0
    for dataset in artifacts.datasets(root):
        for model in artifacts.trained(dataset, root):
            try:
                manifest = artifacts.verify(artifacts.folder_of(dataset, model, root))
                total += manifest.n_bytes
                print(f"ok      {dataset}/{model}  {manifest.n_bytes / 1e6:.2f} MB")
            except RecsysError as error:
                failures.append(f"{dataset}/{model}")
                print(f"broken  {dataset}/{model}: {error}")
    for dataset, protocol, model in results.all_recorded(root):
        try:
            results.read(dataset, protocol, model, root)
        except RecsysError as error:
            failures.append(f"{dataset}/{protocol}/{model}")
            print(f"broken  {dataset}, {protocol}: {error}")
    print(f"{total / 1e6:.2f} MB in all")
    if failures:
        raise UsageError(f"{len(failures)} artifact(s) are broken: {', '.join(failures)}.")
    if total == 0:
        raise UsageError(f"There are no artifacts in {root}. Make them: python -m recsys train all --dataset demo")
