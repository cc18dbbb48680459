"""`memcert verify --semantics`: what floats make of the rows, on the model's own graph.

UNTRUSTED.
"""

import json
from bisect import bisect_left
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, NamedTuple

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, UNDECIDED
from memcert.cli.verify_sections import Section
from memcert.endings import first_of
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from memcert.interop.import_options import ImportOptions
    from memcert.interop.imported import Imported
    from memcert.semantics.judge import Judge, Judged
    from memcert.semantics.told import Told
    from memcert.verification.verdicts import Options, Question, Verified

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


class Gathering:
    """Takes batches in as they come, and writes each row where a file is wanted.

    Args:
        wanted: what was asked.
        judge: whose batches they are.
    """

    def __init__(self, wanted: AskedFloats, judge: "Judge") -> None:
        """Start with no rows."""
        from memcert.semantics.told import summaries

        self.wanted, self.told = wanted, summaries(judge.names, judge.stored)
        self._stream: IO[str] | None = None

    @contextmanager
    def open(self) -> "Iterator[Gathering]":
        """Open the file that is wanted, if any; it appears when the block ends well.

        Raises:
            UsageError: it cannot be written.
            OSError: writing failed.
        """
        from memcert.formats.atomic import atomic_write

        if self.wanted.file is None:
            yield self
            return
        with atomic_write(self.wanted.file) as self._stream:
            yield self

    def take(self, judged: "Judged", excepted: "Collection[int]") -> None:
        """Take a batch in, given its rows that fail exactly. Raises: OSError, UndecidedError."""
        from memcert.semantics.told import records, taken

        taken(self.told, judged, excepted)
        if self._stream is not None:
            rows = records(self.wanted.names, judged, excepted)
            self._stream.writelines(json.dumps(row) + "\n" for row in rows)

    def section(self, excepted: "Sequence[int]") -> Section:
        """Return what is told of all rows, given those that fail exactly. Raises: never."""
        from memcert.reports.semantics import as_data, lines

        least, file = self.wanted.least, self.wanted.file
        report = [text for one in self.told for text in lines(one)]
        report += [f"wrote {shown(str(file))}"] if file is not None else []
        required = self.told if self.wanted.require else []
        status = first_of(_status(one, least) for one in required) if required else HOLDS
        return Section(
            status, tuple(report), {"semantics": {one.name: as_data(one, excepted) for one in self.told}}
        )


def semantics_of(
    wanted: AskedFloats,
    judge: "Judge",
    found: "Verified",
    work: "Options",
    progress: "Callable[[str, int, int], None]",
) -> Section:
    """Judge the rows in each semantics, batch by batch, and tell of them.

    Args:
        wanted: what was asked.
        judge: of batches.
        found: the rows, and what is exactly true of them.
        work: by how many processes, or on which machines.
        progress: told how many rows are judged.

    Raises:
        MemcertError, LimitReached, OSError: as the judge, or the file cannot be written.
    """
    from memcert.verification.parallel import in_order

    tasks = found.parts(judge.batch)
    with Gathering(wanted, judge).open() as gathering:
        for judged in in_order(judge, tasks, jobs=work.jobs, scheduler=work.scheduler):
            end = judged.start + judged.states.shape[1]
            first, last = (bisect_left(found.excepted, row) for row in (judged.start, end))
            gathering.take(judged, found.excepted[first:last])
            progress("rows in floats", end, found.dataset.size)
    return gathering.section(found.excepted)


def judge_of(
    path: str,
    options: "ImportOptions",
    imported: "Imported",
    asked: "Question",
    names: "Sequence[str]",
    *,
    paranoid: bool = False,
) -> "Judge":
    """Return what judges batches of rows in each semantics; it can be sent to other processes.

    Args:
        path: of the model.
        options: how it was read.
        imported: what was read.
        asked: the rule, and the rows, whose numbers bound what may come.
        names: of the semantics.
        paranoid: confirm float64 products modulo a prime.

    Raises:
        MemcertError: the model is not known in floats.
    """
    from memcert.exact.outputs import Evaluator
    from memcert.semantics.judge import Judge
    from memcert.semantics.models import read_program
    from memcert.semantics.rules import Rule

    program = read_program(path, imported.model, options, rule=asked.rule)
    evaluate = Evaluator(imported.network, asked.dataset, paranoid=paranoid)
    return Judge(program, evaluate, Rule(asked.rule, asked.tolerance), names)


def _status(one: "Told", least: Fraction) -> int:
    if Fraction(one.holds, one.size) >= least:
        return HOLDS
    return UNDECIDED if Fraction(one.holds + one.unsure, one.size) >= least else DOES_NOT_HOLD
