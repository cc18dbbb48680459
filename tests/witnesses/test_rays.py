"""Exact line search: the first place along a segment, against a fine grid evaluated naively."""

from fractions import Fraction
from pathlib import Path

import pytest
from naive_evaluator import evaluate
from strategies import layer
from witness_tools import declared, hat, written

from memcert.kernel.network import Network
from memcert.witnesses.formula import Atom
from memcert.witnesses.prepared import Prepared
from memcert.witnesses.properties import read_property
from memcert.witnesses.rays import first_hold


def _found(
    folder: Path, assertion: str, start: dict[int, Fraction], end: dict[int, Fraction], network: Network
) -> dict[int, Fraction] | None:
    stated = read_property(written(folder, declared(2, 2) + assertion))
    atoms = [step for step in stated.formula if isinstance(step, Atom)]
    found = first_hold(stated, {"": Prepared(network)}, atoms, (start, end), lambda: None)
    return None if found is None else {v: Fraction(x) for v, x in found.items()}


START, END = {0: Fraction(-1), 1: Fraction(1)}, {0: Fraction(3), 1: Fraction(1)}


@pytest.mark.parametrize(
    ("assertion", "first"),
    [
        ("(assert (>= Y_0 2))", 1),  # behind the kink at x0 = 0: relu(x0) + 1 >= 2
        ("(assert (>= Y_0 1))", -1),
        ("(assert (> Y_1 1.5))", Fraction(5, 2)),
        ("(assert (>= Y_1 0))(assert (<= Y_0 2))", 1),
    ],
)
def test_the_first_place_is_met_or_hardly_passed(assertion: str, first: Fraction, tmp_path: Path) -> None:
    found = _found(tmp_path, assertion, START, END, hat())
    assert found is not None
    assert first <= found[0] <= first + Fraction(1, 10)


@pytest.mark.parametrize(
    "assertion", ["(assert (>= Y_0 4.5))", "(assert (> X_0 3))", "(assert (<= Y_0 0.9))"]
)
def test_what_holds_nowhere_is_not_found(assertion: str, tmp_path: Path) -> None:
    assert _found(tmp_path, assertion, START, END, hat()) is None


def test_a_single_place_is_met_exactly(tmp_path: Path) -> None:
    found = _found(tmp_path, "(assert (= Y_0 (/ 7 3)))", START, END, hat())
    assert found == {0: Fraction(4, 3), 1: 1}


def test_a_place_inside_a_narrow_peak_is_found_piece_by_piece(tmp_path: Path) -> None:
    # A tent of height 1 over [1, 1 + 2/1000].
    hidden = layer([[1000, 0], [1000, 0], [1000, 0]], [-1000, -1001, -1002], relu=True)
    network = Network(2, (hidden, layer([[1, -2, 1], [0, 0, 0]], [0, 0], relu=False)))
    found = _found(tmp_path, "(assert (>= Y_0 0.999))", START, END, network)
    assert found is not None
    assert evaluate(network, [found[0], found[1]])[0] >= Fraction(999, 1000)
