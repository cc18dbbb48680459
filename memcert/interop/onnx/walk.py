"""The exact walk over a graph: each node's value as affine forms of inputs and ReLU neurons.

UNTRUSTED; tests compare the outcome with an independent evaluator of the graph.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from memcert.errors import UnsupportedError, UsageError
from memcert.interop.forms import Circuit
from memcert.interop.onnx.attributes import Other
from memcert.interop.onnx.graph import Graph, GraphNode
from memcert.interop.onnx.last_nodes import Act, marked
from memcert.interop.onnx.nodes import Node, refusal
from memcert.interop.onnx.operators import CONTROL_FLOW, LAST, TABLE, WAYS_OUT
from memcert.interop.preprocessing import Affine
from memcert.interop.refusals import ModelError
from memcert.interop.stored_tensors import FLOATS, kind_name
from memcert.interop.tensors import Tensor, array, elements
from memcert.kernel.verdict import shown


@dataclass(frozen=True, slots=True)
class Walked:
    """What a graph computes.

    Args:
        circuit: its neurons.
        result: the value of its output; a constant, if it needs no input.
        rounded: how many coefficients of BatchNormalization were rounded.
        channels: in how many channels.
        unlike: nodes whose inputs have two element types where ONNX wants one, with the types.
    """

    circuit: Circuit
    result: Tensor
    rounded: int
    channels: int
    unlike: tuple[str, ...]


def walked(graph: Graph, preprocess: Affine, fold: str | None = None) -> Walked:
    """Return the value of a graph's output, node by node; no recursion.

    Args:
        graph: of plain nodes.
        preprocess: applied to every coordinate first.
        fold: the float format that coefficients of BatchNormalization are rounded to, or None.

    Raises:
        ModelError: the graph contradicts itself.
        UnsupportedError: what cannot be exact, or is not known.
        UsageError: the preprocessing does not fit the input.
        UndecidedError: it is too large.
    """
    circuit, values = _start(graph, preprocess)
    readers = Counter(name for node in graph.nodes for name in node.inputs)
    readers[graph.output] += 1
    batches = (1, 2) if graph.input is None or graph.input.batch is None else (graph.input.batch,)
    rounded: list[str] = []
    unlike: list[str] = []
    for node in graph.nodes:
        inputs = tuple(_known(graph, values, name, node) for name in node.inputs)
        unlike += filter(None, (_unlike(node, inputs),))
        asked = Node(
            node.operator, node.name, node.opset, node.version, inputs, len(node.outputs),
            node.attributes, circuit, batches, fold, rounded,
        )  # fmt: skip
        for name, value in zip(node.outputs, apply(node, asked), strict=False):
            circuit.spend(value.values.size)
            if name:
                values[name] = value
        # What nobody reads any more is let go.
        for name in node.inputs:
            readers[name] -= 1
            if not readers[name]:
                values.pop(name, None)
    result = values[graph.output] if graph.output in values else graph.constants[graph.output]
    return Walked(circuit, result, len(rounded), len(set(rounded)), tuple(unlike))


def _start(graph: Graph, preprocess: Affine) -> tuple[Circuit, dict[str, Tensor]]:
    given = graph.input
    if given is None:
        return Circuit(0), {}
    circuit = Circuit(elements(given.shape))
    pairs = preprocess.coefficients(given.shape[1:])
    if given.kind not in FLOATS and any(x.denominator != 1 for pair in pairs for x in pair):
        raise UsageError(f"--preprocess: input {shown(given.name)} takes integers, expected whole numbers")
    forms = [circuit.affine(i, factor, shift) for i, (factor, shift) in enumerate(pairs)]
    return circuit, {given.name: Tensor(array(forms, given.shape), True, given.kind)}


def _known(graph: Graph, values: dict[str, Tensor], name: str, node: GraphNode) -> Tensor | None:
    if not name:
        return None
    if name not in values and name not in graph.constants:
        raise ModelError(f"{node.where}: there is no value {shown(name)}")
    return values[name] if name in values else graph.constants[name]


def apply(node: GraphNode, asked: Node) -> Sequence[Tensor]:
    """Return a node's outputs, exactly: as forms of the circuit that `asked` has, or numbers.

    Raises: as `walked`.
    """
    _supported(node, asked)
    operator = TABLE.get(node.operator)
    act = operator.act if operator else None
    found: Tensor | tuple[Tensor, ...] | None = marked(asked, act)
    if found is None:
        if act is None:
            raise refusal(node.operator, node.name, node.opset, WAYS_OUT[node.operator])
        found = _for_each_batch(asked, act) if _speaks_of_batch(asked) else act(asked)
    made = found if isinstance(found, tuple) else (found,)
    further = [name for name in node.outputs[len(made) :] if name]
    if further:
        asked.refuse(f"its further outputs {shown(sorted(further))} are not supported")
    return made


def _supported(node: GraphNode, asked: Node) -> None:
    kind = node.operator
    if node.domain != (TABLE[kind].domain if kind in TABLE else ""):
        way = WAYS_OUT.get(kind, "operators of other domains are not supported")
        raise refusal(kind, node.name, node.opset, f"domain {shown(node.domain)}: {way}")
    if kind not in TABLE and kind not in LAST:
        way = WAYS_OUT.get(kind, "this operator is not supported")
        if kind not in CONTROL_FLOW and not any(x is not None and x.data for x in asked.inputs):
            way = "it is not evaluated on constants; export the model with its constants folded"
        raise refusal(kind, node.name, node.opset, way)
    versions, attributes = LAST[kind][:2] if kind in LAST else TABLE[kind][1:3]
    if not node.version:
        raise refusal(kind, node.name, node.opset, "this opset does not define it; export with a later one")
    if node.version not in versions:
        raise refusal(kind, node.name, node.opset, f"its definition of opset {node.version} is not known")
    for name, value in node.attributes.items():
        if name not in attributes or isinstance(value, Other):
            raise UnsupportedError(f"{node.where}: attribute {shown(name)} is not supported")


def _unlike(node: GraphNode, inputs: Sequence[Tensor | None]) -> str | None:
    # Two element types where the definition wants one; what is exact does not depend on them.
    kinds: dict[str, int] = {}
    for name, tensor in zip(node.types, inputs, strict=False):
        if name and tensor is not None and kinds.setdefault(name, tensor.kind) != tensor.kind:
            return f"{node.where}: {kind_name(kinds[name])} and {kind_name(tensor.kind)}"
    return None


def _speaks_of_batch(node: Node) -> bool:
    given = [tensor for tensor in node.inputs if tensor is not None]
    return all(not tensor.data for tensor in given) and any(tensor.other is not None for tensor in given)


def _for_each_batch(node: Node, act: Act) -> tuple[Tensor, ...]:
    # Constants that speak of an open size of the batch are evaluated for one and for two.
    made = []
    for k in range(2):
        inputs = tuple(tensor if tensor is None else tensor.at(k) for tensor in node.inputs)
        found = act(replace(node, inputs=tuple(_alone(tensor) for tensor in inputs)))
        made.append(found if isinstance(found, tuple) else (found,))
    return tuple(
        one if np.array_equal(one.values, two.values) else replace(one, other=two.values)
        for one, two in zip(*made, strict=True)
    )


def _alone(tensor: Tensor | None) -> Tensor | None:
    return tensor if tensor is None else replace(tensor, other=None)
