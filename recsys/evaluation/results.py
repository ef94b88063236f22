"""Models measured under a protocol, from scratch, with one seed or several; and the record of what was measured.

Under most protocols a model has to be trained anew, on that protocol's training part. What is kept is not the model but
its numbers: artifacts/results/<dataset>/<protocol>/<model>.json, with one value per user beside it in <model>.npz.
`python -m recsys evaluate --protocol ... --record` writes them, and without --record prints the same numbers.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from recsys.errors import ArtifactError
from recsys.evaluation.statistics import spread
from recsys.files import write_whole
from recsys.serving.artifacts import RESULTS, artifacts_root, prepare


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
        values_sha256: of the file with the values per user.
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
    return (root or artifacts_root()) / RESULTS / dataset / protocol


def write(result: Result, root: Path | None = None) -> Path:
    """Put a result on record, each file whole or not at all: the values first, so that the JSON never names others."""
    folder = folder_of(result.dataset["name"], result.protocol, root)
    prepare(folder / result.model)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **result.per_user)  # type: ignore[arg-type]
    content = buffer.getvalue()
    facts = {key: value for key, value in asdict(result).items() if key != "per_user"}
    facts["values_sha256"] = hashlib.sha256(content).hexdigest()
    write_whole(folder / f"{result.model}.npz", content)
    path = folder / f"{result.model}.json"
    write_whole(path, json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def read(dataset: str, protocol: str, model: str, root: Path | None = None) -> Result | None:
    """A result on record, or None where there is none.

    Raises:
        ArtifactError: it is there and damaged.
    """
    folder = folder_of(dataset, protocol, root)
    path = folder / f"{model}.json"
    remedy = (
        f"To mend it: python -m recsys evaluate --protocol {protocol} --dataset {dataset} --models {model} --record"
    )
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        content = _values_of(path.with_suffix(".npz"))
        if hashlib.sha256(content).hexdigest() != facts["values_sha256"]:
            raise ValueError("its values per user are not those that were written")
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return Result(**facts, per_user={name: stored[name] for name in stored.files})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"The result in {path.name} cannot be read: {error}.", remedy=remedy) from None


def _values_of(path: Path) -> bytes:
    """The file with the values per user; without it the numbers beside it are damaged, not absent."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ValueError("its values per user are missing") from None


def recorded(dataset: str, root: Path | None = None) -> dict[str, list[str]]:
    """Protocol -> names of the models with a result on record for this data set."""
    folder = (root or artifacts_root()) / RESULTS / dataset
    found = {path.name: sorted(file.stem for file in path.glob("*.json")) for path in sorted(folder.glob("*"))}
    return {protocol: models for protocol, models in found.items() if models}


def all_recorded(root: Path | None = None) -> list[tuple[str, str, str]]:
    """(data set, protocol, model) of every result on record."""
    files = sorted(((root or artifacts_root()) / RESULTS).glob("*/*/*.json"))
    return [(path.parent.parent.name, path.parent.name, path.stem) for path in files]
