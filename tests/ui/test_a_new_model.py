"""CONTRIBUTING's promise: a model is one file and one line, and then it is on every page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from recsys.paths import ROOT

ONE_FILE = """
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.base import EpochLog, FitOptions, Model, ModelConfig, setting
from recsys.models.size import PROGRAM, Size
from recsys.serving.scorers import FactorScorer, Query, Unit


@dataclass(frozen=True)
class Config(ModelConfig):
    n_wheels: int = setting(4, "wheels", low=1, most=8)


class Toy(Model):
    name = "toy"
    config_class = Config
    looks_at = "How often a film was rated, and how many wheels it has."
    new_user = "The same list as for everybody."
    source = "Nobody (2026), Toys"
    quick = {"n_wheels": 3}
    quick_seconds = 1

    @staticmethod
    def memory(config: Config, size: Size) -> float:
        return PROGRAM + 8 * config.n_wheels * size.n_items

    def fit(self, train: Dataset, options: FitOptions) -> FactorScorer:
        counts = train.item_counts.astype(np.float32)
        scorer = FactorScorer(Unit.STRENGTH, Query.CONSTANT, counts * self.config.n_wheels)
        options.report(EpochLog(1, 1, 0.0, 1.0, 1.0), scorer)
        return scorer
"""

ONE_LINE = 'Entry("toy", "Toy", "toys_of_a_stranger.toy.Toy", 19, "nothing")'

PROGRAM = f"""
import json
from recsys.models import registry
from recsys.models.registry import Entry
registry.ENTRIES += ({ONE_LINE},)
registry.BY_NAME["toy"] = registry.ENTRIES[-1]

from recsys.data import demo
from recsys.evaluation.protocols import HOLDOUT
from recsys.training import train
from recsys.ui.train import draft
from tests.app import given_to, opened

train.train(train.Training(registry.entry("toy"), demo.build(), HOLDOUT, device="cpu"))
found = {{"compare": [[c["label"], c["color"]] for c in given_to(opened(), "board")["cards"]]}}
found["leaderboard"] = [[m["label"], m["color"]] for m in given_to(opened("leaderboard"), "scores")["models"]]
app = opened("train")
found["models to train"] = [[m["label"], m["color"]] for m in given_to(app, "choice")["models"]]
app.query_params["folds"] = "advanced"
app.session_state["recsys_train_draft"] = draft.with_model(draft.Draft("demo"), "toy")
app.run()
assert not app.exception and not app.error
[field] = [each for each in app.number_input if each.key == "train_set_toy_n_wheels"]
found["form"] = [field.value, field.min, field.max]
print(json.dumps(found))
"""


def test_a_model_of_one_file_and_one_line_is_on_every_page(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "strangers" / "toys_of_a_stranger"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "toy.py").write_text(ONE_FILE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.setenv("RECSYS_ALLOW_TRAINING", "1")
    # In a process of its own, as the line stands in the registry before anything else is imported.
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found.pop("form") == [3, 1, 8]
    for models in found.values():
        assert ["Toy", 19] in models
