"""What the first visitor of a new server would wait for: loaded from the moment it starts, beside it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import streamlit as st

logger = logging.getLogger("recsys.ui")
HEAD_START = 0.25
"""Seconds in which a browser that waits for the server fetches Streamlit's sixty files, which this would slow down."""


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """A server's life: it listens at once, and a thread loads what Compare shows first."""
    threading.Thread(target=_try, name="warm-up", daemon=True).start()
    yield


def _try() -> None:
    time.sleep(HEAD_START)
    try:
        load()
    except Exception:  # a visitor meets it again, and is told
        logger.warning("What Compare shows first could not be loaded in advance", exc_info=True)


@st.cache_resource(show_spinner=False)
def load() -> None:
    """Once per server process: the code of Compare, the data set shown first, its six models, their first lists.

    All of it goes where visitors look it up; one who comes meanwhile waits there, and loads nothing a second time.
    """
    for code in ("recsys.ui.frame", "recsys.ui.compare.page"):
        import_module(code)
    from recsys.ui import data_sets, lists, loaders
    from recsys.ui.compare import sums
    from recsys.ui.view import View

    view = View()
    dataset = loaders.dataset(data_sets.Offer.now().default)
    user = loaders.people(dataset).example
    given = lists.answers(dataset, view.models, user, view.k, exclude_seen=not view.seen)
    sums.of(dataset, given, len(loaders.relevant(dataset, user)), view)
