"""The trust manifest: the kernel's files, counted and digested, versions, and the table of verdicts.

UNTRUSTED: it describes what is installed. An installation that lies about itself is not found out by it.
"""

import hashlib
import importlib.metadata
import io
import platform
import tokenize
from ast import Constant, Expr, parse, walk
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import memcert.kernel
from memcert import __version__
from memcert.trust.bases import BASES, Basis

_BLANK = frozenset(
    {
        *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT),
        *(tokenize.DEDENT, tokenize.ENDMARKER),
    }
)


@dataclass(frozen=True, slots=True)
class TrustedFile:
    """A file of the kernel: all its lines, those that hold code, and the SHA-256 of its bytes."""

    name: str
    lines: int
    code: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is installed here, and what rests on it.

    Args:
        version: of memcert.
        python: implementation and version.
        files: the kernel's, by name.
        digest: SHA-256 of the lines `NAME DIGEST` of all files.
        libraries: the version of each that a verdict may load; None: not installed.
        bases: what each verdict rests on.
    """

    version: str
    python: str
    files: tuple[TrustedFile, ...]
    digest: str
    libraries: dict[str, str | None]
    bases: tuple[Basis, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as JSON. Raises: never."""
        return {
            "memcert": self.version,
            "python": self.python,
            "kernel": {
                "digest": self.digest,
                "lines": sum(file.lines for file in self.files),
                "code": sum(file.code for file in self.files),
                "files": [_fields(file) for file in self.files],
            },
            "libraries": self.libraries,
            "verdicts": [_fields(basis) for basis in self.bases],
        }


def _fields(value: Any) -> dict[str, Any]:
    found = {name: getattr(value, name) for name in value.__dataclass_fields__}
    return {name: list(part) if isinstance(part, tuple) else part for name, part in found.items()}


def manifest() -> Manifest:
    """Return the manifest of this installation. Raises: OSError, if a file of the kernel cannot be read."""
    folder = Path(memcert.kernel.__file__).parent
    files = tuple(_trusted(path) for path in sorted(folder.glob("*.py")))
    names = sorted({library for basis in BASES for library in basis.libraries})
    python = f"{platform.python_implementation()} {platform.python_version()}"
    digest = _digest("".join(f"{file.name} {file.digest}\n" for file in files).encode())
    return Manifest(__version__, python, files, digest, {name: _version(name) for name in names}, BASES)


def _trusted(path: Path) -> TrustedFile:
    content = path.read_bytes()
    text = content.decode()
    return TrustedFile(path.name, len(text.splitlines()), len(code_lines(text)), _digest(content))


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _version(library: str) -> str | None:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def code_lines(text: str) -> set[int]:
    """Return the lines of Python that hold code: not blank, comment or docstring. Raises: SyntaxError."""
    prose: set[int] = set()
    for node in walk(parse(text)):
        if isinstance(node, Expr) and isinstance(node.value, Constant) and isinstance(node.value.value, str):
            prose.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _BLANK:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines - prose
