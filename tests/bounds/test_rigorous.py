from fractions import Fraction
from math import comb, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.bounds import rigorous


@given(st.integers(0, 10**12), st.integers(0, 10**6))
def test_the_least_number_from_which_on_something_holds_is_found(border: int, start: int) -> None:
    assert rigorous.least(lambda n: n >= border, start) == max(border, start)


@given(st.integers(1, 10**30), st.integers(1, 10**30))
def test_logarithms_contain_the_float_nearly(p: int, q: int) -> None:
    with rigorous.precision():
        ball = rigorous.log2(Fraction(p, q))
    assert abs(float(ball.mid()) - (log2(p) - log2(q))) < 1e-9


@pytest.mark.parametrize(("n", "k"), [(0, 0), (5, 0), (5, 5), (10, 3), (200, 77)])
def test_binomials_are_contained(n: int, k: int) -> None:
    with rigorous.precision():
        exact, found = rigorous.log2(comb(n, k)), rigorous.log2_binomial(n, k)
        assert bool(exact.overlaps(found))
        assert bool(found.rad() < 1)


def test_an_undecided_comparison_is_possible_and_a_decided_one_is_decided() -> None:
    with rigorous.precision():
        root = rigorous.log2(8)
        assert rigorous.possible(root, rigorous.ball(3))
        assert rigorous.possible(rigorous.ball(3), root)
        assert not rigorous.possible(rigorous.ball(3), rigorous.ball(4))
        assert rigorous.possible(rigorous.ball(4), rigorous.ball(3))


def test_the_precision_is_put_back_after_a_failure() -> None:
    from flint import ctx

    before = ctx.prec
    with pytest.raises(ZeroDivisionError), rigorous.precision():
        assert ctx.prec == rigorous.PRECISION
        raise ZeroDivisionError
    assert ctx.prec == before
