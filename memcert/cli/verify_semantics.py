"""`memcert verify --semantics`: what floats make of the rows, on the model's own graph.

UNTRUSTED.
"""

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, UNDECIDED
from memcert.cli.verify_sections import Section
from memcert.endings import first_of
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memcert.interop.import_options import ImportOptions
    from memcert.interop.imported import Imported
    from memcert.semantics.judge import Told
    from memcert.verification.verdicts import Verified

PANEL = "What floats make of the rows"
Semantics = Annotated[
    str | None,
    typer.Option(
        "--semantics",
        metavar="A,B,..",
        help="Beside exact: float32, float64 (one order), any-order, any-order-float64 (ONNX).",
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
WORDS = {1: "holds", -1: "fails", 0: "may differ"}


def asked_for(text: str | None, *, require: bool, path: str | None) -> list[str]:
    """Return the names of the semantics that were asked for, beside `exact`.

    Raises:
        UsageError: an unknown name, a name twice, or an option that needs some.
    """
    from memcert.semantics.judge import NAMES

    if text is None:
        if require or path is not None:
            option = "--require-semantics" if require else "--semantics-file"
            raise UsageError(f"{option}: says something of --semantics, which is not given")
        return []
    names = [part.strip() for part in text.split(",")]
    known = ("exact", *NAMES)
    if not set(names) <= set(known) or len(set(names)) < len(names):
        raise UsageError(f"--semantics: expected some of {', '.join(known)}, each once, got {shown(text)}")
    return [name for name in names if name != "exact"]


def semantics_of(
    path: str,
    options: "ImportOptions",
    imported: "Imported",
    found: "Verified",
    *,
    names: "Sequence[str]",
    progress: "Callable[[str, int, int], None]",
) -> list["Told"]:
    """Judge the rows in each semantics. Raises: MemcertError, LimitReached."""
    from memcert.semantics.judge import judge
    from memcert.semantics.models import read_program

    program = read_program(path, imported.model, options)
    return judge(program, imported.network, found, names, progress)


def section_of(
    told: "Sequence[Told]", found: "Verified", least: Fraction, *, require: bool, file: Path | None
) -> Section:
    """Tell of the rows in each semantics, and write each row's verdicts where a file is wanted.

    Args:
        told: what each semantics makes of the rows.
        found: what is exactly true of them.
        least: the share of rows that must hold.
        require: whether they must hold in each semantics.
        file: of JSON lines.

    Raises:
        OSError: the file cannot be written.
    """
    from memcert.formats.atomic import atomic_write
    from memcert.reports.semantics import as_data, lines

    failing = set(found.excepted)
    report = [text for one in told for text in lines(one, failing)]
    if file is not None:
        with atomic_write(file) as stream:
            for row in range(found.dataset.size):
                states = {one.name: WORDS[one.states[row]] for one in told}
                exact = "fails" if row in failing else "holds"
                stream.write(json.dumps({"row": row, "exact": exact, **states}) + "\n")
        report.append(f"wrote {shown(str(file))}")
    status = first_of(_status(one, least) for one in told) if require and told else HOLDS
    return Section(status, tuple(report), {"semantics": {one.name: as_data(one, failing) for one in told}})


def _status(one: "Told", least: Fraction) -> int:
    size, held = len(one.states), one.states.count(1)
    if Fraction(held, size) >= least:
        return HOLDS
    return UNDECIDED if Fraction(held + one.states.count(0), size) >= least else DOES_NOT_HOLD
