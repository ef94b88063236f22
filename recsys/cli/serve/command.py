"""`python -m recsys serve`: listen, and answer until it is stopped."""

from __future__ import annotations

import argparse
import socket
from importlib.util import find_spec

from recsys.cli.output import note
from recsys.cli.parsing import PORTS, port
from recsys.errors import UsageError, os_errors_as
from recsys.paths import install

ABOUT = "Answer other programs over HTTP: lists, reasons, models, data sets."
EXAMPLE = "python -m recsys serve --port 8600"
MOST_CONNECTIONS = 64
"""Whoever comes when so many are being answered is told to come back (status 503)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=port, default=8600, help=f"{PORTS[0]} to {PORTS[-1]} (default: 8600)")
    parser.add_argument(
        "--address",
        default="127.0.0.1",
        help="where it listens (default: 127.0.0.1, this computer alone; 0.0.0.0 is everybody in the network)",
    )


def run(options: argparse.Namespace) -> None:
    """Serve until Ctrl-C. Raises UsageError where it cannot listen."""
    if find_spec("fastapi") is None:
        raise UsageError(f"fastapi is not installed: {install('serve')}")
    import uvicorn

    from recsys.cli.serve.api import create

    family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
    with os_errors_as(f"Nothing can listen at {options.address}, port {options.port}"):
        listening = socket.create_server((options.address, options.port), family=family)
    note(f"Answering at port {options.port} of {options.address}; /openapi.json says what can be asked.")
    # h11 ends a connection after 64 KB of headers; httptools, which uvicorn prefers where it is, keeps all of them.
    config = uvicorn.Config(
        create(options.address), http="h11", limit_concurrency=MOST_CONNECTIONS, log_level="warning"
    )
    uvicorn.Server(config).run(sockets=[listening])
