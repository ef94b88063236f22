"""What the sessions share: data sets, trained models and rankings, each loaded once per process and never changed.

A data set is known by its fingerprint, and files by their time and size, so that new data or a retrained model replaces
the old one by itself.

Where a `model` is asked for, it is a name of the registry or the id of a run: both are folders with the same files.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from recsys.data import library, sources
from recsys.data.dataset import Dataset, History
from recsys.errors import ArtifactError, RecsysError, UsageError
from recsys.evaluation import results
from recsys.evaluation.protocols import HOLDOUT, Task
from recsys.evaluation.results import Result
from recsys.models import registry
from recsys.serving import artifacts
from recsys.serving.artifacts import Artifact, Manifest
from recsys.serving.lists import ModelList, model_list
from recsys.serving.new_user import Profile
from recsys.training.jobs import runs
from recsys.ui import systems
from recsys.ui.people import People

TIMED_USERS, TIMED_SECONDS = 20, 0.15
"""How many users a model is timed with, and for how long at most: a page waits for it."""


def _stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of a file, or of all in a folder and in its folders: a folder's own time does not tell."""
    files = sorted([*path.glob("*"), *path.glob("*/*")]) if path.is_dir() else [path]
    stamps = []
    for file in files:
        with suppress(OSError):
            status = file.stat()
            stamps.append((file.name, status.st_size, status.st_mtime_ns))
    return tuple(stamps)


KEYS: dict[str | type[Any], Callable[[Any], Any]] = {
    Dataset: lambda of: of.fingerprint,
    type(Path()): lambda path: (str(path), _stamp(path)),  # Streamlit tells a path by its class on this system
}
"""By what a data set, a file and a folder are known to Streamlit."""


def dataset(name: str) -> Dataset:
    """A data set by name. Raises RecsysError where it cannot be read."""
    return _dataset(name, None if name == library.DEMO.name else sources.find(name))


@st.cache_resource(max_entries=3, hash_funcs=KEYS, show_spinner="Reading the ratings …")
def _dataset(name: str, key: Path | None) -> Dataset:
    return library.open_dataset(name)


@st.cache_resource(max_entries=3, show_spinner=False, hash_funcs=KEYS)
def task(of: Dataset) -> Task:
    """What the shown models have learnt from, and what is held out."""
    return HOLDOUT.final(of)


@st.cache_resource(max_entries=3, show_spinner=False, hash_funcs=KEYS)
def people(of: Dataset) -> People:
    """What is known of the users, from the ratings that the models know as well."""
    return People.of(task(of))


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
    return _manifest(folder_of(dataset_name, model) / artifacts.MANIFEST)


def measured(of: Dataset, model: str) -> Manifest:
    """The manifest of a model whose numbers are of this data set, under the protocol that its lists are measured by.

    Raises:
        ArtifactError: the numbers are others; or as `manifest` does.
    """
    found = manifest(of.name, model)
    remedy = artifacts.command_for(of.name, model)
    if found.dataset["fingerprint"] != of.fingerprint:
        raise ArtifactError("It was trained on other data.", remedy=remedy)
    if found.protocol != HOLDOUT.name:
        raise ArtifactError(f"It was measured under “{found.protocol}”, not “{HOLDOUT.name}”.", remedy=remedy)
    return found


def seeds(dataset_name: str, models: Iterable[str]) -> str:
    """The seeds that models and runs were trained with, each once; those whose files cannot be read are left out."""
    found = set()
    for model in models:
        with suppress(RecsysError):
            found.add(manifest(dataset_name, model).seed)
    return ", ".join(map(str, sorted(found)))


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def _manifest(path: Path) -> Manifest:
    return artifacts.read_manifest(path.parent)


def is_trained(dataset_name: str, model: str) -> bool:
    """Whether there is something to load, whatever its state."""
    folder = artifacts.folder_of(dataset_name, model)
    return folder.is_symlink() or os.path.lexists(folder / artifacts.MANIFEST)


def nothing_trained(dataset_name: str) -> bool:
    return not any(is_trained(dataset_name, entry.name) for entry in registry.ENTRIES)


def evaluation(dataset_name: str, model: str) -> dict[str, np.ndarray]:
    """Metric -> (U,) values per user of a trained model. Raises as `manifest` does."""
    return _evaluation(folder_of(dataset_name, model))


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def _evaluation(folder: Path) -> dict[str, np.ndarray]:
    return artifacts.load_evaluation(folder)


def result(dataset_name: str, protocol: str, model: str) -> Result | None:
    """What was measured under a protocol, None without a record. Raises ArtifactError."""
    folder = results.folder_of(dataset_name, protocol)
    return _result(dataset_name, protocol, model, [folder / f"{model}.{end}" for end in ("json", "npz")])


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=KEYS)
def _result(dataset_name: str, protocol: str, model: str, key: list[Path]) -> Result | None:
    return results.read(dataset_name, protocol, model)


def artifact(of: Dataset, model: str) -> Artifact:
    """A trained model. Raises ArtifactError: missing, corrupt, foreign, newer; or UsageError as `folder_of` does."""
    return _artifact(of, folder_of(of.name, model))


@st.cache_resource(max_entries=24, show_spinner=False, hash_funcs=KEYS)
def _artifact(of: Dataset, folder: Path) -> Artifact:
    loaded = artifacts.load(folder, of)
    if loaded.scorer.n_items != of.n_items:
        raise ArtifactError(
            f"The model ranks {loaded.scorer.n_items} films, the data set has {of.n_items}.",
            remedy=artifacts.command_for(of.name, folder.name),
        )
    return loaded


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
    return _ranking(of, model, folder_of(of.name, model), who, exclude_seen)


@st.cache_resource(max_entries=128, show_spinner=False, hash_funcs=KEYS)
def _ranking(of: Dataset, model: str, key: Path, who: int | Profile, exclude_seen: bool) -> ModelList:
    scorer = artifact(of, model).scorer
    return model_list(model, scorer, history(of, who), relevant(of, who), of.n_items, exclude_seen=exclude_seen)


def milliseconds_per_user(of: Dataset, model: str) -> float:
    """The time that one user's scores take, the median over some users, on this machine."""
    return _milliseconds(of, model, folder_of(of.name, model))


@st.cache_resource(max_entries=24, show_spinner=False, hash_funcs=KEYS)
def _milliseconds(of: Dataset, model: str, key: Path) -> float:
    scorer, known = artifact(of, model).scorer, task(of).known
    spread = np.linspace(0, of.n_users - 1, min(TIMED_USERS, of.n_users)).astype(int)
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
