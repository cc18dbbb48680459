"""An ONNX file as an exact network: read, pruned, lowered node by node. Needs the extra `onnx`.

UNTRUSTED. The onnx package parses the file and knows the newest opset; it infers and evaluates nothing.
"""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from memcert.errors import UnsupportedError, UsageError
from memcert.formats.files import read_bounded
from memcert.interop.forms import Circuit, Form
from memcert.interop.imported import Imported
from memcert.interop.last_nodes import Tail, without_tail
from memcert.interop.lowering import LOWERING, lowered
from memcert.interop.nodes import Node, attributes, refusal
from memcert.interop.operators import TABLE, WAYS_OUT
from memcert.interop.preprocessing import Affine
from memcert.interop.refusals import ModelError
from memcert.interop.stored_tensors import FLOATS, Store, digest
from memcert.interop.tensors import Tensor, array, elements
from memcert.kernel.certificate import Model, ModelFile, Number
from memcert.kernel.verdict import shown

OLDEST_OPSET = 7


def read_onnx(
    path: str, rule: str | None, *, output: str | None = None, preprocess: Affine | None = None
) -> Imported:
    """Read an ONNX file and lower it exactly.

    Args:
        path: of the model; external data are read from its folder.
        rule: what the outputs are compared by; `argmax` lets a last Softmax or ArgMax go. None: nothing
            is compared, so that every value of the output is kept, in row-major order, and no node goes.
        output: the name of the output that is meant, where there are several.
        preprocess: applied to every coordinate first.

    Raises:
        UsageError: it cannot be opened, or has not exactly one output and none was named.
        ModelError: it is damaged.
        UnsupportedError: an operator, type or opset that is not lowered; the extra is missing.
        UndecidedError: it is too large.
    """
    content = read_bounded(path)
    onnx = _onnx()
    try:
        proto = onnx.ModelProto.FromString(content)
    except Exception as error:
        raise ModelError(f"{shown(path)}: expected an ONNX model, got {shown(str(error), 80)}") from None
    graph = proto.graph
    if not content or not graph.output:
        raise ModelError(f"{shown(path)}: expected an ONNX model with an output, got none")
    if any(function.domain in ("", "ai.onnx") for function in proto.functions):
        raise UnsupportedError("functions of the model that take the names of operators are not supported")
    opset = _opset(proto, onnx.defs.onnx_opset_version())
    walk = _Walk(graph, opset, Store(Path(path).parent), preprocess or Affine(1, 0))
    name, tail = _chosen(graph, output), Tail("", ())
    if rule == "argmax":
        tail = without_tail(graph, name, opset)
    result = walk.value(tail.name or name)
    tail.confirm(result, opset)
    network = lowered(walk.circuit, _output_forms(result, rule))
    files = (ModelFile(Path(path).name, digest(content)), *walk.store.files())
    options = {"preprocess": str(preprocess) if preprocess else None, "output": output}
    given: dict[str, Any] = {key: value for key, value in options.items() if value is not None}
    notes = (*walk.notes, *tail.notes())
    return Imported(network, Model(Path(path).name, f"ONNX, opset {opset}", files, LOWERING, given, notes))


def _onnx() -> Any:
    try:
        return importlib.import_module("onnx")
    except ImportError:
        raise UnsupportedError("ONNX models need the package onnx: pip install 'memcert[onnx]'") from None


def _opset(proto: Any, newest: int) -> int:
    found = [int(entry.version) for entry in proto.opset_import if entry.domain in ("", "ai.onnx")]
    if len(found) != 1:
        raise ModelError(f"expected one version of the ONNX operators, got {found}")
    if not OLDEST_OPSET <= found[0] <= newest:
        raise UnsupportedError(f"opset {found[0]}: expected {OLDEST_OPSET} to {newest}")
    return found[0]


def _chosen(graph: Any, output: str | None) -> str:
    names = [str(value.name) for value in graph.output]
    if output is None and len(names) != 1:
        raise UsageError(f"--output: the model has several outputs: {shown(names)}")
    if output is not None and output not in names:
        raise UsageError(f"--output: expected one of {shown(names)}, got {shown(output)}")
    return names[0] if output is None else output


def _output_forms(result: Tensor, rule: str | None) -> Sequence[Form]:
    if not result.data:
        raise UnsupportedError("the model's output does not depend on its input")
    forms = result.forms()
    if not forms:
        raise UnsupportedError(f"the model's output of shape {list(result.shape)} holds no value")
    if rule is None:
        return forms
    if sum(n != 1 for n in result.shape) > 1:
        raise UnsupportedError(f"expected an output of one value a class, got the shape {list(result.shape)}")
    if (len(forms) > 1) != (rule == "argmax"):
        expected = "two outputs or more" if rule == "argmax" else "one output"
        raise UsageError(f"rule {rule}: expected {expected}, the model has {len(forms)}")
    return forms


