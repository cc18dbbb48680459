"""Models by their kind of file: the one way in for every command that takes a MODEL.

UNTRUSTED.
"""

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from os import PathLike, fspath
from pathlib import Path
from typing import NamedTuple

from memcert.endings import of_file
from memcert.errors import UndecidedError, UnsupportedError, UsageError
from memcert.formats.files import MAX_BYTES, read_bounded
from memcert.interop.chain import Chain, Step, network_of
from memcert.interop.import_options import ImportOptions as ImportOptions
from memcert.interop.imported import Imported
from memcert.interop.layer_list import chain_of
from memcert.interop.lowering import LOWERING, making
from memcert.interop.nnet import read_nnet
from memcert.interop.onnx.inputs import read_shape
from memcert.interop.onnx.ports import Ports
from memcert.interop.onnx_model import read_onnx
from memcert.interop.preprocessing import Affine, affine
from memcert.interop.refusals import ModelError
from memcert.interop.safetensors_file import read_safetensors
from memcert.interop.state_pickle import WAY_OUT
from memcert.interop.stored_tensors import digest
from memcert.interop.torch_file import read_torch
from memcert.kernel.certificate import Model, ModelFile
from memcert.kernel.network import Network
from memcert.kernel.verdict import shown


class Kind(NamedTuple):
    """A kind of model file.

    Args:
        name: what certificates call it.
        suffixes: of file names, for contents that do not tell.
        options: which of the options it has, beside `preprocess`.
        needs: the extra, if it takes one.
        read: reads path and content.
        chain: reads the layers alone, as they stand; None: it holds a graph.
    """

    name: str
    suffixes: tuple[str, ...]
    options: tuple[str, ...]
    needs: str | None
    read: "Callable[[Source, Request], Imported]"
    chain: "ReadChain | None"


class Source(NamedTuple):
    """A model file that was read."""

    path: str
    content: bytes

    @property
    def file(self) -> ModelFile:
        """Its name and the digest of its bytes. Raises: never."""
        return ModelFile(Path(self.path).name, digest(self.content))

    def made(self, imported_kind: str, notes: tuple[str, ...]) -> Model:
        """Return where the network came from. Raises: never."""
        return Model(self.file.name, imported_kind, (self.file,), LOWERING, {}, notes)


class Request(NamedTuple):
    """How a model is to be read; `read_model` explains the parts."""

    rule: str | None
    options: ImportOptions
    lowering: int
    ports: Ports | None = None

    @property
    def preprocess(self) -> Affine | None:
        """The formula of the options. Raises: UsageError (it is none)."""
        return None if self.options.preprocess is None else affine(self.options.preprocess)

    def network(self, size: int, steps: Sequence[Step]) -> Network:
        """Return the network of a chain. Raises: MemcertError, as `network_of`."""
        return network_of(size, steps, self.preprocess, self.rule, self.lowering)


ReadChain = Callable[[Source, Request], Chain]
_FLAGS = {"clip": "no-clip", "normalize": "no-normalize"}
"""What is typed for an option whose recorded name says the opposite."""


def read_model(
    path: str,
    rule: str | None,
    options: ImportOptions,
    lowering: int = LOWERING,
    *,
    ports: Ports | None = None,
) -> Imported:
    """Read a model file and lower it exactly.

    Args:
        path: of the model; its content tells its kind where it can, else the suffix.
        rule: what the outputs are compared by; `argmax` lets a last Softmax or ArgMax go. None: nothing is
            compared, and every output is kept.
        options: how to read it.
        lowering: the version that makes the network, as a certificate records it.
        ports: several inputs, outputs or named values that are meant together (ONNX); None: one of each.

    Raises:
        UsageError: it cannot be opened, or an option does not fit it.
        ModelError: it is damaged.
        UnsupportedError: what cannot be exact, or is not known; an extra is missing.
        UndecidedError: it is too large.
    """
    making(lowering)
    source = Source(path, read_bounded(path))
    with of_file(path):
        kind = KINDS[_kind(source)]
    for name in options.recorded():
        if name not in kind.options and name != "preprocess":
            allowed = [other.name for other in KINDS.values() if name in other.options]
            flag = _FLAGS.get(name, name).replace("_", "-")
            raise UsageError(f"--{flag}: is an option for {', '.join(allowed)}, not for {kind.name}")
    with of_file(path):
        if ports is not None and kind.read is not _onnx:
            raise UnsupportedError(
                f"several inputs or outputs, or hidden nodes: expected an ONNX model, got {kind.name}"
            )
        found = kind.read(source, Request(rule, options, lowering, ports))
    return replace(found, model=replace(found.model, options=options.recorded(), lowering=lowering))


def read_chain(path: str, rule: str | None, options: ImportOptions) -> tuple[ModelFile, Chain]:
    """Read the layers of a model file as they stand, and say which file they are of.

    Args:
        path: of a model that `read_model` has read.
        rule: what the outputs are compared by, as it was read.
        options: how it was read.

    Raises:
        UnsupportedError: it holds a graph.
        MemcertError: as `read_model`.
    """
    source = Source(path, read_bounded(path))
    with of_file(path):
        kind = KINDS[_kind(source)]
        if kind.chain is None:
            raise UnsupportedError(f"expected a chain of layers, got a graph, as {kind.name} has them")
        return source.file, kind.chain(source, Request(rule, options, LOWERING))


