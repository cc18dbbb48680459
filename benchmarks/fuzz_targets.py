"""What is fuzzed: each reader of files from elsewhere, the files it starts from, and what it may raise."""

import contextlib
import gzip
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "corrupted"))

import fuzz_readers as readers
from fuzz_readers import SCRATCH, from_file

from memcert.api import read_dataset
from memcert.errors import MemcertError
from memcert.evidence.decode import decode as decode_evidence
from memcert.kernel.check import check
from memcert.kernel.decode import decode
from memcert.kernel.verdict import Failure

ROOT = Path(__file__).parents[1]
SMALL = 1 << 16
"""Files up to this size are seeds."""


@dataclass(frozen=True)
class Target:
    """A reader.

    Args:
        reads: what, in words.
        read: takes the bytes of a file.
        seeds: true files to start from.
        structure: what a change of structure is a change of: `json`, `graph` (ONNX), `words`, or nothing.
    """

    reads: str
    read: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    structure: str = ""


def attempt(target: Target, data: bytes) -> None:
    """Read, and let through only what is no error of memcert's table."""
    try:
        target.read(data)
    except Failure:
        return
    except MemcertError as error:
        if error.status == 70:
            raise


def checked(data: bytes) -> None:
    """Decode a certificate and check it, where it can be decoded."""
    check(decode(data))


def texts(*patterns: str) -> Callable[[], list[bytes]]:
    """Return what reads the small files of the repository that match."""
    return lambda: [
        path.read_bytes()
        for pattern in patterns
        for path in sorted(ROOT.glob(pattern))
        if path.is_file() and path.stat().st_size <= SMALL
    ]


def arrays() -> list[bytes]:
    """Return NPZ files of some kinds of numbers."""
    import io

    import numpy as np

    made = []
    for kind in ("f8", "f4", "i8", "u1", ">i2", "f2"):
        file = io.BytesIO()
        np.savez(file, X=np.arange(12).reshape(4, 3).astype(kind), y=np.array([0, 1, 0, 1]))
        made.append(file.getvalue())
    return made


def images() -> list[bytes]:
    """Return IDX files, plain and packed."""
    plain = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, *range(8)])
    return [plain, gzip.compress(plain), bytes([0, 0, 13, 1, 0, 0, 0, 1, 63, 128, 0, 0])]


def idx(path: str) -> None:
    """Read IDX images with labels from the same file, which seldom fits, and so reads both."""
    readers.both_ways(path, labels=path)


def models() -> list[bytes]:
    """Return ONNX files of small graphs."""
    import numpy as np
    from kills import small_model
    from onnx import TensorProto, helper, numpy_helper

    weights = numpy_helper.from_array(np.ones((2, 1, 3, 3), np.float32), "w")
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Softmax", ["f"], ["y"]),
    ]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1, 4, 4])
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 8])
    graph = helper.make_graph(nodes, "g", [given], [made], [weights])
    convolution = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    return [small_model(), convolution.SerializeToString()]


def imported(path: str) -> None:
    """Import a model file for the rule argmax."""
    from memcert.interop.models import ImportOptions, read_model

    with contextlib.redirect_stderr(None):
        read_model(path, "argmax", ImportOptions())


def pickled(data: bytes) -> None:
    """Read the bytes as the pickle of a PyTorch file whose storages are there."""
    import io
    import zipfile

    from memcert.interop.torch_file import read_torch

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in {"data.pkl": data, "data/0": bytes(range(64)), "data/1": bytes(64)}.items():
            archive.writestr(f"m/{name}", content)
    for name, tensor in read_torch(made.getvalue()).items():
        tensor.numbers(name)


def pickles() -> list[bytes]:
    """Return pickles of state_dicts, and one that asks for more."""
    import model_files as files

    kinds = ("FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage")
    entries = {f"{i}.weight": files.tensor(str(i % 2), (2, 2), kind) for i, kind in enumerate(kinds)}
    evil = b"\x80\x02cposix\nsystem\n" + files.text("true") + b"\x85R."
    return [files.state_pickle(entries), files.state_pickle({}), evil]


