"""Counterexamples that are off by a rounding: how many hold, before and after repair, and what each takes.

Run: python benchmarks/witness.py [--models 6] [--properties 20] [--keep DIR]. Makes a benchmark as the VNN
competition lays it out (seeded networks 5-50x6-5, boxes with decimal ends, robustness of a class) and the
results of three tools that search and print in floating point. Writes results/witness.json.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from measuring import run, save

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from onnx_models import model, node, saved, stored

from memcert.interop.models import ImportOptions, read_model
from memcert.reports.witness_folder import counted, table
from memcert.witnesses.folders import Entry, Options, judged
from memcert.witnesses.layouts import paired, read_benchmarks
from memcert.witnesses.prepared import Prepared

Array = np.ndarray[Any, Any]
SIZES = (5, 50, 50, 50, 50, 50, 50, 5)
EPS = 1.0
STEPS = 60


@dataclass(frozen=True)
class Drawn:
    """A network in float64, and its file."""

    weights: list[Array]
    biases: list[Array]
    path: Path


def drawn(generator: np.random.Generator, folder: Path, name: str) -> Drawn:
    """Draw a network with float32 weights and write it as ONNX."""
    weights: list[Array] = []
    biases: list[Array] = []
    nodes, tensors, before = [], [], "x"
    for k, (inputs, outputs) in enumerate(pairwise(SIZES)):
        weights.append((generator.normal(size=(inputs, outputs)) * np.sqrt(2 / inputs)).astype(np.float32))
        biases.append((generator.normal(size=outputs) * 0.1).astype(np.float32))
        tensors += [stored(f"w{k}", weights[-1]), stored(f"b{k}", biases[-1])]
        last = k == len(SIZES) - 2
        nodes.append(node("Gemm", [before, f"w{k}", f"b{k}"], ["y" if last else f"z{k}"]))
        if not last:
            nodes.append(node("Relu", [f"z{k}"], [f"h{k}"]))
            before = f"h{k}"
    folder.mkdir(parents=True, exist_ok=True)
    return Drawn(weights, biases, Path(saved(model(nodes, tensors, SIZES[0]), folder, f"{name}.onnx")))


def values(network: Drawn, x: Array, kind: Any) -> Array:
    """Return the outputs in float32 or float64."""
    value = x.astype(kind)
    for k, (w, b) in enumerate(zip(network.weights, network.biases, strict=True)):
        value = value @ w.astype(kind) + b.astype(kind)
        if k < len(network.weights) - 1:
            value = np.maximum(value, 0)
    return value


def margin(network: Drawn, x: Array, label: int, kind: Any) -> float:
    """Return by how much another class is at least as large."""
    found = values(network, x, kind)
    return float(np.delete(found, label).max() - found[label])


def attacked(
    generator: np.random.Generator, network: Drawn, ends: Array, label: int, kind: Any
) -> Array | None:
    """Return a point of the box, as this float type has its ends, where the class is lost; None: not found.

    It is moved back towards the middle as far as floats say that the class stays lost.
    """
    low, high = ends.astype(kind)
    center = (low + high) / 2
    best, gain = center, margin(network, center, label, kind)
    for step in range(STEPS):
        scale = kind(0.98**step)
        candidate = np.clip(
            best + scale * (high - low) * generator.normal(size=len(low)).astype(kind), low, high
        )
        found = margin(network, candidate, label, kind)
        if found > gain:
            best, gain = candidate, found
    if gain < 0:
        return None
    near, far = center, best
    for _ in range(40):
        middle = (near + far) / kind(2)
        if margin(network, middle, label, kind) >= 0:
            far = middle
        else:
            near = middle
    # Half of the tools' answers stand at the border of the box, half at that of the class.
    chosen: Array = best if generator.random() < 0.5 else far
    return chosen


TOOLS: dict[str, tuple[Any, Callable[[Any], str]]] = {
    "float32-nine-digits": (np.float32, lambda x: f"{x:.9g}"),
    "float32-six-digits": (np.float32, lambda x: f"{x:.6g}"),
    "float64-repr": (np.float64, lambda x: repr(float(x))),
}


def property_text(ends: Array, label: int) -> tuple[str, Array]:
    """Return a property in VNN-LIB 1.0 with ends of nine decimals, and these ends in float64."""
    spelled = [[f"{x:.9f}" for x in row] for row in ends]
    names = [f"X_{i}" for i in range(SIZES[0])] + [f"Y_{j}" for j in range(SIZES[-1])]
    lines = [f"(declare-const {name} Real)" for name in names]
    for i in range(SIZES[0]):
        lines += [f"(assert (>= X_{i} {spelled[0][i]}))", f"(assert (<= X_{i} {spelled[1][i]}))"]
    others = " ".join(f"(and (>= Y_{j} Y_{label}))" for j in range(SIZES[-1]) if j != label)
    return "\n".join([*lines, f"(assert (or {others}))"]) + "\n", np.array(spelled, dtype=np.float64)


def made(folder: Path, models: int, properties: int) -> Iterator[Path]:
    """Write the benchmark and the tools' results; yield the witness files."""
    generator = np.random.default_rng(0)
    bench, results = folder / "benchmarks" / "seeded", folder / "results"
    (bench / "vnnlib").mkdir(parents=True)
    lines = []
    for m in range(models):
        network = drawn(generator, bench / "onnx", f"net_{m}")
        for p in range(properties):
            middle = generator.normal(size=SIZES[0])
            label = int(np.argmax(values(network, middle, np.float64)))
            text, ends = property_text(np.array([middle - EPS, middle + EPS]), label)
            (bench / "vnnlib" / f"prop_{m}_{p}.vnnlib").write_text(text, encoding="utf-8")
            lines.append(f"onnx/net_{m}.onnx,vnnlib/prop_{m}_{p}.vnnlib,60")
            for tool, (kind, spelling) in TOOLS.items():
                point = attacked(generator, network, ends, label, kind)
                if point is not None:
                    yield witness(
                        results / tool / "2026_seeded", f"net_{m}_prop_{m}_{p}", network, point, spelling
                    )
    (bench / "instances.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def witness(folder: Path, name: str, network: Drawn, x: Array, spelling: Callable[[Any], str]) -> Path:
    """Write a witness in the competition's layout."""
    folder.mkdir(parents=True, exist_ok=True)
    named = [(f"X_{i}", v) for i, v in enumerate(x)] + [
        (f"Y_{j}", v) for j, v in enumerate(values(network, x, x.dtype))
    ]
    path = folder / f"{name}.counterexample"
    path.write_text("sat\n(" + "\n".join(f"({n} {spelling(v)})" for n, v in named) + ")\n", encoding="utf-8")
    return path


def folder_run(folder: Path, *, repair: bool) -> tuple[float, list[Entry]]:
    """Judge the folder in this process; return seconds and entries."""
    start = time.perf_counter()
    benchmarks = read_benchmarks(str(folder / "benchmarks"))
    options = Options(
        lambda path, _: Prepared(read_model(str(path), None, ImportOptions()).network), repair, None
    )
    entries = list(judged(paired(str(folder / "results"), benchmarks), options))
    return time.perf_counter() - start, entries


def process_seconds(words: Sequence[str], log: Path, repeat: int) -> dict[str, float]:
    """Return the median seconds of `memcert WORDS`, start-up included: on the clock, and of the processor."""
    runs = [run([sys.executable, "-m", "memcert", *words], log) for _ in range(repeat)]
    return {
        "clock": round(statistics.median(one.seconds for one in runs), 2),
        "processor": round(statistics.median(one.processor_seconds for one in runs), 2),
    }


def words_for(folder: Path, path: Path) -> list[str]:
    """Return the words that judge one witness of the folder."""
    net, prop = path.name.removesuffix(".counterexample").split("_prop_")
    bench = folder / "benchmarks" / "seeded"
    files = (bench / "onnx" / f"{net}.onnx", bench / "vnnlib" / f"prop_{prop}.vnnlib", path)
    return ["witness", *map(str, files), "-q"]


def distances(entries: Sequence[Entry]) -> dict[str, float]:
    """Return the median and largest change of an input that repairs made."""
    found = sorted(float(entry.repair.distance) for entry in entries if entry.repair is not None)
    return {"median": statistics.median(found), "largest": found[-1]} if found else {}


def measured(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Make the folder, judge it twice, and return the figures."""
    paths = list(made(folder, options.models, options.properties))
    plain, before = folder_run(folder, repair=False)
    longer, after = folder_run(folder, repair=True)
    print("\n".join([*table(counted(before)), "", *table(counted(after))]))
    log = folder / "log"
    mended = sum(entry.repair is not None for entry in after)
    wrong = sum(entry.kind != "exact" for entry in after)
    return {
        "network": "-".join(map(str, SIZES)),
        "models": options.models,
        "witnesses": len(paths),
        "before": counted(before),
        "after_repair": counted(after),
        "milliseconds_a_witness": round(1000 * plain / len(paths), 1),
        "milliseconds_a_repair": round(1000 * (longer - plain) / max(wrong, 1), 1),
        "not_exact": wrong,
        "repaired": mended,
        "repair_distance": distances(after),
        "whole_process_seconds": process_seconds(words_for(folder, paths[0]), log, options.repeat),
        "start_up_alone_seconds": process_seconds(["--version"], log, options.repeat),
    }


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=6)
    parser.add_argument("--properties", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=5, help="of the whole process; the median counts")
    parser.add_argument("--keep", type=Path, help="leave benchmark and results in this folder")
    options = parser.parse_args()
    if options.keep is not None:
        options.keep.mkdir(parents=True)
        figures = measured(options.keep, options)
    else:
        with tempfile.TemporaryDirectory() as folder:
            figures = measured(Path(folder), options)
    for name, value in figures.items():
        if not isinstance(value, dict):
            print(f"{name}: {value}")
    print(f"saved: {save('witness', figures)}")


if __name__ == "__main__":
    main()
