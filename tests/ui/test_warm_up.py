"""What a server loads before anybody asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.paths import ROOT
from recsys.serving import artifacts
from recsys.serving.artifacts import Artifact
from recsys.ui import warm_up
from tests.app import finish, given_to, opened
from tests.conftest import QUICK_MODELS


def test_a_visitor_who_comes_meanwhile_loads_nothing_twice(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load, loaded = artifacts.load, Counter[str]()

    def counted(folder: Path, dataset: Dataset) -> Artifact:
        loaded[folder.name] += 1
        return load(folder, dataset)

    st.cache_resource.clear()
    monkeypatch.setattr(artifacts, "load", counted)
    with ThreadPoolExecutor(1) as thread:
        warming = thread.submit(warm_up.load)
        seen = opened(models=",".join(QUICK_MODELS))
        warming.result()
    assert [card["model"] for card in given_to(seen, "board")["cards"] if card["rows"]] == list(QUICK_MODELS)
    assert loaded["als"] == loaded["svd"] == 1  # of the six; the other four are not trained here, and fail each time


def test_the_first_visitor_finds_the_lists(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    st.cache_resource.clear()
    warm_up.load()
    monkeypatch.setattr("recsys.ui.loaders.model_list", lambda *_, **__: pytest.fail("asked a second time"))
    assert given_to(opened(models="als,svd"), "board")["cards"][0]["rows"]


def test_what_cannot_be_loaded_stops_no_server(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    st.cache_resource.clear()
    monkeypatch.setattr(warm_up, "HEAD_START", 0)
    monkeypatch.setattr("recsys.ui.lists.answers", lambda *_, **__: 1 / 0)

    async def live() -> None:
        async with warm_up.lifespan(st.App(ROOT / "app.py")):
            for thread in [each for each in threading.enumerate() if each.name == "warm-up"]:
                thread.join(60)

    finish(live())
    assert "could not be loaded in advance" in caplog.text


def test_a_server_listens_before_it_can_compute() -> None:
    heavy = ["numpy", "onnxruntime", "recsys.ui.loaders"]
    program = f"import app, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=os.environ, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
