"""Statements over the reals printed as SMT-LIB 2, without a letter of what the certificate says.

Names are numbered v0, v1, ... in the order in which they are declared, so that two texts are equal
iff the statements are, up to names. A number is printed as an exact decimal integer or quotient.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memcert.contracts.terms import normal
from memcert.kernel.certificate import Atom, Case, Contract, Ensure, Number, Term
from memcert.kernel.verdict import LimitReached

MAX_TEXT = 4_000_000
"""Longest obligation that is handed to a solver, in characters."""
_CHUNK_BITS = 14_000
_RELU = "(define-fun relu ((x Real)) Real (ite (>= x 0.0) x 0.0))"


@dataclass(frozen=True, slots=True)
class Definition:
    """name := term, or relu(term)."""

    name: str
    term: Term
    relu: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A problem without its (check-sat): `names[i]` is what v<i> stands for, the first `free` are open."""

    text: str
    logic: str
    names: tuple[str, ...]
    free: int


def claim(contract: Contract, case: Case) -> Script:
    """Print: assumes and requires and layers and not ensures; `unsat` proves the case.

    Args:
        contract: validated.
        case: one of its cases.

    Raises:
        LimitReached: the text is longer than MAX_TEXT.
    """
    return script(_free(contract), _premises(contract, case), case.ensures)


def premises(contract: Contract, case: Case) -> Script:
    """Print: assumes and requires; `unsat` says that nothing ever meets the case.

    Raises:
        LimitReached: as `claim`.
    """
    return script(_free(contract), [*contract.assumes, *case.requires], ())


def script(free: Sequence[str], steps: Sequence[Definition | Atom], refuted: Sequence[Ensure]) -> Script:
    """Print declarations, then the steps in their order, then that `refuted` do not all hold.

    Args:
        free: distinct names of the real variables.
        steps: statements about what is declared or defined before, and definitions of new names.
        refuted: statements about defined names; none: nothing is added.

    Raises:
        LimitReached: the text is longer than MAX_TEXT.
        KeyError: a name is used before it is declared.
    """
    numbers = {name: index for index, name in enumerate(free)}
    lines = [f"(declare-const v{index} Real)" for index in range(len(free))]
    for step in steps:
        if isinstance(step, Atom):
            lines.append(f"(assert ({step.relation} {_sum(step.term, numbers)} 0.0))")
        else:
            body = _sum(step.term, numbers)
            body = f"(relu {body})" if step.relu else body
            lines.append(f"(define-fun v{len(numbers)} () Real {body})")
            numbers[step.name] = len(numbers)
    goals = [f"({goal.relation} v{numbers[goal.output]} {_sum(goal.term, numbers)})" for goal in refuted]
    if goals:
        lines.append(f"(assert (not (and true {' '.join(goals)})))")
    logic = _logic([step.term for step in steps] + [goal.term for goal in refuted])
    text = "\n".join([f"(set-logic {logic})", _RELU, *lines, ""])
    if len(text) > MAX_TEXT:
        raise LimitReached("obligation", "solver text", f"at most {MAX_TEXT} characters", len(text))
    return Script(text, logic, tuple(numbers), len(free))


def decimal(value: int) -> str:
    """Return the decimal digits of value >= 0, however long. Cost: quadratic. Raises: never."""
    # CPython refuses to print integers of more than 4,300 digits at once.
    if value.bit_length() <= _CHUNK_BITS:
        return str(value)
    # Half the digits; 10^k has less than 10/3 k + 1 bits, so `high` is never 0.
    digits = value.bit_length() // 7
    high, low = divmod(value, 10**digits)
    return decimal(high) + decimal(low).rjust(digits, "0")


def number(value: Number) -> str:
    """Return an exact real constant: `2.0`, `(- 2.0)`, `(/ 1.0 2.0)`. Raises: never."""
    p, q = abs(value.numerator), value.denominator
    magnitude = f"{decimal(p)}.0" if q == 1 else f"(/ {decimal(p)}.0 {decimal(q)}.0)"
    return f"(- {magnitude})" if value < 0 else magnitude


def _free(contract: Contract) -> list[str]:
    return [*(p.name for p in contract.parameters), *(u.name for u in contract.inputs)]


def _premises(contract: Contract, case: Case) -> list[Definition | Atom]:
    steps: list[Definition | Atom] = [*contract.assumes, *case.requires]
    for layer in contract.layers:
        steps += [Definition(name, term, layer.relu) for name, term in layer.neurons]
    neurons = {name for name, _ in contract.layers[-1].neurons}
    # An output with the name of a neuron is that neuron (validation.py), and defined already.
    steps += [Definition(o.name, o.form) for o in contract.outputs if o.name not in neurons]
    return steps


def _sum(term: Term, numbers: Mapping[str, int]) -> str:
    # In the order of declaration, not of the names: the text must not depend on them.
    order = sorted((sorted(numbers[name] for name in names), value) for value, names in normal(term))
    parts = [_product(value, indices) for indices, value in order]
    if len(parts) < 2:
        return parts[0] if parts else "0.0"
    return f"(+ {' '.join(parts)})"


def _product(coefficient: Number, indices: Sequence[int]) -> str:
    factors = [f"v{index}" for index in indices]
    if coefficient != 1 or not factors:
        factors.insert(0, number(coefficient))
    return factors[0] if len(factors) == 1 else f"(* {' '.join(factors)})"


def _logic(terms: Sequence[Term]) -> str:
    nonlinear = any(len(names) > 1 for term in terms for _, names in normal(term))
    return "QF_NRA" if nonlinear else "QF_LRA"
