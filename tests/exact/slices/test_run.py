"""Outputs by slices are those of a naive evaluation, whatever the weights are."""

import ctypes
import mmap
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_evaluator import evaluate
from strategies import layer

from memcert.datasets.dataset import Dataset
from memcert.exact.outputs import Outputs
from memcert.exact.slices.places import Places
from memcert.exact.slices.plan import plan
from memcert.exact.slices.run import Runner
from memcert.exact.slices.stage import Stage
from memcert.kernel.network import Network

Number = int | Fraction
WIDE = st.builds(lambda n, p: n * Fraction(2) ** p, st.integers(-(2**24), 2**24), st.integers(-149, 20))
SIMPLE = st.builds(Fraction, st.integers(-50, 50), st.sampled_from([1, 2, 3, 7, 10, 255]))
FEW = st.sampled_from([Fraction(0), Fraction(0), Fraction(1), Fraction(-1, 2), Fraction(3)])


def data(points: Sequence[Sequence[int]], denominator: int = 1) -> Dataset:
    """Points over a denominator; the labels do not count."""
    kind = object if any(abs(x) >= 2**62 for point in points for x in point) else np.int64
    return Dataset("d", None, np.array(points, dtype=kind), denominator, tuple(0 for _ in points))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """One to four layers of any widths up to 6, weights of one kind a layer."""
    widths = draw(st.lists(st.integers(1, 6), min_size=2, max_size=5))
    layers = []
    for inputs, outputs in pairwise(widths):
        numbers = draw(st.sampled_from([WIDE, SIMPLE, FEW]))
        row = st.lists(numbers, min_size=inputs, max_size=inputs)
        rows = draw(st.lists(row, min_size=outputs, max_size=outputs))
        bias = draw(st.lists(draw(st.sampled_from([WIDE, SIMPLE, FEW])), min_size=outputs, max_size=outputs))
        layers.append(layer(rows, bias, relu=draw(st.booleans())))
    return Network(widths[0], tuple(layers))


def sliced_outputs(network: Network, dataset: Dataset) -> Outputs:
    """Outputs by slices, whatever the engine's choice would be."""
    how = plan(network, dataset.bounds, dataset.denominator)
    return Outputs(Runner(how).outputs(dataset.numerators), Fraction(2) ** how.exponent / how.scale)


def agree(network: Network, dataset: Dataset) -> None:
    """Compare every output of every row."""
    found = sliced_outputs(network, dataset)
    for row in range(dataset.size):
        expected = evaluate(network, dataset.point(row))
        assert [column[row] * found.unit for column in found.columns] == list(expected)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_outputs_are_those_of_a_naive_evaluation(given_: st.DataObject) -> None:
    network = given_.draw(networks())
    size = given_.draw(st.sampled_from([1, 255, 2**30, 2**70]))
    point = st.lists(st.integers(-size, size), min_size=network.input_size, max_size=network.input_size)
    points = given_.draw(st.lists(point, min_size=1, max_size=5))
    agree(network, data(points, given_.draw(st.sampled_from([1, 2, 10, 2**40, 255]))))


def float32(patterns: np.ndarray) -> list[Fraction]:
    """Decode float32 bit patterns without a float: sign, exponent, significand."""
    found = []
    for pattern in patterns.tolist():
        exponent, significand = pattern >> 23 & 255, pattern & 0x7FFFFF
        value = (significand | (0x800000 if exponent else 0)) * Fraction(2) ** (max(exponent, 1) - 150)
        found.append(-value if pattern >> 31 else value)
    return found


def test_weights_from_1e_45_to_a_third_in_one_layer() -> None:
    generator = np.random.default_rng(1)
    # Exponents 0 (subnormal) to 125 (0.25 to 0.5), all patterns alike.
    patterns = generator.integers(0, 126 << 23, 40 * 30) | generator.integers(0, 2, 40 * 30) << 31
    patterns[:2] = 1, 1 << 31 | 1
    weights = float32(patterns)
    assert min(abs(w) for w in weights if w) == Fraction(1, 2**149)
    hidden = layer([weights[i : i + 40] for i in range(0, 1200, 40)], weights[:30], relu=True)
    last = layer([weights[i : i + 30] for i in range(0, 300, 30)], weights[:10], relu=False)
    agree(Network(40, (hidden, last)), data(generator.integers(0, 256, (30, 40)).tolist()))


def test_float64_weights_from_the_least_subnormal_to_the_largest() -> None:
    tiny, huge = Fraction(1, 2**1074), Fraction(2**53 - 1) * 2**970
    rows: list[list[Number]] = [[tiny, huge, 1], [-huge, tiny, tiny]]
    network = Network(3, (layer(rows, [tiny, -tiny], relu=True), layer([[1, -1]], [huge], relu=False)))
    agree(network, data([[1, 0, 0], [0, 1, -3], [-1, 1, 2], [0, 0, 0]]))


def test_a_bias_finer_than_the_grid_of_the_products_counts() -> None:
    network = Network(1, (layer([[1 << 30], [-1]], [Fraction(1, 2**90), -Fraction(1, 2**700)], relu=True),))
    agree(network, data([[0], [1], [-1]]))


def test_a_lone_low_digit_decides_the_sign() -> None:
    # 2**60 a - 2**60 b - 2**-60 c: where a = b, only the last term is left.
    rows: list[list[Number]] = [[2**60, -(2**60), Fraction(-1, 2**60)], [-(2**60), 2**60, Fraction(1, 2**60)]]
    network = Network(3, (layer(rows, [0, 0], relu=True), layer([[1, 2]], [0], relu=False)))
    found = sliced_outputs(network, data([[5, 5, 1], [5, 5, -1], [5, 5, 0]]))
    assert [n * found.unit for n in found.columns[0]] == [Fraction(1, 2**59), Fraction(1, 2**60), 0]


