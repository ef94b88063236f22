"""Who reaches this server: the person at this computer alone, or others as well."""

from __future__ import annotations

import os

import streamlit as st

from recsys.network import is_loopback


def is_public() -> bool:
    """RECSYS_PUBLIC=1, for a server that anybody may visit: no training, downloads or uploads, wherever it is bound."""
    return os.environ.get("RECSYS_PUBLIC", "") not in ("", "0")


def is_local() -> bool:
    """Whether only this computer reaches the server, by where it is bound and by the hosts that it is told to serve."""
    if is_public():
        return False
    addresses = (st.get_option("server.address"), *st.get_option("server.allowedHosts"))
    return all(map(is_loopback, addresses))


def may_train() -> bool:
    """Whether visitors of this server may train, stop, rename and delete."""
    from recsys.training.jobs import queue  # not at the top: a server asks who reaches it before it needs numpy

    return not is_public() and queue.is_allowed(is_local=is_local())
