"""Where a probed value must lie for a case to hold, whatever the sample: windows read off the weights.

UNTRUSTED. What `way` tells of one sample holds for all where a case asks nothing else of the layer before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from memcert.contracts.terms import exact, linear
from memcert.kernel.certificate import Case, Certificate, Number
from memcert.proofs.matching import Affine, Matched, Unmatched
from memcert.proofs.outline import PlacedBlock
from memcert.reports.way import Columns, Plan, carried


@dataclass(frozen=True, slots=True)
class FixedWindow:
    """The closed window of a probe's value in which a block's case holds."""

    probe: str
    low: Number
    high: Number
    block: str
    stage: str
    contract: str
    case: str


def windows(certificate: Certificate, planned: Plan, values: Columns) -> tuple[FixedWindow, ...]:
    """Return the bounded windows of all cases, in the order of the blocks.

    Args:
        certificate: network, outline and witness.
        planned: its blocks.
        values: of all neurons at some sample, to tell what carries a probed value on.

    Cost: linear in the statements of the blocks' cases. Raises: never.
    """
    names = carried(certificate, values)
    return tuple(window for entry in planned for window in _of_block(*entry, names))


def _of_block(
    placed: PlacedBlock, match: Matched | Unmatched, names: Mapping[tuple[int, int], str]
) -> Iterator[FixedWindow]:
    if not isinstance(match, Matched):
        return
    block = placed.block
    read = {j for weights, _ in match.inputs for j in weights}
    probed = [j for j in read if (block.first_layer, j) in names]
    if len(probed) != 1:
        return
    inputs = [given.name for given in placed.pattern.contract.inputs]
    forms = dict(zip(inputs, match.inputs, strict=True))
    for case in placed.pattern.contract.cases:
        ends = list(_ends(case, match.parameters, forms, probed[0]))
        low = max((end for side, end in ends if side >= 0), default=None)
        high = min((end for side, end in ends if side <= 0), default=None)
        if low is not None and high is not None and low <= high:
            name = names[block.first_layer, probed[0]]
            where = (block.name, block.stage, block.contract, case.name)
            yield FixedWindow(name, exact(low), exact(high), *where)


def _ends(
    case: Case, parameters: Mapping[str, Number], forms: Mapping[str, Affine], probed: int
) -> Iterator[tuple[int, Fraction]]:
    """Yield (side, end) of the statements about the probed neuron alone: 1 lower, -1 upper, 0 both."""
    for atom in case.requires:
        constant, factors = linear(atom.term, parameters)
        total, slopes = Fraction(constant), dict[int, Fraction]()
        for name, factor in factors.items():
            weights, offset = forms[name]
            total += factor * Fraction(offset)
            for j, weight in weights.items():
                slopes[j] = slopes.get(j, Fraction()) + factor * Fraction(weight)
        moving = {j: slope for j, slope in slopes.items() if slope}
        if set(moving) == {probed}:
            slope = moving[probed]
            yield (0 if atom.relation == "=" else 1 if slope > 0 else -1), -total / slope
