"""Witness files: every layout, exact decimals, files without a witness, and each refusal with its place."""

import gzip
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from witness_tools import declared, pairs, written

from memcert.errors import MemcertError, UndecidedError
from memcert.witnesses.properties import read_property
from memcert.witnesses.refusals import NoWitnessError, WitnessError
from memcert.witnesses.witness_files import Witness, read_witness

SPEC = declared(2, 1) + "(assert (<= X_0 1))"


def _read(folder: Path, text: str) -> Witness:
    return read_witness(written(folder, text, "witness.txt"), read_property(written(folder, SPEC)))


@pytest.mark.parametrize(
    "text",
    [
        "sat\n((X_0 0.5)\n(X_1 -1e-5)\n(Y_0 2))\n",
        "((X_0 0.5) (X_1 -1e-5) (Y_0 2))",
        "SAT ( ( X_0 .5 )(Y_0 +2.0)( X_1 (- 1e-5) ) )",
        "violated\n((X_1 (- (/ 1 100000)))(X_0 (/ 1 2))\n; so\n(Y_0 4/2))",
        "sat\r\nX_0=0.5\r\nX_1 = -0.00001\r\nY_0=2\r\n",
        "X_0=0.5\n; so\n\nX_1=-1e-5\nY_0=2",
        "sat\nX real [2]\n0.5\n-1e-5\nY Real [1]\n2\n",
        "X real [ 2 ]\n\n0.5\n; so\n-1e-5\nY Real [1]\n2\n",
        "\n; so\nsat\n\n; so\nX_0=0.5\nX_1=-1e-5\nY_0=2",
        # As tools print them: each bracket on a line, two spaces, %e, %f, tabs, no outer brackets.
        "sat\n(\n(X_0 0.500000)\n(X_1 -0.00001)\n(Y_0 2.000000)\n)\n",
        "sat\n((X_0  0.5)\n (X_1  -1.0000E-05)\n (Y_0  +2.0e+00))",
        "sat\n(X_0 0.5)\n(X_1 -1e-05)\n(Y_0 2)",
        "(X_0\t5.0e-01)(X_1\t-1.e-5)(Y_0\t2.)\r\n",
        "\ufeffsat ((X_0 00.50)(X_1 -.1e-4)(Y_0 200e-2)) ; 1.3 seconds",
    ],
)
def test_the_layouts_say_the_same(text: str, tmp_path: Path) -> None:
    found = _read(tmp_path, text)
    assert found.inputs == {0: Fraction(1, 2), 1: Fraction(-1, 10**5)}
    assert found.outputs == {2: 2}


