"""The Train page, in the order in which its parts stand on it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

import streamlit as st

from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation.protocols import check_learnable
from recsys.paths import install
from recsys.training import devices
from recsys.training.jobs import runs
from recsys.training.jobs.runs import Run
from recsys.ui import loaders, reach, url
from recsys.ui.errors import calm
from recsys.ui.text import listed, md
from recsys.ui.train import form, history, jobs, live, result, sweep

LIBRARIES = ("torch", "tensorflow", "keras", "surprise", "implicit")
"""What models are trained with, and what showing them does not need."""


def show(dataset: Dataset) -> None:
    is_allowed = reach.may_train()
    if is_allowed:
        jobs.supervise()
    st.markdown(
        "What was trained on this server, beside the shipped models."
        if not is_allowed
        else "Pick a model, press Train and watch it learn. "
        f"It trains in the background ({md(devices.in_words())}); leave the page whenever you like."
    )
    if is_allowed and (missing := [name for name in LIBRARIES if find_spec(name) is None]):
        st.info(
            f"Not installed here, so that most models cannot be trained: {md(listed(missing))}. "
            f"To install what is missing: `{install('train')}`",
            icon=":material/download:",
        )
    given = jobs.of(dataset)
    wanted = url.current().job
    run = jobs.shown(given, wanted)
    if message := jobs.told():
        st.error(md(message), icon=":material/info:")
    if wanted is not None and (run is None or run.id != wanted):
        _elsewhere(wanted)
    # The form beside what comes of it, so that the curves are in sight while they grow.
    left, right = st.columns([5, 8], gap="small")
    with left, calm():
        if is_allowed:
            check_learnable(loaders.task(dataset))
            _nothing_trained(dataset, given)
            form.show(dataset, run)
            sweep.show_form(dataset)
        else:
            st.info(md(jobs.READ_ONLY), icon=":material/lock:")
    with right, calm():
        live.show(dataset, given, run, is_allowed=is_allowed)
        if run is None:
            live.show_shipped(dataset)
        elif not run.state.is_open:
            result.show(dataset, run, is_allowed=is_allowed)
    with calm():
        history.show(dataset, given, run)


def _elsewhere(wanted: str) -> None:
    """The run of the address is not among those of this data set."""
    try:
        other = runs.read(wanted, runs.runs_root())
    except UsageError as error:
        st.warning(md(error), icon=":material/info:")
        return
    title = library.source_of(other.request.dataset).title
    st.warning(
        f"{md(other.name)} was trained on {md(title)}: choose that data set at the top of the page.",
        icon=":material/info:",
    )


def _nothing_trained(dataset: Dataset, given: Sequence[Run]) -> None:
    """A data set without shipped models and without runs: one button for all of the six."""
    if given or not loaders.nothing_trained(dataset.name):
        return
    with st.container(border=True):
        st.markdown(f"**{md(library.source_of(dataset.name).title)}: nothing trained yet**")
        st.caption("In their quick settings, one after the other. Or choose a single one below.")
        st.button(
            "Train all six small models",
            icon=":material/playlist_play:",
            key="train_six",
            on_click=jobs.callback(lambda: form.train_all(dataset)),
        )
