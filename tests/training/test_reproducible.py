"""Trained twice in fresh processes on the CPU, a model has the same bytes; only when it was trained, and how long it
took, may differ. All models take about six minutes: RECSYS_SLOW=1."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys.models.registry import ENTRIES, Entry
from recsys.paths import ROOT
from recsys.serving import artifacts
from recsys.training import presets
from tests.conftest import QUICK_MODELS

pytestmark = pytest.mark.process
TIMES = {"created", "train_seconds", "sha256"}
"""Of a manifest; the hash is of the manifest itself, times included."""


def trained(entry: Entry, root: Path) -> dict[str, Any]:
    """Name -> bytes of what a process writes about the demo, and the manifest without its times."""
    quick = presets.settings(entry, "demo", presets.QUICK)
    settings = [f"--set={name}={','.join(map(str, np.ravel(value)))}" for name, value in quick.items()]
    command = [sys.executable, "-m", "recsys", "train", entry.name, "--dataset", "demo", "--device", "cpu", *settings]
    done = subprocess.run([*command, "--out", root], cwd=ROOT, capture_output=True, text=True, timeout=600)
    if "needs the library" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr[-2000:]
    written = {path.name: path.read_bytes() for path in artifacts.folder_of("demo", entry.name, root).iterdir()}
    manifest = json.loads(written.pop(artifacts.MANIFEST))
    return written | {name: value for name, value in manifest.items() if name not in TIMES}


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("RECSYS_SLOW") != "1", reason="takes six minutes: RECSYS_SLOW=1")
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_same_bytes_twice(entry: Entry, tmp_path: Path) -> None:
    first, again = (trained(entry, tmp_path / name) for name in ("first", "again"))
    differing = [name for name in first if first[name] != again.get(name)]
    assert differing == []
    assert first.keys() == again.keys()
    assert artifacts.EVALUATION in first


def test_one_of_the_quick_models_always(tmp_path: Path) -> None:
    als = next(entry for entry in ENTRIES if entry.name == QUICK_MODELS[0])
    assert trained(als, tmp_path / "first") == trained(als, tmp_path / "again")
