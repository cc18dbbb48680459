"""`memcert verify --semantics`: what floats make of the rows, on the model's own graph.

UNTRUSTED.
"""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, UNDECIDED
from memcert.cli.verify_sections import Section
from memcert.endings import first_of
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from memcert.questions.model import VerifiedModel
    from memcert.semantics.told import Told
    from memcert.verification.verdicts import Options

PANEL = "What floats make of the rows"
Semantics = Annotated[
    str | None,
    typer.Option(
        "--semantics",
        metavar="A,B,..",
        help="Beside exact: float32, float64 (one order), any-order, any-order-float64.",
        rich_help_panel=PANEL,
    ),
]
RequireSemantics = Annotated[
    bool,
    typer.Option(
        "--require-semantics",
        help="Exit 0 only if the rows hold in each of them, too.",
        rich_help_panel=PANEL,
    ),
]
SemanticsFile = Annotated[
    str | None,
    typer.Option(
        "--semantics-file",
        metavar="FILE",
        help="Write each row's verdicts, a JSON object a line; .gz packs.",
        rich_help_panel=PANEL,
    ),
]


class AskedFloats(NamedTuple):
    """What was asked about floats.

    Args:
        names: of the semantics, beside `exact`.
        least: the share of rows that must hold.
        require: whether they must hold in each semantics.
        file: of JSON lines, an object a row.
    """

    names: list[str]
    least: Fraction
    require: bool
    file: Path | None


def asked_for(text: str | None, *, require: bool, path: str | None) -> list[str]:
    """Return the names of the semantics that were asked for, beside `exact`.

    Raises:
        UsageError: an unknown name, a name twice, or an option that needs some.
    """
    from memcert.questions.semantics import confirmed_names

    if text is None:
        if require or path is not None:
            option = "--require-semantics" if require else "--semantics-file"
            raise UsageError(f"{option}: says something of --semantics, which is not given")
        return []
    names = confirmed_names([part.strip() for part in text.split(",")])
    if path is not None and not names:
        raise UsageError("--semantics-file: says something of semantics beside exact, of which none is given")
    return names


def semantics_section(
    verified: "VerifiedModel",
    wanted: AskedFloats,
    work: "Options",
    progress: "Callable[[str, int, int], None]",
) -> Section:
    """Judge the rows in each semantics, batch by batch, and tell of them.

    Args:
        verified: the model, and what is exactly true of its rows.
        wanted: what was asked.
        work: by how many processes, or on which machines.
        progress: told how many rows are judged.

    Raises:
        MemcertError, LimitReached: the model is not known in floats, or as the judge.
        UsageError, OSError: the file cannot be written.
    """
    from memcert.questions.semantics import judge_of, semantics_of
    from memcert.reports.semantics import as_data, lines

    found, file = verified.rows, wanted.file
    judge = judge_of(verified.reading, found, wanted.names, paranoid=work.paranoid)
    told = semantics_of(judge, found, work, path=file, progress=progress)
    report = [text for one in told for text in lines(one)]
    report += [f"wrote {shown(str(file))}"] if file is not None else []
    required = told if wanted.require else ()
    status = first_of(_status(one, wanted.least) for one in required) if required else HOLDS
    return Section(
        status, tuple(report), {"semantics": {one.name: as_data(one, found.excepted) for one in told}}
    )


def _status(one: "Told", least: Fraction) -> int:
    if Fraction(one.holds, one.size) >= least:
        return HOLDS
    return UNDECIDED if Fraction(one.holds + one.unsure, one.size) >= least else DOES_NOT_HOLD
