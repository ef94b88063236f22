"""When a server starts: go on with the training that the last one left in its queue.

Kept apart from `jobs`, so that a server whose visitors never train does not load what training needs.
"""

from __future__ import annotations

import streamlit as st

from recsys.training.jobs import runs
from recsys.ui import reach


@st.cache_resource(show_spinner=False)
def resume() -> None:
    """Once per server process, after the first page is drawn; where nobody may train, only tidy up."""
    root = runs.runs_root()
    if not any(run.state.is_open for run in runs.all_runs(root)):
        return
    from recsys.training.jobs.supervisor import Supervisor
    from recsys.ui.train import jobs

    if reach.may_train():
        jobs.supervise()
    else:
        Supervisor.recover(root)
