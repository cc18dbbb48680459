"""Products of variables: multiplied out exactly, judged exactly, and repaired along tangents."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from witness_tools import box, declared, hat, judged, pairs, written

from memcert.errors import UndecidedError
from memcert.witnesses.formula import Atom, Form, Work
from memcert.witnesses.judging import fitting
from memcert.witnesses.polynomials import multiplied, tangent
from memcert.witnesses.prepared import Prepared
from memcert.witnesses.properties import read_property
from memcert.witnesses.repair import Repair, repaired
from memcert.witnesses.specification import Specification
from memcert.witnesses.witness_files import read_witness

HEAD = declared(2, 2)


def _read(folder: Path, text: str) -> Specification:
    return read_property(written(folder, text))


def _form(folder: Path, term: str) -> Form:
    (atom,) = _read(folder, HEAD + f"(assert (>= {term} 0))").formula
    assert isinstance(atom, Atom)
    return atom.form


@pytest.mark.parametrize(
    ("term", "terms", "constant", "products"),
    [
        ("(* X_0 Y_1)", {}, 0, {(0, 3): 1}),
        ("(* Y_1 2 X_0 0.25)", {}, 0, {(0, 3): Fraction(1, 2)}),
        ("(* (+ X_0 1) (- X_0 1))", {}, -1, {(0, 0): 1}),
        ("(* (+ X_0 X_1) (+ X_0 X_1))", {}, 0, {(0, 0): 1, (0, 1): 2, (1, 1): 1}),
        ("(- (* X_0 X_1) (* X_1 X_0))", {}, 0, {}),
        ("(/ (* X_0 X_0 X_0) 3)", {}, 0, {(0, 0, 0): Fraction(1, 3)}),
        ("(- (* X_1 (+ Y_0 5)))", {1: -5}, 0, {(1, 2): -1}),
    ],
)
def test_products_are_multiplied_out(
    term: str, terms: Any, constant: Any, products: Any, tmp_path: Path
) -> None:
    form = _form(tmp_path, term)
    assert (dict(form.terms), form.constant, dict(form.products)) == (terms, constant, products)


FORMS = st.builds(
    lambda terms, constant, products: Form(
        {v: w for v, w in terms.items() if w},
        constant,
        {p: w for p, w in products.items() if w},
    ),
    st.dictionaries(st.integers(0, 2), st.integers(-3, 3), max_size=3),
    st.integers(-3, 3),
    st.dictionaries(st.sampled_from([(0, 0), (0, 1), (1, 2), (2, 2)]), st.integers(-3, 3), max_size=3),
)
POINTS = st.lists(st.fractions(-3, 3, max_denominator=4), min_size=3, max_size=3)


@given(FORMS, FORMS, POINTS)
@settings(max_examples=100, deadline=None)
def test_a_product_has_the_product_of_the_values(a: Form, b: Form, point: list[Fraction]) -> None:
    assert multiplied(a, b, Work()).at(point) == a.at(point) * b.at(point)


@given(FORMS, POINTS, st.integers(0, 2))
@settings(max_examples=100, deadline=None)
def test_a_tangent_touches_and_has_the_slope_of_a_parabola(
    form: Form, point: list[Fraction], along: int
) -> None:
    touched = tangent(Atom(form, ">=", 1, output=False), point).form
    assert not touched.products
    assert touched.at(point) == form.at(point)
    # Of degree two: the slope is that of the chord from one step before to one behind.
    before, behind = list(point), list(point)
    before[along] -= 1
    behind[along] += 1
    assert touched.terms.get(along, 0) == (form.at(behind) - form.at(before)) / 2


def test_degree_and_size_are_bounded(tmp_path: Path) -> None:
    with pytest.raises(UndecidedError, match=r"line 9, column 14: a product of 9 variables: at most 8"):
        _read(tmp_path, HEAD + "\n\n\n\n" + f"(assert (>= (* {'X_0 ' * 9}) 0))")
    wide = f"(+ {' '.join(f'X_{i}' for i in range(1500))})"
    with pytest.raises(UndecidedError, match="terms"):
        _read(tmp_path, declared(1500, 1) + f"(assert (>= (* {wide} {wide}) 0))")


def test_a_product_is_judged_exactly(tmp_path: Path) -> None:
    # Y_0 Y_1 = (x0 + x1)(x0 - x1) = x0^2 - x1^2 for x >= 0.
    spec = HEAD + "(assert (= (* Y_0 Y_1) 0.0099999999999999999999))"
    tiny = Fraction(1, 10**22)
    _, found = judged(tmp_path, spec, pairs("0.1", "0"), hat())
    assert found.unviolated is not None
    assert found.unviolated.amount == tiny
    _, found = judged(tmp_path, HEAD + "(assert (= (* Y_0 Y_1) 0.01))", pairs("0.1", "0"), hat())
    assert found.exact


def test_a_product_of_inputs_is_a_constraint_and_no_box(tmp_path: Path) -> None:
    _, found = judged(tmp_path, HEAD + "(assert (<= (* X_0 X_0) 4))", pairs("3", "0"), hat())
    assert found.outside is not None
    assert found.outside.amount == 5
    assert found.outside.atom.form.alone is None
    assert found.kind == "outside"


def _repair(folder: Path, spec: str, witness: str) -> Repair | None:
    stated, found = judged(folder, spec, witness, hat())
    assert not found.exact
    networks = fitting(stated, {"": Prepared(hat())})
    return repaired(stated, networks, read_witness(str(folder / "witness.txt"), stated), found)


@pytest.mark.parametrize(
    ("spec", "witness"),
    [
        ("(assert (<= (+ (* X_0 X_0) (* X_1 X_1)) 1))", ("0.75", "0.75")),
        ("(assert (>= (* Y_0 Y_1) 0.25))", ("0.5", "0.25")),
        ("(assert (not (>= (* X_0 Y_0) 0.5)))", ("0.75", "0.5")),
    ],
)
def test_repairs_follow_tangents(spec: str, witness: tuple[str, str], tmp_path: Path) -> None:
    pytest.importorskip("scipy", reason="scipy is not installed")
    made = _repair(tmp_path, HEAD + box(("0", "1"), ("0", "1")) + spec, pairs(*witness))
    assert made is not None
    assert made.judgement.exact
    assert made.distance < Fraction(1, 4)


def test_the_standards_library_reads_products_too(tmp_path: Path) -> None:
    pytest.importorskip("vnnlib", reason="vnnlib is not installed")
    text = (
        "(vnnlib-version <2.0>)(declare-network f (declare-input X real [2]) (declare-output Y real [2]))"
        "(assert (<= (* X[0] Y[1] 2.0) (- (* Y[0] Y[0]) 1.0)))"
    )
    (atom,) = _read(tmp_path, text).formula
    assert isinstance(atom, Atom)
    # -(2 X_0 Y_1) + Y_0 Y_0 - 1 >= 0.
    assert (dict(atom.form.products), atom.form.constant) == ({(0, 3): -2, (2, 2): 1}, -1)
    assert (atom.output, atom.form.variables) == (True, (0, 3, 2))
