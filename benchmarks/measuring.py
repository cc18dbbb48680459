"""What the figures were measured on, and how a process is measured."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from memcert import __version__

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Run:
    """One process: wall-clock seconds, processor seconds, largest resident megabytes, exit status."""

    seconds: float
    processor_seconds: float
    megabytes: float
    status: int
    output: str


def run(command: Sequence[str], log: Path) -> Run:
    """Run a command to its end and measure it and its children; its output goes to `log`."""
    with log.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    # Linux counts kilobytes, macOS bytes.
    unit = 1e6 if sys.platform == "darwin" else 1e3
    output = log.read_text(encoding="utf-8", errors="replace")
    processor = usage.ru_utime + usage.ru_stime
    return Run(seconds, processor, usage.ru_maxrss / unit, process.returncode, output)


def machine() -> dict[str, str]:
    """Return processor, cores, system, Python and library versions."""
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "z3": version("z3-solver"),
        "memcert": __version__,
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass  # no such file on this system
    return platform.processor() or platform.machine()


def save(name: str, figures: Mapping[str, object]) -> Path:
    """Write figures with the machine they were measured on as JSON; return the path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **figures}, indent=1) + "\n", encoding="utf-8")
    return path
