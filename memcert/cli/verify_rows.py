"""`memcert verify`: the rows judged, by how many processes and machines, and what is told of each.

UNTRUSTED.
"""

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS
from memcert.cli.verify_sections import Section
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.questions.model import VerifiedModel

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


def verdicts(verified: "VerifiedModel", least: Fraction) -> Section:
    """Return what is told of the rows: the accuracy, the smallest margins, who is taken for whom.

    Args:
        verified: the model, with their verdicts.
        least: the share of rows that must hold.

    Raises:
        never.
    """
    from memcert.reports.verification import as_data, lines

    found, model, digests = verified.rows, verified.model, verified.digests
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
