"""Share: the address of what is on screen as the audience can open it, to copy or to scan."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.network import is_loopback
from recsys.ui import lists, loaders, systems, url
from recsys.ui.components.share import share as component
from recsys.ui.view import OF_NEW_USER, View, bounded

_FOR_ALL = "Whoever opens it sees exactly this view."
_HERE_ALONE = (
    "It opens on this computer alone, as the server listens to no other. For an audience in the same network, start "
    "the app with --server.address 0.0.0.0."
)
_SOMEWHERE = ("192.0.2.1", 9)
"""An address for documentation (RFC 5737), which nobody has; to ask the way to it sends nothing."""


@st.fragment
def show(dataset: Dataset) -> None:
    """The button; the address is made when it is pressed. Draws itself alone, as what it says changes without it."""
    popover = st.popover("Share", icon=":material/qr_code_2:", key="share", on_change="rerun")
    if popover.open:
        with popover:
            here = audience(urlsplit(str(st.context.url or "")), st.get_option("server.address"), _port())
            page = url.page()
            link = url.link(page, _as_elsewhere(page, dataset), base=here.geturl(), always=_always(page))
            says = _HERE_ALONE if is_local(here.hostname) else _FOR_ALL
            component.draw(key="share_link", data=component.payload(link, says))


def _port() -> int:
    return int(st.get_option("server.port"))


def is_local(host: str | None) -> bool:
    """Whether the name means the computer on which it is used."""
    return bool(host) and is_loopback(host)


def audience(here: SplitResult, bound: str | None, port: int) -> SplitResult:
    """Where others find the page that this browser has at `here`.

    Behind a proxy, and in a network, the browser's own address is one for all. Only a browser on the machine of the
    server says "localhost"; where the server listens to the network, others reach it by the machine's address there.

    Args:
        bound: the address that the server listens at; None or "" is every one.
        port: the one that it listens at.
    """
    if not is_local(here.hostname) or is_loopback(bound):
        return here
    machine = bound if bound and not _is_every(bound) else in_network()
    if machine is None:
        return here
    host = f"[{machine}]" if ":" in machine else machine
    return here._replace(netloc=f"{host}:{port}")


def _is_every(address: str) -> bool:
    """Whether it is 0.0.0.0 or ::, which stand for all addresses of a machine."""
    try:
        return ipaddress.ip_address(address).is_unspecified
    except ValueError:
        return False


def in_network() -> str | None:
    """This machine's address in its network; None where it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        try:
            unused.connect(_SOMEWHERE)
            found = str(unused.getsockname()[0])
        except OSError:
            return None
    return None if is_loopback(found) else found


def _as_elsewhere(page: str, dataset: Dataset) -> View:
    """The view with what a page shows by default, where another server may show something else."""
    view = bounded(url.current(), dataset)
    user = view.user
    if user is None and page not in ("your_films", "leaderboard", "train"):
        user = int(dataset.viewers.ids.ids[loaders.people(dataset).example])
    shown = lists.shown_in(view, dataset, systems.trained_here(dataset.name))
    named = replace(view, dataset=dataset.name, user=user, models=shown)
    return replace(named, **OF_NEW_USER) if page == "" else named


def _always(page: str) -> tuple[str, ...]:
    return ("k", "models") if page == "" else ()
