"""Grids: several values of a few settings, every combination a trial; and what the trials have found so far."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Any

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation.metrics import LOWER_IS_BETTER, label_of
from recsys.evaluation.protocols import HOLDOUT
from recsys.files import read_bounded
from recsys.models import registry
from recsys.models.settings import Setting
from recsys.training.jobs import limits, runs
from recsys.training.jobs.runs import Request, Run, State
from recsys.ui import charts, controls, export
from recsys.ui.components.grid import grid
from recsys.ui.components.grid.grid import Cell, Head, Row, cells
from recsys.ui.text import DASH, count, md, number, seconds
from recsys.ui.train import draft as train_draft
from recsys.ui.train import jobs, parallel
from recsys.ui.train.parallel import Trial
from recsys.ui.train.progress import Progress, device_of

MOST_SETTINGS = 3
_MAX_BYTES = 2**22
_LISTED = 20


def show_form(dataset: Dataset) -> None:
    """An expander: which settings, which values, how many trials that makes."""
    draft = train_draft.current(dataset)
    fold = controls.fold("Try a grid of settings", "grid")
    if not fold.open:
        return
    with fold:
        st.caption(
            md(
                f"Every combination of these values is trained as {draft.entry.label} on the training part, and "
                "measured on the validation part. The hidden part plays no role in it. All other settings are as in "
                "the form above."
            )
        )
        known = {each.name: each for each in limits.offered(draft.entry)}
        if not known:
            st.caption(md(f"{draft.entry.label} has no settings to try."))
            return
        names = st.pills(
            f"Settings to vary, up to {MOST_SETTINGS}",
            list(known),
            selection_mode="multi",
            key=f"grid_names_{draft.model}",
            persist_state="session",
        )
        chosen = [known[name] for name in names if name in known]
        with st.container(horizontal=True, gap="small"):
            for each in chosen:
                st.text_input(
                    f"Values of {each.name}",
                    value=_example(each, draft.settings[each.name]),
                    key=_key(draft.model, each.name),
                    help=md(
                        f"Separated by {'semicolons' if each.kind == 'tuple' else 'commas'}; {each.name} {each.rule}."
                    ),
                    width=260,
                    persist_state="session",
                )
        try:
            grid = _grid(draft.model, chosen)
            n_trials = math.prod(map(len, grid.values())) if grid else 0
            if n_trials > limits.MAX_TRIALS:
                raise UsageError(f"A grid may have up to {limits.MAX_TRIALS} trials; these values make {n_trials}.")
        except UsageError as error:
            st.error(md(error), icon=":material/info:")
            n_trials = 0
        trials = count(n_trials, "trial")
        if n_trials:
            factors = " × ".join(str(len(values)) for values in grid.values())
            st.caption(f"{factors} = {trials}" if len(grid) > 1 else trials)
        st.button(
            f"Train {trials}" if n_trials else "Train the grid",
            icon=":material/grid_on:",
            key="train_sweep",
            disabled=not n_trials,
            on_click=jobs.callback(lambda: _start(dataset, tuple(each.name for each in chosen))),
        )


def _start(dataset: Dataset, names: tuple[str, ...]) -> None:
    """Everything is read again: the button was drawn before the last letter was typed. Raises UsageError."""
    draft = train_draft.current(dataset)
    known = {each.name: each for each in limits.offered(draft.entry)}
    chosen = _grid(draft.model, [known[name] for name in names if name in known])
    default = train_draft.full(draft.entry, {})
    as_in_the_form = {name: [value] for name, value in draft.settings.items() if value != default.get(name)}
    grid = {**as_in_the_form, **chosen}
    request = Request(draft.model, dataset.name, seed=draft.seed, device=draft.device, kind=runs.SWEEP, grid=grid)
    jobs.submit(dataset, [request], [draft.name or f"{draft.entry.label} grid"])


def _grid(model: str, chosen: list[Setting]) -> dict[str, list[Any]]:
    """Setting -> values, as they stand in the form. Raises UsageError for what is not allowed."""
    if len(chosen) > MOST_SETTINGS:
        raise UsageError(f"A grid varies up to {MOST_SETTINGS} settings. Received {len(chosen)}: remove some.")
    return {each.name: values(each, str(st.session_state.get(_key(model, each.name), ""))) for each in chosen}


def _key(model: str, name: str) -> str:
    return f"grid_{model}_{name}"


def _example(each: Setting, value: Any) -> str:
    """The value in the form, and what else could be tried."""
    if each.choices:
        return ", ".join(each.choices)
    if each.kind == "bool":
        return "true, false"
    if each.kind == "tuple":
        return "; ".join(dict.fromkeys([",".join(map(str, value)), str(value[0])]))
    return ", ".join(charts.short(near) for near in _around(each, value))


def _around(each: Setting, value: float) -> list[float]:
    found = []
    for factor in (0.5, 1, 2):
        near = type(each.default)(value * factor)
        with suppress(UsageError):
            each.check(near)
            found.append(near)
    return list(dict.fromkeys(found))


def values(each: Setting, text: str) -> list[Any]:
    """The values in a line of text, in JSON's types, each once. Raises UsageError for one that is not allowed."""
    parts = [part.strip() for part in text.split(";" if each.kind == "tuple" else ",")]
    found: list[Any] = []
    for part in filter(None, parts):
        value = train_draft.read(each, part)
        if value not in found:
            found.append(value)
    if not found:
        raise UsageError(f"{each.name} needs at least one value.")
    return found


