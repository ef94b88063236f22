"""What `python -m recsys bench` counts in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recsys.cli.bench import app as bench
from recsys.paths import ROOT

pytestmark = pytest.mark.e2e


def test_visits_are_counted_and_compared(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "N_VISITS", 1)
    sites = {}
    for name, n_lines in (("one_line", 1), ("more", 20)):
        script = tmp_path / f"{name}.py"
        script.write_text("import streamlit as st\n" + "st.markdown('ready ' * 100)\n" * n_lines)
        sites[name] = bench._Site(ROOT, script, "", lambda page: page.get_by_text("ready").nth(0).wait_for())
    figures = bench._compared(bench._visits(browser, sites, log=lambda _: None))
    one_line, more = figures["one_line"], figures["more"]
    assert one_line["times_one_line"] == 1
    assert more["times_one_line"] == pytest.approx(more["seconds"] / one_line["seconds"], abs=0.1)
    assert 0 < one_line["kilobytes"] < more["kilobytes"]
    assert one_line["messages"] > 0
    assert one_line["script_files"] == more["script_files"] > 10  # Streamlit's own
