"""Several models one after the other, of which some may not be trained yet, or need a library that is not here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from recsys.cli.output import note
from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, UsageError
from recsys.models import registry
from recsys.models.base import LibraryError
from recsys.models.registry import Entry
from recsys.serving import artifacts
from recsys.serving.artifacts import Artifact

T = TypeVar("T")


def each(entries: Sequence[Entry], work: Callable[[Entry], T]) -> list[T]:
    """What `work` makes of every model; one whose library cannot be loaded is left out, and that is said.

    Raises:
        LibraryError: of the only model that was asked for.
        UsageError: of several, none is left.
    """
    done: list[T] = []
    for entry in entries:
        try:
            done.append(work(entry))
        except LibraryError as error:
            if len(entries) == 1:
                raise
            note(f"Left out: {error}")
    if not done:
        raise UsageError("None of these models can be trained here.")
    return done


def trained(names: str | None, dataset: str) -> list[Entry]:
    """The models that `--models` names; of "all", "main" or nothing the trained ones. Raises UsageError for none."""
    entries = registry.entries(names)
    if names in (None, "all", "main"):
        there = artifacts.trained(dataset)
        entries = [entry for entry in entries if entry.name in there]
    if not entries:
        raise _none_trained(dataset)
    return entries


def asked(names: str | None, dataset: Dataset, work: Callable[[Entry, Artifact], T]) -> dict[str, T]:
    """Model -> what `work` makes of it, of what `--models` names, or of all models.

    One of all that cannot be loaded, or that fails while it answers, is only noted.

    Raises:
        ArtifactError: one that was named cannot be loaded or fails; it names the model.
        UsageError: of all models, none answers.
    """
    done: dict[str, T] = {}
    for entry in registry.entries(names):
        try:
            done[entry.name] = work(entry, artifacts.load(artifacts.folder_of(dataset.name, entry.name), dataset))
        except ArtifactError as error:
            if names:
                raise ArtifactError(f"{entry.label}: {error.problem}", remedy=error.remedy) from None
            note(f"{entry.label}: {error}")
    if not done:
        raise _none_trained(dataset.name)
    return done


def _none_trained(dataset: str) -> UsageError:
    return UsageError(f"There are no trained models. To train them: python -m recsys train all --dataset {dataset}")
