"""Ask a solver in a forked child of this process, so that its crash or its hanging ends nothing else.

A fork costs milliseconds, where a new interpreter that imports z3 costs more than a proof. One
child answers many questions; where it dies or overruns, that question has no answer, and another
child goes on with the next. (What other threads hold at the fork stays held in the child: it uses
nothing that they do, and if it waits all the same, it is ended as one that hangs.)
"""

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")


def can_fork() -> bool:
    """Return whether this system forks; macOS does, but its own libraries do not bear it. Raises: never."""
    return "fork" in get_all_start_methods() and sys.platform != "darwin"


def answers(
    ask: Callable[[int, T], object], questions: Sequence[T], seconds: float
) -> Iterator[tuple[int, object]]:
    """Yield (place, answer) of each question in order; those that got none are left out.

    Args:
        ask: called in the child with place and question; what it returns can be pickled.
        questions: any number.
        seconds: after which a child is ended that has not answered its question.

    Raises: OSError, where no child can be started.
    """
    place = 0
    while place < len(questions):
        receiving, process = _started(ask, questions, place)
        try:
            while place < len(questions):
                found = _received(receiving, seconds)
                place += 1
                if found is None:
                    break
                yield place - 1, found[0]
        finally:
            # Also where the caller goes away in the middle.
            process.kill()
            process.join()
            receiving.close()


def _started(ask: Callable[[int, T], object], questions: Sequence[T], start: int) -> tuple[Connection, Any]:
    context = get_context("fork")
    receiving, sending = context.Pipe(duplex=False)

    def work() -> None:
        try:
            for place in range(start, len(questions)):
                sending.send(ask(place, questions[place]))
        finally:
            # Whatever is raised here is for nobody: the parent sees that an answer is missing.
            os._exit(0)

    process = context.Process(target=work, daemon=True)
    with warnings.catch_warnings():
        # Python 3.12 warns of any thread, BLAS's idle ones included, that the child does not use.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    sending.close()
    return receiving, process


def _received(receiving: Connection, seconds: float) -> tuple[object] | None:
    try:
        return (receiving.recv(),) if receiving.poll(seconds) else None
    except (EOFError, OSError):
        return None
