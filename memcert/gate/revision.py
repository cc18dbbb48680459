"""A revision of the repository, read by git: which files it has, and what they hold.

UNTRUSTED. git is called with fixed words and object names, without a shell; hooks and external diffs
are off. Filters that git runs are those of the user's own configuration.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from memcert.errors import UndecidedError, UnsupportedError, UsageError
from memcert.kernel.files import MAX_BYTES
from memcert.kernel.verdict import shown

_REVISION = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9_./@^~{}-]{0,199}", re.ASCII)
_ENTRY = re.compile(
    rb"(?P<mode>[0-9]{6}) \w+ (?P<name>[0-9a-f]{40,64}) +(?P<size>[0-9]+|-)\t(?P<path>.*)", re.DOTALL
)
_REGULAR = (b"100644", b"100755")
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Blob:
    """A regular file of a revision: the name of git's object, and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Revision:
    """One commit.

    Args:
        root: of the repository.
        commit: its whole name.
        files: its regular files, by path.
        others: paths of links and submodules.
    """

    root: Path
    commit: str
    files: Mapping[str, Blob]
    others: frozenset[str]

    def read(self, path: str) -> bytes | None:
        """Return what a file holds; None: the revision has no such regular file.

        Raises:
            UndecidedError: it is larger than any file that is read.
            UsageError: it is a link, which a folder may follow and git does not; or git cannot give it.
        """
        if path in self.others:
            raise UsageError(
                f"--policy-from: expected a regular file {shown(path)}, got a link or a submodule"
            )
        blob = self.files.get(path)
        if blob is None:
            return None
        if blob.size > MAX_BYTES:
            raise UndecidedError(f"{shown(path)}: expected at most {MAX_BYTES:,} bytes, got {blob.size:,}")
        return _git(self.root, "cat-file", "blob", blob.name)

    def changed(self) -> frozenset[str]:
        """Return the paths at which the folder differs from this revision. Raises: UsageError."""
        words = ("--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv")
        listed = _git(self.root, "diff", *words, "--ignore-submodules=all", self.commit, "--")
        return frozenset(os.fsdecode(path) for path in listed.split(b"\0") if path)


def revision(root: Path, name: str) -> Revision:
    """Return the revision that a name such as `origin/main` or a commit stands for.

    Raises:
        UsageError: it is no such name, there is no such commit, or no repository.
        UnsupportedError: git is not installed.
    """
    if _REVISION.fullmatch(name) is None or ".." in name:
        raise UsageError(f"--policy-from: expected a revision such as origin/main, got {shown(name)}")
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    whole = commit.decode("ascii").strip()
    if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", whole) is None:
        raise UsageError(f"--policy-from: there is no commit {shown(name)} (is the clone too shallow?)")
    listed = _git(root, "ls-tree", "-r", "-z", "-l", "--full-tree", whole)
    files, others = dict[str, Blob](), set[str]()
    for entry in filter(None, map(_ENTRY.fullmatch, listed.split(b"\0"))):
        path = os.fsdecode(entry["path"])
        if entry["mode"] in _REGULAR:
            files[path] = Blob(entry["name"].decode(), int(entry["size"]))
        else:
            others.add(path)
    return Revision(root, whole, files, frozenset(others))


def _git(root: Path, *words: str) -> bytes:
    settings = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false")
    env = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and names that were matched
            ["git", "-C", str(root), "--no-replace-objects", *settings, *words],  # noqa: S607 - the user's git
            env=env,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise UnsupportedError("--policy-from: needs git, which is not installed") from None
    except subprocess.TimeoutExpired:
        raise UndecidedError(f"--policy-from: git took more than {SECONDS} seconds") from None
    if done.returncode and words[0] != "rev-parse":
        raise UsageError(f"--policy-from: git {words[0]}: {shown(done.stderr.decode(errors='replace'))}")
    if done.returncode and done.stderr:
        raise UsageError(f"--policy-from: {shown(done.stderr.decode(errors='replace').strip())}")
    return done.stdout
