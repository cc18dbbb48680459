"""Find the certificates of a repository: regular files whose content says that they are some.

UNTRUSTED. Names decide nothing. What is named on the command line is examined whatever it holds.
"""

import os
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from memcert.endings import Ending, ending
from memcert.errors import UsageError
from memcert.gate.globs import matches
from memcert.gate.places import text_at_top
from memcert.kernel.files import MAX_BYTES, open_regular
from memcert.kernel.verdict import shown

_NAMED = re.compile(rb'"format"\s*:\s*"memcert(-evidence)?/')
_CANONICAL = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"format"[ \t\r\n]*:[ \t\r\n]*"memcert(-evidence)?/')
_FORMATS = ("memcert/", "memcert-evidence/")
_MARK = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_HEAD = 1 << 12
_LOOKS_LIKE_ONE = (".json", ".json.gz")


@dataclass(frozen=True, slots=True)
class Selection:
    """What was found below some paths.

    Args:
        certificates: paths relative to the repository, sorted.
        unreadable: paths that would be certificates by their names, and why they cannot be read.
        files: every path that was seen, certificates too, sorted.
    """

    certificates: tuple[str, ...]
    unreadable: tuple[tuple[str, Ending], ...]
    files: tuple[str, ...]


def repository_of(folder: Path) -> Path:
    """Return the folder that a path lies in and that has a `.git`; else the folder itself. Raises: never."""
    here = folder.resolve()
    return next((part for part in (here, *here.parents) if (part / ".git").exists()), here)


def relative_to(root: Path, path: str | Path) -> str:
    """Return a path as one relative to the repository, `/` between names, links not followed.

    Raises:
        UsageError: it leads outside.
    """
    whole = Path(os.path.normpath(Path.cwd() / path))
    for base in (root, root.resolve()):
        if whole.is_relative_to(base):
            return whole.relative_to(base).as_posix()
    # The current folder may be known by another name than the repository's.
    parent = whole.parent.resolve() / whole.name
    if parent.is_relative_to(root.resolve()):
        return parent.relative_to(root.resolve()).as_posix()
    raise UsageError(f"{shown(str(path))}: expected a path inside the repository {shown(str(root))}")


def inside(root: Path, path: str) -> Path:
    """Return where a file of the repository is, once it is known that no link leads outside.

    Raises:
        UsageError: it leads outside, or links run in a circle.
    """
    try:
        found = (root / path).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"{shown(path)} cannot be opened: {shown(str(error))}") from None
    if not found.is_relative_to(root.resolve()):
        raise UsageError(f"{shown(path)} leads outside the repository")
    return root / path


def select(root: Path, paths: Iterable[str], exclude: Iterable[str]) -> Selection:
    """Return the certificates below some paths.

    Args:
        root: of the repository.
        paths: relative to it: folders are walked, files are taken; links to folders are not followed.
        exclude: globs of what is not looked at.

    Raises:
        UsageError: a path is not there, or leads outside.
    """
    named, files = _listed(root, paths, tuple(exclude))
    certificates, unreadable = set[str](), list[tuple[str, Ending]]()
    for path in files:
        try:
            if says_so(inside(root, path)) or path in named:
                certificates.add(path)
        except (OSError, UsageError, ValueError) as error:
            if path in named or path.casefold().endswith(_LOOKS_LIKE_ONE):
                unreadable.append((path, ending(error)))
    return Selection(tuple(sorted(certificates)), tuple(unreadable), tuple(files))


def _listed(root: Path, paths: Iterable[str], exclude: tuple[str, ...]) -> tuple[set[str], list[str]]:
    named, files = set[str](), set[str]()
    for path in paths:
        whole = root / path
        if whole.is_dir() and not whole.is_symlink():
            files.update(p for p in walk(root, path) if not matches(p, exclude))
        elif whole.is_symlink() or whole.exists():
            named.add(PurePosixPath(path).as_posix())
        else:
            raise UsageError(f"{shown(path)} cannot be opened: No such file or directory")
    return named, sorted(files | named)


def walk(root: Path, folder: str) -> Iterator[str]:
    """Yield what is no folder below a folder; what starts with a dot is not entered."""
    left = [PurePosixPath(folder)]
    while left:
        here = left.pop()
        with os.scandir(root / here) as entries:
            for entry in entries:
                path = here / entry.name
                if not entry.is_dir(follow_symlinks=False):
                    yield path.as_posix()
                elif not entry.name.startswith("."):
                    left.append(path)


def says_so(path: Path) -> bool:
    """Whether a regular file says that it is a certificate or evidence, malformed ones included.

    Cost: what does not start as a JSON object is not read on. At most MAX_BYTES are.

    Raises:
        OSError: it cannot be opened, or is no regular file; nothing waits for a pipe.
    """
    with os.fdopen(open_regular(str(path)), "rb") as file:
        head = file.read(_HEAD)
        packed = head.startswith(_GZIP)
        start = _unpacked(head, _HEAD) if packed else head
        if not start.removeprefix(_MARK).lstrip(b" \t\r\n").startswith(b"{"):
            return False
        return content_says_so(head + file.read(MAX_BYTES - len(head)))


def content_says_so(content: bytes) -> bool:
    """Whether the content of a file, packed or not, says that it is a certificate. Raises: never."""
    plain = _unpacked(content, MAX_BYTES) if content.startswith(_GZIP) else content
    return plain.removeprefix(_MARK).lstrip(b" \t\r\n").startswith(b"{") and holds_certificate(plain)


def holds_certificate(content: bytes) -> bool:
    """Whether unpacked content says at its top that it is a certificate or evidence. Raises: never.

    Text that names the format and is no JSON counts: a certificate that was damaged is still one.
    """
    content = content.removeprefix(_MARK)
    if _CANONICAL.match(content):
        return True
    named = _NAMED.search(content) is not None
    # Without an escape there is one way to write the format's name.
    if not named and b"\\u" not in content and b"\\/" not in content:
        return False
    try:
        found = text_at_top(content, "format")
    except (ValueError, IndexError, KeyError, RecursionError):
        return named
    return found is not None and found.startswith(_FORMATS)


def _unpacked(packed: bytes, most: int) -> bytes:
    """Return what can be unpacked, as far as it is undamaged."""
    unpacker, found = zlib.decompressobj(31), bytearray()
    try:
        for start in range(0, len(packed), 1 << 16):
            found += unpacker.decompress(packed[start : start + (1 << 16)], max(1, most - len(found)))
            if len(found) >= most or unpacker.eof:
                break
    except zlib.error:
        pass
    return bytes(found)
