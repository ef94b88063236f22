"""No traceback reaches a visitor."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from recsys.errors import RecsysError, UnfitDataError
from recsys.paths import HOME, ROOT, SHIPPED

logger = logging.getLogger("recsys.ui")


def for_visitors(error: object) -> str:
    """What an error says, without where this computer keeps its files, for people who look at it from elsewhere."""
    # Here, as the server knows what to do with an error before it can read data.
    from recsys.data.sources import data_folders
    from recsys.serving import artifacts
    from recsys.training.jobs import runs

    text = str(error)
    folders = (*data_folders(), artifacts.artifacts_root(), runs.runs_root(), HOME, SHIPPED, ROOT)
    for folder in sorted(folders, key=lambda each: -len(str(each))):  # what lies in another one first
        if folder.is_absolute() and folder.name:
            text = text.replace(str(folder), folder.name)
    return text


@contextmanager
def calm() -> Iterator[None]:
    """Whatever is raised inside is told, and what stands below goes on."""
    try:
        yield
    except Exception as error:
        tell(error)


def tell(error: Exception) -> bool:
    """Show an error that a person can fix as a card; log any other, and say so without details.

    Streamlit asks for this where no `calm` is around: widgets, callbacks, fragments, the menu.

    Returns:
        Whether its own error box may stay away: always.
    """
    from recsys.ui.text import md

    if isinstance(error, UnfitDataError):  # nothing is broken
        st.info(md(for_visitors(error)), icon=":material/info:")
        return True
    if isinstance(error, RecsysError):
        st.error(md(for_visitors(error)), icon=":material/info:")
        return True
    logger.error("A page failed", exc_info=error)
    st.error(
        "Something went wrong while drawing this part of the page. It has been noted in the server's log; "
        "the rest of the app keeps working. If nothing else is on this page, reload it.",
        icon=":material/error:",
    )
    return True
