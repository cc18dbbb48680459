"""A graph with several inputs, outputs or values asked for by name, rewritten to one input and one output.

UNTRUSTED. Nothing is computed by what is added: elements are picked, put into their shapes, and joined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from memcert.errors import UnsupportedError
from memcert.interop.refusals import ModelError
from memcert.kernel.verdict import shown

_PREFIX = "memcert.ports"


@dataclass(frozen=True, slots=True)
class Port:
    """A tensor that goes in or comes out.

    Args:
        label: what messages call it.
        shape: as whoever asks has it.
        name: of a value, or of a node that makes one; None: the input or output at this place.
    """

    label: str
    shape: tuple[int, ...]
    name: str | None = None

    @property
    def count(self) -> int:
        """The number of elements. Raises: never."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Ports:
    """What goes in and what comes out, each flattened in row-major order, one behind the other."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def joined(onnx: Any, proto: Any, ports: Ports, output: str | None) -> Any:
    """Return a model of one input and one output.

    Args:
        onnx: the package.
        proto: a ModelProto; it is left as it is.
        ports: all inputs of the model in its order; of outputs those without a name are all outputs in
            their order.
        output: the name of the output that is meant, where one port without a name is.

    Raises:
        ModelError: the model has other inputs, outputs or shapes, or no value of a name.
        UnsupportedError: inputs of several element types.
    """
    made = onnx.ModelProto()
    made.CopyFrom(proto)
    graph = made.graph
    taken = {str(name) for node in graph.node for name in (*node.input, *node.output)}
    taken |= {str(value.name) for value in (*graph.input, *graph.initializer)}
    added = _Added(onnx, taken)
    if len(ports.inputs) > 1:
        _join_inputs(added, graph, ports.inputs)
    values = _values(proto.graph, ports.outputs, output)
    opened = len(ports.inputs) == 1 and _open_batch(graph)
    rows = []
    for port, value in zip(ports.outputs, values, strict=True):
        # A batch that the file leaves open stays the first dimension.
        shape = added.constant([-1 if opened else 1, port.count])
        rows.append(added.value("Reshape", (value, shape)))
    final = added.value("Concat", rows, axis=1)
    graph.initializer.extend(added.constants)
    nodes = [*added.before, *graph.node, *added.nodes]
    del graph.node[:], graph.output[:]
    graph.node.extend(nodes)
    total = sum(port.count for port in ports.outputs)
    graph.output.append(onnx.helper.make_tensor_value_info(final, onnx.TensorProto.FLOAT, [None, total]))
    return made


class _Added:
    """Nodes and constants that are added, under names that the graph has not."""

    def __init__(self, onnx: Any, taken: set[str]) -> None:
        self.onnx, self._taken = onnx, taken
        self.before: list[Any] = []
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def name(self) -> str:
        """Return a new name. Raises: never."""
        place = len(self._taken)
        while f"{_PREFIX}.{place}" in self._taken:
            place += 1
        self._taken.add(f"{_PREFIX}.{place}")
        return f"{_PREFIX}.{place}"

    def constant(self, numbers: Sequence[int]) -> str:
        """Return the name of a stored list of integers. Raises: never."""
        name = self.name()
        kind = self.onnx.TensorProto.INT64
        self.constants.append(self.onnx.helper.make_tensor(name, kind, [len(numbers)], numbers))
        return name

    def value(self, operator: str, inputs: Sequence[str], *, out: str | None = None, **given: int) -> str:
        """Return what a new node makes: behind all others, or before them where it is called `out`.

        Raises:
            never.
        """
        name = self.name() if out is None else out
        node = self.onnx.helper.make_node(operator, list(inputs), [name], name=f"{name}.{operator}", **given)
        (self.nodes if out is None else self.before).append(node)
        return name


def _free(graph: Any) -> list[Any]:
    stored = {str(tensor.name) for tensor in graph.initializer}
    stored |= {str(tensor.values.name) for tensor in graph.sparse_initializer}
    return [value for value in graph.input if str(value.name) not in stored]


def _open_batch(graph: Any) -> bool:
    shapes = [value.type.tensor_type.shape.dim for value in _free(graph)]
    return any(len(dims) > 0 and int(dims[0].dim_value) < 1 for dims in shapes)


def _join_inputs(added: _Added, graph: Any, ports: Sequence[Port]) -> None:
    free = _free(graph)
    if len(free) != len(ports):
        names = shown([str(value.name) for value in free])
        raise ModelError(f"{len(ports)} inputs are declared, the model has {len(free)}: {names}")
    kinds = {int(value.type.tensor_type.elem_type) for value in free}
    if len(kinds) != 1:
        raise UnsupportedError(f"inputs of several element types, as ONNX numbers them: {sorted(kinds)}")
    whole = added.name()
    first = 0
    for port, value in zip(ports, free, strict=True):
        picked = added.name()
        places = added.constant(range(first, first + port.count))
        added.value("Gather", (whole, places), out=picked, axis=1)
        shape = added.constant(_input_shape(port, value))
        added.value("Reshape", (picked, shape), out=str(value.name))
        first += port.count
    kept = [value for value in graph.input if not any(value is other for other in free)]
    del graph.input[:]
    helper = added.onnx.helper
    graph.input.append(helper.make_tensor_value_info(whole, kinds.pop(), [1, first]))
    graph.input.extend(kept)


def _input_shape(port: Port, value: Any) -> list[int]:
    # As the file has it; what it leaves open is as it was declared, else the batch is 1.
    declared = value.type.tensor_type
    dims = [int(d.dim_value) or None for d in declared.shape.dim]
    if not declared.HasField("shape"):
        return list(port.shape)
    if len(dims) == len(port.shape):
        shape = [b if a is None else a for a, b in zip(dims, port.shape, strict=True)]
    else:
        shape = [1 if n is None and not place else n or 0 for place, n in enumerate(dims)]
    if prod(shape) != port.count or 0 in shape:
        got = ["?" if n is None else n for n in dims]
        told = f"{shown(port.label)} is declared {list(port.shape)}, input {shown(str(value.name))} is {got}"
        raise ModelError(told)
    return shape


def _values(graph: Any, ports: Sequence[Port], output: str | None) -> list[str]:
    made = {str(value) for node in graph.node for value in node.output if value}
    made |= {str(value.name) for value in graph.input}
    nodes: dict[str, list[str]] = {}
    for node in graph.node:
        nodes.setdefault(str(node.name), []).append(str(node.output[0]) if node.output else "")
    outputs = [str(value.name) for value in graph.output]
    unnamed = [port for port in ports if port.name is None]
    if output is not None and len(unnamed) == 1:
        if output not in outputs:
            raise ModelError(f"--output: expected one of {shown(outputs)}, got {shown(output)}")
        outputs = [output]
    if len(unnamed) != len(outputs):
        raise ModelError(
            f"{len(unnamed)} outputs are declared, the model has {len(outputs)}: {shown(outputs)}"
        )
    rest = iter(outputs)
    found = []
    for port in ports:
        if port.name is None:
            found.append(next(rest))
        elif port.name in made:
            found.append(port.name)
        elif len(nodes.get(port.name, ())) == 1:
            found.append(nodes[port.name][0])
        else:
            told = f"the model has no value, and no one node, of the name {shown(port.name)}"
            raise ModelError(f"{shown(port.label)}: {told}")
    return found
