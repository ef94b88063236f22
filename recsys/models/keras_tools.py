"""What the Keras rooms share: choosing the backend, repeatable runs, and export to ONNX."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras


def start(seed: int, device: str) -> ModuleType:
    """Import Keras on the right backend and seed every generator it uses.

    On the CPU the backend is tensorflow, which can export any network to ONNX. Where torch sees a GPU and tensorflow
    does not (a plain pip install), torch trains and tensorflow only exports. KERAS_BACKEND overrides both.
    """
    os.environ.setdefault("KERAS_BACKEND", "torch" if device.startswith("cuda") else "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    keras.utils.clear_session(free_memory=True)
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        # Sums over embedding rows run in several threads; without this, two runs differ in the last digits.
        tf.config.experimental.enable_op_determinism()
    return keras


@contextmanager
def on_device(keras: ModuleType, device: str) -> Iterator[None]:
    """Place what is built and trained inside on a device: "cpu" or "cuda"."""
    with keras.device("gpu:0" if device.startswith("cuda") else "cpu:0"):
        yield


def export_onnx(network: keras.Model) -> bytes:
    """The network as ONNX, with dynamic batch and length.

    Keras exports through tf2onnx on the tensorflow backend only; a network trained on another backend is rebuilt there
    in a child process from its configuration and weights.
    """
    import keras

    # Keras exports only what has been called once; any input will do.
    network(np.zeros([size or 1 for size in network.input_shape], dtype=network.input.dtype))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "model.onnx"
        if keras.backend.backend() == "tensorflow":
            network.export(str(target), format="onnx", verbose=False)
        else:
            _export_elsewhere(network, Path(folder), target)
        return target.read_bytes()


def _export_elsewhere(network: keras.Model, folder: Path, target: Path) -> None:
    import subprocess
    import sys

    source = folder / "network.keras"
    network.save(source)
    subprocess.run(
        [sys.executable, "-m", "recsys.models.keras_tools", str(source), str(target)],
        check=True,
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"},
    )


def normal(keras: ModuleType, seed: int, scale: float) -> keras.Initializer:
    """A seeded normal initializer: embeddings start small, so that biases speak first."""
    return keras.initializers.RandomNormal(stddev=scale, seed=seed)


def mean_loss(history: keras.callbacks.History) -> float:
    """The loss of the one epoch that was just run. Raises ValueError if training has diverged."""
    loss = float(history.history["loss"][-1])
    if not np.isfinite(loss):
        raise ValueError(f"training diverged: the loss is {loss}. A smaller learning_rate may help.")
    return loss


if __name__ == "__main__":
    import sys

    import keras

    keras.saving.load_model(sys.argv[1], compile=False).export(sys.argv[2], format="onnx", verbose=False)
