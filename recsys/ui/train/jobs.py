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
from recsys.ui import reach, url
from recsys.ui.errors import for_visitors
from recsys.ui.text import count

READ_ONLY = (
    "Training is switched off on this server. You can still look at what was trained here. To switch it on, start the "
    "server with RECSYS_ALLOW_TRAINING=1 and without RECSYS_PUBLIC; by default it is on where no other computer can "
    "reach the server: --server.address localhost."
)
_MESSAGE = "recsys_train_message"


def supervise() -> None:
    """Have this process look after the queue; only its first call does anything, and it does not wait."""
    _supervisor(runs.runs_root())


@st.cache_resource(show_spinner=False)
def _supervisor(root: Path) -> Supervisor:
    return Supervisor(root)


def of(dataset: Dataset) -> list[Run]:
    """The runs of a data set, the newest first, and damaged ones, which may be of any."""
    found = runs.all_runs(runs.runs_root())
    return [run for run in found if run.request.dataset == dataset.name or run.is_damaged]


def shown(given: Sequence[Run], wanted: str | None) -> Run | None:
    """The run to show: the one of the URL, else the one that is going on, else the next one, else none."""
    for run in given:
        if run.id == wanted:
            return run
    still_open = [run for run in reversed(given) if run.state.is_open]
    return next((run for run in still_open if run.state is not State.QUEUED), next(iter(still_open), None))


def states(given: Sequence[Run]) -> list[tuple[str, str]]:
    """The whole page is drawn again when this changes; a run that is stopping counts as running."""
    return [(run.id, "running" if run.state is State.STOPPING else run.state.value) for run in given]


def submit(dataset: Dataset, requests: list[Request], names: Sequence[str] = ()) -> None:
    """In a `callback`: put runs into the queue, and open the run if it is a single one. Raises UsageError."""
    made = queue.submit(requests, dataset, names)
    supervise()
    # A queue is followed from one run to the next; a single run stays open when it is over.
    url.change(job=made[0].id if len(made) == 1 else None)


def callback(change: Callable[[], None]) -> Callable[[], None]:
    """`change` as a callback that first asks whether visitors may change anything; what is refused is `told`.

    All callbacks that change something need it: a browser can send a click on a button that was never drawn.
    """

    def run() -> None:
        try:
            if not reach.may_train():
                raise UsageError(READ_ONLY)
            change()
        except UsageError as error:
            tell(for_visitors(error))

    return run


def tell(message: str) -> None:
    """Keep a message for the script run that follows a callback."""
    st.session_state[_MESSAGE] = message


def told() -> str:
    """The message of the callback before this script run, "" without one."""
    return str(st.session_state.pop(_MESSAGE, ""))


def state_in_words(run: Run) -> str:
    """ "waiting: 2 runs before this one" """
    if run.state is State.QUEUED:
        before = queue.place_in_queue(run)
        return f"waiting: {count(before, 'run')} before this one" if before else "about to begin"
    return {State.STOPPING: "stopping …", State.RUNNING: "training"}.get(run.state, run.state.value)
