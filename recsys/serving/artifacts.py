"""The only reader and writer of trained models: data that can be checked before it is used.

artifacts/<dataset>/models/<model>/manifest.json     what it is, how it was made, its numbers, a SHA-256 per file
                                   arrays.npz        named arrays (read with allow_pickle=False), or
                                   model.onnx        a graph
                                   evaluation.npz    one value per user and metric

What else is on record of them lies beside models/: see recsys/serving/records.py.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypedDict, TypeVar

import numpy as np
import psutil

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, UsageError, reason
from recsys.files import RETIRED, read_bounded, read_settled, replace_folder, settle
from recsys.json_types import as_type, parse
from recsys.paths import ARTIFACTS
from recsys.serving import encoders
from recsys.serving.graphs import Graph
from recsys.serving.scorers import FactorScorer, Scorer, ScorerState, scorer_from_state

T = TypeVar("T")
FORMAT_VERSION = 1
_KEYS = {"new_user": "visitor"}
"""Field of a manifest -> its key in the file, where files of this format have an older word."""
MODELS = "models"
MANIFEST, ARRAYS, GRAPH, EVALUATION = "manifest.json", "arrays.npz", "model.onnx", "evaluation.npz"
MAX_FILE_BYTES = 200 * 2**20
"""A larger file is not ours; refused before it is read into memory."""
MAX_ARRAY_BYTES = 4 * MAX_FILE_BYTES
"""Of the arrays of one file, unpacked."""


def artifacts_root() -> Path:
    """RECSYS_ARTIFACTS_DIR, or those that come with the program."""
    configured = os.environ.get("RECSYS_ARTIFACTS_DIR")
    return Path(configured) if configured else ARTIFACTS


def folder_of(dataset: str, model: str, root: Path | None = None) -> Path:
    return (root or artifacts_root()) / dataset / MODELS / model


def old_folder_of(dataset: str, model: str, root: Path | None = None) -> Path:
    """Where it lay before there was a folder for the models alone."""
    return (root or artifacts_root()) / dataset / model


def command_for(dataset: str, model: str) -> str:
    """The command that makes the artifact again."""
    return f"python -m recsys train {model} --dataset {dataset}"


class DatasetFacts(TypedDict):
    """What a model was trained on."""

    name: str
    fingerprint: str
    n_users: int
    n_items: int
    n_ratings: int


class ScorerFacts(TypedDict):
    """What a scorer is made of, beside its arrays or its graph."""

    kind: str
    settings: dict[str, Any]


class FileFacts(TypedDict):
    """What a file is known by."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """What an artifact says of itself. JSON-able; every number in it belongs to `protocol` and `seed`."""

    model: str
    label: str
    looks_at: str
    new_user: str
    source: str
    dataset: DatasetFacts
    protocol: str
    config: dict[str, Any]
    seed: int
    device: str
    versions: dict[str, str]
    train_seconds: float
    created: str
    scorer: ScorerFacts
    summary: dict[str, float | None]  # metric -> value; None where undefined
    intervals: dict[str, list[float]] = field(default_factory=dict)  # metric -> 95 % interval over users
    calibration: list[list[float]] | None = None  # rows of mean probability, share of relevant films, ratings
    files: dict[str, FileFacts] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION
    sha256: str = ""  # of the manifest itself, without this line

    @property
    def n_bytes(self) -> int:
        return sum(entry["bytes"] for entry in self.files.values())

    def metric(self, name: str) -> float:
        """A value of the summary; NaN where it is undefined or was not measured."""
        value = self.summary.get(name)
        return float("nan") if value is None else float(value)


def _to_json(manifest: Manifest) -> dict[str, Any]:
    return {_KEYS.get(name, name): value for name, value in asdict(manifest).items()}


def _from_json(raw: dict[str, Any]) -> Manifest:
    names = {key: name for name, key in _KEYS.items()}
    return as_type(Manifest, {names.get(key, key): value for key, value in raw.items()})


@dataclass(frozen=True, eq=False)
class Artifact:
    """A trained model, checked and ready to answer."""

    manifest: Manifest
    scorer: Scorer
    folder: Path


def write(folder: Path, manifest: Manifest, state: ScorerState, per_user: dict[str, np.ndarray]) -> Manifest:
    """Write an artifact whole or not at all: into a temporary folder beside it, which is then renamed.

    Args:
        per_user: metric -> (U,) values; empty where nothing was measured.

    Returns:
        The manifest with the hashes and sizes of the files.
    """
    prepare(folder)
    temporary = folder.with_name(f".{folder.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        temporary.mkdir()  # with the rights that the umask leaves, unlike a folder of tempfile
        if state.graph is not None:
            (temporary / GRAPH).write_bytes(state.graph)
        if state.arrays:
            np.savez_compressed(temporary / ARRAYS, **state.arrays)  # type: ignore[arg-type]
        np.savez_compressed(temporary / EVALUATION, **per_user)  # type: ignore[arg-type]
        contents = {path.name: path.read_bytes() for path in sorted(temporary.iterdir())}
        files = {name: FileFacts(sha256=sha256(it), bytes=len(it)) for name, it in contents.items()}
        finished = replace(manifest, files=files, sha256="")
        finished = replace(finished, sha256=_own_hash(_to_json(finished)))
        text = json.dumps(_to_json(finished), indent=1, ensure_ascii=False, allow_nan=False)
        (temporary / MANIFEST).write_text(text + "\n", encoding="utf-8")
        replace_folder(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        settle(folder)
        raise
    return finished


def read_manifest(folder: Path) -> Manifest:
    """The manifest alone: cheap, nothing else is opened.

    Raises ArtifactError for one that is missing, not JSON, incomplete, of another format version, or of another model
    or data set than its place says.
    """
    try:
        raw = parse(read_settled(folder / MANIFEST))
    except FileNotFoundError:
        if (old := folder.parent.parent / folder.name).joinpath(MANIFEST).is_file() and folder.parent.name == MODELS:
            problem, remedy = "This model is where older versions kept it.", f"To move it: mv {old} {folder.parent}/"
            raise ArtifactError(problem, remedy=remedy) from None
        if folder.is_symlink():
            problem = "Its folder is a link that leads to no model."
            raise ArtifactError(problem, remedy=f"Delete it: rm {folder}") from None
        raise _refusal(folder, "This model has not been trained on this data set yet.") from None
    except (OSError, ValueError) as error:
        raise _refusal(folder, f"{MANIFEST} cannot be read: {reason(error)}.") from None
    version = raw.get("format_version") if isinstance(raw, dict) else None
    if version != FORMAT_VERSION:
        newer = isinstance(version, int) and version > FORMAT_VERSION
        which = "a newer version of this program" if newer else "another program or an old version"
        raise _refusal(folder, f"The artifact comes from {which} (format {version!r}, not {FORMAT_VERSION}).")
    if raw.get("sha256") != _own_hash(raw):
        raise _refusal(folder, f"{MANIFEST} does not have the contents that were written: it is damaged.")
    try:
        manifest = _from_json(raw)
        _check_manifest(manifest)
    except ValueError as error:
        raise _refusal(folder, f"{MANIFEST} is incomplete or wrong: {error}.") from None
    says, place = f"{manifest.model} of {manifest.dataset['name']}", f"{folder.name} of {folder.parent.parent.name}"
    if folder.parent.name == MODELS and says != place:  # a checkpoint may lie anywhere
        raise _refusal(folder, f"The artifact is {says}, and lies where {place} belongs.")
    return manifest


def load(folder: Path, dataset: Dataset) -> Artifact:
    """Check everything, then build the scorer.

    Raises ArtifactError for one that is missing, corrupt, of another format, or trained on other data.
    """
    return _of_one_version(folder, lambda manifest: _load(folder, manifest, dataset))


def _load(folder: Path, manifest: Manifest, dataset: Dataset) -> Artifact:
    if manifest.dataset["fingerprint"] != dataset.fingerprint:
        other = f"{manifest.dataset['name']}, {manifest.dataset['n_ratings']} ratings"
        raise _refusal(folder, f"The artifact was trained on other data ({other}).")
    contents = {name: _read_checked(folder, name, manifest) for name in manifest.files if name != EVALUATION}
    try:
        arrays = _arrays(contents[ARRAYS], folder) if ARRAYS in contents else {}
        _check_arrays(arrays, manifest)
        state = ScorerState(manifest.scorer["kind"], manifest.scorer["settings"], arrays, contents.get(GRAPH))
        scorer = scorer_from_state(state, dataset, is_served=True)
    except ArtifactError:
        raise
    except Exception as error:  # onnxruntime raises its own types for a broken graph: any of them is a broken file
        raise _refusal(folder, f"The model cannot be built from its files: {reason(error)}.") from None
    return Artifact(manifest, scorer, folder)


def load_evaluation(folder: Path) -> dict[str, np.ndarray]:
    """Metric -> (U,) float32 values per user, NaN where undefined. Raises ArtifactError as `load` does."""
    return _of_one_version(folder, lambda manifest: _load_evaluation(folder, manifest))


def _load_evaluation(folder: Path, manifest: Manifest) -> dict[str, np.ndarray]:
    values = _arrays(_read_checked(folder, EVALUATION, manifest), folder)
    n_users = manifest.dataset["n_users"]
    for name, array in values.items():
        if array.shape != (n_users,):
            raise _refusal(folder, f"{EVALUATION} holds {name} of shape {array.shape}, not ({n_users},).")
    return values


def _of_one_version(folder: Path, read: Callable[[Manifest], T]) -> T:
    """What `read` makes of the files of a manifest; again whenever the artifact was replaced meanwhile."""
    manifest = read_manifest(folder)
    while True:
        try:
            return read(manifest)
        except ArtifactError:
            before, manifest = manifest, read_manifest(folder)
            if manifest.sha256 == before.sha256:
                raise


def verify(folder: Path) -> Manifest:
    """Check hashes, sizes and contents of all files without the data set; ask the model once. Raises ArtifactError."""
    manifest = read_manifest(folder)
    for name in manifest.files:
        content = _read_checked(folder, name, manifest)
        try:
            if name == ARRAYS:
                arrays = _arrays(content, folder)
                _check_arrays(arrays, manifest)
                FactorScorer.from_state(ScorerState(**manifest.scorer, arrays=arrays)).try_out()
            elif name == GRAPH:
                is_of_pairs = encoders.is_pairwise(manifest.scorer["settings"])
                Graph(content).try_out(1 if is_of_pairs else manifest.dataset["n_items"])
        except ArtifactError as error:
            raise _refusal(folder, error.problem) from None
        except Exception as error:  # onnxruntime raises its own types for a broken graph
            raise _refusal(folder, f"{name} cannot be used: {reason(error)}.") from None
    load_evaluation(folder)
    extra = {path.name for path in folder.iterdir()} - set(manifest.files) - {MANIFEST}
    if extra:
        raise _refusal(folder, f"Files that the manifest does not name: {', '.join(sorted(extra))}.")
    return manifest


def trained(dataset: str, root: Path | None = None) -> list[str]:
    """Names of the models that have a folder for this data set, or something else in its place."""
    return sorted(path.name for path in ((root or artifacts_root()) / dataset / MODELS).glob("[!.]*"))


def datasets(root: Path | None = None) -> list[str]:
    """Names of the data sets that have trained models."""
    return sorted(path.parent.name for path in (root or artifacts_root()).glob(f"[!.]*/{MODELS}/"))


def finite_summary(summary: dict[str, float]) -> dict[str, float | None]:
    """JSON has no NaN: an undefined metric is null."""
    return {name: float(value) if math.isfinite(value) else None for name, value in summary.items()}


def _refusal(folder: Path, problem: str) -> ArtifactError:
    return ArtifactError(problem, remedy=f"To fix it: {command_for(folder.parent.parent.name, folder.name)}")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_checked(folder: Path, name: str, manifest: Manifest) -> bytes:
    """The bytes of one file, after its size and hash have been compared with the manifest's."""
    path, expected = folder / name, manifest.files[name]
    try:
        size = path.stat().st_size
        if size != expected["bytes"] or size > MAX_FILE_BYTES:
            raise _refusal(folder, f"{name} has {size} bytes, not {expected['bytes']}: it is damaged.")
        content = read_bounded(path, MAX_FILE_BYTES)
    except (OSError, ValueError) as error:
        raise _refusal(folder, f"{name} cannot be read ({reason(error)}).") from None
    if sha256(content) != expected["sha256"]:
        raise _refusal(folder, f"{name} does not have the contents that were written: it is damaged.")
    return content


