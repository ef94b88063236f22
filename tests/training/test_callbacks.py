from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys.errors import UsageError
from recsys.evaluation.protocols import Protocol
from recsys.evaluation.splits import Split
from recsys.models import registry
from recsys.models.base import EpochLog, FitOptions, config_from
from recsys.serving import artifacts
from recsys.serving.scorers import Scorer
from recsys.training.callbacks import Checkpoints, together
from recsys.training.train import Training, train
from tests.toys import checkerboard

TASK = checkerboard()
PROTOCOL = Protocol(
    name="toy",
    summary="The checkerboard as it is.",
    splits=lambda _dataset: [Split(TASK.known, TASK.known, TASK.held_out, TASK.known)],
    relevance=4.0,
    ks=(1,),
)
SETTINGS = {
    "autoencoder": {"hidden": (8,), "n_epochs": 4},
    "bpr": {"n_factors": 4, "n_epochs": 4, "batch_size": 64},
    "gru": {"embedding_dim": 4, "hidden_dim": 4, "max_length": 6, "n_epochs": 4},
    "autoint": {"embedding_dim": 2, "n_layers": 1, "head_dim": 2, "dense": (4,), "n_epochs": 4},
}


@pytest.mark.training
@pytest.mark.parametrize("name", SETTINGS)
def test_a_checkpoint_is_the_model_of_that_epoch(name: str, tmp_path: Path) -> None:
    """Written as an artifact that scores as the network did at that moment."""
    entry, known = registry.entry(name), TASK.known
    keep = {"checkpoint_every": 2, "checkpoint_root": tmp_path / "checkpoints", "root": tmp_path / "models"}
    train(Training(entry, known, PROTOCOL, settings=SETTINGS[name], device="cpu", **keep))  # type: ignore[arg-type]
    folder = tmp_path / "checkpoints" / known.name / name
    assert sorted(path.name for path in folder.iterdir()) == ["epoch-002", "epoch-004"]
    artifacts.verify(folder / "epoch-002")
    histories = known.histories(range(5))
    half_way = artifacts.load(folder / "epoch-002", known).scorer.score(histories)
    watched: dict[int, np.ndarray] = {}

    def watch(log: EpochLog, scorer: Scorer | None) -> None:
        if scorer is not None:
            watched[log.epoch] = scorer.score(histories)

    model_class = entry.load()
    model_class(config_from(model_class.config_class, SETTINGS[name])).fit(known, FitOptions(on_epoch=watch))
    np.testing.assert_allclose(half_way, watched[2], atol=1e-5)
    finished = artifacts.load(artifacts.folder_of(known.name, name, tmp_path / "models"), known).scorer
    last = artifacts.load(folder / "epoch-004", known).scorer
    np.testing.assert_allclose(last.score(histories), finished.score(histories), atol=1e-5)
    assert not np.allclose(half_way, last.score(histories), atol=1e-5)


@pytest.mark.training
def test_the_curves_are_there_for_tensorboard(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(
        Training(
            registry.entry("autoencoder"),
            TASK.known,
            PROTOCOL,
            settings=SETTINGS["autoencoder"],
            device="cpu",
            root=tmp_path,
            log_dir=tmp_path / "logs",
        )
    )
    curves = EventAccumulator(str(tmp_path / "logs" / TASK.known.name / "autoencoder-seed0"))
    curves.Reload()
    losses = curves.Scalars("train/loss")
    assert [point.step for point in losses] == [1, 2, 3, 4]
    assert losses[-1].value < losses[0].value
    assert curves.Scalars("toy/ndcg@1")[0].step == 4


@pytest.mark.parametrize("every", [0, -1])
def test_a_checkpoint_after_no_epoch_is_refused(every: int, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"from 1. Received {every}"):
        Checkpoints(tmp_path, every, None)  # type: ignore[arg-type]


def test_callbacks_are_called_in_turn() -> None:
    called: list[str] = []
    both = together([lambda *_: called.append("first"), None, lambda *_: called.append("second")])
    assert both is not None
    both(EpochLog(1, 1, 0.0, 0.0, 0.0), None)
    assert called == ["first", "second"]
    assert together([None]) is None
