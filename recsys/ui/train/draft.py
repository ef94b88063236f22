"""What the form of the Train page holds until somebody presses Train: per session, checked, made into a request."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, RecsysError, UsageError
from recsys.models import registry
from recsys.models.registry import Entry
from recsys.models.settings import Setting, config_from, config_to_json
from recsys.training import curves, presets
from recsys.training.jobs import limits, runs
from recsys.training.jobs.runs import Request, Run
from recsys.ui import loaders
from recsys.ui.text import count
from recsys.ui.train.progress import estimate

OWN = "own"
PRESETS = {presets.QUICK: "Quick", presets.SHIPPED: "As shipped", OWN: "Your own"}
_DRAFT = "recsys_train_draft"
FIRST = "bpr"
"""The model that the form begins with: it learns in seconds, and well."""


@dataclass(frozen=True)
class Draft:
    """A request that is being written.

    Args:
        preset: one of PRESETS.
        settings: every setting of the model, as JSON has it.
        device: "auto", "cpu" or "cuda".
    """

    dataset: str
    model: str = FIRST
    preset: str = presets.QUICK
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    name: str = ""
    refit: bool = False
    device: str = "auto"

    @property
    def entry(self) -> Entry:
        return registry.entry(self.model)

    @property
    def request(self) -> Request:
        preset = "" if self.preset == OWN else self.preset
        return Request(self.model, self.dataset, self.settings, self.seed, self.device, self.refit, preset)


def begin(dataset: Dataset, run: Run | None) -> Draft:
    """The draft of this session; after a reload, which makes a new one, filled in as the run on the page had it."""
    if _DRAFT not in st.session_state and run is not None:
        with suppress(UsageError):  # settings that are not allowed any more
            keep(of_request(run.request) if run.request.kind == runs.TRAIN else Draft("", run.request.model))
    return current(dataset)


def current(dataset: Dataset) -> Draft:
    """The draft of this session; another data set has other presets."""
    draft = st.session_state.get(_DRAFT)
    if draft is None or draft.dataset != dataset.name:
        draft = with_preset(replace(draft or Draft(""), dataset=dataset.name, settings={}), presets.QUICK)
        keep(draft)
    return draft


def keep(draft: Draft) -> None:
    st.session_state[_DRAFT] = draft


def with_preset(draft: Draft, preset: str) -> Draft:
    """The draft with the settings of a preset; "your own" keeps what is there. Raises UsageError for another word."""
    if preset not in PRESETS:
        raise UsageError(f"There is no preset {preset[:40]!r}; available: {', '.join(PRESETS)}.")
    if preset == OWN:
        return replace(draft, preset=OWN)
    settings = full(draft.entry, presets.settings(draft.entry, draft.dataset, preset))
    return replace(draft, preset=preset, settings=settings, refit=preset == presets.SHIPPED)


def with_model(draft: Draft, model: str) -> Draft:
    """Another model, in the preset that was chosen. Raises UsageError for an unknown one."""
    preset = draft.preset if draft.preset != OWN else presets.QUICK
    return with_preset(replace(draft, model=registry.entry(model).name), preset)


def with_setting(draft: Draft, name: str, value: Any) -> Draft:
    """One setting changed, so that no preset fits any more. Raises UsageError where the value is not allowed."""
    known = {each.name: each for each in limits.offered(draft.entry)}
    if name not in known:
        raise UsageError(f"{draft.entry.label} has no setting {name[:40]!r}.")
    found = read(known[name], value)
    if draft.settings.get(name) == found:
        return draft
    return replace(draft, settings={**draft.settings, name: found}, preset=OWN)


def read(setting: Setting, value: Any) -> Any:
    """A value of a setting, as JSON has it. Raises UsageError where it is not allowed."""
    found = setting.read(value)
    setting.check(found)
    return list(found) if isinstance(found, tuple) else found


def of_request(request: Request) -> Draft:
    """The form filled in as a run had it."""
    entry = registry.entry(request.model)
    preset = request.preset if request.preset in PRESETS else OWN
    settings = full(entry, request.settings)
    return Draft(request.dataset, request.model, preset, settings, request.seed, refit=request.refit)


def full(entry: Entry, settings: dict[str, Any]) -> dict[str, Any]:
    """Every setting, those that were not named as the model has them. Raises UsageError for one that is not allowed."""
    return config_to_json(config_from(entry.load().config_class, settings))


def cost_in_words(draft: Draft, n_ratings: int) -> str:
    """How long it will take, as far as that was measured: whole jobs with quick settings, epochs with shipped ones."""
    n_epochs = draft.settings.get("n_epochs")
    says = [count(n_epochs, "epoch") if isinstance(n_epochs, int) else "one pass"]
    if draft.refit:
        says.append("twice, the second time with the validation part")
    whole = draft.entry.load().quick_seconds
    if draft.preset == presets.QUICK and not draft.refit and whole is not None:
        if draft.dataset == presets.QUICK_SECONDS_ON:
            return f"{', '.join(says)}: about {whole} s from the click to the result, on two idle CPU cores."
        return f"{', '.join(says)}: about {whole} s in all on MovieLens 100K, longer on larger data."
    each = _seconds_per_epoch(draft, n_ratings) if draft.preset == presets.SHIPPED else None
    if each is None:
        return f"{', '.join(says)}."
    says.append(f"about {estimate(each * (n_epochs or 1) * (1 + draft.refit))} of training on the CPU")
    return f"{', '.join(says)}. Starting and measuring take a few seconds more."


def busy_in_words(work_per_core: float) -> str:
    """How much longer it will take on a computer that others keep busy; "" as long as cores are free.

    Args:
        work_per_core: as `devices.work_per_core`; whoever comes next shares each core with so many.
    """
    if work_per_core < 1:
        return ""
    return f"This computer is busy: expect it to take about {round(1 + work_per_core)} times as long."


def _seconds_per_epoch(draft: Draft, n_ratings: int) -> float | None:
    """What an epoch took the shipped model; other settings may take longer. None where nothing is known."""
    with suppress(ArtifactError):  # the page says it where the curve would be drawn
        if (curve := curves.read(draft.dataset, draft.model)) is not None and len(curve.points) > 1:
            return curve.points[-1].seconds / curve.points[-1].epoch
    for dataset in (draft.dataset, library.PREFERRED):
        with suppress(RecsysError):
            manifest = loaders.manifest(dataset, draft.model)
            n_epochs = max(int(manifest.config.get("n_epochs", 1)), 1)
            return manifest.train_seconds / n_epochs * n_ratings / max(int(manifest.dataset["n_ratings"]), 1)
    return None
