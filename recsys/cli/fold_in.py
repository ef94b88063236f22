"""`python -m recsys record fold-in`: what the shipped models' lists are worth to somebody they were not trained on."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from recsys.cli.output import note, print_json
from recsys.cli.parsing import add_shared
from recsys.cli.several import trained
from recsys.data import library
from recsys.evaluation import new_users
from recsys.models import registry
from recsys.serving import artifacts
from recsys.training import remeasure

ABOUT = "Measure what the models are worth to users they were not trained on."
EXAMPLE = "python -m recsys record fold-in --dataset ml-100k --models ease,bpr"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_shared(parser, "--dataset", "--models", "--again", "--json")


def run(options: argparse.Namespace) -> None:
    dataset = library.open_dataset(options.dataset)
    found = []
    for entry in trained(options.models, dataset.name):
        artifact = artifacts.load(artifacts.folder_of(dataset.name, entry.name), dataset)
        known = new_users.read(dataset.name, entry.name, artifact.manifest.sha256)
        if known is None or options.again:
            note(f"{entry.label}: training it without some of the users …")
            known = remeasure.new_users(entry, artifact, dataset, registry.entry("popularity"))
            new_users.write(known)
        found.append((entry, known))
    if options.json:
        print_json([asdict(known) for _, known in found])
        return
    print(f"{'model':<20} {'overlap':>8} {'kept out':>9} {'against Popularity':>26} {'trained':>8}")
    for entry, known in found:
        low, high = known.over_popularity_interval
        margin = f"{known.over_popularity:+.4f} [{low:+.4f}, {high:+.4f}]"
        print(f"{entry.label:<20} {known.overlap:>8.3f} {known.kept_out:>9.4f} {margin:>26} {known.trained:>8.4f}")
