"""Radii: equal to those of a naive oracle, witnessed by a point on each wall, and truly the largest."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import naive_evaluator
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from region_oracle import at_point, naive_forms, naive_label_radius, naive_radius
from strategies import dataset, layer, network

from memcert.kernel.certificate import Number
from memcert.kernel.network import Network
from memcert.regions import distances
from memcert.regions.radii import Region, Rows, affine_maps, layers_of, regions
from memcert.verification.verdicts import verify


def found(
    net: Network,
    points: Sequence[Sequence[Number]],
    labels: Sequence[int],
    rule: str = "argmax",
    tolerance: Number | None = None,
) -> list[Region]:
    rows = dataset(points, labels)
    made = verify(net, rows, rule, tolerance)
    return list(regions(layers_of(net), Rows(rows, rule, made.labels, made.margins, tolerance)))


TWO_OUTPUTS = network(([[1, 0], [0, 1]], [0, 0]), ([[1, 0], [0, 1]], [0, 0]))


def test_the_radius_is_the_distance_to_the_nearest_neuron_in_the_sup_norm() -> None:
    # z = 3x + y - 1 at (1, 1) is 3, |a| = 4; z = y - 3 is -2, |a| = 1.
    net = network(([[3, 1], [0, 1]], [-1, -3]), ([[1, 0], [0, 1]], [0, 0]))
    (region,) = found(net, [(1, 1)], [0])
    assert region.neuron is not None
    assert (region.neuron.radius, region.neuron.layer, region.neuron.index) == (Fraction(3, 4), 0, 0)
    assert region.neuron.point((1, 1)) == (Fraction(1, 4), Fraction(1, 4))
    # F_0 - F_1 = 3x + y - 1 - 0.
    assert region.label is not None
    assert (region.label.radius, region.label.strict) == (Fraction(3, 4), True)
    assert region.nearest is region.label


def test_a_neuron_at_exactly_zero_gives_radius_zero() -> None:
    (region,) = found(network(([[1, -1], [1, 1]], [0, 1]), ([[1, 0], [0, 1]], [0, 0])), [(2, 2)], [1])
    assert region.neuron is not None
    assert (region.neuron.radius, region.neuron.layer, region.neuron.index) == (0, 0, 0)
    assert region.neuron.point((2, 2)) == (2, 2)


def test_a_neuron_with_zero_gradient_is_no_wall_even_at_exactly_zero() -> None:
    # The first neuron of layer 1 reads neurons that are off, and has bias 0; the second likewise, bias 1.
    net = network(
        ([[-1, -1], [1, 1]], [0, 10]), ([[5, 0], [7, 0], [0, 1]], [0, 1, 0]), ([[1, 1, 1], [0, 0, 0]], [0, 0])
    )
    (region,) = found(net, [(1, 2)], [0])
    assert region.neuron is not None
    # Layer 0: 3/2 and 13/2; layer 1's last neuron is that of layer 0.
    assert (region.neuron.radius, region.neuron.layer, region.neuron.index) == (Fraction(3, 2), 0, 0)


def test_cancelling_paths_give_a_gradient_of_exactly_zero() -> None:
    # x - x = 0 after two layers, whatever float rounding thinks of a third of 1/3.
    third = Fraction(1, 3)
    net = network(([[third], [third]], [1, 1]), ([[3 * third, -1]], [0]), ([[1], [-1]], [Fraction(1, 7), 0]))
    (region,) = found(net, [(3,)], [0])
    assert region.neuron is not None and region.neuron.layer == 0
    assert region.neuron.radius == 6
    assert region.label is None


def test_a_network_without_relu_is_one_region() -> None:
    (region,) = found(network(([[1, 2], [3, 4]], [5, 0])), [(1, 1)], [0])
    assert region.neuron is None
    # F_0 - F_1 = 5 - 2x - 2y at (1, 1): 1 over 4.
    assert region.label is not None and region.label.radius == Fraction(1, 4)


def test_a_row_that_fails_has_a_region_and_no_label_radius() -> None:
    right, wrong = found(TWO_OUTPUTS, [(3, 1), (3, 1)], [0, 1])
    assert right.holds and right.label is not None and right.label.radius == 1
    assert not wrong.holds and wrong.label is None and wrong.neuron is not None and wrong.neuron.radius == 1


def test_at_the_label_radius_the_outputs_tie_and_the_radius_is_left_out() -> None:
    (region,) = found(TWO_OUTPUTS, [(5, 2)], [0])
    wall = region.nearest
    assert wall is not None and wall.strict and wall.layer is None and wall.index == 1
    tie = wall.point((5, 2))
    assert wall.radius == Fraction(3, 2) and tie == (Fraction(7, 2), Fraction(7, 2))
    first, second = naive_evaluator.evaluate(TWO_OUTPUTS, tie)
    assert first == second


def test_within_attains_its_radius_and_equal_has_none_where_the_output_moves() -> None:
    net = network(([[1]], [0]), ([[2]], [0]))
    (within,) = found(net, [(4,)], [7], "within", Fraction(3, 2))
    assert within.label is not None
    assert (within.label.radius, within.label.strict) == (Fraction(1, 4), False)
    (equal,) = found(net, [(4,)], [8], "equal")
    assert equal.label is not None and equal.label.radius == 0
    (flat,) = found(network(([[1]], [0]), ([[0]], [3])), [(4,)], [3], "equal")
    assert flat.label is None


def test_a_relu_on_the_last_layer_is_a_wall() -> None:
    net = Network(1, (layer([[1]], [1], relu=True), layer([[1]], [-5], relu=True)))
    (region,) = found(net, [(3,)], [0], "within", 0)
    assert region.neuron is not None and (region.neuron.layer, region.neuron.radius) == (1, 1)


@pytest.mark.parametrize("scale", [Fraction(1, 2**1070), Fraction(2**1100), Fraction(1, 3**700)])
def test_numbers_beyond_float64_are_exact_all_the_same(scale: Fraction) -> None:
    net = network(([[3 * scale, scale], [0, scale]], [-scale, -3 * scale]), ([[1, 0], [0, 1]], [0, 0]))
    (region,) = found(net, [(1, 1)], [0])
    assert region.neuron is not None and region.neuron.radius == Fraction(3, 4)


small = st.builds(Fraction, st.integers(-6, 6), st.sampled_from([1, 1, 2, 3]))


@st.composite
def networks(draw: st.DrawFn, outputs: int) -> Network:
    """A network of one to three layers whose neurons often stand at 0, and whose paths cancel."""
    sizes = [draw(st.integers(1, 3)) for _ in range(draw(st.integers(1, 3)))]
    widths = [*sizes, outputs]
    parts = [
        (
            [[draw(small) for _ in range(before)] for _ in range(after)],
            [draw(small) for _ in range(after)],
        )
        for before, after in pairwise(widths)
    ]
    relus = [draw(st.sampled_from([True, True, True, False])) for _ in parts[:-1]] + [draw(st.booleans())]
    layers = tuple(layer(rows, bias, relu) for (rows, bias), relu in zip(parts, relus, strict=True))
    return Network(sizes[0], layers)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_radii_are_those_of_the_naive_oracle(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(["argmax", "sign", "within", "equal"]))
    net = data.draw(networks(3 if rule == "argmax" else 1))
    points = data.draw(st.lists(st.tuples(*[small] * net.input_size), min_size=1, max_size=4))
    choices = {"argmax": [0, 1, 2], "sign": [-1, 1], "within": [-1, 0, 2], "equal": [0, 1]}[rule]
    labels = [data.draw(st.sampled_from(choices)) for _ in points]
    if rule == "sign":
        labels = [*labels, 1, -1]
        points = [*points, points[0], points[0]]
    tolerance = Fraction(3, 2) if rule == "within" else None
    for region, point, label in zip(found(net, points, labels, rule, tolerance), points, labels, strict=True):
        radius = None if region.neuron is None else region.neuron.radius
        assert radius == naive_radius(net, point)
        outputs = naive_evaluator.evaluate(net, point)
        assert region.holds == naive_evaluator.holds(rule, outputs, label, tolerance)
        if region.holds:
            expected = naive_label_radius(net, point, rule, label, tolerance)
            assert (None if region.label is None else region.label.radius) == expected
        _witnessed(net, point, region, rule, label)


def _witnessed(net: Network, point: Sequence[Number], region: Region, rule: str, label: Number) -> None:
    """The point of a wall lies on the box, and there the neuron is 0, or the statement at its limit."""
    before, outputs = naive_forms(net, point)
    if region.neuron is not None:
        assert region.neuron.layer is not None
        corner = region.neuron.point(point)
        assert max(abs(Fraction(a) - b) for a, b in zip(corner, point, strict=True)) == region.neuron.radius
        assert at_point(before[region.neuron.layer][region.neuron.index], corner) == 0
    if region.label is not None and rule == "argmax":
        corner = region.label.point(point)
        assert at_point(outputs[int(label)], corner) == at_point(outputs[region.label.index], corner)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_affine_map_is_the_network_on_the_whole_box(data: st.DataObject) -> None:
    net = data.draw(networks(2))
    point = data.draw(st.tuples(*[small] * net.input_size))
    (region,) = found(net, [point], [0])
    ((gradient, constant),) = affine_maps(layers_of(net), dataset([point], [0]))
    radius = Fraction(5) if region.neuron is None else Fraction(region.neuron.radius)
    for _ in range(5):
        shares = data.draw(st.tuples(*[st.sampled_from([-1, Fraction(-1, 3), 0, 1])] * net.input_size))
        corner = tuple(x + radius * s for x, s in zip(point, shares, strict=True))
        mapped = tuple(
            sum((a * x for a, x in zip(line, corner, strict=True)), Fraction(c))
            for line, c in zip(gradient, constant, strict=True)
        )
        assert naive_evaluator.evaluate(net, corner) == mapped


@pytest.mark.parametrize("forward", [0, distances.FORWARD])
def test_many_rows_of_a_wide_network_have_the_same_radii_as_one_by_one(
    forward: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distances, "FORWARD", forward)
    generator = np.random.default_rng(7)
    widths = [12, 40, 40, 5]
    parts = []
    for before, after in pairwise(widths):
        weights = generator.normal(size=(after, before)).astype(np.float32)
        parts.append(([[Fraction(float(w)) / 255 for w in row] for row in weights], [Fraction(1, 7)] * after))
    net = network(*parts)
    points = generator.integers(0, 256, size=(300, 12)).tolist()
    together = found(net, points, [k % 5 for k in range(300)])
    for row in (0, 249, 250, 299):
        (alone,) = found(net, [points[row]], [row % 5])
        assert (alone.neuron, alone.label) == (together[row].neuron, together[row].label)
        assert alone.neuron is not None and alone.neuron.radius == naive_radius(net, points[row])
