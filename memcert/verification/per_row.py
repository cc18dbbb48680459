"""One JSON object a row: label, decision, whether the rule holds, and the exact margin.

UNTRUSTED.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from memcert.datasets.labels import called
from memcert.formats.atomic import atomic_write
from memcert.kernel.rational import quotient, spell
from memcert.verification.batches import Batch
from memcert.verification.verdicts import Question, Watch


@contextmanager
def writing(path: Path | None) -> Iterator[Watch | None]:
    """Yield what writes each row that it is told of; the file appears when all rows are written.

    Args:
        path: of the file of JSON lines; None: none is wanted, and nothing is yielded.

    Raises:
        UsageError: the file cannot be written.
        OSError: writing failed.
    """
    if path is None:
        yield None
        return
    with atomic_write(path) as file:
        yield lambda question, batch: file.writelines(lines(question, batch))


def lines(question: Question, batch: Batch) -> Iterator[str]:
    """Yield the line of each row of a batch; numbers are spelled as in certificates. Raises: never."""
    failing = set(batch.failing)
    decides = question.rule in ("argmax", "sign")
    labels = question.dataset.labels
    for row, (margin, decision) in enumerate(zip(batch.margins, batch.decisions, strict=True), batch.start):
        label = labels[row]
        record: dict[str, object] = {
            "row": row,
            "label": spell(label) if isinstance(label, int | Fraction) else label,
            "holds": row not in failing,
            "margin": spell(quotient(margin * batch.unit, 1)),
        }
        if decides:
            record["decision"] = called(decision, question.rule, question.classes)
        yield json.dumps(record) + "\n"
