"""The replay of box files, many forms at a time: the same integers as `memcert.boxes`, in numpy.

UNTRUSTED. Each step is that of `memcert.boxes.bounding.Relaxation.least`, and gives the same integers:
products are those of digits in float64, each sum proved to stay below 2^53; the rest is int64 where the
longest number is proved to fit, else Python's integers in arrays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np

from memcert.boxes.bounding import Form, Relaxation
from memcert.boxes.integers import IntegerLayer
from memcert.boxes.replay import PLAIN, Bounded, Least
from memcert.exact.slices.digits import UnprovedError
from memcert.exact.slices.machine import require_exact_products
from memcert.exact.slices.threads import alone
from memcert.kernel.certificate import Number
from memcert.kernel.network import MAX_VALUE_BITS, Network
from memcert.kernel.verdict import LimitReached, Words
from memcert.regions.blocks import Layout, layouts, narrowed
from memcert.regions.digits import (
    Digits,
    Slice,
    Sliced,
    digit_bits,
    digits_of,
    exact_product,
    row_sums,
    signs,
    sliced,
)
from memcert.regions.many_forms import MACHINE, ManyForms, as_integers, before_relu, fitting, longest
from memcert.regions.points import Points

Array = np.ndarray[Any, Any]
WORTH = 1 << 17
"""Multiplications from which many forms at a time are quicker than one by one."""
BITS = 24
"""Length of digits that meet no matrix."""
TOGETHER = 512
"""Forms at a time; bounds memory."""


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """A layer of the replay as arrays.

    Args:
        layout: where the weights are.
        weights: every weight, int64 or Python's integers.
        slices: all of them in blocks of digits.
        bias: as digits, a row.
    """

    layout: Layout
    weights: Array
    slices: Sliced
    bias: Digits


class ManyAtOnce(Least):
    """Least values of many forms at a time, of one network."""

    def __init__(self, network: Network, layers: Sequence[IntegerLayer]) -> None:
        """Prepare the layers, once.

        Where this machine's products are not exact, or a layer is too large, forms are taken one by one.
        Raises: never.
        """
        self._kept = layers  # while these are, no other object has their ids
        self._layers: dict[int, _Layer] = {}
        self._points = Points(network)
        try:
            require_exact_products()
            pairs = zip(layers, layouts(network), strict=True)
            self._layers = {id(layer): _layer(layer, layout) for layer, layout in pairs}
        except (UnprovedError, LimitReached):
            return

    def of_neurons(
        self, before: Relaxation, layer: IntegerLayer, asked: Sequence[Bounded]
    ) -> Iterator[Fraction]:
        """Yield what `Least.of_neurons` yields. Raises: as it does."""
        if len(asked) * self._work([*before.layers, layer]) < WORTH:
            return PLAIN.of_neurons(before, layer, asked)
        try:
            with alone():
                return iter(self._of_neurons(before, layer, asked))
        except LimitReached:  # of the digits, or of the numbers: Python's integers say which
            return PLAIN.of_neurons(before, layer, asked)

    def of_forms(self, whole: Relaxation, forms: Sequence[Form]) -> Iterator[Fraction]:
        """Yield what `Least.of_forms` yields. Raises: as it does."""
        if len(forms) < 2 or len(forms) * self._work(whole.layers) < WORTH:
            return PLAIN.of_forms(whole, forms)
        factors = np.array([form.coefficients for form in forms], dtype=object)
        made = ManyForms(
            fitting(factors, longest(factors)),
            [form.constant for form in forms],
            [form.denominator for form in forms],
            None,
        )
        try:
            with alone():
                return iter(self._least(whole, made))
        except LimitReached:  # of the digits, or of the numbers: Python's integers say which
            return PLAIN.of_forms(whole, forms)

    def outputs(self, network: Network, point: Sequence[Number]) -> tuple[Fraction, ...]:
        """Return what `Least.outputs` returns. Raises: as it does."""
        if network is not self._points.network:
            return PLAIN.outputs(network, point)
        return self._points.outputs(point)

    def _work(self, layers: Sequence[IntegerLayer]) -> int:
        """Return how many weights a form of one of the last layer's neurons meets; -1: not here."""
        if not self._layers:
            return -1
        *passed, last = [len(self._layers[id(layer)].weights) for layer in layers]
        return sum(passed) + last // len(layers[-1].rows)

    def _of_neurons(
        self, before: Relaxation, layer: IntegerLayer, asked: Sequence[Bounded]
    ) -> list[Fraction]:
        own = self._layers[id(layer)]
        place = np.full(len(layer.rows), -1)
        for k, block in enumerate(own.layout.blocks):
            place[block.rows] = k
        neurons = np.array([one.neuron for one in asked], dtype=np.int64)
        senses = np.array([one.sense for one in asked], dtype=np.int64)
        total = before.reaches[len(before.layers)].total
        missed = ceil((total + 1) / 2) if layer.shortened else 0
        found: list[Fraction] = [Fraction(0)] * len(asked)
        for k in range(-1, len(own.layout.blocks)):
            every = np.flatnonzero(place[neurons] == k)
            for start in range(0, len(every), TOGETHER):
                some = every[start : start + TOGETHER]
                factors, about = _rows(own, neurons[some], k)
                constants = [
                    s * layer.bias[i] - missed
                    for i, s in zip(neurons[some].tolist(), senses[some].tolist(), strict=True)
                ]
                forms = ManyForms(
                    factors * senses[some][:, None], constants, [layer.denominator] * len(some), about
                )
                for j, value in zip(some.tolist(), self._least(before, forms), strict=True):
                    found[j] = value
        return found

    def _least(self, given: Relaxation, forms: ManyForms) -> list[Fraction]:
        unit = 1
        for depth in range(len(given.layers) - 1, -1, -1):
            layer, relu = given.layers[depth], given.relus[depth]
            own = self._layers[id(layer)]
            forms, unit = before_relu(forms, unit, relu, layer.lengths, given.reaches[depth + 1].total)
            forms = _through(forms, unit, layer, own, given.reaches[depth].total)
            if max(x.bit_length() for x in forms.denominators) > MAX_VALUE_BITS:
                raise LimitReached("value_bits", "a bound", f"at most {MAX_VALUE_BITS}", Words("more"))
        return _on_box(forms, unit, given)


