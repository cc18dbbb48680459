"""Limits that a user sets a command: the options, and bytes of a file and bits of a number.

UNTRUSTED. Every one ends in `undecided`, exit 6, by its name; none is ever a success.
"""

import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memcert.cli.kept_limits import within
from memcert.endings import of_file
from memcert.errors import UndecidedError
from memcert.kernel.verdict import LimitReached
from memcert.limits import Limits, memory_can_be_limited, require_memory_limit, size_of

if TYPE_CHECKING:
    from memcert.datasets.stored import Rows
    from memcert.kernel.certificate import Certificate, Number
    from memcert.kernel.network import Network

PANEL = "Limits"
MaxBytes = Annotated[
    str | None,
    typer.Option(
        "--max-bytes",
        metavar="SIZE",
        help="Largest file that is read [else 256MiB a certificate, 1GiB data].",
        rich_help_panel=PANEL,
    ),
]
MaxBits = Annotated[
    int | None,
    typer.Option(
        "--max-bits",
        metavar="N",
        min=1,
        help="Longest number of a certificate, in bits [else 2^20].",
        rich_help_panel=PANEL,
    ),
]
MaxMemory = Annotated[
    str | None,
    typer.Option(
        "--max-memory",
        metavar="SIZE",
        help="Address space [else that of the machine, at least 4GiB].",
        rich_help_panel=PANEL,
    ),
]
Timeout = Annotated[
    int,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=1,
        max=10**7,
        help="Time for the whole command.",
        rich_help_panel=PANEL,
    ),
]
SECONDS = 3600
"""Time for a command where the user names none."""
LEAST_DEFAULT = 4 << 30
"""Bytes of address space that every command may use where the user names none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The limits of one command, as the user spells them; None: the default.

    Args:
        max_bytes: of every file that is read.
        max_bits: of the numbers of a network and of data.
        max_memory: of the process.
        timeout: seconds for the whole command.
    """

    max_bytes: str | None = None
    max_bits: int | None = None
    max_memory: str | None = None
    timeout: int = SECONDS

    def most_bytes(self) -> int | None:
        """Return the size of the largest file that is read; None: the default. Raises: UsageError."""
        return None if self.max_bytes is None else size_of(self.max_bytes, "--max-bytes", least=1)

    def process(self) -> Limits:
        """Return what the process may use.

        Raises:
            UsageError: the size is spelled otherwise, or too small for Python to start.
            UnsupportedError: memory is to be limited where the system does not do that.
        """
        if self.max_memory is None:
            return Limits(self.timeout, _default_memory())
        size = size_of(self.max_memory, "--max-memory")
        require_memory_limit("--max-memory")
        return Limits(self.timeout, size)

    @contextmanager
    def kept(self, too_late: Callable[[UndecidedError], object]) -> Iterator[None]:
        """Run the block under the limits: of time, memory, and of what the readers of files hold.

        Args:
            too_late: as `within`.

        Raises:
            MemcertError: as `within` and `process`.
        """
        from memcert.formats.files import reading_at_most

        with within(self.process(), too_late), reading_at_most(self.most_bytes()):
            yield

    def files(self, *paths: str | None) -> None:
        """Refuse files that are larger than the user allows, before they are read.

        Raises:
            UsageError: a path cannot be opened.
            LimitReached: a file is larger.
        """
        most = self.most_bytes()
        if most is not None:
            _confirm_files(most, paths)

    def content(self, path: str) -> bytes:
        """Return the bytes of a certificate or the like, unpacked.

        Raises:
            UsageError, OSError: it cannot be opened. Malformed: as `read_bytes`.
            LimitReached: it is larger than the user allows, packed or unpacked.
        """
        from memcert.kernel.files import read_bytes

        self.files(path)
        with of_file(path):
            content = read_bytes(path)
        most = self.most_bytes()
        if most is not None and len(content) > most:
            raise LimitReached("max-bytes", "file", f"at most {most}", len(content))
        return content

    def certificate(self, path: str) -> "Certificate":
        """Return a certificate, decoded and not believed. Raises: as `content`, and Failure."""
        from memcert.kernel.decode import decode

        content = self.content(path)
        with of_file(path):
            return self.within_bits(decode(content))

    def within_bits(self, certificate: "Certificate") -> "Certificate":
        """Return the certificate, before anything of it is evaluated. Raises: as `bits`."""
        self.bits(certificate.network, certificate.dataset.points or ())
        return certificate

    def bits(self, network: "Network", points: "Iterable[Sequence[Number]]" = ()) -> None:
        """Refuse numbers longer than the user allows, numerator or denominator.

        Raises:
            LimitReached: a weight, a bias or a coordinate is longer.
        """
        if self.max_bits is None:
            return
        for k, layer in enumerate(network.layers):
            _confirm_longest(self.max_bits, f"network.layers[{k}]", (*layer.data, *layer.bias))
        for row, point in enumerate(points):
            _confirm_longest(self.max_bits, f"dataset.points[{row}]", point)

    def data_bits(self, data: "Rows | None") -> None:
        """Refuse coordinates of the user's data that are longer. Cost: N d steps. Raises: as `bits`."""
        if self.max_bits is not None and data is not None:
            for row in range(data.size):
                _confirm_longest(self.max_bits, f"dataset.points[{row}]", data.point(row))


def _asked(
    *,
    max_bytes: MaxBytes = None,
    max_bits: MaxBits = None,
    max_memory: MaxMemory = None,
    timeout: Timeout = SECONDS,
) -> Asked:
    return Asked(max_bytes, max_bits, max_memory, timeout)


def limited(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command, which takes `limits`, the four options in the place of that. Raises: KeyError."""
    own = inspect.signature(command)
    added = inspect.signature(_asked).parameters
    before = dict(own.parameters)
    before.pop("limits")
    last = [before.pop(name) for name in ("as_json", "quiet")]
    ordered = [*before.values(), *added.values(), *last]

    @wraps(command)
    def with_limits(*arguments: Any, **options: Any) -> int:
        limits = {name: options.pop(name) for name in added if name in options}
        return command(*arguments, limits=_asked(**limits), **options)

    with_limits.__dict__["__signature__"] = own.replace(parameters=ordered)
    with_limits.__annotations__ = {p.name: p.annotation for p in ordered} | {"return": int}
    return with_limits


def _default_memory() -> int | None:
    if not memory_can_be_limited():
        return None
    return max(LEAST_DEFAULT, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def _confirm_files(most: int, paths: Iterable[str | None]) -> None:
    from memcert.formats.files import opened

    for path in paths:
        if path is None or path.startswith("sklearn:"):
            continue
        descriptor = opened(path)
        size = os.fstat(descriptor).st_size
        os.close(descriptor)
        if size > most:
            raise LimitReached("max-bytes", path, f"at most {most}", size)


def _confirm_longest(limit: int, at: str, numbers: "Sequence[Number]") -> None:
    for number in numbers:
        longest = max(number.numerator.bit_length(), number.denominator.bit_length())
        if longest > limit:
            raise LimitReached("max-bits", at, f"at most {limit}", longest)
