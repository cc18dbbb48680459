"""`memcert verify`: the rows judged, by how many processes and machines, and what is told of each.

UNTRUSTED.
"""

from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Progress
from memcert.cli.verify_sections import Section
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memcert.formats.stored import Rows
    from memcert.interop.imported import Imported
    from memcert.kernel.certificate import Digests, Model, Number
    from memcert.verification.verdicts import Options, Verified, Watch

WRITING, SHARING = "What is written", "How the work is done"
"""Panels of `--help`."""
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Hand the rows to a Dask cluster: tcp://host:8786 (extra dask).",
        rich_help_panel=SHARING,
    ),
]
Paranoid = Annotated[
    bool,
    typer.Option(
        "--paranoid",
        help="Confirm every float64 product modulo a prime, in integers.",
        rich_help_panel=SHARING,
    ),
]
PerRow = Annotated[
    str | None,
    typer.Option(
        "--per-row",
        metavar="FILE",
        help="Write a JSON object a line for each row; .gz packs.",
        rich_help_panel=WRITING,
    ),
]
Detach = Annotated[
    bool | None,
    typer.Option(
        "--detach/--inline",
        help="Leave the data out of the certificate, or put them in.  [default: out beyond 16 MB]",
        rich_help_panel=WRITING,
    ),
]
MinAccuracy = Annotated[
    str | None, typer.Option(metavar="P/Q", help="Exit 0 where at least this share of rows holds.")
]


class Rule(NamedTuple):
    """What is asked of the rows: the rule, its tolerance, and the names of the outputs as they were typed."""

    name: str
    tolerance: "Number | None"
    classes: str | None


def judged(
    imported: "Imported", rows: "Rows", rule: Rule, work: "Options", listing: Path | None, *, quiet: bool
) -> "Verified":
    """Judge all rows, and write those that are listed.

    Args:
        imported: the model.
        rows: of its input size.
        rule: what is asked of them.
        work: how it is done.
        listing: the file of `--per-row`, if one is wanted.
        quiet: tell no progress.

    Raises:
        MemcertError, LimitReached: as `verify` says, or the file cannot be written.
    """
    from memcert.verification.verdicts import verify

    typed = None if rule.classes is None else rule.classes.split(",")
    names = imported.output_names(typed, rule.name, rows.labels)
    progress = Progress(quiet=quiet)
    with told(listing) as watch:
        return verify(
            imported.network,
            rows,
            rule.name,
            rule.tolerance,
            names,
            options=work,
            watch=watch,
            progress=progress,
        )


@contextmanager
def told(per_row: Path | None) -> "Iterator[Watch | None]":
    """Yield what writes each row that it is told of; the file appears when all rows are written.

    Args:
        per_row: the file of JSON lines, if one is wanted.

    Raises:
        UsageError: the file cannot be written.
        OSError: writing failed.
    """
    from memcert.formats.atomic import atomic_write
    from memcert.verification.per_row import lines

    if per_row is None:
        yield None
        return
    with atomic_write(per_row) as file:
        yield lambda question, batch: file.writelines(lines(question, batch))


def verdicts(found: "Verified", least: Fraction, model: "Model", digests: "Digests") -> Section:
    """Return what is told of the rows: the accuracy, the smallest margins, who is taken for whom.

    Args:
        found: their verdicts.
        least: the share of rows that must hold.
        model: with the digests of its files.
        digests: of data and network.

    Raises:
        never.
    """
    from memcert.reports.verification import as_data, lines

    facts = as_data(
        found.rule,
        found.margins,
        excepted=found.excepted,
        smallest=found.smallest,
        confusion=found.confusion,
        classes=found.classes,
    )
    facts["engine"] = found.engine
    facts["digests"] = {"dataset": digests.dataset, "network": digests.network}
    facts["model"] = {file.name: file.digest for file in model.files}
    report = [
        *lines(facts),
        f"by {found.engine}; data {digests.dataset}, network {digests.network}",
        *(f"model file {shown(file.name)} {file.digest}" for file in model.files),
    ]
    return Section(HOLDS if found.accuracy >= least else DOES_NOT_HOLD, tuple(report), facts)
