"""Where a command may write: found out before an hour of work, not after it.

UNTRUSTED.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from memcert.errors import UsageError
from memcert.kernel.verdict import shown


def writable(output: str, option: str = "--output", *, kept: Iterable[str | Path | None] = ()) -> Path:
    """Return the path, if a file can be made there that takes the place of none of the command's own.

    Args:
        output: as it was typed.
        option: which option named it.
        kept: what the command reads, and what else it writes; None: an option that is not given.

    Raises:
        UsageError: it is a folder, or in none that can be written; or it is one of the files that are kept.
    """
    path = Path(output)
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"{option}: expected a file in a folder that exists, got {shown(output)}")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"{option}: expected a folder that can be written, got that of {shown(output)}")
    for other in kept:
        if other is not None and _same(path, Path(other)):
            raise UsageError(
                f"{option}: expected another file than {shown(str(other))}, "
                "which the command reads or writes itself and which would be lost"
            )
    return path


def maybe_writable(
    output: str | None, option: str = "--output", *, kept: Iterable[str | Path | None] = ()
) -> Path | None:
    """Return what `writable` returns, None where nothing is to be written. Raises: UsageError."""
    return None if output is None else writable(output, option, kept=kept)


def spare_parts(model: str, names: Iterable[str], outputs: Mapping[str, Path | None]) -> None:
    """Refuse outputs that would take the place of a model's own files, which are known once it is read.

    Args:
        model: its path.
        names: of its files, those of external data within the model's folder.
        outputs: by the option that named each; None: it is not given.

    Raises:
        UsageError: one of them is a file of the model.
    """
    parts = [Path(model).parent / name for name in names]
    for option, output in outputs.items():
        maybe_writable(None if output is None else str(output), option, kept=parts)


def _same(path: Path, other: Path) -> bool:
    with suppress(OSError, ValueError):
        return (
            path.samefile(other)
            if path.exists() and other.exists()
            else os.path.realpath(path) == os.path.realpath(other)  # raises at no loop of links
        )
    return False
