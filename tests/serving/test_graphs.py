"""What a file that calls itself a network may do: arithmetic, within bounds."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError
from recsys.paths import ARTIFACTS, ROOT
from recsys.serving import artifacts, graphs, scorers
from recsys.serving.graphs import Graph

ONE = np.ones(3, dtype=np.float32)


def model(*nodes: onnx.NodeProto, constants: list[onnx.TensorProto] | None = None) -> onnx.ModelProto:
    """From x to y, both of any length."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None]) for name in "xy"]
    graph = helper.make_graph(nodes, "toy", ends[:1], ends[1:], constants or [])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def constant(name: str, value: object, dtype: type = np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(value, dtype=dtype), name)


def loop(trips: str, *more: onnx.NodeProto) -> onnx.NodeProto:
    """Adds 1 until it is told to stop, which nobody does."""
    ends = [("i", TensorProto.INT64, []), ("go", TensorProto.BOOL, []), ("v", TensorProto.FLOAT, [None])]
    nodes = [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Add", ["v", "one"], ["w"]), *more]
    outputs = [("go_on", TensorProto.BOOL, []), ("w", TensorProto.FLOAT, [None])]
    body = helper.make_graph(
        nodes,
        "body",
        [helper.make_tensor_value_info(*end) for end in ends],
        [helper.make_tensor_value_info(*end) for end in outputs],
        [constant("one", [1])],
    )
    return helper.make_node("Loop", [trips, "true", "x"], ["y"], body=body)


TRUE = constant("true", True, bool)


def test_a_graph_of_arithmetic_runs() -> None:
    twice = model(helper.make_node("Add", ["x", "x"], ["y"]))
    np.testing.assert_array_equal(Graph(twice.SerializeToString()).run({"x": ONE})[0], 2 * ONE)
    counted = model(loop("n"), constants=[TRUE, constant("n", 4, np.int64)])
    np.testing.assert_array_equal(Graph(counted.SerializeToString()).run({"x": ONE})[0], 5 * ONE)


@pytest.mark.process
def test_nothing_is_reported_and_no_identifier_is_kept(tmp_path: Path) -> None:
    content = model(helper.make_node("Identity", ["x"], ["y"])).SerializeToString()
    (tmp_path / "graph.onnx").write_bytes(content)
    code = "import sys; from recsys.serving.graphs import Graph; Graph(open(sys.argv[1], 'rb').read())"
    home = {"HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "graph.onnx")], cwd=ROOT, env=home, check=True)
    assert not (tmp_path / "home").exists()


def test_a_loop_without_end_is_stopped_and_the_next_answer_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Graph(model(loop(""), constants=[TRUE]).SerializeToString())
    monkeypatch.setattr(graphs, "SECONDS", 0.3)
    start = time.monotonic()
    with pytest.raises(ArtifactError, match="had no answer after 0 s and was stopped"):
        endless.run({"x": ONE})
    assert time.monotonic() - start < 5
    twice = Graph(model(helper.make_node("Add", ["x", "x"], ["y"])).SerializeToString())
    np.testing.assert_array_equal(twice.run({"x": ONE})[0], 2 * ONE)


def test_what_is_worked_out_of_constants_before_the_first_answer_is_stopped_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """onnxruntime does so while it prepares a graph."""
    monkeypatch.setattr(graphs, "SECONDS", 0.3)
    names = ["w", *(f"w{n}" for n in range(200))]
    powers = [helper.make_node("MatMul", [before, "w"], [after]) for before, after in pairwise(names)]
    summed = helper.make_node("ReduceSum", [names[-1]], ["sum"], keepdims=0)
    added = helper.make_node("Add", ["x", "sum"], ["y"])
    costly = model(*powers, summed, added, constants=[constant("w", np.zeros((1_000, 1_000)))])
    with pytest.raises(ValueError, match="it could not be prepared within 0 s"):
        Graph(costly.SerializeToString())


def test_a_scorer_asks_through_it_and_for_many_pairs_in_parts(
    demo_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = artifacts.load(artifacts.folder_of("demo", "autoint", ARTIFACTS), demo_dataset).scorer
    whole = scorer.score([demo_dataset.history(3)])
    monkeypatch.setattr(scorers, "MAX_PAIRS", 64)
    np.testing.assert_allclose(scorer.score([demo_dataset.history(3)]), whole, rtol=1e-5)
    other = model(helper.make_node("Add", ["x", "x"], ["y"])).SerializeToString()  # it takes no "ratings"
    odd = scorers.OnnxScorer(other, scorers.Unit.LIKE, {"encoder": "rating_vector"}, demo_dataset)
    with pytest.raises(ArtifactError, match="The network cannot be worked out"):
        odd.score([demo_dataset.history(3)])


def test_scores_of_films_in_the_place_of_users_are_refused(demo_dataset: Dataset) -> None:
    """Turned around and put into rows, they would be each other's."""
    settings, histories = {"encoder": "rating_vector"}, demo_dataset.histories(range(3))
    right = scorers.NetworkScorer(lambda inputs: inputs["ratings"], scorers.Unit.LIKE, settings, demo_dataset)
    turned = scorers.NetworkScorer(lambda inputs: inputs["ratings"].T, scorers.Unit.LIKE, settings, demo_dataset)
    assert right.score(histories).shape == (3, demo_dataset.n_items)
    with pytest.raises(ValueError, match=f"have scores of the shape .{demo_dataset.n_items}, 3."):
        turned.score(histories)


@pytest.mark.parametrize(
    ("node", "says"),
    [
        (helper.make_node("ReduceSum", ["x"], ["y"], keepdims=0), r"the shape \(\) where 1 scores are needed"),
        (helper.make_node("Concat", ["x", "x"], ["y"], axis=0), r"the shape \(2,\) where 1 scores are needed"),
        (helper.make_node("Log", ["minus"], ["y"]), "something other than finite numbers"),
        (helper.make_node("Cast", ["x"], ["y"], to=TensorProto.STRING), "something other than finite numbers"),
    ],
    ids=lambda it: getattr(it, "op_type", ""),
)
def test_a_graph_that_is_tried_out_has_a_finite_score_for_each_film(node: onnx.NodeProto, says: str) -> None:
    tried = model(node, constants=[constant("minus", [-1])])
    if node.op_type == "Cast":
        tried.graph.output[0].type.tensor_type.elem_type = TensorProto.STRING
    if node.op_type == "ReduceSum":
        tried.graph.output[0].type.tensor_type.ClearField("shape")
    with pytest.raises(ValueError, match=says):
        Graph(tried.SerializeToString()).try_out(1)


def test_memory_is_bounded_also_for_what_is_worked_out() -> None:
    filled = helper.make_node("ConstantOfShape", ["shape"], ["filled"])
    summed = helper.make_node("ReduceSum", ["filled"], ["sum"], keepdims=0)
    added = helper.make_node("Add", ["x", "sum"], ["y"])
    too_much = model(filled, summed, added, constants=[constant("shape", [10**10], np.int64)])
    with pytest.raises(ArtifactError, match=r"The network cannot be worked out\. Train it again"):
        Graph(too_much.SerializeToString()).run({"x": ONE})


def with_functions() -> onnx.ModelProto:
    whole = model(helper.make_node("Add", ["x", "x"], ["y"]))
    whole.functions.add().name = "Add"
    return whole


def with_weights_elsewhere() -> onnx.ModelProto:
    weight = constant("w", [1.0, 2.0, 3.0])
    weight.data_location = TensorProto.EXTERNAL
    place = weight.external_data.add()
    place.key, place.value = "location", "../../secret"
    return model(helper.make_node("Add", ["x", "w"], ["y"]), constants=[weight])


def with_a_giant() -> onnx.ModelProto:
    giant = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[100_000, 100_000])
    return model(helper.make_node("Add", ["x", "w"], ["y"]), constants=[giant])


def hidden_in_a_loop() -> onnx.ModelProto:
    return model(loop("", helper.make_node("RandomNormalLike", ["v"], ["r"])), constants=[TRUE])


@pytest.mark.parametrize(
    ("graph", "says"),
    [
        (with_functions(), "functions of its own"),
        (with_weights_elsewhere(), "keeps weights in another file"),
        (with_a_giant(), r"shape \(100000, 100000\), more than 50,000,000 numbers"),
        (hidden_in_a_loop(), "not allowed: :RandomNormalLike"),
        (model(helper.make_node("FusedGemm", ["x", "x"], ["y"], domain="com.microsoft")), "com.microsoft:FusedGemm"),
        (model(*[helper.make_node("Abs", ["x"], ["y"])] * (graphs.MAX_NODES + 1)), "10,001 nodes"),
        (model(), "0 nodes"),
    ],
    ids=["functions", "external weights", "giant constant", "random in a loop", "foreign", "many nodes", "no nodes"],
)
def test_what_is_not_allowed_is_named_before_anything_runs(graph: onnx.ModelProto, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        graphs.read(graph.SerializeToString())


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x00" * 1000])
def test_what_is_no_graph_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"not an ONNX model|nodes"):
        graphs.read(content)
