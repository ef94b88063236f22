"""One attempt per server to fetch MovieLens 100K, in the background, while the demo is on screen."""

from __future__ import annotations

import logging
import os
import threading

import streamlit as st

from recsys.data import download, library
from recsys.errors import RecsysError
from recsys.ui import reach

logger = logging.getLogger("recsys.ui")


class Attempt:
    """A download in a daemon thread, which never touches Streamlit.

    Attributes:
        failure: why it did not arrive, once that is known.
    """

    def __init__(self) -> None:
        self.failure: str | None = None
        self._thread = threading.Thread(target=self._run, name="look-for-movielens", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            download.get(library.PREFERRED, progress=False)
        except RecsysError as error:
            self.failure = str(error)
        except Exception:
            logger.exception("The download in the background failed")
            self.failure = "Something unexpected went wrong; it has been noted in the server's log."


def is_allowed() -> bool:
    """RECSYS_OFFLINE=1 switches all downloads off, also those that somebody asks for; so does RECSYS_PUBLIC=1."""
    return os.environ.get("RECSYS_OFFLINE", "") in ("", "0") and not reach.is_public()


@st.cache_resource(show_spinner=False)
def attempt() -> Attempt:
    """The one attempt of this server; the first call starts it."""
    return Attempt()
