"""The input of a graph: its shape, batch first, and its element type.

UNTRUSTED.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from memcert.errors import UnsupportedError, UsageError
from memcert.interop.stored_tensors import BOOL, FLOATS, INTEGERS, kind_name
from memcert.interop.tensors import elements
from memcert.kernel.verdict import shown

Dimension = int | str | None
"""Of a shape that was asked for: a size, or open, with the name that was typed for it."""
_DIMENSION = re.compile("[A-Za-z?][A-Za-z0-9_]{0,30}|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class GraphInput:
    """What a graph takes.

    Args:
        name: of the value.
        shape: of one row: 1, then the dimensions behind the batch, each at least 1.
        batch: the first dimension where the file fixes it, else None.
        kind: the element type, as ONNX numbers them.
    """

    name: str
    shape: tuple[int, ...]
    batch: int | None
    kind: int


def read_input(values: Sequence[Any], given: Sequence[Dimension] | None) -> GraphInput | None:
    """Return the one input.

    Args:
        values: ValueInfoProtos of the inputs that are needed.
        given: dimensions that were asked for, batch first; a name or None where the file's holds.

    Raises:
        UnsupportedError: there are several, or it is no tensor of numbers, batch first, of known dimensions.
        UsageError: the file says other dimensions.
        UndecidedError: it is too large.
    """
    if not values:
        return None
    if len(values) > 1:
        names = shown([str(value.name) for value in values])
        raise UnsupportedError(f"expected a model with one input, got {len(values)}: {names}")
    name, declared = str(values[0].name), values[0].type.tensor_type
    kind = int(declared.elem_type)
    if kind not in FLOATS and (kind not in INTEGERS or kind == BOOL):
        raise UnsupportedError(
            f"input {shown(name)}: expected a tensor of numbers, got element type {kind_name(kind)}"
        )
    dims = [int(d.dim_value) if d.HasField("dim_value") else None for d in declared.shape.dim]
    if given is not None:
        dims = _merged(dims if declared.HasField("shape") else [None] * len(given), given, name)
    rest = [n for n in dims[1:] if n is not None]
    if len(dims) < 2 or len(rest) != len(dims) - 1 or any(n < 1 for n in rest):
        got = ["?" if n is None else n for n in dims]
        way = "export the model with a batch, the first dimension"
        if len(dims) != 1:
            way = "--input-shape names dimensions that the file leaves open"
        raise UnsupportedError(
            f"input {shown(name)}: expected the batch, then known dimensions, got {got}; {way}"
        )
    elements(rest)
    return GraphInput(name, (1, *rest), dims[0] or None, kind)


def read_shape(text: str) -> tuple[Dimension, ...]:
    """Return what `N,3,32,32` or `1,784` says: dimensions, batch first; a name leaves one open.

    Raises:
        UsageError: it is spelled otherwise.
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(_DIMENSION.fullmatch(part) for part in parts):
        raise UsageError(f"--input-shape: expected such as N,3,32,32, the batch first, got {shown(text, 80)}")
    return tuple(int(part) if part.isdigit() else part for part in parts)


def shape_text(shape: Sequence[Dimension]) -> str:
    """Return the spelling that `read_shape` reads. Raises: never."""
    return ",".join("N" if n is None else str(n) for n in shape)


def _merged(dims: Sequence[int | None], asked: Sequence[Dimension], name: str) -> list[int | None]:
    given = [n if isinstance(n, int) else None for n in asked]
    pairs = list(zip(dims, given, strict=False))
    if len(dims) != len(given) or any(a is not None and b is not None and a != b for a, b in pairs):
        shape = ["?" if n is None else n for n in dims]
        raise UsageError(
            f"--input-shape: input {shown(name)} has the shape {shape}, got {shown(shape_text(asked), 80)}"
        )
    return [b if a is None else a for a, b in pairs]
