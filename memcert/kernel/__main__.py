"""Check one certificate with the kernel alone: `python -I -m memcert.kernel CERT [DATA]`.

TRUSTED. DATA is a `memcert-data/1` text, needed where the certificate's data are detached.
"""

import os
import sys
from collections.abc import Iterator
from typing import TextIO

from memcert.kernel.check import check
from memcert.kernel.data import MAX_LINE, Table, text_table
from memcert.kernel.decode import decode
from memcert.kernel.files import open_regular, read_bytes
from memcert.kernel.verdict import Accepted, Failure, LimitReached, Words, shown

USAGE = "usage: python -I -m memcert.kernel CERTIFICATE [DATA]"


def main(arguments: list[str]) -> int:
    """Check the certificate that the arguments name; return the exit status. Raises: OSError."""
    try:
        status, line = _outcome(arguments)
    except OSError as error:
        status, line = 2, f"error: cannot open {shown(error.filename)}: {error.strerror}"
    except Failure as failure:
        status, line = failure.status, f"{failure.word}: {failure}"
    except MemoryError:
        status, line = 6, "undecided: memory ran out"
    except KeyboardInterrupt:
        status, line = 130, "interrupted"
    (sys.stderr if status in (2, 130) else sys.stdout).write(f"{line}\n")
    return status


def _outcome(arguments: list[str]) -> tuple[int, str]:
    if len(arguments) not in (1, 2):
        return 2, USAGE
    certificate = decode(read_bytes(arguments[0]))
    if len(arguments) == 1 and certificate.dataset.points is None:
        return 2, f"error: the certificate's data are detached; {USAGE}"
    accepted = check(certificate, table_of(arguments[1]) if len(arguments) == 2 else None)
    return 1 if accepted.excepted else 0, _line(accepted)


def _line(accepted: Accepted) -> str:
    held = accepted.samples - accepted.excepted
    return (
        f"accepted: rule {accepted.rule}, tolerance {shown(accepted.tolerance)}, holds on {held} of "
        f"{accepted.samples} rows, classes {shown(accepted.classes)}, data {accepted.dataset_digest}, "
        f"network {accepted.network_digest} (kernel; not examined: {', '.join(accepted.not_examined) or '-'})"
    )


def table_of(path: str) -> Table:
    """Return the samples of a canonical text, read as they are used. Raises: OSError, Malformed."""
    # What is not ASCII becomes a character that no canonical line has.
    return text_table(_lines(os.fdopen(open_regular(path), encoding="ascii", errors="replace", newline="\n")))


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise LimitReached("line", "data", f"lines below {MAX_LINE} characters", Words("longer"))
        yield line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
