"""A network's graph is a program that comes from a file: it is read before it is run, and run within bounds.

The hash of a graph says that it is the one that was written, not by whom. So only arithmetic is allowed, nothing
outside the file is opened, and neither time nor memory is without end.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from recsys.errors import ArtifactError

if TYPE_CHECKING:
    from onnx import AttributeProto, GraphProto, ModelProto, TensorProto

_ALLOWED = """
    Abs Add And ArgMax ArgMin BatchNormalization Cast Ceil Clip Concat Constant ConstantOfShape CumSum Div Dropout Elu
    Einsum Equal Erf Exp Expand Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm Greater GreaterOrEqual
    Identity If IsNaN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax Loop MatMul Max Mean Min Mod Mul
    Neg NonZero Not OneHot Or Pad Pow Range Reciprocal ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum Relu Reshape
    Round ScatterElements ScatterND Selu Shape Sigmoid Sign Size Slice Softmax Softplus Softsign Split Sqrt Squeeze Sub
    Sum Tanh Tile TopK Transpose Trilu Unsqueeze Where Xor
"""
OPERATORS = frozenset(_ALLOWED.split())
"""Of ONNX's own domain: arithmetic, shapes, recurrence. None reads a file, draws at random or calls other code."""
MAX_NODES = 10_000
MAX_VALUES = 50_000_000
"""Numbers in one constant; the largest committed one has 860,000."""
MAX_MEMORY = 2**30
"""Bytes for all that the graphs of this process hold and work out."""
SECONDS, ROWS_PER_SECOND = 5.0, 2_000
"""An answer may take so long, and a second more for so many rows of input: a shipped one takes a hundredth of that."""
_LOOK_SECONDS = 0.25


def read(content: bytes) -> ModelProto:
    """A graph as a description of itself: nothing of it is run.

    Raises:
        ValueError: it is no ONNX model, or has something that is not allowed here.
    """
    import onnx  # 0.05 s, and only for networks
    from google.protobuf.message import DecodeError

    try:
        model = onnx.ModelProto.FromString(content)
    except DecodeError:
        raise ValueError("it is not an ONNX model") from None
    if model.functions:
        raise ValueError("it brings functions of its own")
    graphs = list(_graphs(model.graph))
    nodes = [node for graph in graphs for node in graph.node]
    if not 0 < len(nodes) <= MAX_NODES:
        raise ValueError(f"it has {len(nodes):,} nodes, which must be between 1 and {MAX_NODES:,}")
    foreign = {f"{node.domain}:{node.op_type}"[:60] for node in nodes if node.domain or node.op_type not in OPERATORS}
    if foreign:
        raise ValueError(f"it has operators that are not allowed: {', '.join(sorted(foreign)[:5])}")
    for constant in (constant for graph in graphs for constant in _constants(graph)):
        if constant.external_data or constant.data_location == onnx.TensorProto.EXTERNAL:
            raise ValueError("it keeps weights in another file")
        if math.prod(constant.dims) > MAX_VALUES:
            raise ValueError(f"a constant has the shape {tuple(constant.dims)[:8]}, more than {MAX_VALUES:,} numbers")
    return model


def _graphs(graph: GraphProto) -> Iterator[GraphProto]:
    """This one, and those of its loops and branches."""
    yield graph
    for attribute in _attributes(graph):
        for inner in (*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])):
            yield from _graphs(inner)


def _attributes(graph: GraphProto) -> Iterator[AttributeProto]:
    return (attribute for node in graph.node for attribute in node.attribute)


def _constants(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for attribute in _attributes(graph):
        yield from (attribute.t, *attribute.tensors)


class Graph:
    """A checked graph, ready to run on one thread.

    Args:
        content: an ONNX model.

    Raises:
        ValueError: as `read` does.
    """

    def __init__(self, content: bytes) -> None:
        read(content)
        # onnxruntime costs 0.2 s to import: a page that shows only factor models does not pay it.
        import onnxruntime

        _bound_memory()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # what goes wrong is raised; it need not stand on the server's screen as well
        # One thread per request: visitors share the machine, and threads that wait for each other only cost.
        options.intra_op_num_threads = 1
        options.add_session_config_entry("session.use_env_allocators", "1")
        try:  # what depends on constants alone is worked out here already
            with _stopped_after(SECONDS, partial(options.set_load_cancellation_flag, True)) as is_over:
                self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception:
            if is_over():
                raise ValueError(f"it could not be prepared within {SECONDS:.0f} s") from None
            raise

    def run(self, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        """All outputs in the graph's order; the inputs have one row per example.

        Raises:
            ArtifactError: it took too long, or its arithmetic failed.
        """
        import onnxruntime

        seconds = SECONDS + max((len(each) for each in inputs.values()), default=0) / ROWS_PER_SECOND
        options = onnxruntime.RunOptions()
        try:
            with _stopped_after(seconds, partial(setattr, options, "terminate", True)) as is_over:
                return self._session.run(None, inputs, options)
        except Exception:  # onnxruntime raises types of its own
            why = f"had no answer after {seconds:.0f} s and was stopped" if is_over() else "cannot be worked out"
            raise ArtifactError(f"The network {why}.", remedy="Train it again, or leave it out.") from None

    def try_out(self, n_scores: int) -> None:
        """Run it once on inputs of ones, one example, without the data that it is for.

        Args:
            n_scores: how many an example has: one per film, or one where an example is a pair of a user and a film.

        Raises:
            ArtifactError: as `run` does.
            ValueError: it takes something else than bounded arrays of numbers, or gives something else than numbers.
        """
        inputs = {}
        for each in self._session.get_inputs():
            shape = [size if isinstance(size, int) else 1 for size in each.shape]
            if each.type not in _DTYPES or not 0 < math.prod(shape) <= MAX_VALUES:
                raise ValueError(f"it takes {each.type} of the shape {tuple(shape)[:8]}")
            inputs[each.name] = np.ones(shape, _DTYPES[each.type])
        scores, *_ = self.run(inputs)
        if not np.issubdtype(scores.dtype, np.number) or not np.isfinite(scores).all():
            raise ValueError("it answers with something other than finite numbers")
        if scores.shape not in ((1, n_scores), (n_scores,)):
            raise ValueError(f"it answers with the shape {scores.shape} where {n_scores} scores are needed")


_DTYPES = {"tensor(float)": np.float32, "tensor(int32)": np.int32, "tensor(int64)": np.int64}
"""Of what networks take."""
_RUNNING: dict[int, tuple[float, Callable[[], None]]] = {}
"""When what runs is to be stopped, and how."""


@contextmanager
def _stopped_after(seconds: float, stop: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """What runs inside is stopped then; gives what tells whether that moment has come."""
    _watch()
    until = time.monotonic() + seconds
    _RUNNING[id(stop)] = until, stop
    try:
        yield lambda: time.monotonic() > until
    finally:
        del _RUNNING[id(stop)]


@cache
def _watch() -> None:
    """One thread that stops what runs too long; a timer per run would take as long as a small network does."""

    def look() -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            for until, stop in list(_RUNNING.values()):
                if time.monotonic() > until:
                    stop()

    threading.Thread(target=look, name="graph watch", daemon=True).start()


@cache
def _bound_memory() -> None:
    """One arena for all graphs of the process. onnxruntime refuses a second call."""
    import onnxruntime as ort

    memory = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    as_it_is = {"initial_chunk_size_bytes": -1, "max_dead_bytes_per_chunk": -1}
    ort.create_and_register_allocator(
        memory, ort.OrtArenaCfg({"max_mem": MAX_MEMORY, "arena_extend_strategy": 1, **as_it_is})
    )
