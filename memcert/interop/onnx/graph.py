"""An ONNX file as a graph of plain nodes: functions inlined, pruned to one output, in order.

UNTRUSTED. The onnx package parses the file and knows the newest opset; it infers and evaluates
nothing. The graph knows no operator but Constant; what a node means is for its readers to say.
"""

import importlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memcert.errors import UndecidedError, UnsupportedError, UsageError
from memcert.formats.files import read_bounded
from memcert.interop.onnx.attributes import Value, plain
from memcert.interop.onnx.constants import Constants, without_constants
from memcert.interop.onnx.functions import MAX_NODES, OURS, Step, inlined, steps_of, versions_of
from memcert.interop.onnx.inputs import Dimension, GraphInput, read_input
from memcert.interop.onnx.order import needed
from memcert.interop.onnx.ports import Ports, joined
from memcert.interop.onnx.schemas import Schemas, fits
from memcert.interop.refusals import ZIPMAP, ModelError
from memcert.interop.stored_tensors import Store, digest
from memcert.interop.tensors import Tensor
from memcert.kernel.certificate import ModelFile
from memcert.kernel.verdict import shown

OLDEST_OPSET = 7
"""Before it, broadcasting was another."""


@dataclass(frozen=True, slots=True, eq=False)
class GraphNode:
    """A node.

    Args:
        operator: its operator's name.
        domain: of the operator; empty for those of ONNX.
        name: its name in the file, else its first output's; of a function, behind the call's.
        opset: the version of the operators of its domain; 0 where the file names none.
        version: the opset that defined this operator; 0 where the onnx package does not know it.
        inputs: names of values; empty where an optional one is left out.
        outputs: names of values; empty where nothing reads one.
        attributes: exact numbers, tuples of them, texts, tensors.
        types: what the definition calls the type of each input; those of one name are of one type.
    """

    operator: str
    domain: str
    name: str
    opset: int
    version: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Value]
    types: tuple[str, ...]

    @property
    def where(self) -> str:
        """What messages call the node. Raises: never."""
        return f"operator {shown(self.operator)}, node {shown(self.name)}, opset {self.opset}"


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """What a file says that one of its outputs is.

    Args:
        name: of the file.
        opset: of the ONNX operators.
        input: the one input that the output needs; None: it needs none.
        outputs: the names of all outputs of the file.
        output: the name of the value that is meant, one of them.
        nodes: what it needs, each after what it reads.
        constants: the stored tensors.
        notes: what was done to the file, to be told.
    """

    name: str
    opset: int
    input: GraphInput | None
    outputs: tuple[str, ...]
    output: str
    nodes: tuple[GraphNode, ...]
    constants: Mapping[str, Tensor]
    notes: tuple[str, ...]
    _main: ModelFile
    _store: Store

    def files(self) -> tuple[ModelFile, ...]:
        """Return the digests of the file and of the external data that was read so far. Raises: never."""
        return (self._main, *self._store.files())


