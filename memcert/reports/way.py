"""One sample's way through a network: its probes, and the case that it meets in every block, exactly.

UNTRUSTED. It repeats for one point what check and prove do for all, and decides nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from memcert.contracts.terms import evaluate
from memcert.kernel.certificate import Certificate, Number, Probe, Term
from memcert.kernel.check import holds, margin_of
from memcert.kernel.network import Network, Values, stages
from memcert.proofs.matching import Affine, Difference, matched
from memcert.proofs.outline import PlacedBlock, outline_of
from memcert.proofs.patterns import Condition, PatternCase

Columns = tuple[tuple[Number, ...], ...]
"""Exact values of every neuron, after 0, 1, ..., L layers."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A probe at the sample: its value, and what the witness says (by class `part`, if any)."""

    name: str
    after_layer: int
    partition: str | None
    part: int | None
    value: Number
    stated: Number


@dataclass(frozen=True, slots=True)
class Window:
    """Where a probed value may lie, all else at the sample being as it is, for the case to hold."""

    name: str
    low: Number | None
    high: Number | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A block at the sample; `case` None: no case holds, or the block is not its contract."""

    block: str
    stage: str
    contract: str
    first_layer: int
    last_layer: int
    case: str | None
    alternatives: int
    inputs: tuple[tuple[str, Number], ...]
    outputs: tuple[tuple[str, Number], ...]
    window: Window | None


@dataclass(frozen=True, slots=True)
class Way:
    """Everything that is told of one sample; `passages` is empty where there is no outline."""

    sample: int
    label: Number
    marks: tuple[Mark, ...]
    passages: tuple[Passage, ...]
    outputs: tuple[Number, ...]
    margin: Number
    holds: bool

    @property
    def as_stated(self) -> bool:
        """Whether every probe has the value that the witness says. Raises: never."""
        return all(mark.value == mark.stated for mark in self.marks)


def way(certificate: Certificate, sample: int, point: Sequence[Number], label: Number) -> Way:
    """Follow one point through the network.

    Args:
        certificate: network, outline and witness.
        sample: the row, for the witness.
        point: d exact numbers.
        label: as the rule compares it.

    Cost: linear in the nonzero weights.

    Raises:
        LimitReached: a value grew beyond the kernel's bound.
        Malformed: the outline is none.
    """
    values = tuple(_column(stage) for stage in stages(certificate.network, [point]))
    marks = tuple(_mark(certificate, probe, sample, values) for probe in certificate.witness.probes)
    outputs, claim = values[-1], certificate.claim
    margin = margin_of(claim.rule, outputs, label, claim.tolerance)
    passages: tuple[Passage, ...] = ()
    if certificate.blocks:
        copies = _copies(certificate, values)
        placed = outline_of(certificate).blocks
        passages = tuple(_passage(certificate.network, block, values, copies) for block in placed)
    return Way(sample, label, marks, passages, outputs, margin, holds(claim.rule, margin))


def _column(stage: Values) -> tuple[Number, ...]:
    return tuple(_exact(Fraction(column[0], stage.denominator)) for column in stage.columns)


def _exact(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value


def _mark(certificate: Certificate, probe: Probe, sample: int, values: Columns) -> Mark:
    after = values[probe.after_layer]
    value = sum(
        (Fraction(c) * after[i] for i, c in zip(probe.neurons, probe.coefficients, strict=True)), Fraction()
    )
    partition = None if probe.partition is None else certificate.witness.partitions[probe.partition]
    part = None if partition is None else partition[sample]
    stated = probe.values[sample if part is None else part]
    return Mark(probe.name, probe.after_layer, probe.partition, part, _exact(value), stated)


def _copies(certificate: Certificate, values: Columns) -> Mapping[tuple[int, int], str]:
    """Name the neurons that carry a probed value on, by (after layer, neuron)."""
    found = {
        (probe.after_layer, probe.neurons[0]): probe.name
        for probe in certificate.witness.probes
        if probe.coefficients == (1,)
    }
    for before, layer in enumerate(certificate.network.layers):
        for i, bias in enumerate(layer.bias):
            row = layer.row(i)
            if bias != 0 or len(row) != 1 or row[0][1] != 1 or (before, row[0][0]) not in found:
                continue
            source = row[0][0]
            # A ReLU that cuts something off carries no longer.
            if values[before + 1][i] == values[before][source]:
                found.setdefault((before + 1, i), found[before, source])
    return found


def _passage(
    network: Network, placed: PlacedBlock, values: Columns, copies: Mapping[tuple[int, int], str]
) -> Passage:
    block, pattern = placed.block, placed.pattern
    before, after = values[block.first_layer], values[block.last_layer + 1]
    last = [after[i] for i in placed.neurons[-1]]
    outputs = tuple(
        (form.name, _exact(sum((Fraction(c) * last[k] for k, c in form.terms), Fraction())))
        for form in pattern.outputs
    )
    match = matched(network, placed)
    inputs: tuple[tuple[str, Number], ...] = ()
    case, window = None, None
    if not isinstance(match, Difference):
        met = _Met(match.parameters, match.inputs, before)
        inputs = tuple((u.name, value) for u, value in zip(pattern.inputs, met.values, strict=True))
        case = next((c for c in pattern.cases if met.meets(c)), None)
        if case is not None:
            window = _window(
                case, met, {j: copies[key] for j in met.read if (key := (block.first_layer, j)) in copies}
            )
    return Passage(
        block.name,
        block.stage,
        block.contract,
        block.first_layer,
        block.last_layer,
        None if case is None else case.name,
        len(pattern.cases),
        inputs,
        outputs,
        window,
    )


class _Met:
    """A block that matches its contract, at the sample."""

    def __init__(
        self, parameters: Mapping[str, Number], forms: Sequence[Affine], before: Sequence[Number]
    ) -> None:
        self._parameters, self._forms, self.before = parameters, forms, before
        self.read = {j for weights, _ in forms for j in weights}
        self.values = tuple(
            _exact(constant + sum((Fraction(w) * before[j] for j, w in weights.items()), Fraction()))
            for weights, constant in forms
        )

    def meets(self, case: PatternCase) -> bool:
        """Whether every condition of the case holds. Raises: never."""
        lefts = ((c.relation, self.left(c)) for c in case.requires)
        return all(left == 0 if relation == "=" else left >= 0 for relation, left in lefts)

    def left(self, condition: Condition) -> Fraction:
        """Return the left side of the condition. Raises: never."""
        total = Fraction(evaluate(condition.constant, self._parameters))
        return total + sum(self._factor(term) * self.values[j] for j, term in condition.terms)

    def slope(self, condition: Condition, neuron: int) -> Fraction:
        """Return how the left side moves with a neuron of the layer before. Raises: never."""
        parts = (self._factor(term) * self._forms[j][0].get(neuron, 0) for j, term in condition.terms)
        return sum(parts, Fraction())

    def _factor(self, term: Term) -> Fraction:
        return Fraction(evaluate(term, self._parameters))


def _window(case: PatternCase, met: _Met, carried: Mapping[int, str]) -> Window | None:
    """Solve the case's conditions for the one carried value that the block reads."""
    if len(carried) != 1:
        return None
    ((neuron, name),) = carried.items()
    ends = list(_ends(case, met, neuron))
    low = max((end for side, end in ends if side >= 0), default=None)
    high = min((end for side, end in ends if side <= 0), default=None)
    if low is None and high is None:
        return None
    return Window(name, None if low is None else _exact(low), None if high is None else _exact(high))


def _ends(case: PatternCase, met: _Met, neuron: int) -> Iterator[tuple[int, Fraction]]:
    """Yield (side, end): 1 a lower end of the neuron's value, -1 an upper one, 0 both."""
    for condition in case.requires:
        slope = met.slope(condition, neuron)
        if slope:
            end = met.before[neuron] - met.left(condition) / slope
            yield (0 if condition.relation == "=" else 1 if slope > 0 else -1), end
