"""`recsys app`: the app in the browser, from a checkout and from an installed package alike."""

from __future__ import annotations

import argparse
import runpy
import sys

from recsys.cli.parsing import port
from recsys.paths import SHIPPED

ABOUT = "Open the app; what follows -- goes to Streamlit."
EXAMPLE = "python -m recsys app --port 8600"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=port, default=8501, help="where it listens (default: 8501)")
    parser.add_argument("--address", help="whom it listens to (default: this computer alone; 0.0.0.0 is everybody)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.add_argument("streamlit", nargs="*", metavar="OPTION", help="of Streamlit, such as -- --theme.base dark")


def run(options: argparse.Namespace) -> None:
    """Serve until it is stopped. Streamlit reads .streamlit/config.toml beside app.py, from wherever it is started."""
    given = ["--server.port", str(options.port)]
    given += ["--server.address", options.address] if options.address else []
    given += ["--server.headless", "true"] if options.no_browser else []
    sys.argv = ["streamlit", "run", str(SHIPPED / "app.py"), *given, *options.streamlit]
    runpy.run_module("streamlit", run_name="__main__")