def read_graph(
    source: str | bytes,
    *,
    output: str | None = None,
    input_shape: Sequence[Dimension] | None = None,
    content: bytes | None = None,
    ports: Ports | None = None,
) -> Graph:
    """Read an ONNX file.

    Args:
        source: the path of the file, external data are read from its folder; or its bytes.
        output: the name of the output that is meant, where there are several.
        input_shape: of the input, batch first, for dimensions that the file leaves open; None:
            as the file says.
        content: the bytes of the file at that path, where they were read already.
        ports: several inputs, outputs or named values that are meant together, as one of each; None: the
            input and the output.

    Raises:
        UsageError: it cannot be opened, has not exactly one output and none was named, or the shape
            is not the file's.
        ModelError: it is damaged.
        UnsupportedError: an opset or type that is not read; the extra is missing.
        UndecidedError: it is too large.
    """
    if content is None:
        content = source if isinstance(source, bytes) else read_bounded(source)
    name = "model" if isinstance(source, bytes) else Path(source).name
    onnx = _onnx()
    proto = _parsed(onnx, content, name)
    if ports is not None:
        if input_shape is not None and len(ports.inputs) > 1:
            raise UsageError("--input-shape: is for one input; of several, the declared shapes are taken")
        proto, output = joined(onnx, proto, ports, output), None
    graph = proto.graph
    versions = versions_of(proto.opset_import)
    newest = onnx.defs.onnx_opset_version()
    opset = _opset(versions.get(""), newest)
    store = Store(None if isinstance(source, bytes) else Path(source).parent)
    stored = {str(tensor.name): tensor for tensor in graph.initializer}
    sparse = frozenset(str(tensor.values.name) for tensor in graph.sparse_initializer)
    if len(stored) + len(sparse) != len(graph.initializer) + len(graph.sparse_initializer):
        raise ModelError("two initializers have the same name")
    free = {str(value.name): value for value in graph.input if value.name not in stored}
    chosen = _chosen(graph, output)
    known = {*stored, *sparse, *free}
    if len(graph.node) > MAX_NODES:
        raise UndecidedError(f"the model has more than {MAX_NODES:,} nodes, the most that are read")
    steps = needed(steps_of(graph.node, versions), chosen, known)
    if proto.functions:
        steps = needed(inlined(steps, proto.functions), chosen, known)
    read = {name for step in steps for name in step.inputs} | {chosen}
    steps, values = without_constants(steps, store)
    schemas = Schemas(onnx)
    nodes = tuple(_node(step, read, store, schemas) for step in steps)
    return Graph(
        name,
        opset,
        read_input([value for name, value in free.items() if name in read], input_shape),
        tuple(str(value.name) for value in graph.output),
        chosen,
        nodes,
        Constants(store, {**stored, **values}, sparse),
        _notes(graph, stored, [name for name in free if name not in read]),
        ModelFile(name, digest(content)),
        store,
    )


def _onnx() -> Any:
    try:
        return importlib.import_module("onnx")
    except ImportError:
        raise UnsupportedError("ONNX models need the package onnx: pip install 'memcert[onnx]'") from None


def _parsed(onnx: Any, content: bytes, name: str) -> Any:
    try:
        proto = onnx.ModelProto.FromString(content)
    except Exception as error:
        raise ModelError(f"{shown(name)}: expected an ONNX model, got {shown(str(error), 80)}") from None
    if not content or not proto.graph.output:
        raise ModelError(f"{shown(name)}: expected an ONNX model with an output, got none")
    return proto


def _opset(found: int | None, newest: int) -> int:
    if found is None:
        raise ModelError("expected one version of the ONNX operators, got none")
    if not OLDEST_OPSET <= found <= newest:
        raise UnsupportedError(f"opset {found}: expected {OLDEST_OPSET} to {newest}")
    return found


def _chosen(graph: Any, output: str | None) -> str:
    names = [str(value.name) for value in graph.output]
    if output is None and len(names) != 1:
        zipped = any(node.op_type == "ZipMap" for node in graph.node)
        way = f"; that of ZipMap is no tensor: {ZIPMAP}" if zipped else ""
        raise UsageError(f"--output: the model has several outputs: {shown(names)}{way}")
    if output is not None and output not in names:
        raise UsageError(
            f"--output: expected one of {shown(names)}, outputs of the model, got {shown(output)}"
        )
    chosen = names[0] if output is None else output
    if not chosen:
        raise ModelError("the graph's output has no name")
    return chosen


def _notes(graph: Any, stored: Mapping[str, Any], unused: Sequence[str]) -> tuple[str, ...]:
    notes = []
    listed = sorted(str(value.name) for value in graph.input if value.name in stored)
    if listed:
        notes.append(f"initializers that are listed as inputs are constants: {', '.join(listed)}"[:500])
    if unused:
        notes.append(f"inputs that the output does not need are left out: {', '.join(unused)}"[:500])
    return tuple(notes)


def _node(step: Step, read: Collection[str], store: Store, schemas: Schemas) -> GraphNode:
    domain = "" if step.proto.domain in OURS else str(step.proto.domain)
    operator, opset = str(step.proto.op_type), step.versions.get(domain, 0)
    where = f"operator {shown(operator)}, node {shown(step.name)}, opset {opset}"
    schema = schemas.of(domain, operator, opset)
    if schema is not None:
        fits(step, schema, where)
    outputs = tuple(name if name in read else "" for name in step.outputs)
    given = plain(step.proto.attribute, step.bound, store, where, finite=not domain)
    version, types = 0, tuple[str, ...]()
    if schema is not None:
        version, types = schema.version, schema.types_of(len(step.inputs))
    return GraphNode(operator, domain, step.name, opset, version, step.inputs, outputs, given, types)
