"""From outcomes to what holds: which cases are proved, which are refuted, which stay open.

A counterexample counts only when the contract, executed at it by exact arithmetic, breaks its
promise; otherwise the case is open. A case is proved by `unsat` and by nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from memcert.contracts.meaning import Violation, counterexample
from memcert.contracts.terms import text
from memcert.kernel.certificate import Case, Contract, Number
from memcert.kernel.verdict import shown
from memcert.proofs.obligations import Obligation, Stand, of_case
from memcert.proofs.result import Open, Refutation
from memcert.proofs.solvers import Outcome


@dataclass(frozen=True, slots=True)
class Settled:
    """The (contract, case) indices that are proved, the refuted ones, and those without an answer."""

    proved: frozenset[tuple[int, int]]
    refutations: tuple[Refutation, ...]
    open: tuple[Open, ...]


def settle(
    contracts: Sequence[Contract], obligations: Sequence[Obligation], outcomes: Sequence[Outcome]
) -> Settled:
    """Read the outcomes of `obligations(contracts)`, in their order.

    An obligation without an outcome is open. Cost: linear. Raises: IndexError, stands of other contracts.
    """
    proved: set[tuple[int, int]] = set()
    refutations: list[Refutation] = []
    missing: list[Open] = []
    for index, obligation in enumerate(obligations):
        outcome = outcomes[index] if index < len(outcomes) else None
        for stand in obligation.stands:
            contract, case = of_case(contracts, stand)
            if outcome is not None and outcome.status == "unsat":
                proved.add((stand.contract, stand.case))
                continue
            found = None if outcome is None else _confirmed(contract, case, stand, outcome)
            if found is None:
                missing.append(Open(contract.id, case.name, None, open_reason(outcome)))
            else:
                refutations.append(found)
    return Settled(frozenset(proved), tuple(refutations), tuple(missing))


def open_reason(outcome: Outcome | None) -> str:
    """Return why an outcome decides nothing. Raises: never."""
    if outcome is None:
        return "the solver gave no answer"
    if outcome.status == "sat":
        return "the solver's counterexample is none by exact arithmetic"
    return outcome.reason or "the solver gave no reason"


def promised(violation: Violation, case: Case) -> str:
    """Return the broken promise as mathematics, with its value, such as `y = x + w (5/2)`. Raises: never."""
    terms = [
        text(ensure.term)
        for ensure in case.ensures
        if (ensure.output, ensure.relation) == (violation.output, violation.relation)
    ]
    return f"{violation.output} {violation.relation} {terms[0]} ({shown(violation.expected)})"


def _confirmed(contract: Contract, case: Case, stand: Stand, outcome: Outcome) -> Refutation | None:
    if outcome.status != "sat" or outcome.model is None:
        return None
    values: dict[str, Number] = dict(zip(stand.names, outcome.model, strict=False))
    broken = counterexample(contract, case, values)
    if not broken:
        return None
    return Refutation(
        rule="ensures",
        at=f"contracts[{stand.contract}].cases[{stand.case}]",
        expected=promised(broken[0], case),
        got=shown(broken[0].got),
        contract=contract.id,
        case=case.name,
        values=(*values.items(), *((b.output, b.got) for b in broken)),
    )
