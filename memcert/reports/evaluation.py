"""How a network does on data, in words, in a confusion table, as data, and row by row.

UNTRUSTED.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import IO, Any

from memcert.exact.evaluation import Evaluation, Told
from memcert.kernel.certificate import Original
from memcert.kernel.rational import spell, text
from memcert.kernel.verdict import shown
from memcert.reports.text import table

MOST = 20
"""Up to so many labels a confusion table has columns; beyond, the most frequent mistakes are listed."""
NONE = "none"
NO_CHECK = "this is no check: nothing that the certificate claims was examined (memcert check does)"
COLUMNS = ("row", "label", "output", "predicted", "holds", "margin")


def lines(found: Evaluation) -> Iterator[Any]:
    """Yield the accuracy, the confusion table and what this is not. Raises: never."""
    percent = f"{_tenths(found)} %"
    allowed = "" if found.tolerance is None else f", tolerance {shown(found.tolerance)}"
    yield (
        f"evaluated (fast engine): rule {found.rule}{allowed} holds on {found.right:,} of {found.size:,} "
        f"rows, {text(found.accuracy)} = {percent}; data {found.dataset_digest}, "
        f"network {found.network_digest}"
    )
    if found.unknown:
        yield f"{found.unknown:,} rows have a label that is none of the certificate's; they count as wrong"
    if found.confusion is not None:
        yield _confusion(found, found.confusion)
    yield NO_CHECK


def _tenths(found: Evaluation) -> str:
    # Rounded down, so that 100.00 is said of nothing less.
    hundredths = found.right * 10_000 // found.size
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _confusion(found: Evaluation, counts: Any) -> Any:
    labels = _sorted({label for label, _ in counts})
    told = _sorted({predicted for _, predicted in counts if predicted is not None} | set(found.classes or ()))
    if max(len(labels), len(told)) > MOST:
        wrong = [(n, pair) for pair, n in counts.items() if pair[0] != pair[1]]
        wrong.sort(key=lambda item: -item[0])
        rows = ([shown(label), _name(predicted), f"{n:,}"] for n, (label, predicted) in wrong[:MOST])
        return table("Most frequent mistakes", ("label", "told as", "#rows"), rows)
    heads: list[Original | None] = [*told, None]
    lines = ([shown(label), *(f"{counts.get((label, head), 0):,}" for head in heads)] for label in labels)
    return table("Rows by label (down) and what F tells", ("", *(f"#{_name(h)}" for h in heads)), lines)


def _sorted(labels: Iterable[Original]) -> list[Original]:
    return sorted(labels, key=lambda label: (isinstance(label, str), label))


def _name(label: Original | None) -> str:
    return NONE if label is None else shown(label)


def as_data(found: Evaluation) -> dict[str, object]:
    """Return the evaluation for `--json`; predicted null is no label. Raises: never."""
    confusion = None
    if found.confusion is not None:
        entries = sorted(found.confusion.items(), key=lambda item: (str(item[0]), item[1]))
        confusion = [
            {"label": _spelled(label), "predicted": _spelled(predicted), "rows": rows}
            for (label, predicted), rows in entries
        ]
    return {
        "engine": "fast",
        "checked": False,
        "rule": found.rule,
        "tolerance": None if found.tolerance is None else spell(found.tolerance),
        "rows": found.size,
        "right": found.right,
        "unknown_labels": found.unknown,
        "accuracy": text(found.accuracy),
        "confusion": confusion,
        "digests": {"dataset": found.dataset_digest, "network": found.network_digest},
    }


def _spelled(label: Original | None) -> int | str | None:
    return label if label is None or isinstance(label, str) else spell(label)


def write_csv(rows: Iterable[Told], file: IO[str]) -> None:
    """Write one record a row; several outputs are separated by spaces. Raises: OSError."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row, told in enumerate(rows):
        values = " ".join(text(value) for value in told.outputs)
        predicted, margin = ("" if x is None else str(_spelled(x)) for x in (told.predicted, told.margin))
        writer.writerow((row, _spelled(told.label), values, predicted, int(told.holds), margin))


def write_lines(rows: Iterable[Told], file: IO[str]) -> None:
    """Write one JSON object a row; several outputs are a list. Raises: OSError."""
    for row, told in enumerate(rows):
        values = [spell(value) for value in told.outputs]
        record = {
            "row": row,
            "label": _spelled(told.label),
            "output": values[0] if len(values) == 1 else values,
            "predicted": _spelled(told.predicted),
            "holds": told.holds,
            "margin": None if told.margin is None else spell(told.margin),
        }
        file.write(json.dumps(record) + "\n")
