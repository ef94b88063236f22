"""Who reaches this server: the person at this computer alone, or others as well."""

from __future__ import annotations

import streamlit as st

from recsys.training.jobs import queue


def is_local() -> bool:
    """Whether only this computer reaches the server, by where it is bound and by the hosts that it is told to serve."""
    addresses = (st.get_option("server.address"), *st.get_option("server.allowedHosts"))
    return all(map(queue.is_loopback, addresses))


def may_train() -> bool:
    """Whether visitors of this server may train, stop, rename and delete."""
    return queue.is_allowed(is_local=is_local())
