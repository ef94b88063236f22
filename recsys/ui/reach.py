"""Who reaches this server: the person at this computer alone, or others as well."""

from __future__ import annotations

import ipaddress

import streamlit as st


def is_loopback(address: str | None) -> bool:
    """Whether an address or a host's name is one of this computer alone; None or "" stands for every address."""
    if address == "localhost":
        return True
    try:
        return bool(address) and ipaddress.ip_address(str(address)).is_loopback
    except ValueError:
        return False


def is_local() -> bool:
    """Whether only this computer reaches the server, by where it is bound and by the hosts that it is told to serve."""
    addresses = (st.get_option("server.address"), *st.get_option("server.allowedHosts"))
    return all(map(is_loopback, addresses))


def may_train() -> bool:
    """Whether visitors of this server may train, stop, rename and delete."""
    from recsys.training.jobs import queue  # not at the top: a server asks who reaches it before it needs numpy

    return queue.is_allowed(is_local=is_local())
