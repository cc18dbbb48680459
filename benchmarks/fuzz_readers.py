"""Readers that fuzz_targets.py lists, and their seeds: properties, boxes, policies, results and more."""

import importlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from memcert.api import read_dataset
from memcert.datasets.canonical import digest_and_size
from memcert.errors import MemcertError, UndecidedError
from memcert.kernel.decode import decode
from memcert.kernel.verdict import Failure

SCRATCH = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())  # noqa: S108 - memory


def from_file(suffix: str, read: Callable[[str], object]) -> Callable[[bytes], object]:
    """Return a reader of bytes that goes through a file with that suffix."""

    def through(data: bytes) -> None:
        with tempfile.NamedTemporaryFile(dir=SCRATCH, suffix=suffix) as file:
            file.write(data)
            file.flush()
            read(file.name)

    return through


# Data


def both_ways(path: str, labels: str | None = None) -> None:
    """Read a table whole, and laid aside in blocks of a few numbers: the same rows, or refused by both."""
    from memcert.datasets import canonical, delimited, label_files, parquet, stored_points
    from memcert.datasets.reading import read_rows

    whole = _rows_of(lambda: read_dataset(path, labels=labels, consistent=False))
    modules: tuple[Any, ...] = (canonical, delimited, label_files, parquet, stored_points)
    blocks = {module: module.BLOCK for module in modules}
    try:
        for module in blocks:
            module.BLOCK = 5
        parts = _rows_of(lambda: read_rows(path, labels=labels))
    finally:
        for module, size in blocks.items():
            module.BLOCK = size
    refused = [isinstance(found, MemcertError) for found in (whole, parts)]
    # What is held has limits that what is laid aside has not.
    if not isinstance(whole, UndecidedError) and (any(refused) or whole != parts) and not all(refused):
        raise ValueError(f"read whole and in parts are not the same: {whole!r:.200} and {parts!r:.200}")


def _rows_of(read: Callable[[], Any]) -> object:
    try:
        rows = read()
        return rows.columns, list(rows.rows()), list(map(type, rows.labels)), digest_and_size(rows)
    except MemcertError as error:
        if error.status == 70:
            raise
        return error


# Properties and witnesses


def property_file(path: str) -> None:
    """Read a property of VNN-LIB, whichever version it says it is."""
    from memcert.witnesses.properties import read_property

    read_property(path)


def properties() -> list[bytes]:
    """Return properties of version 1.0."""
    from witness_tools import box, declared

    head = declared(2, 2) + box(("-1", "0.5"), ("-1e-3", "1"))
    either = "(assert (or (and (<= Y_0 Y_1) (>= X_0 0.25)) (and (>= Y_1 -2.5e1))))\n"
    sum_ = "(assert (<= (+ (* 2.0 Y_0) (- Y_1)) 12345678901234567890.5))\n"
    return [(head + either).encode(), (head + "(assert (<= Y_0 3))\n").encode(), (head + sum_).encode()]


def later_properties() -> list[bytes]:
    """Return properties of version 2.0."""
    one = (
        "(vnnlib-version <2.0>)\n(declare-network f (declare-input X float32 [1,2]) "
        "(declare-output Y real [2]))\n"
        "(assert (and (<= X[0,0] 0.5) (>= X[0,0] -0.5) (<= X[0,1] 1) (>= X[0,1] 0)))\n"
    )
    two = one.replace(
        "(assert",
        "(declare-network g (equal-to f) (declare-input U real [1,2]) (declare-output V real [2]))\n(assert",
    )
    tail = "(assert (or (<= Y[0] (* 2.0 Y[1])) (>= (+ Y[0] (- Y[1])) 0.001)))\n"
    return [(text + tail).encode() for text in (one, two)]


def judged_witness(path: str) -> None:
    """Read a witness of a property of a small network, and judge it."""
    from witness_tools import hat

    from memcert.witnesses.judging import fitting, judge
    from memcert.witnesses.prepared import Prepared
    from memcert.witnesses.properties import read_property
    from memcert.witnesses.witness_files import read_witness

    with tempfile.NamedTemporaryFile(dir=SCRATCH, suffix=".vnnlib") as file:
        file.write(properties()[0])
        file.flush()
        stated = read_property(file.name)
    judge(stated, fitting(stated, {"": Prepared(hat())}), read_witness(path, stated))


def witnesses() -> list[bytes]:
    """Return a witness in each layout."""
    return [
        b"sat\n((X_0 0.5)\n(X_1 -1e-3)\n(Y_0 (/ 1 2))\n(Y_1 (- 2.5)))\n",
        b"sat\nX_0=0.5\nX_1=1/3\nY_0=1\n",
        b"sat\nX real [2]\n0.5\n1\nY real [2]\n1\n2\n",
        b"unsat\n",
    ]


