"""PyTorch's zip files of a state_dict, read without PyTorch: names, shapes and the bytes of every tensor.

UNTRUSTED. Entries must be stored, not compressed, as PyTorch stores them: nothing can unfold.
"""

import io
import zipfile
import zlib
from collections.abc import Mapping

from memcert.errors import UndecidedError, UnsupportedError
from memcert.interop.named_tensors import NamedTensor
from memcert.interop.refusals import ModelError
from memcert.interop.state_pickle import WAY_OUT, Reference, read_pickle
from memcert.kernel.verdict import shown

KINDS = {
    "FloatStorage": "float32",
    "DoubleStorage": "float64",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
}
"""Classes of storages whose elements are binary floats."""
MAX_PICKLE = 1 << 24
"""Longest pickle of names and shapes, in bytes."""


def read_torch(content: bytes) -> Mapping[str, NamedTensor]:
    """Return the tensors of a state_dict by name, in its order.

    Args:
        content: the file's bytes, of PyTorch 1.6 or later.

    Raises:
        ModelError: it is damaged, or asks for more than tensors; nothing of it is run.
        UnsupportedError: it is no state_dict: a whole module, TorchScript, a checkpoint, the old format.
        UndecidedError: its pickle is too long.
    """
    if not content.startswith(b"PK"):
        raise UnsupportedError(
            "expected a zip file as PyTorch 1.6 or later writes it; load and save it again: " + WAY_OUT
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _Archive(archive).tensors()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        got = shown(str(error), 120)
        if "CRC" in str(error):
            got += " (saved without checksums? torch.serialization.set_crc32_options(True))"
        raise ModelError(f"expected an undamaged zip file, got {got}") from None


class _Archive:
    """The entries of one file, all in one folder."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries = {entry.filename: entry for entry in archive.infolist()}
        if len(self._entries) != len(archive.infolist()):
            raise ModelError("two entries of the zip file have the same name")
        pickles = [name for name in self._entries if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(pickles) != 1:
            raise ModelError(f"expected one entry FOLDER/data.pkl in the zip file, got {shown(pickles)}")
        self._folder = pickles[0].removesuffix("data.pkl")
        if f"{self._folder}constants.pkl" in self._entries:
            raise UnsupportedError(f"expected a state_dict, got a TorchScript archive: {WAY_OUT}")

    def read(self, name: str, most: int | None = None) -> bytes:
        """Return an entry's bytes. Raises: ModelError, UndecidedError (too many)."""
        entry = self._entries.get(self._folder + name)
        if entry is None:
            raise ModelError(f"the zip file has no entry {shown(name)}")
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise ModelError(f"entry {shown(name)}: expected it stored, as PyTorch does, got it compressed")
        if most is not None and entry.file_size > most:
            raise UndecidedError(
                f"entry {shown(name)}: expected at most {most:,} bytes, got {entry.file_size:,}"
            )
        return self._archive.read(entry)

    def tensors(self) -> dict[str, NamedTensor]:
        """Return the tensors by name. Raises: ModelError, UnsupportedError."""
        order = self._order()
        state = read_pickle(self.read("data.pkl", MAX_PICKLE))
        if type(state) is not dict or not state:
            raise UnsupportedError(f"expected a state_dict with a tensor, got another value: {WAY_OUT}")
        held: dict[str, bytes] = {}
        made = {}
        for name, value in state.items():
            if type(name) is not str or not isinstance(value, Reference):
                raise UnsupportedError(
                    f"expected a state_dict, a tensor for each name, got another value for {shown(name)}; "
                    f"{_way_out(state)}"
                )
            if value.marks:
                raise UnsupportedError(
                    f"tensor {shown(name)}: expected elements as they are stored, got them marked as "
                    f"{shown(list(value.marks))}; save tensor.resolve_neg() or tensor.resolve_conj()"
                )
            key = value.storage.key
            if key not in held:
                held[key] = self.read(f"data/{key}")
            kind = KINDS.get(value.storage.kind, value.storage.kind)
            made[name] = NamedTensor(kind, value.shape, held[key], value.offset, value.strides, order)
        return made

    def _order(self) -> str:
        if f"{self._folder}byteorder" not in self._entries:
            return "<"
        word = self.read("byteorder", 16)
        if word not in (b"little", b"big"):
            raise ModelError(f"entry 'byteorder': expected little or big, got {shown(repr(word))}")
        return "<" if word == b"little" else ">"


def _way_out(state: Mapping[object, object]) -> str:
    held = (
        name
        for name, value in state.items()
        if type(value) is dict and value and all(isinstance(part, Reference) for part in value.values())
    )
    name = next(held, None)
    if name is None:
        return f"of a checkpoint, {WAY_OUT}"
    return f"of a checkpoint, save the state_dict in it alone: torch.save(checkpoint[{shown(name)}], PATH)"
