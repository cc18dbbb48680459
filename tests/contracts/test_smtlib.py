import re
from dataclasses import replace
from fractions import Fraction

import pytest
import z3
from contract_samples import BIT, GATE, SELECT, SIMPLE, with_case
from hypothesis import given
from hypothesis import strategies as st
from strategies import rationals, wild_rationals

from memcert.contracts import smtlib
from memcert.contracts.meaning import outputs_at
from memcert.contracts.mechanisms import carry, linear, neuron, ramp
from memcert.contracts.notation import atom, atoms, inputs, layer, outputs, parameters, term
from memcert.contracts.smtlib import Definition, claim, decimal, number, premises, script
from memcert.kernel.certificate import Atom, Contract, Ensure, Input, Number
from memcert.kernel.verdict import LimitReached
from memcert.proofs.answers import integer

ALLOWED = re.compile(
    r"(\(|\)| |\n|v[0-9]+|x|relu|Real|set-logic|QF_[LN]RA|define-fun|declare-const|assert|ite|not|and|true|"
    r">=|<=|=|>|\+|-|\*|/|[0-9]+\.0)+"
)
SIMPLE_TEXT = """(set-logic QF_LRA)
(define-fun relu ((x Real)) Real (ite (>= x 0.0) x 0.0))
(declare-const v0 Real)
(declare-const v1 Real)
(assert (> v0 0.0))
(assert (>= v1 0.0))
(define-fun v2 () Real (relu (+ v0 v1)))
(assert (not (and true (= v2 (+ v0 v1)))))
"""


def renamed(contract: Contract, names: dict[str, str]) -> Contract:
    """Replace whole names wherever they stand in the contract's data."""

    def walk(value: object) -> object:
        if isinstance(value, str):
            return names.get(value, value)
        if isinstance(value, tuple):
            parts = tuple(map(walk, value))
            return value._make(parts) if hasattr(value, "_make") else parts
        if hasattr(value, "__dataclass_fields__"):
            return type(value)(*(walk(getattr(value, field)) for field in value.__dataclass_fields__))
        return value

    found = walk(contract)
    assert isinstance(found, Contract)
    return found


def test_a_claim_is_printed_word_for_word() -> None:
    assert claim(SIMPLE, SIMPLE.cases[0]).text == SIMPLE_TEXT


def test_names_stand_for_numbers_in_the_order_of_declaration() -> None:
    found = claim(SIMPLE, SIMPLE.cases[0])
    assert (found.names, found.free) == (("w", "u", "y"), 2)


@pytest.mark.parametrize("contract", [BIT, SELECT, GATE, SIMPLE, ramp(), carry(3)], ids=lambda c: c.id)
def test_texts_hold_nothing_but_the_printers_own_words(contract: Contract) -> None:
    for case in contract.cases:
        assert ALLOWED.fullmatch(claim(contract, case).text)
        assert ALLOWED.fullmatch(premises(contract, case).text)


def texts(contract: Contract) -> list[str]:
    return [claim(contract, case).text for case in contract.cases]


def test_hostile_names_do_not_reach_the_text_even_without_validation() -> None:
    hostile = renamed(
        SIMPLE,
        {"w": "x) (assert false", "u": "a\n(assert false)", "y": "; \u2028", "on": "|", "simple": "../../x"},
    )
    assert [claim(hostile, case).text for case in hostile.cases] == [
        claim(SIMPLE, case).text for case in SIMPLE.cases
    ]


def test_the_text_does_not_depend_on_the_names() -> None:
    swapped = renamed(BIT, {"p": "z", "q": "a", "k": "m", "a1": "c9", "a2": "b1", "p2": "y", "q2": "x"})
    assert [claim(swapped, case).text for case in swapped.cases] == [
        claim(BIT, case).text for case in BIT.cases
    ]


def test_claims_that_differ_only_in_strictness_differ() -> None:
    strict, weak = (replace(SIMPLE, assumes=atoms(words)) for words in ("w > 0", "w >= 0"))
    assert claim(strict, strict.cases[0]).text != claim(weak, weak.cases[0]).text
    exact, bound = (with_case(SIMPLE, "on", "u >= 0", words) for words in ("y = u + w", "y <= u + w"))
    assert claim(exact, exact.cases[0]).text != claim(bound, bound.cases[0]).text


def test_claims_that_differ_only_in_v1_and_v10_differ() -> None:
    names = [f"u{k}" for k in range(11)]
    wide = Contract(
        id="wide",
        parameters=(),
        assumes=(),
        inputs=tuple(Input(name, term(f"y{k}"), False) for k, name in enumerate(names)),
        layers=(layer(*(f"y{k} = u{k}" for k in range(11))),),
        outputs=outputs("y0"),
        cases=(),
    )
    one, ten = (with_case(wide, "c", words, "y0 = 0") for words in ("u1 >= 0", "u10 >= 0"))
    texts = [claim(contract, contract.cases[0]).text for contract in (one, ten)]
    assert texts[0] != texts[1]
    assert texts[0].replace("(>= v1 ", "(>= v10 ") == texts[1]