def read_any(model: object, rule: str | None, options: ImportOptions) -> Imported:
    """Read a model file, or take a fitted network of scikit-learn as it is.

    Args:
        model: a path, or the object.
        rule: as `read_model`.
        options: how to read it; of an object, `preprocess` alone.

    Raises:
        MemcertError: as `read_model`.
    """
    if isinstance(model, str | PathLike):
        return read_model(str(fspath(model)), rule, options)
    from memcert.interop.sklearn_mlp import imported

    for name in options.recorded():
        if name != "preprocess":
            raise UsageError(f"{name}: is an option for model files, not for an object of scikit-learn")
    found = imported(model, rule, Request(rule, options, LOWERING).preprocess)
    return replace(found, model=replace(found.model, options=options.recorded()))


def _kind(source: Source) -> str:
    content, suffix = source.content, Path(source.path.removesuffix(".gz")).suffix.lower()
    if content.startswith(b"PK\x03\x04"):
        return _zipped(content, suffix)
    if _OLD_TORCH in content[:32]:
        raise UnsupportedError(
            f"{shown(source.path)}: a file of PyTorch's format before 1.6: load it and save it again, "
            "torch.save(torch.load(PATH, weights_only=True), OTHER)"
        )
    for start, what in _REFUSED.items():
        if content.startswith(start):
            raise UnsupportedError(f"{shown(source.path)}: {what}")
    told = next((name for name, kind in KINDS.items() if suffix in kind.suffixes), None)
    if told is None:
        told = "safetensors" if content[8:10] == b'{"' else "nnet" if content.startswith(b"//") else "onnx"
    return told


def _zipped(content: bytes, suffix: str) -> str:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names, size = archive.namelist(), sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ModelError(f"expected an undamaged zip file, got {shown(str(error))}") from None
    if size > MAX_BYTES:
        raise UndecidedError(f"a zip file that unpacks to {size:,} bytes, more than {MAX_BYTES:,}")
    if "schema.json" in names or suffix == ".skops":
        return "skops"
    if any(name.endswith("/data.pkl") for name in names):
        return "torch"
    if any(name.endswith("/archive_format") for name in names):
        raise UnsupportedError(
            f"a program that torch.export saved: {WAY_OUT}, or export the model to ONNX, "
            "torch.onnx.export(model, example, PATH)"
        )
    raise UnsupportedError(
        f"a zip file with {shown(names[:5])}: expected the state_dict of PyTorch (FOLDER/data.pkl) "
        "or a skops file (schema.json)"
    )


_PICKLE = (
    "a pickle, which runs code when it is loaded: of scikit-learn, write a skops file (skops.io.dump); of "
    "PyTorch, save the weights alone with version 1.6 or later, torch.save(model.state_dict(), PATH)"
)
_OLD_TORCH = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
"""The pickled number that PyTorch's files started with before they were zip files."""
_REFUSED: dict[bytes, str] = {
    b"\x89HDF": "an HDF5 file, as Keras writes them: export the model to ONNX",
    **{bytes([0x80, version]): _PICKLE for version in range(2, 6)},
}
"""What other kinds of file start with, and the way out."""


def _onnx(source: Source, asked: Request) -> Imported:
    options = asked.options
    return read_onnx(
        source.path,
        asked.rule,
        output=options.output,
        preprocess=asked.preprocess,
        lowering=asked.lowering,
        input_shape=None if options.input_shape is None else read_shape(options.input_shape),
        fold_batchnorm=options.fold_batchnorm,
        content=source.content,
        ports=asked.ports,
    )


def _nnet(source: Source, asked: Request) -> Chain:
    options = asked.options
    return read_nnet(source.content).chain(normalize=options.normalize, clip=options.clip)


def _torch(source: Source, asked: Request) -> Chain:
    return chain_of(read_torch(source.content), asked.options.layers, asked.rule, ordered=True)


def _safetensors(source: Source, asked: Request) -> Chain:
    return chain_of(read_safetensors(source.content), asked.options.layers, asked.rule, ordered=False)


def _skops_chain(source: Source, _: Request) -> Chain:
    from memcert.interop.sklearn_mlp import fitted_of, read_skops

    return fitted_of(read_skops(source.content)).chain


def _skops(source: Source, asked: Request) -> Imported:
    from memcert.interop.sklearn_mlp import imported, read_skops

    model = read_skops(source.content)
    return imported(model, asked.rule, asked.preprocess, file=source.file, lowering=asked.lowering)


def _chained(
    name: str, suffixes: tuple[str, ...], options: tuple[str, ...], needs: str | None, chain: ReadChain
) -> Kind:
    # A kind whose files are chains, and say nothing of classes.
    def read(source: Source, asked: Request) -> Imported:
        found = chain(source, asked)
        return Imported(asked.network(found.size, found.layers), source.made(name, found.notes))

    return Kind(name, suffixes, options, needs, read, chain)


KINDS: dict[str, Kind] = {
    "onnx": Kind("ONNX", (".onnx",), ("output", "input_shape", "fold_batchnorm"), "onnx", _onnx, None),
    "nnet": _chained(".nnet", (".nnet",), ("normalize", "clip"), None, _nnet),
    "torch": _chained("PyTorch state_dict", (".pt", ".pth"), ("layers",), None, _torch),
    "safetensors": _chained("safetensors", (".safetensors",), ("layers",), "safetensors", _safetensors),
    "skops": Kind("scikit-learn (skops)", (".skops",), (), "skops", _skops, _skops_chain),
}
"""Every kind that is read. A zip file is told by its entries, and what no content or suffix tells is ONNX."""
