"""Last nodes that change no decision: Softmax, LogSoftmax, ArgMax, Sigmoid, and 1 - p beside p.

UNTRUSTED. Such a node passes the values before it on, marked; a marked value may be reshaped, and else
only be the output. `argmax` reads the order of the classes, which softmax keeps; `sign` reads whether a
probability is above 1/2, which is where the value before the sigmoid is positive.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from memcert.errors import UnsupportedError
from memcert.interop.chain import confirm_outputs
from memcert.interop.forms import Form
from memcert.interop.onnx.casts import holds_integers
from memcert.interop.onnx.nodes import Node
from memcert.interop.stored_tensors import FLOATS, INTEGERS, kind_name
from memcert.interop.tensors import Tensor, array
from memcert.kernel.verdict import shown

Act = Callable[[Node], Tensor | tuple[Tensor, ...]]
AXIS_LAST = 13
"""The first version whose Softmax works along one axis, by default the last."""
SOFT = ("Softmax", "LogSoftmax")
_MOVES = ("Identity", "Dropout", "Cast", "Flatten", "Reshape", "Squeeze", "Unsqueeze")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a tensor holds instead of the values that the file says.

    Args:
        kind: `order`: values whose order is that of the values meant; `probability`: z, meant is
            1/(1 + exp(-z)); `pair`: -z and z, meant are 1 - p and p; `index`: values, meant is the index
            of the largest; `pair index`: -z and z, meant is the index of the larger of 1 - p and p.
        dropped: operator and node, the last first.
    """

    kind: str
    dropped: tuple[tuple[str, str], ...]


def marked(node: Node, act: Act | None) -> Tensor | None:
    """Return the marked result of a node that is dropped, or that meets a marked value; None: it is neither.

    Args:
        node: with its inputs.
        act: how its operator is lowered, if it is.

    Raises:
        UnsupportedError: what it does with the marked value is not known to keep the decision.
    """
    x = node.optional(0)
    met = [tensor for tensor in node.inputs if tensor is not None and tensor.mark is not None]
    if not met and (x is None or not x.data):
        return None
    if node.operator in (*SOFT, "Sigmoid") and (not met or (node.operator in SOFT and _kind(x) == "order")):
        return _activated(node, node.input(0))
    if not met and node.operator == "ArgMax":
        return _indexed(node, node.input(0), "index")
    return _met(node, met[0], act) if met else None


def _kind(x: Tensor | None) -> str:
    return x.mark.kind if x is not None and x.mark is not None else ""


def _dropped(node: Node, *before: Tensor) -> tuple[tuple[str, str], ...]:
    earlier = dict.fromkeys(entry for tensor in before if tensor.mark for entry in tensor.mark.dropped)
    return ((node.operator, node.name), *earlier)


def _activated(node: Node, x: Tensor) -> Tensor:
    if node.operator == "Sigmoid":
        return replace(x, mark=Mark("probability", _dropped(node, x)))
    new = node.version >= AXIS_LAST
    axis = node.axis(node.integer("axis", -1 if new else 1), len(x.shape))
    # Before, all dimensions from the axis on were one.
    size = x.shape[axis] if new else max(x.shape[axis:], default=1)
    if (axis == 0 and node.batched(x)) or size != prod(x.shape):
        node.refuse(f"axis {axis} of the shape {list(x.shape)}: expected the class axis")
    return replace(x, mark=Mark("order", _dropped(node, x)))


def _indexed(node: Node, x: Tensor, kind: str) -> Tensor:
    axis = node.axis(node.integer("axis", 0), len(x.shape))
    if (axis == 0 and node.batched(x)) or x.shape[axis] != prod(x.shape):
        node.refuse(f"axis {axis} of the shape {list(x.shape)}: expected the class axis")
    return replace(x, mark=Mark(kind, _dropped(node, x)))


