"""Find the certificates of a repository, and box files: regular files whose content says that they are some.

UNTRUSTED. Names decide nothing. What is named on the command line is examined whatever it holds.
"""

import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from memcert.endings import Ending, ending
from memcert.errors import UsageError
from memcert.gate.globs import matches
from memcert.gate.places import text_at_top
from memcert.kernel.files import MAX_BYTES, open_regular
from memcert.kernel.verdict import shown

Kind = Literal["certificate", "boxes"]
"""A certificate or evidence, which is judged alone; a box file, which is replayed beside a certificate."""
_FORMAT = rb'"format"[ \t\r\n]*:[ \t\r\n]*"(memcert|memcert-evidence|memcert-boxes)/'
_NAMED = re.compile(_FORMAT)
_CANONICAL = re.compile(rb"[ \t\r\n]*\{[ \t\r\n]*" + _FORMAT)
_KINDS: Mapping[str, "Kind"] = {
    "memcert": "certificate",
    "memcert-evidence": "certificate",
    "memcert-boxes": "boxes",
}
_MARK = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_HEAD = 1 << 12
_LOOKS_LIKE_ONE = (".json", ".json.gz")


@dataclass(frozen=True, slots=True)
class Selection:
    """What was found below some paths.

    Args:
        certificates: paths relative to the repository, sorted; evidence too.
        boxes: box files, sorted.
        unreadable: paths that would be certificates by their names, and why they cannot be read.
        files: every path that was seen, certificates too, sorted.
    """

    certificates: tuple[str, ...]
    boxes: tuple[str, ...]
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
    found, unreadable = dict[str, Kind](), list[tuple[str, Ending]]()
    for path in files:
        try:
            kind = kind_of(inside(root, path)) or ("certificate" if path in named else None)
            if kind is not None:
                found[path] = kind
        except (OSError, UsageError, ValueError) as error:
            if path in named or path.casefold().endswith(_LOOKS_LIKE_ONE):
                unreadable.append((path, ending(error)))
    certificates, boxes = (
        tuple(p for p in files if found.get(p) == kind) for kind in ("certificate", "boxes")
    )
    return Selection(certificates, boxes, tuple(unreadable), tuple(files))


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


def kind_of(path: Path) -> Kind | None:
    """Return what a regular file says that it is, malformed ones included; None: nothing of memcert.

    Cost: what does not start as a JSON object is not read on. At most MAX_BYTES are.

    Raises:
        OSError: it cannot be opened, or is no regular file; nothing waits for a pipe.
    """
    with os.fdopen(open_regular(str(path)), "rb") as file:
        head = file.read(_HEAD)
        packed = head.startswith(_GZIP)
        start = _unpacked(head, _HEAD) if packed else head
        if not start.removeprefix(_MARK).lstrip(b" \t\r\n").startswith(b"{"):
            return None
        return kind_of_content(head + file.read(MAX_BYTES - len(head)))


def kind_of_content(content: bytes) -> Kind | None:
    """Return what the content of a file, packed or not, says that it is. Raises: never."""
    plain = _unpacked(content, MAX_BYTES) if content.startswith(_GZIP) else content
    return kind_of_text(plain) if plain.removeprefix(_MARK).lstrip(b" \t\r\n").startswith(b"{") else None


def kind_of_text(content: bytes) -> Kind | None:
    """Return what unpacked content says at its top that it is. Raises: never.

    Text that names the format and is no JSON counts: a certificate that was damaged is still one.
    """
    content = content.removeprefix(_MARK)
    if canonical := _CANONICAL.match(content):
        return _KINDS[canonical[1].decode()]
    named = _NAMED.search(content)
    # Without an escape there is one way to write the format's name.
    if named is None and b"\\u" not in content and b"\\/" not in content:
        return None
    try:
        found = text_at_top(content, "format")
    except (ValueError, IndexError, KeyError, RecursionError):
        return None if named is None else _KINDS[named[1].decode()]
    family, slash, _ = (found or "").partition("/")
    return _KINDS.get(family) if slash else None


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
