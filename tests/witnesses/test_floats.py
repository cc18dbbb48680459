"""The formula in a declared float type: everything rounded, and what that changes in either direction."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from witness_tools import hat, written

from memcert.errors import UnsupportedError
from memcert.kernel.certificate import Number
from memcert.kernel.rational import quotient
from memcert.witnesses.floats import FloatJudgement, judge_in_floats
from memcert.witnesses.judging import fitting, judge
from memcert.witnesses.prepared import Prepared, Runner
from memcert.witnesses.properties import read_property
from memcert.witnesses.witness_files import read_witness

pytest.importorskip("vnnlib", reason="vnnlib is not installed")


class Quarters:
    """Floats that are multiples of 1/4 below 8, and the network of `hat` in them."""

    def rounded(self, numbers: Sequence[Number]) -> list[Number | None]:
        """Return the nearest quarters."""
        return [quotient(round(4 * x), 4) if abs(Fraction(x)) < 8 else None for x in numbers]

    def outputs(self, point: Sequence[Number]) -> list[Number | None]:
        """Return the sum of the positive parts, and the difference."""
        x, y = point
        return self.rounded([max(x, 0) + max(y, 0), x - y])


def _judged(
    folder: Path, assertion: str, x: str, y: str, kind: str = "float32"
) -> tuple[bool, FloatJudgement | None]:
    text = (
        "(vnnlib-version <2.0>)\n"
        f"(declare-network f (declare-input X {kind} [2]) (declare-output Y {kind} [2]))\n"
        f"(assert {assertion})\n"
    )
    stated = read_property(written(folder, text))
    given = read_witness(written(folder, f"X[0]={x}\nX[1]={y}\n", "w.txt"), stated)

    def run(name: str) -> Runner:
        if name != "float32":
            raise UnsupportedError(f"no {name} here")
        return Quarters()

    networks = fitting(stated, {"": Prepared(hat(), run)})
    return judge(stated, networks, given).exact, judge_in_floats(stated, networks, given)


def _of_integers(
    folder: Path, kind: str, assertion: str, x: int, made: str = "float32"
) -> FloatJudgement | None:
    text = (
        "(vnnlib-version <2.0>)\n"
        f"(declare-network f (declare-input X {kind} [2]) (declare-output Y {made} [2]))\n"
        f"(assert {assertion})\n"
    )
    stated = read_property(written(folder, text))
    given = read_witness(written(folder, f"X[0]={x}\nX[1]=0\n", "w.txt"), stated)
    networks = fitting(stated, {"": Prepared(hat(), lambda _: Quarters())})
    return judge_in_floats(stated, networks, given)


def test_beside_floats_integers_stay_what_they_are(tmp_path: Path) -> None:
    # 9 is beyond these floats, and so would be a rounded 9 of the constraint on integers.
    found = _of_integers(tmp_path, "int8", "(and (<= X[0] 9) (>= Y[0] 3.1))", 3)
    # 3.1 is 3 in quarters.
    assert found is not None
    assert (found.type, found.holds, found.moved) == ("float32", True, ())
    found = _of_integers(tmp_path, "int8", "(and (<= X[0] 2) (>= Y[0] 3.1))", 3)
    assert found is not None
    assert (found.holds, found.outside is None, found.unviolated is None) == (False, False, True)


def test_integers_that_floats_have_not_and_integer_outputs_are_not_judged(tmp_path: Path) -> None:
    beyond = _of_integers(tmp_path, "int8", "(<= X[0] 9)", 9)
    assert beyond is not None
    assert not beyond.finite
    mixed = _of_integers(tmp_path, "int8", "(<= X[0] 9)", 3, "int8")
    assert mixed is None
    text = (
        "(vnnlib-version <2.0>)(declare-network f (declare-input X float32 [2]) (declare-output Y int8 [2]))"
    )
    stated = read_property(written(tmp_path, text + "(assert (<= X[0] 1.0))"))
    given = read_witness(written(tmp_path, "X[0]=1\nX[1]=0\n", "w.txt"), stated)
    found = judge_in_floats(stated, fitting(stated, {"": Prepared(hat(), lambda _: Quarters())}), given)
    assert found is not None
    assert found.refused == "the property mixes types"


def test_an_input_that_rounds_onto_the_border_is_inside_in_floats_alone(tmp_path: Path) -> None:
    exact, floats = _judged(tmp_path, "(<= X[0] 0.5)", "0.51", "0.0")
    assert floats is not None
    assert (exact, floats.holds, floats.type) == (False, True, "float32")


def test_a_violation_that_rounding_undoes_is_none_in_floats(tmp_path: Path) -> None:
    exact, floats = _judged(tmp_path, "(> Y[0] 1.0)", "0.6", "0.5")
    assert floats is not None
    assert (exact, floats.holds) == (True, False)
    assert floats.unviolated is not None
    assert floats.unviolated.amount == 0


def test_numbers_of_the_property_are_rounded_as_well(tmp_path: Path) -> None:
    _, floats = _judged(tmp_path, "(>= X[0] 1.1)", "1.0", "0.0")
    assert floats is not None
    assert floats.holds
    _, floats = _judged(tmp_path, "(>= X[0] 1.2)", "1.0", "0.0")
    assert floats is not None
    assert floats.outside is not None
    assert floats.outside.amount == Fraction(1, 4)


def test_a_number_that_is_not_finite_makes_no_counterexample(tmp_path: Path) -> None:
    for assertion, x in (("(>= X[0] 0.0)", "9"), ("(>= Y[0] 0.0)", "7.5"), ("(<= X[0] 9.0)", "1")):
        exact, floats = _judged(tmp_path, assertion, x, x)
        assert floats is not None
        assert (exact, floats.finite, floats.holds, floats.refused) == (True, False, False, None)


def test_what_is_not_judged_says_why_and_real_needs_nothing(tmp_path: Path) -> None:
    assert _judged(tmp_path, "(>= X[0] 0.0)", "1", "1", "real")[1] is None
    floats = _judged(tmp_path, "(>= X[0] 0.0)", "1", "1", "float16")[1]
    assert floats is not None
    assert (floats.refused, floats.holds) == ("no float16 here", False)
    bare = Prepared(hat())
    with pytest.raises(UnsupportedError, match="exact network only"):
        bare.runner("float32")
