"""No traceback reaches a visitor."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from recsys.data.download import without_folders
from recsys.errors import RecsysError
from recsys.ui.text import md

logger = logging.getLogger("recsys.ui")


@contextmanager
def calm() -> Iterator[None]:
    """Show an error that a person can fix as a card; log any other, and say so without details."""
    try:
        yield
    except RecsysError as error:
        st.error(md(without_folders(str(error))), icon=":material/info:")
    except Exception:
        logger.exception("A page failed")
        st.error(
            "Something went wrong while drawing this part of the page. It has been noted in the server's log; "
            "the rest of the app keeps working.",
            icon=":material/error:",
        )