def _arrays(content: bytes, folder: Path) -> dict[str, np.ndarray]:
    try:
        return arrays_in(content)
    except Exception as error:  # zipfile, zlib and numpy each have their own: whatever it is, the file is broken
        raise _refusal(folder, f"An array file cannot be read: {reason(error)}.") from None


def arrays_in(content: bytes) -> dict[str, np.ndarray]:
    """The named arrays of an .npz file. Raises whatever zipfile, zlib and numpy do for a broken one."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        if (size := sum(member.file_size for member in stored.zip.infolist())) > MAX_ARRAY_BYTES:
            raise ValueError(f"it unpacks to {size:,} bytes, more than {MAX_ARRAY_BYTES:,}")
        return {name: stored[name] for name in stored.files}


def _check_manifest(manifest: Manifest) -> None:
    names = set(manifest.files)
    if not names <= {ARRAYS, GRAPH, EVALUATION} or EVALUATION not in names or not names & {ARRAYS, GRAPH}:
        raise ValueError(f"it names files {sorted(names)}")
    check_ends(manifest.intervals)
    if any(len(row) != 3 for row in manifest.calibration or ()):
        raise ValueError("a row of the calibration has not three numbers")


def check_ends(intervals: Mapping[str, list[float]]) -> None:
    """Raises ValueError for an interval that does not have two."""
    if odd := [name for name, interval in intervals.items() if len(interval) != 2]:
        raise ValueError(f"the interval of {odd[0]} does not have two ends")


def _check_arrays(arrays: dict[str, np.ndarray], manifest: Manifest) -> None:
    """Raises ValueError for arrays that are not finite numbers, a row per user or per film."""
    for name, array in arrays.items():
        rows = manifest.dataset["n_users" if name.startswith("user_") else "n_items"]
        if array.ndim not in (1, 2) or len(array) != rows:
            raise ValueError(f"{name} has shape {array.shape} where {rows} rows are needed")
        if not np.issubdtype(array.dtype, np.number) or not np.isfinite(array).all():
            raise ValueError(f"{name} holds something other than finite numbers")


def prepare(folder: Path) -> None:
    """Clear away what a killed writer left. Raises UsageError where the folder cannot be made or written to."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        settle(folder)
        for left in folder.parent.glob(f".{folder.name}-*"):
            writer = left.name.removeprefix(f".{folder.name}-").partition("-")[0]
            if writer == RETIRED or (writer.isdigit() and not psutil.pid_exists(int(writer))):
                shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryFile(dir=folder.parent):
            pass
    except OSError as error:
        raise UsageError(f"Nothing can be written to {folder.parent}: {error.strerror or error}.") from None


def _own_hash(raw: dict[str, Any]) -> str:
    """SHA-256 of a manifest without its own hash, whatever the order of its keys."""
    canonical = json.dumps({**raw, "sha256": ""}, sort_keys=True, ensure_ascii=False)
    return sha256(canonical.encode())
