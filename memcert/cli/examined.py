"""A certificate examined for a page or a figure: checked, beside its bounds, and proved where that is wanted.

UNTRUSTED. What is decided is decided by engine and solver.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, UNDECIDED, VERDICTS, Progress
from memcert.cli.selection import rows
from memcert.endings import of_file
from memcert.errors import MemcertError, UsageError
from memcert.kernel.files import read_bytes
from memcert.kernel.verdict import Failure, Mismatch, Words

if TYPE_CHECKING:
    from memcert.boxes.check import Replayed
    from memcert.datasets.dataset import Dataset
    from memcert.kernel.certificate import Certificate
    from memcert.proofs.result import ProofResult
    from memcert.reports.findings import Findings

ENGINES = {"kernel": "kernel", "fast": "fast engine"}
MOST_COMPARED = 10**11
"""Pairs of points times coordinates, up to which bounds that need the smallest distance are told."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done beside the check.

    Args:
        prove: prove it now.
        jobs: processes of the proof.
        result: a file that tells of a proof.
        compare: look for bounds of the sizes.
        samples: rows, as they were typed.
        quiet: tell no progress.
        boxes: a box file that is replayed.
    """

    prove: bool
    jobs: int
    result: str | None
    compare: bool
    samples: str | None
    quiet: bool
    boxes: str | None = None


def examined(name: str, certificate: "Certificate", own: "Dataset | None", wanted: Wanted) -> "Findings":
    """Check, compare with bounds, and prove or read what a proof found, as it is wanted.

    Args:
        name: of the certificate's file.
        certificate: decoded.
        own: the user's samples.
        wanted: what else.

    Raises:
        Failure: the certificate, its data or the result are none, or do not belong together.
        UsageError: the data are detached and none are given, or rows are none of them.
    """
    from memcert import api
    from memcert.datasets.stored import as_certified
    from memcert.exact.samples import own_dataset
    from memcert.reports.findings import Findings

    if wanted.prove and wanted.result is not None:
        raise UsageError("--prove, --result: prove it now, or take what a file tells, not both")
    engine = api.engine_for(certificate)
    checked = answered(lambda: api.check(certificate, own, engine=engine))
    data = own_dataset(certificate) if own is None else own
    if data is None:
        raise UsageError("the certificate does not hold its data: give them with --dataset")
    data = as_certified(data, certificate)
    proof = _proof(certificate, own, data, wanted)
    return Findings(
        name=Path(name).name,
        certificate=certificate,
        data=data,
        own_data=own is not None,
        engine=ENGINES[engine],
        checked=checked,
        proof=proof,
        proof_file=None if wanted.result is None else Path(wanted.result).name,
        comparison=_comparison(certificate, own, checked) if wanted.compare else "",
        chosen=() if wanted.samples is None else rows(wanted.samples, data.size),
        boxes=None
        if wanted.boxes is None
        else _boxes(wanted.boxes, certificate, data, fast=engine == "fast"),
        boxes_file=None if wanted.boxes is None else Path(wanted.boxes).name,
        boxes_fast=engine == "fast",
    )


def _boxes(path: str, certificate: "Certificate", data: "Dataset", *, fast: bool) -> Any:
    """Return what the replay of a box file established, or the failure that answers it.

    Raises:
        Failure: it is no box file.
    """
    from memcert.boxes.check import check
    from memcert.boxes.decode import decode
    from memcert.cli.box_files import engine_of
    from memcert.kernel.data import Table

    with of_file(path):
        file = decode(read_bytes(path))
    return answered(
        lambda: check(
            file,
            certificate,
            Table(data.size, data.dimension, data.columns, data.rows()),
            engine_of(fast=fast),
        )
    )


def answered(examine: Callable[[], Any]) -> Any:
    """Return what an examination established, or the failure that answers it.

    Raises:
        Failure: one that says that the question could not be put.
    """
    try:
        return examine()
    except Failure as failure:
        if failure.status not in VERDICTS:
            raise
        return failure


def _proof(certificate: "Certificate", own: "Dataset | None", data: "Dataset", wanted: Wanted) -> Any:
    if wanted.prove:
        from memcert import api

        told = Progress(quiet=wanted.quiet)
        try:
            return api.prove(certificate, own, jobs=wanted.jobs, progress=told)
        except Failure as failure:
            # Of what could not be proved there is a page as well, whatever the reason.
            return failure
    if wanted.result is None:
        return None
    from memcert.datasets.canonical import dataset_digest
    from memcert.kernel.data import network_digest
    from memcert.proofs.stored import decode_result

    with of_file(wanted.result):
        result = decode_result(read_bytes(wanted.result))
    for what, stated, here in (
        ("network", result.network_digest, network_digest(certificate.network)),
        ("dataset", result.dataset_digest, dataset_digest(data)),
    ):
        if stated != here:
            raise Mismatch("digest", f"result.digests.{what}", here, Words(stated))
    return result


def _comparison(certificate: "Certificate", own: "Dataset | None", checked: Any) -> Any:
    from memcert.bounds.comparison import compare

    data = certificate.dataset
    if isinstance(checked, Failure):
        return "bounds of what is not true are not told"
    if data.size**2 * data.dimension > MOST_COMPARED:
        return "the smallest distance of so many points is not looked for here; memcert bounds does"
    try:
        return compare(certificate, own)
    except MemcertError as error:
        return str(error)


def status_of(
    checked: Any, proof: "ProofResult | Failure | None", boxes: "Replayed | Failure | None" = None
) -> tuple[int, str]:
    """Return exit status and word: the first of check, proof and replay that does not hold. Raises: never."""
    if isinstance(checked, Failure):
        return checked.status, checked.word
    if checked.excepted:
        return DOES_NOT_HOLD, "accepted"
    if proof is not None and proof.status != HOLDS:
        return proof.status, proof.word if isinstance(proof, Failure) else proof.verdict
    if isinstance(boxes, Failure):
        return boxes.status, boxes.word
    if boxes is not None and (boxes.refuted or boxes.undecided):
        return (DOES_NOT_HOLD, "refuted") if boxes.refuted else (UNDECIDED, "undecided")
    return HOLDS, "accepted" if proof is None else "proved"
