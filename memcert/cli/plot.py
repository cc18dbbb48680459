"""`memcert plot`: one figure of a certificate, as SVG or PNG, or the exact data behind it as CSV.

UNTRUSTED. The certificate is checked first: no figure is drawn of what is not true.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from memcert.cli.examined import Wanted, examined
from memcert.cli.outcomes import HOLDS, Outcome, run
from memcert.cli.outputs import writable
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
from memcert.errors import UnsupportedError, UsageError
from memcert.kernel.verdict import Failure, shown

if TYPE_CHECKING:
    from memcert.reports.figures.picture import Picture
    from memcert.reports.findings import Findings

EXAMPLE = "Example: memcert plot certificates/iris.json --kind projection -o projection.svg"
ENDINGS = (".svg", ".png", ".csv")


@limited
def plot(
    cert: Cert,
    *,
    kind: Annotated[
        Literal["samples", "network", "sizes", "projection", "radii", "margins", "bits"],
        typer.Option(help="Which figure; radii need a proof, which is made now unless --result has one."),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="A name that ends in .svg, .png or .csv.")
    ],
    sample: Annotated[int, typer.Option(min=0, metavar="ROW", help="For bits: the sample.")] = 0,
    width: Annotated[int, typer.Option(min=300, max=2000, help="Pixels; a PNG has two for each.")] = 720,
    result: Annotated[
        str | None,
        typer.Option("--result", metavar="RESULT", help="For radii: what `prove -o` wrote."),
    ] = None,
    jobs: Jobs = 1,
    dataset: UserData = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Check a certificate and draw one figure of it; the same certificate gives the same file.

    An SVG suits light and dark. A CSV has all data of the figure, exactly.
    """

    def body() -> Outcome:
        from memcert.formats.atomic import atomic_write
        from memcert.reports.words import printable

        if Path(output).suffix not in ENDINGS:
            raise UsageError(
                f"--output: expected a name that ends in {', '.join(ENDINGS)}, got {shown(output)}"
            )
        path = writable(output, kept=(cert, result, dataset, labels))
        limits.files(cert, result, dataset, labels)
        own = user_data(dataset, label=label, labels=labels, no_header=no_header, delimiter=delimiter)
        prove = kind == "radii" and result is None
        wanted = Wanted(prove, jobs, result, compare=kind == "sizes", samples=None, quiet=quiet)
        found = examined(cert, limits.certificate(cert), own, wanted)
        picture = drawn(found, kind, sample)
        content = encoded(picture, path.suffix, width)
        with atomic_write(path, "bytes") as file:
            file.write(content)
        told = (picture.title, picture.says, *picture.notes)
        report = (f"drew {shown(output)}", *(printable(line).replace("\n", " ") for line in told))
        data = {"kind": kind, "figure": output, "title": picture.title, "says": picture.says}
        return Outcome(HOLDS, "drawn", report, {**data, "notes": list(picture.notes)})

    return run("plot", body, as_json=as_json, quiet=quiet, limits=limits)


def drawn(found: "Findings", kind: str, sample: int) -> "Picture":
    """Return the figure.

    Raises:
        Failure: the certificate is not accepted, or the proof could not be begun.
        UsageError: there is no such sample.
        UnsupportedError: there is no such figure of this certificate; the message says why.
    """
    from memcert.reports.figures.gallery import GALLERY, bits_picture

    for verdict in (found.checked, found.proof):
        if isinstance(verdict, Failure):
            raise verdict
    if kind != "bits":
        picture = GALLERY[kind](found)
    else:
        if sample >= found.data.size:
            raise UsageError(f"--sample: expected a row from 0 to {found.data.size - 1}, got {sample}")
        way = found.way(sample)
        picture = "the label is none of the certificate's" if way is None else bits_picture(found, way)
    if isinstance(picture, str):
        raise UnsupportedError(f"no figure of kind {kind}: {picture}")
    return picture


def encoded(picture: "Picture", ending: str, width: int) -> bytes:
    """Return the bytes of the file. Raises: UnsupportedError, matplotlib is missing."""
    from memcert.reports.figures.drawing import csv_file, png_file, svg_file

    if ending == ".csv":
        return csv_file(picture)
    return svg_file(picture, width) if ending == ".svg" else png_file(picture, width)
