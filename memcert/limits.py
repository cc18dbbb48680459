"""Time and memory limits of work that runs in a process of its own.

UNTRUSTED. What breaks a limit is undecided, never success. Requests and answers are JSON: a worker
that hostile input took over can say something false, not run something here.
"""

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memcert.endings import INTERNAL, memory_ran_out
from memcert.errors import MemcertError, UndecidedError, UnsupportedError, UsageError
from memcert.kernel.verdict import shown

UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30}
LEAST_MEMORY = 1 << 26
"""A Python process does not start in less."""
NO_MEMORY = 71
"""How a worker says, by its exit status, that memory ran out."""
KILL = getattr(signal, "SIGKILL", 9)
PATIENCE = 10
"""Seconds for what was killed to be gone."""
MOST_ANSWERED = 1 << 28
"""Bytes of an answer that are read."""
_SIZE = re.compile(r"([0-9]{1,15})\s*([KMG]i?B)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one piece of work may use; None: no limit.

    Args:
        seconds: of time as the clock on the wall has it.
        memory: bytes of address space (RLIMIT_AS), which is at least the memory that is resident.
    """

    seconds: int | None = None
    memory: int | None = None


def size_of(text: str, option: str, least: int = LEAST_MEMORY) -> int:
    """Return the number of bytes that `500MB`, `2GiB` or `1000000` denotes, at least `least`.

    Raises:
        UsageError: it is spelled otherwise, or less than `least`, by default what a process needs to start.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{option}: expected a size such as 500MB or 2GiB, got {shown(text)}")
    size = int(found[1]) * UNITS[(found[2] or "").upper()]
    if size < least:
        raise UsageError(f"{option}: expected at least {least:,} bytes, got {size:,}")
    return size


def memory_can_be_limited() -> bool:
    """Whether this system keeps a process below an amount of memory. Raises: never."""
    # macOS has the call and does not obey it.
    return sys.platform.startswith(("linux", "freebsd"))


def require_memory_limit(option: str) -> None:
    """Refuse a limit that this system would not keep.

    Raises:
        UnsupportedError: it would not.
    """
    if not memory_can_be_limited():
        raise UnsupportedError(
            f"{option}: this system ({sys.platform}) does not limit the memory of a process"
        )


def limit_memory(size: int) -> None:
    """Keep this process below so many bytes of address space, from now on.

    Raises:
        UnsupportedError: this system cannot, or has a lower limit that may not be raised.
    """
    require_memory_limit("memory limit")
    import resource  # not on every system

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard not in (resource.RLIM_INFINITY, -1) and hard < size:
        size = hard  # stricter already
    try:
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    except (OSError, ValueError) as error:
        raise UnsupportedError(f"memory limit: {error}") from None


class Workers:
    """Starts processes, each for one piece of work, and can end all that are running."""

    def __init__(self) -> None:
        """Start with none."""
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, target: str, request: object, limits: Limits) -> Any:
        """Return what a function answers, called in a fresh process under limits.

        Args:
            target: `module:function`, of memcert; it takes and returns what JSON can say.
            request: its argument.
            limits: of this piece of work.

        Raises:
            UndecidedError: a limit was reached, or the system ended the process.
            UnsupportedError: memory is to be limited where that cannot be done.
            MemcertError: the process ended without an answer: a fault of memcert.
            KeyboardInterrupt: `stop` was called.
        """
        if limits.memory is not None:
            require_memory_limit("memory limit")
        with self._started(target, limits) as process:
            try:
                answer, _ = process.communicate(json.dumps(request).encode(), limits.seconds)
            except subprocess.TimeoutExpired:
                raise UndecidedError(f"timeout: more than {limits.seconds:,} seconds") from None
        if self._stopped:
            raise KeyboardInterrupt
        return _answer(process.returncode, answer, limits)

    def stop(self) -> None:
        """End what runs, and let nothing more start. Raises: never."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                _kill(process)

    @contextmanager
    def _started(self, target: str, limits: Limits) -> Iterator[subprocess.Popen[bytes]]:
        with self._lock:
            if self._stopped:
                raise KeyboardInterrupt
            process = subprocess.Popen(  # noqa: S603 - this interpreter and words of ours
                # -P: a folder that is being examined must not lend its modules to the examiner.
                [sys.executable, "-P", "-m", "memcert.limits", target, str(limits.memory or 0)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(),
                start_new_session=True,
            )
            self._running.add(process)
        try:
            yield process
        finally:
            _kill(process)
            with suppress(Exception):  # what a process that got away still holds open is not waited for
                process.communicate(timeout=PATIENCE)
            with self._lock:
                self._running.discard(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    # With all that it started: a solver may run in a process of its own.
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, KILL)
        else:
            process.kill()


def _environment() -> dict[str, str]:
    """Return the worker's environment: memcert from where it is now, and one thread for BLAS."""
    here = str(Path(__file__).resolve().parents[1])
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**threads, **os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONSAFEPATH": "1"}


def _answer(status: int, answer: bytes, limits: Limits) -> Any:
    if status == NO_MEMORY:
        most = "" if limits.memory is None else f": more than {limits.memory:,} bytes"
        raise UndecidedError(f"max-memory{most}")
    if status == -KILL:
        raise UndecidedError("the system ended the worker (SIGKILL), as it does when memory runs out")
    if status < 0:
        name = signal.Signals(-status).name
        why = "" if limits.memory is None else f", with memory limited to {limits.memory:,} bytes"
        raise MemcertError(f"the worker was ended by {name}{why}")
    if status or len(answer) > MOST_ANSWERED:
        raise MemcertError(f"the worker ended with status {status} and no answer")
    try:
        return json.loads(answer)
    except ValueError:
        raise MemcertError("the worker's answer is not JSON") from None


def serve(target: str, memory: int) -> int:
    """Do the work of one request, as the process that `Workers` started.

    Args:
        target: `module:function`.
        memory: bytes; 0: no limit.

    Returns:
        The exit status: 0 if there is an answer, NO_MEMORY, or that of an internal error.

    Raises:
        never.
    """
    # Whatever a library prints must not stand in the answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        request = json.loads(sys.stdin.buffer.read())
        _end_with(os.getppid())
        if memory:
            limit_memory(memory)
        module, _, name = target.partition(":")
        function: Callable[[object], object] = getattr(importlib.import_module(module), name)
        answers.write(json.dumps(function(request)).encode())
        answers.close()
    except BaseException as error:  # whatever it is, the parent is told by the status
        if memory_ran_out(error):
            return NO_MEMORY
        sys.excepthook(type(error), error, error.__traceback__)
        return INTERNAL
    return 0


def _end_with(parent: int) -> None:
    """Let this process end soon after the one that started it, however that ended."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(INTERNAL)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1], int(sys.argv[2])))
