"""A bound on the memory that a library takes while it reads a file.

UNTRUSTED.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def growing_at_most(size: int) -> Iterator[None]:
    """Let this process take at most so many bytes more within the block, where that can be known and kept.

    For libraries that make room for what a file says before they look at what it holds: what they are
    refused then is a MemoryError of theirs. Raises: never.
    """
    used = _address_space()
    if used is None:
        yield
        return
    import resource  # not on every system

    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    known = [limit for limit in (used + size, before, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(known), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))


def _address_space() -> int | None:
    """Return the bytes of address space that this process has, on Linux. Raises: never."""
    with suppress(OSError, ValueError, IndexError):
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    return None
