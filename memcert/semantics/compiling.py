"""From a graph to a program, node by node: what each node's operations are in floats, in their order.

UNTRUSTED. Values that depend on no input are evaluated exactly and rounded once; where floats could make
something else of them, the node is refused. What moves values only is found by asking the exact lowering
where each goes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from memcert.errors import UnsupportedError
from memcert.interop.bits import SINGLE, nearest
from memcert.interop.forms import Circuit
from memcert.interop.named_tensors import LAYOUTS
from memcert.interop.onnx.graph import Graph, GraphNode
from memcert.interop.onnx.nodes import Node
from memcert.interop.onnx.operators import LAST
from memcert.interop.onnx.walk import apply
from memcert.interop.preprocessing import Affine
from memcert.interop.stored_tensors import FLOATS
from memcert.interop.tensors import Tensor, array
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown
from memcert.semantics.formula import preprocessed
from memcert.semantics.program import Constant, Gather, Held, Index, Input, Numbers, Program

Value = Held | Tensor
MOVES = (
    *("ArrayFeatureExtractor", "Concat", "Dropout", "Expand", "Flatten", "Gather", "Identity", "Pad"),
    *("Reshape", "Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze", "Where"),
)
"""Operators that move values only."""
ANY_SHAPE = (
    *MOVES,
    *("Abs", "Add", "Cast", "CastLike", "Clip", "Div", "HardSigmoid", "LeakyRelu", "MatMul", "Max", "Mean"),
    *("Min", "Mul", "Neg", "PRelu", "Relu", "Sub", "Sum"),
)
"""Operators that need no batch as the first dimension; MatMul where the weight is on the right."""
ROUNDED_ONCE = (
    *("Abs", "Add", "Ceil", "Div", "Equal", "Floor", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"),
    *("Max", "Min", "Mul", "Neg", "Reciprocal", "Relu", "Round", "Sign", "Sqrt", "Sub"),
)
"""Operators that round each of their results once, if at all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A node that is compiled.

    Args:
        node: of the graph.
        inputs: None where an optional one is left out.
        program: what grows.
        batches: sizes of the batch that shapes are looked at for.
    """

    node: GraphNode
    inputs: tuple[Value | None, ...]
    program: Program
    batches: tuple[int, ...]

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the node. Raises: UnsupportedError."""
        raise UnsupportedError(f"--semantics: {self.node.where}: {reason}")

    def held(self, place: int) -> Held:
        """Return an input that depends on the data. Raises: UnsupportedError."""
        found = self.inputs[place] if place < len(self.inputs) else None
        if not isinstance(found, Held):
            self.refuse(f"input {place} does not depend on the data")
        return found

    def optional(self, place: int) -> Value | None:
        """Return an input, or None. Raises: never."""
        return self.inputs[place] if place < len(self.inputs) else None

    def constant(self, place: int) -> Tensor:
        """Return a constant input. Raises: UnsupportedError."""
        found = self.optional(place)
        if not isinstance(found, Tensor):
            self.refuse(f"input {place} is no constant")
        return found

    def add(self, instruction: Any, shape: Sequence[int]) -> Held:
        """Append an instruction whose value has that shape. Raises: never."""
        size = int(np.prod(tuple(shape), dtype=np.int64))
        return Held(self.program.add(instruction, size, shown(self.node.name)), tuple(shape))

    def numbers(self, numbers: Sequence[Number]) -> Held:
        """Append a constant. Raises: never."""
        return self.add(Constant(tuple(numbers)), (1, len(numbers)))

    def gather(self, source: Held, index: Index, shape: Sequence[int]) -> Held:
        """Append a move of one value's elements. Raises: never."""
        if len(index) == source.size and bool((index == np.arange(source.size)).all()):
            return Held(source.value, tuple(shape))
        return self.add(Gather((source.value,), index), shape)

    def exact(self, inputs: Sequence[Tensor | None], circuit: Circuit) -> Node:
        """Return the node as the exact lowering sees it, with other inputs. Raises: never."""
        node = self.node
        return Node(
            node.operator, node.name, node.opset, node.version, tuple(inputs), len(node.outputs),
            node.attributes, circuit, self.batches, None, [],
        )  # fmt: skip

    def atoms(self) -> tuple[list[Held], list[Tensor | None], Circuit]:
        """Return the inputs with each element of the data an atom of its own, in order. Raises: never."""
        held = [x for x in self.inputs if isinstance(x, Held)]
        circuit, start = Circuit(sum(x.size for x in held)), 0
        made: list[Tensor | None] = []
        for x in self.inputs:
            if not isinstance(x, Held):
                made.append(x)
                continue
            forms = [circuit.affine(start + i, 1, 0) for i in range(x.size)]
            made.append(Tensor(array(forms, x.shape), True, 1))
            start += x.size
        return held, made, circuit


