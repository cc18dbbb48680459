"""One sample's way through a network: its probes, and the case that it meets in every block, exactly.

UNTRUSTED. It repeats for one point what check and prove do for all, and decides nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from memcert.contracts.terms import evaluate, exact, linear
from memcert.kernel.certificate import Atom, Case, Certificate, Contract, Number, Probe
from memcert.kernel.check import holds, margin_of
from memcert.kernel.network import Network, Values, stages
from memcert.proofs.matching import Affine, Matched, Unmatched, matched
from memcert.proofs.matching import holds as holds_here
from memcert.proofs.outline import PlacedBlock, outline_of

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


Plan = tuple[tuple[PlacedBlock, Matched | Unmatched], ...]
"""Every block with what its contract's pattern is there: the same for all samples."""


def plan(certificate: Certificate) -> Plan:
    """Compare every block with its contract, once for the ways of many samples.

    Cost: linear in the nonzero weights.

    Raises:
        Malformed: the outline is none.
        LimitReached: a number of a pattern grew beyond the kernel's bound.
    """
    if not certificate.blocks:
        return ()
    placed = outline_of(certificate).blocks
    return tuple((block, matched(certificate.network, block)) for block in placed)


def way(
    certificate: Certificate,
    sample: int,
    point: Sequence[Number],
    label: Number,
    *,
    planned: Plan | None = None,
) -> Way:
    """Follow one point through the network.

    Args:
        certificate: network, outline and witness.
        sample: the row, for the witness.
        point: d exact numbers.
        label: as the rule compares it.
        planned: of this certificate, if it is at hand; empty: its blocks are left out.

    Cost: linear in the nonzero weights.

    Raises:
        LimitReached: a value grew beyond the kernel's bound.
        Malformed: the outline is none.
    """
    values = columns(certificate.network, point)
    marks = tuple(_mark(certificate, probe, sample, values) for probe in certificate.witness.probes)
    outputs, claim = values[-1], certificate.claim
    margin = margin_of(claim.rule, outputs, label, claim.tolerance)
    planned = plan(certificate) if planned is None else planned
    copies = carried(certificate, values) if planned else {}
    passages = tuple(_passage(placed, match, values, copies) for placed, match in planned)
    return Way(sample, label, marks, passages, outputs, margin, holds(claim.rule, margin))


def columns(network: Network, point: Sequence[Number]) -> Columns:
    """Return the exact values of all neurons at a point. Raises: LimitReached, as the kernel's `apply`."""
    return tuple(_column(stage) for stage in stages(network, [point]))


def _column(stage: Values) -> tuple[Number, ...]:
    return tuple(exact(Fraction(column[0], stage.denominator)) for column in stage.columns)


def _mark(certificate: Certificate, probe: Probe, sample: int, values: Columns) -> Mark:
    after = values[probe.after_layer]
    value = sum(
        (Fraction(c) * after[i] for i, c in zip(probe.neurons, probe.coefficients, strict=True)), Fraction()
    )
    partition = None if probe.partition is None else certificate.witness.partitions[probe.partition]
    part = None if partition is None else partition[sample]
    stated = probe.values[sample if part is None else part]
    return Mark(probe.name, probe.after_layer, probe.partition, part, exact(value), stated)


def carried(certificate: Certificate, values: Columns) -> Mapping[tuple[int, int], str]:
    """Name the neurons that hold a probed value and carry it on, by (after layer, neuron).

    Only values that differ from sample to sample: the others stay in their place. Raises: never.
    """
    probed = [p for p in certificate.witness.probes if p.partition is None and p.coefficients == (1,)]
    found = {(probe.after_layer, probe.neurons[0]): probe.name for probe in probed}
    for before, layer in enumerate(certificate.network.layers):
        rows = [(layer.row(i), bias) for i, bias in enumerate(layer.bias)]
        told = {rows[i]: found[before + 1, i] for i in range(len(rows)) if (before + 1, i) in found}
        for i, (row, bias) in enumerate(rows):
            name = told.get((row, bias))
            if name is None and bias == 0 and len(row) == 1 and row[0][1] == 1:
                source = row[0][0]
                # A ReLU that cuts something off carries no longer.
                kept = values[before + 1][i] == values[before][source]
                name = found.get((before, source)) if kept else None
            if name is not None:
                found[before + 1, i] = name
    return found