def _layer(layer: IntegerLayer, layout: Layout) -> _Layer:
    weights = np.array([weight for row in layer.rows for _, weight in row], dtype=object)
    weights = fitting(weights, longest(weights))
    bits = digit_bits(max(layer.columns, len(layer.rows)), 8)
    slices: list[Slice] = []
    for block in layout.blocks:
        rows, columns, places = layout.places(block)
        entries = np.zeros((len(block.rows), len(block.columns)), dtype=weights.dtype)
        entries[rows, columns] = weights[places]
        slices += sliced(digits_of(entries, bits), block)
    bias = digits_of(np.array(layer.bias, dtype=object)[:, None], bits)
    return _Layer(layout, weights, Sliced(layout.shape, tuple(slices), bits, len(layer.rows)), bias)


def _rows(layer: _Layer, neurons: Array, block: int) -> tuple[Array, Array | None]:
    """Return weights of neurons of one block, and what they are about; -1: they have none."""
    if block < 0:
        return np.zeros((len(neurons), 0), dtype=np.int64), np.zeros(0, dtype=np.int64)
    columns = layer.layout.blocks[block].columns
    owner, weights = layer.layout.among(neurons)
    found = np.zeros((len(neurons), len(columns)), dtype=layer.weights.dtype)
    found[owner, np.searchsorted(columns, layer.layout.columns[weights])] = layer.weights[weights]
    return found, None if layer.layout.whole else columns


def _through(forms: ManyForms, unit: int, layer: IntegerLayer, own: _Layer, total: Fraction) -> ManyForms:
    """Return forms of a layer's values before its ReLU as forms of its inputs."""
    factors = as_integers(forms.factors)
    digits = digits_of(factors, own.slices.bits)
    sums = _against(digits, own.bias, forms.about)
    constants = [
        constant * layer.denominator + unit * part
        for constant, part in zip(forms.constants, sums, strict=True)
    ]
    if layer.shortened:
        wide = longest(factors) + factors.shape[1].bit_length() > MACHINE
        sizes = np.abs(factors.astype(object) if wide else factors).sum(axis=1).tolist()
        # Half a unit of every weight and of the bias.
        constants = [
            c - ceil(Fraction(size * unit, 2) * (total + 1)) for c, size in zip(constants, sizes, strict=True)
        ]
    slices, about = own.slices, forms.about
    if about is not None and own.layout.whole:
        digits, about = _filled(digits, about, len(layer.rows)), None
    elif about is not None:
        slices, about = _restricted(slices, about)
    product = exact_product(digits, slices)
    return ManyForms(product, constants, [d * layer.denominator for d in forms.denominators], about)


def _against(digits: Digits, bias: Digits, about: Array | None) -> list[int]:
    found = [0] * digits.shape[0]
    for i, plane in enumerate(digits.planes):
        for j, column in enumerate(bias.planes):
            if plane is not None and column is not None:
                sums = plane @ (column if about is None else column[about])
                shift = digits.bits * (i + j)
                found = [x + (int(y) << shift) for x, y in zip(found, sums[:, 0].tolist(), strict=True)]
    return found


def _filled(digits: Digits, about: Array, width: int) -> Digits:
    planes: list[Array | None] = []
    for plane in digits.planes:
        every = None
        if plane is not None:
            every = np.zeros((digits.shape[0], width))
            every[:, about] = plane
        planes.append(every)
    return Digits((digits.shape[0], width), tuple(planes), digits.bits)


def _restricted(matrix: Sliced, rows: Array) -> tuple[Sliced, Array]:
    """Return some rows of a matrix, without the columns in which these are 0, and which columns are left."""
    met, inputs = narrowed(matrix.slices, matrix.shape, rows)
    slices = [Slice(part.place, own, columns, part.digits[at]) for part, at, own, columns in met]
    return Sliced((len(rows), len(inputs)), tuple(slices), matrix.bits, matrix.terms), inputs


def _on_box(forms: ManyForms, unit: int, given: Relaxation) -> list[Fraction]:
    """Return the least values on the box."""
    box, about = given.box, forms.about
    digits = forms.factors if isinstance(forms.factors, Digits) else digits_of(forms.factors, BITS)
    low, high = np.array(box.low, dtype=object), np.array(box.high, dtype=object)
    length = max(longest(low), longest(high))
    low, high = fitting(low, length), fitting(high, length)
    if about is not None:
        low, high = low[about], high[about]
    sums = row_sums(digits, np.where(signs(digits) > 0, low, high))
    every = zip(sums, forms.constants, forms.denominators, strict=True)
    return [
        Fraction(total * unit + constant * box.denominator, denominator * unit * box.denominator)
        for total, constant, denominator in every
    ]
