"""When a server starts: go on with the training that the last one left in its queue.

Kept apart from `train_jobs`, so that a server whose visitors never train does not load what training needs.
"""

from __future__ import annotations

import streamlit as st

from recsys.training.jobs import runs


@st.cache_resource(show_spinner=False)
def resume() -> None:
    """Once per server process, and after the first page is drawn."""
    if runs.runs_root().is_dir():
        from recsys.ui.train import jobs as train_jobs

        train_jobs.resume()
