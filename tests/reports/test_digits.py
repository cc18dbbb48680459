"""Digits that contracts fix by case, found without a word of any construction."""

from page_examples import ROOT

from memcert import api
from memcert.contracts.mechanisms import carry, linear, neuron, ramp
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract
from memcert.reports.digits import digit_outputs, singled_out, streams
from memcert.reports.way import way

THRESHOLD = Contract(
    id="threshold",
    parameters=parameters(("b", "y", "x1")),
    assumes=atoms("b > 0"),
    inputs=inputs("z = x1"),
    layers=(layer("x1 = z"), layer("y = b*x1")),
    outputs=outputs("y"),
    cases=(case("unset", "z = 0", "y = 0"), case("set", "z = 1", "y = b")),
)


def test_an_output_that_every_case_fixes_is_a_digit() -> None:
    assert digit_outputs([THRESHOLD]) == {"threshold": "y"}


def test_what_carries_or_climbs_is_none() -> None:
    assert digit_outputs([carry(), linear(), neuron(), ramp()]) == {}


def test_an_output_that_is_the_same_in_every_case_is_none() -> None:
    same = Contract(
        "same", (), (), THRESHOLD.inputs, THRESHOLD.layers, THRESHOLD.outputs, THRESHOLD.cases[:1]
    )
    assert digit_outputs([same]) == {}


def test_the_digits_of_five_points_are_their_keys_in_binary() -> None:
    made = api.read(ROOT / "certificates" / "five.json")
    assert made.dataset.points is not None
    assert made.dataset.labels is not None
    keys = {probe.name: probe for probe in made.witness.probes}["key_0"]
    intervals = made.witness.partitions["interval"]
    found_outputs = digit_outputs(made.contracts)
    for row, point in enumerate(made.dataset.points):
        followed = way(made, row, point, made.dataset.labels[row])
        (main,) = [s for s in streams(followed, found_outputs) if s.name == "bit_u_0"]
        assert int(main.word, 2) == keys.values[intervals[row]]
        assert len(main.heads) == len(main.digits)
        assert all(0 <= head <= 1 for head in main.heads)


def test_a_block_that_alone_of_many_meets_its_case_is_singled_out() -> None:
    made = api.read(ROOT / "certificates" / "iris.json")
    assert made.dataset.points is not None
    assert made.dataset.labels is not None
    row = next(row for row, label in enumerate(made.dataset.labels) if label)
    followed = way(made, row, made.dataset.points[row], made.dataset.labels[row])
    found = [p for p in singled_out(followed, digit_outputs(made.contracts)) if p.contract == "gate"]
    assert "match" in [p.case for p in found]
