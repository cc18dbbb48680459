"""`memcert verify --box`: whether the rule holds on the whole box around each row.

UNTRUSTED.
"""

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, UNDECIDED, Progress
from memcert.cli.selection import rational, rows
from memcert.cli.verify_sections import Section
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memcert.kernel.certificate import Number
    from memcert.questions.boxes import BoxQuestion
    from memcert.questions.model import VerifiedModel
    from memcert.regions.boxes import Decided
    from memcert.verification.verdicts import Options

PANEL = "Boxes around the rows"
SECONDS, LEAVES = 60, 2000
"""What each row may take where the user does not say."""
BoxRadius = Annotated[
    str | None,
    typer.Option(
        "--box",
        metavar="EPS",
        help="Prove the rule on the sup-norm box of this radius around each row, or refute it (extra boxes).",
        rich_help_panel=PANEL,
    ),
]
Domain = Annotated[
    str | None,
    typer.Option(
        "--domain",
        metavar="LO,HI",
        help="With --box: cut boxes to the data's domain; or a file with a line LO,HI for each coordinate.",
        rich_help_panel=PANEL,
    ),
]
BoxRows = Annotated[
    str | None,
    typer.Option(
        "--box-rows", metavar="ROWS", help="With --box: only these, such as 0,5,10-20.", rich_help_panel=PANEL
    ),
]
BoxTimeout = Annotated[
    float | None,
    typer.Option(
        "--box-timeout",
        metavar="SECONDS",
        min=0,
        help=f"With --box: for each row [else {SECONDS}].",
        rich_help_panel=PANEL,
    ),
]
MaxLeaves = Annotated[
    int | None,
    typer.Option(
        "--max-leaves",
        metavar="N",
        min=1,
        help=f"With --box: cases that are told apart, for each row [else {LEAVES}].",
        rich_help_panel=PANEL,
    ),
]


class Wanted(NamedTuple):
    """What was asked about boxes, as typed.

    Args:
        radius: of the boxes; None: nothing is asked.
        domain: to which they are cut.
        rows: of which.
        seconds: for each row.
        leaves: for each row.
    """

    radius: str | None
    domain: str | None
    rows: str | None
    seconds: float | None
    leaves: int | None


def box_path(certificate: Path) -> Path:
    """Return the name of the box file beside a certificate: c.json, c.boxes.json. Raises: never."""
    packed = ".gz" if certificate.name.endswith(".gz") else ""
    stem = certificate.name.removesuffix(".gz").removesuffix(".json")
    return certificate.with_name(f"{stem}.boxes.json{packed}")


def boxes_of(verified: "VerifiedModel", wanted: Wanted, work: "Options") -> "BoxQuestion | None":
    """Return the boxes that are asked about, ready to be decided; None: none are.

    Raises:
        UsageError: the radius, the domain or the rows are none.
        DatasetError: a row lies outside of the domain.
    """
    from memcert.questions.boxes import Asked, box_question
    from memcert.regions.boxes import Budget

    if wanted.radius is None:
        given = {
            "--domain": wanted.domain,
            "--box-rows": wanted.rows,
            "--box-timeout": wanted.seconds,
            "--max-leaves": wanted.leaves,
        }
        for name, value in given.items():
            if value is not None:
                raise UsageError(f"{name}: says something about boxes: give --box")
        return None
    dataset = verified.rows.dataset
    asked = Asked(
        rational(wanted.radius, "--box"),
        None if wanted.domain is None else domain_of(wanted.domain, dataset.dimension),
        None if wanted.rows is None else rows(wanted.rows, dataset.size, "--box-rows"),
        Budget(
            SECONDS if wanted.seconds is None else wanted.seconds,
            LEAVES if wanted.leaves is None else wanted.leaves,
        ),
    )
    return box_question(verified.network, verified.rows, asked, verified.digests, work)


def domain_of(text: str, dimension: int) -> "tuple[tuple[Number, Number], ...]":
    """Return the domain that `LO,HI` or a file with a line for each coordinate denotes.

    Raises:
        UsageError: it is spelled otherwise, or the file cannot be read.
    """
    from memcert.formats.files import read_bounded

    parts = text.split(",")
    if len(parts) == 2:
        return (_interval(parts, "--domain"),)
    try:
        content = read_bounded(text).decode("utf-8")
    except (UsageError, UnicodeDecodeError) as error:
        raise UsageError(f"--domain: expected LO,HI or a file of text, got {shown(text)}: {error}") from None
    lines = [line for line in content.splitlines() if line.strip()]
    if len(lines) != dimension:
        raise UsageError(
            f"--domain: {shown(text)}: expected {dimension} lines, one a coordinate, got {len(lines)}"
        )
    return tuple(_interval(line.split(","), f"--domain: line {k}") for k, line in enumerate(lines, 1))


def _interval(parts: list[str], where: str) -> "tuple[Number, Number]":
    from memcert.questions.boxes import interval

    if len(parts) != 2:
        raise UsageError(f"{where}: expected LO,HI, got {shown(','.join(parts))}")
    low, high = (rational(part.strip(), where) for part in parts)
    return interval(low, high, where)


def decided(question: "BoxQuestion", path: Path | None, progress: Progress) -> Section:
    """Decide every row, write the box file beside the certificate, and tell of it.

    Args:
        question: the boxes.
        path: of the certificate, if one is written.
        progress: told how many rows are decided.

    Raises:
        UsageError, OSError: the file cannot be written.
    """
    from memcert.questions.boxes import write_boxes
    from memcert.reports.boxes import Told

    told = Told(question.shared)

    def each() -> "Iterator[Decided]":
        for one in question.decided():
            told.take(one)
            progress("boxes", len(told.rows), len(question.rows))
            yield one

    report: list[str] = []
    if path is None:
        deque(each(), maxlen=0)
    else:
        beside = box_path(path)
        write_boxes(beside, question.shared, each())
        report.append(f"wrote {shown(str(beside))}: memcert check CERT --boxes FILE replays it")
    counts = told.counts
    status = DOES_NOT_HOLD if counts["refuted"] else UNDECIDED if counts["undecided"] else HOLDS
    data = told.data()
    data["boxes"]["file"] = None if path is None else str(box_path(path))
    return Section(status, (*told.lines(), *report), data)
