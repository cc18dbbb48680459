from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import rationals

from memcert.contracts.notation import atom, atoms, case, ensure, inputs, layer, outputs, parameters, term
from memcert.contracts.terms import text
from memcert.kernel.certificate import Atom, Case, ContractLayer, Ensure, Input, Output, Parameter, Term

TERMS = st.lists(
    st.tuples(
        rationals(6).filter(bool), st.lists(st.sampled_from(("k", "p1", "q_2")), max_size=3).map(tuple)
    ),
    max_size=5,
).map(tuple)


@given(TERMS)
def test_a_printed_term_is_read_back(written: Term) -> None:
    assert term(text(written)) == written


def test_terms_are_read_as_a_person_writes_them() -> None:
    assert term("2k*p - 1/2*q + 1") == ((2, ("k", "p")), (Fraction(-1, 2), ("q",)), (1, ()))
    assert term("-a") == term(" - a ") == ((-1, ("a",)),)
    assert term("0") == ()


@pytest.mark.parametrize(
    "words", ["", " ", "a b", "2 3", "a*", "*a", "+", "a + ", "A", "a ^ 2", "2**a", "(a)"]
)
def test_what_is_no_sum_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="expected a sum of monomials"):
        term(words)


def test_atoms_turn_the_smaller_side_into_a_difference() -> None:
    assert atom("2p <= 1") == Atom(">=", ((1, ()), (-2, ("p",))))
    assert atom("p < q") == Atom(">", ((-1, ("p",)), (1, ("q",))))
    assert atom("p = 1/2") == Atom("=", ((Fraction(-1, 2), ()), (1, ("p",))))
    assert atoms("p >= 0, q > 0") == (Atom(">=", ((1, ("p",)),)), Atom(">", ((1, ("q",)),)))
    assert atoms("  ") == ()


@pytest.mark.parametrize("words", ["p", "p = q = r", "p >= "])
def test_what_is_no_statement_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        atom(words)


@pytest.mark.parametrize("words", ["y > 1", "2y = 1", "y < 1", "y"])
def test_ensures_are_about_one_output(words: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        ensure(words)


def test_the_parts_of_a_contract_are_the_formats_data() -> None:
    assert ensure("y <= u + 1") == Ensure("y", "<=", ((1, ("u",)), (1, ())))
    assert case("low", "", "y = 0") == Case("low", (), (Ensure("y", "=", ()),))
    assert layer("a = 2u", "b = 0", relu=False) == ContractLayer(False, (("a", ((2, ("u",)),)), ("b", ())))
    assert inputs("u = 1/2*a, v ~ b") == (
        Input("u", ((Fraction(1, 2), ("a",)),), False),
        Input("v", ((1, ("b",)),), True),
    )
    assert outputs("y, s = a - b") == (
        Output("y", ((1, ("y",)),)),
        Output("s", ((1, ("a",)), (-1, ("b",)))),
    )
    assert parameters(("w", "y", None)) == (Parameter("w", "y", None),)


def test_a_layer_row_without_an_equals_sign_is_refused() -> None:
    with pytest.raises(ValueError, match="expected `neuron = term`"):
        layer("a >= u")
