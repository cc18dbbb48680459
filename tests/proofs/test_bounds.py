"""Contracts that say less than the weights: what the chain still knows contains what happens."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

import pytest
from naive_evaluator import evaluate
from proof_tools import block, cert, contract
from strategies import layer

from memcert.contracts.mechanisms import linear
from memcert.contracts.notation import case
from memcert.exact.samples import own_dataset
from memcert.kernel.certificate import Certificate, Number
from memcert.kernel.network import Network
from memcert.proofs.binding import bound
from memcert.proofs.blocks import Asking, made_sure
from memcert.proofs.chain import Chain
from memcert.proofs.columns import Space
from memcert.proofs.obligations import obligations
from memcert.proofs.outline import outline_of
from memcert.proofs.prove import prove
from memcert.proofs.regions import Ends, ends
from memcert.proofs.settle import settle
from memcert.proofs.solvers import discharge

NEURONS = {
    "exact": [case("on", "u >= 0", "y = u"), case("off", "u <= 0", "y = 0"), case("any", "", "y >= u")],
    "loose": [
        case("on", "u >= 1", "y >= 1/2*u, y <= 2u"),
        case("near", "u >= -9000", "y >= u, y <= u + 9000"),
        case("any", "", "y >= 0"),
    ],
    "halves": [case("on", "u >= 0", "y >= u"), case("off", "u <= 0", "y <= 0"), case("any", "", "y >= 0")],
    "below": [case("far", "u <= -3", "y = 0"), case("any", "", "y >= 0")],
    "above": [case("high", "u >= 2", "y <= u"), case("any", "", "y >= 1/3*u")],
    "window": [
        case("in", "u >= 0, u <= 5", "y >= 0, y <= 5"),
        case("off", "u <= 0", "y = 0"),
        case("up", "", "y >= u"),
    ],
}
"""True statements about one neuron; each has a case for every region."""
CONTRACTS = [
    *(contract(name, [["y = u"]], "u = y", "y", *cases) for name, cases in NEURONS.items()),
    linear(),
]


def drawn(seed: int) -> tuple[Certificate, list[list[Fraction]], Fraction]:
    random = Random(seed)  # noqa: S311 - the same networks in every run
    sizes = [random.randint(1, 3), *(random.randint(1, 4) for _ in range(random.randint(1, 3))), 1]
    layers, blocks = [], []
    for k in range(len(sizes) - 1):
        rows = [[Fraction(random.randint(-4, 4)) for _ in range(sizes[k])] for _ in range(sizes[k + 1])]
        last = k == len(sizes) - 2
        layers.append(layer(rows, [random.randint(-5, 5) for _ in range(sizes[k + 1])], relu=not last))
        for i in range(sizes[k + 1]):
            name = "linear" if last else random.choice(list(NEURONS))
            blocks.append(block(f"b{k}_{i}", name, k, neurons=[[i]]))
    count = random.randint(1, 6)
    points = [[Fraction(random.randint(-9, 9), 2) for _ in range(sizes[0])] for _ in range(count)]
    radius = Fraction(random.randint(0, 6), 4)
    number: Number = radius.numerator if radius.denominator == 1 else radius
    made = cert(
        Network(sizes[0], tuple(layers)),
        CONTRACTS,
        blocks,
        points,
        [1] * count,
        rule="sign",
        radius=number,
    )
    return made, points, radius


def inside(random: Random, center: Sequence[Fraction], radius: Fraction) -> list[Fraction]:
    return [x + radius * Fraction(random.choice([-9, 9, random.randint(-9, 9)]), 9) for x in center]


def test_the_contracts_of_this_file_are_true() -> None:
    asked = obligations(CONTRACTS)
    proved = settle(CONTRACTS, asked, discharge(asked)).proved
    assert proved == {(c, k) for c, made in enumerate(CONTRACTS) for k in range(len(made.cases))}


@pytest.mark.parametrize("seed", range(120))
def test_the_outputs_lie_between_the_ends_that_the_chain_knows(seed: int) -> None:
    certificate, points, radius = drawn(seed)
    outline = outline_of(certificate)
    blocks = made_sure(certificate.network, outline, Asking("z3", 10, 1))
    assert blocks.refutation is None
    assert own_dataset(certificate) is not None
    chain = Chain(Space(bound(certificate, None).points, certificate.claim.box_radius or 0))  # type: ignore[arg-type]
    chain.run(blocks.linked)
    value = chain.output((len(certificate.blocks) - 1, 0))
    random = Random(seed)  # noqa: S311 - the same points in every run
    for sample, point in enumerate(points):
        known: Ends = ends(chain.space, value, sample)
        for _ in range(6):
            (got,) = evaluate(certificate.network, inside(random, point, radius))
            assert known.least is None or known.least <= got
            assert known.largest is None or got <= known.largest


@pytest.mark.parametrize("seed", range(120))
def test_a_sign_that_is_proved_holds_throughout_the_box(seed: int) -> None:
    certificate, points, _ = drawn(seed)
    result = prove(certificate)
    if result.verdict != "proved":
        return
    random = Random(seed)  # noqa: S311 - the same points in every run
    for sample, point in enumerate(points):
        limit = result.radii[sample]
        assert limit is not None
        reach = Fraction(100) if isinstance(limit, str) else Fraction(limit) * Fraction(999, 1000)
        for _ in range(6):
            (got,) = evaluate(certificate.network, inside(random, point, reach))
            assert got > 0


def test_some_of_these_are_proved_and_some_are_not() -> None:
    verdicts = [prove(drawn(seed)[0]).verdict for seed in range(30)]
    assert {"proved", "refuted"} == set(verdicts)
