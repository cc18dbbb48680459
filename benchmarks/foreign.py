"""Exact verdicts and margins of networks made elsewhere, beside the same networks in float64.

Run: python benchmarks/foreign.py [--rounds 5] [--only NAME]; needs the extras onnx and sklearn. The
networks are made here, from seeds, or trained here, and written as ONNX files. The yardstick is
`max(h @ W + b, 0)` layer by layer, its input already float64, in the same process with the same
processors, the two taking turns; of both the fastest round counts. What is exact is everything from
the network in memory to the verdict and the margin of every row: slicing the weights, products, Python
integers, the rule.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from measuring import save
from tables import between, table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from onnx_models import model, node, saved, stored

from memcert.datasets.dataset import Dataset
from memcert.exact.check import fast_check
from memcert.exact.outputs import Evaluator
from memcert.interop.models import ImportOptions, read_model
from memcert.kernel import network as kernel
from memcert.verification.certificate import certificate_of
from memcert.verification.verdicts import Options, verify

T = TypeVar("T")
Array = np.ndarray[Any, Any]
DOCUMENT = Path(__file__).parents[1] / "docs" / "foreign-speed.md"
PIXELS = 28


@dataclass(frozen=True)
class Work:
    """A network and its rows.

    `forward` is the float64 yardstick, None where there is none; `batch` the rows that are judged together.
    """

    name: str
    what: str
    path: str
    preprocess: str | None
    data: Dataset
    forward: Callable[[Array], Array] | None
    batch: int | None = None
    asked: str = ""


@dataclass(frozen=True)
class Seconds:
    """Of one call: by the clock on the wall, and of all processors together."""

    wall: float
    processor: float


def timed(work: Callable[[], T]) -> tuple[Seconds, T]:
    """Return the seconds of one call, and what it returned."""
    start, used = time.perf_counter(), time.process_time()
    result = work()
    return Seconds(time.perf_counter() - start, time.process_time() - used), result


def least(rounds: Sequence[Seconds]) -> Seconds:
    """Return the smallest of both measures: what other programs add is left out as far as it can be."""
    return Seconds(min(r.wall for r in rounds), min(r.processor for r in rounds))


def dense_model(parts: Sequence[tuple[Array, Array]], folder: Path, name: str) -> str:
    """Write weights (inputs, outputs) and biases as an ONNX file of Gemm and Relu."""
    nodes, weights, source = [], [], "x"
    for depth, (weight, bias) in enumerate(parts):
        last = depth == len(parts) - 1
        made = "y" if last else f"h{depth}"
        nodes.append(node("Gemm", [source, f"w{depth}", f"b{depth}"], [made]))
        weights += [stored(f"w{depth}", weight), stored(f"b{depth}", bias)]
        if not last:
            source = f"r{depth}"
            nodes.append(node("Relu", [made], [source]))
    return saved(model(nodes, weights, len(parts[0][0])), folder, f"{name}.onnx")


def forward(parts: Sequence[tuple[Array, Array]]) -> Callable[[Array], Array]:
    """Return the float64 evaluation."""
    exact = [(weight.astype(np.float64), bias.astype(np.float64)) for weight, bias in parts]

    def run(h: Array) -> Array:
        for weight, bias in exact[:-1]:
            h = np.maximum(h @ weight + bias, 0)
        weight, bias = exact[-1]
        return np.asarray(h @ weight + bias)

    return run


def normal(generator: np.random.Generator, sizes: Sequence[int]) -> list[tuple[Array, Array]]:
    """Return float32 layers, normal with variance 2 over the inputs, biases a tenth of that."""
    return [
        (
            (generator.normal(0, (2 / inputs) ** 0.5, (inputs, outputs))).astype(np.float32),
            (generator.normal(0, 0.1, outputs)).astype(np.float32),
        )
        for inputs, outputs in pairwise(sizes)
    ]


def labelled(name: str, numerators: Array, denominator: int, run: Callable[[Array], Array]) -> Dataset:
    """Label rows as the float network does, every hundredth otherwise, so that some rows fail."""
    outputs = run(numerators / denominator)
    labels = outputs.argmax(axis=1)
    labels[::100] = (labels[::100] + 1) % outputs.shape[1]
    return Dataset(name, None, numerators, denominator, tuple(labels.tolist()))


def random_mlp(folder: Path) -> Work:
    """784-256-256-10 with random normal weights, 10,000 rows of random bytes."""
    generator = np.random.default_rng(1)
    parts = normal(generator, (784, 256, 256, 10))
    run = forward(parts)
    pixels = generator.integers(0, 256, (10_000, 784))
    return Work(
        "mlp-random",
        "784-256-256-10, random normal float32 weights, 10,000 rows of bytes",
        dense_model(parts, folder, "random"),
        "x/255",
        _bytes(labelled("bytes", pixels, 255, run)),
        run,
        asked="8 times, 4",
    )


def _bytes(data: Dataset) -> Dataset:
    # The rows as the file has them, before x/255.
    return Dataset(data.name, data.columns, data.numerators, 1, data.labels)


def images(generator: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Return scikit-learn's digits, enlarged to 28 x 28 bytes with an empty border, shifted and noisy."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    chosen = generator.integers(0, len(digits.target), count)
    large = np.kron(digits.images[chosen], np.ones((3, 3)))
    pixels = np.zeros((count, PIXELS, PIXELS), dtype=np.int64)
    noisy = np.clip(large * 15 + generator.integers(-40, 41, large.shape) * (large > 0), 0, 255)
    shifts = generator.integers(1, 4, (count, 2))
    for image, drawn, (down, right) in zip(pixels, noisy.astype(np.int64), shifts.tolist(), strict=True):
        image[down : down + 24, right : right + 24] = drawn
    return pixels.reshape(count, -1), digits.target[chosen]


def trained_mlp(folder: Path) -> Work:
    """The same shape, trained by scikit-learn in float32 until weights of empty pixels have vanished."""
    import warnings

    from sklearn.neural_network import MLPClassifier

    generator = np.random.default_rng(2)
    pixels, labels = images(generator, 10_000)
    learner = MLPClassifier((256, 256), alpha=1e-3, max_iter=40, random_state=0, n_iter_no_change=40)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        learner.fit((pixels / 255).astype(np.float32), labels)
    parts = list(zip(learner.coefs_, learner.intercepts_, strict=True))
    run = forward(parts)
    tiniest = min(float(np.abs(w[w != 0]).min()) for w, _ in parts)
    return Work(
        "mlp-trained",
        f"the same, trained by scikit-learn on 10,000 images; weights from {tiniest:.0e} on",
        dense_model(parts, folder, "trained"),
        "x/255",
        Dataset("images", None, pixels, 1, tuple(labels.tolist())),
        run,
        asked="15 times, 8",
    )


def deep(folder: Path) -> Work:
    """5-50x6-5, the shape of the aircraft benchmark, rows of float32 numbers, in batches of 1,000."""
    generator = np.random.default_rng(3)
    parts = normal(generator, (5, *[50] * 6, 5))
    run = forward(parts)
    points = generator.integers(-(2**24), 2**24, (20_000, 5))
    return Work(
        "deep",
        "5-50x6-5, random normal float32 weights, 20,000 rows of 24 bits in batches of 1,000",
        dense_model(parts, folder, "deep"),
        None,
        labelled("points", points, 2**24, run),
        run,
        batch=1000,
        asked="0.05 ms a row, 0.015",
    )


def convolution(folder: Path) -> Work:
    """Two 3 x 3 convolutions with 16 channels on 28 x 28 bytes, then a dense layer; 1,000 rows."""
    generator = np.random.default_rng(4)
    shapes = {"k0": (16, 1, 3, 3), "k1": (16, 16, 3, 3)}
    weights = [
        stored(name, generator.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape))
        for name, shape in shapes.items()
    ]
    weights += [stored(f"c{k}", generator.normal(0, 0.1, 16)) for k in range(2)]
    weights += [
        stored("w", generator.normal(0, 0.01, (16 * PIXELS**2, 10))),
        stored("b", generator.normal(0, 0.1, 10)),
    ]
    nodes = [
        node("Conv", ["x", "k0", "c0"], ["h0"], pads=[1, 1, 1, 1]),
        node("Relu", ["h0"], ["r0"]),
        node("Conv", ["r0", "k1", "c1"], ["h1"], pads=[1, 1, 1, 1]),
        node("Relu", ["h1"], ["r1"]),
        node("Flatten", ["r1"], ["f"]),
        node("Gemm", ["f", "w", "b"], ["y"]),
    ]
    pixels = generator.integers(0, 256, (1000, PIXELS**2))
    labels = tuple(generator.integers(0, 10, 1000).tolist())
    return Work(
        "convolution",
        "28x28, two 3x3 convolutions of 16 channels and a dense layer, 1,000 rows of bytes",
        saved(model(nodes, weights, [1, PIXELS, PIXELS]), folder, "convolution.onnx"),
        "x/255",
        Dataset("bytes", None, pixels, 1, labels),
        None,
        asked="15 s, 6",
    )


WORKS = {"mlp-random": random_mlp, "mlp-trained": trained_mlp, "deep": deep, "convolution": convolution}


def measured(work: Work, rounds: int) -> dict[str, object]:
    """Measure one work; the outputs of some rows are compared with the kernel's."""
    reading, imported = timed(
        lambda: read_model(work.path, "argmax", ImportOptions(preprocess=work.preprocess))
    )
    network, data = imported.network, work.data
    options = Options(batch=work.batch)
    # What the float network is given, ready before any clock starts.
    inputs = data.numerators / (255 if work.preprocess else data.denominator)
    exact, floats, products = [], [], []
    for _ in range(rounds):
        seconds, found = timed(lambda: verify(network, data, "argmax", options=options))
        exact.append(seconds)
        if work.forward is not None:
            floats.append(timed(lambda: work.forward(inputs))[0])  # type: ignore[misc]
    evaluate = Evaluator(network, data)
    for _ in range(rounds):
        products.append(timed(lambda: evaluate(data))[0])
    few = 3 if sum(len(layer.data) for layer in network.layers) > 10**6 else 20
    kernels, values = timed(lambda: list(kernel.stages(network, [data.point(row) for row in range(few)]))[-1])
    for row in range(few):
        outputs = [Fraction(column[row], values.denominator) for column in values.columns]
        label = int(found.labels[row])
        margin = outputs[label] - max(x for k, x in enumerate(outputs) if k != label)
        if margin != found.margins[row]:
            raise SystemExit(f"{work.name}: row {row}: the kernel has another margin")
    made = certificate_of(network, imported.model, found, detach=True)
    whole, outputs_alone = least(exact), least(products)
    figures: dict[str, object] = {
        "what": work.what,
        "asked": work.asked,
        "rows": data.size,
        "nonzero_weights": sum(len(layer.data) for layer in network.layers),
        "engine": found.engine,
        "holds": len(data.labels) - len(found.excepted),
        "import_seconds": round(reading.wall, 3),
        "exact_seconds": round(whole.wall, 4),
        "exact_processor_seconds": round(whole.processor, 4),
        "outputs_seconds": round(outputs_alone.wall, 4),
        "outputs_processor_seconds": round(outputs_alone.processor, 4),
        "milliseconds_a_row": round(whole.wall / data.size * 1000, 4),
        "kernel_seconds_a_row": round(kernels.wall / few, 4),
        "check_seconds": round(timed(lambda: fast_check(made, data))[0].wall, 2),
    }
    if floats:
        yardstick = least(floats)
        figures["float64_seconds"] = round(yardstick.wall, 4)
        figures["float64_processor_seconds"] = round(yardstick.processor, 4)
        figures["ratio"] = round(whole.wall / yardstick.wall, 2)
        figures["ratio_of_outputs"] = round(outputs_alone.wall / yardstick.wall, 2)
    return figures