def _met(node: Node, x: Tensor, act: Act | None) -> Tensor:
    kind = _kind(x)
    if node.operator in _MOVES and node.optional(0) is x and act is not None:
        return _moved(node, x, act)
    if node.operator == "ArgMax" and kind in ("order", "probability", "pair"):
        return _indexed(node, x, "pair index" if kind == "pair" else "index")
    if node.operator == "Sub" and kind == "probability" and node.optional(1) is x:
        one = node.input(0)
        alike = one.values.size == 1 and len(one.shape) <= len(x.shape)
        if not one.data and alike and one.values.item() == 1:
            flipped = node.each(x, lambda form: node.circuit.combined(((-1, form),)))
            return replace(flipped, mark=Mark("probability", _dropped(node, x)))
    if node.operator == "Concat" and len(node.inputs) == 2:
        return _paired(node, node.input(0), node.input(1))
    if node.operator == "ArrayFeatureExtractor":
        node.refuse("it looks up names of classes; --output names the output of the probabilities")
    operator, name = x.mark.dropped[0]
    raise node.refusal(
        f"it reads what {operator} {shown(name)} makes; {operator} is exact only as the last node of a "
        "classifier, over the classes"
    )


def _moved(node: Node, x: Tensor, act: Act) -> Tensor:
    # Shapes of an index are not looked at: its values are held in another shape.
    if x.mark.kind in ("index", "pair index"):
        to = node.integer("to", 0)
        if node.operator == "Cast" and not (
            to in (*FLOATS, *INTEGERS) and holds_integers(to, 0, x.values.size - 1)
        ):
            node.refuse(f"element type {kind_name(to)} does not hold the index of each class")
        return x
    moved = act(replace(node, inputs=(replace(x, mark=None), *node.inputs[1:])))
    return replace(moved if isinstance(moved, Tensor) else moved[0], mark=x.mark)


def _paired(node: Node, first: Tensor, second: Tensor) -> Tensor:
    a, b = first.forms(), second.forms()
    opposite = (
        _kind(first) == _kind(second) == "probability"
        and len(a) == len(b) == 1
        and node.integer("axis", 0) in (1, -1)
        and len(first.shape) == 2
        and not node.circuit.combined(((1, a[0]), (1, b[0]))).terms
        and not node.circuit.combined(((1, a[0]), (1, b[0]))).constant
    )
    if not opposite:
        node.refuse("it joins probabilities that are not 1 - p and p of one value")
    values = array((a[0], b[0]), (1, 2))
    return Tensor(values, True, second.kind, None, Mark("pair", _dropped(node, first, second)))


def decided(result: Tensor, rule: str | None) -> Sequence[Form]:
    """Return the outputs that the rule reads, without what was dropped.

    Args:
        result: the output's value.
        rule: equal, sign, argmax or within; None: nothing is compared, so that every value is kept, in
            row-major order, and no node is dropped.

    Raises:
        UnsupportedError: the rule needs what was dropped, or the output is no list of values.
        UsageError: the rule does not fit the number of outputs.
    """
    kind, forms = _kind(result), result.forms()
    if not forms:
        raise UnsupportedError(f"the model's output of shape {list(result.shape)} holds no value")
    if rule is None and not kind:
        return forms
    asked = "no rule" if rule is None else f"rule {rule}"
    if kind.startswith("pair"):
        if rule != "sign":
            raise UnsupportedError(
                f"{asked}: the output is 1 - p and p of one sigmoid; --rule sign asks whether p > 1/2"
            )
        forms = forms[1:]
    elif kind and rule not in (("argmax", "sign") if kind == "probability" else ("argmax",)):
        operator, name = result.mark.dropped[0]
        raise UnsupportedError(
            f"{asked}: operator {shown(operator)}, node {shown(name)} "
            "is exact only as the last node of a classifier, for the rule "
            f"{'argmax or sign' if kind == 'probability' else 'argmax'}"
        )
    elif sum(n != 1 for n in result.shape) > 1:
        raise UnsupportedError(f"expected an output of one value a class, got the shape {list(result.shape)}")
    confirm_outputs(len(forms), rule)
    return forms


def notes(mark: Any, rule: str | None) -> tuple[str, ...]:
    """Return what was dropped, and what that means for ties. Raises: never."""
    if mark is None:
        return ()
    names = ", ".join(f"{operator} {shown(node)}" for operator, node in mark.dropped)
    if rule == "sign":
        return (
            f"dropped, as they change no decision of sign: {names}; the probability is above 1/2 where the "
            "output is positive, 1/2 itself fails, and a sigmoid in floating point may give 1/2 where this "
            "output is not 0",
        )
    told = f"dropped, as they change no decision of argmax: {names}; a tie fails"
    rounded = [operator for operator, _ in mark.dropped if operator in (*SOFT, "Sigmoid")]
    if rounded:
        told += f", and {rounded[-1]} in floating point may tie where these outputs do not"
    return (told,)
