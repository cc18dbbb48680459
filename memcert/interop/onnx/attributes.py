"""Attributes of a node as plain values: exact numbers, texts, tensors.

UNTRUSTED.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from memcert.interop.bits import SINGLE, decoded
from memcert.interop.refusals import ModelError
from memcert.interop.stored_tensors import Store, single_patterns
from memcert.interop.tensors import Tensor
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown


@dataclass(frozen=True, slots=True)
class Other:
    """An attribute that is neither number, text nor tensor (a subgraph, say); `kind` as ONNX numbers them."""

    kind: int


Value = int | Fraction | str | Tensor | Other | tuple[int, ...] | tuple[Number, ...]
"""A float is exactly the binary number that it is, integral ones too; so are the floats of a list."""


def plain(
    protos: Any, bound: Mapping[str, Any], store: Store, where: str, *, finite: bool = True
) -> dict[str, Value]:
    """Return the attributes of a node by name.

    Args:
        protos: its AttributeProtos.
        bound: those of the function's call around it, which a reference stands for.
        store: decodes tensors.
        where: what messages call the node.
        finite: whether NaN and infinities are malformed; else they are attributes of another kind, which no
            operator here reads.

    Raises:
        ModelError: a name twice, a number that is NaN or infinite, a damaged tensor.
        UnsupportedError: a tensor's element type.
        UndecidedError: a tensor is too large.
    """
    found: dict[str, Value] = {}
    for proto in protos:
        name, given = str(proto.name), proto
        at = f"{where}: attribute {shown(name)}"
        if name in found:
            raise ModelError(f"{at} is given twice")
        if proto.ref_attr_name:
            # What the call leaves out is left out here.
            given = bound.get(proto.ref_attr_name)
        if given is not None:
            found[name] = _value(given, store, at, finite=finite)
    return found


def _value(proto: Any, store: Store, at: str, *, finite: bool) -> Value:
    kind = int(proto.type)
    if not finite and kind in (1, 6) and None in _floats(proto, "f" if kind == 1 else "floats"):
        return Other(kind)
    readers: dict[int, Callable[[], Value]] = {
        1: lambda: _finite(proto, "f", at)[0],
        2: lambda: int(proto.i),
        3: lambda: bytes(proto.s).decode("utf-8", "replace"),
        4: lambda: store.decode(proto.t, proto.t.name or at),
        6: lambda: _finite(proto, "floats", at),
        7: lambda: tuple(int(i) for i in proto.ints),
    }
    return readers[kind]() if kind in readers else Other(kind)


def _finite(proto: Any, field: str, at: str) -> tuple[Number, ...]:
    values = []
    for value in _floats(proto, field):
        if value is None:
            raise ModelError(f"{at}: expected a finite number, got NaN or infinity")
        values.append(value)
    return tuple(values)


def _floats(proto: Any, field: str) -> list[Number | None]:
    # A float that is 0 may be left out of the message.
    return [decoded(pattern, SINGLE) for pattern in single_patterns(proto, field) or [0] * (field == "f")]
