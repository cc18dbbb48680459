"""VNN-LIB 1.0: what is read, exactly, and each refusal with its line and column."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from witness_tools import box, declared, written

from memcert.errors import MemcertError, UndecidedError, UnsupportedError
from memcert.witnesses.boxes import box_of
from memcert.witnesses.formula import Atom, Gather
from memcert.witnesses.measure import measures
from memcert.witnesses.properties import read_property
from memcert.witnesses.refusals import SpecificationError
from memcert.witnesses.specification import Specification

ONE = declared(1, 1)


def _read(folder: Path, text: str) -> Specification:
    return read_property(written(folder, text))


def _atoms(stated: Specification) -> list[Atom]:
    return [step for step in stated.formula if isinstance(step, Atom)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.12345678901234567890123456789", Fraction(12345678901234567890123456789, 10**29)),
        ("1e-5", Fraction(1, 10**5)),
        ("-1.50E+2", -150),
        ("+.5", Fraction(1, 2)),
        ("1/3", Fraction(1, 3)),
        ("(- (/ 1 3))", Fraction(-1, 3)),
        ("(+ 1 (* 2 3) (- 4 1 1))", 9),
        ("9" * 400, 10**400 - 1),
        ("0." + "0" * 399 + "1", Fraction(1, 10**400)),
    ],
)
def test_numbers_are_what_they_spell(text: str, value: Fraction, tmp_path: Path) -> None:
    (atom,) = _atoms(_read(tmp_path, ONE + f"(assert (>= X_0 {text}))"))
    assert (dict(atom.form.terms), atom.form.constant) == ({0: 1}, -value)


@pytest.mark.parametrize(
    ("text", "sign", "relation"),
    [
        ("(<= X_0 Y_0)", -1, ">="),
        ("(< X_0 Y_0)", -1, ">"),
        ("(>= X_0 Y_0)", 1, ">="),
        ("(> X_0 Y_0)", 1, ">"),
    ],
)
def test_strict_and_other_relations_are_told_apart(
    text: str, sign: int, relation: str, tmp_path: Path
) -> None:
    (atom,) = _atoms(_read(tmp_path, ONE + f"(assert {text})"))
    assert (atom.relation, dict(atom.form.terms), atom.output) == (relation, {0: sign, 1: -sign}, True)


def test_a_chain_of_relations_is_a_conjunction(tmp_path: Path) -> None:
    stated = _read(tmp_path, ONE + "(assert (<= 0 X_0 1))")
    assert [step for step in stated.formula if isinstance(step, Gather)] == [Gather("and", 2)]
    assert [dict(atom.form.terms) for atom in _atoms(stated)] == [{0: 1}, {0: -1}]


def test_comments_other_commands_and_the_order_of_declarations_mean_nothing(tmp_path: Path) -> None:
    text = (
        "; (assert (\n(set-logic QF_LRA)(set-info :source |a ( b|)(set-info :x (a (b) c))\n"
        "(declare-fun Y_0 () Real) ; é ;;\n(declare-const X_1 Real)(declare-const X_0 Real)\n"
        "(assert (>= (+ X_0 (* 2 X_1)) Y_0)) (check-sat)(exit)"
    )
    stated = _read(tmp_path, text)
    (atom,) = _atoms(stated)
    assert dict(atom.form.terms) == {0: 1, 1: 2, 2: -1}
    assert (atom.line, [stated.label(v) for v in range(3)]) == (5, ["X_0", "X_1", "Y_0"])


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        (ONE + "(assert (<= X_0 1)", "line 3, column 1", "expected ')'"),
        (ONE + "(assert (<= X_0 1)))", "line 3, column 20", "expected '('"),
        (ONE + "(assert (<= X_1 1))", "line 3, column 13", "declared variable, got 'X_1'"),
        (ONE + "(assert (<= X_0 1..2))", "line 3, column 17", "a number such as"),
        (ONE + "(assert (<= X_0 NaN))", "line 3, column 17", "declared variable, got 'NaN'"),
        (ONE + "(assert (<= X_0))", "line 3, column 10", "two terms, got 1"),
        (ONE + "(assert (<= X_0 (/ 1 0)))", "line 3, column 18", "divisor that is not 0"),
        (ONE + "(assert (and))", "line 3, column 10", "constraints, at least one"),
        (ONE + "(assert (and X_0))", "line 3, column 10", "constraints, at least one"),
        (ONE + "(assert (not))", "line 3, column 10", "not: expected constraints, at least one"),
        (ONE + "(assert (not X_0))", "line 3, column 10", "not: expected constraints, at least one"),
        (ONE + "(assert (not (<= X_0 1) (<= X_0 2)))", "line 3, column 10", "one constraint, got 2"),
        (ONE + "(assert (=> (<= X_0 1)))", "line 3, column 10", "=>: expected constraints, at least two"),
        (ONE + "(assert (=> X_0 (<= X_0 1)))", "line 3, column 10", "=>: expected constraints"),
        (ONE + "(assert)", "line 3, column 2", "expected one constraint"),
        (ONE + "(assert (<= X_0 1) (<= X_0 1))", "line 3, column 2", "expected one constraint"),
        (ONE + "(() assert)", "line 3, column 1", "expected a word"),
        (ONE + "()", "line 3, column 1", "expected a command"),
        (ONE + "(declare-const X_0 Real)", "line 3, column 2", "declared twice"),
        (ONE + "(declare-const X_1)", "line 3, column 2", "expected such as"),
        (ONE + "assert", "line 3, column 1", "expected '('"),
        (ONE, "", "expected an assertion, got none"),
        ("(declare-const X_1 Real)(declare-const Y_0 Real)(assert (<= X_1 1))", "", "X_0 is not declared"),
        ("(declare-const X_0 Real)(assert (<= X_0 1))", "", "Y_0 is not declared"),
        ("(" * 100_000, "line 1, column 100000", "expected ')'"),
        ("\0", "line 1, column 1", "NUL"),
        ("", "", "expected an assertion"),
    ],
)
def test_a_malformed_property_is_refused_at_its_place(
    text: str, place: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecificationError) as caught:
        _read(tmp_path, text)
    assert place in str(caught.value)
    assert reason in str(caught.value)
    assert caught.value.status == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(assert (<= (/ 1 X_0) 1))", "line 3, column 14: a quotient by a variable"),
        ("(assert (xor (<= X_0 1) (<= Y_0 1)))", "line 3, column 10: operator 'xor' is not read: expected"),
        ("(assert (ite (<= X_0 1) (<= Y_0 1) (<= Y_0 2)))", "line 3, column 10: operator 'ite'"),
        ("(define-fun f () Real 1)", "line 3, column 2: command 'define-fun'"),
        ("(declare-const Z_0 Real)", "variable 'Z_0': expected X_i or Y_i"),
        ("(declare-const X_1 Int)", "sort 'Int' of X_1"),
    ],
)
def test_what_is_not_judged_is_unsupported(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError) as caught:
        _read(tmp_path, ONE + text + "(assert (<= X_0 1))")
    assert reason in str(caught.value)


def test_bytes_that_are_no_utf_8_are_malformed(tmp_path: Path) -> None:
    path = tmp_path / "property.vnnlib"
    path.write_bytes(b"(assert \xff)")
    with pytest.raises(SpecificationError, match="offset 8"):
        read_property(str(path))


@pytest.mark.parametrize("operator", ["and", "or"])
def test_nesting_needs_no_recursion(operator: str, tmp_path: Path) -> None:
    deep = 12_000
    text = f"(assert {f'({operator} (<= X_0 1) ' * deep}(>= X_0 2){')' * deep})"
    stated = _read(tmp_path, ONE + text)
    assert len(stated.formula) == 2 * deep + 1
    assert measures(stated.formula, [Fraction(3, 2), 0])[-1].holds is False
    assert measures(stated.formula, [2, 0])[-1].holds is (operator == "or")


def test_arithmetic_is_bounded_in_length_and_work(tmp_path: Path) -> None:
    with pytest.raises(UndecidedError, match="bits"):
        _read(tmp_path, ONE + f"(assert (<= X_0 {'(* 1e3000 ' * 100}1{')' * 100}))")
    with pytest.raises(UndecidedError, match="digits"):
        _read(tmp_path, ONE + "(assert (<= X_0 1e99999999999))")


def test_not_and_implications_are_carried_down_to_the_constraints(tmp_path: Path) -> None:
    text = "(assert (not (and (<= X_0 1) (= Y_0 2))))(assert (=> (< X_0 1) (!= Y_0 2) (<= 0 Y_0 3)))"
    stated = _read(tmp_path, ONE + text)
    # X_0 > 1 or Y_0 != 2; and X_0 >= 1 or Y_0 = 2 or (Y_0 >= 0 and Y_0 <= 3).
    assert [
        step.relation if isinstance(step, Atom) else (step.kind, step.count) for step in stated.formula
    ] == [">", "!=", ("or", 2), ">=", "=", ">=", ">=", ("and", 2), ("or", 3), ("and", 2)]
    first, *_ = _atoms(stated)
    assert (dict(first.form.terms), first.form.constant, first.line) == ({0: 1}, -1, 3)


@pytest.mark.parametrize("depth", [1_000, 1_001])
def test_not_is_read_at_any_depth_and_takes_no_more_steps(depth: int, tmp_path: Path) -> None:
    text = f"(assert {'(not ' * depth}(or (<= X_0 1) (<= Y_0 1)){')' * depth})"
    stated = _read(tmp_path, ONE + text)
    assert len(stated.formula) == 3
    assert stated.formula[2] == Gather("and" if depth % 2 else "or", 2)


def test_nested_disjunctions_are_never_multiplied_out(tmp_path: Path) -> None:
    # 2^200 conjunctions; and an implication that is denied, of such a formula.
    wide = " ".join(f"(or (<= X_0 {i}) (>= Y_0 {i}))" for i in range(200))
    stated = _read(tmp_path, ONE + f"(assert (and {wide}))(assert (not (=> (and {wide}) (<= X_0 -1))))")
    assert len(stated.formula) == 2 * 601 + 3
    assert measures(stated.formula, [0, 0])[-1].holds
    assert not measures(stated.formula, [1, -1])[-1].holds


NUMBERS = st.builds(
    lambda n, k: f"{'-' if n < 0 else ''}{abs(n)}e-{k}", st.integers(-(10**31), 10**31), st.integers(0, 40)
)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_a_box_that_is_printed_and_read_is_the_same(
    tmp_path_factory: Any, sides: list[tuple[str, str]]
) -> None:
    ordered = [sorted(side, key=Fraction) for side in sides]
    text = declared(len(sides), 1) + box(*((low, high) for low, high in ordered))
    stated = read_property(written(tmp_path_factory.getbasetemp(), text, "box.vnnlib"))
    found = box_of(_atoms(stated))
    assert found is not None
    assert [(found[i].low, found[i].high) for i in range(len(sides))] == [
        (Fraction(low), Fraction(high)) for low, high in ordered
    ]


FORMULAS: Any = st.recursive(
    st.tuples(
        st.sampled_from(["<=", "<", ">=", ">", "="]),
        st.sampled_from(["X_0", "X_1", "Y_0"]),
        st.integers(-2, 2),
    ),
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3))
        | st.tuples(st.just("not"), st.lists(inner, min_size=1, max_size=1))
        | st.tuples(st.just("=>"), st.lists(inner, min_size=2, max_size=3))
    ),
    max_leaves=12,
)


def _printed(formula: Any) -> str:
    if len(formula) == 3:
        return f"({formula[0]} {formula[1]} {formula[2]})"
    return f"({formula[0]} {' '.join(map(_printed, formula[1]))})"


def _true(formula: Any, values: dict[str, Fraction]) -> bool:
    if len(formula) == 2:
        parts = [_true(part, values) for part in formula[1]]
        if formula[0] == "not":
            return not parts[0]
        if formula[0] == "=>":
            return not all(parts[:-1]) or parts[-1]
        return all(parts) if formula[0] == "and" else any(parts)
    left, right = values[formula[1]], formula[2]
    holds: bool = {
        "<=": left <= right,
        "<": left < right,
        ">=": left >= right,
        ">": left > right,
        "=": left == right,
    }[formula[0]]
    return holds


@given(FORMULAS, st.lists(st.fractions(-2, 2, max_denominator=2), min_size=3, max_size=3))
@settings(max_examples=150, deadline=None)
def test_a_formula_misses_by_nothing_exactly_where_it_is_true(
    tmp_path_factory: Any, formula: Any, point: list[Fraction]
) -> None:
    text = declared(2, 1) + f"(assert {_printed(formula)})"
    stated = read_property(written(tmp_path_factory.getbasetemp(), text, "formula.vnnlib"))
    values = dict(zip(("X_0", "X_1", "Y_0"), point, strict=True))
    assert measures(stated.formula, point)[-1].holds == _true(formula, values)


@given(st.text(alphabet="()X_0Y assertndo<=>-+*/.19e;\n", max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(tmp_path_factory: Any, text: str) -> None:
    path = written(tmp_path_factory.getbasetemp(), ONE + text, "any.vnnlib")
    try:
        read_property(path)
    except MemcertError as error:
        assert error.status in {3, 5, 6}
