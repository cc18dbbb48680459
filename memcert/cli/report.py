"""`memcert report`: one HTML file on a certificate, with what a check and a proof made of it.

UNTRUSTED. What is decided is decided by engine and solver; the page repeats it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memcert.cli.outcomes import (
    DOES_NOT_HOLD,
    HOLDS,
    VERDICTS,
    Outcome,
    Progress,
    note,
    run,
)
from memcert.cli.parameters import Delimiter, Jobs, Json, LabelColumn, LabelsFile, NoHeader, Quiet, UserData
from memcert.cli.user_data import user_data
from memcert.kernel.verdict import Failure, shown

if TYPE_CHECKING:
    from memcert.formats.dataset import Dataset
    from memcert.kernel.certificate import Certificate
    from memcert.reports.html.findings import Findings

EXAMPLE = "Example: memcert report certificates/iris.json --prove -o iris.html"


def report(
    cert: Annotated[str, typer.Argument(metavar="CERT", help="A certificate: .json or .json.gz.")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="The page: one HTML file.")],
    prove: Annotated[bool, typer.Option("--prove", help="Prove it as well.")] = False,
    jobs: Jobs = 1,
    dataset: UserData = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Check a certificate and write one self-contained page about it, for people.

    The page needs nothing from anywhere: no network, no other file. It is written whatever the
    verdict; the exit status is the verdict's.
    """

    def body() -> Outcome:
        from memcert import api
        from memcert.formats.atomic import atomic_write
        from memcert.reports.html.document import require

        require()
        from memcert.reports.html.page import page

        certificate = api.read(cert)
        own = user_data(dataset, label=label, labels=labels, no_header=no_header, delimiter=delimiter)
        found = gathered(cert, certificate, own, prove=prove, jobs=jobs, quiet=quiet)
        content = page(found)
        with atomic_write(Path(output)) as file:
            file.write(content)
        note(f"wrote {shown(output)}", quiet=quiet)
        return outcome(found, output)

    return run("report", body, as_json=as_json, quiet=quiet)


def gathered(
    name: str, certificate: "Certificate", own: "Dataset | None", *, prove: bool, jobs: int, quiet: bool
) -> "Findings":
    """Check, compare with bounds, and prove where it is wanted.

    Raises:
        Failure: the certificate or its data are none.
        UsageError: the data are detached and none are given.
    """
    from memcert import api
    from memcert.exact.samples import own_dataset
    from memcert.reports.html.findings import Findings

    engine = api.engine_for(certificate)
    checked = verdict_of(lambda: api.check(certificate, own, engine=engine))
    proof = None
    if prove:
        proof = verdict_of(lambda: api.prove(certificate, own, jobs=jobs, progress=Progress(quiet=quiet)))
    return Findings(
        name=Path(name).name,
        certificate=certificate,
        data=own_dataset(certificate) if own is None else own,
        own_data=own is not None,
        engine={"kernel": "kernel", "fast": "fast engine"}[engine],
        checked=checked,
        proof=proof,
        proof_file=None,
        comparison="",
        chosen=(),
    )


def verdict_of(examine: Any) -> Any:
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


def outcome(found: "Findings", path: str) -> Outcome:
    """Return how the command ends: as the worst of check and proof. Raises: never."""
    checked, proof = found.checked, found.proof
    if isinstance(checked, Failure):
        status, word = checked.status, checked.word
    else:
        status, word = (DOES_NOT_HOLD if checked.excepted else HOLDS), "accepted"
    if proof is not None and status == HOLDS:
        status, word = proof.status, proof.word if isinstance(proof, Failure) else proof.verdict
    return Outcome(status, word, (f"{word}: {shown(path)}",), {"page": path})
