"""What is on record about the films of a model (recsys/films.py), or why there is nothing to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from recsys import films
from recsys.dataset import Dataset
from recsys.errors import ArtifactError, RecsysError
from recsys.films import FilmRecord
from recsys.ui import columns, loaders
from recsys.ui.columns import Column
from recsys.ui.lists import Problem

_HEAD = "Not worked out"


@dataclass(frozen=True, eq=False)
class Known:
    """One model on this page: its record, or else why there is none that holds."""

    column: Column
    record: FilmRecord | None = None
    problem: Problem | None = None


def known(dataset: Dataset, models: Sequence[str]) -> list[Known]:
    """What is on record for each model or run, in their order."""
    return [_known(dataset, columns.of(key)) for key in models]


def _known(dataset: Dataset, column: Column) -> Known:
    if column.is_run:
        text = "This is worked out for all users at once, for the models that come with the app, not for runs."
        return Known(column, problem=Problem(_HEAD, text))
    command = films.command_for(dataset.name, column.key)
    try:
        manifest = loaders.manifest(dataset.name, column.key)
        record = _read(dataset.name, column.key, _stamp(dataset.name, column.key))
    except ArtifactError as error:
        return Known(column, problem=Problem(_HEAD, error.problem, error.remedy.removeprefix("To mend it: ")))
    except RecsysError as error:
        return Known(column, problem=Problem(_HEAD, str(error)))
    if record is None:
        text = "Nothing has been worked out about the films of this model yet."
        return Known(column, problem=Problem(_HEAD, text, command))
    if not record.is_of(manifest) or record.fingerprint != dataset.fingerprint:
        text = "What is on record is out of date: the model has been trained again since."
        return Known(column, problem=Problem("Out of date", text, command))
    return Known(column, record)


@st.cache_resource(max_entries=64, show_spinner=False)
def _read(dataset_name: str, model: str, key: tuple[tuple[str, int, int], ...]) -> FilmRecord | None:
    return films.read(dataset_name, model)


def _stamp(dataset_name: str, model: str) -> tuple[tuple[str, int, int], ...]:
    """Sizes and times of the two files, and where they are."""
    folder: Path = films.folder_of(dataset_name)
    found = []
    for file in (folder / f"{model}.json", folder / f"{model}.npz"):
        try:
            status = file.stat()
        except OSError:
            continue
        found.append((str(file), status.st_size, status.st_mtime_ns))
    return tuple(found)
