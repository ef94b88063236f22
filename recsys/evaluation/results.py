"""Models measured under a protocol, from scratch, with one seed or several; and the record of what was measured.

Under most protocols a model has to be trained anew, on that protocol's training part. What is kept is not the model but
its numbers: artifacts/<dataset>/results/<protocol>/<model>.json, with one value per user beside it in <model>.npz.
`python -m recsys evaluate --protocol ... --record` writes them, and without --record prints the same numbers.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from recsys.evaluation.statistics import spread
from recsys.serving import records
from recsys.serving.artifacts import check_ends


@dataclass(frozen=True)
class Result:
    """One model under one protocol. JSON-able.

    Args:
        dataset: name and fingerprint.
        by_seed: seed -> metric -> value; None where undefined.
        train_seconds: of all folds, of the first seed.
        intervals: metric -> 95 % interval over users, of the first seed.
        standard_errors: metric -> standard error over users, of the first seed.
        calibration: rows of mean probability, share of relevant films, number of ratings.
        values_sha256: of the file with the values per user, once it is on record.
    """

    model: str
    label: str
    dataset: dict[str, str]
    protocol: str
    config: dict[str, Any]
    by_seed: dict[str, dict[str, float | None]]
    train_seconds: float
    intervals: dict[str, list[float]]
    standard_errors: dict[str, float]
    versions: dict[str, str]
    calibration: list[list[float]] | None = None
    values_sha256: str = ""
    per_user: dict[str, np.ndarray] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_ends(self.intervals)
        if not self.by_seed:
            raise ValueError("it has numbers of no seed")

    def metric(self, name: str) -> float:
        """Mean over seeds; NaN where it is undefined or was not measured."""
        values = self._values(name)
        return float(np.mean(values)) if values else float("nan")

    def seed_spread(self, name: str) -> float:
        """Standard deviation over seeds; NaN with one."""
        return spread(self._values(name))

    def standard_error(self, name: str) -> float:
        """Over users, of the first seed; of a metric over all ratings, from its interval. NaN where there is none."""
        if name in self.standard_errors:
            return self.standard_errors[name]
        low, high = self.intervals.get(name, (float("nan"), float("nan")))
        return (high - low) / (2 * 1.96)

    @property
    def metrics(self) -> list[str]:
        return list(next(iter(self.by_seed.values())))

    def _values(self, name: str) -> list[float]:
        found = [summary.get(name) for summary in self.by_seed.values()]
        return [value for value in found if value is not None] if None not in found else []


def folder_of(dataset: str, protocol: str, root: Path | None = None) -> Path:
    return records.folder_of(dataset, records.RESULTS, root) / protocol


def write(result: Result, root: Path | None = None) -> Path:
    """Put a result on record. Raises UsageError where nothing can be written."""
    path = folder_of(result.dataset["name"], result.protocol, root) / f"{result.model}.json"
    records.write(path, {key: v for key, v in asdict(result).items() if key != "per_user"}, result.per_user)
    return path


def read(dataset: str, protocol: str, model: str, root: Path | None = None) -> Result | None:
    """A result on record, or None where there is none. Raises ArtifactError: it is there and damaged."""
    path = folder_of(dataset, protocol, root) / f"{model}.json"
    how = "The result", f"python -m recsys evaluate --protocol {protocol} --dataset {dataset} --models {model} --record"
    if (found := records.read_arrays(path, *how)) is None:
        return None
    place = {"model": model, "dataset": dataset, "protocol": protocol}
    return records.as_record(Result, found[0], path, *how, place, per_user=found[1])


def recorded(dataset: str, root: Path | None = None) -> dict[str, list[str]]:
    """Protocol -> names of the models with a result on record for this data set."""
    folder = records.folder_of(dataset, records.RESULTS, root)
    found = {path.name: sorted(file.stem for file in path.glob("*.json")) for path in sorted(folder.glob("*"))}
    return {protocol: models for protocol, models in found.items() if models}
