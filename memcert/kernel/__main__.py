"""Check one certificate with the kernel alone: `python -I -m memcert.kernel CERT [DATA]`.

TRUSTED. DATA is a `memcert-data/1` text, needed where the certificate's data are detached.
"""

import os
import sys
from collections.abc import Iterator

from memcert.kernel.check import check
from memcert.kernel.data import MAX_LINE, Table, text_table
from memcert.kernel.decode import decode
from memcert.kernel.files import open_regular, read_bytes
from memcert.kernel.verdict import Failure, LimitReached, Words, shown

USAGE = "usage: python -I -m memcert.kernel CERTIFICATE [DATA]"


def main(arguments: list[str]) -> int:
    """Check the certificate that the arguments name; return the exit status. Raises: never."""
    if len(arguments) not in (1, 2):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        certificate = decode(read_bytes(arguments[0]))
        table = _table(arguments[1]) if len(arguments) == 2 else None
        if table is None and certificate.dataset.points is None:
            print(f"error: the certificate's data are detached; {USAGE}", file=sys.stderr)
            return 2
        accepted = check(certificate, table)
    except OSError as error:
        print(f"error: cannot open {shown(error.filename)}: {error.strerror}", file=sys.stderr)
        return 2
    except Failure as failure:
        print(f"{failure.word}: {failure}")
        return failure.status
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        print("undecided: memory ran out")
        return 6
    held, status = accepted.samples - accepted.excepted, 1 if accepted.excepted else 0
    print(
        f"accepted: rule {accepted.rule}, tolerance {shown(accepted.tolerance)}, holds on {held} of "
        f"{accepted.samples} rows, classes {shown(accepted.classes)}, data {accepted.dataset_digest}, "
        f"network {accepted.network_digest} (kernel; not examined: {', '.join(accepted.not_examined) or '-'})"
    )
    return status


def _table(path: str) -> Table:
    return text_table(_lines(os.fdopen(open_regular(path), encoding="ascii", newline="\n")))


def _lines(file: "Iterator[str]") -> Iterator[str]:
    while line := file.readline(MAX_LINE):  # type: ignore[attr-defined]
        if len(line) == MAX_LINE:
            raise LimitReached("line", "data", f"lines below {MAX_LINE} characters", Words("longer"))
        yield line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
