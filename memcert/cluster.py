"""Machines of a Dask cluster: connected to only if all of them run this memcert.

UNTRUSTED. What they answer rests on those machines; who uses them says so.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from memcert import __version__
from memcert.errors import UnsupportedError, UsageError
from memcert.kernel.verdict import shown

CONNECT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Where a Dask scheduler listens, and how it is spoken to.

    Args:
        address: such as `tcp://10.0.0.1:8786` or `tls://scheduler:8786`.
        ca_file: of the authority that signed the scheduler's certificate; None: as Dask is configured.
        certificate: this client's own.
        key: to it.
    """

    address: str
    ca_file: str | None = None
    certificate: str | None = None
    key: str | None = None


@contextmanager
def connected(scheduler: Scheduler) -> Iterator[Any]:
    """Yield a client of a scheduler all of whose workers have this memcert.

    Raises:
        UsageError: nobody answers there.
        UnsupportedError: Dask is not installed, or a worker has another memcert or none.
    """
    try:
        import distributed
    except ImportError:
        raise UnsupportedError("--scheduler: needs Dask: pip install 'memcert[dask]'") from None
    dask: Any = distributed  # which has no types
    named = {
        "tls_ca_file": scheduler.ca_file,
        "tls_client_cert": scheduler.certificate,
        "tls_client_key": scheduler.key,
    }
    given = {name: value for name, value in named.items() if value is not None}
    security = dask.Security(require_encryption=True, **given) if given else dask.Security()
    try:
        client = dask.Client(scheduler.address, security=security, timeout=CONNECT_SECONDS)
    except Exception as error:
        reason = shown(f"{type(error).__name__}: {error}", 300)
        raise UsageError(f"--scheduler: no answer from {shown(scheduler.address)}: {reason}") from None
    with client:
        _refuse_others(client)
        yield client


def _refuse_others(client: Any) -> None:
    own = code_identity()
    try:
        told = client.run(code_identity)
    except Exception as error:
        reason = shown(f"{type(error).__name__}: {error}", 300)
        raise UnsupportedError(
            f"--scheduler: a worker has no memcert that could be asked: {reason}"
        ) from None
    if not told:
        raise UsageError("--scheduler: it has no workers")
    for address, theirs in told.items():
        if theirs != own:
            raise UnsupportedError(
                f"--scheduler: worker {shown(address)}: expected memcert {own['memcert']} with code "
                f"{own['code'][:12]}, got {version_of(theirs)}"
            )


def version_of(theirs: Any) -> str:
    """Return what a worker said that it has, for a message. Raises: never."""
    if not isinstance(theirs, Mapping):
        return shown(theirs)
    return f"memcert {shown(theirs.get('memcert'))} with code {shown(str(theirs.get('code'))[:12])}"


@cache
def code_digest() -> str:
    """Return the digest of all Python files of memcert. Cost: some 10 ms, once. Raises: OSError."""
    folder, found = Path(__file__).resolve().parent, hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(f"{path.relative_to(folder).as_posix()} ".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def code_identity() -> dict[str, str]:
    """Return version and code digest: two that agree give the same verdicts. Raises: OSError."""
    return {"memcert": __version__, "code": code_digest()}
