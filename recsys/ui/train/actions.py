"""What can be done with a run that is over."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.training.jobs import exports, runs
from recsys.training.jobs.runs import Run, State
from recsys.ui import export, url
from recsys.ui.errors import for_visitors
from recsys.ui.text import md
from recsys.ui.train import draft, jobs, sweep
from recsys.ui.train.draft import Draft
from recsys.ui.view import MAX_RUNS, MODELS_DEFAULT, side_by_side

_CURVES = "recsys_train_curves"
"""The run whose curves were written last in this session, and the zip."""


def show(dataset: Dataset, run: Run, *, is_allowed: bool) -> None:
    has_model = run.state is State.FINISHED and run.request.kind == runs.TRAIN
    with st.container(horizontal=True, gap="small"):
        if has_model and st.button("Show in Compare", type="primary", icon=":material/view_column:", key="to_compare"):
            url.change(models=columns(url.current().models, run.id))
            st.switch_page("pages/compare.py")
        if run.is_damaged:
            if is_allowed:
                _deletion(run)
            return
        if is_allowed and run.state is not State.FINISHED:
            st.button(
                "Train again with these settings",
                type="primary",
                icon=":material/replay:",
                key="again",
                on_click=jobs.callback(lambda: jobs.submit(dataset, [run.request], [run.name])),
            )
        if has_model:
            help_ = "The model, its numbers and what happened, as data files."
            export.button("Download", lambda: runs.to_zip(run), f"{run.id}.zip", key="zip", help=help_)
            _export(run, is_allowed=is_allowed)
        if is_allowed:
            _changes(dataset, run)


def columns(chosen: Sequence[str], run_id: str) -> tuple[str, ...]:
    """What Compare shows already, by default the six, and this run beside its model; of too many runs, the first go."""
    chosen = chosen or MODELS_DEFAULT
    beside = [each for each in chosen if runs.is_id(each) and each != run_id][1 - MAX_RUNS :]
    return side_by_side([*(each for each in chosen if not runs.is_id(each)), *beside, run_id])


def _export(run: Run, *, is_allowed: bool) -> None:
    with st.popover("Export", icon=":material/ios_share:"):
        # In two steps: Streamlit shows the visitor no error that comes up while it makes a download.
        st.button(
            "Curves for TensorBoard",
            icon=":material/show_chart:",
            key="tensorboard",
            on_click=_write_curves,
            args=(run,),
            help="It takes a few seconds to write them.",
        )
        written, data = st.session_state.get(_CURVES, ("", b""))
        if written == run.id:
            export.button(
                "Download the curves",
                data,
                f"{run.id}-tensorboard.zip",
                key="tensorboard_zip",
                help="Unpack it, then: tensorboard --logdir FOLDER.",
            )
        if os.environ.get(exports.URI):
            st.button(
                "Send to MLflow",
                icon=":material/send:",
                key="mlflow",
                disabled=not is_allowed,
                on_click=jobs.callback(lambda: _send(run)),
                help=f"To the tracking server in {exports.URI}.",
            )
        else:
            st.caption(f"To send runs to MLflow, start the server with {md(exports.URI)} set.")


def _write_curves(run: Run) -> None:
    """Callback, also where training is switched off: it changes no run."""
    st.session_state.pop(_CURVES, None)
    try:
        state = (run.folder / runs.PROGRESS).stat()
        st.session_state[_CURVES] = run.id, _tensorboard_zip(run.id, state.st_size, state.st_mtime_ns, run.folder)
    except OSError:
        jobs.tell(f"{run.name} has no curves any more.")
    except UsageError as error:
        jobs.tell(for_visitors(error))


@st.cache_data(max_entries=8, show_spinner=False)
def _tensorboard_zip(run_id: str, size: int, changed: int, _folder: Path) -> bytes:
    return exports.tensorboard_zip(_folder)


def _send(run: Run) -> None:
    st.toast(md(exports.send_to_mlflow(run.folder)), icon=":material/check_circle:")


def _changes(dataset: Dataset, run: Run) -> None:
    """What changes the run itself."""
    is_sweep = run.request.kind == runs.SWEEP
    if not is_sweep or sweep.best(run):
        st.button(
            "Copy best settings to form" if is_sweep else "Copy settings to form",
            type="primary" if is_sweep and run.state is State.FINISHED else "secondary",
            icon=":material/edit_note:",
            key="reuse",
            on_click=jobs.callback(lambda: draft.keep(_draft(run))),
        )
    with st.popover("Rename", icon=":material/edit:"):
        _text(run, "Name", run.name, runs.MAX_NAME, lambda text: runs.change(run, name=text))
        _text(run, "Note", run.note, runs.MAX_NOTE, lambda text: runs.change(run, note=text))
    st.button(
        "Unpin" if run.is_pinned else "Pin",
        icon=":material/keep:",
        key="pin",
        on_click=jobs.callback(lambda: runs.change(run, is_pinned=not run.is_pinned)),
        help=f"The last {runs.MAX_KEPT} runs are kept, pinned ones always; up to {runs.MAX_PINNED} can be pinned.",
    )
    _deletion(run)


def _deletion(run: Run) -> None:
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"Delete **{md(run.name)}** for good?")
        st.button("Delete it", key="delete", icon=":material/delete:", on_click=jobs.callback(lambda: _delete(run)))


def _draft(run: Run) -> Draft:
    """The form filled in as the run had it, or as its best trial. Raises UsageError for settings that do not fit."""
    request = run.request
    if request.kind == runs.SWEEP:
        request = replace(request, kind=runs.TRAIN, settings=sweep.best(run))
    return draft.of_request(request)


def _text(run: Run, label: str, value: str, most: int, change: Callable[[str], None]) -> None:
    key = f"{label.lower()}_{run.id}"
    st.session_state[key] = value
    on_change = jobs.callback(lambda: change(str(st.session_state[key])))
    st.text_input(label, max_chars=most, key=key, on_change=on_change)


def _delete(run: Run) -> None:
    runs.delete(run)
    url.change(job=None, models=tuple(key for key in url.current().models if key != run.id))
