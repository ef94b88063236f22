"""Runs in progress: how far they are, their learning curves, how to stop them.

They are looked at every second; the curves, which cost more to draw, about once an epoch.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.training import curves
from recsys.training.jobs import queue, runs
from recsys.training.jobs.runs import Run, State
from recsys.training.progress import Record
from recsys.ui import charts, export, loaders, reach
from recsys.ui.components.job import job
from recsys.ui.errors import calm, tell
from recsys.ui.text import md
from recsys.ui.train import draft, learning_curves, sweep
from recsys.ui.train import jobs as train_jobs
from recsys.ui.train import progress as train_progress
from recsys.ui.train.learning_curves import LearningCurve

SECONDS, SECONDS_OF_CURVES = 1.0, (1.0, 5.0)
SHIPPED = "rgba(128, 128, 128, 0.9)"
"""The colour of the shipped model's curve, in both themes."""


def show(dataset: Dataset, given: Sequence[Run], open_run: Run | None, *, is_allowed: bool) -> None:
    """Draw the run in progress again and again; once the state of any run changes, the whole page is drawn."""
    if not any(run.state.is_open for run in given):
        return
    drawn = train_jobs.states(given)
    if open_run is None or not open_run.state.is_open:
        st.fragment(_look, run_every=SECONDS)(dataset, drawn, None, is_allowed)
        return
    with st.container(border=True):
        st.fragment(_look, run_every=SECONDS)(dataset, drawn, open_run.id, is_allowed)
        if open_run.request.kind == runs.TRAIN:
            st.fragment(_curves, run_every=_seconds_an_epoch(dataset, open_run))(dataset, open_run.id)


def show_shipped(dataset: Dataset) -> None:
    """Before the first run: how the shipped model of the form learnt, beside which the visitor's will be drawn."""
    entry = draft.current(dataset).entry
    curve = shipped_curve(dataset, entry.name)
    if curve is None:
        return
    with st.container(border=True):
        beside = "Press Train, and yours is drawn beside it." if reach.may_train() else ""
        st.markdown(f"**How {md(entry.label)} learnt as shipped.** {beside}")
        learning_curves.show([curve], _about(dataset.name, loaders.seeds(dataset.name, [entry.name])), key="curves")


def _about(dataset_name: str, seed: str) -> dict[str, str]:
    return export.facts(dataset_name, protocol=f"{HOLDOUT.name}, validation part", seed=seed)


def shipped_curve(dataset: Dataset, model: str) -> LearningCurve | None:
    """None where none is on record, or one of other data; that one is damaged is said on the page."""
    try:
        it = curves.read(dataset.name, model)
    except ArtifactError as error:
        tell(error)
        return None
    if it is None or it.fingerprint != dataset.fingerprint:
        return None
    return LearningCurve("shipped", SHIPPED, it.metric, it.points, len(it.points), True, it.device)


def _seconds_an_epoch(dataset: Dataset, run: Run) -> float:
    """How often there is something new to see, by this run or else by the shipped model's."""
    points = curves.points(run.records())
    with suppress(ArtifactError):  # a run is watched without a sound record, too
        if not points and (shipped := curves.read(dataset.name, run.request.model)) is not None:
            points = shipped.points
    low, high = SECONDS_OF_CURVES
    return min(max(points[-1].seconds / len(points), low), high) if points else low


def _look(dataset: Dataset, drawn: list[tuple[str, str]], wanted: str | None, is_allowed: bool) -> None:
    with calm():
        given = train_jobs.of(dataset)
        if train_jobs.states(given) != drawn:
            st.rerun()
        run = next((run for run in given if run.id == wanted and run.state.is_open), None)
        if run is not None:
            _run(run, is_allowed=is_allowed)


def _curves(dataset: Dataset, wanted: str) -> None:
    with calm():
        try:
            run = runs.read(wanted, runs.runs_root())
        except UsageError:  # deleted meanwhile: the page is about to be drawn once more
            return
        records = run.records()
        it = train_progress.progress_of(run, records)
        given = curves_of(dataset, run, records, it.n_epochs)
        known = max((point.seconds for curve in given if curve.is_shipped for point in curve.points), default=0.0)
        told = it.elapsed + it.eta if it.eta is not None else 0.0
        draw_curves(run, given, records, seconds=max(known, told))


