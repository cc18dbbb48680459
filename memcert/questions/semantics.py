"""What floats make of the rows of a verified model, batch by batch.

UNTRUSTED.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from os import PathLike
from pathlib import Path

from memcert.errors import UsageError
from memcert.exact.outputs import Evaluator
from memcert.formats.atomic import atomic_write
from memcert.interop.models import read_any
from memcert.kernel.verdict import shown
from memcert.questions.readings import Reading
from memcert.semantics.judge import NAMES, Judge
from memcert.semantics.models import program_of_object, read_program
from memcert.semantics.program import Program
from memcert.semantics.rules import Rule
from memcert.semantics.told import Told, records, summaries, taken
from memcert.verification.parallel import in_order
from memcert.verification.verdicts import Options, Question, Verified


def confirmed_names(names: Sequence[str]) -> list[str]:
    """Return the semantics that are asked for beside `exact`, which may stand among them.

    Raises:
        UsageError: none, an unknown one, or one twice.
    """
    known = ("exact", *NAMES)
    if not names or not set(names) <= set(known) or len(set(names)) < len(names):
        given = shown(",".join(names))
        raise UsageError(f"--semantics: expected some of {', '.join(known)}, each once, got {given}")
    return [name for name in names if name != "exact"]


def judge_of(reading: Reading, asked: Question, names: Sequence[str], *, paranoid: bool = False) -> Judge:
    """Return what judges batches of rows in each semantics; it can be sent to other processes.

    Args:
        reading: of the model.
        asked: the rule, and the rows, whose numbers bound what may come.
        names: of the semantics.
        paranoid: confirm float64 products modulo a prime.

    Raises:
        UsageError: the model is not what was read any more.
        MemcertError: it is not known in floats.
    """
    program = _program(reading, asked.rule)
    evaluate = Evaluator(reading.imported.network, asked.dataset, paranoid=paranoid)
    return Judge(program, evaluate, Rule(asked.rule, asked.tolerance), names)


def _program(reading: Reading, rule: str) -> Program:
    source, options = reading.source, reading.options
    if isinstance(source, str | PathLike):
        return read_program(str(source), reading.imported.model, options, rule=rule)
    # No digest stands for an object, which may have been fitted again.
    if read_any(source, rule, options).network != reading.imported.network:
        raise UsageError("the model was changed: it is not what the verdicts are of")
    return program_of_object(source, options)


def semantics_of(
    judge: Judge,
    found: Verified,
    work: Options,
    *,
    path: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Told, ...]:
    """Judge the rows in each semantics, batch by batch.

    Args:
        judge: of batches.
        found: the rows, and what is exactly true of them.
        work: by how many processes, or on which machines.
        path: of a file of JSON lines, an object a row, if one is wanted.
        progress: told how many rows are judged.

    Raises:
        MemcertError, LimitReached: as the judge.
        UsageError, OSError: the file cannot be written.
    """
    told = summaries(judge.names, judge.stored)
    tasks = found.parts(judge.batch)
    with nullcontext() if path is None else atomic_write(path) as file:
        for judged in in_order(judge, tasks, jobs=work.jobs, scheduler=work.scheduler):
            end = judged.start + judged.states.shape[1]
            excepted = found.excepted.between(judged.start, end)
            taken(told, judged, excepted)
            if file is not None:
                file.writelines(_lines(records(judge.names, judged, excepted)))
            if progress is not None:
                progress("rows in floats", end, found.dataset.size)
    return tuple(told)


def _lines(rows: Iterable[object]) -> Iterable[str]:
    return (json.dumps(row) + "\n" for row in rows)
