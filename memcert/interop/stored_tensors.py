"""The tensors that a model file stores, decoded from their bit patterns, external data included.

UNTRUSTED. Lengths are compared with the bytes that are there before anything is made.
"""

import hashlib
import os
from math import prod
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from memcert.errors import UndecidedError, UnsupportedError
from memcert.formats.files import most_bytes
from memcert.interop.bits import BRAIN, DOUBLE, HALF, SINGLE, Layout, decoded, pattern_of
from memcert.interop.refusals import ModelError
from memcert.interop.tensors import Tensor, array, elements
from memcert.kernel.certificate import ModelFile, Number
from memcert.kernel.files import open_regular
from memcert.kernel.verdict import shown

INTEGERS = {2: "u1", 3: "i1", 4: "u2", 5: "i2", 6: "i4", 7: "i8", 9: "u1", 12: "u4", 13: "u8"}
"""Integer element types (bool too), and how raw bytes hold them."""
FLOATS: dict[int, Layout] = {1: SINGLE, 10: HALF, 11: DOUBLE, 16: BRAIN}
"""Binary float element types."""
KIND_NAMES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string",
    9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128",
    16: "bfloat16",
}  # fmt: skip
"""Element types in messages, by the number that ONNX gives them."""
BOOL = 9
_SINGLE, _DOUBLE = 1, 11
_EXTERNAL = 1


def kind_name(kind: int) -> str:
    """Return what messages call an element type: its number, and its name if it has one. Raises: never."""
    return f"{kind} ({KIND_NAMES[kind]})" if kind in KIND_NAMES else str(kind)


def whole_range(kind: int) -> tuple[int, int]:
    """Return the least and the largest integer of an integer element type. Raises: KeyError."""
    if kind == BOOL:
        return 0, 1
    bits = 8 * int(INTEGERS[kind][1])
    if INTEGERS[kind].startswith("u"):
        return 0, (1 << bits) - 1
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


class Store:
    """Stored tensors by name, decoded when they are first asked for."""

    def __init__(self, folder: Path | None) -> None:
        """Read external data from `folder` alone; None: there is no such place."""
        self.folder = folder
        self._files: dict[str, bytes] = {}

    def files(self) -> tuple[ModelFile, ...]:
        """Return the files of external data that were read, with their digests. Raises: never."""
        return tuple(ModelFile(name, digest(self._files[name])) for name in sorted(self._files))

    def decode(self, tensor: Any, name: str) -> Tensor:
        """Return a stored tensor.

        Args:
            tensor: a TensorProto.
            name: what messages call it.

        Raises:
            ModelError: lengths disagree, a number is NaN or infinite, external data lie outside.
            UnsupportedError: an element type that is neither integer nor binary float.
            UndecidedError: too many elements.
        """
        kind, shape = int(tensor.data_type), [int(n) for n in tensor.dims]
        if kind not in INTEGERS and kind not in FLOATS:
            raise UnsupportedError(f"tensor {shown(name)}: element type {kind_name(kind)} is not supported")
        if any(n < 0 for n in shape) or tensor.HasField("segment"):
            raise ModelError(f"tensor {shown(name)}: expected whole dimensions, got {shape}")
        # What the file does not hold is damage, however much it would have been.
        if tensor.data_location == _EXTERNAL or tensor.HasField("raw_data"):
            raw = self._external(tensor, name) if tensor.data_location == _EXTERNAL else tensor.raw_data
            _confirm_bytes(raw, kind, prod(shape), name)
            elements(shape)
            values = _from_bytes(raw, kind, name)
        else:
            _confirm_fields(tensor, kind, prod(shape), name)
            elements(shape)
            values = _from_fields(tensor, kind, name)
        return Tensor(array(values, shape), False, kind)

    def _external(self, tensor: Any, name: str) -> bytes:
        # A text that is no UTF-8 is bytes here.
        entries = {str(entry.key): str(entry.value) for entry in tensor.external_data}
        location = entries.get("location", "")
        content = self._file(location, name)
        try:
            offset = int(entries.get("offset", "0"))
            length = int(entries.get("length", str(len(content) - offset)))
        except ValueError:
            raise ModelError(f"tensor {shown(name)}: external offset and length are no integers") from None
        if offset < 0 or length < 0 or offset + length > len(content):
            raise ModelError(
                f"tensor {shown(name)}: expected {length} bytes at {offset} of {shown(location)}, "
                f"which has {len(content)}"
            )
        return content[offset : offset + length]

    def _file(self, location: str, name: str) -> bytes:
        if location in self._files:
            return self._files[location]
        if self.folder is None:
            raise ModelError(
                f"tensor {shown(name)}: external data have no folder, the model was given as bytes"
            )
        parts = PurePosixPath(location).parts
        path = self.folder.joinpath(*parts)
        strange = not parts or "\\" in location or ":" in location or "\0" in location or ".." in parts
        if (
            strange
            or PurePosixPath(location).is_absolute()
            or path.resolve() != self.folder.resolve() / Path(*parts)
        ):
            raise ModelError(
                f"tensor {shown(name)}: expected external data in the model's folder, without links, "
                f"got {shown(location)}"
            )
        try:
            descriptor = open_regular(str(path))
        except OSError as error:
            raise ModelError(
                f"tensor {shown(name)}: external data {shown(location)} cannot be opened: {error.strerror}"
            ) from None
        with os.fdopen(descriptor, "rb") as file:
            most = most_bytes()
            content = file.read(most + 1)
        if len(content) > most:
            raise UndecidedError(f"max-bytes: external data {shown(location)}: expected at most {most:,}")
        self._files[location] = content
        return content


