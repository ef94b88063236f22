"""Addresses of this computer and of others."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(address: str | None) -> bool:
    """Whether an address or a host's name is one of this computer alone; None or "" stands for every address."""
    if address == "localhost":
        return True
    try:
        return bool(address) and ipaddress.ip_address(str(address)).is_loopback
    except ValueError:
        return False


def host_of(header: str) -> str | None:
    """The name in a request's Host header, without the port; None where there is none."""
    try:
        return urlsplit(f"//{header}").hostname
    except ValueError:
        return None
