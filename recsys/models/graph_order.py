"""One form for an ONNX graph, so that a model that was trained twice has the same bytes twice.

tf2onnx keeps tensors in sets of names, whose order differs from process to process: so do the order of its nodes, the
names inside, and which of two equal constants it keeps.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx

Names = ChainMap[str, str]
"""Old name of a tensor -> new one: those of a graph, then those of the graphs around it."""


def in_one_order(model: onnx.ModelProto) -> bytes:
    """The same graph with its nodes in the order in which the output asks for them, and its tensors numbered by it.

    Nodes that nothing depends on are left out; inputs keep their names.
    """
    import onnx

    numbers = count()

    def order(graph: onnx.GraphProto, names: Names, ask_around: Callable[[str], None] | None) -> None:
        makers = {tensor: node for node in graph.node for tensor in node.output}
        constants = {constant.name: constant for constant in graph.initializer}
        nodes: list[bytes] = []
        kept: list[bytes] = []

        def named(tensor: str) -> str:
            return names.maps[0].setdefault(tensor, f"t{next(numbers)}") if tensor else ""  # "": left out by the node

        def ask(tensor: str) -> None:
            if not tensor or tensor in names.maps[0]:
                return
            if tensor in makers:
                node = makers[tensor]
                for each in node.input:
                    ask(each)
                for attribute in node.attribute:
                    if attribute.type == onnx.AttributeProto.GRAPH:  # the body of a loop, which may read from here
                        order(attribute.g, names.new_child(), ask)
                node.name = ""
                node.input[:] = [each and names[each] for each in node.input]
                node.output[:] = [named(each) for each in node.output]
                nodes.append(node.SerializeToString(deterministic=True))
            elif tensor in constants:
                constants[tensor].name = named(tensor)
                kept.append(constants[tensor].SerializeToString(deterministic=True))
            elif ask_around is not None:
                ask_around(tensor)

        for given in graph.input:
            names[given.name] = given.name if ask_around is None else named(given.name)
            given.name = names[given.name]
        for result in graph.output:
            ask(result.name)
            result.name = names[result.name]
        del graph.node[:], graph.initializer[:], graph.value_info[:]
        graph.node.extend(map(onnx.NodeProto.FromString, nodes))
        graph.initializer.extend(map(onnx.TensorProto.FromString, kept))
        graph.name = "graph"

    order(model.graph, ChainMap(), None)
    return model.SerializeToString(deterministic=True)
