"""Side conditions of a construction's blocks, each broken alone by weights or by a sample."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from proof_tools import proved, refutation, with_weight

from memcert.formats.certificates import read
from memcert.kernel.certificate import Certificate, Digests, Number
from memcert.kernel.check import check
from memcert.kernel.verdict import Rejected
from memcert.proofs.outline import outline_of

FIVE = read(Path(__file__).parents[2] / "certificates" / "five.json")
"""Theorem 3.1 on five points, projected to 7, 13, 10, 1, 19: an interval each, words of five bits."""
Change = tuple[str, str, str | None, Number]
"""Block, neuron and what it reads, by their names in its contract (None: the bias), and the new weight."""


def changed(*changes: Change) -> Certificate:
    """Return the certificate with weights changed, as a forger would: without digests."""
    network = FIVE.network
    placed = {p.block.name: p for p in outline_of(FIVE).blocks}
    for block, neuron, source, new in changes:
        at = placed[block]
        layers = [[name for name, _ in layer.neurons] for layer in at.pattern.contract.layers]
        depth = next(k for k, names in enumerate(layers) if neuron in names)
        column = None if source is None else at.neurons[depth - 1][layers[depth - 1].index(source)]
        row = at.neurons[depth][layers[depth].index(neuron)]
        network = with_weight(network, at.block.first_layer + depth, row, column, new)
    return replace(FIVE, network=network, digests=Digests(None, None))


def word(block: str, new: Number) -> tuple[Change, ...]:
    """Return the changes that make an interval's word another one."""
    return (block, "y3", "l2", new), (block, "y3", "r2", new), (block, "y3", None, -new)


def moved(row: int, point: tuple[Number, ...]) -> Certificate:
    """Return the certificate with one sample at another point."""
    points = list(FIVE.dataset.points or ())
    points[row] = point
    claim = replace(FIVE.claim, separation_squared=None, separation_direction=None)
    return replace(
        FIVE,
        dataset=replace(FIVE.dataset, points=tuple(points)),
        claim=claim,
        digests=Digests(None, None),
    )


BROKEN: Mapping[str, tuple[tuple[Change, ...], str, str]] = {
    "a negative word": (word("select_u_3", -13), "ensures", "blocks[16]"),
    "an interval whose ends stand the wrong way round": (
        (("select_u_0", "l1", None, 4), ("select_u_0", "r1", None, 4)),
        "ensures",
        "blocks[7]",
    ),
    "a bit that is read with a negative factor": (
        (("bit_u_0_1", "bit", "q2", -16), ("bit_u_0_1", "bit", "p2", 16)),
        "requires",
        "blocks[29] (bit_u_0_1, bit_extraction), samples[0]",
    ),
    "a key of more bits than are read": (
        word("select_u_0", 33),
        "requires",
        "blocks[29] (bit_u_0_1, bit_extraction), samples[3]",
    ),
    "a label of more bits than are read": (
        word("select_w_2", 2),
        "requires",
        "blocks[30] (bit_w_0_1, bit_extraction), samples[2]",
    ),
    "a label where an interval has none": (word("select_w_0", 1), "equal", "samples[3]"),
    "a gate that opens the wrong way": (
        (("gate_0", "gate", "s1", -1), ("gate_0", "gate", "s2", -1), ("gate_0", "gate", None, 2)),
        "ensures",
        "blocks[65]",
    ),
    "a gate whose window has no width": ((("gate_0", "r2", None, 1),), "equal", "samples[1]"),
}


def test_the_certificate_is_proved_before() -> None:
    proved(FIVE)


@pytest.mark.parametrize("name", BROKEN)
def test_weights_that_break_a_side_condition_are_refuted_at_their_block(name: str) -> None:
    changes, rule, at = BROKEN[name]
    found = refutation(changed(*changes))
    assert (found.rule, found.at) == (rule, at)


@pytest.mark.parametrize(
    ("row", "point"),
    [
        (0, (Fraction(1, 4), 0)),  # 8.5: on the ramp between the intervals of 7 and 10
        (0, (Fraction(-1, 6), 0)),  # 6: one below its own key
        (2, (0, Fraction(7, 6))),  # 10.5, where two windows meet
    ],
)
def test_a_sample_that_stands_on_a_ramp_or_beside_its_window_is_refuted(
    row: int, point: tuple[Number, ...]
) -> None:
    found = refutation(moved(row, point))
    assert found.rule in {"requires", "equal", "box_radius"}
    assert f"samples[{row}]" in str(found)


def test_a_witness_whose_words_are_not_those_of_the_weights_is_rejected() -> None:
    made = changed(*word("select_u_0", 3))
    claim = replace(made.claim, bit_complexity=FIVE.claim.bit_complexity)
    with pytest.raises(Rejected) as caught:
        check(replace(made, claim=claim))
    assert caught.value.rule in {"equal", "probe"}
