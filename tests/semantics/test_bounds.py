"""Random networks in correctly rounded arithmetic: one order bit by bit, every order within its bound."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from correct_rounding import DOUBLE, SINGLE, Format, OverflowedError, in_order, in_some_order
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import dataset

from memcert.semantics.any_order import AnyOrder
from memcert.semantics.bounds import Bound
from memcert.semantics.precision import FLOAT32, FLOAT64, Precision
from memcert.semantics.program import Constant, Dot, Input, Larger, Numbers, Program
from memcert.semantics.rows import enclosed, rounded
from memcert.semantics.second_stage import all_finite, target_errors
from memcert.semantics.sequential import Sequential

FORMATS = {"float32": (FLOAT32, SINGLE), "float64": (FLOAT64, DOUBLE)}
Layer = tuple[list[list[Fraction]], list[Fraction]]


def _layers(chance: Random, form: Format, sizes: Sequence[int]) -> list[Layer]:
    def number() -> Fraction:
        if chance.random() < 0.2:
            return Fraction(0)
        value = Fraction(chance.randint(-(2**20), 2**20), 2 ** chance.randint(0, 24))
        if chance.random() < 0.1:
            value *= Fraction(2) ** chance.choice([-140, -60, 30])
        return form.near(value)

    return [
        ([[number() for _ in range(after)] for _ in range(before)], [number() for _ in range(after)])
        for before, after in pairwise(sizes)
    ]


def _program(layers: list[Layer]) -> Program:
    def plain(xs: Sequence[Fraction]) -> Numbers:
        return tuple(x.numerator if x.denominator == 1 else x for x in xs)

    program = Program()
    place = program.add(Input(len(layers[0][0])), len(layers[0][0]), "input")
    for depth, (weights, bias) in enumerate(layers):
        size = len(bias)
        place = program.add(Dot(place, tuple(map(plain, weights)), plain(bias), 1, 1), size, f"layer {depth}")
        if depth < len(layers) - 1:
            zero = program.add(Constant((0,) * size), size, "zero")
            place = program.add(Larger(place, zero, 1), size, f"relu {depth}")
    program.output = place
    return program


def _computed(
    layers: list[Layer], point: Sequence[Fraction], form: Format, chance: Random | None
) -> list[Fraction]:
    values = [form.near(x) for x in point]
    for depth, (weights, bias) in enumerate(layers):
        columns = list(zip(*weights, strict=True))
        if chance is None:
            pairs = zip(columns, bias, strict=True)
            values = [in_order(form, values, list(column), b) for column, b in pairs]
        else:
            pairs = zip(columns, bias, strict=True)
            values = [in_some_order(form, values, list(column), b, chance) for column, b in pairs]
        if depth < len(layers) - 1:
            values = [max(x, Fraction(0)) for x in values]
    return values


def _exact(layers: list[Layer], point: Sequence[Fraction]) -> list[Fraction]:
    values = list(point)
    for depth, (weights, bias) in enumerate(layers):
        columns = zip(*weights, strict=True)
        values = [
            sum((x * w for x, w in zip(values, column, strict=True)), b)
            for column, b in zip(columns, bias, strict=True)
        ]
        if depth < len(layers) - 1:
            values = [max(x, Fraction(0)) for x in values]
    return values


def _point(chance: Random, size: int) -> list[Fraction]:
    return [Fraction(chance.randint(-999, 999), chance.choice([1, 3, 7, 255])) for _ in range(size)]


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_sequential_order_is_correctly_rounded_bit_by_bit(name: str, seed: int) -> None:
    precision, form = FORMATS[name]
    chance = Random(seed)  # noqa: S311 - repeatable
    layers = _layers(chance, form, [chance.randint(1, 6), chance.randint(1, 4), chance.randint(1, 3)])
    point = _point(chance, len(layers[0][0]))
    try:
        expected = _computed(layers, point, form, None)
    except OverflowedError:
        return
    rows = rounded(dataset([point], [0]), precision)
    found = Sequential(_program(layers), precision)(rows)[0]
    assert [Fraction(float(x)) for x in found] == expected


def _bounds(program: Program, precision: Precision, point: Sequence[Fraction]) -> tuple[AnyOrder, Bound]:
    return AnyOrder(program, precision), enclosed(dataset([list(point)], [0]), precision)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_order_stays_within_both_bounds(name: str, seed: int) -> None:
    precision, form = FORMATS[name]
    chance = Random(seed)  # noqa: S311 - repeatable
    sizes = [chance.randint(1, 8), chance.randint(1, 5), chance.randint(1, 4), 2]
    layers = _layers(chance, form, sizes)
    point = _point(chance, sizes[0])
    program, exact = _program(layers), _exact(layers, point)
    engine, rows = _bounds(program, precision, point)
    bound, overflows, kept = engine.run(rows, keep=True)
    for value, center, radius in zip(exact, bound.center[0], bound.radius[0], strict=True):
        assert abs(value - Fraction(float(center))) <= Fraction(float(radius))
    if overflows[0]:
        return
    margin = None
    if all_finite(kept):
        margin = target_errors(engine, kept, np.array([[1.0, -1.0]]))[0]
        assert margin <= 4 * (bound.error[0].sum() + 1e-300) or not np.isfinite(margin)
    for _ in range(12):
        found = _computed(layers, point, form, chance)
        for value, computed, error in zip(exact, found, bound.error[0], strict=True):
            assert abs(value - computed) <= Fraction(float(error))
        if margin is not None:
            off = abs((found[0] - found[1]) - (exact[0] - exact[1]))
            assert off <= Fraction(float(margin))


@settings(max_examples=60, deadline=None)
@given(
    numerator=st.integers(-(2**53) + 1, 2**53 - 1),
    denominator=st.one_of(st.integers(1, 2**20), st.integers(0, 52).map(lambda k: 2**k)),
)
def test_data_are_rounded_once(numerator: int, denominator: int) -> None:
    rows = dataset([[Fraction(numerator, denominator)]], [0])
    for precision, form in FORMATS.values():
        (found,) = rounded(rows, precision)[0]
        assert Fraction(float(found)) == form.near(Fraction(numerator, denominator))
        bound = enclosed(rows, precision)
        off = abs(Fraction(float(found)) - Fraction(numerator, denominator))
        assert off <= Fraction(float(bound.error[0, 0]))


def test_data_beside_a_tie_of_float32_are_rounded_once() -> None:
    # 1 + 2^-24 + 2^-60 is above the tie; rounded to float64 first it would be the tie, and go down.
    number = 1 + Fraction(1, 2**24) + Fraction(1, 2**60)
    (found,) = rounded(dataset([[number]], [0]), FLOAT32)[0]
    assert Fraction(float(found)) == 1 + Fraction(1, 2**23)


def test_a_neuron_that_is_never_above_0_has_no_error() -> None:
    layers: list[Layer] = [([[Fraction(1)]], [Fraction(-5)]), ([[Fraction(10**6)]], [Fraction(1)])]
    program = _program(layers)
    engine, rows = _bounds(program, FLOAT32, [Fraction(1)])
    bound, _, _ = engine.run(rows)
    assert bound.center[0, 0] == 1
    assert bound.error[0, 0] < 1e-6
