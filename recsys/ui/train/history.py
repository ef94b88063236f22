"""All runs of a data set: a table, any two of them compared, and their settings as parallel coordinates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError
from recsys.evaluation.metrics import label_of
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.serving.artifacts import Manifest
from recsys.training.jobs import runs
from recsys.training.jobs.runs import Run, State
from recsys.ui import controls, export, loaders, url, words
from recsys.ui.components.grid.grid import Head
from recsys.ui.components.runs import runs as run_table
from recsys.ui.text import DASH, count, number, seconds
from recsys.ui.train import duel, jobs, parallel, sweep
from recsys.ui.train.parallel import Trial
from recsys.ui.train.progress import Best, best_so_far, latest

_HEAD: list[Head] = [
    {"text": "Best", "note": "validation part"},
    {"text": "nDCG@10", "note": "hidden part"},
    {"text": "RMSE", "note": "hidden part"},
    {"text": "Kept epoch"},
    {"text": "Time"},
    {"text": "Device"},
    {"text": "When"},
]


def show(dataset: Dataset, given: Sequence[Run], open_run: Run | None) -> None:
    st.header("Runs", anchor=False)
    if not given:
        st.caption(
            "None yet. What you train is listed here: settings, results, time. The "
            f"last {runs.MAX_KEPT} runs are kept, and all pinned ones."
        )
        return
    manifests = {run.id: manifest for run in given if (manifest := _manifest(dataset, run)) is not None}
    picked = [run for run in given if run.id in url.current().picked and run.id in manifests]
    data: run_table.RunsPayload = {
        "open": open_run.id if open_run is not None else None,
        "picked": [run.id for run in picked],
        "head": _HEAD,
        "runs": [_row(run, manifests.get(run.id)) for run in given],
    }
    about = _about(dataset.name, [run.request.seed for run in given])
    with export.saved("run_table", "Runs", about, table=lambda: run_table.table(data)):
        run_table.draw(key="run_table", data=data, on_open_change=_open, on_picked_change=_pick)
    words.caption(
        "Settings are chosen on the validation part. Choosing by the hidden part makes its numbers optimistic: they "
        "then say less about films yet to come."
    )
    if len(picked) == 2:
        duel.show(picked[0], picked[1], manifests)
    _lines(dataset.name, given, manifests)


def _about(dataset_name: str, seeds: Iterable[int]) -> dict[str, str]:
    """Where the numbers of some runs come from, for a file."""
    return export.facts(dataset_name, protocol=HOLDOUT.name, seed=", ".join(map(str, sorted(set(seeds)))))


def _manifest(dataset: Dataset, run: Run) -> Manifest | None:
    if run.state is not State.FINISHED or run.request.kind != runs.TRAIN:
        return None
    try:
        return loaders.manifest(dataset.name, run.id)
    except RecsysError:
        return None


def _row(run: Run, manifest: Manifest | None) -> run_table.RunRow:
    entry = registry.entry(run.request.model)
    best, epoch = _validated(run.id, run) if run.state is State.FINISHED else (None, None)
    cells = [
        f"{number(best.value)} {label_of(best.metric)}" if best else DASH,
        number(manifest.metric("ndcg@10")) if manifest else DASH,
        number(manifest.metric("rmse")) if manifest else DASH,
        str(epoch or "all") if manifest and epoch is not None else DASH,
        seconds(run.seconds) if run.seconds else DASH,
        "GPU" if run.request.device == "cuda" else "CPU",
        when(run.created, st.context.timezone),
    ]
    return {
        "id": run.id,
        "name": run.name,
        "note": run.note,
        "label": f"{entry.label}, grid" if run.request.kind == runs.SWEEP else entry.label,
        "color": entry.color,
        "state": run.state.value,
        "says": jobs.state_in_words(run),
        "is_pinned": run.is_pinned,
        "can_be_picked": manifest is not None,
        "cells": cells,
    }


@st.cache_resource(max_entries=256, show_spinner=False)
def _validated(run_id: str, _run: Run) -> tuple[Best | None, int | None]:
    """The best that a finished run reached on the validation part, and which epoch was kept.

    The epoch is 0 where all of them were used, and None where it is unknown.
    """
    if _run.request.kind == runs.SWEEP:
        metric, trials = sweep.read(_run)
        return Best(metric, trials[0].value) if trials else None, None
    records = _run.records()
    return best_so_far(records), latest(records, "best_epoch")


def when(created: str, timezone: str | None) -> str:
    """A moment in the visitor's time zone: "23 Nov, 14:05"; a dash where it cannot be read."""
    try:
        moment = datetime.fromisoformat(created).astimezone(ZoneInfo(timezone or "UTC"))
    except (ValueError, ZoneInfoNotFoundError, OverflowError, OSError):
        return DASH
    return moment.strftime("%d %b, %H:%M").lstrip("0")


def _open() -> None:
    """Callback: opens nothing but the id of a run, whatever the browser sends."""
    wanted = str(getattr(st.session_state.get("run_table"), "open", ""))
    if runs.is_id(wanted):
        url.change(job=wanted)


def _pick() -> None:
    wanted = getattr(st.session_state.get("run_table"), "picked", None)
    if isinstance(wanted, list):
        url.change(picked=tuple(str(each) for each in wanted if runs.is_id(str(each)))[-2:])


def _lines(dataset_name: str, given: Sequence[Run], manifests: dict[str, Manifest]) -> None:
    """Parallel coordinates of the model with the most runs, or of the one that is chosen."""
    by_model: dict[str, list[Trial]] = {}
    metrics: dict[str, str] = {}
    for run in given:
        best, _ = _validated(run.id, run) if run.id in manifests else (None, None)
        # The runs of a model are all watched by the same metric.
        if best and metrics.setdefault(run.request.model, best.metric) == best.metric:
            by_model.setdefault(run.request.model, []).append(Trial(manifests[run.id].config, best.value))
    enough = {m: t for m, t in by_model.items() if len(t) >= parallel.FEWEST and parallel.varied(t)}
    if not enough:
        if by_model:
            st.caption(
                f"With {count(parallel.FEWEST, 'run')} or more of one model in different settings, a chart here "
                "shows which settings went with which result."
            )
        return
    ranked = sorted(enough, key=lambda model: -len(enough[model]))
    model = ranked[0]
    if len(ranked) > 1:
        labels = {name: registry.entry(name).label for name in ranked}
        model = controls.menu("Settings and results of", "lines", labels, key="train_lines", first=model, width=260)
    seeds = [run.request.seed for run in given if run.request.model == model]
    parallel.show(enough[model], metrics[model], model, _about(dataset_name, seeds), key=f"lines_{model}")
