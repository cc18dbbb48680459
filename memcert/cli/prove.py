"""`memcert prove`: each block for all inputs, and from that the rule on a box around every sample.

UNTRUSTED. What is proved is the prover's; here a result becomes lines, files and an exit status.
"""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from memcert.cli.bound_model import OwnModel, bound_model, with_model
from memcert.cli.outcomes import Outcome, Progress, note, run
from memcert.cli.outputs import maybe_writable, spare_parts
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import (
    Cert,
    Delimiter,
    Jobs,
    Json,
    LabelColumn,
    LabelsFile,
    NoHeader,
    Quiet,
    UserData,
)
from memcert.cli.user_data import user_data
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

EXAMPLE = "Example: memcert prove iris.json --dataset iris.csv -o iris.result.json"

LONGEST = 1_000_000
"""Seconds; solvers count milliseconds in 32 bits."""


@limited
def prove(
    cert: Cert,
    *,
    dataset: UserData = None,
    model: OwnModel = None,
    jobs: Jobs = 1,
    obligation_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="For each obligation; what takes longer is undecided.")
    ] = 10,
    solver: Annotated[
        Literal["z3", "cvc5"], typer.Option(help="Who answers the obligations; cvc5 is an extra.")
    ] = "z3",
    emit_smt2: Annotated[
        str | None,
        typer.Option(
            "--emit-smt2", metavar="DIR", help="Write each obligation as an SMT-LIB 2 file: unsat proves."
        ),
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="RESULT", help="Write the whole result as JSON.")
    ] = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Prove each block against its contract for all real inputs, then the rule around every sample.

    Nothing is run on the samples' points alone: the label is proved for the whole box of the claimed radius.
    """

    def body() -> Outcome:
        from memcert import api
        from memcert.formats.atomic import atomic_write
        from memcert.reports.proof import lines

        if not 0 < obligation_timeout <= LONGEST:
            raise UsageError(
                f"--obligation-timeout: expected more than 0 and at most {LONGEST} seconds, "
                f"got {obligation_timeout}"
            )
        path = maybe_writable(output, kept=(cert, dataset, labels, model))
        limits.files(cert, dataset, labels, model)
        certificate = limits.certificate(cert)
        own = user_data(dataset, label=label, labels=labels, no_header=no_header, delimiter=delimiter)
        if model is not None and certificate.model is not None:
            spare_parts(model, [file.name for file in certificate.model.files], {"--output": path})
        bound = bound_model(certificate, model)
        if emit_smt2 is not None:
            from memcert.proofs.obligations import obligations
            from memcert.proofs.solvers import emit

            written = emit(obligations(certificate.contracts), Path(emit_smt2))
            note(f"wrote {len(written)} obligations to {shown(emit_smt2)}", quiet=quiet)
        result = api.prove(
            certificate,
            own,
            solver=solver,
            timeout=obligation_timeout,
            jobs=jobs,
            progress=Progress(quiet=quiet),
        )
        if path is not None:
            with atomic_write(path) as file:
                file.write(json.dumps(result.to_json(), indent=1) + "\n")
            note(f"wrote {shown(str(path))}", quiet=quiet)
        return with_model(Outcome(result.status, result.verdict, lines(result), result.to_json()), bound)

    return run("prove", body, as_json=as_json, quiet=quiet, limits=limits)
