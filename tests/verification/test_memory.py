"""What `verify` and `check` hold does not grow with the number of rows.

Where a block is this small, 20 bytes a row are the places of blocks on disk and what waits to be collected; a
row that is held has 24 bytes of numbers alone, and its label, line and margin.
"""

import gc
import os
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from onnx_models import model, node, saved, stored

import memcert
from memcert.cli import main
from memcert.datasets import canonical, delimited, spool, texts
from memcert.formats import files
from memcert.questions.model import VerifiedModel
from memcert.regions import median, radii
from memcert.verification.verdicts import Options


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send to disk what is more than a little, so that few rows are many."""
    monkeypatch.setattr(spool, "MEMORY", 1 << 12)
    monkeypatch.setattr(spool, "BLOCK", 1 << 8)
    monkeypatch.setattr(delimited, "BLOCK", 1 << 10)
    monkeypatch.setattr(canonical, "BLOCK", 1 << 10)
    monkeypatch.setattr(files, "BUFFER", 1 << 12)
    monkeypatch.setattr(texts, "BUFFER", 1 << 12)
    monkeypatch.setattr(median, "BLOCK", 1 << 8)
    monkeypatch.setattr(radii, "BATCH", 50)
    monkeypatch.setattr("memcert.questions.regions.ROWS_AT_ONCE", 100)
    monkeypatch.setattr("memcert.exact.check.NUMBERS", 1 << 10)
    monkeypatch.setattr("memcert.exact.separation.NUMBERS", 1 << 10)
    monkeypatch.setattr("memcert.semantics.judge.ROOM", 1 << 10)
    monkeypatch.setattr("memcert.reports.verification.LISTED_MARGINS", 100)
    monkeypatch.setattr("memcert.verification.verdicts.Options", few_at_once)


def few_at_once(jobs: int, scheduler: str | None, paranoid: bool) -> Options:
    return Options(jobs, scheduler, paranoid, batch=200)


def network(folder: Path) -> str:
    """Return a network that decides for output 1 far from the origin, and now and then elsewhere."""
    generator = np.random.default_rng(5)
    first, last = generator.normal(size=(3, 8)).astype("f4"), generator.normal(size=(8, 3)).astype("f4")
    nodes = [node("MatMul", "xw", "h"), node("Relu", "h", "r"), node("MatMul", "rv", "y")]
    return saved(model(nodes, [stored("w", first), stored("v", last)], 3), folder)


def sure_network(folder: Path) -> str:
    """Return a network that always decides for output 1."""
    weights = [stored("w", np.eye(3)), stored("b", [0, 9_000, 0])]
    nodes = [node("MatMul", "xw", "h"), node("Relu", "h", "r"), node("Add", "rb", "y")]
    return saved(model(nodes, weights, 3), folder, "sure.onnx")


def rows(folder: Path, count: int, label: int | None = None) -> str:
    generator = np.random.default_rng(count)
    numbers = generator.integers(0, 256, (count, 3)).tolist()
    labels = generator.integers(0, 3, count).tolist() if label is None else [label] * count
    lines = (f"{a},{b},{c},{last}\n" for (a, b, c), last in zip(numbers, labels, strict=True))
    path = folder / f"{count}.csv"
    path.write_text("a,b,c,label\n" + "".join(lines), encoding="utf-8")
    return str(path)


def peak(words: Sequence[str], status: int) -> int:
    """Return the most bytes that a command held at once."""
    gc.collect()
    tracemalloc.start()
    try:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            assert main(list(words)) == status
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def growth(words: Sequence[str], data: Sequence[tuple[int, str]], status: int = 1) -> float:
    """Return by how many bytes a row what is held grows; the first data set loads what is loaded once."""
    (_, first), (few, small), (many, large) = data
    held = [peak([word.replace("DATA", path) for word in words], status) for path in (first, small, large)]
    return (held[2] - held[1]) / (many - few)


ASKED = {
    "verdicts": [],
    "each row": ["--per-row", "FOLDER/rows.jsonl"],
    "floats": ["--semantics", "float32,any-order", "--semantics-file", "FOLDER/floats.jsonl"],
    "one object": ["--json"],
}


@pytest.mark.parametrize("name", ASKED)
def test_verify_holds_less_than_a_row(tmp_path: Path, name: str) -> None:
    words = ["verify", network(tmp_path), "DATA", "--rule", "argmax", "--quiet", *ASKED[name]]
    data = [(count, rows(tmp_path, count)) for count in (100, 3_000, 9_000)]
    assert growth([word.replace("FOLDER", str(tmp_path)) for word in words], data) < 20


def test_regions_hold_less_than_the_radius_of_a_row(tmp_path: Path) -> None:
    asked = ["--regions", "--region-file", f"{tmp_path}/regions.jsonl"]
    words = ["verify", network(tmp_path), "DATA", "--rule", "argmax", "--quiet", *asked]
    data = [(count, rows(tmp_path, count)) for count in (100, 700, 2_100)]
    assert growth(words, data) < 150


def test_a_certificate_without_its_data_is_written_and_checked_within_less_than_a_row(
    tmp_path: Path,
) -> None:
    data = [(count, rows(tmp_path, count, label=1)) for count in (100, 3_000, 9_000)]
    write = ["verify", sure_network(tmp_path), "DATA", "--rule", "argmax", "-o", "DATA.json", "--detach"]
    assert growth(write, data, status=0) < 20
    check = ["check", "DATA.json", "--dataset", "DATA", "--engine"]
    assert growth([*check, "fast"], data, status=0) < 20
    assert growth([*check, "kernel"], data, status=0) < 20


@pytest.mark.parametrize("question", [lambda found: found.regions(), lambda found: found.boxes("1/8")])
def test_answers_from_python_lie_on_disk_too(
    tmp_path: Path, question: Callable[[VerifiedModel], Sequence[object]]
) -> None:
    path = network(tmp_path)

    def held(count: int) -> int:
        found = memcert.verify(path, rows(tmp_path, count), "argmax")
        gc.collect()
        tracemalloc.start()
        try:
            answers = question(found)
            for _ in answers:
                pass
            gc.collect()
            return tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    held(100)
    few, many = held(300), held(900)
    # A region or a decided box that is held has two walls, or bounds of eight neurons: 400 bytes at least.
    assert (many - few) / 600 < 150