Act = Callable[[Asked], tuple[Held, ...] | Held]


def moved(asked: Asked) -> tuple[Held, ...]:
    """Compile a node that moves values: each output element is an input's, or a constant.

    Raises:
        UnsupportedError: it does something else.
    """
    held, inputs, circuit = asked.atoms()
    made = []
    for tensor in apply(asked.node, asked.exact(inputs, circuit)):
        numbers: list[Number] = []
        index = np.empty(tensor.values.size, dtype=np.int64)
        for place, form in enumerate(tensor.forms()):
            if not form.terms:
                index[place] = circuit.inputs + len(numbers)
                numbers.append(form.value)
                continue
            ((atom, weight),) = form.terms.items() if len(form.terms) == 1 else ((-1, 0),)
            if atom < 0 or weight != form.denominator or form.constant:
                asked.refuse("it does not only move values")
            index[place] = atom
        sources = [x.value for x in held]
        if numbers:
            sources.append(asked.numbers(numbers).value)
        if len(sources) == 1 and not numbers:
            made.append(asked.gather(held[0], index, tensor.shape))
        else:
            made.append(asked.add(Gather(tuple(sources), index), tensor.shape))
    return tuple(made)


def lanes(asked: Asked, act: Callable[[Node], Tensor]) -> tuple[Held, Index, tuple[int, ...]]:
    """Return where the elements of each sum of a node stand, ascending.

    Args:
        asked: a node that sums along dimensions, or takes extremes along them.
        act: the exact lowering of the sum along the same dimensions.

    Returns:
        The source; indices of shape (outputs, terms); the shape of the result.

    Raises:
        UnsupportedError: a sum of no elements, or of different numbers of them.
    """
    held, inputs, circuit = asked.atoms()
    tensor = act(asked.exact(inputs, circuit))
    rows = [sorted(form.terms) for form in tensor.forms()]
    if len(held) != 1 or not rows or len({len(row) for row in rows}) != 1 or not rows[0]:
        asked.refuse("a sum of no elements")
    return held[0], np.array(rows, dtype=np.int64), tensor.shape


def compiled(graph: Graph, preprocess: Affine | None, acts: dict[str, Act]) -> Program:
    """Return the program of a graph's output.

    Args:
        graph: of plain nodes; the exact lowering accepts it.
        preprocess: applied to every coordinate first, step by step.
        acts: how each operator is compiled.

    Raises:
        UnsupportedError: a node that floats compute in a way that is not known here.
        ModelError, UndecidedError, UsageError: as the exact lowering.
    """
    if graph.input is None:
        raise UnsupportedError("--semantics: the model's output does not depend on its input")
    program = Program()
    shape = graph.input.shape
    size = int(np.prod(shape, dtype=np.int64))
    row = Held(program.add(Input(size), size, "input"), shape)
    first = row if preprocess is None else preprocessed(program, row, preprocess)
    values: dict[str, Value] = {graph.input.name: first}
    batches = (1, 2) if graph.input.batch is None else (graph.input.batch,)
    dropped: list[str] = []
    kinds: set[int] = set()
    for node in graph.nodes:
        inputs = tuple(
            None if not name else values.get(name) or graph.constants[name] for name in node.inputs
        )
        kinds.update(x.kind for x in inputs if isinstance(x, Tensor) and x.kind in FLOATS)
        asked = Asked(node, inputs, program, batches)
        made = _node(asked, acts, dropped)
        values.update((name, value) for name, value in zip(node.outputs, made, strict=False) if name)
    result = values.get(graph.output)
    if not isinstance(result, Held):
        raise UnsupportedError("--semantics: the model's output does not depend on its input")
    program.output = result.value
    layouts = [FLOATS[kind] for kind in kinds]
    program.stored = tuple(sorted(name for name, layout in LAYOUTS.items() if layout in layouts))
    if dropped:
        program.notes = (f"judged on what goes into the last nodes: {', '.join(dropped)}",)
    return program


