"""A property of VNN-LIB, of either version: declared variables, networks, and one formula over them.

UNTRUSTED.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from memcert.kernel.certificate import Number
from memcert.witnesses.formula import Formula

_FLAT = re.compile(r"([XY])_(0|[1-9][0-9]{0,8})", re.ASCII)
_INDEXED = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\[((?:[0-9]{1,9}(?:,[0-9]{1,9})*)?)\])?", re.ASCII)


_WHOLE = re.compile(r"(u?)int(8|16|32|64)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Declared:
    """The elements of one declared tensor: variables `first` to `first + count - 1`, in row-major order.

    Args:
        name: X or Y in version 1.0.
        shape: None in version 1.0, where element i is called NAME_i.
        count: how many elements there are.
        first: the number of the first.
        type: `real`, `float32`, ...
        node: of a hidden node, its name in the model.
    """

    name: str
    shape: tuple[int, ...] | None
    count: int
    first: int
    type: str
    node: str | None = None

    @property
    def tensor(self) -> "Tensor":
        """What a model is to take or to give. Raises: never."""
        return Tensor(self.name, (self.count,) if self.shape is None else self.shape, self.node)

    @property
    def whole(self) -> tuple[int, int] | None:
        """The least and the largest number of an integer type; None: of another. Raises: never."""
        found = _WHOLE.fullmatch(self.type)
        if found is None:
            return None
        bits = int(found[2])
        return (0, 2**bits - 1) if found[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

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
class Span:
    """Variables `first` to `first + count - 1`."""

    first: int
    count: int

    def holds(self, variable: int) -> bool:
        """Whether a variable is one of them. Raises: never."""
        return self.first <= variable < self.first + self.count


class Tensor(NamedTuple):
    """A tensor that a model is to take or to give: label, shape, and its name in the model or None."""

    label: str
    shape: tuple[int, ...]
    name: str | None


class Wanted(NamedTuple):
    """The tensors that a model is to take and to give, one behind the other."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A declared network; the variables of its inputs follow each other, and so do the others.

    Args:
        name: of it.
        equal_to: the network that it equals, if it says so.
        inputs: at least one.
        outputs: at least one.
        hidden: nodes of the model, by their names in it.
    """

    name: str
    equal_to: str | None
    inputs: tuple[Declared, ...]
    outputs: tuple[Declared, ...]
    hidden: tuple[Declared, ...] = ()

    @property
    def declared(self) -> tuple[Declared, ...]:
        """Its tensors in order: inputs, hidden nodes, outputs. Raises: never."""
        return (*self.inputs, *self.hidden, *self.outputs)

    @property
    def input(self) -> Span:
        """The variables that the network reads. Raises: never."""
        return _span(self.inputs)

    @property
    def output(self) -> Span:
        """The variables that the network computes, hidden nodes first. Raises: never."""
        return _span((*self.hidden, *self.outputs))

    @property
    def wanted(self) -> Wanted | None:
        """What a model must take and give; None: one input and one output, whatever they are called.

        Raises:
            never.
        """
        if len(self.inputs) == len(self.outputs) == 1 and not self.hidden:
            return None
        return Wanted(
            tuple(part.tensor for part in self.inputs),
            tuple(part.tensor for part in (*self.hidden, *self.outputs)),
        )


def is_whole(value: Number, ends: tuple[int, int]) -> bool:
    """Whether a number is an integer between the ends. Raises: never."""
    return value.denominator == 1 and ends[0] <= value <= ends[1]


def _span(parts: Sequence[Declared]) -> Span:
    return Span(parts[0].first, sum(part.count for part in parts))


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
        return tuple(part for network in self.networks for part in network.declared)

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
        part = self.part(variable)
        return part.label(variable - part.first)

    def part(self, variable: int) -> Declared:
        """Return the tensor that a variable belongs to. Raises: IndexError."""
        for part in self.declared:
            if part.first <= variable < part.first + part.count:
                return part
        raise IndexError(variable)

    @property
    def wholes(self) -> Mapping[int, tuple[int, int]]:
        """The variables of integer types, each with its least and its largest number. Raises: never."""
        return {
            variable: part.whole
            for part in self.declared
            if part.whole is not None
            for variable in range(part.first, part.first + part.count)
        }

    def fault(self, variable: int, value: Number) -> str | None:
        """Return why a variable cannot have a value: it is no integer of its type. None: it can.

        Raises:
            IndexError: there is no such variable.
        """
        part = self.part(variable)
        if part.whole is None or is_whole(value, part.whole):
            return None
        low, high = part.whole
        return f"{self.label(variable)} is {part.type}: expected an integer from {low} to {high}"

    def variable(self, text: str) -> int | None:
        """Return the variable of that name, or None.

        Args:
            text: as `label` gives it; and X_i, Y_j for the elements in row-major order wherever there
                is one such tensor, as witnesses of the competition call them.

        Raises: never.
        """
        found = _INDEXED.fullmatch(text)
        part = None if found is None else self.tensor(found[1])
        if found is not None and part is not None and part.shape is not None:
            return part.at(tuple(int(n) for n in found[2].split(",")) if found[2] else ())
        found = _FLAT.fullmatch(text)
        part = None if found is None else self.only(found[1])
        if found is None or part is None or int(found[2]) >= part.count:
            return None
        return part.first + int(found[2])

    def only(self, letter: str) -> Declared | None:
        """Return the one input (X) or output (Y) of the property, None where there are several.

        Raises:
            never.
        """
        parts = [
            part
            for network in self.networks
            for part in (network.inputs if letter == "X" else network.outputs)
        ]
        return parts[0] if len(parts) == 1 else None

    def tensor(self, name: str) -> Declared | None:
        """Return the declared tensor of that name, or None. Raises: never."""
        return next((part for part in self.declared if part.name == name), None)

    def is_output(self, variable: int) -> bool:
        """Whether a variable is computed by a network: an output or a hidden node. Raises: never."""
        return any(network.output.holds(variable) for network in self.networks)
