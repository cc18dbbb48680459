"""Random graphs of every operator: one order bit by bit, every order bounded, exactly the same function."""

from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

import numpy as np
from correct_rounding import DOUBLE, SINGLE, OverflowedError
from float_simulator import Simulator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx_evaluator import evaluate
from onnx_graphs import OPERATORS, graphs
from program_evaluator import exact_outputs
from semantics_tools import program_of
from strategies import dataset

from memcert.semantics.any_order import AnyOrder
from memcert.semantics.precision import FLOAT32, FLOAT64
from memcert.semantics.program import Program
from memcert.semantics.rows import enclosed, rounded
from memcert.semantics.second_stage import all_finite, target_errors
from memcert.semantics.sequential import Sequential

QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
FORMATS = ((FLOAT32, SINGLE), (FLOAT64, DOUBLE))
Graph = tuple[Any, tuple[int, ...]]


def point_of(data: st.DataObject, shape: tuple[int, ...]) -> list[Fraction]:
    size = int(np.prod(shape))
    number = st.fractions(-3, 3, max_denominator=5) | st.sampled_from([Fraction(0), Fraction(1, 2**30)])
    return data.draw(st.lists(number, min_size=size, max_size=size))


def one_order(program: Program, graph: Graph, point: list[Fraction]) -> None:
    proto, shape = graph
    for precision, form in FORMATS:
        found = Sequential(program, precision)(rounded(dataset([point], [0]), precision))[0]
        try:
            expected = Simulator(form, None).run(proto, point, shape)
        except OverflowedError:
            continue
        assert [Fraction(float(x)) for x in found] == expected


def every_order(program: Program, graph: Graph, point: list[Fraction], seed: int) -> None:
    proto, shape = graph
    exact = evaluate(proto, [point], shape)[0]
    assert exact_outputs(program, point) == exact
    for precision, form in FORMATS:
        engine = AnyOrder(program, precision)
        bound, overflows, kept = engine.run(enclosed(dataset([point], [0]), precision), keep=True)
        if not overflows[0]:
            for value, center, radius in zip(exact, bound.center[0], bound.radius[0], strict=True):
                assert abs(value - Fraction(float(center))) <= Fraction(float(radius))
        weights = np.array([[(7 * k) % 5 - 2 for k in range(len(exact))]], dtype=float)
        margin = None
        if not overflows[0] and all_finite(kept):
            margin = target_errors(engine, kept, weights)[0]
        for k in range(4):
            simulator = Simulator(form, Random(seed + k))  # noqa: S311 - repeatable
            try:
                found = simulator.run(proto, point, shape)
            except OverflowedError:
                assert overflows[0]
                continue
            if overflows[0]:
                continue
            errors = [a - b for a, b in zip(found, exact, strict=True)]
            for off, most in zip(errors, bound.error[0], strict=True):
                assert abs(off) <= Fraction(float(most))
            if margin is not None and np.isfinite(margin):
                off = sum((int(w) * e for w, e in zip(weights[0], errors, strict=True)), Fraction(0))
                assert abs(off) <= Fraction(float(margin))


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_every_operator_is_rounded_in_order_and_bounded_in_every_order(operator: str, tmp_path: Path) -> None:
    @settings(max_examples=12, suppress_health_check=QUIET, deadline=None)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        graph = data.draw(graphs(operator))
        program, point = program_of(graph[0], tmp_path), point_of(data, graph[1])
        one_order(program, graph, point)
        every_order(program, graph, point, data.draw(st.integers(0, 2**30)))

    run()


@settings(max_examples=100, suppress_health_check=QUIET, deadline=None)
@given(st.data())
def test_the_bounds_hold_on_branching_graphs(tmp_path: Path, data: st.DataObject) -> None:
    graph = data.draw(graphs())
    program, point = program_of(graph[0], tmp_path), point_of(data, graph[1])
    one_order(program, graph, point)
    every_order(program, graph, point, data.draw(st.integers(0, 2**30)))
