"""Which memcert this is: version, digest of its code, Python, machine and libraries.

UNTRUSTED. What a cache is keyed by, and what distant workers are asked.
"""

import hashlib
import platform
from functools import cache
from pathlib import Path

from memcert import __version__
from memcert.trust.manifest import manifest


@cache
def code_digest() -> str:
    """Return the digest of all Python files of memcert. Cost: some 10 ms, once. Raises: OSError."""
    folder, found = Path(__file__).resolve().parents[1], hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(f"{path.relative_to(folder).as_posix()} ".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def identity() -> dict[str, str]:
    """Return version and code digest: two that agree give the same verdicts. Raises: OSError."""
    return {"memcert": __version__, "code": code_digest()}


def installation() -> dict[str, object]:
    """Return all that a verdict may depend on beside its files. Raises: OSError."""
    told = manifest()
    return {
        **identity(),
        "python": told.python,
        "machine": f"{platform.system()} {platform.machine()}",
        "libraries": told.libraries,
    }
