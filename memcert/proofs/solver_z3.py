"""Ask z3 one obligation, through its Python API, each in a context of its own."""

from fractions import Fraction
from time import monotonic
from typing import Any

from memcert.contracts.terms import exact
from memcert.kernel.certificate import Number
from memcert.proofs.answers import Answer, integer, undecided

MAX_MEMORY_MB = 2048
DIGITS = (3, 12, 40)
"""Precisions at which an irrational counterexample is tried with rational numbers near it."""


def version() -> str:
    """Return z3's own statement of its version. Raises: ImportError."""
    import z3

    return str(z3.get_version_string())


def solve(text: str, logic: str, free: int, timeout: float) -> Answer:
    """Ask whether the text is satisfiable.

    Args:
        text: SMT-LIB 2 without (check-sat), open variables v0 .. v<free - 1>.
        logic: the one that the text sets.
        free: at least 0.
        timeout: seconds; z3 keeps to it nearly always, the caller has a harder one.

    Raises:
        ImportError: z3 is not installed.
        z3.Z3Exception: a text that z3 cannot read, or memory ran out.
    """
    import z3

    deadline = monotonic() + timeout
    context = z3.Context()
    statements = z3.parse_smt2_string(text, ctx=context)
    if len(statements) != text.count("\n(assert "):
        return undecided("the solver did not read every statement")
    solver = z3.SolverFor(logic, ctx=context)
    solver.set("max_memory", MAX_MEMORY_MB)
    solver.add(statements)
    found = _check(solver, deadline)
    if found == z3.unsat:
        return Answer("unsat")
    if found != z3.sat:
        return undecided(f"z3: {solver.reason_unknown()}")
    return Answer("sat", _rational_model(z3, solver, free, deadline))


def _check(solver: Any, deadline: float) -> Any:
    left = int((deadline - monotonic()) * 1000)
    solver.set("timeout", max(left, 1))
    return solver.check()


def _rational_model(z3: Any, solver: Any, free: int, deadline: float) -> tuple[Number, ...] | None:
    """Return a rational model; irrational values give way to rational ones near them, if they can."""
    symbols = [z3.Real(f"v{index}", solver.ctx) for index in range(free)]
    model = solver.model()
    for symbol in symbols:
        value = model.eval(symbol, model_completion=True)
        for digits in DIGITS if z3.is_algebraic_value(value) else ():
            solver.push()
            solver.add(symbol == value.approx(digits))
            if monotonic() < deadline and _check(solver, deadline) == z3.sat:
                model = solver.model()
                break
            solver.pop()
    values = [model.eval(symbol, model_completion=True) for symbol in symbols]
    if not all(z3.is_rational_value(value) for value in values):
        return None
    return tuple(_number(value) for value in values)


def _number(value: Any) -> Number:
    parts = (value.numerator().as_string(), value.denominator().as_string())
    return exact(Fraction(*(-integer(part[1:]) if part[0] == "-" else integer(part) for part in parts)))
