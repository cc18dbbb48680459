"""Integer types of VNN-LIB 2.0: which numbers they have, witnesses and outputs that are none, repairs."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from witness_tools import hat, judged, written

pytest.importorskip("vnnlib", reason="vnnlib is not installed")

from memcert.cli import main
from memcert.errors import UnsupportedError
from memcert.witnesses.boxes import Interval, within
from memcert.witnesses.judging import fitting
from memcert.witnesses.prepared import Prepared
from memcert.witnesses.properties import read_property
from memcert.witnesses.refusals import WitnessError
from memcert.witnesses.repair import Repair, repaired
from memcert.witnesses.witness_files import read_witness


def _spec(kind: str, assertion: str, made: str = "real") -> str:
    return (
        "(vnnlib-version <2.0>)\n"
        f"(declare-network f (declare-input X {kind} [1,2]) (declare-output Y {made} [2]))\n"
        f"(assert {assertion})\n"
    )


def _lines(*values: object) -> str:
    return "".join(f"X[0,{k}]={value}\n" for k, value in enumerate(values))


def _repair(folder: Path, spec: str, witness: str) -> Repair | None:
    # hat: x -> (relu(x0) + relu(x1), x0 - x1).
    stated, found = judged(folder, spec, witness, hat())
    given = read_witness(str(folder / "witness.txt"), stated)
    return repaired(stated, fitting(stated, {"": Prepared(hat())}), given, found)


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("int8", -128, 127),
        ("int16", -32768, 32767),
        ("int32", -(2**31), 2**31 - 1),
        ("int64", -(2**63), 2**63 - 1),
        ("uint8", 0, 255),
        ("uint16", 0, 65535),
        ("uint32", 0, 2**32 - 1),
        ("uint64", 0, 2**64 - 1),
    ],
)
def test_each_type_has_its_integers(kind: str, low: int, high: int, tmp_path: Path) -> None:
    stated = read_property(written(tmp_path, _spec(kind, f"(<= X[0,0] {high})")))
    assert dict(stated.wholes) == {0: (low, high), 1: (low, high)}
    path = written(tmp_path, _lines(low, f"{high}.0"), "w")
    assert dict(read_witness(path, stated).inputs) == {0: low, 1: high}
    for value in (low - 1, high + 1, "0.5", "1e-30"):
        with pytest.raises(WitnessError, match=rf"line 2, column 1: X\[0,1\] is {kind}: expected an integer"):
            read_witness(written(tmp_path, _lines(low, value), "w"), stated)


def test_numbers_of_a_property_may_be_longer_than_those_of_its_type(tmp_path: Path) -> None:
    spec = _spec("int8", f"(and (<= X[0,0] 3) (>= X[0,1] (- {'9' * 30})) (>= X[0,0] -128))")
    _, found = judged(tmp_path, spec, _lines(3, -128), hat())
    assert found.exact


def test_sums_in_a_constraint_are_those_of_the_integers(tmp_path: Path) -> None:
    # In int8 arithmetic 100 + 100 would be -56.
    _, found = judged(tmp_path, _spec("int8", "(>= (+ X[0,0] X[0,1]) 200)"), _lines(100, 100), hat())
    assert found.exact


def test_an_output_that_is_declared_an_integer_must_be_one(tmp_path: Path) -> None:
    spec = _spec("real", "(>= Y[0] 1)", "int8")
    _, found = judged(tmp_path, spec, _lines("0.5", "0.5").replace("0.5", "1.0"), hat())
    assert found.exact
    for values, told in (((Fraction("0.25"), 0), "1/4"), ((100, 28), "128")):
        witness = _lines(*(float(x) for x in values))
        with pytest.raises(
            UnsupportedError, match=rf"Y\[0\] is int8: .* exact value is '?{told}'?: declare the type"
        ):
            judged(tmp_path, spec, witness, hat())


@pytest.mark.parametrize(
    ("assertion", "given", "wanted"),
    [
        ("(and (<= X[0,0] 5) (>= X[0,1] 0))", (7, 3), (5, 3)),
        ("(and (< X[0,0] 5) (>= X[0,1] 0))", (7, 3), (4, 3)),
        ("(and (> X[0,0] 5) (>= X[0,1] 0))", (5, 3), (6, 3)),
        ("(and (<= (* 2 X[0,0]) 5) (>= X[0,1] 0))", (7, 3), (2, 3)),
    ],
)
def test_inputs_are_moved_to_integers_inside_the_box(
    assertion: str, given: tuple[int, int], wanted: tuple[int, int], tmp_path: Path
) -> None:
    made = _repair(tmp_path, _spec("int8", assertion), _lines(*given))
    assert made is not None
    assert tuple(made.witness.inputs[v] for v in (0, 1)) == wanted


def test_a_repair_along_a_line_ends_at_integers(tmp_path: Path) -> None:
    box = "(>= X[0,0] 0) (<= X[0,0] 9) (>= X[0,1] 0) (<= X[0,1] 9)"
    made = _repair(tmp_path, _spec("int8", f"(and {box} (>= Y[0] 12.0))"), _lines(3, 4))
    assert made is not None
    assert made.judgement.exact
    assert all(x.denominator == 1 for x in made.witness.inputs.values())
    assert sum(made.witness.inputs.values()) >= 12


def test_no_integer_inside_the_box_is_no_repair(tmp_path: Path) -> None:
    assert _repair(tmp_path, _spec("int8", "(and (< X[0,0] 6) (> X[0,0] 5))"), _lines(3, 4)) is None


@pytest.mark.parametrize(
    ("interval", "wanted"),
    [
        (Interval(Fraction(1, 2), Fraction(5, 2)), Interval(1, 2)),
        (Interval(1, 3, low_open=True, high_open=True), Interval(2, 2)),
        (Interval(Fraction(-5, 2), None, low_open=True), Interval(-2, 127)),
        (Interval(None, -1000), None),
        (Interval(Fraction(1, 3), Fraction(2, 3)), None),
    ],
)
def test_a_box_of_integers_has_integers_as_ends(interval: Interval, wanted: Interval | None) -> None:
    assert within({0: interval}, {0: (-128, 127)}) == (None if wanted is None else {0: wanted})
    assert within({}, {1: (0, 255)}) == {1: Interval(0, 255)}
    assert within(None, {0: (0, 1)}) is None


def test_an_integer_input_of_a_model_is_judged_from_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    from onnx_models import node, onnx, saved, stored

    given = onnx.helper.make_tensor_value_info("x", 3, [1, 2])
    made = onnx.helper.make_tensor_value_info("y", 1, None)
    nodes = [node("Cast", ["x"], ["c"], to=1), node("MatMul", ["c", "w"], ["y"])]
    graph = onnx.helper.make_graph(nodes, "g", [given], [made], [stored("w", [[0.5, 1], [0.25, -1]])])
    proto = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    words = [
        saved(proto, tmp_path),
        written(tmp_path, _spec("int8", "(and (< Y[0] -2.0) (<= X[0,0] 0))", "float32")),
    ]

    def told(witness: str) -> dict[str, Any]:
        capsys.readouterr()
        status = main(["witness", *words, written(tmp_path, witness, "w"), "--json"])
        found = dict(json.loads(capsys.readouterr().out))
        assert found["status"] == status
        return found

    exact = told("sat\nX int8 [1,2]\n-4\n-1\nY float32 [2]\n-2.25\n-3\n")
    assert (exact["status"], exact["outputs"]) == (0, {"Y[0]": "-9/4", "Y[1]": -3})
    assert (exact["floats"]["type"], exact["floats"]["holds"]) == ("float32", True)
    assert told("X[0,0]=-4\nX[0,1]=0\n")["kind"] == "not violating"
    assert "expected an integer from -128 to 127" in told("X[0,0]=-4\nX[0,1]=0.5\n")["message"]
