"""Contracts as they stand in a page: parameters, pattern, cases, and the blocks that claim them.

UNTRUSTED.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from memcert.contracts.terms import text
from memcert.kernel.certificate import Case, Contract, ContractLayer, Number, Parameter, Term
from memcert.proofs.result import ProofResult
from memcert.reports.findings import Findings
from memcert.reports.html import mathematics as m
from memcert.reports.html.exact import number
from memcert.reports.way import Plan

Bound = Mapping[tuple[str, str], tuple[Number, Number]]
MOST_CONTRACTS = 60
"""So many are written out; a report of more says so."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case: its name, its statements, and whether no sample meets it."""

    name: str
    requires: tuple[Markup, ...]
    ensures: tuple[Markup, ...]
    unused: bool


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract: all parts as formulas; `blocks` claim it, in these stages."""

    id: str
    blocks: int
    stages: tuple[str, ...]
    parameters: tuple[tuple[Markup, str, Markup | None], ...]
    assumes: tuple[Markup, ...]
    inputs: tuple[Markup, ...]
    layers: tuple[tuple[str, tuple[Markup, ...]], ...]
    outputs: tuple[Markup, ...]
    cases: tuple[CaseView, ...]


def contracts(found: Findings) -> tuple[ContractView, ...]:
    """Return the contracts, in the certificate's order. Raises: never."""
    certificate, proof = found.certificate, found.proof
    bound = _bound(found.planned)
    counted = Counter(block.contract for block in certificate.blocks)
    stages: dict[str, dict[str, None]] = {}
    for block in certificate.blocks:
        stages.setdefault(block.contract, {})[block.stage] = None
    unused = {(c.contract, c.case) for c in proof.unused} if isinstance(proof, ProofResult) else set()
    return tuple(
        _view(contract, counted[contract.id], tuple(stages.get(contract.id, {})), unused, bound)
        for contract in certificate.contracts[:MOST_CONTRACTS]
    )


def _view(
    contract: Contract,
    blocks: int,
    stages: tuple[str, ...],
    unused: set[tuple[str, str]],
    bound: Bound,
) -> ContractView:
    names = {given.name for given in contract.inputs}
    return ContractView(
        id=contract.id,
        blocks=blocks,
        stages=stages,
        parameters=tuple(
            (m.formula(m.name(p.name), p.name), _place(p), _values(bound.get((contract.id, p.name))))
            for p in contract.parameters
        ),
        assumes=tuple(m.atom(atom) for atom in contract.assumes),
        inputs=tuple(m.formula(m.name(given.name), given.name) for given in contract.inputs),
        layers=tuple(_layers(contract.layers)),
        outputs=tuple(_output(output.name, output.form) for output in contract.outputs),
        cases=tuple(_case(case, names, (contract.id, case.name) in unused) for case in contract.cases),
    )


def _bound(planned: Plan) -> Bound:
    """Return the least and the greatest value that a parameter takes in the blocks of its contract."""
    found: dict[tuple[str, str], tuple[Number, Number]] = {}
    for placed, match in planned:
        for name, value in match.parameters.items():
            key = placed.block.contract, name
            low, high = found.get(key, (value, value))
            found[key] = min(low, value), max(high, value)
    return found


def _place(parameter: Parameter) -> str:
    if parameter.input is None:
        return f"the bias of {parameter.neuron}"
    return f"the weight from {parameter.input} to {parameter.neuron}"


def _values(ends: tuple[Number, Number] | None) -> Markup | None:
    if ends is None:
        return None
    low, high = ends
    return number(low) if low == high else Markup("{} to {}").format(number(low), number(high))


def _layers(layers: Sequence[ContractLayer]) -> Iterator[tuple[str, tuple[Markup, ...]]]:
    """Yield (which layers, rows); of a long run of layers that only carry on, the first and the last."""
    numbered = enumerate(layers, 1)
    for carries, run in groupby(numbered, key=lambda pair: pair[0] > 1 and _carries(pair[1])):
        part = list(run)
        if carries and len(part) > 3:
            (first, head), (last, tail) = part[0], part[-1]
            rows = (*_rows(head.relu, head.neurons), Markup("\u2026"), *_rows(tail.relu, tail.neurons))
            yield f"layers {first}\u2013{last}", rows
        else:
            for place, layer in part:
                yield f"layer {place}", tuple(_rows(layer.relu, layer.neurons))


def _carries(layer: ContractLayer) -> bool:
    return layer.relu and all(len(t) == 1 and t[0][0] == 1 and len(t[0][1]) == 1 for _, t in layer.neurons)


def _rows(relu: bool, neurons: tuple[tuple[str, Term], ...]) -> Iterator[Markup]:
    for neuron, term in neurons:
        row = Markup("\u03c3({})").format(m.sum_of(term)) if relu else m.sum_of(term)
        inner = Markup("{}\u00a0= {}").format(m.name(neuron), row)
        spoken = f"relu of {text(term)}" if relu else text(term)
        yield m.formula(inner, f"{neuron} = {spoken}")


def _output(name: str, form: Term) -> Markup:
    if form == ((1, (name,)),):
        return m.formula(m.name(name), name)
    return m.relates(((1, (name,)),), "=", form)


def _case(case: Case, names: set[str], unused: bool) -> CaseView:
    return CaseView(
        case.name,
        tuple(m.atom(atom, names) for atom in case.requires),
        tuple(m.ensured(ensure) for ensure in case.ensures),
        unused,
    )
