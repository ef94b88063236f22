"""A model whose files are sound and whose answers are not takes away its own card, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError
from recsys.serving import artifacts
from recsys.serving.scorers import ScorerState
from recsys.ui import loaders
from tests.app import add_run, given_to, opened

FAILED = "This model failed while it was answering; the log has the details."


def plant(folder: Path, state: ScorerState) -> None:
    manifest = artifacts.read_manifest(folder)
    facts: Any = {**vars(manifest), "scorer": {"kind": state.kind, "settings": state.settings}}
    artifacts.write(folder, artifacts.Manifest(**facts), state, artifacts.load_evaluation(folder))


@pytest.fixture
def failing(trained: Path, demo_dataset: Dataset) -> dict[str, str]:
    """Model -> what its card says: EASE overflows, ALS is a network that takes other inputs."""
    ease = artifacts.load(trained / "models" / "ease", demo_dataset).scorer.state()
    arrays = {name: np.full(array.shape, 3e38, dtype=np.float32) for name, array in ease.arrays.items()}
    plant(trained / "models" / "ease", ScorerState(ease.kind, ease.settings, arrays))
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Abs", ["x"], ["y"])], "toy", ends[:1], ends[1:])
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(whole)
    settings = {"unit": "stars", "encoder": "rating_vector"}
    plant(trained / "models" / "als", ScorerState("onnx", settings, graph=whole.SerializeToString()))
    return {"ease": FAILED, "als": "The network cannot be worked out."}


MODELS = "als,svd,ease,popularity"


@pytest.mark.parametrize(
    ("page", "component", "more"),
    [
        ("compare", "board", {"user": "7"}),
        ("your_films", "board", {"who": "new_user", "films": "50:5,181:4,1:2"}),
        ("why", "reasons", {"user": "7"}),
        ("why", "reasons", {"who": "new_user", "films": "50:5,181:4,1:2"}),
    ],
)
def test_only_its_own_card_says_so(failing: dict[str, str], page: str, component: str, more: dict[str, str]) -> None:
    app = opened(page, models=MODELS, **more)
    assert not app.error
    shown = {card["model"]: card["problem"] for card in given_to(app, component)["cards"]}
    assert {model: problem["text"].partition(" Train")[0] for model, problem in shown.items() if problem} == failing
    assert set(shown) == set(MODELS.split(","))


def test_a_run_on_the_film_page(failing: dict[str, str]) -> None:
    failed, sound = add_run("Odd", "ease"), add_run("Sound", "svd")
    app = opened("film", film="50", user="7", models=f"{failed.id},{sound.id}")
    assert not app.error
    problems = {row["label"]: row["problem"] for row in given_to(app, "film_reach")["rows"]}
    assert problems == {"Odd": FAILED, "Sound": None}


@pytest.mark.parametrize("page", ["leaderboard", "how_it_works", "data"])
def test_the_other_pages_stay(failing: dict[str, str], page: str) -> None:
    app = opened(page, models=MODELS)
    assert "Something went wrong" not in " ".join(each.value for each in app.error)


def test_what_is_loaded_answers_in_numbers_or_raises(failing: dict[str, str], demo_dataset: Dataset) -> None:
    for model, says in failing.items():
        scorer = loaders.artifact(demo_dataset, model).scorer
        with pytest.raises(ArtifactError, match=says):
            scorer.score([demo_dataset.history(3)])