def best(run: Run) -> dict[str, Any]:
    """The settings of the best trial, with the epoch at which it was best; empty without a trial."""
    _, trials = read(run)
    if not trials:
        return {}
    return {**trials[0].settings, **({"n_epochs": trials[0].n_epochs} if trials[0].n_epochs else {})}


def n_trials(run: Run) -> int:
    return math.prod(len(each) for each in run.request.grid.values())


def read(run: Run) -> tuple[str, list[Trial]]:
    """The metric and the trials so far, the best first; what is not there yet or makes no sense is left out."""
    path = run.folder / runs.SWEPT / f"{run.request.model}.json"
    trials: list[Trial] = []
    metric = "ndcg@10"
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        table = json.loads(read_bounded(path, _MAX_BYTES))
        metric = str(table["metric"])
        whole = [trial for trial in table["trials"] if isinstance(trial["settings"], dict)]
        trials = [trial for trial in map(_trial, whole) if math.isfinite(trial.value)]
    return metric, sorted(trials, key=lambda trial: trial.value, reverse=metric not in LOWER_IS_BETTER)


def _trial(told: dict[str, Any]) -> Trial:
    """Raises KeyError, TypeError, ValueError for what is no trial."""
    n_epochs = told.get("n_epochs")
    is_known = isinstance(n_epochs, int) and n_epochs > 0
    took = float(told.get("seconds") or math.nan)
    return Trial(told["settings"], float(told["value"]), n_epochs if is_known else None, took)


def progress_of(run: Run) -> Progress:
    """How many trials are over."""
    total, done = n_trials(run), len(read(run)[1])
    if run.state is State.QUEUED:
        return Progress(0.0, f"{count(total, 'trial')}, waiting for its turn")
    return Progress(min(done / max(total, 1), 1.0), f"{done} of {count(total, 'trial')}")


def facts_of(run: Run) -> dict[str, str]:
    metric, trials = read(run)
    best = f"{label_of(metric)} {number(trials[0].value, 4)}" if trials else DASH
    return {"Best so far": best, "Device": device_of(run)}


def show(run: Run) -> None:
    """What the trials have found so far: the best first, and all of them as lines."""
    metric, trials = read(run)
    if not trials:
        st.caption("No trial has finished yet: the first one takes as long as training the model once.")
        return
    model = run.request.model
    names = [name for name, each in run.request.grid.items() if len(each) > 1]
    head: list[Head] = [{"text": name} for name in ("Place", *names)]
    head += [{"text": label_of(metric), "note": "validation part"}, {"text": "Best epoch"}, {"text": "Time"}]
    rows: list[Row] = []
    for place, trial in enumerate(trials[:_LISTED], start=1):
        value: Cell = {"text": number(trial.value, 4)}  # nothing bold: one training each tells no two apart
        settings = cells(*(charts.short(trial.settings.get(name)) for name in names))
        took = cells(str(trial.n_epochs or DASH), seconds(trial.seconds))
        color = registry.entry(model).color
        rows.append({"label": str(place), "color": color, "cells": [*settings, value, *took]})
    data: grid.GridPayload = {"caption": f"Trials, by {label_of(metric)}", "head": head, "rows": rows}
    about = export.facts(
        run.request.dataset, protocol=f"{HOLDOUT.name}, validation part", seed=str(run.request.seed), run=run.name
    )
    with export.saved(f"sweep_{run.id}", data["caption"], about, table=lambda: grid.table(data)):
        grid.draw(key=f"sweep_{run.id}", data=data)
    if len(trials) > _LISTED:
        st.caption(f"The first {_LISTED} of {len(trials)} trials.")
    parallel.show(trials, metric, model, about, key=f"sweep_lines_{run.id}", noun="trial")
