"""One sample's way, on a network small enough to do by hand."""

from dataclasses import replace
from fractions import Fraction

import pytest
from naive_evaluator import layers
from strategies import network

from memcert.contracts.mechanisms import carry, linear
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import (
    Block,
    Certificate,
    Claim,
    Contract,
    Digests,
    Probe,
    Samples,
    Witness,
)
from memcert.reports.explain import as_data, ending, lines
from memcert.reports.way import Window, way

RAMP = Contract(
    id="ramp",
    parameters=parameters(("t", "up", None)),
    assumes=atoms("t <= 0"),
    inputs=inputs("x = keep"),
    layers=(layer("keep = x", "up = 2*x + t"),),
    outputs=outputs("keep, up"),
    cases=(
        case("low", "x >= 0, 2*x + t <= 0", "keep = x, up = 0"),
        case("high", "x >= 0, 2*x + t >= 0", "keep = x, up = 2*x + t"),
    ),
)
"""(x, relu(2x + t)) for x >= 0."""


def certificate() -> Certificate:
    """Build F(x) = relu(2x - 3) - x for x >= 0: carry x, then keep it and ramp, then subtract."""
    made = network(([[1]], [0]), ([[1], [2]], [0, -3]), ([[-1, 1]], [0]))
    return Certificate(
        construction=None,
        model=None,
        dataset=Samples("hand", 3, 1, None, None, ((0,), (Fraction(7, 2),), (1,)), (0, Fraction(1, 2), -1)),
        network=made,
        claim=Claim("equal", None, (), 1, None, Fraction(49, 4), None, 0, (), 2, 3, 6, 5, 4),
        contracts=(RAMP,),
        blocks=(Block("ramp_0", "stage", 1, 1, "ramp", None, {}),),
        witness=Witness(
            {"side": (0, 1, 0)},
            (
                Probe("value", 1, (0,), (1,), None, (0, Fraction(7, 2), 1)),
                Probe("sum", 2, (0, 1), (1, 1), "side", (0, Fraction(15, 2))),
            ),
        ),
        digests=Digests(None, None),
        annotations={},
    )


def outlined() -> Certificate:
    """Give the first and last layer blocks of their own, so that the outline is whole."""
    made = certificate()
    first = Block("in", "stage", 0, 0, "carry", None, {})
    last = Block("out", "stage", 2, 2, "linear", None, {})
    return replace(made, contracts=(carry(), RAMP, linear()), blocks=(first, *made.blocks, last))


def test_values_are_those_of_the_naive_evaluator() -> None:
    made = outlined()
    assert made.dataset.points is not None
    assert made.dataset.labels is not None
    for row, point in enumerate(made.dataset.points):
        found = way(made, row, point, made.dataset.labels[row])
        values = layers(made.network, point)
        assert found.outputs == values[-1]
        assert found.marks[0].value == values[1][0]
        assert found.marks[1].value == values[2][0] + values[2][1]
        assert found.holds


def test_the_case_and_its_window_in_the_probed_value() -> None:
    made = outlined()
    low = way(made, 2, (1,), -1).passages[1]
    assert (low.block, low.case, low.inputs, low.outputs) == (
        "ramp_0",
        "low",
        (("x", 1),),
        (("keep", 1), ("up", 0)),
    )
    assert low.window == Window("value", 0, Fraction(3, 2))
    high = way(made, 1, (Fraction(7, 2),), Fraction(1, 2)).passages[1]
    assert (high.case, high.outputs) == ("high", (("keep", Fraction(7, 2)), ("up", 4)))
    assert high.window == Window("value", Fraction(3, 2), None)


def test_a_probe_that_lies_is_told() -> None:
    made = outlined()
    probe = replace(made.witness.probes[1], values=(0, 7))
    made = replace(made, witness=replace(made.witness, probes=(made.witness.probes[0], probe)))
    found = way(made, 1, (Fraction(7, 2),), Fraction(1, 2))
    assert not found.as_stated
    assert any("sum = 15/2 (the witness says 7)" in line[4] for line in lines(found))
    assert way(made, 2, (1,), -1).as_stated is False  # sum = 1 there, and class 0 says 0


def test_a_block_that_is_not_its_contract_has_no_case() -> None:
    made = outlined()
    other = replace(made.network.layers[1], data=(1, 3))
    network_ = replace(made.network, layers=(made.network.layers[0], other, made.network.layers[2]))
    found = way(replace(made, network=network_), 2, (1,), -1)
    assert found.passages[1].case is None
    assert found.passages[1].outputs == (("keep", 1), ("up", 0))
    assert any("no case of its contract" in line for line in lines(found))


def test_a_sample_that_fails_is_said_to_fail() -> None:
    found = way(outlined(), 2, (1,), 5)
    assert not found.holds
    assert ending(found, outlined(), "'five'") == (
        "output -1; label 'five', compared as 5: rule equal FAILS here"
    )
    made = outlined()
    within = replace(made, claim=replace(made.claim, rule="within", tolerance=Fraction(1, 2)))
    assert ending(way(within, 2, (1,), 5), within, "5").endswith("rule within FAILS here, margin -11/2")


def test_without_an_outline_probes_and_output_remain() -> None:
    made = replace(certificate(), blocks=(), contracts=())
    found = way(made, 2, (1,), -1)
    assert found.passages == ()
    assert [line[4] for line in lines(found)] == ["value = 1", "sum = 1 (the witness says 0)"]


def test_every_block_is_told_when_asked() -> None:
    found = way(outlined(), 2, (1,), -1)
    assert [line[2] for line in lines(found, every_block=True)] == ["in", "read", "ramp_0", "read", "out"]
    assert [line[2] for line in lines(found)] == ["read", "ramp_0", "read"]


@pytest.mark.parametrize("row", [0, 1, 2])
def test_as_data_numbers_are_spelled_exactly(row: int) -> None:
    made = outlined()
    assert made.dataset.points is not None
    assert made.dataset.labels is not None
    value = as_data(way(made, row, made.dataset.points[row], made.dataset.labels[row]))
    assert value["outputs"] == [[0], ["1/2"], [-1]][row]
    assert [probe["value"] for probe in value["probes"]] == [[0, 0], ["7/2", "15/2"], [1, 1]][row]  # type: ignore[attr-defined]
