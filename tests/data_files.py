"""Data files for tests: written where a test says, as their formats have them."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def text_file(folder: Path, content: str | bytes, name: str = "data.csv") -> str:
    """Write a file of exactly that content and return its path."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def json_file(folder: Path, value: Any, name: str = "data.json") -> str:
    """Write a JSON file."""
    return text_file(folder, json.dumps(value), name)


def npz_file(folder: Path, name: str = "data.npz", **arrays: Any) -> str:
    """Write an NPZ archive of these arrays."""
    every: dict[str, Any] = {key: np.asarray(value) for key, value in arrays.items()}
    np.savez(folder / name, **every)
    return str(folder / name)


def npy_bytes(array: Any) -> bytes:
    """Return the content of an NPY file."""
    file = io.BytesIO()
    np.save(file, np.asarray(array))
    return file.getvalue()


def idx_bytes(code: int, shape: Sequence[int], content: bytes) -> bytes:
    """Return the content of an IDX file: type code, sizes, then the content as it is."""
    sizes = b"".join(size.to_bytes(4, "big") for size in shape)
    return bytes([0, 0, code, len(shape)]) + sizes + content
