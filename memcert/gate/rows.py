"""Which rows a rejection is about, and where they stand: in the data file, or in the certificate.

UNTRUSTED. The verdict is the engines'; here it is explained.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from memcert.exact.evaluation import Told, evaluate
from memcert.exact.samples import own_dataset
from memcert.findings import MOST_PLACES, Place
from memcert.gate.places import lines_of_items
from memcert.gate.read import Source
from memcert.kernel.certificate import Certificate
from memcert.kernel.verdict import Failure, shown

RULES = frozenset({"equal", "sign", "argmax", "within", "except", "label"})
"""Rejections that are about single rows."""


def failing(certificate: Certificate, source: Source) -> tuple[list[Place], int]:
    """Return where the rows stand that refute the claim, the first MOST_PLACES, and their number.

    Excepted rows that hold refute it too. Cost: as the fast check.

    Raises:
        Failure: as `evaluate`; the rows are then not known.
    """
    data = source.data or own_dataset(certificate)
    if data is None:
        return [], 0
    excepted = frozenset(certificate.claim.excepted)
    told = list(evaluate(certificate, data).rows())
    wrong = [row for row, found in enumerate(told) if found.holds == (row in excepted)]
    return places_of(
        source, wrong, {row: _sentence(told[row], row in excepted) for row in wrong[:MOST_PLACES]}
    )


def excepted(certificate: Certificate, source: Source) -> tuple[list[Place], int]:
    """Return where the rows stand on which the network errs by its own claim. Raises: never."""
    rows = certificate.claim.excepted
    return places_of(source, rows, dict.fromkeys(rows, "the claim admits that the rule fails here"))


def _sentence(told: Told, excepted: bool) -> str:
    outputs = shown(told.outputs[0] if len(told.outputs) == 1 else told.outputs)
    if excepted:
        return f"excepted, and the rule holds all the same: label {shown(told.label)}, F = {outputs}"
    return f"the rule fails: label {shown(told.label)}, F = {outputs}"


def differing(certificate: Certificate, source: Source) -> tuple[list[Place], int]:
    """Return where the user's rows stand that are not the certificate's rows. Raises: Failure."""
    own = own_dataset(certificate)
    if own is None or source.data is None:
        return [], 0
    pairs = enumerate(zip(own.rows(), source.data.rows(), strict=False))
    wrong = {row: f"the certificate has {_row(a)}, the file {_row(b)}" for row, (a, b) in pairs if a != b}
    for row in range(own.size, source.data.size):
        wrong[row] = "the certificate has no such row"
    found, count = places_of(source, list(wrong), wrong)
    if own.size > source.data.size:
        missing = f"the file ends, and the certificate has {own.size - source.data.size:,} rows more"
        last = source.data.lines[-1] if source.data.lines else None
        found.append(Place(str(source.data_path), last, None, source.data.size, missing))
        count += 1
    return found, count


def _row(row: tuple[object, object]) -> str:
    point, label = row
    return f"{shown(point)} labelled {shown(label)}"


def places_of(source: Source, rows: Sequence[int], messages: dict[int, str]) -> tuple[list[Place], int]:
    """Return where rows stand, the first MOST_PLACES with messages, and their number. Raises: never."""
    listed = rows[:MOST_PLACES]
    lines = dict(_lines(source, listed))
    path = source.path if source.data is None else str(source.data_path)
    found = [Place(path, lines.get(r), f"/dataset/points/{r}", r, messages[r]) for r in listed]
    return found, len(rows)


def _lines(source: Source, rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    if source.data is not None:
        if source.data.lines is not None:
            yield from ((row, source.data.lines[row]) for row in rows)
    elif source.content is not None and rows:
        wanted = frozenset(rows)
        items = islice(lines_of_items(source.content, "/dataset/points"), max(rows) + 1)
        yield from ((row, line) for row, line in enumerate(items) if row in wanted)


def explained(failure: Failure, certificate: Certificate, source: Source) -> tuple[list[Place], int]:
    """Return the rows that a failure is about; none where it is about something else. Raises: Failure."""
    if failure.rule in RULES:
        return failing(certificate, source)
    if failure.at in ("digests.dataset", "dataset") and source.data is not None:
        return differing(certificate, source)
    return [], 0
