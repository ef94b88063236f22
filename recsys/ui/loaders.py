"""What the sessions share: data sets, trained models and rankings, each loaded once per process and never changed.

Keys carry the time and size of the files, so that new data or a retrained model replaces the old one by itself.

Where a `model` is asked for, it is a name of the registry or the id of a run: both are folders with the same files.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import streamlit as st

from recsys.data import library, sources
from recsys.data.dataset import Dataset, History
from recsys.errors import ArtifactError, UsageError
from recsys.evaluation import results
from recsys.evaluation.protocols import HOLDOUT, Task
from recsys.evaluation.results import Result
from recsys.models import registry
from recsys.serving import artifacts
from recsys.serving.artifacts import Artifact, Manifest
from recsys.serving.lists import ModelList, model_list
from recsys.serving.new_user import Profile
from recsys.training import curves
from recsys.training.curves import Curve
from recsys.training.jobs import runs
from recsys.ui import systems
from recsys.ui.people import People

logger = logging.getLogger("recsys.ui")

Stamp = tuple[tuple[str, int, int], ...]
"""Names, sizes and times of files."""
TIMED_USERS, TIMED_SECONDS = 20, 0.15
"""How many users a model is timed with, and for how long at most: a page waits for it."""


def dataset(name: str) -> Dataset:
    """A data set by name. Raises RecsysError where it cannot be read."""
    path = None if name == library.DEMO.name else sources.find(name)
    return _dataset(name, _stamp(_members(path)))


def task(of: Dataset) -> Task:
    """What the shown models have learnt from, and what is held out."""
    return _task(of, of.fingerprint)


def people(of: Dataset) -> People:
    """What is known of the users, from the ratings that the models know as well."""
    return _people(of, of.fingerprint)


def folder_of(dataset_name: str, model: str) -> Path:
    """Where the artifact of a model or of a run should be; whether it is any good, only loading it says.

    Raises:
        UsageError: a run that has been deleted, has not finished, or was trained on another data set.
    """
    if not runs.is_id(model):
        return artifacts.folder_of(dataset_name, model)
    run = runs.read(model, runs.runs_root())
    if problem := systems.why_not(run, dataset_name):
        raise UsageError(problem)
    if not run.artifact.is_dir():
        raise UsageError("The files of this run are not there any more.")
    return run.artifact


def manifest(dataset_name: str, model: str) -> Manifest:
    """An artifact's manifest. Raises ArtifactError, or UsageError as `folder_of` does."""
    folder = folder_of(dataset_name, model)
    return _manifest(folder, _stamp([folder / artifacts.MANIFEST]))


def is_trained(dataset_name: str, model: str) -> bool:
    """Whether there is something to load, whatever its state."""
    return (artifacts.folder_of(dataset_name, model) / artifacts.MANIFEST).is_file()


def nothing_trained(dataset_name: str) -> bool:
    return not any(is_trained(dataset_name, entry.name) for entry in registry.ENTRIES)


def evaluation(dataset_name: str, model: str) -> dict[str, np.ndarray]:
    """Metric -> (U,) values per user of a trained model. Raises as `manifest` does."""
    folder = folder_of(dataset_name, model)
    return _evaluation(folder, _stamp(folder / name for name in (artifacts.MANIFEST, artifacts.EVALUATION)))


def result(dataset_name: str, protocol: str, model: str) -> Result | None:
    """What was measured under a protocol, None without a record. Raises ArtifactError."""
    folder = results.folder_of(dataset_name, protocol)
    return _result(folder, dataset_name, protocol, model, _stamp(folder / f"{model}.{end}" for end in ("json", "npz")))


def artifact(of: Dataset, model: str) -> Artifact:
    """A trained model. Raises ArtifactError: missing, corrupt, foreign, newer; or UsageError as `folder_of` does."""
    folder = folder_of(of.name, model)
    return _artifact(of, of.fingerprint, folder, _folder_stamp(folder))


def history(of: Dataset, who: int | Profile) -> History:
    """What the models know of a user, or of a new user."""
    return who.history() if isinstance(who, Profile) else task(of).known.history(who)


def relevant(of: Dataset, who: int | Profile) -> np.ndarray:
    """The films that a user went on to like; none of a new user."""
    return np.zeros(0, dtype=np.int64) if isinstance(who, Profile) else task(of).relevant_of(who)


