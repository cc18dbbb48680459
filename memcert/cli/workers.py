"""The processes that joblib keeps for later work: ended with the command that is interrupted.

UNTRUSTED. Joblib has no function for this that starts nothing, so that its parts are asked for by name.
"""

import sys
from contextlib import suppress
from types import FrameType
from typing import Any


def starting_one(frame: FrameType | None) -> bool:
    """Whether a frame is within the start of a worker, who would complain of half a start. Raises: never."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "joblib.externals.loky.backend.popen_loky_posix":
            return True
        frame = frame.f_back
    return False


def kill_workers() -> None:
    """Kill them at once, so that none is left to find that what it shares with this process is gone.

    Raises: never.
    """
    with suppress(Exception):
        for process in list(_kept()._processes.values()):
            process.kill()


def end_workers() -> None:
    """Kill them and let go of what was shared with them; they would outlive this process by minutes.

    Raises: never.
    """
    with suppress(Exception):
        _kept().shutdown(wait=True, kill_workers=True)


def _kept() -> Any:
    # None, of which nothing can be asked, where no process was ever started.
    return getattr(sys.modules.get("joblib.externals.loky.reusable_executor"), "_executor", None)
