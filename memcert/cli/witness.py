"""`memcert witness`: whether a verifier's counterexample is one, exactly.

UNTRUSTED.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from memcert.cli.model_flags import (
    FoldBatchnorm,
    InputShape,
    Layers,
    NoClip,
    NoNormalize,
    Output,
    Preprocess,
)
from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Outcome, note, run
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Json, Quiet
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.interop.imported import Imported
    from memcert.interop.models import ImportOptions
    from memcert.witnesses.witness_files import Witness

EXAMPLE = "Example: memcert witness model.onnx property.vnnlib witness.txt --repair -o fixed.txt"


@limited
def witness(
    model: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="A network: ONNX (extra onnx), .nnet, .., gzipped or not."),
    ] = None,
    spec: Annotated[
        str | None, typer.Argument(metavar="SPEC", help="The property: VNN-LIB 1.0, or 2.0 (extra vnnlib).")
    ] = None,
    found: Annotated[
        str | None, typer.Argument(metavar="WITNESS", help="What the verifier wrote: sat and the values.")
    ] = None,
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Where it is none, look for a counterexample near it.")
    ] = False,
    fixed: Annotated[
        str | None,
        typer.Option(
            "-o", metavar="FIXED", help="Write what --repair found: a file, with --folder a folder."
        ),
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option(metavar="RESULTS", help="All witnesses of a result folder: TOOL/BENCHMARK/.."),
    ] = None,
    benchmark: Annotated[
        str | None, typer.Option(metavar="DIR", help="With --folder: the benchmark, with its instances.csv.")
    ] = None,
    summary: Annotated[
        str | None,
        typer.Option(
            "--csv", metavar="SUMMARY", help="With --folder: a row for each witness and failed claim."
        ),
    ] = None,
    preprocess: Preprocess = None,
    output: Output = None,
    input_shape: InputShape = None,
    fold_batchnorm: FoldBatchnorm = None,
    layers: Layers = None,
    no_normalize: NoNormalize = False,
    no_clip: NoClip = False,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Judge a verifier's counterexample, exactly: does it satisfy every assertion of the property?

    The decimals of the property and of the witness are read as what they say, the outputs are
    computed over the rationals, and nothing has a tolerance. Exit 0 for a counterexample, or one that
    --repair found; 1 where the input lies outside the box or the property is not violated, each with
    by how much. With --folder, all witnesses of the VNN competition's layout, and a table of the tools.
    """

    def body() -> Outcome:
        from memcert.cli.witness_folder import judged_folder
        from memcert.interop.models import ImportOptions

        if fixed is not None and not repair:
            raise UsageError("-o: expected --repair with it")
        options = ImportOptions(
            output, preprocess, layers, input_shape, fold_batchnorm,
            normalize=not no_normalize, clip=not no_clip,
        )  # fmt: skip
        if folder is not None:
            if benchmark is None or model is not None:
                raise UsageError("--folder: expected --benchmark DIR with it, and no MODEL")
            return judged_folder(
                folder,
                benchmark,
                options,
                limits=limits,
                repair=repair,
                fixed=fixed,
                summary=summary,
                quiet=quiet,
            )
        if benchmark is not None or summary is not None:
            raise UsageError("--benchmark and --csv: expected --folder with them")
        if model is None or spec is None or found is None:
            raise UsageError("expected MODEL SPEC WITNESS, or --folder RESULTS --benchmark DIR")
        return _judged(model, spec, found, options, limits=limits, repair=repair, fixed=fixed, quiet=quiet)

    return run("witness", body, as_json=as_json, quiet=quiet, limits=limits)


def _judged(
    model: str,
    spec: str,
    path: str,
    options: "ImportOptions",
    *,
    limits: Asked,
    repair: bool,
    fixed: str | None,
    quiet: bool,
) -> Outcome:
    from memcert.cli.outputs import maybe_writable
    from memcert.questions.witnesses import judged_witness
    from memcert.reports.witness import as_data, float_lines, lines

    target = maybe_writable(fixed, "-o", kept=(model, spec, path))
    limits.files(model, spec, path)

    def watch(imported: "Imported", given: "Witness") -> None:
        limits.bits(imported.network, (list(given.inputs.values()),))
        note(f"read {shown(model)}: {len(imported.network.layers)} layers", quiet=quiet)

    found = judged_witness(model, spec, path, options, repair=repair, watch=watch)
    stated, mended = found.stated, found.repair
    written = target if mended is not None else None
    if written is not None:
        found.write(written)
    data = {
        "model": model,
        "property": spec,
        "witness": path,
        "notes": list(found.notes),
        **as_data(stated, found.judgement, mended, found.floats),
        "fixed": None if written is None else str(written),
    }
    report = [*lines(stated, found.judgement, mended, asked=repair), *float_lines(stated, found.floats)]
    report += [f"note: {text}" for text in found.notes]
    report += [] if written is None else [f"wrote {shown(str(written))}"]
    status = DOES_NOT_HOLD if found.verdict == "not a counterexample" else HOLDS
    return Outcome(status, found.verdict, tuple(report), data)
