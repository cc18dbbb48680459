"""Formulas of the input: exact, by hand, and each refusal."""

from fractions import Fraction

import pytest

from memcert.errors import UsageError
from memcert.interop.preprocessing import Affine, affine

Q = Fraction


@pytest.mark.parametrize(
    ("text", "factor", "shift"),
    [
        ("x", 1, 0),
        ("x/255", Q(1, 255), 0),
        ("(x - 0.5)/3 + 1", Q(1, 3), Q(5, 6)),
        ("x*2 - 1", 2, -1),
        ("1 - x", -1, 1),
        ("-(x/2)*-3", Q(3, 2), 0),
        ("2*(x + 1e-3)/4", Q(1, 2), Q(1, 2000)),
        ("x - 1 - 2", 1, -3),
        ("x/2/2", Q(1, 4), 0),
        ("x + x", 2, 0),
        ("1/3*x", Q(1, 3), 0),
        ("x*0 + 7", 0, 7),
    ],
)
def test_a_formula_means_what_arithmetic_says(text: str, factor: Q, shift: Q) -> None:
    assert affine(text).coefficients((3,)) == [(factor, shift)] * 3
    assert str(affine(f" {text} ")) == text


def test_without_a_formula_nothing_changes() -> None:
    assert Affine().coefficients((1, 2)) == [(1, 0), (1, 0)]


def test_a_list_is_a_number_a_channel_or_a_coordinate() -> None:
    formula = affine("(x/255 - [0.5, -1])/[2, 4]")
    first, second = (Q(1, 510), Q(-1, 4)), (Q(1, 1020), Q(1, 4))
    assert formula.coefficients((2, 2, 3)) == [first] * 6 + [second] * 6
    assert formula.coefficients((3, 1, 2)) == [first, second] * 3
    assert formula.coefficients((2,)) == [first, second]
    assert affine("x - [1,2,3,4]").coefficients((2, 2)) == [(1, -k) for k in (1, 2, 3, 4)]
    with pytest.raises(
        UsageError, match=r"fits the channels of the shape \[2, 3, 2\] both as .* each of 12 coordinates"
    ):
        formula.coefficients((2, 3, 2))
    with pytest.raises(
        UsageError, match=r"a list of 2 numbers fits neither 60 coordinates nor .* \[3, 4, 5\]"
    ):
        formula.coefficients((3, 4, 5))
    with pytest.raises(UsageError, match="fits neither 5"):
        formula.coefficients((5,))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x/0", "a divisor is 0"),
        ("x/[1,0]", "a divisor is 0"),
        ("1/x", "x in a divisor"),
        ("x*x", "a product of x with itself"),
        ("y", "unknown at character 0"),
        ("x**2", "'\\*' is out of place"),
        ("__import__('os')", "unknown"),
        ("255", "it holds no x"),
        ("[1, 2]/255", "it holds no x"),
        ("", "it ends early"),
        ("x +", "it ends early"),
        ("(x", "a \\( is not closed"),
        ("x)", "a \\) too many"),
        ("x 2", "out of place"),
        ("x - [1, 2", "unknown"),
        ("x - []", "a list is numbers"),
        ("x - [1,,2]", "a list is numbers"),
        ("x - [1,2] + [1,2,3]", "lists of 2 and 3 numbers"),
        ("x/nan", "unknown"),
        ("x" + "*1e999" * 6, "a number of more than 16,384 bits"),
        ("x + 1e9999", "unknown|out of place"),
    ],
)
def test_what_is_no_affine_formula_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=f"--preprocess: expected .*{reason}"):
        affine(text)


def test_deep_parentheses_need_no_recursion() -> None:
    assert affine("(" * 50_000 + "x" + ")" * 50_000).coefficients((1,)) == [(1, 0)]