def digest(content: bytes) -> str:
    """Return the SHA-256 of bytes as certificates spell it. Raises: never."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _size(kind: int) -> int:
    layout = FLOATS.get(kind)
    return int(INTEGERS[kind][1]) if layout is None else (layout.exponent + layout.significand + 1) // 8


def _confirm_bytes(raw: bytes, kind: int, count: int, name: str) -> None:
    expected = count * _size(kind)
    if len(raw) != expected:
        raise ModelError(
            f"tensor {shown(name)}: expected {expected} bytes for {count} elements, got {len(raw)}"
        )


def _from_bytes(raw: bytes, kind: int, name: str) -> list[Number]:
    layout = FLOATS.get(kind)
    if layout is None:
        return _fitting(np.frombuffer(raw, dtype=f"<{INTEGERS[kind]}").tolist(), kind, name)
    return finite_numbers(np.frombuffer(raw, dtype=f"<u{_size(kind)}").tolist(), layout, name)


def _field(tensor: Any, kind: int) -> Any:
    fields = {1: "float_data", 11: "double_data", 7: "int64_data", 12: "uint64_data", 13: "uint64_data"}
    return getattr(tensor, fields.get(kind, "int32_data"))


def _confirm_fields(tensor: Any, kind: int, count: int, name: str) -> None:
    if len(stored := _field(tensor, kind)) != count:
        raise ModelError(f"tensor {shown(name)}: expected {count} elements, got {len(stored)}")


def _from_fields(tensor: Any, kind: int, name: str) -> list[Number]:
    stored = list(_field(tensor, kind))
    if kind == _SINGLE:
        return finite_numbers(single_patterns(tensor, "float_data"), SINGLE, name)
    if kind == _DOUBLE:
        return finite_numbers([pattern_of(x) for x in stored], DOUBLE, name)
    if kind in FLOATS:
        return finite_numbers([int(x) & 0xFFFF for x in stored], FLOATS[kind], name)
    return _fitting([int(x) for x in stored], kind, name)


def _fitting(values: list[int], kind: int, name: str) -> list[Number]:
    low, high = whole_range(kind)
    for place, value in enumerate(values):
        if not low <= value <= high:
            raise ModelError(
                f"tensor {shown(name)}: expected integers from {low} to {high}, got {value} at index {place} "
                "in row-major order"
            )
    return list(values)


def single_patterns(proto: Any, field: str) -> list[int]:
    """Return the bits of a float32 field of a protobuf message.

    Protobuf hands floats out converted to binary64, and that conversion reads subnormals as 0 once a library
    has told the processor to flush them. Serialized they are bytes.

    Args:
        proto: the message.
        field: one float, or a list of them.

    Raises:
        never.
    """
    alone = type(proto)()
    alone.CopyFrom(proto)
    for other in alone.DESCRIPTOR.fields:
        if other.name != field:
            alone.ClearField(other.name)
    content = alone.SerializeToString()
    if alone.DESCRIPTOR.fields_by_name[field].GetOptions().packed:
        # One key of a byte, the length in bytes of seven bits, then the numbers.
        start = 1
        while start < len(content) and content[start] & 0x80:
            start += 1
        return [int(x) for x in np.frombuffer(content[start + 1 :], dtype="<u4").tolist()]
    # Each number behind a key of one byte.
    return [int.from_bytes(content[k : k + 4], "little") for k in range(1, len(content), 5)]


def finite_numbers(patterns: list[int], layout: Layout, name: str) -> list[Number]:
    """Return the numbers of bit patterns.

    Args:
        patterns: in row-major order.
        layout: of the element type.
        name: what messages call the tensor.

    Raises:
        ModelError: one is NaN or infinite; the message has its index.
    """
    values: list[Number] = []
    for place, pattern in enumerate(patterns):
        value = decoded(pattern, layout)
        if value is None:
            raise ModelError(
                f"tensor {shown(name)}: expected finite numbers, got {_what(pattern, layout)} at "
                f"index {place} in row-major order"
            )
        values.append(value)
    return values


def _what(pattern: int, layout: Layout) -> str:
    if pattern & ((1 << layout.significand) - 1):
        return "NaN"
    return "-infinity" if pattern >> (layout.significand + layout.exponent) & 1 else "infinity"