def test_outputs_may_be_missing_and_the_file_packed(tmp_path: Path) -> None:
    path = tmp_path / "w.counterexample.gz"
    path.write_bytes(gzip.compress(pairs("0." + "3" * 400, 7).encode()))
    found = read_witness(str(path), read_property(written(tmp_path, SPEC)))
    assert (found.inputs[0], found.outputs) == (Fraction(10**400 // 3, 10**400), {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("unsat\n", "'unsat'"),
        ("timeout", "'timeout'"),
        ("timed-out\n", "'timed-out'"),
        ("unknown", "'unknown'"),
        ("holds", "'holds'"),
        ("UNSAT\nsomething", "'UNSAT'"),
        ("timeout(X_00 0.1)", "'timeout'"),
        ("error_exit_code_1", "'error_exit_code_1'"),
        ("run_instance_timeout", "'run_instance_timeout'"),
        ("sat\n", "holds none"),
        ("", "holds none"),
        (" \n", "holds none"),
        ("; sat", "holds none"),
    ],
)
def test_a_file_without_a_witness_is_named_as_such(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(NoWitnessError) as caught:
        _read(tmp_path, text)
    assert told in str(caught.value)
    assert caught.value.status == 3


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("sat\n((X_0 1)(X_1 2)", "line 2, column 1", "expected ')'"),
        ("sat\n((X_0 1)(X_1 2)))", "line 2, column 17", "expected the end of the file, got ')'"),
        ("sat\n((X_0 1)(X_1 2)) more", "line 2, column 18", "got 'more'"),
        ("sat\n((X_0 1)(X_1 2))\nTime: 1.3", "line 3, column 1", "the end of the file, got 'Time:'"),
        ("sat\n(X_0 1)(X_1 2) more", "line 2, column 16", "got 'more'"),
        ("sat\n(X_0 1)(X_1 2", "line 2, column 8", "expected ')'"),
        ("sat\n(X_0 1)((X_1 2))", "line 2, column 9", "a variable, got '('"),
        ("sat\n((X_0 1),(X_1 2))", "line 2, column 9", "expected '(' or ')', got ',"),
        ("sat\n((X_0 [1.0])(X_1 2))", "line 2, column 7", "a number, got '[1.0]'"),
        ("sat\n((X_0 tensor(1.))(X_1 2))", "line 2, column 7", "a number, got 'tensor'"),
        (
            "Traceback (most recent call last):",
            "line 1, column 1",
            "expected sat, or a witness, got 'Traceback'",
        ),
        ("saturated\n((X_0 1)(X_1 2))", "line 1, column 1", "expected sat"),
        ("sat\n((X_0 1)(X_1))", "line 2, column 13", "a number, got ')'"),
        ("sat\n((X_0 1)(X_1 2 3))", "line 2, column 16", "expected ')', got '3'"),
        ("sat\n((X_0 1)(X_1 nan))", "line 2, column 14", "a finite number, got 'nan'"),
        ("sat\n((X_0 1)(X_1 -inf))", "line 2, column 14", "a finite number, got '-inf'"),
        ("sat\n((X_0 1)(X_1 1_0))", "line 2, column 14", "a number, got '1_0'"),
        ("sat\n((X_0 1)(X_1 (* 1 2)))", "line 2, column 15", "expected - or /"),
        ("sat\n((X_0 1)(X_1 (/ 1 0)))", "line 2, column 19", "divisor that is not 0"),
        ("sat\n((X_0 1)(X_0 2))", "line 2, column 10", "X_0 is given twice"),
        ("sat\n((X_0 1)(X_2 2))", "line 2, column 10", "no variable 'X_2'"),
        ("sat\n((X_0 1)(X_01 2))", "line 2, column 10", "no variable 'X_01'"),
        ("sat\n((X_0 1)(() 2))", "line 2, column 10", "a variable, got '('"),
        ("sat\n((X_0 1) X_1)", "line 2, column 10", "got 'X_1'"),
        ("sat\n((X_0 1)(Y_0 2))", "", "expected a value of X_1"),
        ("sat\nX_0=1\nX_1", "line 3, column 1", "such as X[0,1]=0.5"),
        ("sat\nX_0=1\nX_1=", "line 3, column 5", "a number, got ''"),
        ("sat\nX real [2]\n1\n", "line 2, column 1", "expected 2 elements, got 1"),
        ("sat\nX real [3]\n1\n2\n3\n", "line 2, column 1", "expected real [2]"),
        ("sat\nX float32 [2]\n1\n2\n", "line 2, column 1", "expected real [2]"),
        ("sat\nZ real [2]\n1\n2\n", "line 2, column 1", "no tensor 'Z'"),
        ("sat\nX real [2]\n1\n2\n3\n", "line 5, column 1", "expected such as X float32"),
        (f"sat\nX real [{'9' * 5000}]\n1\n", "line 2, column 1", "expected such as X float32"),
        ("sat\n" + "(" * 100_000, "line 2, column 3", "a variable, got '('"),
    ],
)
def test_a_malformed_witness_is_refused_at_its_place(
    text: str, place: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(WitnessError) as caught:
        _read(tmp_path, text)
    assert not isinstance(caught.value, NoWitnessError)
    assert place in str(caught.value)
    assert reason in str(caught.value)


def test_a_number_that_is_too_long_is_a_limit(tmp_path: Path) -> None:
    with pytest.raises(UndecidedError, match="line 2, column 7"):
        _read(tmp_path, pairs("1e999999", 0))


@given(st.text(alphabet="satX_01Y()=[]., -+/e;\n", max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(tmp_path_factory: Any, text: str) -> None:
    try:
        _read(tmp_path_factory.getbasetemp(), text)
    except MemcertError as error:
        assert error.status in {3, 6}
