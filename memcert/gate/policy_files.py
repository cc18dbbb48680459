"""Where a policy stands: memcert.toml, or [tool.memcert] of pyproject.toml, of a folder or a revision.

UNTRUSTED.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memcert.errors import UsageError
from memcert.formats.files import read_bounded
from memcert.gate.policy import Policy, read_policy
from memcert.kernel.verdict import shown

NAMES = ("memcert.toml", "pyproject.toml")
"""Looked for in this order."""
MAX_BYTES = 1 << 20
"""Of a policy."""
Reader = Callable[[str], bytes | None]
"""From a path relative to the repository to the content of the file; None: there is none."""


@dataclass(frozen=True, slots=True)
class Found:
    """A policy and where it was read; `source` None: there is none, and the default holds."""

    policy: Policy
    source: str | None


def in_folder(root: Path) -> Reader:
    """Return the reader of the files of a folder. Raises: never."""

    def read(path: str) -> bytes | None:
        file = root / path
        return read_bounded(str(file)) if file.is_symlink() or file.exists() else None

    return read


def find(read: Reader, config: str | None) -> Found:
    """Return the policy of a repository.

    Args:
        read: gives the repository's files.
        config: the file that holds it; None: the first of NAMES that does.

    Raises:
        UsageError: the file that is named is not there or holds no policy, or a policy is malformed.
    """
    if config is not None:
        content = read(config)
        if content is None:
            raise UsageError(f"--config: there is no file {shown(config)}")
        return _required(config, content)
    for name in NAMES:
        content = read(name)
        table = None if content is None else _table(name, content)
        if table is not None:
            return Found(read_policy(table, name), name)
    return Found(Policy(), None)


def _required(config: str, content: bytes) -> Found:
    table = _table(config, content)
    if table is None:
        raise UsageError(f"--config: expected a table [tool.memcert] in {shown(config)}, got none")
    return Found(read_policy(table, config), config)


def _table(name: str, content: bytes) -> dict[str, Any] | None:
    """Return the policy's table; None: a pyproject.toml without one."""
    if len(content) > MAX_BYTES:
        raise UsageError(f"{shown(name)}: expected at most {MAX_BYTES:,} bytes of policy")
    try:
        value = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{shown(name)}: expected TOML: {shown(str(error))}") from None
    if Path(name).name != "pyproject.toml":
        return value
    tool = value.get("tool")
    found = tool.get("memcert") if isinstance(tool, dict) else None
    if found is not None and not isinstance(found, dict):
        raise UsageError(f"{shown(name)}: tool.memcert: expected a table")
    return found
