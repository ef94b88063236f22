"""What the Keras rooms share: choosing the backend, repeatable runs, and export to ONNX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.errors import TrainingError
from recsys.models.base import N_THREADS, BatchLog, FitOptions

if TYPE_CHECKING:
    import keras


def start(seed: int, device: str) -> ModuleType:
    """Import Keras on the right backend and seed every generator it uses.

    On the CPU the backend is tensorflow, which can export any network to ONNX. Where torch sees a GPU and tensorflow
    does not (a plain pip install), torch trains and tensorflow only exports. KERAS_BACKEND overrides both.
    """
    os.environ.setdefault("KERAS_BACKEND", "torch" if device.startswith("cuda") else "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(N_THREADS))
    # Triton comes with torch where pip took a build for GPUs, and is imported with torch's first optimizer. After
    # tensorflow that is a segmentation fault: it finds tensorflow's LLVM instead of its own (tensorflow issue 124205).
    with suppress(ImportError):
        import triton  # noqa: F401
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
    name = "gpu" if device.startswith("cuda") else "cpu"
    if keras.backend.backend() == "torch":
        # With an index, Keras copies every weight on each use ("cpu" is not "cpu:0" to it) and no gradient arrives.
        scope = keras.device("cuda" if name == "gpu" else "cpu")
    else:
        scope = keras.device(f"{name}:0")
    with scope:
        yield


def export_onnx(network: keras.Model, room: str, arguments: dict[str, Any]) -> bytes:
    """The network as ONNX, with dynamic batch and length.

    Keras exports through tf2onnx on the tensorflow backend (a recurrent network traced by torch is wrong for other
    lengths), so what was trained on torch is rebuilt in a child process by the room's `serving_network(**arguments)`.

    Args:
        room: the module that has `serving_network`.
        arguments: JSON-able.
    """
    import keras

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "model.onnx"
        if keras.backend.backend() == "tensorflow":
            _export_here(network, target)
        else:
            weights = Path(folder) / "weights.npz"
            np.savez(weights, *network.get_weights())
            command = [sys.executable, "-m", __name__, room, json.dumps(arguments), str(weights), str(target)]
            environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"}
            subprocess.run(command, check=True, env=environment)
        return target.read_bytes()


def _export_here(network: keras.Model, target: Path) -> None:
    # Keras exports only what has been called once; any input will do.
    network(np.zeros([size or 1 for size in network.input_shape], dtype=network.input.dtype))
    network.export(str(target), format="onnx", verbose=False)


def _export_in_child(room: str, arguments: str, weights: str, target: str) -> None:
    network = import_module(room).serving_network(**json.loads(arguments))
    with np.load(weights, allow_pickle=False) as stored:
        network.set_weights([stored[name] for name in stored.files])
    _export_here(network, Path(target))


def normal(keras: ModuleType, seed: int, scale: float) -> keras.Initializer:
    """A seeded normal initializer: embeddings start small, so that biases speak first."""
    return keras.initializers.RandomNormal(stddev=scale, seed=seed)


def fit_epoch(
    network: keras.Model, inputs: Any, targets: Any, options: FitOptions, epoch: int, n_epochs: int, **how: Any
) -> float:
    """One pass over the examples: its mean loss. `how` goes to Keras.

    Raises:
        TrainingError: training has diverged.
    """
    import keras

    class Ticks(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            loss = float((logs or {}).get("loss", np.nan))
            options.tick(BatchLog(epoch, n_epochs, batch + 1, self.params["steps"] or 0, loss))

    callbacks = [Ticks()] if options.on_batch is not None else []
    history = network.fit(inputs, targets, epochs=1, verbose=0, callbacks=callbacks, **how)
    loss = float(history.history["loss"][-1])
    if not np.isfinite(loss):
        raise TrainingError(f"Training diverged: the loss is {loss}. A smaller learning_rate may help.")
    return loss


if __name__ == "__main__":
    _export_in_child(*sys.argv[1:])
