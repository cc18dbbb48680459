"""One node of a graph as its lowering sees it: inputs, attributes, and how it refuses.

UNTRUSTED.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

import numpy as np

from memcert.errors import UnsupportedError
from memcert.interop.forms import Circuit, Form
from memcert.interop.onnx.attributes import Value
from memcert.interop.refusals import ModelError
from memcert.interop.stored_tensors import FLOATS
from memcert.interop.tensors import Array, Tensor, array, elements, lifted
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown


@dataclass(frozen=True, slots=True)
class Node:
    """A node with its inputs evaluated.

    Args:
        operator: its name.
        name: of the node, else of its first output.
        opset: the version of the operators.
        version: of this operator, the opset that defined it.
        inputs: None where an optional one is left out.
        outputs: how many there are.
        attributes: exact numbers, tuples of them, texts, tensors.
        circuit: where neurons are made.
        batches: sizes of the batch that shapes are looked at for: the one that the file fixes, or 1 and 2.
        fold: the float format that BatchNormalization is rounded to, or None.
        rounded: what was rounded, one entry a coefficient; grows.
    """

    operator: str
    name: str
    opset: int
    version: int
    inputs: tuple[Tensor | None, ...]
    outputs: int
    attributes: Mapping[str, Value]
    circuit: Circuit
    batches: tuple[int, ...]
    fold: str | None
    rounded: list[str]

    def refusal(self, reason: str) -> UnsupportedError:
        """Return the error that names operator, node and opset. Raises: never."""
        return refusal(self.operator, self.name, self.opset, reason)

    def refuse(self, reason: str) -> NoReturn:
        """Raise UnsupportedError, naming operator, node and opset. Raises: UnsupportedError."""
        raise self.refusal(reason)

    def mixes(self, reason: str) -> NoReturn:
        """Refuse what mixes samples, with a way out where the batch is open. Raises: UnsupportedError."""
        way = "; --input-shape 1,.. reads the model for a batch of one, as a row alone"
        self.refuse(reason + (way if len(self.batches) > 1 else ""))

    def batched(self, tensor: Tensor) -> bool:
        """Whether a tensor's first dimension is a batch of several samples, none of which may meet another.

        Where the file fixes a batch of one there is no other sample: every dimension is like any other.

        Raises: never.
        """
        return tensor.data and self.batches != (1,)

    def wrong(self, reason: str) -> NoReturn:
        """Say that the file contradicts itself here. Raises: ModelError."""
        raise ModelError(f"operator {shown(self.operator)}, node {shown(self.name)}: {reason}")

    def input(self, place: int) -> Tensor:
        """Return an input that must be there. Raises: ModelError."""
        found = self.optional(place)
        if found is None:
            self.wrong(f"input {place} is missing")
        return found

    def optional(self, place: int) -> Tensor | None:
        """Return an input, or None. Raises: never."""
        return self.inputs[place] if place < len(self.inputs) else None

    def all(self) -> list[Tensor]:
        """Return the inputs of an operator that takes any number. Raises: ModelError."""
        return [self.input(place) for place in range(len(self.inputs))]

    def constant(self, place: int) -> Tensor:
        """Return an input that must not depend on the model's input. Raises: UnsupportedError."""
        found = self.input(place)
        if found.data:
            self.refuse(f"input {place} depends on the model's input, and only a constant is supported there")
        if found.other is not None:
            self.mixes(f"input {place} depends on the size of the batch")
        return found

    def integers(self, name: str, place: int | None = None) -> list[int] | None:
        """Return integers of an attribute, or of the constant input that later opsets have; None: neither.

        Raises:
            ModelError: they are no integers.
            UnsupportedError: the input is no constant.
        """
        if name in self.attributes:
            value = self.attributes[name]
            return list(value) if isinstance(value, tuple) else [value]  # type: ignore[arg-type, list-item]
        if place is None or self.optional(place) is None:
            return None
        return self._whole(self.constant(place), place)

    def shapes(self, place: int) -> list[list[int]]:
        """Return the integers of a constant input for each size of the batch.

        Raises:
            ModelError: they are no integers.
            UnsupportedError: the input is no constant.
        """
        found = self.input(place)
        if found.data:
            self.refuse(f"input {place} depends on the model's input, and only a constant is supported there")
        return [self._whole(found.at(k), place) for k in range(len(self.batches))]

    def _whole(self, tensor: Tensor, place: int) -> list[int]:
        if tensor.kind in FLOATS or len(tensor.shape) > 1:
            self.wrong(f"input {place}: expected a list of integers, got the shape {list(tensor.shape)}")
        return [int(n) for n in tensor.values.ravel().tolist()]

    def integer(self, name: str, default: int) -> int:
        """Return an integer attribute. Raises: ModelError."""
        value = self.attributes.get(name, default)
        if type(value) is not int:
            self.wrong(f"attribute {name}: expected an integer")
        return value

    def number(self, name: str, default: Number) -> Number:
        """Return a number attribute, exactly the float32 that it is. Raises: ModelError."""
        value = self.attributes.get(name, default)
        if not isinstance(value, int | Fraction):
            self.wrong(f"attribute {name}: expected a number")
        return value

    def text(self, name: str, default: str) -> str:
        """Return a text attribute. Raises: ModelError."""
        value = self.attributes.get(name, default)
        if not isinstance(value, str):
            self.wrong(f"attribute {name}: expected a text")
        return value

    def axis(self, value: int, rank: int) -> int:
        """Return an axis counted from the front. Raises: ModelError."""
        if not -rank <= value < rank:
            self.wrong(f"axis {value} of {rank} dimensions")
        return value % rank

    def axes(self, values: Sequence[int], rank: int) -> list[int]:
        """Return axes counted from the front, ascending, each once. Raises: ModelError."""
        found = sorted(self.axis(value, rank) for value in values)
        if len(set(found)) != len(found):
            self.wrong(f"axes {list(values)}: one is named twice")
        return found

    def full(self, tensor: Tensor, k: int) -> list[int]:
        """Return a tensor's shape, its batch of the size `batches[k]`. Raises: never."""
        return [self.batches[k], *tensor.shape[1:]] if self.batched(tensor) else list(tensor.at(k).shape)

    def one_shape(self, shapes: Sequence[Sequence[int]]) -> tuple[int, ...]:
        """Return the shape of one row of data, from its shape for each size of the batch.

        Raises:
            UnsupportedError: the first dimension is not the batch in each of them.
        """
        if self.batches == (1,):
            return tuple(shapes[0])
        rests = {tuple(shape[1:]) for shape in shapes}
        batch = all(shape and shape[0] == size for shape, size in zip(shapes, self.batches, strict=True))
        if not batch or len(rests) != 1:
            self.mixes(f"the result of shape {list(shapes[-1])} mixes the batch, the first dimension")
        return (1, *rests.pop())

    def row(self, tensor: Tensor, rank: int) -> Array:
        """Return a tensor that meets data of `rank` dimensions: one row of it, if it has a batch.

        Raises:
            UnsupportedError: it has another row for each sample, or too many dimensions.
        """
        if self.batches == (1,):
            return tensor.values
        if tensor.data:
            if len(tensor.shape) != rank:
                self.mixes(f"the shape {list(tensor.shape)} would pair the batch with another dimension")
            return tensor.values
        variants = [tensor.at(k).values for k in range(len(self.batches))]
        if variants[0].ndim > rank:
            self.mixes(f"a constant of shape {list(tensor.shape)} has more dimensions than the data")
        rows = []
        for size, values in zip(self.batches, variants, strict=True):
            batch = values.ndim == rank and rank > 0 and values.shape[0] != 1
            if batch and (values.shape[0] != size or not bool((values == values[:1]).all())):
                self.mixes(f"a constant of shape {list(values.shape)} mixes the batch, the first dimension")
            rows.append(values[:1] if batch else values)
        if any(not np.array_equal(rows[0], values) for values in rows[1:]):
            self.mixes("a constant that depends on the size of the batch")
        return rows[0]

    def broadcast(self, tensors: Sequence[Tensor], act: Callable[..., object]) -> Tensor:
        """Return `act` on the elements of tensors, broadcast; on forms where one is data.

        Raises:
            ModelError: shapes do not fit.
            UnsupportedError: the batch would meet another dimension.
        """
        data = [tensor for tensor in tensors if tensor.data]
        rank = len(data[0].shape) if data else 0
        arrays = [self.row(tensor, rank) if data else tensor.values for tensor in tensors]
        try:
            shape = np.broadcast_shapes(*(a.shape for a in arrays))
        except ValueError:
            self.wrong(f"shapes {', '.join(str(list(a.shape)) for a in arrays)} do not fit")
        size = elements(shape)
        if data:
            self.circuit.make(size)
        columns = [np.broadcast_to(a, shape).ravel().tolist() for a in arrays]
        if data:
            columns = [list(map(lifted, column)) for column in columns]
        return self.made(array(map(act, *columns), shape), *tensors)

    def each(self, x: Tensor, act: Callable[[Form], Form]) -> Tensor:
        """Return `act` on every element, taken as a form. Raises: ModelError, UndecidedError."""
        self.circuit.make(x.values.size)
        return self.made(array(map(act, x.forms()), x.shape), x)

    def made(self, values: Array, *like: Tensor) -> Tensor:
        """Return the result, of data if one of `like` is, with its kind; the batch stays first.

        Args:
            values: forms, or numbers where none of `like` is data; forms become numbers then.
            like: what it was made of.

        Raises:
            UnsupportedError: the first dimension is not the batch any more.
        """
        data = [tensor for tensor in like if tensor.data]
        if data and self.batched(data[0]) and (not values.shape or values.shape[0] != 1):
            self.mixes(f"the result of shape {list(values.shape)} mixes the batch, the first dimension")
        kind = (data or like)[0].kind
        if not data:
            numbers = (x.value if isinstance(x, Form) else x for x in values.ravel().tolist())
            plain = (x.numerator if x.denominator == 1 else x for x in numbers)
            return Tensor(array(plain, values.shape), False, kind)
        return Tensor(values, True, kind)

    def real(self, *tensors: Tensor) -> None:
        """Refuse arithmetic of integers that depend on the input: it wraps. Raises: UnsupportedError."""
        if any(tensor.data and tensor.kind not in FLOATS for tensor in tensors):
            self.refuse("arithmetic of integers that depend on the model's input is not supported")


def refusal(operator: str, name: str, opset: int, reason: str) -> UnsupportedError:
    """Return the error for a node that is not lowered. Raises: never."""
    return UnsupportedError(f"operator {shown(operator)}, node {shown(name)}, opset {opset}: {reason}")


def float32(top: int, bottom: int) -> Number:
    """Return a positive fraction below 1 rounded to float32, as defaults of ONNX are. Raises: never."""
    value, shift = Fraction(top, bottom), 0
    while value < 1 << 23:
        value, shift = value * 2, shift + 1
    return Fraction(round(value), 1 << shift)
