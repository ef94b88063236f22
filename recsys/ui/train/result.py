"""A run that is over: its numbers beside the shipped model's, what they mean, and what can be done with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError
from recsys.evaluation.metrics import LOWER_IS_BETTER
from recsys.evaluation.protocols import HOLDOUT
from recsys.evaluation.statistics import LIKELY, Comparison, compare
from recsys.models import registry
from recsys.serving.artifacts import Manifest
from recsys.training import curves
from recsys.training.jobs import runs
from recsys.training.jobs.runs import Run, State
from recsys.ui import export, loaders, words
from recsys.ui.components.grid import grid
from recsys.ui.components.grid.grid import Cell, GridPayload, Head, Row
from recsys.ui.components.job import job
from recsys.ui.errors import calm
from recsys.ui.text import count, md, number, percent, seconds, signed
from recsys.ui.train import actions, live, progress, sweep
from recsys.ui.train.draft import OWN, PRESETS
from recsys.ui.train.duel import METRICS


def show(dataset: Dataset, run: Run, *, is_allowed: bool) -> None:
    """What came of it and what can be done with it, then what says so: curves, numbers, or trials."""
    is_model = run.state is State.FINISHED and run.request.kind == runs.TRAIN
    with st.container(border=True):
        with calm():
            if is_model:
                _verdict(dataset, run)
            elif run.state is State.FINISHED:
                _head(run, {"Trials": str(sweep.n_trials(run))})
            else:
                _ended(run)
        actions.show(dataset, run, is_allowed=is_allowed)
        with calm():
            if is_model:
                _evidence(dataset, run)
            elif run.request.kind == runs.SWEEP:
                sweep.show(run)


def _verdict(dataset: Dataset, run: Run) -> None:
    mine = loaders.manifest(dataset.name, run.id)
    theirs = shipped(dataset, run.request.model)
    _head(run, {"Settings": PRESETS.get(run.request.preset, PRESETS[OWN])})
    if theirs is not None:
        st.markdown(f"**{md(difference_in_words(run.name, compared(dataset, run, mine, theirs)))}**")


def _evidence(dataset: Dataset, run: Run) -> None:
    """The curves, where they stood while it was trained, and the numbers."""
    records = run.records()
    live.draw_curves(run, live.curves_of(dataset, run, records, len(curves.points(records))), records)
    mine = loaders.manifest(dataset.name, run.id)
    data = table(run, mine, shipped(dataset, run.request.model))
    about = export.facts(dataset.name, protocol=HOLDOUT.name, seed=str(run.request.seed), run=run.name)
    with export.saved(f"result_{run.id}", data["caption"], about, table=lambda: grid.table(data)):
        grid.draw(key=f"result_{run.id}", data=data)
    st.caption(
        md(f"{kept_in_words(dataset, run)} Numbers under the {HOLDOUT.name} protocol, with 95 % intervals over users.")
    )
    if run.message:
        st.caption(md(run.message))


def _head(run: Run, facts: dict[str, str]) -> None:
    took = {"Time": seconds(run.seconds)} if run.seconds else {}
    device = {"Device": "GPU" if run.request.device == "cuda" else "CPU", "Seed": str(run.request.seed)}
    job.draw(key=f"head_{run.id}", data=job.payload(run, run.state.value, {**facts, **took, **device}))
    if run.note:
        st.caption(md(run.note))


def _ended(run: Run) -> None:
    """A run without a model: what happened, in its own words."""
    _head(run, {})
    text = f"This run {'failed' if run.state is State.FAILED else f'was {run.state.value}'}. {run.message}"
    if run.state is State.CANCELLED:
        st.info(md(text), icon=":material/cancel:")
    else:
        st.error(md(text), icon=":material/error:")


def shipped(dataset: Dataset, model: str) -> Manifest | None:
    """The shipped model of that family, where there is one of the same data."""
    try:
        found = loaders.manifest(dataset.name, model)
    except RecsysError:
        return None
    return found if found.dataset["fingerprint"] == dataset.fingerprint and found.protocol == HOLDOUT.name else None


def table(run: Run, mine: Manifest, theirs: Manifest | None) -> GridPayload:
    """This run and the shipped model, as JSON."""
    both = [mine] if theirs is None else [mine, theirs]
    names = [name for name in METRICS if any(math.isfinite(it.metric(name)) for it in both)]
    head: list[Head] = [
        {
            "text": METRICS[name],
            "word": words.place(METRICS[name]),
            "note": "↓ lower is better" if name in LOWER_IS_BETTER else "↑ higher is better",
        }
        for name in names
    ]
    color = registry.entry(run.request.model).color
    rows: list[Row] = [{"label": "This run", "color": color, "cells": _cells(mine, names)}]
    rows += [{"label": "Shipped", "cells": _cells(theirs, names)}] if theirs is not None else []
    return {
        "caption": "The run beside the shipped model",
        "head": [{"text": ""}, *head, {"text": "Training", "note": "seconds differ by computer"}],
        "rows": rows,
    }


def _cells(it: Manifest, metrics: Sequence[str]) -> list[Cell]:
    cells: list[Cell] = []
    for metric in metrics:
        low, high = it.intervals.get(metric, (math.nan, math.nan))
        notes = [f"{number(low)} to {number(high)}"] if math.isfinite(low) else []
        cells.append({"text": number(it.metric(metric)), "notes": notes})
    return [*cells, {"text": seconds(it.train_seconds)}]


def compared(dataset: Dataset, run: Run, mine: Manifest, theirs: Manifest) -> Comparison | None:
    """Paired over users, on the headline metric; None where a file cannot be read or hardly anybody counts."""
    try:
        return _compare(
            mine.sha256,
            theirs.sha256,
            loaders.evaluation(dataset.name, run.id)[HOLDOUT.headline],
            loaders.evaluation(dataset.name, run.request.model)[HOLDOUT.headline],
        )
    except (RecsysError, KeyError):
        return None


@st.cache_resource(max_entries=32, show_spinner=False)
def _compare(first: str, second: str, _values: Any, _others: Any) -> Comparison | None:
    return compare("run", "shipped", _values, _others)


def difference_in_words(name: str, it: Comparison | None) -> str:
    """ "BPR 3 ranks better than the shipped model: nDCG@10 is 0.012 higher (95 % CI ...)." """
    isolated = f"\u2068{name}\u2069"  # a name from right to left must not turn the sentence around
    if it is None:
        return f"{isolated} cannot be compared with the shipped model user by user."
    interval = f"95 % CI {signed(it.low)} to {signed(it.high)}, {count(it.n_users, 'user')}"
    if it.p_value >= LIKELY:
        return (
            f"{isolated} and the shipped model are too close to call on nDCG@10: "
            f"a difference of {signed(it.difference)} ({interval})."
        )
    is_better = it.difference > 0
    return (
        f"{isolated} ranks {'better' if is_better else 'worse'} than the shipped model: nDCG@10 is "
        f"{number(abs(it.difference))} {'higher' if is_better else 'lower'} ({interval})."
    )


def kept_in_words(dataset: Dataset, run: Run) -> str:
    """Which epoch was kept, and what it was trained on."""
    records = run.records()
    best, n_epochs = progress.latest(records, "best_epoch"), progress.latest(records, "n_epochs") or 0
    watched, known = _shares(dataset)
    if best == 0:
        return (
            f"It learnt twice: the second time from all known ratings ({percent(known)} of the data set), for "
            f"{count(n_epochs, 'epoch')}, as the shipped models did."
        )
    kept = f"Epoch {best} of {n_epochs} was kept, the best on the validation part. " if best and n_epochs > 1 else ""
    return (
        f"{kept}It learnt from the training part alone ({percent(watched)} of the ratings); the shipped models learnt "
        f"from the validation part too ({percent(known)})."
    )


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=loaders.KEYS)
def _shares(dataset: Dataset) -> tuple[float, float]:
    """What is known of the ratings while a model is watched, and in the end."""
    return len(HOLDOUT.validation(dataset).known) / len(dataset), len(loaders.task(dataset).known) / len(dataset)
