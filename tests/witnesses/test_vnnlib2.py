"""VNN-LIB 2.0: the library's tree with memcert's numbers; what it cannot hold, and what would crash it."""

import importlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from witness_tools import hat, judged, written

from memcert.errors import MemcertError, UndecidedError, UnsupportedError
from memcert.witnesses.formula import Atom
from memcert.witnesses.properties import read_property
from memcert.witnesses.refusals import SpecificationError
from memcert.witnesses.specification import Specification

pytest.importorskip("vnnlib", reason="vnnlib is not installed")


def _head(kind: str = "real", *, networks: int = 1) -> str:
    text = "(vnnlib-version <2.0>)\n"
    for k in range(networks):
        same = " (equal-to f0)" if k else ""
        tensors = f"(declare-input X{k} {kind} [1,2]) (declare-output Y{k} {kind} [2])"
        text += f"(declare-network f{k}{same} {tensors})\n"
    return text


def _read(folder: Path, text: str) -> Specification:
    return read_property(written(folder, text))


def _atoms(stated: Specification) -> list[Atom]:
    return [step for step in stated.formula if isinstance(step, Atom)]


@pytest.mark.parametrize("kind", ["real", "Real", "float32", "float64"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.12345678901234567890123456789", Fraction(12345678901234567890123456789, 10**29)),
        ("-0.50", Fraction(-1, 2)),
        ("(- 0.25)", Fraction(-1, 4)),
        ("9" * 400 + ".0", 10**400 - 1),
        ("0." + "0" * 399 + "1", Fraction(1, 10**400)),
        ("3", 3),
    ],
)
def test_numbers_are_their_lexemes(kind: str, text: str, value: Fraction, tmp_path: Path) -> None:
    stated = _read(tmp_path, _head(kind) + f"; é\n(assert (>= X0[0,1] {text}))")
    (atom,) = _atoms(stated)
    assert (dict(atom.form.terms), atom.form.constant) == ({1: 1}, -value)
    assert stated.types == ({"Real": "real"}.get(kind, kind),)
    assert (stated.version, [stated.label(v) for v in range(4)]) == (
        "2.0",
        ["X0[0,0]", "X0[0,1]", "Y0[0]", "Y0[1]"],
    )


def test_relations_arithmetic_and_connectives_are_read(tmp_path: Path) -> None:
    last = "(and (< Y0[0] (+ Y0[1] (* 2.0 X0[0,0]) 1.0)) (== Y0[1] (- Y0[0] 1.0 2.5)))"
    text = f"(assert (or (!= Y0[0] 1.0) {last}))"
    first, second, third = _atoms(_read(tmp_path, _head() + text))
    assert (first.relation, dict(first.form.terms), first.form.constant) == ("!=", {2: 1}, -1)
    assert (second.relation, dict(second.form.terms), second.form.constant) == (">", {2: -1, 3: 1, 0: 2}, 1)
    assert (third.relation, dict(third.form.terms), third.form.constant) == (
        "=",
        {3: 1, 2: -1},
        Fraction(7, 2),
    )


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("(assert (<= X0[0,1] 1e-5))", "line 3, column 22", "spelled such as -0.25"),
        ("(assert (<= X0[0,1] +0.25))", "line 3, column 21", "spelled such as -0.25"),
        ("(assert (<= X0[0,1] .5))", "line 3, column 21", "spelled such as -0.25"),
        ("(assert (<= X0[0,2] 1.0))", "line 3", "out of bounds"),
        ("(assert (<= Z 1.0))", "line 3", "Z"),
        ("(assert (not (<= X0[0,1] 1.0)))", "line 3, column 10", "'not'"),
        ("(assert (<= X0[0,1] 1.0)", "line 3, column 1", "expected ')'"),
        ("(assert (<= X0[0,1] 1.0)))", "line 3, column 26", "expected '('"),
        ("(assert (<= X0[0,1] é))", "line 3, column 21", "ASCII"),
        ("(assert (<= X0[0,1] |((((|))", "line 3, column 21", "no bracket in quotes"),
        ("", "line 2", "unexpected"),
    ],
)
def test_a_malformed_property_is_refused_at_its_place(
    text: str, place: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecificationError) as caught:
        _read(tmp_path, _head() + text)
    assert place in str(caught.value)
    assert reason in str(caught.value)


def test_an_index_beyond_machine_integers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecificationError, match="library refuses it"):
        _read(tmp_path, _head() + f"(assert (<= X0[0,{'9' * 30}] 1.0))")


def test_brackets_beyond_the_bound_never_reach_the_library(tmp_path: Path) -> None:
    for text in ("(" * 100_000, f"(assert {'(and ' * 100_000}(<= X0[0,0] 1.0)"):
        with pytest.raises(SpecificationError, match=r"expected '\)'"):
            _read(tmp_path, _head() + text)
    deep = f"(assert {'(and ' * 100_000}(<= X0[0,0] 1.0){')' * 100_000})"
    with pytest.raises(UndecidedError, match="nested at most 1,000"):
        _read(tmp_path, _head() + deep)
    deep = f"(assert {'(and ' * 900}(<= X0[0,0] 1.0){')' * 900})"
    assert len(_atoms(_read(tmp_path, _head() + deep))) == 1


