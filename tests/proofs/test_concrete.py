from dataclasses import replace
from fractions import Fraction

import pytest
from contract_samples import BIT, SELECT, SIMPLE, with_case
from hypothesis import given, settings
from hypothesis import strategies as st

from memcert.contracts.mechanisms import carry
from memcert.contracts.notation import inputs
from memcert.kernel.certificate import Number
from memcert.proofs import concrete
from memcert.proofs.answers import Answer
from memcert.proofs.concrete import (
    ConcreteBlock,
    ConcreteLayer,
    concrete_obligations,
    examine,
    missing_parameters,
)
from memcert.proofs.deviations import deviations
from memcert.proofs.solvers import Outcome

Row = tuple[Number, tuple[tuple[int, Number], ...]]


def layer(*rows: Row, relu: bool = True, start: int = 0) -> ConcreteLayer:
    return ConcreteLayer(relu, tuple(range(start, start + len(rows))), rows)


def block(*layers: ConcreteLayer, first_layer: int = 4, **parameters: Number) -> ConcreteBlock:
    return ConcreteBlock("blocks[3]", "select_7", "subset-selection", first_layer, layers, parameters)


SELECT_LAYERS = (
    layer((0, ((0, 1),)), (0, ((1, 1),)), (20, ((0, -2),)), (-26, ((0, 2),)), start=10),
    layer((0, ((0, 1),)), (0, ((1, 1),)), (1, ((2, -1),)), (1, ((3, -1),)), start=10),
    layer((0, ((0, 1),)), (-5, ((1, 1), (2, 5), (3, 5))), start=10),
)
SELECTED = block(*SELECT_LAYERS, a2=20, b2=-26, w=5)
"""y + 5 for 10 <= x <= 13; x and y are neurons 0 and 1 of layer 3."""


def changed(layer_index: int, row: int, bias: Number, *weights: tuple[int, Number]) -> ConcreteBlock:
    layers = list(SELECT_LAYERS)
    rows = list(layers[layer_index].rows)
    rows[row] = (bias, weights)
    layers[layer_index] = replace(layers[layer_index], rows=tuple(rows))
    return replace(SELECTED, layers=tuple(layers))


def by_hand(of: ConcreteBlock, x: Fraction, y: Fraction) -> list[Fraction]:
    """Run the block straight from its rows."""
    values = [x, y]
    for one in of.layers:
        rows = [bias + sum((w * values[s] for s, w in row), Fraction(0)) for bias, row in one.rows]
        values = [max(row, Fraction(0)) for row in rows] if one.relu else rows
    return values


def keeps_its_promise(of: ConcreteBlock, first: Fraction, second: Fraction) -> bool:
    """Decide what the contract says at one point, x and y being what the first two rows are there."""
    x, y = (
        bias + sum((w * (first, second)[s] for s, w in row), Fraction(0))
        for bias, row in of.layers[0].rows[:2]
    )
    if x < 0 or y < 0:
        return True
    got = by_hand(of, first, second)
    if 10 <= x <= 13:
        return got == [x, y + 5]
    return got == [x, y] or Fraction(19, 2) < x < Fraction(27, 2)


def test_a_block_that_is_its_pattern_is_proved() -> None:
    found = examine(SELECT, SELECTED)
    assert (found.status, found.obligations, found.refutation, found.open) == ("proved", 3, None, ())


def test_questions_are_linear_once_the_weights_are_numbers() -> None:
    asked = concrete_obligations(SELECT, SELECTED)
    assert [one.logic for one in asked] == ["QF_LRA"] * 3
    assert [one.free for one in asked] == [2] * 3


def test_a_steeper_ramp_keeps_every_promise() -> None:
    # relu(1 - relu(3 (a - x))): the ramp ends earlier than the contract asks for.
    steeper = changed(0, 2, 30, (0, -3))
    assert examine(SELECT, steeper).status == "proved"
    assert deviations(SELECT, steeper) == (
        "layer 4, neuron 12, bias: 30, not 20",
        "layer 4, neuron 12, weight of 0: -3, not -2",
    )


