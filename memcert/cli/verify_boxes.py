"""`memcert verify --box`: whether the rule holds on the whole box around each row.

UNTRUSTED.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, UNDECIDED, Progress
from memcert.cli.selection import rational, rows
from memcert.cli.verify_sections import Section
from memcert.errors import DatasetError, UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.boxes.document import Boxes
    from memcert.kernel.certificate import Digests, Number
    from memcert.kernel.network import Network
    from memcert.regions.boxes import Decided
    from memcert.verification.verdicts import Options, Verified

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


ROWS_A_TASK = 32


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


def boxes_of(
    network: "Network", found: "Verified", wanted: Wanted, digests: "Digests", work: "Options"
) -> "Iterator[tuple[Boxes, Iterator[Decided]]]":
    """Yield what all boxes share, and the rows as they are decided; once, or not at all.

    Raises:
        UsageError: the radius, the domain or the rows are none.
        DatasetError: a row lies outside of the domain.
    """
    from memcert.boxes.document import Boxes
    from memcert.regions.boxes import Budget, Decider, chunked
    from memcert.verification.parallel import in_order

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
        return
    radius = rational(wanted.radius, "--box")
    if radius < 0:
        raise UsageError(f"--box: expected a radius of at least 0, got {shown(radius)}")
    size = found.dataset.size
    chosen = range(size) if wanted.rows is None else rows(wanted.rows, size, "--box-rows")
    domain = None if wanted.domain is None else domain_of(wanted.domain, found.dataset.dimension)
    for row in chosen if domain is not None else ():
        confirm_inside(found, row, domain or ())
    if digests.network is None or digests.dataset is None:
        raise UsageError("--box: network and data need digests")
    boxes = Boxes(digests.network, digests.dataset, found.rule, found.tolerance, radius, domain)
    decider = Decider(
        network,
        boxes,
        Budget(
            SECONDS if wanted.seconds is None else wanted.seconds,
            LEAVES if wanted.leaves is None else wanted.leaves,
        ),
    )
    tasks = ((row, found.dataset.point(row), found.labels[row], found.margins[row]) for row in chosen)
    alone = work.jobs == 1 and work.scheduler is None
    # The network goes along with each task to another process: several rows make that worth while.
    size = 1 if alone else max(1, min(ROWS_A_TASK, len(chosen) // (4 * work.jobs)))
    done = in_order(decider.decide_all, chunked(tasks, size), jobs=work.jobs, scheduler=work.scheduler)
    yield boxes, chain.from_iterable(done)


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
    if len(parts) != 2:
        raise UsageError(f"{where}: expected LO,HI, got {shown(','.join(parts))}")
    low, high = (rational(part.strip(), where) for part in parts)
    if low > high:
        raise UsageError(f"{where}: expected LO <= HI, got {shown((low, high))}")
    return low, high


def confirm_inside(found: "Verified", row: int, domain: "tuple[tuple[Number, Number], ...]") -> None:
    """Refuse a row outside of the domain. Raises: DatasetError."""
    point = found.dataset.point(row)
    every = domain * len(point) if len(domain) == 1 else domain
    for j, (x, (low, high)) in enumerate(zip(point, every, strict=True)):
        if not low <= x <= high:
            raise DatasetError(
                f"{shown(found.dataset.name)}: {found.dataset.place(row)}, coordinate {j}: expected a number "
                f"of the domain, from {shown(low)} to {shown(high)}, got {shown(x)}"
            )


def decided(boxes: "Boxes", stream: "Iterator[Decided]", path: Path | None, progress: Progress) -> Section:
    """Decide every row, write the box file beside the certificate, and tell of it.

    Args:
        boxes: what they share.
        stream: the rows, decided as they are asked for.
        path: of the certificate, if one is written.
        progress: told how many rows are decided.

    Raises:
        OSError: the file cannot be written.
    """
    from memcert.boxes.encode import chunks
    from memcert.formats.atomic import atomic_write
    from memcert.reports.boxes import Told

    told = Told(boxes)

    def each() -> "Iterator[Decided]":
        for one in stream:
            told.take(one)
            progress("boxes", len(told.rows), len(told.rows))
            yield one

    report: list[str] = []
    if path is None:
        for _ in each():
            pass
    else:
        beside = box_path(path)
        with atomic_write(beside) as file:
            file.writelines(chunks(boxes, (one.row for one in each()), {}))
        report.append(f"wrote {shown(str(beside))}: memcert check CERT --boxes FILE replays it")
    counts = told.counts
    status = DOES_NOT_HOLD if counts["refuted"] else UNDECIDED if counts["undecided"] else HOLDS
    data = told.data()
    data["boxes"]["file"] = None if path is None else str(box_path(path))
    return Section(status, (*told.lines(), *report), data)