class _Walk:
    """Evaluates the nodes that an output needs, in the order of the file; no recursion."""

    def __init__(self, graph: Any, opset: int, store: Store, preprocess: Affine) -> None:
        self.graph, self.opset, self.store = graph, opset, store
        self.notes: tuple[str, ...] = ()
        self.stored = {tensor.name: tensor for tensor in graph.initializer}
        if len(self.stored) != len(graph.initializer):
            raise ModelError("two initializers have the same name")
        sparse = {tensor.values.name for tensor in graph.sparse_initializer}
        if sparse:
            raise UnsupportedError(f"sparse initializers are not supported: {shown(sorted(sparse))}")
        self.values: dict[str, Tensor] = {}
        self.batch: int | None = None
        self.circuit = Circuit(0)
        self._read_input(preprocess)

    def _read_input(self, preprocess: Affine) -> None:
        inputs = [value for value in self.graph.input if value.name not in self.stored]
        named = sorted(value.name for value in self.graph.input if value.name in self.stored)
        if named:
            self.notes = (f"initializers that are listed as inputs are constants: {', '.join(named)}"[:500],)
        if len(inputs) != 1:
            raise UnsupportedError(f"expected a model with one input, got {len(inputs)}")
        shape, kind = self._shape(inputs[0])
        size = elements(shape)
        self.circuit = Circuit(size)
        forms = [Form({i: preprocess.factor}, preprocess.shift) for i in range(size)]
        self.values[inputs[0].name] = Tensor(array(forms, shape), True, kind)

    def _shape(self, value: Any) -> tuple[tuple[int, ...], int]:
        name, declared = shown(value.name), value.type.tensor_type
        kind = int(declared.elem_type)
        if kind not in FLOATS:
            raise UnsupportedError(f"input {name}: expected a float tensor, got element type {kind}")
        dims = [int(d.dim_value) if d.HasField("dim_value") else None for d in declared.shape.dim]
        rest = [n for n in dims[1:] if n is not None]
        if len(dims) < 2 or len(rest) != len(dims) - 1 or any(n < 1 for n in rest):
            shape = ["?" if n is None else n for n in dims]
            raise UnsupportedError(f"input {name}: expected the batch, then known dimensions, got {shape}")
        self.batch = dims[0]
        return (1, *rest), kind

    def value(self, name: str) -> Tensor:
        """Return the value of that name, evaluating what it needs and nothing else."""
        self._unique()
        needed, nodes = {name}, []
        for node in reversed(self.graph.node):
            if any(made and made in needed for made in node.output):
                needed.update(node.input)
                nodes.append(node)
        for node in reversed(nodes):
            wanted = {made for made in node.output[1:] if made in needed and made}
            if wanted:
                reason = f"its further outputs {shown(sorted(wanted))} are not supported"
                raise refusal(node.op_type, _name(node), self.opset, reason)
            self.values[node.output[0]] = self._evaluated(node)
        return self._known(name, "the graph's output")

    def _unique(self) -> None:
        seen = set(self.stored) | set(self.values)
        for node in self.graph.node:
            for made in node.output:
                if made and made in seen:
                    raise ModelError(f"the name {shown(made)} is given to two values")
                seen.add(made)

    def _known(self, name: str, where: str) -> Tensor:
        if name not in self.values:
            if name not in self.stored:
                raise ModelError(
                    f"{where}: the value {shown(name)} is not made before it is used: a cycle, nodes out of "
                    "order, or no such value"
                )
            self.values[name] = self.store.decode(self.stored[name], name)
        return self.values[name]

    def _evaluated(self, proto: Any) -> Tensor:
        name, kind = _name(proto), str(proto.op_type)
        if proto.domain not in ("", "ai.onnx"):
            way = WAYS_OUT.get(kind, "operators of other domains are not supported")
            raise refusal(kind, name, self.opset, f"domain {shown(proto.domain)}: {way}")
        if kind == "Constant":
            return self._constant(proto, name)
        operator = TABLE.get(kind)
        if operator is None:
            raise refusal(kind, name, self.opset, WAYS_OUT.get(kind, "this operator is not supported"))
        where = f"operator {shown(kind)}, node {shown(name)}, opset {self.opset}"
        given = attributes(proto, operator.attributes, where)
        inputs = tuple(self._known(source, where) if source else None for source in proto.input)
        return operator.act(Node(kind, name, self.opset, inputs, given, self.circuit, self.batch))

    def _constant(self, proto: Any, name: str) -> Tensor:
        where = f"operator 'Constant', node {shown(name)}, opset {self.opset}"
        known = ("value", "value_float", "value_floats", "value_int", "value_ints")
        given = attributes(proto, known, where)
        if len(given) != 1:
            raise ModelError(f"{where}: expected one value, got {len(given)}")
        ((key, value),) = given.items()
        if key == "value":
            return self.store.decode(value, name)
        numbers: list[Number] = value if isinstance(value, list) else [value]
        shape = (len(numbers),) if isinstance(value, list) else ()
        return Tensor(array(numbers, shape), False, 1 if "float" in key else 7)


def _name(proto: Any) -> str:
    return str(proto.name or next(iter(proto.output), ""))
