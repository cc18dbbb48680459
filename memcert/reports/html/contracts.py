"""Contracts as they stand in a page: parameters, pattern, cases, and the blocks that claim them.

UNTRUSTED.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from memcert.contracts.terms import text
from memcert.kernel.certificate import Case, Certificate, Contract, Term
from memcert.proofs.result import ProofResult
from memcert.reports.html import mathematics as m

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
    parameters: tuple[tuple[Markup, str], ...]
    assumes: tuple[Markup, ...]
    inputs: tuple[Markup, ...]
    layers: tuple[tuple[bool, tuple[Markup, ...]], ...]
    outputs: tuple[Markup, ...]
    cases: tuple[CaseView, ...]


def contracts(certificate: Certificate, proof: object) -> tuple[ContractView, ...]:
    """Return the contracts that blocks claim, in the certificate's order. Raises: never."""
    counted = Counter(block.contract for block in certificate.blocks)
    stages: dict[str, dict[str, None]] = {}
    for block in certificate.blocks:
        stages.setdefault(block.contract, {})[block.stage] = None
    unused = {(c.contract, c.case) for c in proof.unused} if isinstance(proof, ProofResult) else set()
    return tuple(
        _view(contract, counted[contract.id], tuple(stages.get(contract.id, {})), unused)
        for contract in certificate.contracts[:MOST_CONTRACTS]
    )


def _view(
    contract: Contract, blocks: int, stages: tuple[str, ...], unused: set[tuple[str, str]]
) -> ContractView:
    names = {given.name for given in contract.inputs}
    return ContractView(
        id=contract.id,
        blocks=blocks,
        stages=stages,
        parameters=tuple(
            (
                m.formula(m.name(p.name), p.name),
                f"bias of {p.neuron}" if p.input is None else f"weight from {p.input} to {p.neuron}",
            )
            for p in contract.parameters
        ),
        assumes=tuple(m.atom(atom) for atom in contract.assumes),
        inputs=tuple(m.formula(m.name(given.name), given.name) for given in contract.inputs),
        layers=tuple((layer.relu, tuple(_rows(layer.relu, layer.neurons))) for layer in contract.layers),
        outputs=tuple(_output(output.name, output.form) for output in contract.outputs),
        cases=tuple(_case(case, names, (contract.id, case.name) in unused) for case in contract.cases),
    )


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