@pytest.mark.parametrize(
    ("damaged", "weight"),
    [
        (changed(0, 2, 21, (0, -2)), "layer 4, neuron 12, bias: 21, not 20"),
        (changed(0, 3, -26, (0, 1)), "layer 4, neuron 13, weight of 0: 1, not 2"),
        (changed(1, 2, 1, (2, -1), (3, 1)), "layer 5, neuron 12, weight of 13: 1, not 0"),
        (changed(1, 1, 0), "layer 5, neuron 11, weight of 11: 0, not 1"),
        (changed(2, 1, -5, (1, 1), (2, 5), (3, 4)), "layer 6, neuron 11, weight of 13: 4, not 5"),
        (changed(2, 1, Fraction(-9, 2), (1, 1), (2, 5), (3, 5)), "layer 6, neuron 11, bias: -9/2, not -5"),
    ],
    ids=["ramp", "slope", "added", "zeroed", "height", "offset"],
)
def test_a_damaged_block_is_refuted_at_an_input_that_shows_it(damaged: ConcreteBlock, weight: str) -> None:
    found = examine(SELECT, damaged)
    assert found.status == "refuted"
    refutation = found.refutation
    assert refutation is not None
    assert weight in refutation.weights
    values = dict(refutation.values)
    x, y = Fraction(values["layer 3, neuron 0"]), Fraction(values["layer 3, neuron 1"])
    got = dict(zip(("x3", "y3"), by_hand(damaged, x, y), strict=True))
    assert all(values.get(name, value) == value for name, value in got.items())
    assert "y3" in values
    assert values["y3"] == got["y3"]
    assert not keeps_its_promise(damaged, x, y)
    place = ("blocks[3]", "select_7", "subset-selection")
    assert (refutation.at, refutation.block, refutation.stage) == place


def test_a_layer_without_its_relu_is_refuted_and_named() -> None:
    flat = replace(
        SELECTED, layers=(*SELECT_LAYERS[:1], replace(SELECT_LAYERS[1], relu=False), SELECT_LAYERS[2])
    )
    found = examine(SELECT, flat)
    assert found.status == "refuted"
    assert found.refutation is not None
    assert found.refutation.weights == ("layer 5: no ReLU, not one",)


def test_a_row_that_reads_another_source_is_refuted() -> None:
    found = examine(SELECT, changed(2, 0, 0, (1, 1)))
    assert found.status == "refuted"


def test_an_extra_source_is_a_variable_of_its_own() -> None:
    damaged = changed(0, 2, 20, (0, -2), (9, 1))
    found = examine(SELECT, damaged)
    assert found.refutation is not None
    assert dict(found.refutation.values).keys() >= {"layer 3, neuron 9"}
    assert "layer 4, neuron 12, weight of 9: 1, not 0" in found.refutation.weights


def test_coordinates_of_the_input_are_called_so() -> None:
    damaged = replace(changed(0, 2, 21, (0, -2)), first_layer=0)
    found = examine(SELECT, damaged)
    assert found.refutation is not None
    assert {"input 0", "input 1"} <= dict(found.refutation.values).keys()


def test_promises_are_judged_at_the_given_parameters() -> None:
    assert examine(SELECT, replace(SELECTED, parameters={"a2": 20, "b2": -26, "w": 6})).status == "refuted"
    # A narrower window than the weights have: what the contract says of it is still true.
    narrower = {"a2": 21, "b2": -25, "w": 5, "unused": 7}
    assert examine(SELECT, replace(SELECTED, parameters=narrower)).status == "refuted"


def test_a_parameter_without_a_number_is_an_error() -> None:
    lacking = replace(SELECTED, parameters={"a2": 20, "w": 5})
    assert missing_parameters(SELECT, lacking) == ("b2",)
    with pytest.raises(ValueError, match="got none for b2"):
        examine(SELECT, lacking)


def test_a_block_of_other_layers_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"expected layers of \[4, 4, 2\] neurons, got \[4, 4\]"):
        concrete_obligations(SELECT, replace(SELECTED, layers=SELECT_LAYERS[:2]))


def test_a_dropped_constant_is_taken_off_the_input() -> None:
    # y = relu(2 s0 - 3 s1 + 7) with u = 2 s0 - 3 s1, w = 7.
    whole = block(layer((7, ((0, 2), (1, -3)))), w=7)
    assert examine(SIMPLE, whole).status == "proved"
    kept = replace(SIMPLE, inputs=inputs("u = y"))
    found = examine(kept, whole)
    assert found.status == "refuted"


