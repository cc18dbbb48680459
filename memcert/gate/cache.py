"""Verdicts of earlier runs, kept in the user's state folder; only what passed, and authenticated.

UNTRUSTED. An entry counts if its HMAC is right under this user's random key, if it is about the same
certificate, demands and installation, and if every file that it names has the digest that it names.
An attacker who acts as the same user can read the key: that is not covered.
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from memcert.errors import MemcertError
from memcert.findings import Finding, from_json, to_json
from memcert.formats.atomic import atomic_write
from memcert.gate.demands import Demands
from memcert.gate.examination import digests_of_files
from memcert.gate.identity import installation
from memcert.gate.read import digest_of_file
from memcert.kernel.files import open_regular

MAX_ENTRY = 1 << 22
MOST_ENTRIES = 10_000
"""When there are more, the oldest go."""
_KEY_BYTES = 32


def state_folder(environment: Mapping[str, str], home: Path) -> Path:
    """Return where this user's programs keep their state, as the platform has it. Raises: never."""
    named = environment.get("XDG_STATE_HOME", "")
    if named and Path(named).is_absolute():
        return Path(named) / "memcert"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "memcert"
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "memcert"
    return home / ".local" / "state" / "memcert"


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of entries, and the key that authenticates them."""

    folder: Path
    key: bytes
    root: Path
    policy: str

    def name(self, path: str, demands: Demands) -> str:
        """Return the name of the entry for a certificate as it is now. Raises: OSError."""
        asked = {
            "certificate": path,
            "files": sorted(self._digests(path, demands).items()),
            "demands": demands.to_json(),
            "policy": self.policy,
            "installation": installation(),
        }
        return hashlib.sha256(_canonical(asked)).hexdigest()

    def _digests(self, path: str, demands: Demands) -> dict[str, str]:
        return digests_of_files(path, demands, self.root)

    def found(self, path: str, demands: Demands) -> Finding | None:
        """Return the finding of an earlier run, if there is one that is whole, authentic and about this.

        Raises:
            OSError: memcert's own files cannot be read.
        """
        name = self.name(path, demands)
        with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            entry = json.loads(_read(self.folder / f"{name}.json"))
            value = entry["finding"]
            if hmac.compare_digest(self._mac(name, value), entry["mac"]):
                finding = from_json(value)
                if self._holds(finding, path):
                    return replace(finding, cached=True, milliseconds=0)
        return None

    def _holds(self, finding: Finding, path: str) -> bool:
        # The name of the entry covers the files that were named; a model may have brought more.
        now = {name: digest_of_file(self.root / name) for name in finding.files}
        return finding.subject == path and finding.status == 0 and now == finding.files and all(now.values())

    def keep(self, finding: Finding, demands: Demands) -> None:
        """Keep a finding that passed. Raises: MemcertError, OSError, if it cannot be written."""
        if finding.status != 0 or finding.cached or not all(finding.files.values()):
            return
        before = self._digests(finding.subject, demands)
        if any(finding.files.get(name) != digest for name, digest in before.items()):
            return  # a file is no longer what was examined
        name, value = self.name(finding.subject, demands), to_json(finding)
        entry = {"finding": value, "mac": self._mac(name, value)}
        with atomic_write(self.folder / f"{name}.json") as file:
            file.write(json.dumps(entry))

    def _mac(self, name: str, value: Any) -> str:
        return hmac.digest(self.key, _canonical([name, value]), "sha256").hex()

    def prune(self) -> None:
        """Let the oldest entries go where there are more than MOST_ENTRIES. Raises: never."""
        with suppress(OSError):
            entries = sorted(self.folder.glob("*.json"), key=lambda entry: entry.stat().st_mtime)
            for entry in entries[: max(0, len(entries) - MOST_ENTRIES)]:
                entry.unlink(missing_ok=True)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def opened(folder: Path, root: Path, policy: str) -> Cache | str:
    """Return the cache in a folder of the user's, which is made if it is not there; or why there is none.

    Args:
        folder: of memcert's state.
        root: of the repository; the folder must not lie in it.
        policy: its digest.

    Raises:
        never.
    """
    entries = folder / "gate"
    try:
        if entries.resolve().is_relative_to(root.resolve()):
            return "no cache: the state folder lies in the repository"
        entries.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Cache(entries, _key(folder / "gate.key"), root, policy)
    except (OSError, RuntimeError, MemcertError, ValueError) as error:
        return f"no cache: {error}"


def _key(path: Path) -> bytes:
    if not path.exists() and not path.is_symlink():
        _make_key(path)
    if path.is_symlink():
        raise ValueError("the key is a link")
    status = path.stat()
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077):
        raise ValueError("the key is another user's, or others may read it")
    key = _read(path)
    if len(key) != _KEY_BYTES:
        raise ValueError(f"the key is damaged: expected {_KEY_BYTES} bytes; without it the cache starts anew")
    return key


def _make_key(path: Path) -> None:
    """Make a key that is there whole or not at all; of two that are made at once, one stays."""
    descriptor, name = tempfile.mkstemp(prefix=".key-", dir=path.parent)  # of mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(temporary)
    finally:
        temporary.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    with os.fdopen(open_regular(str(path)), "rb") as file:
        content = file.read(MAX_ENTRY + 1)
    if len(content) > MAX_ENTRY:
        raise ValueError("too long for an entry")
    return content
