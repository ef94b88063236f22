from __future__ import annotations

import time
from pathlib import Path

import pytest

from recsys.cli.bench.app import _served
from recsys.cli.bench.sessions import Session

PAGE = """
import streamlit as st

@st.fragment(run_every=0.2)
def counting():
    with open({log!r}, "a") as log:
        log.write(st.query_params.get("who", "") + "\\n")

st.write("ready")
if st.query_params.get("who") == "watching":
    counting()
"""


@pytest.mark.process
def test_a_session_without_a_browser_polls_as_the_page_says(tmp_path: Path) -> None:
    log, script = tmp_path / "log", tmp_path / "page.py"
    script.write_text(PAGE.format(log=str(log)))
    with _served(script) as (url, _, process):
        sessions = [opened(url, f"who={who}") for who in ("watching", "reading")]
        for session in sessions:
            session.wait_until_drawn()
        while len(log.read_text().split()) < 5 and process.poll() is None:
            pass
        for session in sessions:
            session.close()
        assert sessions[0].n_asked >= 4
        assert sessions[1].n_asked == 1
    assert set(log.read_text().split()) == {"watching"}


def opened(url: str, query: str) -> Session:
    for _ in range(200):
        try:
            return Session(url, "", query)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server never listened")
