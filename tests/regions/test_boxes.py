"""Boxes: proved only where an exact oracle finds nothing, refuted only by points that fail, all replayed."""

import pickle
from copy import copy
from dataclasses import replace
from fractions import Fraction

import naive_evaluator
import pytest
from box_samples import decided, holds_on_segment, own_labels, random_network, table
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import dataset, layer, network

from memcert.boxes.check import check
from memcert.kernel.network import Network
from memcert.kernel.verdict import Rejected
from memcert.regions import boxes as deciding
from memcert.regions.boxes import Budget, Decider

pytest.importorskip("scipy")
LABELS = {"argmax": [0, 1], "sign": [-1, 1], "within": [-1, 0, 1]}


@settings(max_examples=60)
@given(st.data())
def test_on_the_line_every_verdict_is_the_oracles(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(sorted(LABELS)))
    widths = [1, data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6)), 2 if rule == "argmax" else 1]
    net = random_network(data.draw(st.integers(0, 10**6)), widths, 1.6)
    point = (data.draw(st.fractions(-2, 2, max_denominator=7)),)
    label = data.draw(st.sampled_from(LABELS[rule]))
    epsilon = data.draw(st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(1), Fraction(3)]))
    tolerance = Fraction(1, 2) if rule == "within" else None
    rows = dataset([point] * (2 if rule == "sign" else 1), [label, -label] if rule == "sign" else [label])
    certificate, file, made, _ = decided(net, rows, epsilon, rule=rule, tolerance=tolerance)
    low, high = [x - epsilon for x in point], [x + epsilon for x in point]
    for one, asked in zip(made, rows.labels, strict=True):
        assert not isinstance(asked, str)
        expected = holds_on_segment(net, (low, high), rule, asked, tolerance)
        assert one.row.verdict == ("proved" if expected else "refuted")
        if one.row.point is not None:
            outputs = naive_evaluator.evaluate(net, one.row.point)
            assert not naive_evaluator.holds(rule, outputs, asked, tolerance)
            assert all(a <= x <= b for a, x, b in zip(low, one.row.point, high, strict=True))
    found = check(file, certificate, table(rows))
    assert len(found.proved) + len(found.refuted) == rows.size


@settings(max_examples=25)
@given(st.data())
def test_in_the_plane_nothing_is_proved_where_a_segment_of_the_box_fails(data: st.DataObject) -> None:
    net = random_network(data.draw(st.integers(0, 10**6)), [2, 6, 6, 3], 1.6)
    point = data.draw(st.tuples(*[st.fractions(-1, 1, max_denominator=5)] * 2))
    epsilon = data.draw(st.sampled_from([Fraction(1, 10), Fraction(1, 2)]))
    rows = own_labels(net, [point])
    certificate, file, (one,), _ = decided(net, rows, epsilon)
    (x, y), label = point, int(rows.labels[0])
    a, b, c, d = x - epsilon, x + epsilon, y - epsilon, y + epsilon
    segments = [((a, c), (b, d)), ((a, d), (b, c)), ((a, c), (b, c)), ((a, c), (a, d)), ((b, c), (b, d))]
    segments += [((a, d), (b, d)), ((a, y), (b, y)), ((x, c), (x, d))]
    fails = not all(holds_on_segment(net, ends, "argmax", label) for ends in segments)
    assert one.row.verdict == "refuted" if fails else one.row.verdict in ("proved", "refuted")
    check(file, certificate, table(rows))


@pytest.mark.parametrize("seed", [2, 9])
def test_boxes_in_parts_hold_too(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "MANY_OPEN", 0)
    net = random_network(seed, [2, 12, 12, 3], 1.7)
    rows = own_labels(net, [(0, Fraction(1, 3))])
    certificate, file, (one,), _ = decided(net, rows, Fraction(1, 8))
    assert one.row.verdict == "proved"
    assert check(file, certificate, table(rows)).proved == (0,)


def test_a_row_that_fails_is_its_own_counterexample() -> None:
    net = network(([[1], [-1]], [0, 0]), ([[1, 0], [0, 1]], [0, 0]))
    _, _, (one,), _ = decided(net, dataset([[3]], [1]), Fraction(1, 2))
    assert (one.row.verdict, one.row.point, one.margin) == ("refuted", (3,), -3)


