"""What the Train page knows of the runs on disk, and the one supervisor of this server process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.training.jobs import queue, runs
from recsys.training.jobs.runs import Request, Run, State
from recsys.training.jobs.supervisor import Supervisor
from recsys.ui import url
from recsys.ui.text import count

READ_ONLY = (
    "Training is switched off on this server. What was trained here can be looked at. "
    "To switch it on, start the server with RECSYS_ALLOW_TRAINING=1; without that variable it is on where only this "
    "computer reaches the server: --server.address localhost."
)
_MESSAGE = "recsys_train_message"


def is_allowed() -> bool:
    """Whether visitors of this server may train, stop, rename and delete."""
    return queue.is_allowed(st.get_option("server.address"))


def supervise() -> None:
    """Have this process look after the queue; the first call of a process starts it and takes no time."""
    _supervisor(runs.runs_root())


@st.cache_resource(show_spinner=False)
def _supervisor(root: Path) -> Supervisor:
    return Supervisor(root)


def of(dataset: Dataset) -> list[Run]:
    """The runs of a data set, the newest first."""
    return [run for run in runs.all_runs(runs.runs_root()) if run.request.dataset == dataset.name]


def shown(given: Sequence[Run], wanted: str | None) -> Run | None:
    """The run to show: the one of the URL, else the one that is going on, else the next one, else none."""
    for run in given:
        if run.id == wanted:
            return run
    still_open = [run for run in reversed(given) if run.state.is_open]
    return next((run for run in still_open if run.state is not State.QUEUED), next(iter(still_open), None))


def states(given: Sequence[Run]) -> list[tuple[str, str]]:
    """What has to change for the whole page to be drawn once more: one that is stopping still runs."""
    return [(run.id, "running" if run.state is State.STOPPING else run.state.value) for run in given]


def submit(dataset: Dataset, requests: list[Request], names: Sequence[str] = ()) -> bool:
    """Put runs into the queue and open the one; for callbacks. What is refused is `told` in the next run.

    Returns:
        Whether they are in the queue.
    """
    try:
        check_allowed()
        made = queue.submit(requests, dataset, names)
    except UsageError as error:
        tell(str(error))
        return False
    supervise()
    # A queue is followed from one run to the next; a single run stays open when it is over.
    url.change(job=made[0].id if len(made) == 1 else None)
    return True


def check_allowed() -> None:
    """Raises UsageError. For every callback: a browser can send a click for a button that is not there."""
    if not is_allowed():
        raise UsageError(READ_ONLY)


def callback(change: Callable[[], object]) -> Callable[[], None]:
    """`change` as a callback that asks first whether this server may be changed, and says what is refused."""

    def run() -> None:
        try:
            check_allowed()
            change()
        except UsageError as error:
            tell(str(error))

    return run


def tell(message: str) -> None:
    """A message for the run that follows a callback."""
    st.session_state[_MESSAGE] = message


def told() -> str:
    """The message of the callback before this run, "" without one."""
    return str(st.session_state.pop(_MESSAGE, ""))


def state_in_words(run: Run) -> str:
    """ "waiting: 2 runs before this one" """
    if run.state is State.QUEUED:
        before = queue.place_in_queue(run)
        return f"waiting: {count(before, 'run')} before this one" if before else "about to begin"
    return {State.STOPPING: "stopping …", State.RUNNING: "training"}.get(run.state, run.state.value)
