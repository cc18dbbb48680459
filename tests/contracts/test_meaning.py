from fractions import Fraction

import pytest
from contract_samples import BIT, GATE, SELECT, SIMPLE, with_case
from hypothesis import given
from strategies import rationals

from memcert.contracts.meaning import Violation, counterexample, holds, outputs_at, true_at
from memcert.contracts.notation import atoms
from memcert.kernel.certificate import Number


def relu(value: Number) -> Number:
    return max(value, 0)


@given(rationals(6), rationals(6), rationals(4))
def test_bit_executes_its_layers(p: Number, q: Number, k: Number) -> None:
    p2, q2 = (relu(relu(2 * z) - relu(4 * z - 2)) for z in (p, q))
    expected = {"p3": p2, "q3": q2, "bit": relu(k * q2 - k * p2)}
    assert outputs_at(BIT, {"p": p, "q": q, "k": k}) == expected


@given(rationals(6), rationals(6), rationals(4), rationals(4), rationals(4))
def test_select_executes_its_layers(x: Number, y: Number, a: Number, b: Number, w: Number) -> None:
    values = {"x": x, "y": y, "a2": 2 * a, "b2": -2 * b, "w": w}
    left, right = relu(1 - relu(2 * a - 2 * x)), relu(1 - relu(2 * x - 2 * b))
    assert outputs_at(SELECT, values) == {"x3": relu(x), "y3": relu(relu(y) + w * left + w * right - w)}


def test_a_relation_is_decided_at_its_border() -> None:
    half = Fraction(1, 2)
    assert [holds(half, r, half) for r in ("=", ">=", "<=", ">")] == [True, True, True, False]
    assert [holds(0, r, half) for r in ("=", ">=", "<=", ">")] == [False, False, True, False]
    assert [holds(1, r, half) for r in ("=", ">=", "<=", ">")] == [False, True, False, True]
    with pytest.raises(ValueError, match="expected one of"):
        holds(0, "!=", 0)


def test_atoms_hold_together_or_not() -> None:
    assert true_at(atoms("k*p >= 1, p > 0"), {"k": 2, "p": Fraction(1, 2)})
    assert not true_at(atoms("k*p >= 1, p > 1"), {"k": 2, "p": Fraction(1, 2)})


def test_a_false_promise_is_shown_with_both_values() -> None:
    false = with_case(SIMPLE, "on", "u >= 0", "y = u + 2w")
    assert counterexample(false, false.cases[0], {"u": 1, "w": 3}) == (Violation("y", "=", 7, 4),)


def test_a_point_outside_of_the_premises_shows_nothing() -> None:
    false = with_case(SIMPLE, "on", "u >= 0", "y = 7")
    assert counterexample(false, false.cases[0], {"u": -1, "w": 3}) == ()
    assert counterexample(false, false.cases[0], {"u": 1, "w": -3}) == ()


def test_a_true_promise_has_no_counterexample() -> None:
    values: dict[str, Number] = {"v": -1, "lab": 2, "g": 4}
    assert counterexample(GATE, GATE.cases[1], values) == ()


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        outputs_at(SIMPLE, {"u": 1})
