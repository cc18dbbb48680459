"""DIMACS formulas, read as the labelled points of a reduction from satisfiability.

Source: Yu, Gao, Zhang, Miao 2024, Theorem 6.5(2): with o = 11/30, the points e_i/3 + o (label +1),
11 e_i/30 + o (-1), -e_i/3 + o (+1), -11 e_i/30 + o (-1) for each variable i, then Q/12 + o (+1) for each
clause, Q in {-1, 0, 1}^n being the signs of its literals; o is meant in every coordinate.
UNTRUSTED. The text is exact: comments, one line `p cnf VARIABLES CLAUSES`, then clauses of literals,
each ended by 0, over as many lines as they like.
"""

import re
from collections.abc import Iterator

import numpy as np

from memcert.datasets.problems import Findings
from memcert.datasets.tables import Part, Reading, finished
from memcert.errors import UnsupportedError, UsageError
from memcert.formats.files import Options, check_cells
from memcert.kernel.verdict import Words, shown

LITERALS = 6
"""Different variables of every clause."""
UNIT = 60
"""The denominator of all coordinates."""
ORIGIN, PLUS, MINUS, CLAUSE = 22, 20, 22, 5
"""11/30, 1/3, 11/30 and 1/12 in this unit."""
_HEADER = re.compile(r"p +cnf +(0|[1-9][0-9]{0,8}) +(0|[1-9][0-9]{0,8})")
_LITERAL = re.compile(r"0|-?[1-9][0-9]{0,8}")

Clause = tuple[int, ...]
"""Literals as DIMACS has them: i for variable i, -i for its negation."""


def read(content: bytes, options: Options, findings: Findings) -> Reading:
    """Read a formula as its data set: 4 n + m points of Q^n with labels -1 and +1.

    Raises:
        DatasetError: it is no DIMACS formula.
        UnsupportedError: a clause is not of six different variables, or there are fewer than six.
        UsageError: a label column or a file of labels was asked for.
        UndecidedError: the data set would be too large.
    """
    if options.label is not None or options.labels is not None:
        raise UsageError(f"{shown(findings.file)}: the labels of a formula's points are fixed")
    variables, clauses = formula(content, findings)
    if variables < LITERALS:
        raise UnsupportedError(
            f"{shown(findings.file)}: expected at least {LITERALS} variables, got {variables}: a clause has "
            f"{LITERALS} different ones"
        )
    for number, clause in enumerate(clauses, 1):
        if len({abs(literal) for literal in clause}) != LITERALS or len(clause) != LITERALS:
            raise UnsupportedError(
                f"{shown(findings.file)}: clause {number}: expected {LITERALS} literals of different "
                f"variables, got {shown(clause)}"
            )
    size = 4 * variables + len(clauses)
    check_cells(findings.file, size, variables)
    return finished(
        Part(_points(variables, clauses), UNIT),
        [1, -1, 1, -1] * variables + [1] * len(clauses),
        findings,
        rows=range(size),
        size=size,
        columns=tuple(f"x{i}" for i in range(1, variables + 1)),
        label_column=None,
    )


def formula(content: bytes, findings: Findings) -> tuple[int, tuple[Clause, ...]]:
    """Return the number of variables and the clauses of a text.

    Raises:
        DatasetError: it is no DIMACS formula; the message names the line.
    """
    variables = count = -1
    clauses: list[Clause] = []
    open_clause: list[int] = []
    for line, words in _lines(content, findings):
        if words[0] == "p":
            header = _HEADER.fullmatch(" ".join(words))
            if header is None or variables >= 0:
                raise findings.error(
                    f"line {line}: expected one line `p cnf VARIABLES CLAUSES`, got {_said(words)}"
                )
            variables, count = int(header[1]), int(header[2])
            continue
        if variables < 0:
            raise findings.error(f"line {line}: expected `p cnf VARIABLES CLAUSES` first, got {_said(words)}")
        for word in words:
            literal = _literal(word, line, variables, findings)
            if literal:
                open_clause.append(literal)
            else:
                clauses.append(tuple(open_clause))
                open_clause = []
    if variables < 0:
        raise findings.error("expected a line `p cnf VARIABLES CLAUSES`, got none")
    if open_clause:
        raise findings.error(f"expected 0 at the end of the last clause, got {shown(tuple(open_clause))}")
    if len(clauses) != count:
        raise findings.error(f"expected {count} clauses, as the header says, got {len(clauses)}")
    return variables, tuple(clauses)


def _lines(content: bytes, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Yield (number from 1, words) of the lines that are neither blank nor comments."""
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip() and not line.startswith(b"c"):
            if not line.isascii():
                raise findings.error(f"line {number}: expected ASCII, got {Words(ascii(line[:60]))}")
            # Bytes are split at ASCII white space alone.
            yield number, [word.decode("ascii") for word in line.split()]


def _literal(word: str, line: int, variables: int, findings: Findings) -> int:
    if _LITERAL.fullmatch(word) is None or abs(int(word)) > variables:
        raise findings.error(
            f"line {line}: expected a literal from -{variables} to {variables}, or 0, got {shown(word)}"
        )
    return int(word)


def _said(words: list[str]) -> str:
    return shown(" ".join(words)[:80])


def _points(variables: int, clauses: tuple[Clause, ...]) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    points = np.full((4 * variables + len(clauses), variables), ORIGIN, dtype=np.int64)
    for i in range(variables):
        for k, shift in enumerate((PLUS, MINUS, -PLUS, -MINUS)):
            points[4 * i + k, i] += shift
    for row, clause in enumerate(clauses, 4 * variables):
        for literal in clause:
            points[row, abs(literal) - 1] += CLAUSE if literal > 0 else -CLAUSE
    return points