def instances(data: bytes) -> None:
    """Read the instances.csv of a benchmark, and look for the witnesses that it names."""
    from memcert.witnesses.layouts import paired, read_benchmarks

    with tempfile.TemporaryDirectory(dir=SCRATCH) as name:
        folder = Path(name) / "bench"
        folder.mkdir()
        (folder / "instances.csv").write_bytes(data)
        results = Path(name) / "tool" / "bench"
        results.mkdir(parents=True)
        (results / "a_b.counterexample").write_bytes(b"unsat\n")
        paired(str(results.parent), read_benchmarks(str(folder)))


def instance_lists() -> list[bytes]:
    """Return instances.csv of both versions."""
    return [
        b"onnx/a.onnx,vnnlib/b.vnnlib,100\nonnx/sub/c.onnx.gz,vnnlib/d.vnnlib,116.5\n",
        b"\"[('f', 'onnx/a.onnx'), ('g', 'onnx/c.onnx')]\",\"vnnlib/b.vnnlib\",60\n",
    ]


# Boxes and results


@cache
def _boxed() -> tuple[bytes, bytes]:
    """Return a certificate of a small network made elsewhere, and the box file beside it."""
    import contextlib

    import model_files

    from memcert.cli import main

    layers = [([["1", "-2.5"], ["0.5", "3"], ["-1", "1"]], ["0", "1", "0"])]
    layers.append(([["1", "1", "-1"], ["2", "0", "1"]], ["-1", "0"]))
    with tempfile.TemporaryDirectory(dir=SCRATCH) as name:
        folder = Path(name)
        model, data, made = (folder / name for name in ("n.nnet", "d.csv", "c.json"))
        text = model_files.nnet_text(layers, ["-9", "-9"], ["9", "9"], ["0"] * 3, ["1"] * 3)
        model.write_text(text, encoding="utf-8")
        data.write_text("x,y,label\n0,1,0\n2,1,1\n-1,3,1\n3,-1,0\n4,4,1\n", encoding="utf-8")
        words = ["verify", str(model), str(data), "--rule", "argmax", "--classes", "0,1", "--quiet"]
        with contextlib.redirect_stderr(io.StringIO()):
            main([*words, "--box", "1/2", "-o", str(made)])
        return made.read_bytes(), (folder / "c.boxes.json").read_bytes()


def replayed(data: bytes) -> None:
    """Decode a box file and replay it beside its certificate."""
    from memcert.boxes.check import check
    from memcert.boxes.decode import decode as decode_boxes
    from memcert.kernel.data import inline_table

    certificate = decode(_boxed()[0])
    table = inline_table(certificate)
    if table is not None:
        check(decode_boxes(data), certificate, table)


def box_files() -> list[bytes]:
    """Return a box file with proved and refuted rows."""
    return [_boxed()[1]]


def result_page(data: bytes) -> None:
    """Read a proof's result and make its page."""
    from memcert.proofs.stored import decode_result, is_result
    from memcert.reports.html.result_page import result_page as page

    is_result(data)
    page(decode_result(data), "result.json")


def results() -> list[bytes]:
    """Return a result that is proved, and one that is refuted."""
    from bases import sign
    from proof_results import PROVED

    from memcert.proofs.prove import prove

    false = sign()
    false["dataset"]["labels"][2] = -1
    refuted = prove(decode(json.dumps(false).encode()))
    return [json.dumps(found.to_json()).encode() for found in (PROVED, refuted)]


# The gate


def policy(data: bytes) -> None:
    """Read a policy: the value of JSON, or TOML as memcert.toml and in pyproject.toml."""
    from memcert.errors import UsageError
    from memcert.gate.policy import read_policy
    from memcert.gate.policy_files import find

    if data.startswith(b"{"):
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            return
        if isinstance(value, dict):
            read_policy(value, "memcert.toml")
        return
    try:
        find(lambda name: data if name == "memcert.toml" else None, None)
    except UsageError:
        find(lambda name: b"[tool.memcert]\n" + data if name == "pyproject.toml" else None, None)


def policies() -> list[bytes]:
    """Return the policy of the sample repository, as TOML and as the value that it is."""
    import tomllib

    content = (Path(__file__).parents[1] / "tests" / "gate" / "sample" / "memcert.toml").read_bytes()
    return [content, json.dumps(tomllib.loads(content.decode())).encode()]


def places(data: bytes) -> None:
    """Decode a certificate, and find the line of what is wrong with it; so, too, for any place."""
    from memcert.gate.places import pointer_of
    from memcert.gate.read import Text

    text = Text("c.json", data, packed=False)
    try:
        decode(data)
    except Failure as failure:
        text.place_of_damage(failure.at)
    pointer_of(data[:200].decode("utf-8", "replace"))


