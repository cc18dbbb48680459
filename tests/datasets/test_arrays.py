import struct
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.datasets import problems
from memcert.datasets.arrays import coordinates, dyadics, integers, labels_of
from memcert.datasets.problems import Findings
from memcert.errors import DatasetError, UndecidedError


def exactly(values: list[float], kind: str) -> list[Fraction]:
    part = coordinates(np.array([values], dtype=kind), Findings("f"))
    return [Fraction(int(n), part.denominator) for n in part.numerators[0]]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_doubles_are_the_dyadics_of_their_bits(values: list[float]) -> None:
    assert exactly(values, "f8") == [Fraction(value) for value in values]
    assert exactly(values, ">f8") == [Fraction(value) for value in values]


@pytest.mark.parametrize("kind", ["f4", "f2", ">f4", ">f2"])
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8))
def test_any_pattern_of_bits_is_its_dyadic_or_not_finite(kind: str, patterns: list[int]) -> None:
    dtype = np.dtype(kind)
    size, (code, whole) = dtype.itemsize, ("e", 0x7C00) if dtype.itemsize == 2 else ("f", 0x7F800000)
    patterns = [pattern % 2 ** (8 * size) for pattern in patterns]
    raw = np.array(patterns, dtype=f"u{size}").astype(np.dtype(f"u{size}").newbyteorder(dtype.byteorder))
    mantissa, exponent, bad = dyadics(raw.view(dtype).reshape(1, -1))
    for i, pattern in enumerate(patterns):
        if pattern & whole == whole:
            assert bad[0, i]
            continue
        (value,) = struct.unpack(f"<{code}", pattern.to_bytes(size, "little"))
        assert not bad[0, i]
        assert int(mantissa[0, i]) * Fraction(2) ** int(exponent[0, i]) == Fraction(value)


def test_the_smallest_floats_and_minus_zero() -> None:
    assert exactly([2.0**-149, -(2.0**-149)], "f4") == [Fraction(1, 2**149), Fraction(-1, 2**149)]
    assert exactly([5e-324, 1.7976931348623157e308], "f8") == [
        Fraction(5e-324),
        Fraction(1.7976931348623157e308),
    ]
    zeros = coordinates(np.array([[-0.0, 0.0]]), Findings("f"))
    assert (zeros.numerators.tolist(), zeros.denominator) == ([[0, 0]], 1)


def test_a_tiny_float_beside_a_huge_one() -> None:
    assert exactly([1e-9, 1e9], "f8") == [Fraction(1e-9), Fraction(1e9)]


def test_int64_where_62_bits_suffice_and_python_integers_beyond() -> None:
    fitting = coordinates(np.array([[2.0**61, 1.0]]), Findings("f"))
    assert fitting.numerators.dtype == np.int64
    beyond = coordinates(np.array([[2.0**62, 1.0]]), Findings("f"))
    assert beyond.numerators.dtype == object
    assert beyond.numerators.tolist() == [[2**62, 1]]
    # The exponents are 53 + 40 bits apart, but the large one has a short mantissa.
    assert coordinates(np.array([[2.0**40, 2.0**-20]]), Findings("f")).numerators.dtype == np.int64


@pytest.mark.parametrize("kind", ["i1", "u1", ">i2", "u4", "i8", ">i8", "u8", "?"])
def test_integers_of_every_type_are_themselves(kind: str) -> None:
    extremes = [0, 1] if kind == "?" else [int(np.iinfo(kind).min), int(np.iinfo(kind).max), 1]
    found = integers(np.array([extremes], dtype=kind))
    assert [int(x) for x in found[0]] == extremes
    assert (found.dtype == object) == (kind in ("i8", ">i8", "u8"))


def test_not_finite_values_are_named_by_row_and_column() -> None:
    findings = Findings("f.npz")
    coordinates(np.array([[0.0, np.nan], [-np.inf, 1.0]]), findings, ("a", "b"))
    assert [problem.sentence() for problem in findings.problems] == [
        "row 0, column 'b': expected a finite number, got nan",
        "row 1, column 'a': expected a finite number, got -inf",
    ]
    with pytest.raises(DatasetError, match="row 0, column 'b'"):
        findings.settle()


@pytest.mark.parametrize("kind", ["c16", "M8[s]", "O", "U3", "S3", "g"])
def test_types_that_are_no_numbers_are_refused(kind: str) -> None:
    with pytest.raises(DatasetError, match="expected integers or floats of 16, 32 or 64 bits"):
        coordinates(np.zeros((1, 1), dtype=kind), Findings("f"))


def test_exponents_too_far_apart_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "MAX_TABLE_BITS", 2_000)
    with pytest.raises(UndecidedError, match="at most 2,000 bits"):
        coordinates(np.array([[1e300, 1e-300]]), Findings("f"))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([3, -1, 2**40]), (3, -1, 2**40)),
        (np.array([2**64 - 1], dtype="u8"), (2**64 - 1,)),
        (np.array([True, False]), (1, 0)),
        (np.array([1.0, -2.0, -0.0]), (1, -2, 0)),
        (np.array([1.0, 0.5]), (1, Fraction(1, 2))),
        (np.array([0.1], dtype="f4"), (Fraction(13421773, 2**27),)),
        (np.array(["cat", "☃"]), ("cat", "☃")),
        (np.array(["é".encode(), b"b"]), ("é", "b")),
    ],
)
def test_labels_of_arrays(array: np.ndarray, expected: tuple[object, ...]) -> None:
    found = labels_of(array, Findings("f"), "y")
    assert found == expected
    assert [type(label) for label in found] == [type(label) for label in expected]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 2)), r"labels: expected one dimension, got shape \[2, 2\]"),
        (np.array([{}], dtype=object), "pickled data are never loaded"),
        (np.array([b"\xff"]), "labels: expected text in UTF-8"),
        (np.array([1j]), "labels: expected integers, floats or text, got 'complex128'"),
    ],
)
def test_labels_that_are_refused(array: np.ndarray, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        labels_of(array, Findings("f"), "y")


def test_labels_that_are_missing_or_not_finite_are_named_by_row() -> None:
    findings = Findings("f")
    labels_of(np.array([1.0, np.nan]), findings, "y")
    labels_of(np.array(["a", ""]), findings, "y")
    assert [problem.sentence() for problem in findings.problems] == [
        "row 1, column 'y': expected a finite number, got nan",
        "row 1, column 'y': expected a value, got none: ''",
    ]


def test_blocks_of_rows_come_out_over_one_denominator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memcert.datasets.arrays.BLOCK", 4)
    points = np.array([[0.5, 1.0], [0.0, 0.0], [2.0**-70, np.inf], [3.0, 4.0], [np.nan, 0.1]])
    findings = Findings("f")
    part = coordinates(points, findings)
    assert [(problem.row, problem.column) for problem in findings.problems] == [(2, 1), (4, 0)]
    points[2, 1] = points[4, 0] = 0.0
    found = [[Fraction(int(n), part.denominator) for n in row] for row in part.numerators]
    assert found == [[Fraction(float(x)) for x in row] for row in points]
