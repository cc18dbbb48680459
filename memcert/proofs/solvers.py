"""Put obligations to a solver, with a limit of time that holds, and keep only clear answers.

An exception, `unknown`, a time-out, a dead worker, an empty answer: all are `undecided`. There is
no cache; each text has an answer of its own, of this run. (Time is the only float here.)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import TypeGuard

from memcert.errors import UnsupportedError, UsageError
from memcert.formats.atomic import atomic_write
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown
from memcert.proofs import child, solver_cvc5, solver_z3
from memcert.proofs.answers import Answer, Status, checked, undecided
from memcert.proofs.child import can_fork
from memcert.proofs.obligations import Obligation

GRACE = 10.0
"""Seconds beyond its time limit after which a solver's process is ended."""
QUESTIONS = 60
"""All questions together have the time of so many, and START more; what is left then is not asked."""
START = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one obligation.

    Args:
        status: `unsat` proves the cases that the obligation stands for, nothing else does.
        model: for `sat`, the exact value of v0, v1, ...; it has not been confirmed.
        reason: of `undecided`.
        seconds: that the solver took.
        solver: its name.
        version: as it states itself.
    """

    status: Status
    model: tuple[Number, ...] | None
    reason: str
    seconds: float
    solver: str
    version: str


@dataclass(frozen=True, slots=True)
class Solver:
    """How a solver is asked: (text, logic, number of open variables, seconds) -> Answer.

    `isolated`: it runs in a process that was started anew, not in a fork of this one.
    """

    module: str
    version: Callable[[], str]
    solve: Callable[[str, str, int, float], Answer]
    isolated: bool
    hint: str


SOLVERS: Mapping[str, Solver] = {
    "z3": Solver("z3", solver_z3.version, solver_z3.solve, False, "pip install z3-solver"),
    "cvc5": Solver("cvc5", solver_cvc5.version, solver_cvc5.solve, True, "pip install 'memcert[cvc5]'"),
}


def solver_version(solver: str) -> str:
    """Return what an installed solver states as its version.

    Raises:
        UsageError: there is no solver of that name.
        UnsupportedError: it is not installed.
    """
    return _known(solver).version()


def discharge(
    obligations: Sequence[Obligation],
    solver: str = "z3",
    timeout: float = 10.0,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Outcome, ...]:
    """Ask a solver every obligation; return the outcomes in the same order, one each.

    With one job a child of this process is asked (`child`), where the system can fork. Everything
    else runs in processes of joblib (its `parallel_config` chooses where), which are ended when they
    overrun; a question whose process died or hung with others is asked once more, alone. Thousands of
    questions that each take nearly their whole time end after that of QUESTIONS; those that are left
    are undecided.

    Args:
        obligations: any number.
        solver: `z3`, or `cvc5` where it is installed.
        timeout: seconds for each, more than 0.
        jobs: processes, at least 1.
        on_progress: told (how many are answered, how many there are) after each answer.

    Raises:
        UsageError: there is no such solver, or timeout or jobs are out of range.
        UnsupportedError: the solver is not installed.
    """
    asked = _known(solver)
    # A not-a-number is not more than 0 either.
    if not 0 < timeout <= 10**6:
        raise UsageError(f"timeout: expected more than 0 and at most {10**6} seconds, got {timeout}")
    if jobs < 1:
        raise UsageError(f"jobs: expected at least 1, got {jobs}")
    version = asked.version()
    alone = jobs == 1 and not asked.isolated and can_fork()
    answers = (
        _in_child(asked, obligations, timeout) if alone else _anywhere(asked, obligations, timeout, jobs)
    )
    found: dict[int, tuple[Answer, float]] = {}
    missing = (undecided("the solver gave no answer"), 0.0)
    end = monotonic() + START + QUESTIONS * timeout
    for index, answer, seconds in answers:
        found[index] = checked(answer, obligations[index].free), seconds
        if on_progress is not None:
            on_progress(len(found), len(obligations))
        if monotonic() > end and len(found) < len(obligations):
            missing = (undecided(f"not asked: the time of {QUESTIONS} questions was used up"), 0.0)
            break
    ends = (found.get(index, missing) for index in range(len(obligations)))
    return tuple(Outcome(a.status, a.model, a.reason, s, solver, version) for a, s in ends)


def emit(obligations: Sequence[Obligation], directory: Path) -> tuple[Path, ...]:
    """Write each obligation to a file of its own, for any solver: 001.smt2, 002.smt2, ...

    Neither names nor contents have a character of a certificate's strings. Each file appears
    whole or not at all.

    Args:
        obligations: any number.
        directory: is made if it is not there; an existing one must be empty, so that no file of
            another certificate is taken for one of these.

    Raises:
        UsageError: the directory is not empty, or cannot be made or written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        empty = next(directory.iterdir(), None) is None
    except OSError as error:
        raise UsageError(f"cannot make the folder {shown(str(directory))}: {error.strerror}") from error
    if not empty:
        raise UsageError(f"expected an empty folder, got {shown(str(directory))} with files in it")
    digits = max(3, len(str(len(obligations))))
    paths = tuple(directory / f"{number:0{digits}}.smt2" for number in range(1, len(obligations) + 1))
    for path, obligation in zip(paths, obligations, strict=True):
        with atomic_write(path) as file:
            file.write(complete(obligation))
    return paths


