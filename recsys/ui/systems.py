"""What can stand as a column of a page: the models of the registry, and what people have trained here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from recsys.data import library
from recsys.errors import UsageError
from recsys.models import registry
from recsys.models.registry import Entry
from recsys.training.jobs import runs
from recsys.training.jobs.runs import Run, State
from recsys.ui.text import count, listed

MAX_LISTED = 20
"""So many runs are offered, not counting those that are chosen already."""
MOST_NAMED = 4
"""More models or groups than this are counted, not named."""


@dataclass(frozen=True)
class Column:
    """A model as the pages show it. A run has the colour of its family, but a mark and a name of its own.

    Args:
        key: a name of the registry, or the id of a run.
        label: its name; of a run, whatever somebody called it.
        entry: the model, or the family of the run.
        dataset: of a run, the data set that it has learnt from; "" where it has been deleted.
    """

    key: str
    label: str
    entry: Entry
    dataset: str = ""

    @property
    def color(self) -> int:
        """Place in the theme's chartCategoricalColors."""
        return self.entry.color

    @property
    def is_run(self) -> bool:
        """Whether it was trained here."""
        return runs.is_id(self.key)

    @property
    def family(self) -> str:
        """What a run is, "" for the models of the registry."""
        return f"{self.entry.label}, trained here" if self.is_run else ""

    @property
    def note(self) -> str:
        """What it is where its label may be taken for something else, "" elsewhere."""
        return "" if self.is_run else self.entry.note

    @property
    def is_gone(self) -> bool:
        """A run that has been deleted, or never was."""
        return self.is_run and not self.dataset

    @property
    def spoken(self) -> str:
        """The label inside a sentence, where a name from right to left must not turn the rest around."""
        return f"\u2068{self.label}\u2069" if self.is_run else self.label


def of(key: str) -> Column:
    """The column of a model or run; a run that has been deleted has one as well. Raises UsageError for neither."""
    if not runs.is_id(key):
        entry = registry.entry(key)
        return Column(key, entry.label, entry)
    try:
        return _of_run(runs.read(key, runs.runs_root()))
    except UsageError:
        number, model = runs.number_and_model(key)
        return Column(key, f"Run {number}", registry.entry(model))


def trained_here(dataset_name: str) -> list[Column]:
    """The finished runs of a data set, the newest first."""
    found = runs.all_runs(runs.runs_root())
    return [_of_run(run) for run in found if run.state is State.FINISHED and why_not(run, dataset_name) == ""]


def offered(here: Sequence[Column], chosen: Sequence[str], *, with_models: bool) -> list[Column]:
    """All that can be switched on, and what can be switched off: the models, then the newest runs, by their number.

    Args:
        here: the finished runs of the data set.
        chosen: keys that are on; also runs that cannot be shown, so that they can be taken away.
    """
    listed = list(here[:MAX_LISTED])
    keys = {column.key for column in listed}
    listed += [of(key) for key in chosen if runs.is_id(key) and key not in keys]
    listed.sort(key=lambda column: runs.number_and_model(column.key)[0])
    return [*(of(name) for name in registry.BY_NAME if with_models), *listed]


def told_apart(offered: Sequence[Column]) -> dict[str, str]:
    """Key -> name in a menu, all different: of options with the same name, Streamlit only ever takes the last."""
    names: dict[str, str] = {}
    for column in offered:
        name = f"{column.label} · {column.family}" if column.is_run else column.label
        number = f", run {runs.number_and_model(column.key)[0]}" if name in names.values() else ""
        names[column.key] = name + number
    return names


def why_not(run: Run, dataset_name: str) -> str:
    """Why a run has no list for this data set, in a sentence; "" where it has one."""
    if run.request.kind != runs.TRAIN:
        return "This run is a search over settings, which has no lists of its own."
    if run.state is not State.FINISHED:
        return _WHY_NOT[run.state] + (f" {run.message}" if run.state is State.FAILED and run.message else "")
    if run.request.dataset != dataset_name:
        return f"This run was trained on another data set: {_title(run.request.dataset)}."
    return ""


_WHY_NOT = {
    State.QUEUED: "This run is still waiting to be trained.",
    State.RUNNING: "This run is still training.",
    State.STOPPING: "This run is being stopped.",
    State.FAILED: "The training of this run failed.",
    State.CANCELLED: "The training of this run was cancelled.",
    State.INTERRUPTED: "The training of this run was interrupted.",
}


def _of_run(run: Run) -> Column:
    return Column(run.id, run.name, registry.entry(run.request.model), run.request.dataset)


def _title(dataset_name: str) -> str:
    with suppress(UsageError):
        return library.source_of(dataset_name).title
    return dataset_name


def named(models: Sequence[str]) -> str:
    """Models of the registry in a sentence: "GRU, BPR and EASE", or "7 models"."""
    labels = [registry.entry(name).label for name in models]
    return listed(labels) if len(labels) <= MOST_NAMED else count(len(labels), "model")
