"""Model files for tests, written byte by byte, and the naive value of a chain of layers."""

import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

STORAGES = {"float32": "FloatStorage", "float64": "DoubleStorage", "float16": "HalfStorage"}
CODES = {"float32": "F32", "float64": "F64", "float16": "F16"}


def text(value: str) -> bytes:
    """Return the pickle of a string."""
    packed = value.encode()
    return b"X" + struct.pack("<I", len(packed)) + packed


def integers(values: Sequence[int]) -> bytes:
    """Return the pickle of a tuple of integers."""
    return b"(" + b"".join(b"J" + struct.pack("<i", n) for n in values) + b"t"


def tensor(
    key: str, shape: Sequence[int], kind: str, *, offset: int = 0, strides: Sequence[int] | None = None
) -> bytes:
    """Return the pickle of a tensor, as torch.save writes it."""
    steps = strides if strides is not None else [int(np.prod(shape[i + 1 :])) for i in range(len(shape))]
    count = b"J" + struct.pack("<i", min(int(np.prod(shape)), 99))
    storage = b"(" + text("storage") + b"ctorch\n" + kind.encode() + b"\n" + text(key) + text("cpu") + count
    hooks = b"ccollections\nOrderedDict\n)R"
    head = b"ctorch._utils\n_rebuild_tensor_v2\n("
    return (
        head
        + storage
        + b"tQJ"
        + struct.pack("<i", offset)
        + integers(shape)
        + integers(steps)
        + b"\x89"
        + hooks
        + b"tR"
    )


def state_pickle(entries: Mapping[str, bytes]) -> bytes:
    """Return the pickle of a state_dict whose values are pickled already."""
    body = b"".join(text(name) + value for name, value in entries.items())
    metadata = (
        b"}"
        + text("_metadata")
        + b"ccollections\nOrderedDict\n)R("
        + text("")
        + b"}"
        + text("version")
        + b"K\x01su"
    )
    return b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01(" + body + b"u" + metadata + b"sb."


def archive(path: Path, entries: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> str:
    """Write a zip file, each entry in the folder `archive`."""
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, content in entries.items():
            made.writestr(f"archive/{name}", content)
    return str(path)


def torch_file(path: Path, tensors: Mapping[str, Any]) -> str:
    """Write arrays as the state_dict that torch.save would write."""
    values, entries = {}, {}
    for key, (name, array) in enumerate(tensors.items()):
        values[name] = tensor(str(key), array.shape, STORAGES[str(array.dtype)])
        entries[f"data/{key}"] = np.ascontiguousarray(array).tobytes()
    return archive(
        path, {"data.pkl": state_pickle(values), "byteorder": b"little", "version": b"3\n", **entries}
    )


def safetensors_file(path: Path, tensors: Mapping[str, tuple[str, Sequence[int], bytes]]) -> str:
    """Write (element type, shape, bytes) by name as a safetensors file."""
    header, at = {}, 0
    for name, (kind, shape, data) in tensors.items():
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [at, at + len(data)]}
        at += len(data)
    packed = json.dumps(header).encode()
    body = b"".join(data for _, _, data in tensors.values())
    path.write_bytes(struct.pack("<Q", len(packed)) + packed + body)
    return str(path)


def coded(array: Any) -> tuple[str, Sequence[int], bytes]:
    """Return an array as `safetensors_file` takes it."""
    return CODES[str(array.dtype)], array.shape, np.ascontiguousarray(array).tobytes()


def nnet_text(
    weights: Sequence[tuple[Sequence[Sequence[str]], Sequence[str]]],
    lows: Sequence[str],
    highs: Sequence[str],
    means: Sequence[str],
    ranges: Sequence[str],
) -> str:
    """Return the text of a .nnet file; numbers are given as they are to be spelled."""
    sizes = [len(lows), *(len(bias) for _, bias in weights)]
    head = [[len(weights), sizes[0], sizes[-1], max(sizes)], sizes, [0], lows, highs, means, ranges]
    rows = [row for weight, bias in weights for row in [*weight, *([b] for b in bias)]]
    lines = [",".join(map(str, line)) + "," for line in [*head, *rows]]
    return "\n".join(["// a comment", *lines]) + "\n"


def exact(array: Any) -> list[Any]:
    """Return an array of floats as nested lists of fractions."""
    return [exact(row) for row in array] if array.ndim > 1 else [Fraction(float(x)) for x in array]


def dense(weights: Sequence[tuple[Any, Any]], point: Sequence[Fraction | int]) -> list[Fraction]:
    """Return the value of linear layers with ReLU between; weights are rows of fractions, one an output."""
    values = [Fraction(x) for x in point]
    for place, (rows, bias) in enumerate(weights):
        values = [max(Fraction(0), v) for v in values] if place else values
        values = [
            sum((w * x for w, x in zip(row, values, strict=True)), Fraction(b))
            for row, b in zip(rows, bias, strict=True)
        ]
    return values
