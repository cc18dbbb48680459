"""Random graphs of every operator, lowered: exactly what an independent evaluator says, at two samples."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_evaluator import evaluate as naive_value
from onnx_evaluator import evaluate
from onnx_graphs import OPERATORS, graphs
from onnx_models import saved

from memcert.interop.onnx_model import read_onnx

network_value: Any = naive_value
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def agree(proto: Any, shape: tuple[int, ...], points: list[list[Fraction]], folder: Path) -> None:
    network = read_onnx(saved(proto, folder), None).network
    for point, expected in zip(points, evaluate(proto, points, shape), strict=True):
        assert list(network_value(network, point)) == expected


def samples(data: st.DataObject, shape: tuple[int, ...]) -> list[list[Fraction]]:
    size = 1
    for n in shape:
        size *= n
    number = st.fractions(-3, 3, max_denominator=5)
    return data.draw(st.lists(st.lists(number, min_size=size, max_size=size), min_size=2, max_size=2))


@settings(max_examples=100, suppress_health_check=QUIET, deadline=None)
@given(st.data())
def test_the_network_computes_the_graph_exactly(tmp_path: Path, data: st.DataObject) -> None:
    proto, shape = data.draw(graphs())
    agree(proto, shape, samples(data, shape), tmp_path)


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_every_operator_is_lowered_exactly(operator: str, tmp_path: Path) -> None:
    @settings(max_examples=8, suppress_health_check=QUIET, deadline=None)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        proto, shape = data.draw(graphs(operator))
        agree(proto, shape, samples(data, shape), tmp_path)

    run()