def nnets() -> list[bytes]:
    """Return a `.nnet` text."""
    import model_files as files

    layers = [([["1", "-2.5e-3"], ["0.1", "3"]], ["0", "1"]), ([["1", "1"], ["2", "0"]], ["-1", "0"])]
    return [files.nnet_text(layers, ["0", "-1"], ["1", "1"], ["0", "0.5", "1"], ["1", "2", "3"]).encode()]


def safetensors() -> list[bytes]:
    """Return a safetensors file."""
    import model_files as files

    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        path = Path(folder) / "m.safetensors"
        tensors = {"0.weight": ("F32", (2, 2), bytes(range(16))), "0.bias": ("BF16", (2,), bytes(4))}
        files.safetensors_file(path, tensors)
        return [path.read_bytes()]


TARGETS = {
    "certificate": Target(
        "certificates: decoder and kernel",
        checked,
        texts("certificates/*.json", "tests/corrupted/false/*.json"),
        structure="json",
    ),
    "evidence": Target(
        "evidence files",
        decode_evidence,
        texts("tests/evidence/*.json", "certificates/separable.json"),
        structure="json",
    ),
    "csv": Target("CSV", from_file(".csv", readers.both_ways), texts("tests/data/*.csv")),
    "json": Target(
        "data as JSON",
        from_file(".json", read_dataset),
        lambda: [b'{"points": [[0, "1/2"], [1, 0.25]], "labels": ["a", "b"]}', b'[{"x": 1, "label": 0}]'],
        structure="json",
    ),
    "npz": Target("NPZ", from_file(".npz", readers.both_ways), arrays),
    "idx": Target("IDX", from_file("-idx3-ubyte", idx), images),
    "cnf": Target(
        "DIMACS formulas",
        from_file(".cnf", read_dataset),
        lambda: [b"c x\np cnf 6 2\n1 2 3 4 5 6 0\n-1 -2 3 -4 5 6 0\n"],
    ),
    "onnx": Target("ONNX models", from_file(".onnx", imported), models, structure="graph"),
    "pickle": Target("the pickle of a PyTorch file", pickled, pickles),
    "nnet": Target(".nnet", from_file(".nnet", imported), nnets),
    "safetensors": Target("safetensors", from_file(".safetensors", imported), safetensors),
    "torch": Target("PyTorch files", from_file(".pt", imported), readers.torch_archives),
    "skops": Target(
        "the schema of a skops file", readers.skops_schema, readers.skops_schemas, structure="json"
    ),
    "formula": Target("formulas of --preprocess", readers.formula, readers.formulas, structure="words"),
    "vnnlib": Target(
        "VNN-LIB 1.0", from_file(".vnnlib", readers.property_file), readers.properties, structure="words"
    ),
    "vnnlib2": Target(
        "VNN-LIB 2.0",
        from_file(".vnnlib", readers.property_file),
        readers.later_properties,
        structure="words",
    ),
    "witness": Target(
        "witnesses, read and judged",
        from_file(".txt", readers.judged_witness),
        readers.witnesses,
        structure="words",
    ),
    "instances": Target(
        "instances.csv of a benchmark", readers.instances, readers.instance_lists, structure="words"
    ),
    "boxes": Target("box files: decoder and replay", readers.replayed, readers.box_files, structure="json"),
    "result": Target(
        "results of proofs, and their page", readers.result_page, readers.results, structure="json"
    ),
    "policy": Target("policies of the gate", readers.policy, readers.policies, structure="json"),
    "places": Target(
        "lines of what is wrong with a certificate",
        readers.places,
        texts("certificates/five.json", "tests/gate/sample/certificates/*.json"),
        structure="json",
    ),
    "cache": Target("entries of the gate's cache", readers.cached, readers.entries, structure="json"),
    "canonical": Target(
        "memcert-data/1: formats and kernel",
        from_file(".data", readers.canonical),
        lambda: [b'memcert-data/1 2 2\ncolumns ["x", "y"]\n0 -1/2 "a"\n1 0x1p+60 "b"\n'],
        structure="words",
    ),
    "labels": Target("files of labels", from_file(".txt", readers.labels), readers.label_files),
    "parquet": Target("Parquet", from_file(".parquet", readers.both_ways), readers.parquet_tables),
}
"""By name, in the order in which they are told."""
