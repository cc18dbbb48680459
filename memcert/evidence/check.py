"""Decide by exact arithmetic whether an evidence file shows what it says.

Standard library only. What is shown is shown of the quoted rows, hence of every data set that
contains them; the user's own data bind them to it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from memcert.evidence.document import ALTERNATING, STATEMENTS, Document
from memcert.kernel.certificate import Number, Original
from memcert.kernel.data import Row, Table, dataset_digest, hashed
from memcert.kernel.verdict import Mismatch, Rejected, Words, shown


@dataclass(frozen=True, slots=True)
class Established:
    """What a valid evidence file establishes.

    Args:
        kind: of the file.
        statement: in words.
        rows: the rows that were quoted.
        digest: of the data set, recomputed; None: the file quotes some rows only, and no data were
            given, so that it speaks of these rows.
        given: the data were the user's.
    """

    kind: str
    statement: str
    rows: tuple[int, ...]
    digest: str | None
    given: bool


def check(document: Document, table: Table | None = None) -> Established:
    """Establish that data with the quoted rows have no network of the class.

    Args:
        document: decoded, not yet believed.
        table: the user's own samples, to which the rows are compared.

    Returns:
        What was established.

    Raises:
        Mismatch: the table is not the data set that the file speaks of.
        Rejected: a quoted row is not that row of the data, or the arithmetic is false.
    """
    digest = _own_digest(document) if table is None else _bound(document, table)
    (_alternate if document.kind == ALTERNATING else _combine)(document)
    indices = tuple(row.index for row in document.rows)
    return Established(document.kind, STATEMENTS[document.kind], indices, digest, table is not None)


def _own_digest(document: Document) -> str | None:
    """Return the digest where the whole data set is quoted, as the one that is stated."""
    data = document.dataset
    if len(document.rows) < data.size:
        return None
    ordered = sorted(document.rows, key=lambda row: row.index)
    rows = [(row.point, _original(document, row.label)) for row in ordered]
    found = dataset_digest(Table(data.size, data.dimension, data.columns, rows))
    if found != data.digest:
        raise Rejected("digest", "dataset.digest", data.digest, Words(found))
    return found


def _original(document: Document, label: Number) -> Original:
    return document.dataset.classes[int(label > 0)]


def _bound(document: Document, table: Table) -> str:
    """Return the digest of the user's data once the quoted rows were found in them."""
    data, digest = document.dataset, hashlib.sha256()
    wanted = {row.index for row in document.rows}
    found: dict[int, Row] = {}
    labels: set[Original] = set()
    for index, row in enumerate(hashed(table, digest)):
        labels.add(row[1])
        if index in wanted:
            found[index] = row
    theirs = f"sha256:{digest.hexdigest()}"
    if theirs != data.digest:
        raise Mismatch("digest", "dataset.digest", data.digest, Words(theirs))
    _compare("size", "dataset.size", table.size, data.size)
    _compare("dimension", "dataset.dimension", table.dimension, data.dimension)
    _compare("columns", "dataset.columns", table.columns, data.columns)
    _compare("classes", "dataset.classes", sorted(labels, key=_order), list(data.classes))
    for k, quoted in enumerate(document.rows):
        point, label = found[quoted.index]
        _compare("row", f"rows[{k}].point", point, quoted.point)
        _compare("row", f"rows[{k}].label", label, _original(document, quoted.label))
    return theirs


def _order(label: Original) -> tuple[bool, int | Fraction, str]:
    # Integers before strings; a file has labels of one kind.
    return (True, 0, label) if isinstance(label, str) else (False, label, "")


def _compare(rule: str, at: str, expected: object, got: object) -> None:
    if expected != got:
        # What comes from the data is quoted: it may hold anything.
        raise Rejected(rule, at, shown(expected), got)


def _combine(document: Document) -> None:
    """Check Gordan's alternative: lambda >= 0, not 0, and sum lambda_i y_i (x_i, 1) = 0.

    If w.x + b had the sign of y at every quoted row, sum lambda_i y_i (w.x_i + b) would be
    positive; but it is 0.
    """
    multipliers = document.multipliers
    for k, multiplier in enumerate(multipliers):
        if multiplier < 0:
            raise Rejected("multiplier", f"multipliers[{k}]", "at least 0", multiplier)
    if not any(multipliers):
        raise Rejected("multiplier", "multipliers", "one that is not 0", multipliers)
    signed = [m * row.label for m, row in zip(multipliers, document.rows, strict=True)]
    for j in range(document.dataset.dimension):
        _vanishes(f"coordinate {j}", signed, [row.point[j] for row in document.rows])
    _vanishes("the constant", signed, [1] * len(signed))


def _vanishes(at: str, weights: Sequence[Number], values: Sequence[Number]) -> None:
    total = sum((Fraction(w) * x for w, x in zip(weights, values, strict=True)), Fraction(0))
    if total:
        raise Rejected("combination", at, 0, total)


def _alternate(document: Document) -> None:
    """Check x_1 < x_2 < x_3 < x_4 with labels of alternating sign.

    A sum of two ReLUs has at most three slopes, from left to right s_1, s_2, s_3, and of these
    s_1 = 0, s_2 = 0, s_3 = 0 or s_2 = s_1 + s_3 holds: each ReLU has slope 0 on one side of its
    bend. Signs -, +, -, + need slopes that are positive, negative, positive; +, -, +, - the
    opposites.
    """
    for k, (a, b) in enumerate(pairwise(document.rows)):
        if not a.point[0] < b.point[0]:
            raise Rejected("order", f"rows[{k + 1}].point", f"more than {a.point[0]}", b.point[0])
        if a.label == b.label:
            raise Rejected("alternation", f"rows[{k + 1}].label", -a.label, b.label)
