"""Last nodes that change no decision of `argmax`: Softmax, LogSoftmax, ArgMax over the classes.

UNTRUSTED. Dropped only where the tensor before them is one row of classes for each sample.
"""

from dataclasses import dataclass
from typing import Any

from memcert.interop.nodes import attributes, refusal
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


def without_tail(graph: Any, output: str, opset: int) -> Tail:
    """Return what remains before the last Softmax, LogSoftmax and ArgMax nodes of an output.

    Raises:
        UnsupportedError: an attribute of theirs is unknown.
    """
    makers = {name: node for node in reversed(graph.node) for name in node.output if name}
    dropped: list[tuple[str, str, int]] = []
    name = output
    while name in makers and len(dropped) < len(graph.node):
        node = makers[name]
        first = node.op_type == "ArgMax" and not dropped
        if node.domain not in ("", "ai.onnx") or not (first or node.op_type in _SOFT) or len(node.input) != 1:
            break
        label = str(node.name or node.output[0])
        known = attributes(
            node, _ALLOWED[node.op_type], f"operator {shown(node.op_type)}, node {shown(label)}"
        )
        default = 0 if first else (-1 if opset >= AXIS_LAST else 1)
        dropped.append((str(node.op_type), label, int(known.get("axis", default))))
        name = node.input[0]
    return Tail(name if dropped else "", tuple(dropped))
