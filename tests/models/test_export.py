"""The ONNX graph that the app runs gives what the framework's own forward pass gives."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from recsys.models.autoencoder.users import AutoEncoder
from recsys.models.autoencoder.users import Config as AutoEncoderConfig
from recsys.models.autoint import AutoInt
from recsys.models.autoint import Config as AutoIntConfig
from recsys.models.base import FitOptions, LiveScorer, Model
from recsys.models.gru.gru4rec import Config as GRUConfig
from recsys.models.gru.gru4rec import GRU4Rec
from recsys.paths import ROOT
from tests.toys import genre_tastes

pytestmark = pytest.mark.training

MODELS = [
    AutoEncoder(AutoEncoderConfig(hidden=(16, 8), n_epochs=2)),
    GRU4Rec(GRUConfig(embedding_dim=8, hidden_dim=12, max_length=10, n_epochs=2)),
    AutoInt(AutoIntConfig(embedding_dim=4, head_dim=4, dense=(8,), n_epochs=2)),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_graph_equals_forward_pass(model: Model) -> None:
    train = genre_tastes().known
    batches = [train.histories(users) for users in ([0], [1, 2, 3], range(20))]
    framework: list[np.ndarray] = []

    def at_the_end(log, live) -> None:
        assert isinstance(live, LiveScorer)
        if log.epoch == log.n_epochs:
            framework.extend(live.score(batch) for batch in batches)

    scorer = model.fit(train, FitOptions(on_epoch=at_the_end))
    for batch, expected in zip(batches, framework, strict=True):
        np.testing.assert_allclose(scorer.score(batch), expected, atol=1e-5)


TRAIN_ON_TORCH = """
import numpy as np
from recsys.models.base import FitOptions
from recsys.models.gru.gru4rec import Config, GRU4Rec
from tests.toys import genre_tastes
train, live = genre_tastes().known, []
model = GRU4Rec(Config(embedding_dim=8, hidden_dim=12, max_length=10, n_epochs=1))
scorer = model.fit(train, FitOptions(on_epoch=lambda _, scorer: live.append(scorer.score(train.histories(range(5))))))
np.testing.assert_allclose(scorer.score(train.histories(range(5))), live[-1], atol=1e-5)
print("agrees at other lengths:", np.isfinite(scorer.score([train.history(0)])).all())
"""


def test_a_network_trained_on_torch_is_exported_through_tensorflow() -> None:
    """Where torch has the GPU, it trains; its own tracing of a recurrent network is good for one length only."""
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TRAIN_ON_TORCH],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "agrees at other lengths: True" in done.stdout