def cached(data: bytes) -> None:
    """Look for a verdict in a cache whose entry is the bytes: none must be found."""
    from memcert.findings import Finding, from_json
    from memcert.gate.cache import Cache
    from memcert.gate.demands import Demands
    from memcert.gate.rules import EVERYTHING, joined

    with tempfile.TemporaryDirectory(dir=SCRATCH) as name:
        folder = Path(name)
        (folder / "c.json").write_bytes(b"{}")
        demands: Demands = joined((EVERYTHING,), "c.json")
        cache = Cache(folder, bytes(32), folder, "sha256:p")
        (folder / f"{cache.name('c.json', demands)}.json").write_bytes(data)
        found: Finding | None = cache.found("c.json", demands)
    if found is not None:
        raise RuntimeError("a forged entry was believed")
    try:
        from_json(json.loads(data)["finding"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return  # what the cache, too, takes for no entry


def entries() -> list[bytes]:
    """Return an entry of a cache with a false code of authentication."""
    from memcert.findings import Finding, Step, to_json

    found = Finding("c.json", "certificate", (Step("check", 0, "accepted", "by hand"),), {"c.json": "0" * 64})
    return [json.dumps({"finding": to_json(found), "mac": "0" * 64}).encode()]


# Tables, labels, formulas


def canonical(path: str) -> None:
    """Read the canonical text as the formats do, then as the kernel does."""
    from memcert.kernel.__main__ import table_of

    try:
        both_ways(path)
    finally:
        for _ in table_of(path).rows:
            pass


def labels(path: str) -> None:
    """Read a file of four labels."""
    from memcert.datasets.label_files import read_labels

    read_labels(path, 4, "points")


def label_files() -> list[bytes]:
    """Return labels as text, NPY and IDX."""
    import numpy as np

    file = io.BytesIO()
    np.save(file, np.array(["a", "b", "a", "c"]))
    return [
        b"1\n2\n-3\n4\n",
        b"a\nb\n\xc3\xa9\nd",
        file.getvalue(),
        bytes([0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 2, 3]),
    ]


def parquet_tables() -> list[bytes]:
    """Return Parquet files of integers, floats, decimals and texts."""
    import decimal

    pyarrow: Any = importlib.import_module("pyarrow")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    tables = (
        {"a": [1, 2, 3], "b": [0.5, 0.1, -2.0], "label": ["x", "y", "x"]},
        {"a": [decimal.Decimal("0.25"), decimal.Decimal("-1.50")], "t": ["1/3", "2"], "label": [0, 1]},
    )
    made = []
    for table in tables:
        file = io.BytesIO()
        parquet.write_table(pyarrow.table(table), file, compression="none")
        made.append(file.getvalue())
    return made


def formula(data: bytes) -> None:
    """Read a formula of preprocessing, and spread it over three channels."""
    from memcert.interop.preprocessing import affine

    affine(data.decode("utf-8", "replace")).coefficients((3, 2, 2))


def formulas() -> list[bytes]:
    """Return formulas of preprocessing."""
    return [
        b"x/255",
        b"(x - 0.5)/0.25",
        b"(x/255 - [0.485, 0.456, 0.406])/[0.229, 0.224, 0.225]",
        b"-2*x+1e-3",
    ]


# Archives


def torch_archives() -> list[bytes]:
    """Return a file as torch.save writes it."""
    import model_files
    import numpy as np

    with tempfile.TemporaryDirectory(dir=SCRATCH) as name:
        path = Path(name) / "m.pt"
        weight = np.arange(6, dtype=np.float32).reshape(3, 2)
        tensors = {"0.weight": weight, "0.bias": np.ones(3, np.float32)}
        tensors |= {"2.weight": weight.T.copy(), "2.bias": np.zeros(2, np.float32)}
        model_files.torch_file(path, tensors)
        return [path.read_bytes()]


@cache
def _skops() -> dict[str, bytes]:
    """Return the entries of the skops file of a small classifier."""
    import warnings

    skops: Any = importlib.import_module("skops.io")
    from sklearn.neural_network import MLPClassifier

    points = [[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [1.0, 3.0]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two steps converge nowhere
        model = MLPClassifier((2,), max_iter=2, random_state=1).fit(points, [0, 1, 2, 1])
    with zipfile.ZipFile(io.BytesIO(skops.dumps(model))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def skops_schema(data: bytes) -> None:
    """Read the bytes as the schema of a skops file whose arrays are there."""
    from memcert.interop.sklearn_mlp import imported, read_skops

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in {**_skops(), "schema.json": data}.items():
            archive.writestr(name, content)
    imported(read_skops(made.getvalue()), "argmax")


def skops_schemas() -> list[bytes]:
    """Return the schema of a small classifier."""
    return [_skops()["schema.json"]]
