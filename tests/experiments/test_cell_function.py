"""The batch formula of Theorem 7.3 gives what the theorem's network gives, exactly."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_evaluator import evaluate
from strategies import dataset

from memcert.constructions.assemble import build
from memcert.errors import UndecidedError
from memcert.experiments.cell_function import SCALE, CellFunction, product


@st.composite
def two_labels(draw: st.DrawFn) -> tuple[list[tuple[int, ...]], list[bool]]:
    """Distinct points of Q^d with entries 0..255, and labels of which both occur."""
    d = draw(st.integers(1, 4))
    entries = st.integers(0, draw(st.sampled_from([3, 255])))
    points = draw(st.lists(st.tuples(*[entries] * d), min_size=2, max_size=9, unique=True))
    positive = draw(st.lists(st.booleans(), min_size=len(points), max_size=len(points)))
    positive[:2] = [False, True]
    return points, positive


@given(two_labels(), st.data())
def test_it_is_the_value_of_the_built_network(
    sample: tuple[list[tuple[int, ...]], list[bool]], data: st.DataObject
) -> None:
    points, positive = sample
    entries = st.integers(0, 255)
    others = data.draw(st.lists(st.tuples(*[entries] * len(points[0])), min_size=1, max_size=8))
    made = build(dataset(points, [int(p) for p in positive]), "yu-gao-zhang-miao-cells")
    inputs = np.array([*points, *others], dtype=np.uint8)
    found = CellFunction(np.array(points, dtype=np.uint8), np.array(positive)).scores(inputs)
    assert found.dtype == np.int64
    for x, score in zip(inputs.tolist(), found.tolist(), strict=True):
        (expected,) = evaluate(made.network, x)
        assert Fraction(score, SCALE) == expected


def test_worked_by_hand() -> None:
    # Points 0 (-1) and 10 (+1): r = 1; S_01(x) = -10 (x - 4.9), S_10(x) = 10 (x - 5.1).
    function = CellFunction(np.array([[0], [10]]), np.array([False, True]))
    assert function.closest == 100
    xs = np.array([[0], [4], [5], [6], [10], [200]])
    # At 5 both planes are crossed by 1 = r: F = 0.
    assert function.scores(xs).tolist() == [-100, -100, 0, 100, 100, 100]


def test_chunks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(5)
    points, inputs = draw.integers(0, 256, (40, 3)), draw.integers(0, 256, (200, 3))
    positive = np.arange(40) % 2 == 0
    whole = CellFunction(points, positive).scores(inputs)
    monkeypatch.setattr("memcert.experiments.cell_function.CELLS", 7)
    assert (CellFunction(points, positive).scores(inputs) == whole).all()
    assert len(set(whole.tolist())) > 8


def test_products_are_exact_up_to_the_bound() -> None:
    largest = 2**26 - 1
    left = np.array([[largest, largest], [-largest, 1]])
    assert product(left, left).tolist() == [
        [2 * largest**2, -(largest**2) + largest],
        [-(largest**2) + largest, largest**2 + 1],
    ]


@pytest.mark.parametrize("entry", [2**26, 2**30, 2**61])
def test_entries_that_machine_arithmetic_cannot_hold_are_refused(entry: int) -> None:
    small = CellFunction(np.array([[0, 0], [3, 4]]), np.array([False, True]))
    with pytest.raises(UndecidedError, match="fit into machine integers"):
        small.scores(np.array([[entry, 1]]))
    with pytest.raises(UndecidedError, match=f"with entries up to {entry}"):
        CellFunction(np.array([[0, 0], [-entry, 4]]), np.array([False, True]))