def test_inputs_may_be_forms_of_several_rows() -> None:
    sums = with_case(SIMPLE, "on", "u >= 0", "y = u + w")
    two = replace(
        sums,
        layers=(replace(sums.layers[0], neurons=(*sums.layers[0].neurons, ("z", ((1, ("u",)),)))),),
        inputs=inputs("u ~ 2y - z"),
    )
    assert examine(two, block(layer((7, ((0, 1),)), (0, ((0, 1),))), w=7)).status == "proved"
    assert examine(two, block(layer((7, ((0, 1),)), (0, ((0, 2),))), w=7)).status == "refuted"


@pytest.mark.parametrize("bits", [1850, 16_000])
def test_very_long_weights_are_exact(bits: int) -> None:
    big = 1 << bits
    one = block(
        layer((0, ((0, 2),)), (-2, ((0, 4),)), (0, ((1, 2),)), (-2, ((1, 4),))),
        layer((0, ((0, 1), (1, -1))), (0, ((2, 1), (3, -1)))),
        layer((0, ((0, 1),)), (0, ((1, 1),)), (0, ((0, -big), (1, big)))),
        k=big,
    )
    assert examine(BIT, one, timeout=60).status == "proved"
    off = replace(
        one, layers=(*one.layers[:2], layer((0, ((0, 1),)), (0, ((1, 1),)), (0, ((0, -big), (1, big + 1)))))
    )
    found = examine(BIT, off, timeout=60)
    assert found.status == "refuted"


def outcomes(*answers: Answer) -> tuple[Outcome, ...]:
    return tuple(Outcome(a.status, a.model, a.reason, 0.0, "z3", "0") for a in answers)


@pytest.mark.parametrize(
    "answer",
    [
        Answer("undecided", None, "timeout"),
        Answer("sat", (0, 0)),
        Answer("sat", (11, 1)),
        Answer("sat", (-1, -1)),
        Answer("sat", None),
    ],
)
def test_what_exact_execution_does_not_confirm_is_undecided(
    monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    unsat = Answer("unsat")
    monkeypatch.setattr(concrete, "discharge", lambda *_: outcomes(answer, unsat, unsat))
    found = examine(SELECT, SELECTED)
    assert (found.status, found.refutation) == ("undecided", None)
    assert [(one.contract, one.case, one.block) for one in found.open] == [("select", "inside", "select_7")]
    assert found.open[0].reason


def test_a_later_refutation_counts_although_an_earlier_case_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = outcomes(Answer("undecided", None, "timeout"), Answer("sat", (5, 1)), Answer("unsat"))
    monkeypatch.setattr(concrete, "discharge", lambda *_: answers)
    found = examine(SELECT, changed(2, 1, -4, (1, 1), (2, 5), (3, 5)))
    assert found.status == "refuted"
    assert found.refutation is not None
    assert found.refutation.case == "below"
    assert found.refutation.expected == "y3 = y (1)"
    assert found.refutation.got == "2"


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2),
    st.integers(0, 3),
    st.integers(-1, 3),
    st.sampled_from([-3, -1, Fraction(1, 2), 1, 2, 7]),
)
def test_single_changes_are_refuted_where_the_promise_fails_or_keep_it_on_a_grid(
    layer_index: int, row: int, source: int, step: Number
) -> None:
    rows = SELECT_LAYERS[layer_index].rows
    row %= len(rows)
    bias, weights = rows[row]
    entries = dict(weights)
    if source < 0:
        bias = bias + step
    else:
        source %= 2 if layer_index == 0 else 4
        entries[source] = entries.get(source, 0) + step
    damaged = changed(layer_index, row, bias, *sorted((s, w) for s, w in entries.items() if w))
    found = examine(SELECT, damaged)
    if found.status == "refuted":
        assert found.refutation is not None
        values = dict(found.refutation.values)
        x, y = (Fraction(values[f"layer 3, neuron {k}"]) for k in (0, 1))
        assert not keeps_its_promise(damaged, x, y)
        return
    assert found.status == "proved"
    for twice in range(-4, 50):
        assert all(keeps_its_promise(damaged, Fraction(twice, 2), Fraction(y)) for y in (-1, 0, 3))


def test_carries_of_several_layers_are_asked_with_their_actual_weights() -> None:
    passed = block(layer((1, ((2, 3),))), layer((0, ((0, 1),))))
    assert examine(carry(2), passed).status == "proved"
    doubled = block(layer((1, ((2, 3),))), layer((0, ((0, 2),))))
    found = examine(carry(2), doubled)
    assert found.refutation is not None
    assert found.refutation.weights == ("layer 5, neuron 0, weight of 0: 2, not 1",)
