"""safetensors files: names, shapes and bytes as the library `safetensors` hands them out (extra).

UNTRUSTED. The library checks that the tensors fill the file without gap or overlap; numbers are decoded here.
"""

import importlib
from collections.abc import Mapping
from typing import Any

from memcert.errors import UnsupportedError
from memcert.interop.named_tensors import NamedTensor
from memcert.interop.refusals import ModelError
from memcert.kernel.verdict import shown

KINDS = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
"""What the format calls the element types that are read."""


def read_safetensors(content: bytes) -> Mapping[str, NamedTensor]:
    """Return the tensors by name, in alphabetical order: the format keeps none.

    Raises:
        ModelError: the file is damaged or empty.
        UnsupportedError: the extra is not installed.
    """
    try:
        library: Any = importlib.import_module("safetensors")
    except ImportError:
        raise UnsupportedError(
            "safetensors files need the package safetensors: pip install 'memcert[safetensors]'"
        ) from None
    try:
        found = library.deserialize(content)
    except library.SafetensorError as error:
        raise ModelError(f"expected a safetensors file, got {shown(str(error), 120)}") from None
    if not found:
        raise ModelError("expected a safetensors file with a tensor, got none")
    return {
        str(name): NamedTensor(
            KINDS.get(entry["dtype"], str(entry["dtype"])), tuple(entry["shape"]), bytes(entry["data"])
        )
        for name, entry in sorted(found)
    }
