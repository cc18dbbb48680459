"""Text in UTF-8, decoded as it is read; what is no text is named with its line.

UNTRUSTED.
"""

import codecs
import io
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO

from memcert.datasets.problems import Findings
from memcert.errors import UndecidedError
from memcert.formats.files import BUFFER, DataFile
from memcert.kernel.verdict import shown

MAX_LINE = 1 << 26
"""Longest line, in characters."""

_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 starts."""


def text_of(data: DataFile, findings: Findings, wanted: str = "text in UTF-8") -> io.TextIOWrapper:
    """Return a file's text, its line ends as they are, without a byte order mark.

    Args:
        data: yet to be read.
        findings: names the file.
        wanted: what the message asks for.

    Raises:
        DatasetError: now or while reading, another encoding, or a NUL.
    """
    if data.head().startswith(_MARKS):
        raise findings.error(f"expected {wanted}, got UTF-16")
    checked = io.BufferedReader(_Checked(data.file, findings, wanted), BUFFER)
    return io.TextIOWrapper(checked, encoding="utf-8-sig", newline="")


def lines_of(text: io.TextIOWrapper, findings: Findings) -> Iterator[str]:
    """Yield the lines with their ends, as far as they are asked for.

    Raises:
        DatasetError: as `text_of`.
        UndecidedError: a line has more than MAX_LINE characters; no more are held.
    """
    for number, line in enumerate(iter(partial(text.readline, MAX_LINE + 1), ""), 1):
        if len(line) > MAX_LINE:
            raise UndecidedError(
                f"{shown(findings.file)}: line {number}: expected at most {MAX_LINE:,} characters, "
                f"got {_length(line, text):,}"
            )
        yield line


def _length(line: str, text: io.TextIOWrapper) -> int:
    length = len(line)
    while line and not line.endswith(("\n", "\r")):
        line = text.readline(BUFFER)
        length += len(line)
    return length


class _Checked(io.RawIOBase):
    """The bytes of a file, each confirmed to be part of a text before it is passed on."""

    def __init__(self, file: BinaryIO, findings: Findings, wanted: str) -> None:
        self._file, self._findings, self._wanted = file, findings, wanted
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._line = 1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._file.read(len(buffer))
        try:
            self._decoder.decode(chunk, final=not chunk)
            at, got = chunk.find(b"\0"), "a NUL byte"
            before = chunk[: max(at, 0)]
        except UnicodeDecodeError as error:
            at, got = error.start, f"byte {error.object[error.start]:#04x}"
            before = error.object[: error.start]
        if at >= 0:
            line = self._line + before.count(b"\n")
            raise self._findings.error(f"line {line}: expected {self._wanted}, got {got}") from None
        self._line += chunk.count(b"\n")
        buffer[: len(chunk)] = chunk
        return len(chunk)
