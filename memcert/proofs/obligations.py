"""What a solver is asked: one question a contract and case, for all real parameters and inputs.

An obligation is the text of "assumes and requires and layers and not ensures"; its `unsat` proves
the case. Every case is asked, whether a sample uses it or not; only identical texts are one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from memcert.contracts.smtlib import Script, claim, premises
from memcert.contracts.validation import validate_all
from memcert.kernel.certificate import Case, Contract
from memcert.kernel.verdict import LimitReached

MAX_OBLIGATIONS = 10_000
"""Most cases of one certificate that are put to a solver."""
MAX_TEXTS = 64_000_000
"""Most characters of all questions that are asked together: a long contract is printed once a case."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A contract and case that an obligation stands for; `names[k]` is the v<k> of its text."""

    contract: int
    case: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Obligation:
    """A question: `unsat` of `text` proves every case that it stands for.

    Args:
        text: SMT-LIB 2 without (check-sat); no character of it comes from a certificate's strings.
        digest: SHA-256 of the text, in hexadecimal.
        logic: QF_LRA or QF_NRA.
        free: how many variables are open: v0 .. v<free - 1>.
        stands: what it stands for, in the order of the certificate, at least one.
    """

    text: str
    digest: str
    logic: str
    free: int
    stands: tuple[Stand, ...]


def obligations(contracts: Sequence[Contract]) -> tuple[Obligation, ...]:
    """Return the questions for every case of every contract, used or not, in their order.

    Cost: linear in the size of the contracts.

    Args:
        contracts: of a certificate, in its order; they are validated here.

    Raises:
        Malformed: a contract is none (`contracts.validation.validate_all`).
        LimitReached: there are more than MAX_OBLIGATIONS cases, or they are too long to print.
    """
    validate_all(contracts)
    count = sum(len(contract.cases) for contract in contracts)
    if count > MAX_OBLIGATIONS:
        raise LimitReached("obligations", "contracts", f"at most {MAX_OBLIGATIONS} cases", count)
    cases = ((c, k) for c, contract in enumerate(contracts) for k in range(len(contract.cases)))
    return gathered((c, k, claim(contracts[c], contracts[c].cases[k])) for c, k in cases)


def reachability(contracts: Sequence[Contract], cases: Iterable[tuple[int, int]]) -> tuple[Obligation, ...]:
    """Return the questions whether anything at all meets the given (contract, case) indices.

    `unsat` says that the case is contradictory: it is proved, and promises nothing.

    Raises:
        LimitReached: a text is too long, or all together are.
    """
    return gathered((c, k, premises(contracts[c], contracts[c].cases[k])) for c, k in cases)


def gathered(scripts: Iterable[tuple[int, int, Script]]) -> tuple[Obligation, ...]:
    """Join (contract, case, script) with identical texts, in the order of their first.

    Raises:
        LimitReached: all together are longer than MAX_TEXTS; those behind have not been printed.
    """
    found: dict[str, tuple[Script, list[Stand]]] = {}
    total = 0
    for contract, case, script in scripts:
        total += len(script.text)
        if total > MAX_TEXTS:
            at, expected = f"contracts[{contract}].cases[{case}]", f"at most {MAX_TEXTS} characters in all"
            raise LimitReached("obligations", at, expected, total)
        _, stands = found.setdefault(script.text, (script, []))
        stands.append(Stand(contract, case, script.names))
    return tuple(
        Obligation(text, sha256(text.encode()).hexdigest(), script.logic, script.free, tuple(stands))
        for text, (script, stands) in found.items()
    )


def of_case(contracts: Sequence[Contract], stand: Stand) -> tuple[Contract, Case]:
    """Return the contract and case that a stand names. Raises: IndexError."""
    contract = contracts[stand.contract]
    return contract, contract.cases[stand.case]
