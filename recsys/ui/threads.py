"""How many cores one visitor may take."""

from __future__ import annotations

import streamlit as st


@st.cache_resource(show_spinner=False)
def limit() -> None:
    """One per request; once per server process, and after its first page is drawn.

    Products here are small. Threads that wait for each other cost more than they bring where several visitors share the
    cores: a BPR fold-in under load took ten times as long.
    """
    import threadpoolctl

    threadpoolctl.threadpool_limits(1, user_api="blas")
