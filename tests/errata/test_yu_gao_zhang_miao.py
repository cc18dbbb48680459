"""What cannot be meant as printed in *Generalizability of Memorization Neural Networks*, by plain arithmetic.

Nothing of memcert is used: the printed formulas are run as they stand, and then the corrected ones.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise, product
from math import ceil, log, log2

import pytest

Formula = list[tuple[int, ...]]


def relu(x: Fraction | int) -> Fraction:
    return max(Fraction(x), Fraction(0))


def printed_peel(x: Fraction, a: int, b: Fraction) -> Fraction:
    """F_{a,b} of Lemma B.4."""
    return relu(x) - a / b * relu(x - a) + a / b * relu(x - a - b)


def corrected_peel(x: Fraction, a: int, b: Fraction) -> Fraction:
    """The same with the ramp on the left of a."""
    return relu(x) - a / b * relu(x - a + b) + a / b * relu(x - a)


def decoded(
    fields: Sequence[int], width: int, peel: Callable[[Fraction, int, Fraction], Fraction]
) -> list[int | Fraction]:
    """Decode a_1.a_2...a_n in base 2^width: what the peeled bits of each field sum up to."""
    base, found = 1 << width, list[int | Fraction]()
    value = sum(Fraction(field, base**place) for place, field in enumerate(fields))
    for place in range(len(fields)):
        rest, unit = Fraction(value), Fraction(1, base ** (len(fields) - 1 - place))
        for bit in reversed(range(width)):
            rest = peel(rest, 1 << bit, unit)
        found.append(value - rest)
        value = rest * base
    return found


def words() -> list[tuple[list[int], int]]:
    draw = random.Random(41)  # noqa: S311 - no secret
    widths = [draw.randint(1, 6) for _ in range(300)]
    return [([draw.randint(1, 2**w - 1) for _ in range(draw.randint(1, 5))], w) for w in widths]


def test_lemma_b4_loses_the_last_field_of_300_words_in_300() -> None:
    for fields, width in words():
        found = decoded(fields, width, printed_peel)
        assert found[:-1] == fields[:-1]
        assert found[-1] == fields[-1] - 1


def test_lemma_b4_with_the_ramp_on_the_left_decodes_every_word() -> None:
    for fields, width in words():
        assert decoded(fields, width, corrected_peel) == fields


@pytest.mark.parametrize("n", [2, 10, 784])
def test_the_count_of_section_3_1_gives_2n_plus_7_where_the_paper_counts_n_plus_8(n: int) -> None:
    widths = (n, 1, 2, 1)
    pairs = list(pairwise(widths))
    assert sum(before * (after + 1) for before, after in pairs) == 2 * n + 7
    assert sum(after * (before + 1) for before, after in pairs) == n + 8


def test_the_natural_logarithm_draws_too_few_directions() -> None:
    for exponent in range(2, 9):
        eps = Fraction(1, 10**exponent)
        assert Fraction(1, 2) ** ceil(log(10**exponent)) > eps
        assert Fraction(1, 2) ** ceil(log2(10**exponent)) <= eps


@pytest.mark.parametrize("root", [2, 4, 10])
def test_the_blocks_of_b3_are_uneven_and_one_too_many(root: int) -> None:
    sizes = Counter(i // root for i in range(1, root * root + 1))
    assert list(sizes.values()) == [root - 1, *[root] * (root - 1), 1]


def test_b3_looks_up_the_last_of_each_block_in_the_next_word() -> None:
    root = 4
    stored = {i: (i - 1) // root for i in range(1, 17)}
    looked_up = {i: i // root for i in range(1, 17)}
    assert [i for i in stored if stored[i] != looked_up[i]] == [4, 8, 12, 16]


def selected(x: int, values: Sequence[int], borders: Sequence[tuple[int, int]], *, printed: bool) -> Fraction:
    """The selector of B.3: v_0, plus a difference for each border (last of a block, first of the next)."""
    total = Fraction(values[0])
    for i, (last, first) in enumerate(borders):
        gap = Fraction(first - last)
        step = values[i] - values[i - 1] if printed else values[i + 1] - values[i]
        ramp = relu(x - first + 2 * gap / 3) - relu(x - first + gap / 3)
        total += step / (gap / 3) * ramp
    return total


def test_the_differences_of_b3s_verification_are_shifted_by_one() -> None:
    values, borders = [7, 12, 30], [(4, 10), (16, 22)]
    inside = {2: 7, 10: 12, 16: 12, 22: 30, 40: 30}
    assert {x: selected(x, values, borders, printed=False) for x in inside} == inside
    assert {x: selected(x, values, borders, printed=True) for x in inside} != inside


def test_b3_divides_by_zero_where_a_border_falls_between_equal_values() -> None:
    with pytest.raises(ZeroDivisionError):
        selected(5, [1, 2], [(3, 3)], printed=False)


def test_the_slopes_of_b3_have_no_bound_on_their_size() -> None:
    slopes = [Fraction(1) / (Fraction(1, 2**k) / 3) for k in (10, 100, 1000)]
    assert [slope.numerator.bit_length() for slope in slopes] == [12, 102, 1002]


def test_theorem_43s_balls_of_radius_c_over_3_overlap() -> None:
    c = Fraction(34, 100)
    points = [Fraction(k, 8) for k in range(9)]
    gap = min(b - a for a, b in pairwise(points))
    assert gap > c / 3
    assert gap < 2 * (c / 3)
    # In one dimension V_1 = 2.
    printed = (1 + 2 * c / 3) / (2 * c / 3)
    corrected = (1 + c / 3) / (2 * c / 6)
    assert printed < len(points) <= corrected


def test_theorem_43s_step_one_measures_pairs_that_do_not_matter() -> None:
    points = {Fraction(0): 1, Fraction(1, 1000): 1, Fraction(1): -1}
    pairs = [(x, z) for x, z in product(points, points) if x < z]
    assert min(z - x for x, z in pairs) == Fraction(1, 1000)
    assert min(z - x for x, z in pairs if points[x] != points[z]) == Fraction(999, 1000)


def test_theorem_53s_radius_needs_the_minus_in_its_exponent() -> None:
    # Dimension 1, the uniform density r = 1, N = 10: the mass of an interval is its length within [0, 1].
    size, density = 10, 1
    printed = Fraction(1, 2) * (400 * density * size**2)
    corrected = Fraction(1, 2) / (400 * density * size**2)
    assert min(Fraction(1), 2 * printed) > Fraction(1, 400 * size**2)
    assert 2 * corrected <= Fraction(1, 400 * size**2)


def test_theorem_53s_threshold_needs_the_radius_and_not_the_density() -> None:
    # Dimension 1: directions are +1 and -1, and sqrt(8 / pi) > 1.59. A sample at 1/2, density 10^6 around it.
    size, density, root = 10, 10**6, Fraction(159, 100)
    printed = root * density / (800 * size**2)
    assert printed > 1, "all of [0, 1] is nearer than that: probability 1"
    radius = Fraction(1, 2) / (400 * density * size**2)
    threshold = Fraction(16, 10) * radius / (800 * size**2)
    assert size * 2 * threshold * density < Fraction(1, 100)


def test_points_of_the_cube_are_up_to_sqrt_n_apart() -> None:
    for n in (2, 4, 100):
        squared = sum((Fraction(1) - 0) ** 2 for _ in range(n))
        assert squared == n > 1


def half_space(x: Fraction, own: Fraction, other: Fraction) -> Fraction:
    """S_ij of Theorem 7.3 in one dimension."""
    return (own - other) * (x - (Fraction(51, 100) * own + Fraction(49, 100) * other))


def test_p2_of_theorem_73_names_the_side_that_is_zero() -> None:
    i, j = Fraction(0), Fraction(10)
    r = Fraction(1, 100) * (i - j) ** 2
    cell = [Fraction(k, 10) for k in range(-50, 150) if half_space(Fraction(k, 10), i, j) >= 0]
    assert len(cell) > 50
    for x in cell:
        assert relu(-half_space(x, i, j)) == 0 < 2 * r
        assert relu(-half_space(x, j, i)) >= 2 * r


def test_theorem_73s_size_counts_nonzero_parameters_only() -> None:
    def dense(n: int, half: int) -> int:
        widths = (n, 2 * half * half, 2 * half, 1)
        return sum(after * (before + 1) for before, after in pairwise(widths))

    def nonzero(n: int, half: int) -> int:
        return 2 * half * half * (n + 1) + 2 * half * half + 2 * half + 2 * half

    # Doubling N multiplies one by nearly 8, the other by nearly 4.
    assert Fraction(dense(4, 200), dense(4, 100)) > Fraction(79, 10)
    assert Fraction(nonzero(4, 200), nonzero(4, 100)) < 4


def satisfied(formula: Formula, signs: Sequence[int]) -> bool:
    return all(any(literal * signs[abs(literal) - 1] > 0 for literal in clause) for clause in formula)


def satisfiable(formula: Formula, variables: int) -> bool:
    return any(satisfied(formula, signs) for signs in product((-1, 1), repeat=variables))


def negated(formula: Formula) -> Formula:
    return [tuple(-literal for literal in clause) for clause in formula]


def test_every_formula_is_reversible_by_definition_66() -> None:
    draw = random.Random(66)  # noqa: S311 - no secret
    seen = set()
    for _ in range(200):
        clauses: Formula = [
            tuple(v * draw.choice((-1, 1)) for v in draw.sample(range(1, 5), 2))
            for _ in range(draw.randint(1, 12))
        ]
        both = satisfiable(clauses, 4), satisfiable(negated(clauses), 4)
        assert both[0] == both[1]
        seen.add(both[0])
    assert seen == {True, False}


def test_definition_66_lets_through_a_formula_that_no_assignment_splits() -> None:
    # Every clause holds x_1, and the other five variables in all 32 patterns.
    formula: Formula = [
        (1, *(v * s for v, s in zip(range(2, 7), signs, strict=True))) for signs in product((-1, 1), repeat=5)
    ]
    assert satisfiable(formula, 6)
    assert satisfiable(negated(formula), 6)
    for signs in product((-1, 1), repeat=6):
        # Not all equal: a true and a false literal in every clause, which the reduction needs.
        assert not (satisfied(formula, signs) and satisfied(negated(formula), signs))


def interval(x: Fraction, points: Sequence[Fraction], slope: Fraction) -> Fraction:
    """F of Lemma G.5: positive on [a, b], negative up to `left` and from `right` on."""
    left, a, b, right = points
    return relu(x - (left + a) / 2) - slope * relu(x - (right + b) / 2) - (a - left) / 4


def test_lemma_g5s_slope_fails_on_data_that_are_not_in_the_unit_interval() -> None:
    draw = random.Random(65)  # noqa: S311 - no secret
    wrong = Counter[str]()
    for _ in range(1000):
        points = [Fraction(x) for x in sorted(draw.sample(range(100), 4))]
        left, a, b, right = points
        printed, free = 8 / (right - b), 4 * (right - (left + a) / 2) / (right - b)
        for name, slope in (("printed", printed), ("free", free)):
            inside = min(interval(x, points, slope) for x in (a, (a + b) / 2, b))
            outside = max(interval(x, points, slope) for x in (left, right, right + 1))
            wrong[name] += inside <= 0 or outside >= 0
        scaled = [x / 100 for x in points]
        slope = 8 / (scaled[3] - scaled[2])
        assert interval(scaled[3], scaled, slope) < 0 < interval(scaled[1], scaled, slope)
    assert wrong["printed"] > 500
    assert wrong["free"] == 0
