"""What can be done with a run that is over."""

from __future__ import annotations

import os
from dataclasses import replace

import streamlit as st

from recsys import exports, runs
from recsys.dataset import Dataset
from recsys.runs import Run, State
from recsys.ui import train_draft, train_jobs, train_sweep, url
from recsys.ui.text import md
from recsys.ui.train_draft import Draft


def show(dataset: Dataset, run: Run, *, is_allowed: bool) -> None:
    has_model = run.state is State.FINISHED and run.request.kind == runs.TRAIN
    with st.container(horizontal=True, gap="small"):
        if has_model and st.button("Show in Compare", type="primary", icon=":material/view_column:", key="to_compare"):
            url.change(models=(*url.MODELS_DEFAULT, run.id))
            st.switch_page("pages/compare.py")
        if is_allowed and run.state is not State.FINISHED:
            st.button(
                "Train again with these settings",
                type="primary",
                icon=":material/replay:",
                key="again",
                on_click=_again,
                args=(dataset, run),
            )
        if has_model:
            st.download_button(
                "Download",
                lambda: runs.to_zip(run),
                file_name=f"{run.id}.zip",
                mime="application/zip",
                icon=":material/download:",
                on_click="ignore",
                key="zip",
                help="The model, its numbers and what happened, as data files.",
            )
        if has_model:
            _export(run, is_allowed=is_allowed)
        if is_allowed:
            _changes(dataset, run)


def _export(run: Run, *, is_allowed: bool) -> None:
    with st.popover("Export", icon=":material/ios_share:"):
        st.download_button(
            "Curves for TensorBoard",
            lambda: exports.tensorboard_zip(run.folder),
            file_name=f"{run.id}-tensorboard.zip",
            mime="application/zip",
            icon=":material/show_chart:",
            on_click="ignore",
            key="tensorboard",
            help="Unpack it, then: tensorboard --logdir FOLDER. It takes a few seconds to write.",
        )
        if os.environ.get(exports.URI):
            st.button(
                "Send to MLflow",
                icon=":material/send:",
                key="mlflow",
                disabled=not is_allowed,
                on_click=train_jobs.callback(lambda: _send(run)),
                help=f"To the tracking server of {exports.URI}.",
            )
        else:
            st.caption(f"To send runs to MLflow, start the server with {md(exports.URI)} set.")


def _send(run: Run) -> None:
    st.toast(md(exports.send_to_mlflow(run.folder)), icon=":material/check_circle:")


def _again(dataset: Dataset, run: Run) -> None:
    train_jobs.submit(dataset, [run.request], [run.name])


def _changes(dataset: Dataset, run: Run) -> None:
    """What changes the run itself."""
    is_sweep = run.request.kind == runs.SWEEP
    if not is_sweep or train_sweep.best(run):
        st.button(
            "Best settings into the form" if is_sweep else "Settings into the form",
            type="primary" if is_sweep and run.state is State.FINISHED else "secondary",
            icon=":material/edit_note:",
            key="reuse",
            on_click=train_jobs.callback(lambda: train_draft.keep(_draft(run))),
        )
    with st.popover("Rename", icon=":material/edit:"):
        _text(run, "Name", "name", run.name, runs.MAX_NAME)
        _text(run, "Note", "note", run.note, runs.MAX_NOTE)
    st.button(
        "Unpin" if run.is_pinned else "Pin",
        icon=":material/keep:",
        key="pin",
        on_click=train_jobs.callback(lambda: runs.change(run, is_pinned=not run.is_pinned)),
        help=f"The last {runs.MAX_KEPT} runs are kept, pinned ones always.",
    )
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"Delete **{md(run.name)}** for good?")
        st.button(
            "Delete it", key="delete", icon=":material/delete:", on_click=train_jobs.callback(lambda: _delete(run))
        )


def _draft(run: Run) -> Draft:
    """The form filled in as the run had it, or as its best trial. Raises UsageError for settings that do not fit."""
    request = run.request
    if request.kind == runs.SWEEP:
        request = replace(request, kind=runs.TRAIN, settings=train_sweep.best(run))
    return train_draft.of_request(request)


def _text(run: Run, label: str, field: str, value: str, most: int) -> None:
    key = f"{field}_{run.id}"
    st.session_state[key] = value
    st.text_input(
        label,
        max_chars=most,
        key=key,
        on_change=train_jobs.callback(lambda: _change(run, field, str(st.session_state[key]))),
    )


def _change(run: Run, field: str, value: str) -> None:
    if field == "name":
        runs.change(run, name=value)
    else:
        runs.change(run, note=value)


def _delete(run: Run) -> None:
    runs.delete(run)
    url.change(job=None, models=tuple(key for key in url.current().models if key != run.id))
