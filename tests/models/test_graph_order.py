"""The same graph has the same bytes, in whatever order and under whatever names it was exported."""

from __future__ import annotations

from random import Random

import numpy as np
import onnx
import onnxruntime
import pytest

from recsys.models.graph_order import in_one_order
from recsys.paths import ROOT

GRAPHS = {model: ROOT / "artifacts" / "demo" / "models" / model / "model.onnx" for model in ("gru", "autoint")}


def otherwise(content: bytes, random: Random) -> onnx.ModelProto:
    """The same graph with its nodes and constants in another order, and other names inside; loops are as they were."""
    model = onnx.load_from_string(content)
    graph, new = model.graph, f"other-{random.random()}/"
    bodies = [each.g for node in graph.node for each in node.attribute]
    fixed = {name for body in bodies for node in body.node for name in node.input} | {
        each.name for each in graph.output
    }
    inner = {name for node in graph.node for name in node.output} - fixed
    for node in graph.node:
        node.name = f"{new}{node.name}"
        node.input[:] = [f"{new}{name}" if name in inner else name for name in node.input]
        node.output[:] = [f"{new}{name}" if name in inner else name for name in node.output]
    for parts in (graph.node, graph.initializer):
        shuffled = random.sample(list(parts), len(parts))
        copies = [type(part).FromString(part.SerializeToString()) for part in shuffled]
        del parts[:]
        parts.extend(copies)
    return model


@pytest.mark.parametrize("model", GRAPHS)
def test_one_form_and_the_same_answers(model: str) -> None:
    content = GRAPHS[model].read_bytes()
    ordered = in_one_order(onnx.load_from_string(content))
    assert ordered == in_one_order(onnx.load_from_string(ordered))
    for seed in range(3):
        assert in_one_order(otherwise(content, Random(seed))) == ordered
    onnx.checker.check_model(onnx.load_from_string(ordered))
    before, after = onnxruntime.InferenceSession(content), onnxruntime.InferenceSession(ordered)
    assert [each.name for each in after.get_inputs()] == [each.name for each in before.get_inputs()]
    asked = {}
    for each in before.get_inputs():
        kind = {"tensor(float)": np.float32, "tensor(int32)": np.int32, "tensor(int64)": np.int64}[each.type]
        shape = [size if isinstance(size, int) else 3 for size in each.shape]
        asked[each.name] = np.random.default_rng(0).integers(0, 2, shape).astype(kind)
    assert np.array_equal(before.run(None, asked)[0], after.run(None, asked)[0])
