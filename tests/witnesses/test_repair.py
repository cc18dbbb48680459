"""Counterexamples near witnesses that are none: found, exact, near; and none where there is none."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from naive_evaluator import evaluate
from strategies import layer
from witness_tools import box, declared, hat, judged, pairs

from memcert.kernel.network import Network
from memcert.witnesses import programs
from memcert.witnesses.prepared import Prepared
from memcert.witnesses.properties import read_property
from memcert.witnesses.repair import Repair, repaired
from memcert.witnesses.witness_files import read_witness
from memcert.witnesses.writing import spelling, write_witness

UNIT = declared(2, 2) + box(("0.1", "1"), ("0.1", "1"))


def _repair(folder: Path, spec: str, witness: str, network: Network) -> Repair | None:
    stated, found = judged(folder, spec, witness, network)
    assert not found.exact
    given = read_witness(str(folder / "witness.txt"), stated)
    networks = {signature.name: Prepared(network) for signature in stated.networks}
    made = repaired(stated, networks, given, found)
    if made is not None:
        assert made.judgement.exact
        path = folder / "fixed.txt"
        write_witness(path, stated, networks, made.witness, made.judgement)
        again = read_witness(str(path), read_property(str(folder / "property.vnnlib")))
        assert again.inputs == made.witness.inputs
        distances = [abs(Fraction(x) - given.inputs[v]) for v, x in made.witness.inputs.items()]
        assert made.distance == max(distances)
    return made


def test_an_input_a_rounding_outside_is_moved_to_the_border(tmp_path: Path) -> None:
    made = _repair(tmp_path, UNIT + "(assert (>= Y_0 1.5))", pairs("1.0000001192092896", "0.6"), hat())
    assert made is not None
    assert (made.how, made.distance) == ("moved into the box", Fraction("0.0000001192092896"))
    assert dict(made.witness.inputs) == {0: 1, 1: Fraction(3, 5)}


def test_an_open_border_is_not_moved_onto(tmp_path: Path) -> None:
    spec = declared(2, 2) + "(assert (< 0 X_0 1))(assert (>= Y_0 0))"
    made = _repair(tmp_path, spec, pairs("1", "0"), hat())
    assert made is not None
    assert dict(made.witness.inputs) == {0: Fraction(9, 10), 1: 0}


def test_the_nearest_box_of_a_disjunction_is_taken(tmp_path: Path) -> None:
    spec = declared(2, 2) + "(assert (or (<= X_0 1) (and (>= X_0 2) (<= X_0 3)) (>= X_0 9)))"
    made = _repair(tmp_path, spec, pairs("1.9", "0"), hat())
    assert made is not None
    assert made.witness.inputs[0] == 2


def test_another_part_is_taken_where_the_nearest_has_no_violation(tmp_path: Path) -> None:
    parts = "(and (<= 1 X_0 2) (>= Y_0 99) (<= X_1 1)) (and (<= 3 X_0 4) (>= Y_0 3))"
    made = _repair(tmp_path, declared(2, 2) + f"(assert (or {parts}))", pairs("2.5", "0"), hat())
    assert made is not None
    assert made.witness.inputs == {0: 3, 1: 0}


def test_a_neighbour_among_the_floats_is_taken_where_it_will_do(tmp_path: Path) -> None:
    third = Fraction(11184811, 1 << 25)  # float32 nearest to 1/3, above it
    spec = UNIT + f"(assert (>= Y_0 (+ 0.5 {third})))(assert (<= X_1 0.5))"
    made = _repair(tmp_path, spec, pairs("0.33333333", "0.5"), hat())
    assert made is not None
    assert (made.how, dict(made.witness.inputs)) == ("rounded to float32", {0: third, 1: Fraction(1, 2)})


def test_a_neighbour_in_the_direction_that_helps_is_taken(tmp_path: Path) -> None:
    spec = UNIT + "(assert (> Y_0 1.25))"
    made = _repair(tmp_path, spec, pairs("0.75", "0.5"), hat())
    assert made is not None
    assert made.how == "rounded to float32"
    assert made.distance == Fraction(1, 1 << 24)


def test_a_violation_a_little_away_is_found_along_a_line(tmp_path: Path) -> None:
    made = _repair(tmp_path, UNIT + "(assert (>= Y_0 1.5))", pairs("0.7", "0.799999"), hat())
    assert made is not None
    assert made.distance < Fraction(2, 10**6)
    assert made.decimal


def test_an_equation_is_met_exactly(tmp_path: Path) -> None:
    made = _repair(tmp_path, UNIT + "(assert (= (+ Y_0 (* 2 Y_1)) 1))", pairs("0.5", "0.3"), hat())
    assert made is not None
    x, y = made.witness.inputs[0], made.witness.inputs[1]
    assert x + y + 2 * (x - y) == 1
    assert made.decimal


def test_an_equation_without_decimals_is_met_in_fractions(tmp_path: Path) -> None:
    network = Network(2, (layer([[3, 6], [0, 0]], [0, 0], relu=False),))
    made = _repair(tmp_path, UNIT + "(assert (= Y_0 1))", pairs("0.2", "0.2"), network)
    assert made is not None
    assert not made.decimal
    assert 3 * made.witness.inputs[0] + 6 * made.witness.inputs[1] == 1


def test_a_corner_of_a_region_is_solved_for_exactly(tmp_path: Path) -> None:
    pytest.importorskip("scipy", reason="scipy is not installed")
    # Only (1/4, 1/2) meets all three, and no line from the start towards a corner passes through it.
    spec = UNIT + "(assert (<= (+ Y_0 (* -1 X_0)) 0.5))(assert (>= Y_1 -0.25))(assert (<= X_0 (- X_1 0.25)))"
    spec += "(assert (>= (+ X_0 X_1) 0.75))"
    made = _repair(tmp_path, spec, pairs("0.4", "0.9"), hat())
    assert made is not None
    assert made.witness.inputs == {0: Fraction(1, 4), 1: Fraction(1, 2)}


def test_without_scipy_lines_are_searched_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_scipy", lambda _: None)
    made = _repair(tmp_path, UNIT + "(assert (>= Y_0 1.5))", pairs("0.7", "0.79"), hat())
    assert made is not None
    assert made.how == "moved along a line"


@pytest.mark.parametrize(
    "spec",
    [
        UNIT + "(assert (>= Y_0 2.0001))",
        UNIT + "(assert (> Y_0 2))",
        UNIT + "(assert (>= X_0 2))(assert (>= Y_0 0))",
    ],
)
def test_nothing_is_found_where_nothing_is(spec: str, tmp_path: Path) -> None:
    assert _repair(tmp_path, spec, pairs("0.5", "0.5"), hat()) is None


def test_weights_beyond_the_floats_end_in_no_repair_but_clamping_works(tmp_path: Path) -> None:
    huge = Network(1, (layer([[10**400]], [0], relu=False),))
    spec = declared(1, 1) + "(assert (<= 0 X_0 1))(assert (>= Y_0 1"
    assert _repair(tmp_path, spec + "))", pairs("1.5"), huge) is not None
    assert _repair(tmp_path, spec + "e401))", pairs("0.5"), huge) is None


def _random(seed: int, sizes: tuple[int, ...]) -> Network:
    generator = np.random.default_rng(seed)
    layers = []
    for k, (inputs, outputs) in enumerate(pairwise(sizes)):
        weights = generator.integers(-64, 65, (outputs, inputs)).tolist()
        bias = [Fraction(b, 8) for b in generator.integers(-9, 10, outputs).tolist()]
        rows = [[Fraction(w, 64) for w in row] for row in weights]
        layers.append(layer(rows, bias, relu=k < len(sizes) - 2))
    return Network(sizes[0], tuple(layers))


@pytest.mark.parametrize("seed", range(6))
def test_a_violation_that_random_points_meet_is_found_from_a_point_beside_it(
    seed: int, tmp_path: Path
) -> None:
    network = _random(seed, (4, 12, 12, 2))
    generator = np.random.default_rng(seed)
    points = [[Fraction(n, 1000) for n in row] for row in generator.integers(0, 1001, (40, 4)).tolist()]
    values = sorted(((evaluate(network, p)[0] - evaluate(network, p)[1], p) for p in points), reverse=True)
    threshold = values[4][0]
    spec = declared(4, 2) + box(*[("0", "1")] * 4) + f"(assert (>= (- Y_0 Y_1) {spelling(threshold)}))"
    start = [x + Fraction(1, 1000) for x in values[8][1]]
    made = _repair(tmp_path, spec, pairs(*map(spelling, start)), network)
    assert made is not None
    outputs = evaluate(network, [made.witness.inputs[v] for v in range(4)])
    assert outputs[0] - outputs[1] >= threshold
    assert all(0 <= made.witness.inputs[v] <= 1 for v in range(4))


@pytest.mark.parametrize(
    ("spec", "witness"),
    [
        ("(assert (not (= (- Y_1 X_0) -0.5)))", ("0.5", "0.5")),
        ("(assert (!= Y_1 0))", ("0.5", "0.5")),
        ("(assert (not (= X_0 0.5)))", ("0.5", "0.25")),
        ("(assert (=> (>= X_0 0.5) (and (!= Y_1 0) (> X_0 0.5))))", ("0.5", "0.5")),
    ],
)
def test_a_value_that_must_not_be_taken_is_left_to_one_side(
    spec: str, witness: tuple[str, str], tmp_path: Path
) -> None:
    made = _repair(tmp_path, UNIT + spec, pairs(*witness), hat())
    assert made is not None
    assert made.distance <= Fraction(1, 10)
