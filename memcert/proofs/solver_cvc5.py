"""Ask cvc5 (an extra) one obligation, through its Python API.

cvc5 holds the interpreter while it works and may overrun its own time limit, so `discharge` calls
it in other processes only.
"""

import re
from fractions import Fraction
from typing import Any

from memcert.contracts.terms import exact
from memcert.kernel.certificate import Number
from memcert.proofs.answers import Answer, integer, undecided


def version() -> str:
    """Return cvc5's own statement of its version. Raises: ImportError."""
    import cvc5

    found = cvc5.Solver().getVersion()
    return found.decode() if isinstance(found, bytes) else str(found)


def solve(text: str, logic: str, free: int, timeout: float) -> Answer:
    """Ask whether the text is satisfiable; arguments as `solver_z3.solve`.

    Raises:
        ImportError: cvc5 is not installed.
        RuntimeError: a text that cvc5 cannot read.
    """
    import cvc5

    solver = cvc5.Solver()
    solver.setOption("tlimit-per", str(max(int(timeout * 1000), 1)))
    solver.setOption("produce-models", "true")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "obligation")
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        said = command.invoke(solver, symbols)
        if said:
            return undecided(f"cvc5: {said.strip()}")
    # cvc5 lists a definition as an assertion, too.
    statements = text.count("\n(assert ") + text.count("\n(define-fun ")
    if len(solver.getAssertions()) != statements or solver.getLogic() != logic:
        return undecided("the solver did not read every statement")
    result = solver.checkSat()
    if result.isUnsat():
        return Answer("unsat")
    if not result.isSat():
        return undecided(f"cvc5: {result}")
    declared = {term.getSymbol(): term for term in symbols.getDeclaredTerms()}
    values = [_value(solver, declared[f"v{index}"]) for index in range(free)]
    rational = tuple(value for value in values if value is not None)
    return Answer("sat", rational if len(rational) == free else None)


def _value(solver: Any, term: Any) -> Number | None:
    """Return the exact value; None where it is irrational."""
    value = solver.getValue(term)
    if not value.isRealValue():
        return None
    # cvc5's own conversion fails beyond 4,300 digits. It prints 3.0, (- 3.0), (/ (- 3) 7).
    printed = str(value)
    digits = [integer(found) for found in re.findall(r"[0-9]+", printed.replace(".0", ""))]
    return exact(Fraction(-digits[0] if "-" in printed else digits[0], *digits[1:]))