def ranking(of: Dataset, model: str, who: int | Profile, *, exclude_seen: bool) -> ModelList:
    """All films in the order of one model for one user or new user; shorter lists are its beginning.

    Raises:
        ArtifactError, UsageError: the model cannot answer.
    """
    folder = folder_of(of.name, model)
    return _ranking(of, of.fingerprint, model, _folder_stamp(folder), who, exclude_seen)


def stamp(dataset_name: str, model: str) -> Stamp:
    """The state of all files of an artifact, for what is worked out from them. Raises as `folder_of` does."""
    folder = folder_of(dataset_name, model)
    return (*_folder_stamp(folder), *_stamp([folder / artifacts.EVALUATION]))


def milliseconds_per_user(of: Dataset, model: str) -> float:
    """The time that one user's scores take, the median over some users, on this machine."""
    folder = folder_of(of.name, model)
    return _milliseconds(of, of.fingerprint, model, _folder_stamp(folder))


@st.cache_resource(max_entries=3, show_spinner="Reading the ratings …")
def _dataset(name: str, key: Stamp) -> Dataset:
    return library.open_dataset(name)


@st.cache_resource(max_entries=3, show_spinner=False)
def _task(_of: Dataset, fingerprint: str) -> Task:
    return HOLDOUT.final(_of)


@st.cache_resource(max_entries=3, show_spinner=False)
def _people(_of: Dataset, fingerprint: str) -> People:
    return People.of(task(_of))


@st.cache_resource(max_entries=64, show_spinner=False)
def _manifest(folder: Path, key: Stamp) -> Manifest:
    return artifacts.read_manifest(folder)


@st.cache_resource(max_entries=64, show_spinner=False)
def _evaluation(folder: Path, key: Stamp) -> dict[str, np.ndarray]:
    return artifacts.load_evaluation(folder)


@st.cache_resource(max_entries=256, show_spinner=False)
def _result(folder: Path, dataset_name: str, protocol: str, model: str, key: Stamp) -> Result | None:
    return results.read(dataset_name, protocol, model)


@st.cache_resource(max_entries=24, show_spinner=False)
def _artifact(_of: Dataset, fingerprint: str, folder: Path, key: Stamp) -> Artifact:
    loaded = artifacts.load(folder, _of)
    if loaded.scorer.n_items != _of.n_items:
        raise ArtifactError(
            f"The model ranks {loaded.scorer.n_items} films, the data set has {_of.n_items}.",
            remedy=artifacts.command_for(_of.name, folder.name),
        )
    return loaded


@st.cache_resource(max_entries=128, show_spinner=False)
def _ranking(
    _of: Dataset, fingerprint: str, model: str, key: Stamp, who: int | Profile, exclude_seen: bool
) -> ModelList:
    return model_list(
        model,
        artifact(_of, model).scorer,
        history(_of, who),
        relevant(_of, who),
        _of.n_items,
        exclude_seen=exclude_seen,
    )


@st.cache_resource(max_entries=24, show_spinner=False)
def _milliseconds(_of: Dataset, fingerprint: str, model: str, key: Stamp) -> float:
    scorer, known = artifact(_of, model).scorer, task(_of).known
    spread = np.linspace(0, _of.n_users - 1, min(TIMED_USERS, _of.n_users)).astype(int)
    seconds = []
    scorer.score([known.history(0)])  # the first answer of all also unpacks the model
    for user in spread.tolist():
        history = known.history(user)
        start = time.perf_counter()
        scorer.score([history])
        seconds.append(time.perf_counter() - start)
        if sum(seconds) > TIMED_SECONDS:
            break
    return 1000 * float(np.median(seconds))


def _stamp(files: Iterable[Path]) -> Stamp:
    stamps = []
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        stamps.append((file.name, status.st_size, status.st_mtime_ns))
    return tuple(stamps)


def _members(path: Path | None) -> list[Path]:
    """The files of a data set: a folder's own time does not change when one of them is edited."""
    if path is None or not path.is_dir():
        return [path] if path is not None else []
    return sorted([*path.glob("*"), *path.glob("*/*")])


def _folder_stamp(folder: Path) -> Stamp:
    """Of every file that an artifact may have: a file that somebody damages is noticed as well as a new one."""
    return _stamp(folder / name for name in (artifacts.MANIFEST, artifacts.ARRAYS, artifacts.GRAPH))


def curve(dataset_name: str, model: str) -> Curve | None:
    """How a shipped model learnt; None where nothing sound is on record: a job is watched without it, too."""
    try:
        return curves.read(dataset_name, model)
    except ArtifactError:
        logger.warning("The learning curve of %s cannot be read", model, exc_info=True)
        return None
