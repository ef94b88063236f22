"""How many cores one visitor may take."""

from __future__ import annotations

import streamlit as st
import threadpoolctl


@st.cache_resource(show_spinner=False)
def limit() -> None:
    """One per request, once per server process: products here are small, and threads that wait for each other cost more
    than they bring where several visitors share the cores (a BPR fold-in under load: ten times)."""
    threadpoolctl.threadpool_limits(1, user_api="blas")
