"""The exact walk over a graph: each node's value as affine forms of inputs and ReLU neurons.

UNTRUSTED; tests compare the outcome with an independent evaluator of the graph.
"""

from typing import Any

from memcert.errors import UnsupportedError
from memcert.interop.forms import Circuit
from memcert.interop.onnx.attributes import Other
from memcert.interop.onnx.graph import Graph, GraphNode
from memcert.interop.onnx.nodes import Node, refusal
from memcert.interop.onnx.operators import TABLE, WAYS_OUT
from memcert.interop.preprocessing import Affine
from memcert.interop.stored_tensors import FLOATS
from memcert.interop.tensors import Tensor, array, elements
from memcert.kernel.verdict import shown


def walked(graph: Graph, preprocess: Affine, wanted: str) -> tuple[Circuit, Tensor]:
    """Return the circuit of the nodes that `wanted` needs, and its value.

    Args:
        graph: of plain nodes.
        preprocess: applied to every coordinate first.
        wanted: the name of a value: the graph's output, or one before it.

    Raises:
        ModelError: the graph contradicts itself.
        UnsupportedError: what cannot be exact, or is not known.
        UndecidedError: it is too large.
    """
    if graph.input is None:
        raise UnsupportedError("the model's output does not depend on its input")
    given = graph.input
    if given.kind not in FLOATS:
        raise UnsupportedError(
            f"input {shown(given.name)}: expected a float tensor, got element type {given.kind}"
        )
    circuit = Circuit(elements(given.shape))
    pairs = preprocess.coefficients(given.shape[1:])
    forms = [circuit.affine(i, factor, shift) for i, (factor, shift) in enumerate(pairs)]
    values = {given.name: Tensor(array(forms, given.shape), True, given.kind)}

    def known(name: str) -> Tensor:
        return values[name] if name in values else graph.constants[name]

    for node in graph.nodes:
        if wanted in values:
            break
        inputs = tuple(known(name) if name else None for name in node.inputs)
        values[node.outputs[0]] = _evaluated(node, inputs, circuit, given.batch)
    return circuit, known(wanted)


def _evaluated(node: GraphNode, inputs: Any, circuit: Circuit, batch: int | None) -> Tensor:
    kind = node.operator
    if node.domain:
        way = WAYS_OUT.get(kind, "operators of other domains are not supported")
        raise refusal(kind, node.name, node.opset, f"domain {shown(node.domain)}: {way}")
    operator = TABLE.get(kind)
    if operator is None:
        raise refusal(kind, node.name, node.opset, WAYS_OUT.get(kind, "this operator is not supported"))
    for name, value in node.attributes.items():
        if name not in operator.attributes or isinstance(value, Other):
            raise UnsupportedError(f"{node.where}: attribute {shown(name)} is not supported")
    further = [name for name in node.outputs[1:] if name]
    if further:
        reason = f"its further outputs {shown(sorted(further))} are not supported"
        raise refusal(kind, node.name, node.opset, reason)
    return operator.act(Node(kind, node.name, node.opset, inputs, node.attributes, circuit, batch))