def test_claims_that_differ_only_in_the_relu_of_a_layer_differ() -> None:
    assert claim(linear(), linear().cases[0]).text != claim(carry(), carry().cases[0]).text
    open_case = with_case(neuron(), "all", "", "y = u")
    plain = replace(open_case, layers=linear().layers)
    assert claim(open_case, open_case.cases[0]).text != claim(plain, plain.cases[0]).text


def test_the_logic_is_nonlinear_exactly_where_names_are_multiplied() -> None:
    logics = {
        contract.id: claim(contract, contract.cases[0]).logic
        for contract in (BIT, SELECT, GATE, ramp(), carry())
    }
    assert logics == {
        "bit": "QF_NRA",
        "select": "QF_NRA",
        "gate": "QF_NRA",
        "ramp": "QF_LRA",
        "carry": "QF_LRA",
    }
    cancelled = replace(SIMPLE, assumes=(Atom(">", ((1, ("w",)), (1, ("w", "w")), (-1, ("w", "w")))),))
    assert claim(cancelled, cancelled.cases[0]).text == SIMPLE_TEXT


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0.0"),
        (2, "2.0"),
        (-2, "(- 2.0)"),
        (Fraction(1, 3), "(/ 1.0 3.0)"),
        (Fraction(-1, 3), "(- (/ 1.0 3.0))"),
    ],
)
def test_numbers_are_exact_constants(value: Number, expected: str) -> None:
    assert number(value) == expected


@given(st.one_of(st.integers(0, 10**30), st.integers(13_990, 60_000).map(lambda b: 2**b - 1)))
def test_decimal_digits_are_right_however_long(value: int) -> None:
    digits = decimal(value)
    assert integer(digits) == value
    assert digits == "0" or not digits.startswith("0")


def test_decimal_keeps_the_zeros_in_the_middle() -> None:
    assert decimal(10**9000 + 7) == "1" + "0" * 8999 + "7"
    assert decimal(10**4216) == "1" + "0" * 4216


@given(st.one_of(rationals(), wild_rationals()))
def test_z3_reads_the_number_that_was_printed(value: Number) -> None:
    solver = z3.Solver()
    solver.from_string(f"(declare-const v0 Real)(assert (= v0 {number(value)}))")
    assert solver.check() == z3.sat
    found = solver.model()[z3.Real("v0")]
    assert Fraction(found.numerator_as_long(), found.denominator_as_long()) == value


@given(st.lists(rationals(4), min_size=3, max_size=3), rationals(4))
def test_z3_and_exact_execution_agree_on_what_select_computes(point: list[Number], weight: Number) -> None:
    x, a2, b2 = point
    values = {"x": x, "y": 3, "a2": a2, "b2": b2, "w": weight}
    steps: list[Definition | Atom] = [Definition(name, ((value, ()),)) for name, value in values.items()]
    steps += [Definition(name, row, one.relu) for one in SELECT.layers for name, row in one.neurons]
    computed = outputs_at(SELECT, values)
    right = [Ensure(name, "=", ((value, ()),)) for name, value in computed.items()]
    wrong = [Ensure(name, "=", ((value + 1, ()),)) for name, value in computed.items()]
    for refuted, expected in ((right, z3.unsat), (wrong, z3.sat)):
        solver = z3.Solver()
        solver.from_string(script([], steps, refuted).text)
        assert solver.check() == expected


def test_premises_say_nothing_of_layers_and_promises() -> None:
    found = premises(SIMPLE, SIMPLE.cases[1])
    assert found.text.count("assert") == 2
    assert "v2" not in found.text


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        script(["a"], [atom("b >= 0")], ())


def test_a_text_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtlib, "MAX_TEXT", 100)
    with pytest.raises(LimitReached) as caught:
        claim(SIMPLE, SIMPLE.cases[0])
    assert (caught.value.rule, caught.value.status) == ("obligation", 6)


def test_outputs_that_are_forms_are_defined_after_the_neurons() -> None:
    found = claim(ramp(), ramp().cases[0])
    assert found.names == ("w", "u", "low", "high", "step")
    assert "(define-fun v4 () Real (+ v2 (* (- 1.0) v3)))" in found.text


def test_a_dropped_constant_does_not_matter_to_the_claim() -> None:
    kept = replace(SIMPLE, inputs=inputs("u = y"), parameters=parameters(("w", "y", None)))
    assert claim(kept, kept.cases[0]).text == SIMPLE_TEXT
