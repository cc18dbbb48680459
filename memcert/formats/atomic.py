"""Write a file under a temporary name and rename it when it is whole.

UNTRUSTED. Whatever ends the writing, an exception, Ctrl-C or SIGTERM, leaves no file behind.
"""

import errno
import gzip
import io
import os
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, Any, Literal, overload

from memcert.errors import UsageError
from memcert.kernel.verdict import shown

TERMINATED = 128 + signal.SIGTERM
"""Exit status of a process that SIGTERM ended, as shells give it."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@overload
def atomic_write(
    path: Path, mode: Literal["text"] = "text", *, verify: Callable[[Path], None] | None = None
) -> AbstractContextManager[IO[str]]: ...
@overload
def atomic_write(
    path: Path, mode: Literal["bytes"], *, verify: Callable[[Path], None] | None = None
) -> AbstractContextManager[IO[bytes]]: ...
@contextmanager
def atomic_write(
    path: Path, mode: Literal["text", "bytes"] = "text", *, verify: Callable[[Path], None] | None = None
) -> Iterator[IO[Any]]:
    """Yield a file that becomes `path` when the block ends well, and vanishes when it does not.

    Args:
        path: where to; links are followed. A name that ends in `.gz` is packed, the same content
            always to the same bytes.
        mode: `text` is UTF-8 with line feeds.
        verify: called with the temporary path when all is written and before it is renamed; what
            it raises keeps the file from appearing.

    Raises:
        UsageError: the folder does not exist or cannot be written, or `path` is a folder, a
            device or a pipe; there is no room.
        OSError: writing failed otherwise.
    """
    target = _target(path)
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.tmp")
    with _terminated_as_exception():
        try:
            # Within the block, lest what interrupts just after it leaves the file; its random name is ours.
            descriptor = _create(temporary, path)
            with os.fdopen(descriptor, "wb") as raw:
                with _layers(raw, mode, packed=path.name.endswith(".gz")) as file:
                    yield file
                raw.flush()
                os.fsync(raw.fileno())
            if verify is not None:
                verify(temporary)
            temporary.replace(target)
        except BaseException as error:
            with suppress(OSError):
                temporary.unlink()
            if isinstance(error, OSError) and error.errno in _FULL:
                raise UsageError(f"{shown(str(path))} cannot be written: {error.strerror}") from None
            raise


def _target(path: Path) -> Path:
    try:
        target = path.resolve()
        exists = target.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"{shown(str(path))} cannot be written: {shown(str(error))}") from None
    if exists and not target.is_file():
        kind = "a folder" if target.is_dir() else "not a regular file"
        raise UsageError(f"{shown(str(path))} cannot be written: it is {kind}")
    if target.is_symlink():
        raise UsageError(f"{shown(str(path))} cannot be written: it is a loop of links")
    if not target.parent.is_dir():
        raise UsageError(
            f"{shown(str(path))} cannot be written: there is no folder {shown(str(target.parent))}"
        )
    return target


def _create(temporary: Path, path: Path) -> int:
    try:
        # Readable as the user's umask has it, which tempfile.mkstemp would not leave.
        return os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:
        raise UsageError(f"{shown(str(path))} cannot be written: {error.strerror}") from None


@contextmanager
def _layers(raw: IO[bytes], mode: str, *, packed: bool) -> Iterator[IO[Any]]:
    binary: Any = raw
    if packed:
        # No time and no name: equal content gives equal bytes.
        binary = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0)
    if mode == "bytes":
        yield binary
    else:
        text = io.TextIOWrapper(binary, encoding="utf-8", newline="\n", write_through=False)
        yield text
        text.detach()
    if packed:
        binary.close()


@contextmanager
def _terminated_as_exception() -> Iterator[None]:
    """Turn SIGTERM into SystemExit for a while, unless the program handles it itself."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
