"""The notebook for a class runs from its first cell to its last, as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys.paths import ROOT

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")


@pytest.mark.process
def test_it_runs_on_a_computer_without_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    book = nbformat.read(ROOT / "docs" / "six-recommenders.ipynb", as_version=4)
    assert not [cell for cell in book.cells if cell.get("outputs")], "it is kept without outputs"
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute(cwd=str(tmp_path))
    shown = [list(output.get("data", {})) for cell in book.cells for output in cell.get("outputs", [])]
    assert sum("text/html" in kinds for kinds in shown) >= 6  # tables
    assert sum("application/vnd.plotly.v1+json" in kinds for kinds in shown) == 2
    assert not [output for cell in book.cells for output in cell.get("outputs", []) if output.get("name") == "stderr"]
