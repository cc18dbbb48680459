"""BatchNormalization: exact, or folded with coefficients that are the nearest floats."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from hypothesis import given
from hypothesis import strategies as st
from onnx_models import model, node, outputs, saved, stored

from memcert.errors import UnsupportedError, UsageError
from memcert.interop.bits import DOUBLE, SINGLE, Layout, nearest
from memcert.interop.onnx.normalization import rounded_sum
from memcert.interop.onnx_model import read_onnx

Q = Fraction


def normalized(columns: dict[str, Any], *, epsilon: float, opset: int = 17, **more: Any) -> Any:
    weights = [stored(name, values) for name, values in columns.items()]
    nodes = [node("BatchNormalization", ["x", *columns], ["y"], epsilon=epsilon, **more)]
    return model(nodes, weights, 2, opset=opset)


COLUMNS = {"s": [3, 0], "b": [1, 2], "m": [5, 7], "v": [2.0, 0.1]}


def test_it_is_exact_where_the_root_is_rational_or_the_scale_zero(tmp_path: Path) -> None:
    assert outputs(normalized(COLUMNS, epsilon=0.25), [6, 9], tmp_path) == [3, 2]
    folded = read_onnx(saved(normalized(COLUMNS, epsilon=0.25), tmp_path), None, fold_batchnorm="float32")
    assert not folded.model.notes


def test_an_irrational_root_is_refused_with_channel_and_way_out(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError) as caught:
        read_onnx(saved(normalized(COLUMNS, epsilon=0.5), tmp_path), None)
    text = str(caught.value)
    assert "operator 'BatchNormalization', node 'n_y', opset 17: channel 0: var + epsilon is not" in text
    assert "--fold-batchnorm float32 or float64" in text


def test_folding_rounds_what_is_irrational_and_says_so(tmp_path: Path) -> None:
    path = saved(normalized({**COLUMNS, "v": [1.5, 0.1]}, epsilon=0.5), tmp_path)
    found = read_onnx(path, None, fold_batchnorm="float64")
    (layer,) = found.network.layers
    factor, shift = layer.data[0], layer.bias[0]
    assert is_nearest(factor, Q(0), Q(3), Q(2), DOUBLE)
    assert is_nearest(shift, Q(1), Q(-15), Q(2), DOUBLE)
    assert layer.bias[1] == 2
    assert found.model.notes == (
        "this speaks of the folded network: 2 coefficients of BatchNormalization, in 1 channels, were "
        "rounded, as scale/sqrt(var + epsilon) is irrational there",
    )
    assert found.model.options == {"fold_batchnorm": "float64"}
    with pytest.raises(UsageError, match=r"--fold-batchnorm: expected one of \['float32', 'float64'\]"):
        read_onnx(path, None, fold_batchnorm="float16")


def below(shift: Q, factor: Q, square: Q, value: Q) -> bool:
    """Say whether shift + factor / sqrt(square) < value, by squares."""
    left, right = factor, value - shift
    # factor < right * sqrt(square)
    if left < 0 <= right:
        return True
    if right <= 0 <= left:
        return False
    return (left**2 < right**2 * square) == (right > 0)


def is_nearest(rounded: Any, shift: Q, factor: Q, square: Q, layout: Layout) -> bool:
    """Say whether no float of the format is nearer, by the middles to its neighbours."""
    value = Q(rounded)
    power = max(
        value.numerator.bit_length() - value.denominator.bit_length() - 1, 2 - (1 << layout.exponent - 1)
    )
    # Smaller than any gap between neighbours at this magnitude, then the neighbours themselves.
    tiny = Q(2) ** (power - layout.significand - 3)
    unit = Q(2) ** (power - layout.significand - 1)
    neighbours = []
    for sign in (1, -1):
        step = unit
        while (found := nearest(value + sign * step, layout)) == value or found is None:
            step += tiny
        neighbours.append(Q(found))
    low, high = (value + neighbours[1]) / 2, (value + neighbours[0]) / 2
    return not below(shift, factor, square, low) and below(shift, factor, square, high)


NUMBERS = st.fractions(-50, 50, max_denominator=64)


@given(
    NUMBERS,
    NUMBERS.filter(bool),
    st.fractions(Q(1, 64), 50, max_denominator=64),
    st.sampled_from([SINGLE, DOUBLE, Layout(5, 10)]),
)
def test_a_folded_coefficient_is_the_nearest_float(shift: Q, factor: Q, square: Q, layout: Layout) -> None:
    from memcert.interop.onnx.constant_operators import rational_root

    if rational_root(square) is None:
        found = rounded_sum(shift, factor, square, layout)
        assert found is not None
        assert is_nearest(found, shift, factor, square, layout)


def test_training_and_old_modes_are_refused(tmp_path: Path) -> None:
    for more in ({"training_mode": 1}, {"opset": 7, "spatial": 0}):
        with pytest.raises(UnsupportedError, match="only inference, channel by channel"):
            read_onnx(saved(normalized(COLUMNS, epsilon=0.25, **more), tmp_path), None)


def test_a_variance_that_is_not_positive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"var \+ epsilon is -3/4, which is not positive"):
        read_onnx(saved(normalized({**COLUMNS, "v": [-1, 1]}, epsilon=0.25), tmp_path), None)
