"""What a solver said to one obligation, before anyone believes it.

Only `unsat` proves. Whatever is not a clear answer is `undecided`, with the reason.
"""

from dataclasses import dataclass
from typing import Literal

from memcert.kernel.certificate import Number

Status = Literal["unsat", "sat", "undecided"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status; for `sat` the exact value of each open variable v0, v1, ..., in their order."""

    status: Status
    model: tuple[Number, ...] | None = None
    reason: str = ""


def undecided(reason: str) -> Answer:
    """Return no answer, with the reason. Raises: never."""
    return Answer("undecided", None, reason)


def checked(answer: object, free: int) -> Answer:
    """Return the answer if it is one: a known status, and for `sat` an exact model of `free` numbers.

    Raises: never.
    """
    if not isinstance(answer, Answer) or answer.status not in ("unsat", "sat", "undecided"):
        return undecided("the solver gave no answer")
    if answer.status == "sat" and (answer.model is None or len(answer.model) != free):
        return undecided("the solver found a counterexample but no rational one")
    return answer


def integer(digits: str) -> int:
    """Return the number of a decimal text, however long. Cost: quadratic. Raises: ValueError."""
    # CPython refuses to read more than 4,300 digits at once.
    total = 0
    for start in range(0, len(digits), 4000):
        part = digits[start : start + 4000]
        total = total * 10 ** len(part) + int(part)
    return total
