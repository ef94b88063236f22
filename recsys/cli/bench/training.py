"""Speed and memory of training: `python -m recsys bench train`. Everything is measured in one call on the same data.

Each model and each public implementation trains in a process of its own, one after the other, so that the memory is its
own and none takes another's time. The data are drawn from a seed in each of them (`synthetic`).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from typing import Any

import psutil

from recsys.cli.bench import peers as bench_peers
from recsys.data import synthetic
from recsys.data.dataset import Dataset
from recsys.errors import RecsysError, TrainingError, UsageError
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.models.base import EpochLog, FitOptions, config_from
from recsys.paths import ROOT
from recsys.training import devices

SECONDS_BETWEEN_LOOKS = 0.02
PARITY_DATA = "100k"
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "gru": ({"n_sampled": 512}, {"n_sampled": 512, "batching": "session_parallel"}),
    "autoint": ({"n_negatives": 0},),
}
"""Other settings that are timed beside the defaults: a sampled softmax in both batchings; one example per rating, as
`ctr` has it, where the default adds four films that were not rated."""

Log = Callable[[str], None]


def measure(
    models: str | None, data: str, device: str, *, n_epochs: int = 2, peers: bool, parity: bool, log: Log
) -> dict[str, Any]:
    """A row per model (None: the six), and one per public implementation beside it.

    Args:
        n_epochs: epochs that are measured, after one to warm up.

    Raises:
        UsageError: an unknown model, size or device, or too few epochs.
        TrainingError: a model that did not train.
    """
    if n_epochs < 2:
        raise UsageError(f"--epochs must be at least 2, for a median. Received {n_epochs}.")
    size = synthetic.size_of(data)
    entries = registry.entries(models) if models else [entry for entry in registry.ENTRIES if entry.is_main]
    found = devices.resolve(device)
    if parity and found.name != "cuda":
        raise UsageError("--parity compares CPU and GPU, but no GPU was found or asked for.")
    table: dict[str, Any] = {
        "data": f"synthetic-{data}",
        "n_users": size.n_users,
        "n_items": size.n_items,
        "n_ratings": size.n_ratings,
        "device": found.text,
        "rows": [],
    }
    for entry in entries:
        log(entry.label)
        place = devices.resolve(device, uses_gpu=entry.load().uses_gpu)
        of_model = {"data": data, "n_epochs": n_epochs}
        for settings in ({}, *VARIANTS.get(entry.name, ())):
            row = in_own_process("model", {"model": entry.name, "device": place.name, **of_model, **settings})
            names = ", ".join([entry.label, *(f"{name}={value}" for name, value in settings.items())])
            table["rows"].append({"model": entry.name, "label": names, "device": place.text, **row})
        if peers and entry.name in bench_peers.PEERS:
            peer = bench_peers.PEERS[entry.name].label
            log(peer)
            row = in_own_process("peer", {"model": entry.name, **of_model})
            table["rows"].append({"peer_of": entry.name, "label": peer, "device": devices.cpu().text, **row})
        elif peers:
            table.setdefault("without_peer", []).append(entry.name)
    if parity:
        table["parity"] = []
        for entry in entries:
            if entry.load().uses_gpu:
                log(f"{entry.label} on CPU and GPU")
                table["parity"].append(compare(entry.name, PARITY_DATA, ("cpu", "cuda")))
    return table


def in_own_process(what: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What `_measured` returns in a child process. Raises TrainingError with the last line of one that failed."""
    command = [sys.executable, "-m", "recsys.cli.bench.training", what, json.dumps(arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}, most likely no memory left"])[-1]
        raise TrainingError(f"{arguments['model']} did not train: {last}")
    return json.loads(lines[-1])


def time_model(train: Dataset, model: str, device: str, n_epochs: int, **settings: Any) -> dict[str, Any]:
    """Median seconds of an epoch after the first, examples per second and peak memory, in this process."""
    model_class = registry.entry(model).load()
    has_epochs = any(field.name == "n_epochs" for field in fields(model_class.config_class))
    config = config_from(model_class.config_class, settings | ({"n_epochs": 1 + n_epochs} if has_epochs else {}))
    logs: list[EpochLog] = []

    def count(log: EpochLog, _scorer: object) -> None:
        logs.append(log)
        if log.epoch == log.n_epochs:
            raise _Enough  # what comes next, the export, is not training

    start = time.perf_counter()
    with peak_memory(device) as memory, suppress(_Enough):
        model_class(config).fit(train, FitOptions(device=device, on_epoch=count))
    if not logs:  # a model that only counts
        seconds = time.perf_counter() - start
        logs.append(EpochLog(1, 1, 0.0, seconds, len(train) / seconds))
    # Surprise says how long all epochs took together.
    seconds_each = [log.seconds for log in logs[1:]] or [logs[0].seconds / logs[0].n_epochs]
    speeds = [log.examples_per_second for log in logs[1:] or logs]
    return {
        "seconds_per_epoch": round(statistics.median(seconds_each), 6),
        "examples_per_second": round(statistics.median(speeds)),
        "n_epochs": len(logs) - 1 or logs[0].n_epochs,
        **memory,
    }


class _Enough(Exception):
    """Ends a training once its last epoch has been timed."""


@contextmanager
def peak_memory(device: str) -> Iterator[dict[str, int | None]]:
    """Peak memory in MB of what runs inside: of this process, data and libraries included, and on the GPU.

    Looked up every few milliseconds: the operating system's own mark would also count how the data were made.
    """
    process, is_over = psutil.Process(), threading.Event()
    found: dict[str, int | None] = {"peak_memory_mb": 0, "peak_gpu_memory_mb": None}
    peak = process.memory_info().rss

    def look() -> None:
        nonlocal peak
        while not is_over.wait(SECONDS_BETWEEN_LOOKS):
            peak = max(peak, process.memory_info().rss)

    if device == "cuda":
        import torch

        torch.cuda.reset_peak_memory_stats()
    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        is_over.set()
        watcher.join()
        found["peak_memory_mb"] = round(peak / 2**20)
        if device == "cuda":
            found["peak_gpu_memory_mb"] = round(torch.cuda.max_memory_allocated() / 2**20)


def compare(model: str, data: str, places: tuple[str, str], **settings: Any) -> dict[str, Any]:
    """Whether a model learns alike on two devices: its metric on each, and whether their intervals overlap."""
    asked = {"model": model, "data": data, **settings}
    results = [in_own_process("learn", {"device": device, **asked}) for device in places]
    return {
        "model": model,
        "metric": results[0]["metric"],
        "results": results,
        "is_within_noise": is_within_noise(*(result["interval"] for result in results)),
    }


def is_within_noise(interval: list[float], other: list[float]) -> bool:
    """Whether two intervals overlap."""
    return interval[0] <= other[1] and other[0] <= interval[1]


def learn(whole: Dataset, model: str, device: str, **settings: Any) -> dict[str, Any]:
    """A model trained to the end and measured on what was held out."""
    model_class, task = registry.entry(model).load(), HOLDOUT.final(whole)
    start = time.perf_counter()
    scorer = model_class(config_from(model_class.config_class, settings)).fit(task.known, FitOptions(device=device))
    seconds = time.perf_counter() - start
    evaluation = evaluate(scorer, task, HOLDOUT.ks)
    metric = model_class.selected_on
    return {
        "device": device,
        "metric": metric,
        "value": round(evaluation.summary[metric], 4),
        "interval": [round(float(end), 4) for end in evaluation.intervals()[metric]],
        "train_seconds": round(seconds, 1),
    }


def as_text(table: dict[str, Any]) -> str:
    """The table for people."""
    lines = [f"{table['data']}: {table['n_users']:,} users, {table['n_items']:,} films, {table['n_ratings']:,} ratings"]
    lines.append(f"{'':<34}{'s/epoch':>10}{'examples/s':>14}{'memory MB':>11}{'GPU MB':>9}  device")
    for row in table["rows"]:
        gpu = row["peak_gpu_memory_mb"]
        lines.append(
            f"{row['label']:<34}{row['seconds_per_epoch']:>10.2f}{row['examples_per_second']:>14,}"
            f"{row['peak_memory_mb']:>11,}{'-' if gpu is None else format(gpu, ','):>9}  {row['device']}"
        )
    if "without_peer" in table:
        lines.append(f"No package that requirements.txt pins trains these: {', '.join(table['without_peer'])}")
    for pair in table.get("parity", []):
        told = ", ".join(f"{result['device']} {result['value']} {result['interval']}" for result in pair["results"])
        lines.append(f"{pair['model']}: {pair['metric']} {told}: {'alike' if pair['is_within_noise'] else 'NOT ALIKE'}")
    return "\n".join(lines)


def _measured(what: str, data: str, **arguments: Any) -> dict[str, Any]:
    train = synthetic.make(data)
    if what == "peer":
        with peak_memory("cpu") as memory:
            timed = bench_peers.time_peer(train, **arguments)
        return timed | memory
    return (time_model if what == "model" else learn)(train, **arguments)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        print(json.dumps(_measured(sys.argv[1], **json.loads(sys.argv[2]))))
    except RecsysError as error:
        sys.exit(str(error))
