"""Last nodes that change no decision of `argmax`: Softmax, LogSoftmax, ArgMax over the classes.

UNTRUSTED. Dropped only where the tensor before them is one row of classes for each sample.
"""

from dataclasses import dataclass

from memcert.errors import UnsupportedError
from memcert.interop.onnx.graph import Graph
from memcert.interop.onnx.nodes import refusal
from memcert.interop.tensors import Tensor
from memcert.kernel.verdict import shown

_SOFT = ("Softmax", "LogSoftmax")
_ALLOWED = {
    "ArgMax": ("axis", "keepdims", "select_last_index"),
    "Softmax": ("axis",),
    "LogSoftmax": ("axis",),
}
AXIS_LAST = 13
"""The first opset whose Softmax works along one axis, by default the last."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The value before the dropped nodes, and these, the last first, as (operator, node, axis)."""

    name: str
    dropped: tuple[tuple[str, str, int], ...]

    def confirm(self, before: Tensor, opset: int) -> None:
        """Refuse unless every dropped node works along the classes. Raises: UnsupportedError."""
        for operator, node, axis in self.dropped:
            if len(before.shape) != 2 or axis not in (1, -1):
                raise refusal(
                    operator,
                    node,
                    opset,
                    f"axis {axis} of the shape {list(before.shape)}: expected the class axis",
                )

    def notes(self) -> tuple[str, ...]:
        """Return what was dropped, and what that means for ties. Raises: never."""
        if not self.dropped:
            return ()
        names = ", ".join(f"{operator} {shown(node)}" for operator, node, _ in self.dropped)
        return (
            f"dropped, as they change no decision of argmax: {names}; a tie fails, and a softmax in "
            "floating point may tie where these outputs do not",
        )


def without_tail(graph: Graph) -> Tail:
    """Return what remains before the last Softmax, LogSoftmax and ArgMax nodes of an output.

    Raises:
        UnsupportedError: an attribute of theirs is unknown.
    """
    makers = {node.outputs[0]: node for node in graph.nodes}
    dropped: list[tuple[str, str, int]] = []
    name = graph.output
    while name in makers:
        node = makers[name]
        first = node.operator == "ArgMax" and not dropped
        if node.domain or not (first or node.operator in _SOFT) or len(node.inputs) != 1:
            break
        for key, value in node.attributes.items():
            if key not in _ALLOWED[node.operator] or not isinstance(value, int):
                raise UnsupportedError(f"{node.where}: attribute {shown(key)} is not supported")
        axis = node.attributes.get("axis", 0 if first else (-1 if graph.opset >= AXIS_LAST else 1))
        dropped.append((node.operator, node.name, axis if isinstance(axis, int) else 0))
        name = node.inputs[0]
    return Tail(name, tuple(dropped))