def test_a_lone_low_digit_of_few_neurons_decides_the_sign() -> None:
    # The low places are kept for one neuron of twelve only.
    rows: list[list[Number]] = [[1, -1, 0] for _ in range(12)]
    rows[7] = [1, -1, Fraction(1, 2**100)]
    network = Network(
        3, (layer(rows, [0] * 12, relu=True), layer([[1] * 12, [0] * 11 + [1]], [0, 0], relu=False))
    )
    agree(network, data([[3, 3, 1], [3, 3, -1], [4, 3, -1], [3, 4, 1]]))


def test_inputs_that_are_always_0_cost_nothing() -> None:
    network = Network(3, (layer([[Fraction(1, 2**140), 3, Fraction(1, 3)]], [0], relu=False),))
    agree(network, data([[0, 2, 0], [0, -7, 0]]))


def test_a_network_without_any_weight_is_its_bias() -> None:
    agree(Network(2, (layer([[0, 0]], [Fraction(5, 3)], relu=False),)), data([[1, 2]]))
    agree(Network(2, (layer([[0, 0]], [0], relu=True), layer([[7]], [0], relu=False))), data([[1, 2]]))


@pytest.mark.parametrize("width", [1, 5, 40])
def test_sparse_layers_with_shared_columns_are_exact(width: int) -> None:
    # As a convolution is lowered: windows that read the same columns, here with 3 channels.
    generator = np.random.default_rng(width)
    kernel = generator.normal(0, 0.1, (3, 4)).astype(np.float32)
    places = 12 * width
    rows: list[list[Number]] = []
    for channel in range(3):
        for place in range(places - 3):
            row: list[Number] = [0] * places
            for offset in range(4):
                row[place + offset] = Fraction(float(kernel[channel, offset]))
            rows.append(row)
    bias = [Fraction(float(x)) for x in generator.normal(0, 1, len(rows)).astype(np.float32)]
    last: list[list[Number]] = [
        [Fraction((i * 7 + k) % 5 - 2, 3) for i in range(len(rows))] for k in range(2)
    ]
    network = Network(places, (layer(rows, bias, relu=True), layer(last, [1, 2], relu=False)))
    agree(network, data(generator.integers(0, 256, (4, places)).tolist()))


def test_more_rows_than_a_chunk_are_as_each_alone() -> None:
    generator = np.random.default_rng(2)
    weights = [[Fraction(x) for x in row] for row in generator.normal(0, 1, (3, 2)).tolist()]
    network = Network(2, (layer(weights, [1, 2, 3], relu=True), layer([[1, -1, 1]], [0], relu=False)))
    points = generator.integers(-99, 99, (2500, 2)).tolist()
    whole = sliced_outputs(network, data(points))
    for row in (0, 1023, 1024, 2499):
        assert whole.columns[0][row] * whole.unit == evaluate(network, points[row])[0]


@contextmanager
def tiny_floats_are_zero() -> Iterator[None]:
    """Set the processor's flags as a library built with -ffast-math leaves them (x86-64)."""
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("0fae17c3"))  # ldmxcsr [rdi]; ret
    load = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_uint32))(
        ctypes.addressof(ctypes.c_char.from_buffer(code))
    )
    try:
        load(ctypes.byref(ctypes.c_uint32(0x9FC0)))
        yield
    finally:
        load(ctypes.byref(ctypes.c_uint32(0x1F80)))


@pytest.mark.skipif(
    platform.machine() != "x86_64" or not sys.platform.startswith("linux"), reason="sets a flag of x86-64"
)
def test_subnormal_weights_count_where_the_processor_takes_them_for_0() -> None:
    generator = np.random.default_rng(8)
    weights = float32(generator.integers(1, 1 << 23, 60))
    network = Network(6, (layer([weights[i : i + 6] for i in range(0, 60, 6)], weights[:10], relu=True),))
    points = data(generator.integers(-255, 256, (9, 6)).tolist())
    with tiny_floats_are_zero():
        assert np.full(3, 1e-40, dtype=np.float32).sum() == 0
        found = sliced_outputs(network, points)
    assert np.full(3, 1e-40, dtype=np.float32).sum() > 0
    for row in range(points.size):
        assert [c[row] * found.unit for c in found.columns] == list(evaluate(network, points.point(row)))


def within_bounds(number: int, stage: Stage, before: Places, sums: Places) -> None:
    """Compare all digits, before and after a layer, with the bounds of the plan."""
    for signals, places in ((stage.before, before), (stage.after, sums)):
        for place, bound in enumerate(signals.bounds):
            digits = places.at(place) if place < len(places.thin) + len(places.full) else None
            assert digits is None or np.abs(digits).max(initial=0) <= bound, (number, place)


@settings(max_examples=30, deadline=None)
@given(networks(), st.integers(1, 2**40))
def test_digits_are_within_the_bounds_of_the_plan(network: Network, size: int) -> None:
    generator = np.random.default_rng(size)
    points = generator.integers(-size, size + 1, (9, network.input_size))
    how = plan(network, [size] * network.input_size, 3)
    assert all(0 <= b <= 1 << (how.base - 1) for stage in how.stages for b in stage.after.bounds)
    Runner(how, within_bounds).outputs(points)
