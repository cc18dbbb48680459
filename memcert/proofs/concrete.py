"""A block that is not its contract's pattern: ask the contract of its actual weights instead (P4).

Each case becomes one linear question: inputs and rows are the block's own, parameters are given
numbers. If all are `unsat`, the block keeps the contract's promises although it looks different;
a `sat` is a refutation once the block, executed at the solver's input, breaks its promise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from memcert.contracts.meaning import Violation, true_at, violations
from memcert.contracts.smtlib import Definition, Script, script
from memcert.contracts.terms import evaluate, substitute
from memcert.kernel.certificate import Atom, Case, Contract, Ensure, Number
from memcert.kernel.verdict import shown
from memcert.proofs.concrete_block import (
    ConcreteBlock,
    ConcreteLayer,
    definitions,
    fits,
    missing_parameters,
    parameters_of,
    source_name,
    sources_of,
)
from memcert.proofs.deviations import deviations
from memcert.proofs.obligations import Obligation, Stand, gathered
from memcert.proofs.result import Open, Refutation
from memcert.proofs.settle import open_reason, promised
from memcert.proofs.solvers import Outcome, discharge

__all__ = [
    "ConcreteBlock",
    "ConcreteLayer",
    "Examined",
    "concrete_obligations",
    "examine",
    "missing_parameters",
]
MOST_SHOWN = 12
"""So many numbers that the block reads are told in a refutation."""


@dataclass(frozen=True, slots=True)
class Examined:
    """`proved`: every case holds for all inputs; `refuted`: the refutation is confirmed exactly."""

    status: Literal["proved", "refuted", "undecided"]
    obligations: int
    refutation: Refutation | None
    open: tuple[Open, ...]


def concrete_obligations(contract: Contract, block: ConcreteBlock) -> tuple[Obligation, ...]:
    """Return the questions, one a case, of the block's actual weights.

    Cost: linear in the block's weights, for each case.

    Raises:
        ValueError: a parameter has no number, or the block has other layers than the contract.
        LimitReached: a question is too long to print.
    """
    fits(contract, block)
    cases = enumerate(contract.cases)
    return gathered((0, index, _question(contract, case, block)) for index, case in cases)


def examine(
    contract: Contract, block: ConcreteBlock, *, solver: str = "z3", timeout: float = 10.0, jobs: int = 1
) -> Examined:
    """Decide whether the block keeps every promise of the contract, for all inputs.

    Args:
        contract: validated.
        block: its actual weights and the parameters' numbers.
        solver: as `discharge`.
        timeout: as `discharge`, for each case.
        jobs: as `discharge`.

    Raises:
        ValueError, LimitReached: as `concrete_obligations`.
        UsageError, UnsupportedError: as `discharge`.
    """
    asked = concrete_obligations(contract, block)
    outcomes = discharge(asked, solver, timeout, jobs)
    missing = []
    for obligation, outcome in zip(asked, outcomes, strict=True):
        for stand in obligation.stands if outcome.status != "unsat" else ():
            case = contract.cases[stand.case]
            found = _confirmed(contract, case, block, stand, outcome)
            if found is not None:
                return Examined("refuted", len(asked), found, ())
            missing.append(Open(contract.id, case.name, block.name, open_reason(outcome)))
    return Examined("undecided" if missing else "proved", len(asked), None, tuple(missing))


def _requires(contract: Contract, case: Case, block: ConcreteBlock) -> list[Atom]:
    values = parameters_of(contract, block)
    return [Atom(atom.relation, substitute(atom.term, values)) for atom in case.requires]


def _ensures(contract: Contract, case: Case, block: ConcreteBlock) -> list[Ensure]:
    values = parameters_of(contract, block)
    return [Ensure(f"output:{e.output}", e.relation, substitute(e.term, values)) for e in case.ensures]


def _question(contract: Contract, case: Case, block: ConcreteBlock) -> Script:
    free = [source_name(index) for index in sources_of(block)]
    steps: list[Definition | Atom] = [*definitions(contract, block), *_requires(contract, case, block)]
    return script(free, steps, _ensures(contract, case, block))


def _executed(contract: Contract, block: ConcreteBlock, point: Mapping[str, Number]) -> dict[str, Number]:
    known = dict(point)
    for step in definitions(contract, block):
        value = evaluate(step.term, known)
        known[step.name] = max(value, 0) if step.relu else value
    return known


def _confirmed(
    contract: Contract, case: Case, block: ConcreteBlock, stand: Stand, outcome: Outcome
) -> Refutation | None:
    """Execute the block at the solver's input; None where it keeps the promise there."""
    if outcome.status != "sat" or outcome.model is None:
        return None
    point = dict(zip(stand.names, outcome.model, strict=False))
    known = _executed(contract, block, point)
    if not true_at(_requires(contract, case, block), known):
        return None
    outputs = {output.name: known[f"output:{output.name}"] for output in contract.outputs}
    known |= parameters_of(contract, block)
    broken = violations(case.ensures, outputs, known)
    return _told(contract, case, block, known, broken) if broken else None


def _told(
    contract: Contract,
    case: Case,
    block: ConcreteBlock,
    known: Mapping[str, Number],
    broken: tuple[Violation, ...],
) -> Refutation:
    kind = "input" if block.first_layer == 0 else f"layer {block.first_layer - 1}, neuron"
    sources = [(f"{kind} {s}", known[source_name(s)]) for s in sources_of(block)[:MOST_SHOWN]]
    names = [*(p.name for p in contract.parameters), *(u.name for u in contract.inputs)]
    return Refutation(
        rule="ensures",
        at=block.at,
        expected=promised(broken[0], case),
        got=shown(broken[0].got),
        block=block.name,
        stage=block.stage,
        contract=contract.id,
        case=case.name,
        values=(
            *((name, known[name]) for name in names),
            *sources,
            *((violation.output, violation.got) for violation in broken),
        ),
        weights=deviations(contract, block),
    )