def test_a_box_is_cut_to_the_domain() -> None:
    # F_0 > F_1 iff x > 0: the box of radius 2 around 1 reaches -1, but not inside [1/2, 9].
    net = network(([[1], [-1]], [0, 0]), ([[1, 0], [0, 1]], [0, 0]))
    rows = dataset([[1]], [0])
    assert decided(net, rows, 2)[2][0].row.verdict == "refuted"
    half = Fraction(1, 2)
    for domain in (((half, 9),), ((half, 1),), ((1, 1),)):
        certificate, file, (one,), _ = decided(net, rows, 2, domain=domain)
        assert one.row.verdict == "proved"
        assert check(file, certificate, table(rows)).domain == domain
    with pytest.raises(Rejected, match="domain at row 0, coordinate 0: expected from 2 to 3, got 1"):
        decided(net, rows, 2, domain=((2, 3),))


def test_a_tie_on_the_border_of_the_closed_box_refutes() -> None:
    net = network(([[1, 0], [0, 1]], [0, 0]), ([[1, 0], [0, 1]], [0, 0]))
    rows = dataset([[3, 1]], [0])
    _, _, (one,), _ = decided(net, rows, 1)
    assert (one.row.verdict, one.row.point, one.margin) == ("refuted", (2, 2), 0)
    assert decided(net, rows, Fraction(999, 1000))[2][0].row.verdict == "proved"


def test_equal_holds_where_the_network_is_constant() -> None:
    flat = network(([[1]], [-9]), ([[1]], [Fraction(1, 3)]))
    certificate, file, (one,), _ = decided(
        flat, dataset([[3]], [0]), 1, rule="within", tolerance=Fraction(1, 3)
    )
    assert one.row.verdict == "proved"
    assert check(file, certificate, table(dataset([[3]], [0]))).proved == (0,)
    whole = network(([[1]], [-9]), ([[1]], [2]))
    assert decided(whole, dataset([[3]], [2]), 1, rule="equal")[2][0].row.verdict == "proved"
    assert decided(whole, dataset([[8]], [2]), 2, rule="equal")[2][0].row.verdict == "refuted"


def test_a_relu_on_the_last_layer_is_relaxed_like_others() -> None:
    net = Network(1, (layer([[1]], [0], relu=True), layer([[2]], [-1], relu=True)))
    rows = dataset([[2]], [3])
    assert (
        decided(net, rows, Fraction(1, 4), rule="within", tolerance=Fraction(1, 2))[2][0].row.verdict
        == "proved"
    )
    assert (
        decided(net, rows, Fraction(1, 3), rule="within", tolerance=Fraction(1, 2))[2][0].row.verdict
        == "refuted"
    )


def hard() -> tuple[Network, list[tuple[Fraction, ...]]]:
    return random_network(12, [3, 12, 12, 3], 1.7), [(Fraction(0),) * 3]


@pytest.mark.parametrize(
    ("budget", "why"),
    [(Budget(0, 400), "the time of the row ran out"), (Budget(60, 1), "the leaves of the row")],
)
def test_a_budget_that_runs_out_is_undecided(budget: Budget, why: str) -> None:
    net, points = hard()
    rows = own_labels(net, points)
    certificate, file, (one,), _ = decided(net, rows, Fraction(1, 5), budget=budget)
    assert one.row.verdict == "undecided" and one.why.startswith(why)
    assert check(file, certificate, table(rows)).undecided == (0,)


def test_without_scipy_deeppoly_still_decides_and_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("memcert.regions.programs.importlib.import_module", missing)
    net, points = hard()
    rows = own_labels(net, points)
    assert decided(net, rows, Fraction(1, 100))[2][0].row.verdict == "proved"
    (one,) = decided(net, rows, Fraction(1, 5))[2]
    assert one.row.verdict == "undecided" and "pip install 'memcert[boxes]'" in one.why


def test_weights_beyond_float64_are_undecided_not_wrong() -> None:
    far = Fraction(2**1100)
    net = network(([[far], [-far]], [0, 0]), ([[1, 0], [0, 1]], [0, 0]))
    (one,) = decided(net, dataset([[1]], [0]), Fraction(1, 2))[2]
    assert one.row.verdict == "undecided"


def test_another_process_gets_the_network_and_prepares_it_once() -> None:
    net = random_network(3, [3, 8, 3])
    rows = own_labels(net, [(0, 0, 0), (1, 0, Fraction(1, 2))])
    _, file, made, found = decided(net, rows, Fraction(1, 50))
    decider = Decider(net, file.boxes, Budget(20, 400))
    assert len(pickle.dumps(decider)) < 2 * len(pickle.dumps(net))
    there, again = copy(decider), copy(decider)  # as pickle makes them, from what it keeps
    assert there is again
    for row, one in enumerate(made):
        other = there.decide(row, rows.point(row), found.labels[row], found.margins[row])
        assert replace(other, seconds=0) == replace(one, seconds=0)
    other_boxes = replace(file.boxes, epsilon=Fraction(1, 9))
    changed = copy(Decider(net, other_boxes, Budget(20, 400)))
    assert changed.boxes == other_boxes
