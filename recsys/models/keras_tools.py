"""What the Keras models share: choosing the backend, repeatable runs, the training loop, and export to ONNX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.errors import TrainingError
from recsys.models.base import N_THREADS, BatchLog, EpochLog, FitOptions, LiveScorer, config_from, config_to_json
from recsys.models.graph_order import in_one_order
from recsys.serving.scorers import Scorer, Unit

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


def on_device(keras: ModuleType, device: str) -> AbstractContextManager[None]:
    """Place what is built and trained inside on a device: "cpu" or "cuda"."""
    is_gpu = device.startswith("cuda")
    if keras.backend.backend() == "torch":
        # With an index, Keras copies every weight on each use ("cpu" is not "cpu:0" to it) and no gradient arrives.
        return keras.device("cuda" if is_gpu else "cpu")
    return keras.device("gpu:0" if is_gpu else "cpu:0")


def export_onnx(network: keras.Model, build: Callable[..., keras.Model], config: Any, shape: dict[str, Any]) -> bytes:
    """The network as ONNX, with dynamic batch and length.

    Keras exports through tf2onnx on the tensorflow backend (a recurrent network traced by torch is wrong for other
    lengths), so what was trained on torch is rebuilt in a child process.

    Args:
        build: `build(keras, config=config, seed=0, **shape)` is the untrained network; a function of a module.
        shape: JSON-able.
    """
    import keras

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "model.onnx"
        if keras.backend.backend() == "tensorflow":
            _export_here(network, target)
        else:
            weights = Path(folder) / "weights.npz"
            np.savez(weights, *network.get_weights())
            names = [f"{known.__module__}:{known.__qualname__}" for known in (build, type(config))]
            settings = [json.dumps(config_to_json(config)), json.dumps(shape)]
            command = [sys.executable, "-m", __name__, *names, *settings, str(weights), str(target)]
            environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"}
            subprocess.run(command, check=True, env=environment)
        return target.read_bytes()


def _export_here(network: keras.Model, target: Path) -> None:
    import onnx

    # Keras exports only what has been called once; any input will do.
    network(np.zeros([size or 1 for size in network.input_shape], dtype=network.input.dtype))
    network.export(str(target), format="onnx", verbose=False)
    target.write_bytes(in_one_order(onnx.load(target)))


def _export_in_child(build: str, config_class: str, config: str, shape: str, weights: str, target: str) -> None:
    import keras

    settings = config_from(resolve_name(config_class), json.loads(config))
    network = resolve_name(build)(keras, config=settings, seed=0, **json.loads(shape))
    with np.load(weights, allow_pickle=False) as stored:
        network.set_weights([stored[name] for name in stored.files])
    _export_here(network, Path(target))


def normal(keras: ModuleType, seed: int) -> keras.Initializer:
    """How embeddings start: small, so that at first the biases decide."""
    return keras.initializers.RandomNormal(stddev=0.05, seed=seed)


def embedded(
    keras: ModuleType, codes: Any, size: int, dim: int, regularization: float, seed: int | None, name: str | None = None
) -> Any:
    """codes (B,) int -> vectors (B, dim), from a table of `size` rows; without a seed, all of them start at 0.

    L2 on the rows that take part, so that it is paid once per example: on the whole table it would shrink rare films
    every step. Keras divides an activity penalty by the batch size.
    """
    start = "zeros" if seed is None else normal(keras, seed)
    penalty = keras.regularizers.L2(regularization)
    return keras.layers.Embedding(size, dim, start, activity_regularizer=penalty, name=name)(codes)


def falling_rate(keras: ModuleType, config: Any, n_examples: int) -> Any:
    """A learning rate that falls step by step, to `config.learning_rate_decay` of itself with each epoch."""
    steps = -(-n_examples // config.batch_size)
    return keras.optimizers.schedules.ExponentialDecay(config.learning_rate, steps, config.learning_rate_decay)


@dataclass(frozen=True, eq=False)
class Examples:
    """What a network learns from in one epoch.

    Args:
        inputs: of the network, N rows each.
        targets: N rows.
        weights: of the rows or places in the loss; None: all alike.
        n: how many examples there are, where a row is not one; only the speed is computed from it.
    """

    inputs: Any
    targets: np.ndarray
    weights: np.ndarray | None = None
    n: int | None = None


def fit(
    network: keras.Model,
    optimizer: keras.Optimizer,
    loss: Any,
    draw: Callable[[int], Examples],
    options: FitOptions,
    config: Any,
    scorer: Callable[[], Scorer],
    *,
    batch_size: int | None = None,
    shuffle: bool = True,
) -> None:
    """Train a network for `config.n_epochs` epochs, and report each. Raises TrainingError where training diverges.

    Args:
        loss: of Keras, or a function of targets and outputs.
        draw: the examples of an epoch (from 1).
        scorer: the model as it is when asked.
        batch_size: rows per step; None: `config.batch_size`.
        shuffle: whether rows are read in another order each time; without it, in the order given.
    """
    import keras

    n_epochs = config.n_epochs
    network.compile(optimizer, loss, jit_compile=False)

    class Ticks(keras.callbacks.Callback):
        def __init__(self, epoch: int) -> None:
            super().__init__()
            self._epoch = epoch

        def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            mean_loss = float((logs or {}).get("loss", np.nan))
            options.tick(BatchLog(self._epoch, n_epochs, batch + 1, self.params["steps"] or 0, mean_loss))

    for epoch in range(1, n_epochs + 1):
        start = time.perf_counter()
        examples = draw(epoch)
        history = network.fit(
            examples.inputs,
            examples.targets,
            sample_weight=examples.weights,
            batch_size=batch_size or config.batch_size,
            shuffle=shuffle,
            epochs=1,
            verbose=0,
            callbacks=[Ticks(epoch)] if options.on_batch is not None else [],
        )
        mean_loss = float(history.history["loss"][-1])
        if not np.isfinite(mean_loss):
            raise TrainingError(f"Training diverged: the loss is {mean_loss}. A smaller learning_rate may help.")
        seconds = time.perf_counter() - start
        n = len(examples.targets) if examples.n is None else examples.n
        options.report(EpochLog(epoch, n_epochs, mean_loss, seconds, n / seconds), scorer())


def live(
    network: keras.Model,
    unit: Unit,
    settings: dict[str, Any],
    train: Dataset,
    build: Callable[..., keras.Model],
    config: Any,
    shape: dict[str, Any],
    run: Callable[[dict[str, np.ndarray]], np.ndarray] | None = None,
) -> LiveScorer:
    """The scorer of a network that trains here and will be served as ONNX.

    Args:
        unit, settings, train: as of a `NetworkScorer`.
        build, config, shape: as of `export_onnx`.
        run: how it is asked, where that is not Keras's own way; the network has one input.
    """
    return LiveScorer(
        run or (lambda inputs: network.predict_on_batch(*inputs.values())),
        unit,
        settings,
        train,
        export=lambda: export_onnx(network, build, config, shape),
        get_weights=network.get_weights,
        set_weights=network.set_weights,
    )


if __name__ == "__main__":
    _export_in_child(*sys.argv[1:])
