"""The attention of AutoInt+ as its own graph computes it, against the same arithmetic in numpy."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from recsys import paths
from recsys.data.dataset import Dataset, History
from recsys.explain.attention import AttentionReader, field_changes, fields_of, with_attention
from recsys.explain.why import explain
from recsys.serving import artifacts
from recsys.serving.fields import FIELDS, UNKNOWN, FieldTable
from recsys.serving.scorers import OnnxScorer, Unit
from tests.toys import genre_tastes

ROOT = paths.ROOT / "artifacts"
F, D, WIDTH, LAYERS, HEADS = len(FIELDS), 6, 3, 2, 2
DATA = genre_tastes().known
YEARS = (1998,)


def softmax(scores: np.ndarray) -> np.ndarray:
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


class Toy:
    """Two interacting layers of two heads with random weights: as a graph, and in numpy."""

    def __init__(self, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        sizes = FieldTable.of(DATA, YEARS).sizes
        self.offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
        shapes = {"table": (sum(sizes), D), "logit": (F * WIDTH * HEADS, 1)}
        self.tensors = {name: random.normal(size=shape) for name, shape in shapes.items()}
        self.tensors["logit"] *= 0.02  # else every probability is 0 or 1, and no field changes any
        for layer in range(LAYERS):
            for part in ("query", "key", "value"):
                for head in range(HEADS):
                    shape = (D if layer == 0 else WIDTH * HEADS, WIDTH)
                    self.tensors[f"{part}{layer}{head}"] = random.normal(size=shape)

    def attention(self, fields: np.ndarray) -> tuple[float, np.ndarray]:
        """The probability and (L, H, F, F) weights of one row of codes."""
        x, weights = self.tensors["table"][fields + self.offsets], []
        for layer in range(LAYERS):
            mixed = []
            for head in range(HEADS):
                query, key, value = (x @ self.tensors[f"{part}{layer}{head}"] for part in ("query", "key", "value"))
                weights.append(softmax(query @ key.T))
                mixed.append(weights[-1] @ value)
            x = np.maximum(np.hstack(mixed), 0)
        logit = float(x.ravel() @ self.tensors["logit"].ravel())
        return 1 / (1 + np.exp(-logit)), np.stack(weights).reshape(LAYERS, HEADS, F, F)

    def graph(self) -> bytes:
        """The heads of a layer are computed in the opposite order: only what joins them tells which is which."""
        nodes = [
            helper.make_node("Add", ["fields", "offsets"], ["codes"]),
            helper.make_node("Gather", ["table", "codes"], ["x0"]),
        ]
        for layer in range(LAYERS):
            for head in reversed(range(HEADS)):
                own = f"{layer}{head}"
                for part in ("query", "key", "value"):
                    nodes.append(helper.make_node("MatMul", [f"x{layer}", f"{part}{own}"], [f"{part}_{own}"]))
                nodes += [
                    helper.make_node("Transpose", [f"key_{own}"], [f"turned_{own}"], perm=[0, 2, 1]),
                    helper.make_node("MatMul", [f"query_{own}", f"turned_{own}"], [f"scores_{own}"]),
                    helper.make_node("Softmax", [f"scores_{own}"], [f"weights_{own}"], axis=-1),
                    helper.make_node("MatMul", [f"weights_{own}", f"value_{own}"], [f"mixed_{own}"]),
                ]
            heads = [f"mixed_{layer}{head}" for head in range(HEADS)]
            nodes += [
                helper.make_node("Concat", heads, [f"joined{layer}"], axis=2),
                helper.make_node("Relu", [f"joined{layer}"], [f"x{layer + 1}"]),
            ]
        nodes += [
            helper.make_node("Reshape", [f"x{LAYERS}", "flat"], ["long"]),
            helper.make_node("MatMul", ["long", "logit"], ["sum"]),
            helper.make_node("Sigmoid", ["sum"], ["chance"]),
        ]
        arrays = {name: array.astype(np.float32) for name, array in self.tensors.items()}
        arrays |= {"offsets": self.offsets, "flat": np.array([-1, F * WIDTH * HEADS], dtype=np.int64)}
        graph = helper.make_graph(
            nodes,
            "toy",
            [helper.make_tensor_value_info("fields", TensorProto.INT32, ["n", F])],
            [helper.make_tensor_value_info("chance", TensorProto.FLOAT, ["n", 1])],
            [numpy_helper.from_array(array, name) for name, array in arrays.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.checker.check_model(model)
        return model.SerializeToString()

    def scorer(self) -> OnnxScorer:
        settings = {"encoder": "user_item_fields", "rating_years": list(YEARS)}
        return OnnxScorer(self.graph(), Unit.LIKE, settings, DATA)


TOY = Toy()
SCORER = TOY.scorer()


@pytest.mark.parametrize("history", [DATA.history(5), History.of_new_user([3], [5.0])], ids=["known user", "new_user"])
@pytest.mark.parametrize("item", [0, 33])
def test_the_weights_are_those_of_the_arithmetic(history: History, item: int) -> None:
    found = AttentionReader(SCORER, DATA).read(history, item)
    chance, weights = TOY.attention(fields_of(SCORER, DATA, history, item)[0])
    assert found.weights.shape == (LAYERS, HEADS, F, F)
    np.testing.assert_allclose(found.weights, weights, atol=1e-5)
    np.testing.assert_allclose(found.weights.sum(axis=3), 1, atol=1e-5)
    np.testing.assert_allclose(found.received.sum(axis=2), 1, atol=1e-5)
    assert found.score == pytest.approx(chance, abs=1e-5)
    assert found.score == pytest.approx(float(SCORER.score([history])[0, item]), abs=1e-6)


def test_the_changes_are_those_of_unknown_fields() -> None:
    history, item = DATA.history(5), 12
    fields = fields_of(SCORER, DATA, history, item)[0]
    expected = {}
    for place in np.flatnonzero(fields):
        hidden = fields.copy()
        hidden[place] = 0
        expected[FIELDS[place]] = TOY.attention(fields)[0] - TOY.attention(hidden)[0]
    found = {term.name: term.value for term in field_changes(SCORER, DATA, history, item)}
    assert min(abs(change) for change in expected.values()) > 1e-4  # so a wrong field would be seen
    assert found == pytest.approx(expected, abs=1e-5)
    assert {term.name: term.value for term in explain(SCORER, DATA, history, item).alone} == found


def test_what_stands_in_the_fields_and_nothing_of_where_somebody_lives() -> None:
    reader, history = AttentionReader(SCORER, DATA), DATA.history(5)
    values = dict(zip(FIELDS, reader.read(history, 3).values, strict=True))
    assert (values["user"], values["gender"], values["zip area"]) == ("number 6", "male", "known")
    assert (values["film"], values["release year"], values["film decade"]) == ("Film 3", "1953", "1950s")
    assert (values["genre 1"], values["genre 2"], values["rating year"]) == ("Drama", UNKNOWN, "1998")
    nobody = History.of_new_user([], [])
    of_new_user = reader.read(nobody, 3).values
    assert {of_new_user[FIELDS.index(name)] for name in ("user", "age", "rating month")} == {UNKNOWN}


def test_a_graph_without_attention_is_refused() -> None:
    plain = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "plain",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
    )
    with pytest.raises(ValueError, match="no attention"):
        with_attention(helper.make_model(plain).SerializeToString())


def test_the_committed_model_gives_the_same_score_with_its_attention(demo_dataset: Dataset) -> None:
    scorer = artifacts.load(ROOT / "demo" / "models" / "autoint", demo_dataset).scorer
    reader = AttentionReader(scorer, demo_dataset)
    config = artifacts.read_manifest(ROOT / "demo" / "models" / "autoint").config
    for user, item in ((0, 3), (7, 90)):
        history = demo_dataset.history(user)
        found = reader.read(history, item)
        assert found.weights.shape == (config["n_layers"], config["n_heads"], F, F)
        np.testing.assert_allclose(found.weights.sum(axis=3), 1, atol=1e-5)
        assert found.score == pytest.approx(float(scorer.score([history])[0, item]), abs=1e-6)