@pytest.mark.parametrize(
    ("shape", "networks", "reason"),
    [
        (",".join(["1"] * 40), 1, "at most 32 dimensions, got 40"),
        ("3000,3000", 1, "more than 4,194,304 variables"),
        ("1", 65, "at most 64 networks, got 65"),
    ],
)
def test_sizes_are_bounded(shape: str, networks: int, reason: str, tmp_path: Path) -> None:
    text = "(vnnlib-version <2.0>)"
    for k in range(networks):
        text += f"(declare-network f{k} (declare-input X{k} real [{shape}]) (declare-output Y{k} real [1]))"
    with pytest.raises(UndecidedError) as caught:
        _read(tmp_path, text + "(assert (<= Y0[0] 1.0))")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (_head("bool") + "(assert (== X0[0,0] X0[0,1]))", "line 2, column 39: element type 'bool'"),
        (_head("float8e4m3fn") + "(assert (<= X0[0,0] 1.0))", "element type 'float8e4m3fn'"),
        (_head("int128") + "(assert (<= X0[0,0] 1))", "element type 'int128': expected one of real,"),
        (_head("flaot32") + "(assert (<= X0[0,0] 1))", "line 2, column 39: element type 'flaot32'"),
        ("(vnnlib-version <3.0>)", "version <3.0>"),
    ],
)
def test_what_is_not_judged_is_unsupported(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError) as caught:
        _read(tmp_path, text)
    assert reason in str(caught.value)


def test_tensors_follow_each_other_inputs_hidden_nodes_outputs(tmp_path: Path) -> None:
    text = (
        "(vnnlib-version <2.0>)(declare-network f (declare-input A real [1,2]) (declare-input B real [2])\n"
        '(declare-hidden H real [2] "/layer.1/Relu") (declare-output Y real [1,1])\n'
        "(declare-output Z real []))\n"
        "(assert (or (<= B[1] H[0]) (>= Z 1.0) (< A[0,1] 2.0)))"
    )
    stated = _read(tmp_path, text)
    labels = ["A[0,0]", "A[0,1]", "B[0]", "B[1]", "H[0]", "H[1]", "Y[0,0]", "Z"]
    assert [stated.label(v) for v in range(stated.size)] == labels
    assert [stated.variable(label) for label in labels] == list(range(8))
    assert [stated.is_output(v) for v in range(8)] == [False] * 4 + [True] * 4
    assert [sorted(atom.form.terms) for atom in _atoms(stated)] == [[3, 4], [7], [1]]
    (wanted,) = [network.wanted for network in stated.networks]
    assert wanted is not None
    assert [tuple(tensor) for tensor in wanted.outputs] == [
        ("H", (2,), "/layer.1/Relu"),
        ("Y", (1, 1), None),
        ("Z", (), None),
    ]
    # What X_0 or Y_0 would be is not said where there are several.
    assert (stated.variable("X_0"), stated.variable("Y_0")) == (None, None)


def test_without_the_library_the_message_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> Any:
        raise ImportError

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(UnsupportedError, match=r"memcert\[vnnlib\]"):
        _read(tmp_path, _head() + "(assert (<= X0[0,0] 1.0))")


def test_two_networks_that_are_equal_share_a_model_and_others_need_their_own(tmp_path: Path) -> None:
    text = _head(networks=2) + "(assert (<= Y1[0] (- Y0[0] 1.0)))(assert (== X0[0,1] X1[0,1]))"
    values = {"X0[0,0]": 2, "X0[0,1]": "0.5", "X1[0,0]": 1, "X1[0,1]": "0.5"}
    witness = "sat\n" + "".join(f"{name}={value}\n" for name, value in values.items())
    assert judged(tmp_path, text, witness, hat())[1].exact
    different = text.replace("equal-to", "isomorphic-to")
    with pytest.raises(UnsupportedError, match="no model for 'f1'"):
        judged(tmp_path, different, witness, hat())


@pytest.mark.parametrize(
    "witness",
    [
        "sat\nX0[0,0]=0.75\nX0[0,1]=0.75\nY0[0]=1.5\nY0[1]=0.0\n",
        "sat\nX0 real [1,2]\n0.75\n0.75\nY0 Real [2]\n1.5\n0\n",
        "X0 real [1, 2]\n\n0.75\n0.75\n",
        "sat ((X_0 0.75) (X_1 0.75)(Y_0 1.5)(Y_1 0))",
    ],
)
def test_every_layout_of_a_witness_says_the_same(witness: str, tmp_path: Path) -> None:
    _, found = judged(tmp_path, _head() + "(assert (>= Y0[0] 1.5))", witness, hat())
    assert found.exact
    assert found.difference is None or found.difference.amount == 0


def test_a_tensor_may_be_called_as_an_element_of_version_1_is(tmp_path: Path) -> None:
    text = (
        "(vnnlib-version <2.0>)(declare-network f (declare-input Y_1 real [1,2])"
        "(declare-output X_0 real [2]))(assert (>= X_0[0] 1.5))"
    )
    witness = "sat\nY_1[0,0]=0.75\nY_1[0,1]=0.75\nX_0[0]=1.5\nX_0[1]=0.0\n"
    stated, found = judged(tmp_path, text, witness, hat())
    assert found.exact
    assert [stated.label(v) for v in range(3)] == ["Y_1[0,0]", "Y_1[0,1]", "X_0[0]"]
    assert (stated.variable("Y_1[0,2]"), stated.variable("Y_1[0]"), stated.variable("X_1")) == (None, None, 1)


@given(st.text(alphabet="()[]X0Y, assertndo<=>!-+*.19e;\n", max_size=50))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused(tmp_path_factory: Any, text: str) -> None:
    path = written(
        tmp_path_factory.getbasetemp(), _head() + "(assert (<= X0[0,0] 1.0))" + text, "any2.vnnlib"
    )
    try:
        read_property(path)
    except MemcertError as error:
        assert error.status in {3, 5, 6}
