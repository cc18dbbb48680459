"""The command line: one file a subcommand, one table from outcome to exit status.

UNTRUSTED. This is the front door: what needs no library starts without one.
"""

import atexit
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from memcert.cli.workers import end_workers
from memcert.endings import INTERRUPTED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    `memcert --version` and a plain `memcert check CERT` are answered before Typer is loaded,
    which would bring pydantic along; everything else is Typer's to parse.

    Args:
        arguments: what follows the name of the command; None: those of the process.

    Raises:
        SystemExit: a shell asked for completions.
    """
    status = _run(list(sys.argv[1:] if arguments is None else arguments))
    if arguments is None and status == INTERRUPTED:
        _leave(status)
    return status


def _leave(status: int) -> None:
    # Where Ctrl-C met the making of a dataclass, CPython believes that nobody handled it, and would end
    # this process by SIGINT in place of its exit status. What else happens at the end of a process must
    # happen all the same; a second Ctrl-C ends that.
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_workers()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def _run(words: list[str]) -> int:
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter gets its escape, not a crash.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    if words == ["--version"]:
        from memcert import __version__

        sys.stdout.write(f"memcert {__version__}\n")
        return 0
    if words[:1] == ["check"] and (plain := _plain(words[1:])) is not None:
        from memcert.cli.check import check

        path, as_json, quiet = plain
        return check(path, as_json=as_json, quiet=quiet)
    from memcert.cli.app import run_app

    return run_app(words)


def _open_streams() -> None:
    # Closed by whoever called (`>&-`): nobody listens, and the exit status tells all the same.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115


def _plain(words: Sequence[str]) -> tuple[str, bool, bool] | None:
    # CERT with nothing but the options that change the printing; anything else is None.
    flags = [word for word in words if word.startswith("-")]
    paths = [word for word in words if not word.startswith("-")]
    if len(paths) != 1 or not paths[0] or not set(flags) <= {"--json", "--quiet", "-q"}:
        return None
    return paths[0], "--json" in flags, "--quiet" in flags or "-q" in flags
