"""One node of a graph as its lowering sees it: inputs, attributes, and how it refuses.

UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from memcert.errors import UnsupportedError
from memcert.interop.forms import Circuit
from memcert.interop.refusals import ModelError
from memcert.interop.tensors import Array, Tensor
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown


@dataclass(frozen=True, slots=True)
class Node:
    """A node with its inputs evaluated.

    Args:
        operator: its name.
        name: of the node, else of its first output.
        opset: the version of the operators.
        inputs: None where an optional one is left out.
        attributes: exact numbers, lists of them, or a stored tensor.
        circuit: where neurons are made.
        batch: the first dimension of the model's input where the file fixes it, else None.
    """

    operator: str
    name: str
    opset: int
    inputs: tuple[Tensor | None, ...]
    attributes: Mapping[str, Any]
    circuit: Circuit
    batch: int | None

    def refuse(self, reason: str) -> NoReturn:
        """Raise UnsupportedError, naming operator, node and opset. Raises: UnsupportedError."""
        raise refusal(self.operator, self.name, self.opset, reason)

    def input(self, place: int) -> Tensor:
        """Return an input that must be there. Raises: ModelError."""
        found = self.optional(place)
        if found is None:
            raise ModelError(f"{self.operator} {shown(self.name)}: input {place} is missing")
        return found

    def optional(self, place: int) -> Tensor | None:
        """Return an input, or None. Raises: never."""
        return self.inputs[place] if place < len(self.inputs) else None

    def constant(self, place: int) -> Tensor:
        """Return an input that must not depend on the model's input. Raises: UnsupportedError."""
        found = self.input(place)
        if found.data:
            self.refuse(f"input {place} depends on the model's input")
        return found

    def integer(self, name: str, default: int) -> int:
        """Return an integer attribute. Raises: ModelError."""
        value = self.attributes.get(name, default)
        if type(value) is not int:
            raise ModelError(f"{self.operator} {shown(self.name)}: attribute {name}: expected an integer")
        return value

    def number(self, name: str, default: Number) -> Number:
        """Return a number attribute, exactly the float32 it is. Raises: never."""
        value: Number = self.attributes.get(name, default)
        return value

    def axis(self, value: int, rank: int) -> int:
        """Return an axis counted from the front. Raises: ModelError."""
        if not -rank <= value < rank:
            raise ModelError(f"{self.operator} {shown(self.name)}: axis {value} of {rank} dimensions")
        return value % rank

    def made(self, values: Array, *like: Tensor) -> Tensor:
        """Return the result, of data if one of `like` is, with its kind; the batch stays first.

        Raises:
            UnsupportedError: the first dimension is not the batch any more.
        """
        data = [tensor for tensor in like if tensor.data]
        result = Tensor(values, bool(data), (data or like)[0].kind)
        if data and (not result.shape or result.shape[0] != 1):
            self.refuse(f"the result of shape {list(result.shape)} mixes the batch, the first dimension")
        return result


def refusal(operator: str, name: str, opset: int, reason: str) -> UnsupportedError:
    """Return the error for a node that is not lowered. Raises: never."""
    return UnsupportedError(f"operator {shown(operator)}, node {shown(name)}, opset {opset}: {reason}")