def _node(asked: Asked, acts: dict[str, Act], dropped: list[str]) -> Sequence[Value]:
    node = asked.node
    last = [x for x in asked.inputs if isinstance(x, Held) and x.last]
    held = [x for x in asked.inputs if isinstance(x, Held)]
    if (node.operator in LAST and held) or last:
        # The exact walk has confirmed that what follows changes no decision.
        dropped.append(f"{node.operator} {shown(node.name)}")
        one = (last or held)[0]
        return [Held(one.value, one.shape, last=True)] * max(len(node.outputs), 1)
    if not held:
        return _constants(asked)
    if node.operator in ("Shape", "Size"):
        _, inputs, circuit = asked.atoms()
        return apply(node, asked.exact(inputs, circuit))
    act = acts.get(node.operator)
    if act is None:
        asked.refuse("its arithmetic in floats is not known here")
    # Where the file fixes a batch of one the exact lowering takes values of any shape.
    fits = node.operator in ANY_SHAPE and (node.operator != "MatMul" or isinstance(asked.inputs[0], Held))
    if not fits and any(x.shape[:1] != (1,) for x in held):
        asked.refuse(
            "its floats are known only where the batch is the first dimension of its input; export the model "
            "so, or ask without --semantics"
        )
    made = act(asked)
    return made if isinstance(made, tuple) else (made,)


def _constants(asked: Asked) -> Sequence[Value]:
    given = [x for x in asked.inputs if isinstance(x, Tensor)]
    node = asked.exact([x if isinstance(x, Tensor) else None for x in asked.inputs], Circuit(0))
    made = apply(asked.node, node)
    stored = [x for x in given if x.kind in FLOATS]
    if not stored or asked.node.operator in (*MOVES, "Cast", "CastLike", "Constant"):
        # Moved, made of integers, or rounded once, as the graph says.
        return made
    tensors = [*stored, *(x for x in made if x.kind in FLOATS)]
    # One operation whose result is a float in each precision is what each of them computes.
    if asked.node.operator not in ROUNDED_ONCE or not all(_short(x) for x in tensors):
        asked.refuse("it computes constants in floats; export the model with its constants folded")
    return made


def _short(tensor: Tensor) -> bool:
    return all(nearest(x, SINGLE) == x for x in tensor.values.ravel().tolist())


def spread(asked: Asked, shapes: Sequence[tuple[int, ...]]) -> tuple[list[Index], tuple[int, ...]]:
    """Return, for each of several shapes, where the elements of their broadcast shape come from.

    Raises:
        UnsupportedError: shapes do not fit.
    """
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        asked.refuse(f"shapes {', '.join(str(list(s)) for s in shapes)} do not fit")
    flat = []
    for one in shapes:
        places = np.arange(int(np.prod(one, dtype=np.int64)), dtype=np.int64).reshape(one)
        flat.append(np.broadcast_to(places, shape).ravel())
    return flat, tuple(int(n) for n in shape)


def operands(asked: Asked, values: Sequence[Value]) -> tuple[list[Held], tuple[int, ...]]:
    """Return the operands of an elementwise node as values of the program, broadcast to one shape.

    Raises:
        UnsupportedError: shapes do not fit, or a constant has another row for each sample.
    """
    shapes = [value.shape for value in values]
    indices, shape = spread(asked, shapes)
    if asked.batches != (1,) and (not shape or shape[0] != 1):
        asked.refuse("a constant that differs from row to row")
    made = []
    for value, index in zip(values, indices, strict=True):
        if isinstance(value, Held):
            made.append(asked.gather(value, index, shape))
        else:
            flat = value.values.ravel().tolist()
            made.append(asked.numbers([flat[i] for i in index.tolist()]))
    return made, shape


def matrix(values: Any) -> tuple[Numbers, ...]:
    """Return a two-dimensional array of numbers as rows. Raises: never."""
    return tuple(tuple(row) for row in values.tolist())
