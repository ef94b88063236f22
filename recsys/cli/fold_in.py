"""`python -m recsys record fold-in`: what the shipped models' lists are worth to somebody they were not trained on."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from recsys.cli.output import note

ABOUT = "Measure what the models are worth to users whom they were not trained on."
EXAMPLE = "python -m recsys record fold-in --dataset ml-100k --models ease,bpr"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", required=True, help="name of the data set, such as ml-100k or demo")
    parser.add_argument("--models", help="names with commas (default: all that are trained)")
    parser.add_argument("--again", action="store_true", help="measure also what is on record for the artifact at hand")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(options: argparse.Namespace) -> None:
    from recsys.data import library
    from recsys.evaluation import new_users
    from recsys.models import registry
    from recsys.serving import artifacts
    from recsys.training import remeasure

    entries, dataset = registry.entries(options.models), library.open_dataset(options.dataset)
    trained = artifacts.trained(dataset.name)
    found = []
    for entry in entries if options.models else [each for each in entries if each.name in trained]:
        artifact = artifacts.load(artifacts.folder_of(dataset.name, entry.name), dataset)
        known = new_users.read(dataset.name, entry.name, artifact.manifest.sha256)
        if known is None or options.again:
            note(f"{entry.label}: training it without some of the users …")
            known = remeasure.new_users(entry, artifact, dataset, registry.entry("popularity"))
            new_users.write(known)
        found.append((entry, known))
    if options.json:
        json.dump([asdict(known) for _, known in found], sys.stdout, indent=1)
        print()
        return
    print(f"{'model':<20} {'overlap':>8} {'kept out':>9} {'against Popularity':>26} {'trained':>8}")
    for entry, known in found:
        low, high = known.over_popularity_interval
        margin = f"{known.over_popularity:+.4f} [{low:+.4f}, {high:+.4f}]"
        print(f"{entry.label:<20} {known.overlap:>8.3f} {known.kept_out:>9.4f} {margin:>26} {known.trained:>8.4f}")
