"""What AutoInt+ looked at: the attention between its fields for one user and film, and what each field changes.

The graph that serves gives the probability alone. For an explanation its attention weights become further outputs of
the same graph, so what is shown is what this very score was made of. What it looked at is no proof of what moved the
score; beside it stands what happens when a field is made unknown. (Jain & Wallace 2019, Attention is not Explanation.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset, History
from recsys.explain.parts import Term
from recsys.serving.encoders import encode_pairs, encoder_for
from recsys.serving.fields import FIELDS, names_of
from recsys.serving.graphs import Graph, read
from recsys.serving.scorers import Scorer, answering


@dataclass(frozen=True, eq=False)
class Attention:
    """What the network looked at for one history and one film.

    Args:
        score: the probability, as the scorer gives it.
        weights: (L, H, F, F) float32; [l, h, a, b] is how much field a looks at field b, rows add up to 1.
        values: F texts: what stands in each field.
        changes: what the probability loses when a field that is known is made unknown, by field.
    """

    score: float
    weights: np.ndarray
    values: tuple[str, ...]
    changes: dict[str, float]

    @property
    def received(self) -> np.ndarray:
        """(L, H, F) how much a field is looked at, the mean over all fields that look."""
        return self.weights.mean(axis=2)


class AttentionReader:
    """A scorer's graph with its attention weights as outputs.

    Args:
        scorer: of AutoInt+.
        dataset: whose films and viewers the fields describe.

    Raises:
        ArtifactError: the graph has no attention, or fails.
    """

    @answering()
    def __init__(self, scorer: Scorer, dataset: Dataset) -> None:
        state = scorer.state()
        graph, self._layers = with_attention(state.graph or b"")
        self._scorer, self._dataset, self._graph = scorer, dataset, Graph(graph)
        self._years = state.settings["rating_years"]

    @answering()
    def read(self, history: History, item: int) -> Attention:
        fields = fields_of(self._scorer, self._dataset, history, item)
        score, *found = self._graph.run({"fields": fields})
        weights = np.stack([matrix[0] for matrix in found]).reshape(len(self._layers), -1, len(FIELDS), len(FIELDS))
        changes = {term.name: term.value for term in field_changes(self._scorer, self._dataset, history, item)}
        values = names_of(fields[0].tolist(), self._dataset, self._years)
        if history.user is not None:
            values["user"] = f"number {values['user']}"
        return Attention(float(score.ravel()[0]), weights, tuple(values.values()), changes)


def with_attention(graph: bytes) -> tuple[bytes, list[list[str]]]:
    """The same graph with its attention weights as further outputs.

    Returns:
        The graph, and the names of these outputs: a list per layer, with a name per head, both in the network's order.

    Raises:
        ValueError: there is no softmax over fields in it.
    """
    import onnx  # 0.1 s, and only here

    model = read(graph)
    heads = [node for node in model.graph.node if node.op_type == "Softmax"]
    if not heads:
        raise ValueError("the graph has no attention: no Softmax was found in it.")
    place = {name: number for number, node in enumerate(model.graph.node) for name in node.output}
    readers: dict[str, list[Any]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)

    def joined(name: str) -> tuple[int, int]:
        """Where the heads of a layer are put end to end, and at which place this one is. The order of the nodes says
        nothing: the exporter may turn it around."""
        mixed = readers[name][0].output[0]  # weights @ values
        into = readers[mixed][0]
        return place[into.output[0]], list(into.input).index(mixed)

    layers: dict[int, dict[int, str]] = {}
    for node in heads:
        layer, head = joined(node.output[0])
        layers.setdefault(layer, {})[head] = node.output[0]
    named = [[by_head[head] for head in sorted(by_head)] for _, by_head in sorted(layers.items())]
    for name in (name for by_head in named for name in by_head):
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    return model.SerializeToString(), named


def field_changes(scorer: Scorer, dataset: Dataset, history: History, item: int) -> tuple[Term, ...]:
    """What the probability loses when each field that is known is made unknown, one at a time."""
    fields = fields_of(scorer, dataset, history, item)
    known = np.flatnonzero(fields[0])
    asked = np.repeat(fields, 1 + len(known), axis=0)
    asked[1 + np.arange(len(known)), known] = 0
    answers = _graph(scorer.state().graph or b"").run({"fields": asked})[0].ravel().astype(np.float64)
    return tuple(Term(FIELDS[field], float(answers[0] - answers[1 + n])) for n, field in enumerate(known))


def fields_of(scorer: Scorer, dataset: Dataset, history: History, item: int) -> np.ndarray:
    """(1, F) int32 codes that the scorer gives the graph for this history and film."""
    encoder = encoder_for(scorer.state().settings, dataset)
    return encode_pairs(encoder, [history], np.array([0]), np.array([item]))["fields"]


_graph = lru_cache(maxsize=8)(Graph)  # a page asks the same few graphs again and again