def draw_curves(run: Run, given: Sequence[LearningCurve], records: Sequence[Record], *, seconds: float = 0.0) -> None:
    """Draw the curves as `learning_curves.show` does, or say why there are none."""
    if (why := no_curves(run, given, records)) is not None:
        st.caption(md(why))
        return
    about = _about(run.request.dataset, str(run.request.seed))
    learning_curves.show(given, about, key="curves", seconds=seconds)
    st.caption(md(learning_curves.note(given)))


def _run(run: Run, *, is_allowed: bool) -> None:
    records = run.records()
    is_sweep = run.request.kind == runs.SWEEP
    it = sweep.progress_of(run) if is_sweep else train_progress.progress_of(run, records)
    facts = sweep.facts_of(run) if is_sweep else train_progress.facts_of(run, it, records)
    head = job.payload(run, train_jobs.state_in_words(run), facts, it.message)
    share = None if it.share is None else round(it.share, 4)
    job.draw(key=f"job_{run.id}", data={**head, "share": share, "progress": it.says})
    if is_allowed:
        _buttons(run, can_keep=bool(sweep.read(run)[1] if is_sweep else curves.points(records)))
    if is_sweep:
        sweep.show(run)


def _buttons(run: Run, *, can_keep: bool) -> None:
    with st.container(horizontal=True):
        if run.state is not State.QUEUED:
            label, help_ = _keeping(run, can_keep=can_keep)
            st.button(
                label,
                icon=":material/stop_circle:",
                key="keep_best",
                disabled=run.state is State.STOPPING or not can_keep or run.is_measuring(),
                on_click=train_jobs.callback(lambda: queue.cancel(_read_again(run), keep_best=True)),
                help=help_,
            )
        # It stays enabled after "keep": a click then ends the run at once.
        st.button(
            "Cancel",
            icon=":material/close:",
            key="cancel",
            disabled=run.stop_request == runs.CANCEL,
            on_click=train_jobs.callback(lambda: queue.cancel(_read_again(run))),
            help="Ends it and keeps nothing.",
        )


def _keeping(run: Run, *, can_keep: bool) -> tuple[str, str]:
    """What the button that ends a run and keeps something says, and its help."""
    if run.request.kind == runs.SWEEP:
        help_ = "Finished trials are kept." if can_keep else "After the first trial."
        return "Stop and keep the trials so far", help_
    help_ = "The model of the best epoch so far is measured and kept." if can_keep else "After the first epoch."
    if run.is_measuring():
        help_ = "Its training is over: the best epoch is being measured."
    return "Stop and keep the best so far", help_


def _read_again(run: Run) -> Run:
    """The run as it stands at the click. Raises UsageError where it is not there or is over."""
    now = runs.read(run.id, runs.runs_root())
    if not now.state.is_open:
        raise UsageError(f"{now.name} has already finished.")
    return now


def curves_of(dataset: Dataset, run: Run, records: Sequence[Record], n_epochs: int) -> list[LearningCurve]:
    """The shipped model's curve, where there is one of the same data, and the run's."""
    shipped = shipped_curve(dataset, run.request.model)
    given = [] if shipped is None else [shipped]
    return [*given, learning_curves.of_run(records, "this run", charts.color(run.request.model), n_epochs)]


def no_curves(run: Run, given: Sequence[LearningCurve], records: Sequence[Record]) -> str | None:
    """Why there is nothing to watch, None where there is."""
    entry = registry.entry(run.request.model)
    if entry.load().uses_gpu or any(len(curve.points) > 1 for curve in given):
        return None
    best = train_progress.best_so_far(records)
    measured = f" It reached {best.measured} on the validation part." if best else ""
    return f"{entry.label} is trained in one call, so there is no curve to watch.{measured}"