def rows_of_table(figures: dict[str, dict[str, Any]]) -> str:
    """Return the figures as a table for the documents."""
    head = ("work", "exact", "outputs alone", "float64", "ratio", "import", "check", "kernel, a row")
    rows = []
    for found in figures.values():
        floats = ratio = ""
        if "ratio" in found:
            floats = f"{found['float64_seconds']} s ({found['float64_processor_seconds']})"
            ratio = f"{found['ratio']}; {found['ratio_of_outputs']}"
        rows.append(
            (
                found["what"],
                f"{found['exact_seconds']} s ({found['exact_processor_seconds']})",
                f"{found['outputs_seconds']} s ({found['outputs_processor_seconds']})",
                floats,
                ratio,
                f"{found['import_seconds']} s",
                f"{found['check_seconds']} s",
                f"{found['kernel_seconds_a_row']} s",
            )
        )
    return table(head, rows)


def main() -> None:
    """Measure, print one line a figure, save, and write the table of the documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of each; the fastest counts")
    parser.add_argument("--only", choices=WORKS, help="one work, printed and not saved")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in [options.only] if options.only else WORKS:
            figures[name] = measured(WORKS[name](Path(folder)), options.rounds)
            print(name)
            for key, value in figures[name].items():
                print(f"  {key}: {value}")
    if not options.only:
        print(f"saved: {save('foreign', {'load_before': round(load, 1), 'works': figures})}")
        told = (
            f"{os.cpu_count()} processors; before the start {load:.1f} programs wanted one of them.\n\n"
            f"{rows_of_table(figures)}"
        )
        between(DOCUMENT, "foreign-speed", told)


if __name__ == "__main__":
    main()
