"""`memcert witness`: whether a verifier's counterexample is one, exactly.

UNTRUSTED.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from memcert.cli.model_flags import Output, Preprocess
from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Outcome, note, run
from memcert.cli.parameters import Json, Quiet
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.interop.models import ImportOptions

EXAMPLE = "Example: memcert witness model.onnx property.vnnlib witness.txt"


def witness(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A network: ONNX (extra onnx), gzipped or not.")
    ],
    spec: Annotated[
        str, typer.Argument(metavar="SPEC", help="The property: VNN-LIB 1.0, or 2.0 (extra vnnlib).")
    ],
    found: Annotated[
        str, typer.Argument(metavar="WITNESS", help="What the verifier wrote: sat and the values.")
    ],
    *,
    preprocess: Preprocess = None,
    output: Output = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Judge a verifier's counterexample, exactly: does it satisfy every assertion of the property?

    The decimals of the property and of the witness are read as what they say, the outputs are
    computed over the rationals, and nothing has a tolerance. Exit 0 for a counterexample; 1 where the
    input lies outside the box or the property is not violated, each with by how much.
    """

    def body() -> Outcome:
        from memcert.interop.models import ImportOptions

        return _judged(model, spec, found, ImportOptions(output=output, preprocess=preprocess), quiet=quiet)

    return run("witness", body, as_json=as_json, quiet=quiet)


def _judged(model: str, spec: str, path: str, options: "ImportOptions", *, quiet: bool) -> Outcome:
    from memcert.interop.models import read_model
    from memcert.reports.witness import as_data, lines
    from memcert.witnesses.judging import fitting, judge
    from memcert.witnesses.properties import read_property
    from memcert.witnesses.witness_files import read_witness

    stated = read_property(spec)
    given = read_witness(path, stated)
    imported = read_model(model, None, options)
    note(f"read {shown(model)}: {len(imported.network.layers)} layers", quiet=quiet)
    judgement = judge(stated, fitting(stated, {"": imported.network}), given)
    data = {"model": model, "property": spec, "witness": path, **as_data(stated, judgement)}
    status = HOLDS if judgement.exact else DOES_NOT_HOLD
    verdict = "exact" if judgement.exact else "not a counterexample"
    return Outcome(status, verdict, tuple(lines(stated, judgement)), data)
