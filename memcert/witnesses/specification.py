"""A property of VNN-LIB, of either version: declared variables, networks, and one formula over them.

UNTRUSTED.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from memcert.witnesses.formula import Formula

_FLAT = re.compile(r"([XY])_(0|[1-9][0-9]{0,8})", re.ASCII)
_INDEXED = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\[((?:[0-9]{1,9}(?:,[0-9]{1,9})*)?)\])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Declared:
    """The elements of one declared tensor: variables `first` to `first + count - 1`, in row-major order.

    Args:
        name: X or Y in version 1.0.
        shape: None in version 1.0, where element i is called NAME_i.
        count: how many elements there are.
        first: the number of the first.
        type: `real`, `float32`, ...
    """

    name: str
    shape: tuple[int, ...] | None
    count: int
    first: int
    type: str

    def label(self, place: int) -> str:
        """Return what element `place` is called in the property's language. Raises: never."""
        if self.shape is None:
            return f"{self.name}_{place}"
        indices = []
        for axis in range(len(self.shape)):
            rest = prod(self.shape[axis + 1 :])
            indices.append(str(place // rest % self.shape[axis]))
        return f"{self.name}[{','.join(indices)}]" if indices else self.name

    def at(self, indices: Sequence[int]) -> int | None:
        """Return the variable at those indices, or None where there is none. Raises: never."""
        shape = self.shape or ()
        if len(indices) != len(shape) or any(i >= n for i, n in zip(indices, shape, strict=True)):
            return None
        place = 0
        for size, index in zip(shape, indices, strict=True):
            place = place * size + index
        return self.first + place


@dataclass(frozen=True, slots=True)
class Signature:
    """A declared network: its name, the network that it equals if it says so, its input and output."""

    name: str
    equal_to: str | None
    input: Declared
    output: Declared


@dataclass(frozen=True, slots=True)
class Specification:
    """What a counterexample must satisfy.

    Args:
        version: of VNN-LIB: `1.0`, or as the file says.
        networks: at least one.
        formula: over the variables; it holds exactly for counterexamples.
    """

    version: str
    networks: tuple[Signature, ...]
    formula: Formula

    @property
    def declared(self) -> tuple[Declared, ...]:
        """The declared tensors in order. Raises: never."""
        return tuple(part for network in self.networks for part in (network.input, network.output))

    @property
    def size(self) -> int:
        """The number of variables. Raises: never."""
        return sum(part.count for part in self.declared)

    @property
    def types(self) -> tuple[str, ...]:
        """The element types that are declared, each once, in order. Raises: never."""
        return tuple(dict.fromkeys(part.type for part in self.declared))

    def label(self, variable: int) -> str:
        """Return what a variable is called. Raises: IndexError."""
        for part in self.declared:
            if part.first <= variable < part.first + part.count:
                return part.label(variable - part.first)
        raise IndexError(variable)

    def variable(self, text: str) -> int | None:
        """Return the variable of that name, or None.

        Args:
            text: as `label` gives it; and X_i, Y_j for the elements in row-major order wherever there
                is one network, as witnesses of the competition call them.

        Raises: never.
        """
        found = _INDEXED.fullmatch(text)
        part = None if found is None else self.tensor(found[1])
        if found is not None and part is not None and part.shape is not None:
            return part.at(tuple(int(n) for n in found[2].split(",")) if found[2] else ())
        found = _FLAT.fullmatch(text)
        if found is None or len(self.networks) != 1:
            return None
        part = self.networks[0].input if found[1] == "X" else self.networks[0].output
        return part.first + int(found[2]) if int(found[2]) < part.count else None

    def tensor(self, name: str) -> Declared | None:
        """Return the declared tensor of that name, or None. Raises: never."""
        return next((part for part in self.declared if part.name == name), None)

    def is_output(self, variable: int) -> bool:
        """Whether a variable is an output of a network. Raises: never."""
        return any(
            network.output.first <= variable < network.output.first + network.output.count
            for network in self.networks
        )