def _passage(
    placed: PlacedBlock,
    match: Matched | Unmatched,
    values: Columns,
    copies: Mapping[tuple[int, int], str],
) -> Passage:
    block, contract = placed.block, placed.pattern.contract
    before, after = values[block.first_layer], values[block.last_layer + 1]
    names = (name for name, _ in contract.layers[-1].neurons)
    last = {name: after[i] for name, i in zip(names, placed.neurons[-1], strict=True)}
    met = _Met(contract, match, before) if isinstance(match, Matched) else None
    case = None if met is None else next((case for case in contract.cases if met.meets(case)), None)
    window = None
    if met is not None and case is not None:
        keys = {j: (block.first_layer, j) for j in met.read}
        window = _window(case, met, {j: copies[key] for j, key in keys.items() if key in copies})
    return Passage(
        block.name,
        block.stage,
        block.contract,
        block.first_layer,
        block.last_layer,
        None if case is None else case.name,
        len(contract.cases),
        () if met is None else tuple(met.inputs.items()),
        tuple((output.name, evaluate(output.form, last)) for output in contract.outputs),
        window,
    )


class _Met:
    """A block that matches its contract, at the sample."""

    def __init__(self, contract: Contract, match: Matched, before: Sequence[Number]) -> None:
        names = [u.name for u in contract.inputs]
        self.before = before
        self.read = {j for weights, _ in match.inputs for j in weights}
        self.inputs = {name: _value(form, before) for name, form in zip(names, match.inputs, strict=True)}
        self._forms = dict(zip(names, match.inputs, strict=True))
        self._parameters = match.parameters

    def meets(self, case: Case) -> bool:
        """Whether every condition of the case holds. Raises: never."""
        return all(holds_here(self.left(atom), atom.relation) for atom in case.requires)

    def left(self, atom: Atom) -> Number:
        """Return the left side of the condition. Raises: never."""
        return evaluate(atom.term, {**self._parameters, **self.inputs})

    def slope(self, atom: Atom, neuron: int) -> Fraction:
        """Return how the left side moves with a neuron of the layer before. Raises: never."""
        _, factors = linear(atom.term, self._parameters)
        parts = (Fraction(c) * self._forms[name][0].get(neuron, 0) for name, c in factors.items())
        return sum(parts, Fraction())


def _value(form: Affine, before: Sequence[Number]) -> Number:
    weights, constant = form
    return exact(constant + sum((Fraction(w) * before[j] for j, w in weights.items()), Fraction()))


def _window(case: Case, met: _Met, carried: Mapping[int, str]) -> Window | None:
    """Solve the case's conditions for the one carried value that the block reads."""
    if len(carried) != 1:
        return None
    ((neuron, name),) = carried.items()
    ends = list(_ends(case, met, neuron))
    low = max((end for side, end in ends if side >= 0), default=None)
    high = min((end for side, end in ends if side <= 0), default=None)
    if low is None and high is None:
        return None
    return Window(name, None if low is None else exact(low), None if high is None else exact(high))


def _ends(case: Case, met: _Met, neuron: int) -> Iterator[tuple[int, Fraction]]:
    """Yield (side, end): 1 a lower end of the neuron's value, -1 an upper one, 0 both."""
    for atom in case.requires:
        slope = met.slope(atom, neuron)
        if slope:
            end = met.before[neuron] - met.left(atom) / slope
            yield (0 if atom.relation == "=" else 1 if slope > 0 else -1), end