def complete(obligation: Obligation) -> str:
    """Return the obligation as a whole SMT-LIB 2 script. Raises: never."""
    head = "; unsat: the promise holds for all real numbers; sat: it does not\n(set-info :status unsat)\n"
    return f"{obligation.text}{head}(check-sat)\n(exit)\n"


def _known(solver: str) -> Solver:
    found = SOLVERS.get(solver)
    if found is None:
        raise UsageError(f"solver: expected one of {', '.join(SOLVERS)}, got {shown(solver)}")
    if find_spec(found.module) is None:
        raise UnsupportedError(f"the solver {solver} is not installed: {found.hint}")
    return found


Reply = tuple[int, object, float]
"""Which obligation, what came back, and the seconds it took."""


def _ask(solver: Solver, index: int, obligation: Obligation, timeout: float) -> Reply:
    start = monotonic()
    answer: object
    try:
        answer = solver.solve(obligation.text, obligation.logic, obligation.free, timeout)
    except Exception as error:  # whatever a solver throws, it is no proof
        answer = undecided(f"{type(error).__name__}: {shown(str(error))}")
    return index, answer, monotonic() - start


def _in_child(solver: Solver, obligations: Sequence[Obligation], timeout: float) -> Iterator[Reply]:
    # Imported once, and not by each child.
    import_module(solver.module)

    def ask(index: int, obligation: Obligation) -> Reply:
        return _ask(solver, index, obligation, timeout)

    done = 0
    for place, reply in child.answers(ask, obligations, timeout + GRACE):
        # Those before it that are missing had no answer.
        yield from ((index, _lost(), timeout + GRACE) for index in range(done, place))
        done = place + 1
        if _is_reply(reply, {place: obligations[place]}):
            yield reply
    yield from ((index, _lost(), timeout + GRACE) for index in range(done, len(obligations)))


def _anywhere(
    solver: Solver, obligations: Sequence[Obligation], timeout: float, jobs: int
) -> Iterator[Reply]:
    left = dict(enumerate(obligations))
    for reply in _in_processes(solver, left, timeout, jobs):
        left.pop(reply[0])
        yield reply
    # Where a process died or hung it took others' questions with it.
    for index, obligation in left.items():
        replies = tuple(_in_processes(solver, {index: obligation}, timeout, 1))
        yield from replies or ((index, _lost(), timeout + GRACE),)


def _in_processes(
    solver: Solver, obligations: Mapping[int, Obligation], timeout: float, jobs: int
) -> Iterator[Reply]:
    """Yield answers as they come, until all are there or a process dies or hangs."""
    from joblib import Parallel, delayed

    # joblib works in this process if it has one job, and nothing could end it then.
    pool = Parallel(
        n_jobs=max(2, jobs),
        pre_dispatch=jobs,
        batch_size=1,
        timeout=timeout + GRACE,
        return_as="generator_unordered",
    )
    tasks = (delayed(_ask)(solver, index, one, timeout) for index, one in obligations.items())
    try:
        for reply in pool(tasks):
            if _is_reply(reply, obligations):
                yield reply
    except Exception:  # noqa: S110 - TerminatedWorkerError, TimeoutError, ...: what is missing is undecided
        pass


def _is_reply(reply: object, obligations: Mapping[int, Obligation]) -> TypeGuard[Reply]:
    return isinstance(reply, tuple) and len(reply) == 3 and reply[0] in obligations


def _lost() -> Answer:
    return undecided("the solver's process died or hung")
