"""Evidence that there is no network: written by `memcert build`, verified by `memcert check`.

UNTRUSTED. What is decided is decided by `memcert.evidence`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Outcome
from memcert.errors import NoNetworkError
from memcert.evidence.check import Established, check
from memcert.evidence.decode import decode
from memcert.evidence.document import EvidenceError
from memcert.evidence.encode import encode
from memcert.kernel.files import read_bytes
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.datasets.dataset import Dataset

VERDICT = "no network"


def no_network(error: NoNetworkError, path: Path) -> Outcome:
    """Write the evidence, if there is any, once it was read again and checked.

    Args:
        error: what the construction said.
        path: where the evidence goes.

    Raises:
        MemcertError: the file cannot be written.
        Failure: the evidence was not accepted; nothing is written then.
    """
    if not isinstance(error, EvidenceError):
        report = (f"{VERDICT}: {error}", f"nothing was written to {shown(str(path))}")
        return Outcome(DOES_NOT_HOLD, VERDICT, report, {"message": str(error), "evidence": None})
    from memcert.formats.atomic import atomic_write

    found: list[Established] = []
    with atomic_write(path, verify=lambda file: found.append(check(decode(read_bytes(str(file)))))) as file:
        file.write(encode(error.document))
    first = f"{VERDICT}: wrote the evidence to {shown(str(path))}, read it back and checked it"
    data = {"message": str(error), "evidence": str(path), **_as_data(found[0])}
    return Outcome(DOES_NOT_HOLD, VERDICT, (first, *_lines(found[0])), data)


def checked(content: bytes, dataset: "Dataset | None") -> Outcome:
    """Return the outcome of checking an evidence file.

    Args:
        content: of the file.
        dataset: the user's own data, if given.

    Raises:
        Failure: it is malformed, or does not show what it says.
    """
    from memcert.kernel.data import Table

    table = None
    if dataset is not None:
        table = Table(dataset.size, dataset.dimension, dataset.columns, dataset.rows())
    found = check(decode(content), table)
    return Outcome(HOLDS, "valid evidence", ("valid evidence", *_lines(found)), _as_data(found))


def _lines(found: Established) -> tuple[str, ...]:
    whose = "your own data" if found.given else "the data that it quotes"
    about = (
        "speaks of the quoted rows, whatever data contain them; --dataset compares them with yours"
        if found.digest is None
        else f"rows compared with {whose}, {found.digest}"
    )
    return (
        f"  kind      {found.kind}",
        f"  shows     {found.statement}",
        f"  rows      {shown(found.rows)} ({len(found.rows)} of the data)",
        f"  data      {about}",
        "  rests on  exact arithmetic on the quoted rows (memcert.evidence)",
    )


def _as_data(found: Established) -> dict[str, object]:
    return {
        "kind": found.kind,
        "statement": found.statement,
        "rows": list(found.rows),
        "dataset_digest": found.digest,
        "own_data": found.given,
        "rests_on": "exact arithmetic (memcert.evidence)",
    }
