"""`memcert check --boxes`: replay the box file that `memcert verify --box` wrote beside a certificate.

UNTRUSTED. What is decided is decided by `memcert.boxes`.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from memcert.boxes.check import check
from memcert.boxes.decode import decode, is_box_file
from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, UNDECIDED, Outcome
from memcert.endings import first_of, of_file
from memcert.errors import UsageError
from memcert.kernel.certificate import Certificate
from memcert.kernel.data import Table, inline_table
from memcert.kernel.files import read_bytes

if TYPE_CHECKING:
    from memcert.boxes.check import Engine
    from memcert.datasets.stored import Rows

BoxFilePath = Annotated[
    str | None,
    typer.Option("--boxes", metavar="FILE", help="Replay this box file too, by exact arithmetic alone."),
]


def refuse_alone(content: bytes) -> None:
    """Refuse a box file in the place of a certificate. Raises: UsageError."""
    if is_box_file(content):
        raise UsageError(
            "a box file is replayed beside its certificate, which holds the network: "
            "memcert check CERT --boxes FILE"
        )


def with_boxes(
    outcome: Outcome,
    path: str | None,
    certificate: Certificate,
    own: "Rows | None",
    *,
    fast: bool,
) -> Outcome:
    """Return the outcome of a check with that of the replay of a box file, if one is given.

    Args:
        outcome: of the check; a file is replayed whatever it is.
        path: of the box file.
        certificate: whose network is meant.
        own: the user's own data, if given.
        fast: by numpy, many neurons at a time; else by Python's integers alone.

    Raises:
        DatasetError: a label is no number, where labels are values.
        Failure: the file is malformed, speaks of something else, or does not show what it says.
        UsageError: the data are detached and not given.
    """
    if path is None:
        return outcome
    from memcert.datasets.stored import as_certified
    from memcert.reports.boxes import replayed_data, replayed_lines

    if own is None:
        table = inline_table(certificate)
    else:
        own = as_certified(own, certificate)
        table = Table(own.size, own.dimension, own.columns, own.rows())
    if table is None:
        raise UsageError("the certificate does not hold its data: give them with --dataset")
    with of_file(path):
        found = check(decode(read_bytes(path)), certificate, table, engine_of(fast=fast))
    status = DOES_NOT_HOLD if found.refuted else UNDECIDED if found.undecided else HOLDS
    return replace(
        outcome,
        status=first_of([outcome.status, status]),
        report=(*outcome.report, *replayed_lines(found, fast=fast)),
        data={**outcome.data, **replayed_data(found, fast=fast)},
    )


def engine_of(*, fast: bool) -> "Engine | None":
    """Return how least values are found: by numpy, or (None) one by one. Raises: never."""
    if not fast:
        return None
    from memcert.regions.replaying import ManyAtOnce

    return ManyAtOnce
