from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import number, rationals

from memcert.contracts.terms import (
    add,
    affine_in,
    by_variable,
    constant,
    evaluate,
    exact,
    linear,
    names_of,
    normal,
    scale,
    statement,
    substitute,
    subtract,
    text,
    variable,
)
from memcert.kernel.certificate import Number, Term

NAMES = ("k", "p", "q")
TERMS = st.lists(
    st.tuples(rationals(6), st.lists(st.sampled_from(NAMES), max_size=3).map(tuple)), max_size=5
).map(tuple)
VALUES = st.fixed_dictionaries({name: rationals(6) for name in NAMES})
HALF = Fraction(1, 2)


def by_definition(term: Term, values: dict[str, Number]) -> Fraction:
    total = Fraction(0)
    for coefficient, names in term:
        product = Fraction(coefficient)
        for name in names:
            product *= values[name]
        total += product
    return total


def is_exact(value: object) -> bool:
    return type(value) is int or (type(value) is Fraction and value.denominator > 1)


@given(TERMS, TERMS, rationals(6), VALUES)
def test_values_of_sums_multiples_and_normal_forms_are_those_of_the_definition(
    left: Term, right: Term, factor: Number, values: dict[str, Number]
) -> None:
    a, b = by_definition(left, values), by_definition(right, values)
    for term, expected in (
        (left, a),
        (normal(left), a),
        (add(left, right), a + b),
        (subtract(left, right), a - b),
        (scale(left, factor), factor * a),
    ):
        assert evaluate(term, values) == expected
        assert is_exact(evaluate(term, values))
        assert all(is_exact(coefficient) for coefficient, _ in term)


@given(TERMS, VALUES, st.sets(st.sampled_from(NAMES)))
def test_substitution_of_some_names_leaves_the_value_and_no_such_name(
    term: Term, values: dict[str, Number], bound: set[str]
) -> None:
    found = substitute(term, {name: values[name] for name in bound})
    assert evaluate(found, values) == by_definition(term, values)
    assert not names_of(found) & bound


@given(TERMS)
def test_normal_form_is_the_same_for_any_order_of_monomials_and_names(term: Term) -> None:
    shuffled = tuple((c, names[::-1]) for c, names in reversed(term))
    assert normal(shuffled) == normal(term)
    assert subtract(term, shuffled) == ()


def test_equal_terms_that_are_written_differently_have_one_normal_form() -> None:
    assert normal(((1, ("p", "k")), (2, ("k", "p")), (-3, ("p", "k")))) == ()
    assert normal(((HALF, ("p",)), (HALF, ("p",)))) == ((1, ("p",)),)


def test_linear_splits_once_the_parameters_are_numbers() -> None:
    term: Term = ((2, ("k", "p")), (-1, ("q",)), (3, ("k", "k")), (1, ("q",)), (5, ()))
    assert linear(term, {"k": HALF}) == (Fraction(23, 4), {"p": 1})


def test_linear_refuses_a_product_of_variables() -> None:
    with pytest.raises(ValueError, match=r"the product p\*q"):
        linear(((1, ("p", "q")),), {"k": 1})


def test_by_variable_gives_each_coefficient_over_the_parameters() -> None:
    term: Term = ((2, ("k", "p")), (-1, ("p",)), (4, ("k",)), (1, ()))
    assert by_variable(term, ("k",)) == {
        "p": ((2, ("k",)), (-1, ())),
        None: ((4, ("k",)), (1, ())),
    }


def test_by_variable_refuses_a_product_and_a_square_of_variables() -> None:
    for names in (("p", "q"), ("p", "p")):
        with pytest.raises(ValueError, match="at most one variable"):
            by_variable(((1, names),), ("k",))


def test_affine_in_gives_slope_and_offset_of_a_parameter() -> None:
    assert affine_in(((2, ("a", "k")), (3, ("k",)), (-1, ("a",))), "k", {"a": 5}) == (13, -5)


def test_affine_in_refuses_the_square_and_an_unbound_name() -> None:
    with pytest.raises(ValueError, match="at most once"):
        affine_in(((1, ("k", "k")),), "k", {})
    with pytest.raises(KeyError):
        affine_in(((1, ("k", "a")),), "k", {})


def test_evaluation_of_an_unbound_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        evaluate(((1, ("p",)),), {})


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ((), "0"),
        (((2, ("p",)), (-1, ("a1",))), "2p - a1"),
        (((-1, ("k", "q")), (HALF, ("p",)), (-HALF, ())), "-k*q + 1/2*p - 1/2"),
        (((-3, ()),), "-3"),
        (((1 << 60, ("p",)),), "0x1p+60*p"),
        (((1, ()),), "1"),
    ],
)
def test_terms_are_printed_as_mathematics_exactly(term: Term, expected: str) -> None:
    assert text(term) == expected
    assert statement(term, ">=") == f"{expected} >= 0"


def test_constants_and_variables_of_coefficient_zero_are_the_empty_term() -> None:
    assert constant(0) == variable("p", 0) == scale(variable("p"), 0) == ()
    assert add(constant(2), variable("p", HALF)) == ((2, ()), (HALF, ("p",)))


@given(rationals(8))
def test_exact_keeps_the_value_and_the_form(value: Number) -> None:
    assert exact(Fraction(value)) == value == number(value)
    assert is_exact(exact(Fraction(value)))
