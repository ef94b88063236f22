"""`python -m recsys record curve`: train shipped models once more, and keep how they learned."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from recsys.cli.output import note
from recsys.cli.parsing import add_shared
from recsys.data import library
from recsys.models import registry
from recsys.models.base import config_from
from recsys.serving import artifacts
from recsys.training import curves, devices, progress
from recsys.training.jobs import job
from recsys.training.jobs.job import Job, StopFile

ABOUT = "Train shipped models once more and keep their learning curves for the Train page."
EXAMPLE = "python -m recsys record curve bpr --dataset ml-100k"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_shared(parser, "model", "--dataset", "--device")


def run(options: argparse.Namespace) -> None:
    dataset = library.open_dataset(options.dataset)
    for entry in registry.entries(options.model):
        manifest = artifacts.read_manifest(artifacts.folder_of(dataset.name, entry.name))
        model_class = entry.load()
        config_from(model_class.config_class, manifest.config)
        device = devices.resolve(options.device, uses_gpu=model_class.uses_gpu)
        with tempfile.TemporaryDirectory() as folder:
            root, said = Path(folder), Path(folder) / "progress.jsonl"
            writer = progress.Writer(said)
            job.run(Job(entry, dataset, manifest.config, manifest.seed, device, root, writer, StopFile(None)))
            writer.close()
            records = progress.read(said)
        curve = curves.Curve(
            model=entry.name,
            dataset=dataset.name,
            fingerprint=dataset.fingerprint,
            metric=next(record.metric for record in records if record.metric is not None),
            seed=manifest.seed,
            device=device.text,
            config=manifest.config,
            points=curves.points(records),
        )
        note(f"{entry.label}: {len(curve.points)} epochs in {curves.write(curve)}")
