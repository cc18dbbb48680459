"""A certificate's file as it was read: its bytes, what they mean, and where in them something stands.

UNTRUSTED.
"""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memcert.errors import UndecidedError
from memcert.findings import Place
from memcert.formats.files import opened
from memcert.gate.places import line_in_json, line_of_syntax_error, pointer_of
from memcert.kernel.certificate import Certificate
from memcert.kernel.decode import decode
from memcert.kernel.files import open_regular, read_bytes
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.datasets.dataset import Dataset

MAX_DATA = 1 << 30
"""Bytes of a data file."""
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a file.

    Args:
        path: relative to the repository.
        content: unpacked.
        packed: whether it was packed, so that its lines are nobody's.
    """

    path: str
    content: bytes
    packed: bool

    @property
    def lines(self) -> bytes | None:
        """The content whose lines a reader can find. Raises: never."""
        return None if self.packed else self.content

    def place(self, at: str | None) -> Place:
        """Return where a place such as `claim.width` stands. Raises: never."""
        pointer = pointer_of(at)
        line = None if self.packed else line_in_json(self.content, pointer)
        return Place(self.path, line, pointer or None)

    def place_of_damage(self, at: str | None) -> Place:
        """Return where a text is no certificate: the line where JSON ends, or the place. Raises: never."""
        broken = None if self.packed else line_of_syntax_error(self.content)
        return self.place(at) if broken is None else Place(self.path, broken)


@dataclass(frozen=True, slots=True)
class Read:
    """A decoded certificate, not believed, and its text."""

    text: Text
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Source:
    """Where the samples were read.

    Args:
        path: of the certificate.
        content: of the certificate, unpacked; None: its lines mean nothing, since it is packed.
        data: the user's own samples; None: the certificate's.
        data_path: of their file.
    """

    path: str
    content: bytes | None
    data: "Dataset | None"
    data_path: str | None


def read_text(path: str) -> Text:
    """Return the text of a regular file.

    Raises:
        OSError: it cannot be opened. Malformed, LimitReached: as the kernel's `read_bytes`.
    """
    content = read_bytes(path)
    with os.fdopen(open_regular(path), "rb") as file:
        return Text(path, content, file.read(2) == _GZIP)


def decoded(text: Text) -> Read:
    """Return the certificate that a text is. Raises: Malformed, Unsupported, LimitReached."""
    return Read(text, decode(text.content))


def digest_of_file(path: str | Path) -> str:
    """Return the SHA-256 of a regular file's bytes, hexadecimal; `` if it cannot be read. Raises: never."""
    with suppress(OSError, ValueError), os.fdopen(open_regular(str(path)), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return ""


def bytes_of_file(path: Path) -> bytes:
    """Return a regular file's bytes as they are.

    Raises:
        UsageError: it cannot be opened. UndecidedError: it is larger than any file that is read.
    """
    with os.fdopen(opened(str(path)), "rb") as file:
        content = file.read(MAX_DATA + 1)
    if len(content) > MAX_DATA:
        raise UndecidedError(f"{shown(str(path))}: expected at most {MAX_DATA:,} bytes")
    return content
